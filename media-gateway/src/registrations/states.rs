//! How the accounts of this process stand at their registrars, for the phones that show it.

use domain::ids::AccountNumber;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How an account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Calls reach us.
    Registered,
    /// They do not.
    Failed {
        /// SIP code.
        code: u16,
        /// In words.
        reason: String,
    },
}

/// Shared by the loop that registers and the one that serves phones. Cheap to clone.
#[derive(Debug, Clone)]
pub struct States {
    standing: Arc<Mutex<BTreeMap<AccountNumber, Standing>>>,
    changed: watch::Sender<u64>,
}

impl Default for States {
    fn default() -> Self {
        Self { standing: Arc::default(), changed: watch::Sender::new(0) }
    }
}

impl States {
    /// How an account stands; none while nothing is known.
    #[must_use]
    pub fn of(&self, account: AccountNumber) -> Option<Standing> {
        self.lock().get(&account).cloned()
    }

    /// Changes with every account that stands differently.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(super) fn registered(&self, account: AccountNumber) {
        self.set(account, Some(Standing::Registered));
    }

    pub(super) fn failed(&self, account: AccountNumber, code: u16, reason: &str) {
        self.set(account, Some(Standing::Failed { code, reason: reason.to_owned() }));
    }

    pub(super) fn forget(&self, account: AccountNumber) {
        self.set(account, None);
    }

    fn set(&self, account: AccountNumber, standing: Option<Standing>) {
        let before = match standing.clone() {
            Some(standing) => self.lock().insert(account, standing),
            None => self.lock().remove(&account),
        };
        if before != standing {
            self.changed.send_modify(|count| *count += 1);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<AccountNumber, Standing>> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
