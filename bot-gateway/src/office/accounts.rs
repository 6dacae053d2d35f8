//! Create, change, assign, lend, delete.

use super::{Denied, DoneAccount, Errand, Office, unopened};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, ChatId, UserId};
use domain::log::Position;
use domain::settings::Settings;
use domain::sip_account::{Change, Command, Event, Origin, SipAccount};
use event_store::dispatcher::Done;
use event_store::log::Fault;
use event_store::vault::{OpenError, Purpose, Subject};
use secrecy::ExposeSecret as _;

impl Office {
    /// Creates an empty account for whoever asks, and tells its number.
    ///
    /// # Errors
    ///
    /// The person owns as many as one may, or a fault.
    pub async fn create(&self, errand: &Errand) -> Result<(AccountNumber, DoneAccount), Denied> {
        if errand.redelivered
            && let Some(created) = self.created_before(errand).await?
        {
            return Ok(created);
        }
        let number = self.draw_number().await?;
        let command = Command::Create { origin: Origin::Menu, settings: Box::default() };
        Ok((number, self.step(errand, "create", number, command).await?))
    }

    /// Changes one setting.
    ///
    /// # Errors
    ///
    /// Not the owner, no such account, or a fault.
    pub async fn change(
        &self,
        errand: &Errand,
        account: AccountNumber,
        change: Change,
    ) -> Result<DoneAccount, Denied> {
        self.step(errand, "change", account, Command::Change(change)).await
    }

    /// Changes the password; it is sealed before anything else happens to it.
    ///
    /// # Errors
    ///
    /// As [`Office::change`].
    pub async fn change_password(
        &self,
        errand: &Errand,
        account: AccountNumber,
        password: &str,
    ) -> Result<DoneAccount, Denied> {
        if self.account(account).await?.owner() != Some(errand.by) {
            return Err(Denied::Refused(domain::sip_account::Refusal::NotTheOwner));
        }
        let sealed = self.seal_password(account, password).await?;
        self.change(errand, account, Change::Password(sealed)).await
    }

    /// Lets changed settings act now.
    ///
    /// # Errors
    ///
    /// Not the owner, something is missing, or a fault.
    pub async fn apply(&self, errand: &Errand, account: AccountNumber) -> Result<DoneAccount, Denied> {
        self.step(errand, "apply", account, Command::Apply { revision: None }).await
    }

    /// Switches an account on or off.
    ///
    /// # Errors
    ///
    /// Not the owner, something is missing, or a fault.
    pub async fn switch(
        &self,
        errand: &Errand,
        account: AccountNumber,
        on: bool,
    ) -> Result<DoneAccount, Denied> {
        let command = if on { Command::SwitchOn } else { Command::SwitchOff };
        self.step(errand, "switch", account, command).await
    }

    /// Makes somebody the user at once.
    ///
    /// # Errors
    ///
    /// Not the owner, or a fault.
    pub async fn assign(
        &self,
        errand: &Errand,
        account: AccountNumber,
        user: UserId,
    ) -> Result<DoneAccount, Denied> {
        self.step(errand, "assign", account, Command::Assign { user }).await
    }

    /// Makes the owner the user again; ends a loan too.
    ///
    /// # Errors
    ///
    /// Not the owner, or a fault.
    pub async fn unassign(&self, errand: &Errand, account: AccountNumber) -> Result<DoneAccount, Denied> {
        let lent = self.account(account).await?.loan_until().is_some();
        let command = if lent { Command::EndLoan } else { Command::Unassign };
        self.step(errand, "unassign", account, command).await
    }

    /// Makes somebody the user for a while.
    ///
    /// # Errors
    ///
    /// Not the owner, the end is not in the future, or a fault.
    pub async fn lend(
        &self,
        errand: &Errand,
        account: AccountNumber,
        user: UserId,
        until: DateTime<Utc>,
    ) -> Result<DoneAccount, Denied> {
        self.step(errand, "lend", account, Command::Lend { user, until }).await
    }

    /// By the owner: deletes an account and shreds its key. By its user: gives it back.
    ///
    /// # Errors
    ///
    /// Neither owner nor user, or a fault.
    pub async fn delete(&self, errand: &Errand, account: AccountNumber) -> Result<DoneAccount, Denied> {
        let done = self.step(errand, "delete", account, Command::Delete).await?;
        self.shred_if_gone(account, &done.state).await?;
        Ok(done)
    }

    /// Keeps the title of the chat that recordings go to, sealed.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn name_recording_chat(
        &self,
        account: AccountNumber,
        chat: ChatId,
        title: &str,
    ) -> Result<(), Fault> {
        let purpose = recording_chat(account);
        let sealed = self.vault.seal(&Subject::account(account), &purpose, title.as_bytes()).await?;
        self.acquaintances.name_chat(account, chat, &sealed).await
    }

    /// The title of the chat that recordings go to; none where it is not known, also after the account changed owners.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn recording_chat_title(
        &self,
        account: AccountNumber,
        chat: ChatId,
    ) -> Result<Option<String>, Fault> {
        let Some(sealed) = self.acquaintances.title_of(account, chat).await? else { return Ok(None) };
        match self.vault.open_text(&sealed, &recording_chat(account)).await {
            Ok(title) => Ok(Some(title.expose_secret().to_owned())),
            Err(OpenError::Shredded) => Ok(None),
            Err(error @ (OpenError::Mismatch | OpenError::Fault(_))) => Err(unopened(error)),
        }
    }

    /// Adds an account with these settings for whoever asks: out of a link. The number was drawn with the link's draft,
    /// so a repeat adds nothing.
    pub(super) async fn add(
        &self,
        errand: &Errand,
        number: AccountNumber,
        mut settings: Settings,
        password: &str,
    ) -> Result<DoneAccount, Denied> {
        settings.password = Some(self.seal_password(number, password).await?);
        let command = Command::Create { origin: Origin::Link, settings: Box::new(settings) };
        self.step(errand, "add", number, command).await
    }

    /// Shreds the key of an account that is gone.
    pub(super) async fn shred_if_gone(
        &self,
        account: AccountNumber,
        state: &SipAccount,
    ) -> Result<(), Fault> {
        match state {
            SipAccount::Deleted(_) => self.vault.shred(&Subject::account(account)).await,
            SipAccount::Absent | SipAccount::Offered(_) | SipAccount::Owned(_) => Ok(()),
        }
    }

    /// The account that this very update created before it was delivered again.
    async fn created_before(&self, errand: &Errand) -> Result<Option<(AccountNumber, DoneAccount)>, Fault> {
        let Some(dedup) = errand.cause("create").dedup else { return Ok(None) };
        let Some(position) = self.dispatcher.log().done(dedup).await? else { return Ok(None) };
        let before = Position { pos: position.pos.saturating_sub(1), ..position };
        let page = self.dispatcher.log().read(before, 1).await?;
        let Some(event) = page.events.first() else {
            return Err(Fault::because(format!("no event stands at {position}")));
        };
        let number: AccountNumber =
            event.stream.parse().map_err(|error| Fault::new("read the stream of an account", error))?;
        let (state, version) = self.dispatcher.load::<SipAccount>(&event.stream).await?;
        Ok(Some((number, Done { events: Vec::<Event>::new(), position: Some(position), state, version })))
    }
}

fn recording_chat(account: AccountNumber) -> Purpose {
    Purpose::new(format!("recording chat of {account}"))
}
