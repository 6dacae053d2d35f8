//! Service accounts: Telegram users of the operator that ring people and are called by them. The media gateway keeps them;
//! the bot reads who they are and whom they have met, to say so, and to let them ask for the cards of calls. It tells them
//! which of these it brings up to date.

use domain::ids::{CallId, UserId};
use event_store::log::Fault;
use event_store::sql::{Database, Statement, Type};
use std::sync::Arc;

/// The state of an account that can ring people.
const READY: &str = "ready";

/// The service accounts of this database.
#[derive(Clone)]
pub struct ServiceAccounts {
    database: Arc<dyn Database>,
}

/// The service account that rings a person, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its user name, without the `@`; none where it has none.
    pub username: Option<String>,
    /// Whether it has met the person, so that it can ring them.
    pub has_met: bool,
}

impl ServiceAccounts {
    /// The accounts in this database.
    #[must_use]
    pub fn new(database: Arc<dyn Database>) -> Self {
        Self { database }
    }

    /// The account that met a person first, which is the one that rings them, else the one that knows the fewest people;
    /// none where there is none.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn of(&self, person: UserId) -> Result<Option<ServiceAccount>, Fault> {
        let select = Statement::new(
            "SELECT a.username, p.met_at FROM telegram_accounts a
             LEFT JOIN telegram_peers p ON p.account_id = a.id AND p.user_id = $1
             WHERE a.state = $2
             ORDER BY CASE WHEN p.met_at IS NULL THEN 1 ELSE 0 END, p.met_at,
                 (SELECT count(*) FROM telegram_peers known WHERE known.account_id = a.id), a.id LIMIT 1",
            [person.0.into(), READY.into()],
        );
        let rows = self.database.query(select, &[Type::Text, Type::Time]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let username = row.text_or_null(0)?.filter(|username| !username.is_empty());
        Ok(Some(ServiceAccount { username, has_met: row.time_or_null(1)?.is_some() }))
    }

    /// The bot brings this call's card up to date, so the account that sent it need not take it away.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn leaves_card(&self, call: CallId) -> Result<(), Fault> {
        let delete = Statement::new("DELETE FROM telegram_cards WHERE call = $1", [call.to_string().into()]);
        crate::lease::transact(&*self.database, vec![delete], "take over a card").await.map(drop)
    }

    /// Whether a Telegram user is a service account that has met this person.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn serves(&self, account: UserId, person: UserId) -> Result<bool, Fault> {
        let select = Statement::new(
            "SELECT 1 FROM telegram_accounts a JOIN telegram_peers p ON p.account_id = a.id
             WHERE a.user_id = $1 AND p.user_id = $2 AND a.state = $3",
            [account.0.into(), person.0.into(), READY.into()],
        );
        Ok(!self.database.query(select, &[Type::Int]).await?.is_empty())
    }
}
