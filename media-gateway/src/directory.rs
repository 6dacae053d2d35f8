//! The accounts that can call and be called, as they are set at the moment: a picture of `wanted_registrations` in memory,
//! so that a call can be made while the database is away.

use crate::call::choose::Candidate;
use crate::call::line::Account;
use domain::call::RecordingPolicy;
use domain::ids::{AccountNumber, Revision, UserId};
use domain::settings::Settings;
use event_store::log::Fault;
use event_store::sql::Database;
use projections::wanted_registrations::{self, Wanted};
use std::collections::BTreeMap;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: AccountNumber,
    /// To whom it belongs.
    pub owner: UserId,
    /// Who rings and dials.
    pub user: UserId,
    /// Which change these settings came with.
    pub revision: Revision,
    /// What it is set to.
    pub settings: Settings,
}

/// All accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    lines: BTreeMap<AccountNumber, Line>,
}

impl Directory {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn read(db: &dyn Database) -> Result<Self, Fault> {
        Ok(wanted_registrations::all(db).await?.into_iter().collect())
    }

    /// One account.
    #[must_use]
    pub fn line(&self, account: AccountNumber) -> Option<&Line> {
        self.lines.get(&account)
    }

    /// Every account.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.values()
    }

    /// The accounts that a person calls through.
    pub fn of(&self, user: UserId) -> impl Iterator<Item = &Line> {
        self.lines.values().filter(move |line| line.user == user)
    }
}

impl FromIterator<Wanted> for Directory {
    fn from_iter<I: IntoIterator<Item = Wanted>>(wanted: I) -> Self {
        let line = |it: Wanted| {
            let Wanted { account: number, owner, user, revision, settings } = it;
            (number, Line { number, owner, user, revision, settings })
        };
        Self { lines: wanted.into_iter().map(line).collect() }
    }
}

impl Line {
    /// What a call has to know of it. `unlimited`: recordings by hand may be as long as any other.
    #[must_use]
    pub fn for_calls(&self, unlimited: bool) -> Account {
        Account {
            number: self.number,
            owner: self.owner,
            recording: RecordingPolicy::of(&self.settings.recording, self.owner, self.user, unlimited),
            dtmf: self.settings.dtmf.as_slice().to_vec(),
        }
    }

    /// The account with its rules.
    #[must_use]
    pub fn candidate(&self, unlimited: bool) -> Candidate {
        Candidate { account: self.for_calls(unlimited), rules: self.settings.rules.compiled() }
    }

    /// Where it registers.
    #[must_use]
    pub fn registrar(&self) -> String {
        let settings = &self.settings;
        settings.proxy.as_ref().or(settings.domain.as_ref()).map(ToString::to_string).unwrap_or_default()
    }

    /// The domain of the addresses that are called through it.
    #[must_use]
    pub fn domain(&self) -> String {
        let settings = &self.settings;
        settings.domain.as_ref().or(settings.proxy.as_ref()).map(ToString::to_string).unwrap_or_default()
    }
}
