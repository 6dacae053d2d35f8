//! Drafts, offers, Take and Undo.

use super::{Denied, DoneAccount, Errand, Office, key, unopened};
use crate::drafts::{DRAFT_LIFE, Draft, DraftKind};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::log::Context;
use domain::sealed::Sealed;
use domain::settings::{Settings, TemplateCode};
use domain::share::{self, Server, Share, Understood};
use domain::sip_account::{Command, Grant, OFFER_LIFE, OfferKind, Proof, Refusal, SipAccount};
use event_store::dispatcher::Cause;
use event_store::log::Fault;
use event_store::vault::{OpenError, Purpose, Subject, Vault};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

impl Office {
    /// Keeps a draft to give and one to assign for each share of a typed line. The line is sealed under the sender's
    /// own key, so a keystroke costs no key of an account.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn draft_shares(
        &self,
        by: UserId,
        line: &str,
        shares: &[Share],
    ) -> Result<Vec<(Draft, Draft)>, Fault> {
        let sealed = self.seal_line(by, line).await?;
        let mut pairs = Vec::with_capacity(shares.len());
        for share in shares {
            let mut pair = Vec::with_capacity(2);
            for kind in [DraftKind::ShareGive, DraftKind::ShareAssign] {
                let account = self.draw_number().await?;
                let mut draft = self.new_draft(kind, by, Some(account));
                draft.sealed = Some(sealed.clone());
                draft.choice = template_of(share);
                pair.push(draft);
            }
            if let (Some(assign), Some(give)) = (pair.pop(), pair.pop()) {
                pairs.push((give, assign));
            }
        }
        let flat: Vec<Draft> =
            pairs.iter().flat_map(|(give, assign)| [give.clone(), assign.clone()]).collect();
        self.drafts.keep(&Uuid::new_v4().to_string(), &flat).await?;
        Ok(pairs)
    }

    /// Keeps drafts that are about an account that is there, in the order asked for.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn draft_handovers(
        &self,
        by: UserId,
        account: AccountNumber,
        to: Option<UserId>,
        kinds: &[DraftKind],
        proof: Option<Proof>,
    ) -> Result<Vec<Draft>, Fault> {
        let drafts: Vec<Draft> = kinds
            .iter()
            .map(|kind| Draft {
                to,
                sealed: proof.clone().map(|proof| proof.0),
                ..self.new_draft(*kind, by, Some(account))
            })
            .collect();
        self.drafts.keep(&Uuid::new_v4().to_string(), &drafts).await?;
        Ok(drafts)
    }

    /// Keeps what a link carried until the opener confirms. The same link in the same update is the same draft.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn draft_link(&self, errand: &Errand, share: &Share) -> Result<Draft, Fault> {
        let account = self.draw_number().await?;
        let mut draft = self.new_draft(DraftKind::Link, errand.by, Some(account));
        draft.token = OfferToken::from_bits(*errand_token(errand).as_bytes());
        draft.sealed = Some(self.seal_line(errand.by, &share.typed_with_password()).await?);
        draft.choice = template_of(share);
        self.drafts.keep(draft.token.as_str(), std::slice::from_ref(&draft)).await?;
        Ok(draft)
    }

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

    /// The draft of this name, while it lives.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn draft(&self, token: &OfferToken, now: DateTime<Utc>) -> Result<Option<Draft>, Fault> {
        self.drafts.find(token, now).await
    }

    /// Forgets what a link carried.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn drop_link(&self, errand: &Errand, token: &OfferToken) -> Result<(), Fault> {
        let draft = self.drafts.find(token, errand.at).await?;
        match draft.filter(|draft| draft.by == errand.by && draft.kind == DraftKind::Link) {
            Some(draft) => self.drafts.forget(&draft.token).await,
            None => Ok(()),
        }
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
        let (mut resealed, mut begun) = (None, false);
        loop {
            let command = Command::Take { offer: token.clone(), resealed: resealed.clone() };
            match self.step(errand, "take", account, command).await {
                Err(Denied::Refused(refusal @ (Refusal::NoSuchOffer | Refusal::NoSuchAccount))) if !begun => {
                    begun = true;
                    let draft = self.drafts.find(token, errand.at).await?;
                    let Some(draft) = draft.filter(|draft| draft.account == Some(account)) else {
                        return Err(Denied::Refused(refusal));
                    };
                    if draft.to.is_some_and(|to| to != errand.by) {
                        return Err(Denied::Refused(Refusal::OfferForAnother));
                    }
                    self.begin(&draft, errand.at).await?;
                }
                Err(Denied::Refused(Refusal::ResealNeeded)) if resealed.is_none() => {
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
        let mut resealed = None;
        loop {
            let command = Command::UndoTake { offer: token.clone(), resealed: resealed.clone() };
            match self.step(errand, "undo", account, command).await {
                Err(Denied::Refused(Refusal::ResealNeeded)) if resealed.is_none() => {
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

    /// The share behind a draft; none where the catalogue no longer knows its template.
    pub async fn shared(&self, draft: &Draft) -> Result<Option<Share>, Fault> {
        let Some(sealed) = &draft.sealed else { return Ok(None) };
        let line = self.vault.open_text(sealed, &line_of(draft.by)).await.map_err(unopened)?;
        match share::parse(line.expose_secret(), self.catalogue()) {
            Understood::Shares(shares) => {
                Ok(shares.into_iter().find(|share| template_of(share) == draft.choice))
            }
            Understood::Hint(_) => Ok(None),
        }
    }

    /// What a share sets, without its password.
    #[must_use]
    pub fn settings(&self, share: &Share) -> Settings {
        let mut settings = share.settings(self.catalogue(), Sealed::from_text(String::new()));
        settings.password = None;
        settings
    }

    /// The account's password under a new key; none where somebody else was faster, so that it has to be decided again.
    async fn reseal(&self, account: AccountNumber) -> Result<Option<Sealed>, Denied> {
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
        Ok(Some(self.vault.seal_anew(&subject, &purpose, password.expose_secret().as_bytes()).await?))
    }

    /// Shreds the keys of an account that are older than the one its password is sealed under.
    async fn tidy_keys(&self, account: AccountNumber, state: &SipAccount) -> Result<(), Fault> {
        match state.password().and_then(Vault::generation) {
            Some(generation) => self.vault.shred_before(&Subject::account(account), generation).await,
            None => Ok(()),
        }
    }

    async fn seal_line(&self, by: UserId, line: &str) -> Result<Sealed, Fault> {
        self.vault.seal(&Subject::person(by), &line_of(by), line.as_bytes()).await
    }

    fn new_draft(&self, kind: DraftKind, by: UserId, account: Option<AccountNumber>) -> Draft {
        let created = self.now();
        Draft {
            token: self.draw_token(),
            kind,
            by,
            to: None,
            account,
            sealed: None,
            choice: None,
            created,
            expires: created + DRAFT_LIFE,
        }
    }
}

/// For a draft of shared settings: what the Take makes of the taker.
#[must_use]
pub fn grant(kind: DraftKind) -> Option<Grant> {
    match kind {
        DraftKind::ShareGive => Some(Grant::Give),
        DraftKind::ShareAssign => Some(Grant::Assign),
        DraftKind::Assignment
        | DraftKind::Transfer
        | DraftKind::Return
        | DraftKind::TakeAway
        | DraftKind::Link
        | DraftKind::ListGive
        | DraftKind::ListAssign => None,
    }
}

/// For a prepared list: what its offers make of the taker.
pub(super) fn list_grant(kind: DraftKind) -> Option<Grant> {
    match kind {
        DraftKind::ListGive => Some(Grant::Give),
        DraftKind::ListAssign => Some(Grant::Assign),
        DraftKind::ShareGive
        | DraftKind::ShareAssign
        | DraftKind::Assignment
        | DraftKind::Transfer
        | DraftKind::Return
        | DraftKind::TakeAway
        | DraftKind::Link => None,
    }
}

/// What kind of offer a draft becomes.
#[must_use]
pub fn offer_kind(kind: DraftKind) -> Option<OfferKind> {
    match kind {
        DraftKind::ShareGive | DraftKind::ShareAssign => Some(OfferKind::Settings),
        DraftKind::Assignment => Some(OfferKind::Assignment),
        DraftKind::Transfer => Some(OfferKind::Transfer),
        DraftKind::Return => Some(OfferKind::Return),
        DraftKind::TakeAway => Some(OfferKind::TakeAway),
        DraftKind::Link | DraftKind::ListGive | DraftKind::ListAssign => None,
    }
}

fn template_of(share: &Share) -> Option<TemplateCode> {
    match &share.server {
        Server::Template { code, .. } => Some(code.clone()),
        Server::Typed { .. } => None,
    }
}

fn line_of(by: UserId) -> Purpose {
    Purpose::new(format!("line typed by {by}"))
}

/// Names the draft of one update. It need not be secret: only the opener may use it, and is told so by Telegram.
fn errand_token(errand: &Errand) -> Uuid {
    key(&format!("link/{}/{}", errand.update, errand.by))
}
