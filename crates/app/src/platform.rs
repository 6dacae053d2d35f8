//! What every role and every tool works with: the opened database, the log, the vault, the dispatcher.

use crate::clock::MachineClock;
use crate::config::Config;
use anyhow::{Context as _, Result};
use bot_gateway::office::{Office, Parts};
use domain::template::Catalogue;
use event_store::dispatcher::{Dispatcher, Limits};
use event_store::log::EventLog;
use event_store::open::{Access, OpenOptions, Opened, open};
use event_store::sql::Database;
use event_store::vault::{Keyring, Vault};
use rand::SeedableRng as _;
use std::path::Path;
use std::sync::Arc;

/// The opened platform.
pub(crate) struct Platform {
    /// The log with what only its backend can do.
    pub(crate) opened: Opened,
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) database: Arc<dyn Database>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) clock: Arc<MachineClock>,
}

impl Platform {
    /// Opens the database, brings it up to date, and takes the operator's keys.
    ///
    /// # Errors
    ///
    /// The database or the key file can't be used; the error says what to do.
    pub(crate) async fn open(config: &Config) -> Result<Self> {
        Self::open_for(config, Access::All).await
    }

    /// The same for a tool that writes to tables beside `tandem serve`, and never to the log.
    ///
    /// # Errors
    ///
    /// The database or the key file can't be used; the error says what to do.
    pub(crate) async fn open_tables(config: &Config) -> Result<Self> {
        Self::open_for(config, Access::Tables).await
    }

    async fn open_for(config: &Config, access: Access) -> Result<Self> {
        let keyring = keyring(&config.key_file)?;
        let (opened, database) = opened(&config.database, access).await?;
        let clock = Arc::new(MachineClock::default());
        let limits = Limits { accounts_per_owner: config.accounts_per_owner };
        let vault = Arc::new(Vault::new(database.clone(), keyring, clock.clone()));
        let dispatcher = Dispatcher::new(opened.log.clone(), limits);
        let log = opened.log.clone();
        Ok(Self { opened, log, database, vault, dispatcher, clock })
    }

    /// The use cases.
    pub(crate) fn office(&self, config: &Config) -> Office {
        Office::new(Parts {
            dispatcher: self.dispatcher.clone(),
            vault: self.vault.clone(),
            database: self.database.clone(),
            clock: self.clock.clone(),
            catalogue: Arc::new(catalogue(config)),
            random: Box::new(rand::rngs::StdRng::from_os_rng()),
        })
    }
}

/// The use cases over a database that is only looked at: to open people's names.
///
/// # Errors
///
/// The database or the key file can't be read.
pub(crate) async fn looking_office(config: &Config) -> Result<Office> {
    let keyring = keyring(&config.key_file)?;
    let (opened, database) = look(config).await?;
    let clock = Arc::new(MachineClock::default());
    Ok(Office::new(Parts {
        dispatcher: Dispatcher::new(opened.log, Limits { accounts_per_owner: config.accounts_per_owner }),
        vault: Arc::new(Vault::new(database.clone(), keyring, clock.clone())),
        database,
        clock,
        catalogue: Arc::new(catalogue(config)),
        random: Box::new(rand::rngs::StdRng::from_os_rng()),
    }))
}

/// The built-in templates and the operator's own.
pub(crate) fn catalogue(config: &Config) -> Catalogue {
    Catalogue::builtin().with_own(config.templates.iter().cloned())
}

/// Opens the database only to look: while `tandem serve` runs on it, without keys, changing nothing.
///
/// # Errors
///
/// The database can't be read.
pub(crate) async fn look(config: &Config) -> Result<(Opened, Arc<dyn Database>)> {
    opened(&config.database, Access::Look).await
}

async fn opened(address: &str, access: Access) -> Result<(Opened, Arc<dyn Database>)> {
    let options = OpenOptions { access, ..OpenOptions::default() };
    let opened = open(address, options).await.context("open the database")?;
    let database = opened.database.clone().context(
        "this kind of log has no database around it; set `database` to sqlite://… or postgres://…",
    )?;
    Ok((opened, database))
}

/// Reads the operator's keys.
///
/// # Errors
///
/// The file is missing, or is not a key file.
pub(crate) fn keyring(file: &Path) -> Result<Keyring> {
    let text = std::fs::read_to_string(file).with_context(|| {
        format!(
            "read the key file {}; make one with `tandem key new`, or set TANDEM_KEY_FILE",
            file.display()
        )
    })?;
    Keyring::parse(&text).with_context(|| format!("understand the key file {}", file.display()))
}
