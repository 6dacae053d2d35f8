//! What gateways have to keep registered: of each account the settings that act, if it is switched on and complete.
//!
//! A row also keeps what does not act yet, since it will at the next Apply. The password stands here sealed; only a gateway
//! that holds the operator's key can open it.

use crate::rows;
use crate::shape::{
    account_key, account_of, column, names, number, of_account, optional, text_or_null, types,
};
use domain::Event;
use domain::ids::{AccountNumber, Revision, UserId};
use domain::log::Recorded;
use domain::settings::Settings;
use domain::sip_account::{Event as Happened, Ownership, SettingsHistory};
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};
use serde::{Deserialize, Serialize};

/// An account that is to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its number.
    pub account: AccountNumber,
    /// To whom it belongs: whose key opens the password, and who is told of failures.
    pub owner: UserId,
    /// Who rings and dials.
    pub user: UserId,
    /// Which change these settings came with. Another one means: register anew.
    pub revision: Revision,
    /// What to register with. The password is sealed.
    pub settings: Settings,
}

/// What the row remembers of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    account: AccountNumber,
    ownership: Ownership,
    settings: SettingsHistory,
}

impl Remembered {
    fn fold(mut self: Box<Self>, event: &Happened) -> Box<Self> {
        self.ownership.evolve(event);
        self.settings.evolve(event);
        self
    }
}

/// Keeps `wanted_registrations`.
pub struct WantedRegistrations;

impl Projection for WantedRegistrations {
    type Row = Box<Remembered>;

    const TABLE: Table = Table {
        name: "wanted_registrations",
        about: "What gateways keep registered: the rows with is_wanted. The other accounts have a row that waits.",
        version: 1,
        columns: &[
            column("account", Type::Int, "The account's number."),
            column(
                "is_wanted",
                Type::Bool,
                "Whether it is to be registered: switched on, complete and applied.",
            ),
            column("owner", Type::Int, "To whom it belongs: Telegram's user id."),
            column("user_id", Type::Int, "Who rings and dials: Telegram's user id."),
            optional("revision", Type::Int, "The revision that is to be registered."),
            optional("login", Type::Text, "SIP user and authentication user."),
            optional("password", Type::Text, "The password, sealed."),
            optional("domain", Type::Text, "The SIP domain and server."),
            optional("proxy", Type::Text, "The registrar, where it differs."),
            optional("transport", Type::Text, "UDP, TCP or TLS."),
            optional("codecs", Type::Text, "Audio codecs, the wanted ones first."),
            optional("dtmf", Type::Text, "DTMF methods, tried in order."),
            optional("rules", Type::Text, "Dial rules; empty for none."),
            optional("worker", Type::Text, "Who registers it and carries its media."),
            column("state", Type::Text, "The fold's own memory, as JSON; not for queries."),
        ],
        key: 1,
        indexes: &[&["is_wanted", "worker"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        of_account(event).map(|(account, _)| account_key(account)).into_iter().collect()
    }

    fn apply(&self, key: &Key, row: Option<Self::Row>, event: &Recorded<Event>) -> Option<Self::Row> {
        let (Some(account), Event::SipAccount(happened)) = (account_of(key), &event.event) else {
            return row;
        };
        match (happened, row) {
            (Happened::AccountDeleted { .. }, _) => None,
            (Happened::AccountCreated { owner, .. }, _) => {
                let (ownership, settings) = (Ownership::new(*owner), SettingsHistory::default());
                Some(Box::new(Remembered { account, ownership, settings }).fold(happened))
            }
            (_, row) => row.map(|row| row.fold(happened)),
        }
    }

    fn to_values(&self, row: &Self::Row) -> Vec<Value> {
        let wanted = row.settings.wanted();
        let settings = wanted.map(|wanted| &wanted.settings);
        vec![
            row.account.get().into(),
            wanted.is_some().into(),
            row.ownership.owner().0.into(),
            row.ownership.user().0.into(),
            wanted.map(|wanted| wanted.revision.0).into(),
            text_or_null(settings.and_then(|it| it.login.as_ref())),
            settings.and_then(|it| it.password.as_ref()).map(|sealed| sealed.as_text()).into(),
            text_or_null(settings.and_then(|it| it.domain.as_ref())),
            text_or_null(settings.and_then(|it| it.proxy.as_ref())),
            text_or_null(settings.map(|it| text_of(&it.transport))),
            text_or_null(settings.map(|it| text_of(&it.codecs))),
            text_or_null(settings.map(|it| text_of(&it.dtmf))),
            text_or_null(settings.map(|it| text_of(&it.rules))),
            settings.map(|it| rows::word(&it.worker)).into(),
            rows::json(row).into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Self::Row> {
        let remembered: Remembered = serde_json::from_str(&row.text(14).ok()?).ok()?;
        (number(row, 0)? == remembered.account).then(|| Box::new(remembered))
    }
}

fn text_of(value: &impl ToString) -> String {
    value.to_string()
}

/// Everything that is to be registered.
///
/// # Errors
///
/// The database can't be read.
pub async fn all(db: &dyn Database) -> Result<Vec<Wanted>, Fault> {
    let columns = WantedRegistrations::TABLE.columns;
    let sql =
        format!("SELECT {} FROM wanted_registrations WHERE is_wanted = $1 ORDER BY account", names(columns));
    let rows =
        rows::read(db, &WantedRegistrations, Statement::new(sql, [true.into()]), &types(columns)).await?;
    Ok(rows.into_iter().filter_map(|row| wanted(*row)).collect())
}

fn wanted(row: Remembered) -> Option<Wanted> {
    let applied = row.settings.wanted()?.clone();
    Some(Wanted {
        account: row.account,
        owner: row.ownership.owner(),
        user: row.ownership.user(),
        revision: applied.revision,
        settings: applied.settings,
    })
}

#[cfg(test)]
mod tests;
