//! What the bot waits for from a person: a value in the next message, or somebody out of Telegram's own picker.
//!
//! An answer is matched by the message it replies to; for people who do not use Reply, by the newest question.

use crate::button::Ask;
use crate::drafts::written;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{AccountNumber, CallId, UserId};
use event_store::log::Fault;
use event_store::sql::{Database, Row, Statement, Type};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// How long the bot waits for an answer.
pub const PATIENCE: TimeDelta = TimeDelta::minutes(10);

/// What is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Awaited {
    /// A value for an account.
    Value(AccountNumber, Ask),
    /// A list of logins and passwords for this template or server; empty where the list says so itself. Its answer is
    /// deleted at once.
    List(String),
    /// Out of the picker: the user.
    User(AccountNumber),
    /// Out of the picker: to whom the account is lent, and for how many hours.
    Borrower(AccountNumber, u16),
    /// Out of the picker: to whom the account is lent, and until when.
    BorrowerUntil(AccountNumber, DateTime<Utc>),
    /// Out of the picker: the only one who may take a transfer.
    Heir(AccountNumber),
    /// Out of the picker: where recordings go.
    RecordingChat(AccountNumber),
    /// The number that a call is transferred to.
    TransferTo(CallId),
}

impl Awaited {
    /// Whether the answer is a secret and must go from the chat at once.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Value(_, Ask::Password) | Self::List(_))
    }

    /// Whether the answer comes out of Telegram's picker, and not as a text.
    #[must_use]
    pub fn is_pick(&self) -> bool {
        match self {
            Self::User(_)
            | Self::Borrower(..)
            | Self::BorrowerUntil(..)
            | Self::Heir(_)
            | Self::RecordingChat(_) => true,
            Self::Value(..) | Self::List(_) | Self::TransferTo(_) => false,
        }
    }

    /// The account it is about.
    #[must_use]
    pub fn account(&self) -> Option<AccountNumber> {
        match self {
            Self::Value(account, _)
            | Self::User(account)
            | Self::Borrower(account, _)
            | Self::BorrowerUntil(account, _)
            | Self::Heir(account)
            | Self::RecordingChat(account) => Some(*account),
            Self::List(_) | Self::TransferTo(_) => None,
        }
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(account, ask) => write!(f, "value {account} {}", ask.as_str()),
            Self::List(server) => write!(f, "list {server}"),
            Self::User(account) => write!(f, "user {account}"),
            Self::Borrower(account, hours) => write!(f, "borrower {account} {hours}"),
            Self::BorrowerUntil(account, until) => {
                write!(f, "borrower-until {account} {}", until.timestamp())
            }
            Self::Heir(account) => write!(f, "heir {account}"),
            Self::RecordingChat(account) => write!(f, "recordings {account}"),
            Self::TransferTo(call) => write!(f, "transfer {call}"),
        }
    }
}

/// A row waits for something that this version does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing that the bot waits for")]
pub struct NotAwaited;

impl FromStr for Awaited {
    type Err = NotAwaited;

    fn from_str(text: &str) -> Result<Self, NotAwaited> {
        let words: Vec<&str> = text.split(' ').collect();
        let number = |word: &str| word.parse::<AccountNumber>().map_err(|_| NotAwaited);
        match words.as_slice() {
            ["value", account, ask] => {
                Ok(Self::Value(number(account)?, ask.parse().map_err(|_| NotAwaited)?))
            }
            ["list", ..] => Ok(Self::List(text.strip_prefix("list ").unwrap_or_default().to_owned())),
            ["user", account] => Ok(Self::User(number(account)?)),
            ["borrower", account, hours] => {
                Ok(Self::Borrower(number(account)?, hours.parse().map_err(|_| NotAwaited)?))
            }
            ["borrower-until", account, until] => {
                let until = until.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
                Ok(Self::BorrowerUntil(number(account)?, until.ok_or(NotAwaited)?))
            }
            ["heir", account] => Ok(Self::Heir(number(account)?)),
            ["recordings", account] => Ok(Self::RecordingChat(number(account)?)),
            ["transfer", call] => Ok(Self::TransferTo(call.parse().map_err(|_| NotAwaited)?)),
            _ => Err(NotAwaited),
        }
    }
}

/// One question that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Made of the update that asked; also the number of the picker's request.
    pub request: i32,
    /// What is awaited.
    pub awaited: Awaited,
    /// When the bot stops waiting.
    pub expires: DateTime<Utc>,
}

impl Pending {
    /// The name under which the outbox remembers the question's message.
    #[must_use]
    pub fn slot(&self) -> String {
        slot(self.request)
    }
}

/// The name under which the outbox remembers the message of this question.
#[must_use]
pub fn slot(request: i32) -> String {
    format!("prompt-{request}")
}

/// The number of the question that this update leads to: the same again when the update is delivered again.
#[must_use]
pub fn request(update: u32) -> i32 {
    i32::try_from(update & 0x7fff_ffff).unwrap_or(i32::MAX)
}

/// Everything the bot waits for.
#[derive(Clone)]
pub struct Conversations {
    database: Arc<dyn Database>,
}

impl Conversations {
    /// The questions in this database.
    pub fn new(database: Arc<dyn Database>) -> Self {
        Self { database }
    }

    /// Waits for something, in place of everything else awaited from the person.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn await_answer(
        &self,
        user: UserId,
        request: i32,
        awaited: &Awaited,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let insert = Statement::new(
            "INSERT INTO pending_input (user_id, request, awaited, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (user_id, request) DO UPDATE
             SET awaited = excluded.awaited, expires_at = excluded.expires_at, answered_by = NULL",
            [
                user.0.into(),
                i64::from(request).into(),
                awaited.to_string().into(),
                now.into(),
                (now + PATIENCE).into(),
            ],
        );
        self.write(insert).await
    }

    /// Everything asked of the person that no earlier update has answered, the newest first; also what is over but not
    /// yet purged.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn asked(&self, user: UserId, update: u32) -> Result<Vec<Pending>, Fault> {
        let select = Statement::new(
            "SELECT request, awaited, expires_at FROM pending_input
             WHERE user_id = $1 AND (answered_by IS NULL OR answered_by = $2)
             ORDER BY created_at DESC, request DESC",
            [user.0.into(), update.into()],
        );
        let rows = self.database.query(select, &[Type::Int, Type::Text, Type::Time]).await?;
        rows.iter().map(read).collect()
    }

    /// One question, unless the bot has stopped waiting.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn open(
        &self,
        user: UserId,
        request: i32,
        update: u32,
        now: DateTime<Utc>,
    ) -> Result<Option<Pending>, Fault> {
        let asked = self.asked(user, update).await?;
        Ok(asked.into_iter().find(|pending| pending.request == request && pending.expires > now))
    }

    /// This update answered the question. Delivered again, it finds the question again and says the same.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn answered(&self, user: UserId, request: i32, update: u32) -> Result<(), Fault> {
        self.write(Statement::new(
            "UPDATE pending_input SET answered_by = $3
             WHERE user_id = $1 AND request = $2 AND answered_by IS NULL",
            [user.0.into(), i64::from(request).into(), update.into()],
        ))
        .await
    }

    /// This update ended every question.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn forget(&self, user: UserId, update: u32) -> Result<(), Fault> {
        self.write(Statement::new(
            "UPDATE pending_input SET answered_by = $2 WHERE user_id = $1 AND answered_by IS NULL",
            [user.0.into(), update.into()],
        ))
        .await
    }

    /// Forgets questions a day after they were over; until then an answer to one is told what happened.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        self.write(Statement::new(
            "DELETE FROM pending_input WHERE expires_at <= $1",
            [(now - TimeDelta::days(1)).into()],
        ))
        .await
    }

    async fn write(&self, statement: Statement) -> Result<(), Fault> {
        self.database.transact(vec![statement]).await.map_err(written)?;
        Ok(())
    }
}

fn read(row: &Row) -> Result<Pending, Fault> {
    let broken = |error| Fault::new("read what is awaited", error);
    Ok(Pending {
        request: i32::try_from(row.int(0)?).map_err(|error| Fault::new("read what is awaited", error))?,
        awaited: row.text(1)?.parse().map_err(broken)?,
        expires: row.time(2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_awaited_survives_the_way_through_its_row() {
        let account = AccountNumber::MAX;
        let values = Ask::ALL.map(|ask| Awaited::Value(account, ask));
        let others = [
            Awaited::List(String::new()),
            Awaited::List("asterisk pbx.example".to_owned()),
            Awaited::User(account),
            Awaited::Borrower(account, u16::MAX),
            Awaited::BorrowerUntil(account, DateTime::UNIX_EPOCH + TimeDelta::days(30_000)),
            Awaited::Heir(account),
            Awaited::RecordingChat(account),
        ];
        for awaited in values.into_iter().chain(others) {
            assert_eq!(awaited.to_string().parse(), Ok(awaited));
        }
    }
}
