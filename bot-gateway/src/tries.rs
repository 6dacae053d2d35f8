//! How often somebody may try to take an account away by its password, counted in the database, so that several processes
//! count together (product reference 5.3 T16).

use crate::drafts::written;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{AccountNumber, UserId};
use event_store::log::Fault;
use event_store::sql::{Database, Row, Statement, Type};
use event_store::vault::{Purpose, Vault};
use std::sync::Arc;
use uuid::Uuid;

/// Tries an hour for one person and one account.
pub const A_PERSON_AN_HOUR: usize = 5;

/// Tries a day for one account, whoever tries.
pub const AN_ACCOUNT_A_DAY: usize = 20;

/// A longer text that comes within this time and goes on from the last one is still being typed: the same try.
const STILL_TYPING: TimeDelta = TimeDelta::minutes(2);

/// The tries of everybody.
#[derive(Clone)]
pub struct Tries {
    database: Arc<dyn Database>,
    vault: Arc<Vault>,
}

struct Try {
    id: String,
    user: UserId,
    length: usize,
    print: String,
    at: DateTime<Utc>,
}

impl Tries {
    /// The tries in this database.
    pub fn new(database: Arc<dyn Database>, vault: Arc<Vault>) -> Self {
        Self { database, vault }
    }

    /// Counts a try; false when there were too many, and then the password must not be looked at.
    ///
    /// # Errors
    ///
    /// The database can't be used.
    pub async fn count(
        &self,
        user: UserId,
        account: AccountNumber,
        typed: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, Fault> {
        let today = self.today(account, now).await?;
        let print = self.print(user, account, typed).await?;
        if let Some(last) = today.iter().find(|it| it.user == user && it.at > now - STILL_TYPING)
            && self.goes_on(last, user, account, typed).await?
        {
            self.write(Statement::new(
                "UPDATE take_away_tries SET length = $2, print = $3 WHERE try = $1",
                [last.id.clone().into(), length(typed).into(), print.into()],
            ))
            .await?;
            return Ok(true);
        }
        let by_person =
            today.iter().filter(|it| it.user == user && it.at > now - TimeDelta::hours(1)).count();
        if by_person >= A_PERSON_AN_HOUR || today.len() >= AN_ACCOUNT_A_DAY {
            return Ok(false);
        }
        self.write(Statement::new(
            "INSERT INTO take_away_tries (try, user_id, account, length, print, at) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                Uuid::new_v4().to_string().into(),
                user.0.into(),
                account.get().into(),
                length(typed).into(),
                print.into(),
                now.into(),
            ],
        ))
        .await?;
        Ok(true)
    }

    /// Forgets tries that count no longer.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let day_ago = now - TimeDelta::days(1);
        self.write(Statement::new("DELETE FROM take_away_tries WHERE at <= $1", [day_ago.into()])).await
    }

    /// The tries at this account in the last day, the newest first.
    async fn today(&self, account: AccountNumber, now: DateTime<Utc>) -> Result<Vec<Try>, Fault> {
        let select = Statement::new(
            "SELECT try, user_id, length, print, at FROM take_away_tries WHERE account = $1 AND at > $2
             ORDER BY at DESC, try",
            [account.get().into(), (now - TimeDelta::days(1)).into()],
        );
        let types = [Type::Text, Type::Int, Type::Int, Type::Text, Type::Time];
        self.database.query(select, &types).await?.iter().map(read).collect()
    }

    /// Whether the text begins with the whole of the last one. Never the other way round: who may take letters away and
    /// type others has all the tries they want.
    async fn goes_on(
        &self,
        last: &Try,
        user: UserId,
        account: AccountNumber,
        typed: &str,
    ) -> Result<bool, Fault> {
        let Some(beginning) = typed.get(..last.length) else { return Ok(false) };
        Ok(self.print(user, account, beginning).await? == last.print)
    }

    async fn print(&self, user: UserId, account: AccountNumber, text: &str) -> Result<String, Fault> {
        self.vault.fingerprint(&Purpose::new(format!("try of {user} at {account}")), text).await
    }

    async fn write(&self, statement: Statement) -> Result<(), Fault> {
        self.database.transact(vec![statement]).await.map_err(written)?;
        Ok(())
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

fn read(row: &Row) -> Result<Try, Fault> {
    Ok(Try {
        id: row.text(0)?,
        user: UserId(row.int(1)?),
        length: usize::try_from(row.int(2)?).unwrap_or(usize::MAX),
        print: row.text(3)?,
        at: row.time(4)?,
    })
}
