//! What can be done with accounts, in the words of the domain and without a word of Telegram: commands to the log, secrets
//! to the vault, drafts to their table.
//!
//! | module | what it holds |
//! |---|---|
//! | [`accounts`] | create, change, assign, lend, delete |
//! | [`drafting`] | results of inline queries and links, before they are sent or opened |
//! | [`offers`] | offers, Take and Undo |
//! | [`take_away`] | the check of a former owner's password |
//! | [`bulk`] | many offers at once |
//! | [`calls`] | placing calls, and what is known of them |
//! | [`people`] | names, languages, who can be written to |

pub mod accounts;
pub mod bulk;
pub mod calls;
pub mod drafting;
pub mod offers;
pub mod people;
pub mod take_away;

use crate::acquaintances::Acquaintances;
use crate::drafts::Drafts;
use crate::tries::Tries;
use chrono::{DateTime, Utc};
use domain::decider::Decider as _;
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::log::{Context, Position, Recorded};
use domain::process::deadline::{self, DeadlineChange, DeadlineKind};
use domain::sealed::Sealed;
use domain::settings::Settings;
use domain::sip_account::{Command, Refusal, SipAccount};
use domain::template::Catalogue;
use event_store::clock::Clock;
use event_store::codec::{Kept, Upcasters, decode_as};
use event_store::dispatcher::{Cause, Dispatcher, Done, ExecuteError};
use event_store::log::{Fault, StreamId};
use event_store::sql::Database;
use event_store::vault::{OpenError, Purpose, Subject, Vault};
use rand::{Rng as _, RngCore};
use secrecy::SecretString;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Why something was not done: a refusal, a limit, or a fault.
pub type Denied = ExecuteError<Refusal>;

/// A command on an account that was done.
pub type DoneAccount = Done<SipAccount>;

/// Makes dedup keys out of the names of steps.
const STEPS: Uuid = Uuid::from_u128(0x7f1c_6b0e_52f4_4c0a_9a31_3d2b_8c5e_1a77);

/// Who wants something done, when, and because of which update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
    /// Telegram's number of the update.
    pub update: u32,
    /// The update may have been acted on before.
    pub redelivered: bool,
}

impl Errand {
    /// Who and when, for the log.
    #[must_use]
    pub fn context(&self) -> Context {
        Context::person(self.by, self.at)
    }

    /// The update and one step of what it leads to: the same again when the update is delivered again.
    #[must_use]
    pub fn cause(&self, step: &str) -> Cause {
        let name = format!("update/{}/{}/{step}", self.update, self.by);
        Cause { text: Some(format!("update {}", self.update)), dedup: Some(key(&name)) }
    }
}

/// The dedup key of a step of this name.
pub(crate) fn key(name: &str) -> Uuid {
    Uuid::new_v5(&STEPS, name.as_bytes())
}

/// What the office works with.
pub struct Parts {
    /// Takes commands to the log.
    pub dispatcher: Dispatcher,
    /// Seals and opens.
    pub vault: Arc<Vault>,
    /// Holds the bot's own tables.
    pub database: Arc<dyn Database>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The templates that people choose from.
    pub catalogue: Arc<Catalogue>,
    /// Draws account numbers and the tokens of offers.
    pub random: Box<dyn RngCore + Send>,
}

/// Where things are done.
pub struct Office {
    pub(crate) dispatcher: Dispatcher,
    pub(crate) vault: Arc<Vault>,
    pub(crate) drafts: Drafts,
    pub(crate) tries: Tries,
    pub(crate) acquaintances: Acquaintances,
    catalogue: Arc<Catalogue>,
    clock: Arc<dyn Clock>,
    pub(crate) random: Mutex<Box<dyn RngCore + Send>>,
    seen: people::Seen,
}

impl Office {
    /// An office over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            drafts: Drafts::new(Arc::clone(&parts.database)),
            tries: Tries::new(Arc::clone(&parts.database), Arc::clone(&parts.vault)),
            acquaintances: Acquaintances::new(parts.database),
            dispatcher: parts.dispatcher,
            vault: parts.vault,
            catalogue: parts.catalogue,
            clock: parts.clock,
            random: Mutex::new(parts.random),
            seen: people::Seen::default(),
        }
    }

    /// The moment it is.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The templates that people choose from.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// How many accounts one person may own.
    #[must_use]
    pub fn accounts_per_owner(&self) -> u32 {
        self.dispatcher.limits().accounts_per_owner
    }

    /// Where the log ends now.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn head(&self) -> Result<Position, Fault> {
        self.dispatcher.log().newest().await
    }

    /// When changed settings of an account act by themselves.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn applies_at(&self, account: AccountNumber) -> Result<Option<DateTime<Utc>>, Fault> {
        let mut due = None;
        for recorded in self.history::<SipAccount>(&account.to_string()).await? {
            for change in deadline::changes(&recorded) {
                match change {
                    DeadlineChange::Set { kind: DeadlineKind::SettingsApply, due: at } => due = Some(at),
                    DeadlineChange::Clear { kind: DeadlineKind::SettingsApply } => due = None,
                    DeadlineChange::Set { .. } | DeadlineChange::Clear { .. } => {}
                }
            }
        }
        Ok(due)
    }

    /// What an account was last set to, also when it is gone.
    pub(crate) async fn last_settings(&self, account: AccountNumber) -> Result<Option<Settings>, Fault> {
        let (mut state, mut last) = (SipAccount::default(), None);
        for recorded in self.history::<SipAccount>(&account.to_string()).await? {
            state.evolve(&recorded.event);
            last = state.settings().cloned().or(last);
        }
        Ok(last)
    }

    /// Everything that happened to one aggregate.
    pub(crate) async fn history<D>(&self, id: &str) -> Result<Vec<Recorded<D::Event>>, Fault>
    where
        D: Kept + std::fmt::Debug + PartialEq,
    {
        let loaded = self.dispatcher.log().load(&StreamId::new(D::NAME, id), false).await?;
        let mut history = Vec::with_capacity(loaded.events.len());
        for stored in loaded.events {
            for recorded in Upcasters::current().recorded(stored)? {
                let event = decode_as::<D>(&recorded.event)?;
                history.push(recorded.map(|_| event));
            }
        }
        Ok(history)
    }

    /// The state of an account; that of one that never was is empty.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn account(&self, account: AccountNumber) -> Result<SipAccount, Fault> {
        Ok(self.dispatcher.load::<SipAccount>(&account.to_string()).await?.0)
    }

    /// Does one step of an errand on an account. The same step of the same update is done once: when the update comes
    /// again, what it did is told and not decided anew.
    pub(crate) async fn step(
        &self,
        errand: &Errand,
        step: &str,
        account: AccountNumber,
        command: Command,
    ) -> Result<DoneAccount, Denied> {
        let cause = errand.cause(step);
        if errand.redelivered
            && let Some(done) = self.done_before(&cause, account).await?
        {
            return Ok(done);
        }
        self.dispatcher.execute::<SipAccount>(&account.to_string(), command, errand.context(), &cause).await
    }

    async fn done_before(&self, cause: &Cause, account: AccountNumber) -> Result<Option<DoneAccount>, Fault> {
        let Some(dedup) = cause.dedup else { return Ok(None) };
        let Some(position) = self.dispatcher.log().done(dedup).await? else { return Ok(None) };
        let (state, version) = self.dispatcher.load::<SipAccount>(&account.to_string()).await?;
        Ok(Some(Done { events: Vec::new(), position: Some(position), state, version }))
    }

    /// Draws a token that nobody can guess.
    pub(crate) fn draw_token(&self) -> OfferToken {
        let mut bits = [0; 16];
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bits);
        OfferToken::from_bits(bits)
    }

    /// Draws the number of an account that never was.
    pub(crate) async fn draw_number(&self) -> Result<AccountNumber, Fault> {
        loop {
            let number = self.random_number()?;
            let (_, version) = self.dispatcher.load::<SipAccount>(&number.to_string()).await?;
            if version == 0 {
                return Ok(number);
            }
        }
    }

    fn random_number(&self) -> Result<AccountNumber, Fault> {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        let drawn = random.random_range(AccountNumber::MIN.get()..=AccountNumber::MAX.get());
        drawn.try_into().map_err(|error| Fault::new("draw an account number", error))
    }

    /// Seals the password of an account under the account's newest key.
    pub(crate) async fn seal_password(
        &self,
        account: AccountNumber,
        password: &str,
    ) -> Result<Sealed, Fault> {
        let (subject, purpose) = (Subject::account(account), Purpose::password(account));
        self.vault.seal(&subject, &purpose, password.as_bytes()).await
    }

    /// Opens the password of an account.
    pub(crate) async fn open_password(
        &self,
        account: AccountNumber,
        sealed: &Sealed,
    ) -> Result<SecretString, OpenError> {
        self.vault.open_text(sealed, &Purpose::password(account)).await
    }
}

/// A value that can't be opened, as a fault.
pub(crate) fn unopened(error: OpenError) -> Fault {
    match error {
        OpenError::Fault(fault) => fault,
        other @ (OpenError::Shredded | OpenError::Mismatch) => Fault::new("open a sealed value", other),
    }
}
