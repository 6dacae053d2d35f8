//! Leases: which bot process lives, and which of them polls. One row each, held while it is renewed.

use chrono::{DateTime, TimeDelta, Utc};
use event_store::log::Fault;
use event_store::sql::{Database, Statement, TransactError, Type};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// How long a lease holds without being renewed. After a process was killed its work moves within this time.
pub const LEASE: TimeDelta = TimeDelta::seconds(5);

/// Names one bot process among those that share a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner(String);

impl Owner {
    /// The only process there is: an embedded database belongs to one process, so what an earlier run held is its own.
    #[must_use]
    pub fn alone() -> Self {
        Self("alone".to_owned())
    }

    /// One of several processes; another one after each start.
    #[must_use]
    pub fn one_of_many() -> Self {
        Self(Uuid::new_v4().simple().to_string())
    }

    /// The name as it stands in rows.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lease that says that this process lives.
    #[must_use]
    pub fn life(&self) -> String {
        format!("process/{}", self.0)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Takes, renews and gives up leases for one process.
#[derive(Clone)]
pub struct Leases {
    database: Arc<dyn Database>,
    owner: Owner,
}

impl Leases {
    /// The leases of this process.
    #[must_use]
    pub fn new(database: Arc<dyn Database>, owner: Owner) -> Self {
        Self { database, owner }
    }

    /// Takes a lease that is free or ours, or renews it; tells its epoch, or none where another process holds it. The
    /// epoch grows each time that the lease changes hands or was let go too long.
    ///
    /// # Errors
    ///
    /// The database can't be used.
    pub async fn hold(&self, name: &str, now: DateTime<Utc>) -> Result<Option<i64>, Fault> {
        let sql = "INSERT INTO bot_leases (name, owner, epoch, until) VALUES ($1, $2, 1, $3) \
                   ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until, \
                   epoch = CASE WHEN bot_leases.owner = excluded.owner AND bot_leases.until > $4 \
                           THEN bot_leases.epoch ELSE bot_leases.epoch + 1 END \
                   WHERE bot_leases.owner = excluded.owner OR bot_leases.until <= $4";
        let values = [name.into(), self.owner.as_str().into(), (now + LEASE).into(), now.into()];
        let changed = transact(&*self.database, vec![Statement::new(sql, values)], "take a lease").await?;
        if changed.first() != Some(&1) {
            return Ok(None);
        }
        let sql = "SELECT epoch FROM bot_leases WHERE name = $1 AND owner = $2";
        let ours = Statement::new(sql, [name.into(), self.owner.as_str().into()]);
        let rows = self.database.query(ours, &[Type::Int]).await?;
        rows.first().map(|row| row.int(0)).transpose().map_err(Fault::from)
    }

    /// Gives a lease up at once, if it is ours.
    ///
    /// # Errors
    ///
    /// The database can't be used; the lease then ends by itself.
    pub async fn let_go(&self, name: &str) -> Result<(), Fault> {
        let sql = "DELETE FROM bot_leases WHERE name = $1 AND owner = $2";
        let statement = Statement::new(sql, [name.into(), self.owner.as_str().into()]);
        transact(&*self.database, vec![statement], "give up a lease").await?;
        Ok(())
    }

    /// Forgets processes that ended long ago.
    ///
    /// # Errors
    ///
    /// The database can't be used.
    pub async fn purge(&self, before: DateTime<Utc>) -> Result<(), Fault> {
        let sql = "DELETE FROM bot_leases WHERE until < $1 AND name LIKE 'process/%'";
        transact(&*self.database, vec![Statement::new(sql, [before.into()])], "purge leases").await?;
        Ok(())
    }
}

/// Runs statements none of which races.
pub(crate) async fn transact(
    database: &dyn Database,
    statements: Vec<Statement>,
    what: &'static str,
) -> Result<Vec<u64>, Fault> {
    database.transact(statements).await.map_err(|error| match error {
        TransactError::Fault(fault) => Fault::new(what, fault),
        raced @ TransactError::Raced { .. } => Fault::new(what, raced),
    })
}
