//! Service accounts and whom they have met, in the database.

mod cards;

use super::call::Peer;
use super::session::Session;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::sealed::Sealed;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::sql::{Database, Row, Statement, Type};
use event_store::vault::{Purpose, Subject, Vault};
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::sync::Arc;

pub(super) use cards::StaleCard;

/// Names a service account: a small number that operators type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a service account can be worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is signed in.
    Ready,
    /// Telegram has ended the session: it has to sign in again.
    SignedOut,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::SignedOut => "signed_out",
        }
    }

    fn of(word: &str) -> Self {
        if word == "ready" { Self::Ready } else { Self::SignedOut }
    }
}

/// A service account, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number here.
    pub id: AccountId,
    /// Who it is at Telegram.
    pub user: UserId,
    /// Its user name, without `@`.
    pub username: Option<String>,
    /// Whether it can be worked.
    pub state: State,
    /// When it signed in first.
    pub created: DateTime<Utc>,
}

/// Somebody whom an account has met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Met {
    pub(super) account: AccountId,
    pub(super) access_hash: i64,
}

/// Who an account is.
#[derive(Debug, Clone)]
pub struct Who {
    /// Telegram's user id.
    pub user: UserId,
    /// The name that people see.
    pub name: String,
    /// The user name, without `@`.
    pub username: Option<String>,
    /// The phone number.
    pub phone: SecretString,
}

/// The tables. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    database: Arc<dyn Database>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
}

const ACCOUNT: &str = "id, user_id, username, state, created";
const ACCOUNT_TYPES: [Type; 5] = [Type::Int, Type::Int, Type::Text, Type::Text, Type::Time];

impl Store {
    /// The tables in this database.
    #[must_use]
    pub fn new(database: Arc<dyn Database>, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { database, vault, clock }
    }

    /// All accounts, the oldest first.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn accounts(&self) -> Result<Vec<Account>, Fault> {
        let statement = Statement::new(format!("SELECT {ACCOUNT} FROM telegram_accounts ORDER BY id"), []);
        self.database.query(statement, &ACCOUNT_TYPES).await?.iter().map(to_account).collect()
    }

    /// The phone number of an account.
    ///
    /// # Errors
    ///
    /// The database can't be read, or the number can't be opened.
    pub async fn phone(&self, account: AccountId) -> Result<Option<SecretString>, Fault> {
        let Some((sealed, user)) = self.sealed("phone", account).await? else { return Ok(None) };
        let opened = self.vault.open_text(&sealed, &phone_of(user)).await;
        opened.map(Some).map_err(|error| Fault::new("open an account's number", error))
    }

    /// How many people an account has met.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn count_acquaintances(&self, account: AccountId) -> Result<u64, Fault> {
        let sql = "SELECT count(*) FROM telegram_peers WHERE account_id = $1";
        let rows = self.database.query(Statement::new(sql, [account.0.into()]), &[Type::Int]).await?;
        let count = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
        Ok(count.unsigned_abs())
    }

    /// The session of an account; none if it is gone.
    pub(super) async fn session(&self, account: AccountId) -> Result<Option<Session>, Fault> {
        let Some((sealed, user)) = self.sealed("session", account).await? else { return Ok(None) };
        let opened = self.vault.open(&sealed, &session_of(user)).await;
        let opened = opened.map_err(|error| Fault::new("open a session", error))?;
        let session = Session::read(opened.expose_secret());
        let session = session.map_err(|error| Fault::new("read a session", error))?;
        session.set_sealed(sealed.as_text());
        Ok(Some(session))
    }

    /// Keeps an account that has just signed in. One that was known keeps its number, and whom it has met.
    pub(super) async fn keep(&self, who: &Who, session: &Session) -> Result<AccountId, Fault> {
        let subject = subject();
        let phone = who.phone.expose_secret().as_bytes();
        let phone = self.vault.seal(&subject, &phone_of(who.user), phone).await?;
        let sealed = self.vault.seal(&subject, &session_of(who.user), &session.stored()).await?;
        let sql = "INSERT INTO telegram_accounts (id, user_id, username, phone, session, state, created) \
                   SELECT coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, $6 FROM telegram_accounts WHERE true \
                   ON CONFLICT (user_id) DO UPDATE SET username = excluded.username, phone = excluded.phone, \
                   session = excluded.session, state = excluded.state";
        let values = [
            who.user.0.into(),
            who.username.clone().into(),
            phone.as_text().into(),
            sealed.as_text().into(),
            State::Ready.word().into(),
            self.clock.now().into(),
        ];
        self.write(Statement::new(sql, values), "keep a service account").await?;
        session.set_sealed(sealed.as_text());
        let statement =
            Statement::new("SELECT id FROM telegram_accounts WHERE user_id = $1", [who.user.0.into()]);
        let rows = self.database.query(statement, &[Type::Int]).await?;
        let id = rows.first().map(|row| row.int(0)).transpose()?;
        id.map(AccountId).ok_or_else(|| Fault::because("the service account is gone"))
    }

    /// Stores how a session stands. False: the account is gone, or was signed in anew, and this session is no longer its.
    pub(super) async fn save(
        &self,
        account: AccountId,
        user: UserId,
        session: &Session,
    ) -> Result<bool, Fault> {
        if self.replace(account, user, session).await? {
            return Ok(true);
        }
        // Another process that has worked the account may have stored the same sign-in in the meantime.
        match self.session(account).await? {
            Some(stored) if stored.is_sign_in_of(session) => {
                session.set_sealed(&stored.sealed());
                self.replace(account, user, session).await
            }
            Some(_) | None => Ok(false),
        }
    }

    /// Stores a session in place of the one that it was when it was stored last.
    async fn replace(&self, account: AccountId, user: UserId, session: &Session) -> Result<bool, Fault> {
        let sealed = self.vault.seal(&subject(), &session_of(user), &session.stored()).await?;
        let sql = "UPDATE telegram_accounts SET session = $3 WHERE id = $1 AND session = $2";
        let values = [account.0.into(), session.sealed().into(), sealed.as_text().into()];
        let done = self.database.transact(vec![Statement::new(sql, values)]).await;
        let changed = done.map_err(|error| Fault::new("save a session", error))?;
        let replaced = changed.first().is_some_and(|rows| *rows > 0);
        if replaced {
            session.set_sealed(sealed.as_text());
        }
        Ok(replaced)
    }

    /// Marks how an account stands. `tandem serve` lets go of one that is not ready within seconds.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn mark(&self, account: AccountId, state: State) -> Result<(), Fault> {
        let sql = "UPDATE telegram_accounts SET state = $2 WHERE id = $1";
        let values = [account.0.into(), state.word().into()];
        self.write(Statement::new(sql, values), "mark a service account").await
    }

    /// Whether an account is to be worked, and by this sign-in.
    pub(super) async fn is_worked_with(&self, account: AccountId, session: &Session) -> Result<bool, Fault> {
        let accounts = self.accounts().await?;
        let is_ready = accounts.iter().any(|it| it.id == account && it.state == State::Ready);
        let stored = self.session(account).await?;
        Ok(is_ready && stored.is_some_and(|stored| stored.is_sign_in_of(session)))
    }

    /// Forgets an account and whom it has met.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn forget(&self, account: AccountId) -> Result<(), Fault> {
        let of = || [account.0.into()];
        let statements = vec![
            Statement::new("DELETE FROM telegram_peers WHERE account_id = $1", of()),
            Statement::new("DELETE FROM telegram_calls WHERE account_id = $1", of()),
            Statement::new("DELETE FROM telegram_cards WHERE account_id = $1", of()),
            Statement::new("DELETE FROM telegram_accounts WHERE id = $1", of()),
        ];
        let done = self.database.transact(statements).await;
        done.map(drop).map_err(|error| Fault::new("forget a service account", error))
    }

    /// Remembers somebody. An account that knows them already learns at most another access hash: the first to meet a
    /// person stays the one who calls them.
    pub(super) async fn meet(&self, account: AccountId, user: UserId, access_hash: i64) -> Result<(), Fault> {
        let sql = "INSERT INTO telegram_peers (user_id, account_id, access_hash, met_at) \
                   VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (user_id, account_id) DO UPDATE SET access_hash = excluded.access_hash";
        let values = [user.0.into(), account.0.into(), access_hash.into(), self.clock.now().into()];
        self.write(Statement::new(sql, values), "remember a person").await
    }

    /// Forgets that an account knows somebody: the access hash is no longer good.
    pub(super) async fn part(&self, account: AccountId, user: UserId) -> Result<(), Fault> {
        let sql = "DELETE FROM telegram_peers WHERE user_id = $1 AND account_id = $2";
        self.write(Statement::new(sql, [user.0.into(), account.0.into()]), "forget a person").await
    }

    /// The accounts that have met somebody, the first to meet them first.
    pub(super) async fn acquaintances(&self, user: UserId) -> Result<Vec<Met>, Fault> {
        let sql = "SELECT account_id, access_hash FROM telegram_peers WHERE user_id = $1 \
                   ORDER BY met_at, account_id";
        let statement = Statement::new(sql, [user.0.into()]);
        let rows = self.database.query(statement, &[Type::Int, Type::Int]).await?;
        let met = |row: &Row| Ok(Met { account: AccountId(row.int(0)?), access_hash: row.int(1)? });
        rows.iter().map(met).collect()
    }

    /// The user name under which the bot knows a person.
    pub(super) async fn username(&self, user: UserId) -> Result<Option<SecretString>, Fault> {
        let person = projections::people::one(&*self.database, user).await?;
        let Some(sealed) = person.and_then(|person| person.username) else { return Ok(None) };
        match self.vault.open_text(&sealed, &Purpose::username(user)).await {
            Ok(username) => Ok(Some(username)),
            // Somebody who was forgotten is not looked for.
            Err(event_store::vault::OpenError::Shredded) => Ok(None),
            Err(error) => Err(Fault::new("open a user name", error)),
        }
    }

    /// A call of an account is open at Telegram.
    pub(super) async fn call_opened(&self, account: AccountId, call: Peer) -> Result<(), Fault> {
        let sql = "INSERT INTO telegram_calls (account_id, call_id, access_hash) VALUES ($1, $2, $3) \
                   ON CONFLICT (account_id, call_id) DO UPDATE SET access_hash = excluded.access_hash";
        let values = [account.0.into(), call.id.into(), call.access_hash.into()];
        self.write(Statement::new(sql, values), "write down that a call is open").await
    }

    /// It is over.
    pub(super) async fn call_over(&self, account: AccountId, call: i64) -> Result<(), Fault> {
        let sql = "DELETE FROM telegram_calls WHERE account_id = $1 AND call_id = $2";
        self.write(Statement::new(sql, [account.0.into(), call.into()]), "write down that a call is over")
            .await
    }

    /// The calls of an account that were open when last written down.
    pub(super) async fn open_calls(&self, account: AccountId) -> Result<Vec<Peer>, Fault> {
        let sql = "SELECT call_id, access_hash FROM telegram_calls WHERE account_id = $1 ORDER BY call_id";
        let statement = Statement::new(sql, [account.0.into()]);
        let rows = self.database.query(statement, &[Type::Int, Type::Int]).await?;
        rows.iter().map(|row| Ok(Peer { id: row.int(0)?, access_hash: row.int(1)? })).collect()
    }

    async fn sealed(&self, column: &str, account: AccountId) -> Result<Option<(Sealed, UserId)>, Fault> {
        let sql = format!("SELECT {column}, user_id FROM telegram_accounts WHERE id = $1");
        let statement = Statement::new(sql, [account.0.into()]);
        let rows = self.database.query(statement, &[Type::Text, Type::Int]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some((Sealed::from_text(row.text(0)?), UserId(row.int(1)?))))
    }

    async fn write(&self, statement: Statement, what: &'static str) -> Result<(), Fault> {
        self.database.transact(vec![statement]).await.map_err(|error| Fault::new(what, error))?;
        Ok(())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store(…)")
    }
}

fn subject() -> Subject {
    Subject::system("telegram")
}

fn session_of(user: UserId) -> Purpose {
    Purpose::new(format!("session of service account {user}"))
}

fn phone_of(user: UserId) -> Purpose {
    Purpose::new(format!("number of service account {user}"))
}

fn to_account(row: &Row) -> Result<Account, Fault> {
    Ok(Account {
        id: AccountId(row.int(0)?),
        user: UserId(row.int(1)?),
        username: row.text_or_null(2)?,
        state: State::of(&row.text(3)?),
        created: row.time(4)?,
    })
}

#[cfg(test)]
mod tests;
