//! Opens a log by its address.

use crate::backend::memory::Memory;
use crate::backend::postgres::{Postgres, Tuning};
use crate::backend::sqlite::Sqlite;
use crate::log::{EventLog, Fault};
use crate::migrations::{MIGRATIONS, Migration};
use crate::sql::{Database, Dialect};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to open a log.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// What the log is opened for.
    pub access: Access,
    /// What the database must have been through.
    pub migrations: &'static [Migration],
    /// What only PostgreSQL can be told.
    pub postgres: Tuning,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { access: Access::All, migrations: MIGRATIONS, postgres: Tuning::default() }
    }
}

/// What a log is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything. Of a SQLite file one process has this.
    All,
    /// The tables around the log, such as the service accounts', also while another process has the SQLite file: for an
    /// operator's tool beside `tandem serve`. SQLite refuses every append then. PostgreSQL makes no difference between
    /// this and [`Access::All`].
    Tables,
    /// Looking: nothing is created, brought up to date or locked, and everything that would write is refused.
    Look,
}

/// A log that is open. It closes when the last clone of what is in it is dropped.
#[derive(Clone)]
pub struct Opened {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The database around it, for read models and the gateways' own tables; the log in memory and KurrentDB have none.
    pub database: Option<Arc<dyn Database>>,
    /// The backend itself, for what only it can do.
    pub backend: Backend,
}

/// Which backend a log has.
#[derive(Clone, Debug)]
pub enum Backend {
    /// In memory.
    Memory,
    /// SQLite.
    Sqlite(Arc<Sqlite>),
    /// PostgreSQL.
    Postgres(Arc<Postgres>),
    /// KurrentDB.
    #[cfg(feature = "kurrentdb")]
    Kurrent,
}

impl Opened {
    /// The dialect of the database around the log.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.database.as_ref().map(|database| database.dialect())
    }

    /// Finishes what was begun and closes the log, for everybody who has it.
    pub async fn close(self) {
        match self.backend {
            Backend::Postgres(postgres) => postgres.close().await,
            Backend::Memory | Backend::Sqlite(_) => (),
            #[cfg(feature = "kurrentdb")]
            Backend::Kurrent => (),
        }
    }

    fn of<B: EventLog + Database>(backend: Arc<B>, name: impl FnOnce(Arc<B>) -> Backend) -> Self {
        Self { log: backend.clone(), database: Some(backend.clone()), backend: name(backend) }
    }
}

/// Opens a log and brings its database up to date.
///
/// | address | where the log is |
/// |---|---|
/// | `sqlite://data/tandem.db`, `sqlite:///var/lib/tandem/tandem.db` | in this file, which one process uses at a time |
/// | `postgres://user@host/database` | in PostgreSQL, for any number of processes |
/// | `memory:` | nowhere: for tests |
/// | `kurrentdb://host:2113?tls=false` | in KurrentDB, with the feature `kurrentdb` |
///
/// # Errors
///
/// The address is of no known kind, the database can't be reached or brought up to date, or another process has the
/// SQLite file. The error says what to do; it never holds the address, which may hold a password.
pub async fn open(address: &str, options: OpenOptions) -> Result<Opened, Fault> {
    let kind = address.split_once(':').map_or(address, |(kind, _)| kind);
    match kind {
        "memory" => Ok(Opened { log: Arc::new(Memory::new()), database: None, backend: Backend::Memory }),
        "sqlite" => Ok(Opened::of(Arc::new(open_sqlite(address, options).await?), Backend::Sqlite)),
        "postgres" | "postgresql" => {
            let postgres = match options.access {
                Access::Look => Postgres::open_read_only(address, options.postgres).await?,
                Access::All | Access::Tables => {
                    Postgres::open(address, options.migrations, options.postgres).await?
                }
            };
            Ok(Opened::of(Arc::new(postgres), Backend::Postgres))
        }
        #[cfg(feature = "kurrentdb")]
        "kurrentdb" | "esdb" => {
            let log = crate::backend::kurrentdb::Kurrent::open(address)?;
            Ok(Opened { log: Arc::new(log), database: None, backend: Backend::Kurrent })
        }
        _ => Err(Fault::because(
            "the log's address begins with sqlite:, postgres: or memory:, for example sqlite://data/tandem.db",
        )),
    }
}

async fn open_sqlite(address: &str, options: OpenOptions) -> Result<Sqlite, Fault> {
    let path = sqlite_path(address)?;
    // Opening waits for the disk.
    let opened = tokio::task::spawn_blocking(move || match options.access {
        Access::All => Sqlite::open(&path, options.migrations),
        Access::Tables => Sqlite::open_tables(&path, options.migrations),
        Access::Look => Sqlite::open_read_only(&path),
    });
    opened.await.map_err(|error| Fault::new("open the SQLite log", error))?
}

/// The file that an address of SQLite names.
///
/// # Errors
///
/// It names none.
pub fn sqlite_path(address: &str) -> Result<PathBuf, Fault> {
    let path = address.strip_prefix("sqlite:").unwrap_or(address);
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') {
        return Err(Fault::because("a SQLite address is sqlite:// and the path of a file"));
    }
    Ok(Path::new(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_sqlite_is_relative_or_absolute() {
        let path = |address| sqlite_path(address).unwrap().display().to_string();
        assert_eq!(path("sqlite://data/tandem.db"), "data/tandem.db");
        assert_eq!(path("sqlite:///var/tandem.db"), "/var/tandem.db");
        assert_eq!(path("sqlite:tandem.db"), "tandem.db");
        assert!(sqlite_path("sqlite://").is_err());
    }

    #[tokio::test]
    async fn an_unknown_address_is_answered_with_an_example_and_not_repeated() {
        let error = open("mysql://root:hunter2@db/x", OpenOptions::default()).await.err().unwrap();
        assert!(error.to_string().contains("sqlite://data/tandem.db"), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
