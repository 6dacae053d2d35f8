//! Numbers that wait until their person has chosen a line, or one number of several. They are sealed: a chooser in a chat
//! lives for years, its numbers for ten minutes.

use chrono::{DateTime, TimeDelta, Utc};
use domain::call::Number;
use domain::ids::UserId;
use domain::sealed::Sealed;
use event_store::log::Fault;
use event_store::sql::{Database, Statement, Type};
use event_store::vault::{OpenError, Purpose, Subject, Vault};
use secrecy::ExposeSecret as _;
use std::sync::Arc;

/// How long a choice waits.
pub const CHOICE_LIFE: TimeDelta = TimeDelta::minutes(10);

/// The choices of everybody.
#[derive(Clone)]
pub struct Dials {
    database: Arc<dyn Database>,
    vault: Arc<Vault>,
}

impl Dials {
    /// The choices in this database.
    pub fn new(database: Arc<dyn Database>, vault: Arc<Vault>) -> Self {
        Self { database, vault }
    }

    /// Keeps the numbers that an update brought, under the number of the update. Keeping them again changes nothing.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn keep(
        &self,
        person: UserId,
        update: u32,
        numbers: &[Number],
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let text = serde_json::to_vec(numbers).map_err(|error| Fault::new("write numbers", error))?;
        let sealed = self.vault.seal(&Subject::person(person), &purpose(person, update), &text).await?;
        let insert = Statement::new(
            "INSERT INTO dial_choices (person, choice, numbers, expires_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (person, choice) DO NOTHING",
            [person.0.into(), update.into(), sealed.as_text().into(), (now + CHOICE_LIFE).into()],
        );
        self.write(insert).await
    }

    /// The numbers that wait under this name; none where they are over, or another person's.
    ///
    /// # Errors
    ///
    /// The vault or the database can't be used.
    pub async fn numbers(
        &self,
        person: UserId,
        choice: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<Number>, Fault> {
        let select = Statement::new(
            "SELECT numbers FROM dial_choices WHERE person = $1 AND choice = $2 AND expires_at > $3",
            [person.0.into(), choice.into(), now.into()],
        );
        let rows = self.database.query(select, &[Type::Text]).await?;
        let Some(row) = rows.first() else { return Ok(Vec::new()) };
        let sealed = Sealed::from_text(row.text(0)?);
        match self.vault.open_text(&sealed, &purpose(person, choice)).await {
            Ok(text) => serde_json::from_str(text.expose_secret())
                .map_err(|error| Fault::new("read numbers that wait", error)),
            Err(OpenError::Shredded) => Ok(Vec::new()),
            Err(error) => Err(crate::office::unopened(error)),
        }
    }

    /// Forgets what is over.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        self.write(Statement::new("DELETE FROM dial_choices WHERE expires_at <= $1", [now.into()])).await
    }

    async fn write(&self, statement: Statement) -> Result<(), Fault> {
        crate::lease::transact(&*self.database, vec![statement], "write numbers that wait").await.map(drop)
    }
}

fn purpose(person: UserId, choice: u32) -> Purpose {
    Purpose::new(format!("numbers that {person} chooses from, {choice}"))
}
