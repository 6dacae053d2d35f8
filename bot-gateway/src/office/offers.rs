//! Offers, Take and Undo.

use super::{Denied, DoneAccount, Errand, Office, key, unopened};
use crate::drafts::{Draft, DraftKind};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, OfferToken};
use domain::log::Context;
use domain::sip_account::{Command, Grant, OFFER_LIFE, Proof, Refusal, Resealed, SipAccount};
use event_store::dispatcher::Cause;
use event_store::log::Fault;
use event_store::vault::{OpenError, Purpose, Subject, Vault};
use secrecy::ExposeSecret as _;

/// How often a password is sealed anew for one press, where others change it at the same time.
const RESEALS: u32 = 5;

impl Office {
    /// Adds the account that a link carried. Nothing is added where the draft is gone: it was opened or is over.
    ///
    /// # Errors
    ///
    /// No such draft of this person, a limit, or a fault.
    pub async fn add_from_link(
        &self,
        errand: &Errand,
        token: &OfferToken,
    ) -> Result<(AccountNumber, DoneAccount), Denied> {
        let draft = self.drafts.find(token, errand.at).await?;
        let draft = draft.filter(|draft| draft.by == errand.by && draft.kind == DraftKind::Link);
        let Some((draft, account)) = draft.and_then(|draft| draft.account.map(|account| (draft, account)))
        else {
            return Err(Denied::Refused(Refusal::NoSuchOffer));
        };
        let share = self.shared(&draft).await?.ok_or(Denied::Refused(Refusal::NoSuchOffer))?;
        let settings = self.settings(&share);
        let done = self.add(errand, account, settings, share.password.expose()).await?;
        // The draft stays until it is purged: when this very update comes again, it says which account was added. A
        // second press adds nothing, since the account is there already.
        Ok((account, done))
    }

    /// The offer stands in a chat from now on. The stream begins, unless a Take was faster and has begun it.
    ///
    /// # Errors
    ///
    /// A refusal of the offer itself, or a fault.
    pub async fn sent(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
        inline_message: Option<&str>,
    ) -> Result<(), Denied> {
        if let Some(draft) = self.drafts.find(token, errand.at).await?
            && draft.by == errand.by
            && draft.account == Some(account)
        {
            self.begin(&draft, errand.at).await?;
        }
        // Only who made the offer can say where it stands.
        let known = self.account(account).await?;
        let mine = known.offer(token).is_some_and(|found| found.offer().by == errand.by);
        if let Some(inline_message) = inline_message.filter(|_| mine) {
            self.acquaintances.offer_sent(token, inline_message, errand.at).await?;
        }
        Ok(())
    }

    /// An offer out of a list stands in a chat from now on, and lives as long as every other offer.
    ///
    /// # Errors
    ///
    /// Somebody else's offer, taken already, or a fault.
    pub async fn prepared_sent(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
        inline_message: Option<&str>,
    ) -> Result<(), Denied> {
        let command = Command::MarkSent { offer: token.clone(), until: errand.at + OFFER_LIFE };
        self.step(errand, "sent", account, command).await?;
        if let Some(inline_message) = inline_message {
            self.acquaintances.offer_sent(token, inline_message, errand.at).await?;
        }
        Ok(())
    }

    /// The inline message that shows an offer, where the bot knows it.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn message_of(&self, token: &OfferToken) -> Result<Option<String>, Fault> {
        self.acquaintances.message_of(token).await
    }

    /// Takes what is offered. An offer that is still a draft begins its stream here; where the owner changes, the
    /// password is sealed under a new key, and the old one is shredded.
    ///
    /// # Errors
    ///
    /// Why it can't be taken, a limit, or a fault.
    pub async fn take(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<DoneAccount, Denied> {
        self.take_with(errand, account, token, None).await
    }

    /// Takes with a password that was resealed before, and again with a fresh one for as long as others change it.
    pub(crate) async fn take_with(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
        mut resealed: Option<Resealed>,
    ) -> Result<DoneAccount, Denied> {
        let (mut begun, mut reseals) = (false, 0);
        loop {
            let command = Command::Take { offer: token.clone(), resealed: resealed.clone() };
            match self.step(errand, "take", account, command).await {
                Err(Denied::Refused(Refusal::NoSuchOffer | Refusal::NoSuchAccount)) if !begun => {
                    begun = true;
                    let draft = self.drafts.find(token, errand.at).await?;
                    // Without a draft there is no such offer, or the news of its message has begun it just now: the
                    // second look tells.
                    if let Some(draft) = draft.filter(|draft| draft.account == Some(account)) {
                        if draft.to.is_some_and(|to| to != errand.by) {
                            return Err(Denied::Refused(Refusal::OfferForAnother));
                        }
                        self.begin(&draft, errand.at).await?;
                    }
                }
                Err(Denied::Refused(Refusal::ResealNeeded)) if reseals < RESEALS => {
                    reseals += 1;
                    resealed = self.reseal(account).await?;
                }
                Ok(done) => {
                    self.tidy_keys(account, &done.state).await?;
                    return Ok(done);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Calls an offer back.
    ///
    /// # Errors
    ///
    /// Not the offerer, already taken, or a fault.
    pub async fn cancel(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<DoneAccount, Denied> {
        if let Some(draft) = self.drafts.find(token, errand.at).await?
            && draft.by == errand.by
        {
            self.begin(&draft, errand.at).await?;
        }
        self.step(errand, "cancel", account, Command::CancelOffer { offer: token.clone() }).await
    }

    /// Takes a Take back.
    ///
    /// # Errors
    ///
    /// Not the offerer, touched since, or a fault.
    pub async fn undo(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<DoneAccount, Denied> {
        self.undo_with(errand, account, token, None).await
    }

    /// Takes a Take back with a password that was resealed before, as [`Office::take_with`].
    pub(crate) async fn undo_with(
        &self,
        errand: &Errand,
        account: AccountNumber,
        token: &OfferToken,
        mut resealed: Option<Resealed>,
    ) -> Result<DoneAccount, Denied> {
        let mut reseals = 0;
        loop {
            let command = Command::UndoTake { offer: token.clone(), resealed: resealed.clone() };
            match self.step(errand, "undo", account, command).await {
                Err(Denied::Refused(Refusal::ResealNeeded)) if reseals < RESEALS => {
                    reseals += 1;
                    resealed = self.reseal(account).await?;
                }
                Ok(done) => {
                    self.tidy_keys(account, &done.state).await?;
                    self.shred_if_gone(account, &done.state).await?;
                    return Ok(done);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes an offer of a draft, in the name of who drafted it. Whether the message or its Take is known first, and in
    /// which process, it is made once: its dedup key is made of the token.
    async fn begin(&self, draft: &Draft, now: DateTime<Utc>) -> Result<(), Denied> {
        let Some(account) = draft.account else { return Err(Denied::Refused(Refusal::NoSuchOffer)) };
        let (offer, to, until) = (draft.token.clone(), draft.to, now + OFFER_LIFE);
        let command = match draft.kind {
            DraftKind::ShareGive => self.share(draft, account, Grant::Give, until).await?,
            DraftKind::ShareAssign => self.share(draft, account, Grant::Assign, until).await?,
            DraftKind::Assignment => Command::OfferAssignment { offer, to, until },
            DraftKind::Transfer => Command::OfferTransfer { offer, to, until },
            DraftKind::Return => Command::OfferReturn { offer, until },
            DraftKind::TakeAway => {
                let Some(proof) = draft.sealed.clone() else {
                    return Err(Denied::Refused(Refusal::TakeAwayRefused));
                };
                Command::OfferTakeAway { offer, proof: Proof(proof), until }
            }
            DraftKind::Link | DraftKind::ListGive | DraftKind::ListAssign => {
                return Err(Denied::Refused(Refusal::NoSuchOffer));
            }
        };
        let cause = Cause {
            text: Some("inline message".to_owned()),
            dedup: Some(key(&format!("begin/{}", draft.token))),
        };
        let (id, context) = (account.to_string(), Context::person(draft.by, now));
        self.dispatcher.execute::<SipAccount>(&id, command, context, &cause).await?;
        self.drafts.forget(&draft.token).await?;
        Ok(())
    }

    async fn share(
        &self,
        draft: &Draft,
        account: AccountNumber,
        grant: Grant,
        until: DateTime<Utc>,
    ) -> Result<Command, Denied> {
        let share = self.shared(draft).await?.ok_or(Denied::Refused(Refusal::NoSuchOffer))?;
        let mut settings = self.settings(&share);
        settings.password = Some(self.seal_password(account, share.password.expose()).await?);
        Ok(Command::ShareSettings {
            offer: draft.token.clone(),
            to: draft.to,
            grant,
            settings: Box::new(settings),
            until,
            batch: None,
        })
    }

    /// The account's password under a new key; none where somebody else was faster, so that it has to be decided again.
    pub(crate) async fn reseal(&self, account: AccountNumber) -> Result<Option<Resealed>, Denied> {
        let state = self.account(account).await?;
        let Some(sealed) = state.password().cloned() else { return Ok(None) };
        let password = match self.open_password(account, &sealed).await {
            Ok(password) => password,
            // Whoever took it since has shredded the key that this was sealed under.
            Err(OpenError::Shredded) if self.account(account).await?.password() != Some(&sealed) => {
                return Ok(None);
            }
            Err(error) => return Err(unopened(error).into()),
        };
        let (subject, purpose) = (Subject::account(account), Purpose::password(account));
        let to = self.vault.seal_anew(&subject, &purpose, password.expose_secret().as_bytes()).await?;
        Ok(Some(Resealed { from: sealed, to }))
    }

    /// Shreds the keys of an account that are older than the one its password is sealed under.
    async fn tidy_keys(&self, account: AccountNumber, state: &SipAccount) -> Result<(), Fault> {
        match state.password().and_then(Vault::generation) {
            Some(generation) => self.vault.shred_before(&Subject::account(account), generation).await,
            None => Ok(()),
        }
    }
}
