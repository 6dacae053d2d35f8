//! What the bot's list and card show of each account. An account that was deleted has no row.
//!
//! The fold is the aggregate's own: ownership, settings, registration and offers are folded by the domain's types, and the
//! columns are read off them. Of the password it keeps only that there is one.

use crate::rows::{self, Rows};
use crate::shape::{
    account_key, account_of, column, names, number, of_account, optional, text, text_or_null, types,
};
use chrono::{DateTime, Utc};
use domain::Event;
use domain::ids::{AccountNumber, Revision, UserId};
use domain::log::Recorded;
use domain::sealed::Sealed;
use domain::settings::Settings;
use domain::sip_account::{self, Holder, Offer, Offers, Origin, Ownership, Registration, SettingsHistory};
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};
use serde::{Deserialize, Serialize};

/// What stands in the place of a password that is set.
const SET: &str = "set";

/// An account as menus show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub number: AccountNumber,
    /// When it came into being.
    pub created_at: DateTime<Utc>,
    /// How it came into being.
    pub origin: Origin,
    /// When a setting was changed that does not act yet; five minutes later it acts by itself.
    pub pending_since: Option<DateTime<Utc>>,
    /// When the registration last came or went.
    pub registration_at: Option<DateTime<Utc>>,
    state: State,
}

/// The domain's folds, as the row keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    ownership: Ownership,
    settings: SettingsHistory,
    registration: Registration,
    offers: Offers,
}

impl Account {
    /// To whom it belongs.
    #[must_use]
    pub fn owner(&self) -> UserId {
        self.state.ownership.owner()
    }

    /// Who rings and dials.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.state.ownership.user()
    }

    /// When it comes back by itself, if it is lent.
    #[must_use]
    pub fn lent_until(&self) -> Option<DateTime<Utc>> {
        match self.state.ownership.holder() {
            Holder::Lent { until, .. } => Some(until),
            Holder::Owner | Holder::Assigned { .. } => None,
        }
    }

    /// Who owns and who uses it, and through whose hands it came.
    #[must_use]
    pub fn ownership(&self) -> &Ownership {
        &self.state.ownership
    }

    /// The settings as people see and edit them. In the place of a password stands only that there is one.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.state.settings.current
    }

    /// The name, else `login@domain`, else the login, else the number.
    #[must_use]
    pub fn label(&self) -> String {
        self.settings().label().unwrap_or_else(|| self.number.to_string())
    }

    /// Whether a password is set.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.settings().password.is_some()
    }

    /// Whether a gateway could register with the current settings.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.settings().is_complete()
    }

    /// Whether it is to be registered.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.state.settings.on
    }

    /// How many changes led to the current settings.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.state.settings.revision
    }

    /// The revision that acts; none before settings acted for the first time.
    #[must_use]
    pub fn applied(&self) -> Option<Revision> {
        self.state.settings.applied_revision()
    }

    /// Whether there are changes that do not act yet.
    #[must_use]
    pub fn waits_for_apply(&self) -> bool {
        self.state.settings.waits()
    }

    /// What gateways last said.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        &self.state.registration
    }

    /// The offers that wait for a Take; one whose moment has passed may still be among them.
    pub fn open_offers(&self) -> impl Iterator<Item = &Offer> {
        self.state.offers.open()
    }

    fn fold(&mut self, event: &sip_account::Event, at: DateTime<Utc>) {
        let before = (self.revision(), self.applied());
        self.state.ownership.evolve(event);
        self.state.settings.evolve(event);
        self.state.registration.evolve(event);
        self.state.offers.evolve(event);
        self.redact();
        if !self.waits_for_apply() {
            self.pending_since = None;
        } else if before != (self.revision(), self.applied()) {
            self.pending_since = Some(at);
        }
        if matches!(
            event,
            sip_account::Event::AccountRegistered { .. } | sip_account::Event::RegistrationFailed { .. }
        ) {
            self.registration_at = Some(at);
        }
    }

    fn redact(&mut self) {
        let applied = self.state.settings.applied.as_mut().map(|applied| &mut applied.settings);
        for settings in [Some(&mut self.state.settings.current), applied].into_iter().flatten() {
            if settings.password.as_ref().is_some_and(|password| password.as_text() != SET) {
                settings.password = Some(Sealed::from_text(SET.to_owned()));
            }
        }
    }
}

/// Keeps `account_board`.
pub struct AccountBoard;

impl Projection for AccountBoard {
    type Row = Box<Account>;

    const TABLE: Table = Table {
        name: "account_board",
        about: "Every account that exists, as the bot's list and card show it.",
        version: 1,
        columns: &[
            column("account", Type::Int, "The account's number."),
            column("owner", Type::Int, "To whom it belongs: Telegram's user id."),
            column("user_id", Type::Int, "Who rings and dials: Telegram's user id."),
            optional("lent_until", Type::Time, "When it comes back by itself; NULL unless it is lent."),
            column("label", Type::Text, "The name, else login@domain, else the login, else the number."),
            optional("name", Type::Text, "The label that somebody gave it."),
            optional("login", Type::Text, "SIP user and authentication user."),
            column("has_password", Type::Bool, "Whether a password is set."),
            optional("domain", Type::Text, "The SIP domain and server."),
            optional("proxy", Type::Text, "The registrar, where it differs."),
            optional("template", Type::Text, "The template that the settings were filled from."),
            column("transport", Type::Text, "UDP, TCP or TLS."),
            column("codecs", Type::Text, "Audio codecs, the wanted ones first."),
            column("dtmf", Type::Text, "DTMF methods, tried in order."),
            column("rules", Type::Text, "Dial rules as typed; empty for none."),
            column("worker", Type::Text, "Who registers it and carries its media."),
            column("records", Type::Bool, "Whether every call is recorded."),
            optional(
                "recording_chat",
                Type::Int,
                "Where recordings go; NULL for the user's chat with the bot.",
            ),
            column("revision", Type::Int, "How many changes led to these settings."),
            optional("applied", Type::Int, "The revision that acts; NULL before the first."),
            optional("pending_since", Type::Time, "When a setting was changed that does not act yet."),
            column("is_on", Type::Bool, "Whether it is to be registered."),
            column("is_complete", Type::Bool, "Whether login, password and a server are there."),
            column("registration", Type::Text, "unknown, registered or failed."),
            optional("registration_code", Type::Int, "The SIP status code of the failure."),
            optional("registration_reason", Type::Text, "The reason phrase of the failure."),
            optional("registration_at", Type::Time, "When the registration last came or went."),
            column(
                "former_owners",
                Type::Text,
                "Who may take it away with its password: ids between blanks, the latest last.",
            ),
            column("open_offers", Type::Int, "How many offers wait for a Take."),
            column("origin", Type::Text, "menu, share, link or import."),
            column("created_at", Type::Time, "When it came into being."),
            column("state", Type::Text, "The fold's own memory, as JSON; not for queries."),
        ],
        key: 1,
        indexes: &[&["owner", "created_at"], &["user_id", "created_at"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        of_account(event).map(|(number, _)| account_key(number)).into_iter().collect()
    }

    fn apply(&self, key: &Key, row: Option<Box<Account>>, event: &Recorded<Event>) -> Option<Box<Account>> {
        let (Some(number), Event::SipAccount(happened)) = (account_of(key), &event.event) else {
            return row;
        };
        let at = event.context.at;
        match (happened, row) {
            (sip_account::Event::AccountDeleted { .. }, _) => None,
            (sip_account::Event::AccountCreated { owner, origin, .. }, _) => {
                let mut account = Box::new(Account::new(number, *owner, *origin, at));
                account.fold(happened, at);
                Some(account)
            }
            (_, Some(mut account)) => {
                account.fold(happened, at);
                Some(account)
            }
            // Shared settings are no account until somebody takes them.
            (_, None) => None,
        }
    }

    fn to_values(&self, row: &Box<Account>) -> Vec<Value> {
        let settings = row.settings();
        let (registration, code, reason) = match row.registration() {
            Registration::Unknown => ("unknown", None, None),
            Registration::Registered { .. } => ("registered", None, None),
            Registration::Failed { code, reason, .. } => {
                ("failed", Some(i64::from(*code)), Some(reason.as_str()))
            }
        };
        vec![
            row.number.get().into(),
            row.owner().0.into(),
            row.user().0.into(),
            row.lent_until().into(),
            row.label().into(),
            text_or_null(settings.name.as_ref()),
            text_or_null(settings.login.as_ref()),
            row.has_password().into(),
            text_or_null(settings.domain.as_ref()),
            text_or_null(settings.proxy.as_ref()),
            text_or_null(settings.template.as_ref()),
            text(settings.transport),
            text(&settings.codecs),
            text(&settings.dtmf),
            text(&settings.rules),
            rows::word(&settings.worker).into(),
            settings.recording.automatic.into(),
            settings.recording.chat.map(|chat| chat.0).into(),
            row.revision().0.into(),
            row.applied().map(|revision| revision.0).into(),
            row.pending_since.into(),
            row.is_on().into(),
            row.is_complete().into(),
            registration.into(),
            code.into(),
            reason.into(),
            row.registration_at.into(),
            rows::people(row.ownership().former_owners()).into(),
            (row.open_offers().count() as i64).into(),
            rows::word(&row.origin).into(),
            row.created_at.into(),
            rows::json(&row.state).into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Box<Account>> {
        Some(Box::new(Account {
            number: number(row, 0)?,
            pending_since: row.time_or_null(20).ok()?,
            registration_at: row.time_or_null(26).ok()?,
            origin: rows::from_word(&row.text(29).ok()?)?,
            created_at: row.time(30).ok()?,
            state: serde_json::from_str(&row.text(31).ok()?).ok()?,
        }))
    }
}

impl Account {
    fn new(number: AccountNumber, owner: UserId, origin: Origin, at: DateTime<Utc>) -> Self {
        let state = State {
            ownership: Ownership::new(owner),
            settings: SettingsHistory::default(),
            registration: Registration::default(),
            offers: Offers::default(),
        };
        Self { number, created_at: at, origin, pending_since: None, registration_at: None, state }
    }
}

/// One account.
///
/// # Errors
///
/// The database can't be read.
pub async fn one(db: &dyn Database, account: AccountNumber) -> Result<Option<Account>, Fault> {
    let found = select(db, "WHERE account = $1", vec![account.get().into()]).await?;
    Ok(found.into_iter().next())
}

/// A page of the accounts that a person owns or uses, oldest first.
///
/// # Errors
///
/// The database can't be read.
pub async fn page_of(db: &dyn Database, person: UserId, skip: u32, take: u32) -> Result<Vec<Account>, Fault> {
    let rest = "WHERE owner = $1 OR user_id = $1 ORDER BY created_at, account LIMIT $2 OFFSET $3";
    select(db, rest, vec![person.0.into(), take.into(), skip.into()]).await
}

/// How many accounts a person owns or uses.
///
/// # Errors
///
/// The database can't be read.
pub async fn count_of(db: &dyn Database, person: UserId) -> Result<u64, Fault> {
    let sql = "SELECT COUNT(*) FROM account_board WHERE owner = $1 OR user_id = $1";
    rows::count(db, Statement::new(sql, [person.0.into()])).await
}

async fn select(db: &dyn Database, rest: &str, values: Vec<Value>) -> Result<Vec<Account>, Fault> {
    let columns = AccountBoard::TABLE.columns;
    let statement = Statement::new(format!("SELECT {} FROM account_board {rest}", names(columns)), values);
    let found: Rows<Box<Account>> = rows::read(db, &AccountBoard, statement, &types(columns)).await?;
    Ok(found.into_iter().map(|account| *account).collect())
}

#[cfg(test)]
mod tests;
