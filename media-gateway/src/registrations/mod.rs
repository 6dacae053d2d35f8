//! Keeps registered what is to be registered.
//!
//! The read model says what is wanted; [`plan`](plan::plan) compares. Passwords are opened when they are handed to the
//! user agent, and at no other time. Transitions are reported to the log; each refresh is not.

pub mod plan;
mod settings;
mod states;

pub use states::{Standing, States};

use crate::directory::{Directory, Line};
use crate::report::Reporter;
use domain::ids::AccountNumber;
use event_store::segments::Held;
use event_store::vault::{OpenError, Purpose, Vault};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use plan::{Plan, Spread, Wish, plan};
use sip::{AccountKey, RegistrationState, UserAgent};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long an account waits whose password could not be opened because the database was away.
const AGAIN: Duration = Duration::from_secs(5);

/// What registering needs.
pub struct Parts {
    /// Speaks SIP.
    pub agent: UserAgent,
    /// Opens passwords.
    pub vault: Arc<Vault>,
    /// What is wanted.
    pub directory: watch::Receiver<Arc<Directory>>,
    /// Which users are this process's.
    pub held: watch::Receiver<Arc<Held>>,
    /// Tells the log.
    pub reporter: Reporter,
    /// Who stands how, for phones.
    pub states: States,
    /// New registrations a second at one registrar.
    pub per_second: u32,
}

/// What others tell this loop.
#[derive(Debug)]
pub enum Told {
    /// The user agent says how an account stands.
    State(AccountNumber, RegistrationState),
    /// Somebody wants an account registered anew, now.
    Refresh(AccountNumber),
}

/// The key that the user agent knows an account by.
#[must_use]
pub fn key(account: AccountNumber) -> AccountKey {
    AccountKey(u64::from(account.get()))
}

/// The account of a key; none for a key that is not an account's.
#[must_use]
pub fn account(key: AccountKey) -> Option<AccountNumber> {
    u32::try_from(key.0).ok()?.try_into().ok()
}

/// Works until `stop`; the user agent signs everything off by itself then.
pub async fn run(parts: Parts, mut told: mpsc::Receiver<Told>, stop: CancellationToken) {
    let started = Instant::now();
    let (mut directory, mut held) = (parts.directory.clone(), parts.held.clone());
    let mut running: BTreeMap<AccountNumber, Wish> = BTreeMap::new();
    let mut spread = Spread::default();
    let mut waiting = FuturesUnordered::new();
    loop {
        let wanted = wanted(&directory.borrow_and_update(), &held.borrow_and_update());
        let now = started.elapsed();
        for (account, at) in parts.turn(plan(&wanted, &running), &mut running, &wanted, &mut spread, now) {
            let wish = running.get(&account).copied();
            waiting.push(async move {
                tokio::time::sleep_until(started + at).await;
                (account, wish)
            });
        }
        spread.tidy(now);
        metrics::gauge!("tandem_media_accounts").set(running.len() as f64);
        tokio::select! {
            () = stop.cancelled() => return,
            Ok(()) = directory.changed() => {}
            Ok(()) = held.changed() => {}
            Some(told) = told.recv() => parts.hear(told, &running),
            Some((account, wish)) = waiting.next() => {
                // Settings may have changed while it waited; then another turn is on its way.
                let line = parts.directory.borrow().line(account).cloned();
                let line = line.filter(|_| running.get(&account).copied() == wish);
                if let Some(line) = line
                    && !parts.register(&line).await
                {
                    waiting_again(&mut running, account);
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep_until(Instant::now() + AGAIN) => {}
                    }
                }
            }
        }
    }
}

/// As if it had never been started: the next turn starts it.
fn waiting_again(running: &mut BTreeMap<AccountNumber, Wish>, account: AccountNumber) {
    running.remove(&account);
}

fn wanted(directory: &Directory, held: &Held) -> BTreeMap<AccountNumber, Wish> {
    let mine = directory.lines().filter(|line| held.has(line.user));
    mine.map(|line| (line.number, Wish { revision: line.revision, owner: line.owner })).collect()
}

impl Parts {
    /// Signs off what is not wanted; says when what is to be started may start.
    fn turn(
        &self,
        plan: Plan,
        running: &mut BTreeMap<AccountNumber, Wish>,
        wanted: &BTreeMap<AccountNumber, Wish>,
        spread: &mut Spread,
        now: Duration,
    ) -> Vec<(AccountNumber, Duration)> {
        for account in plan.stop {
            running.remove(&account);
            self.agent.unregister(key(account));
            self.states.forget(account);
        }
        let mut starts = Vec::new();
        let directory = self.directory.borrow();
        for account in plan.start {
            let (Some(line), Some(wish)) = (directory.line(account), wanted.get(&account)) else { continue };
            running.insert(account, *wish);
            let at = spread.take(&line.registrar(), self.per_second, now);
            starts.push((account, at));
        }
        starts
    }

    /// Opens the password and hands the account over. False where it has to be tried again.
    async fn register(&self, line: &Line) -> bool {
        let Some(sealed) = &line.settings.password else { return true };
        match self.vault.open_text(sealed, &Purpose::password(line.number)).await {
            Ok(password) => {
                let Some(account) = settings::account(line, password) else { return true };
                if let Err(error) = self.agent.register(key(line.number), account) {
                    self.failed(line, 400, error.to_string());
                }
                true
            }
            Err(OpenError::Fault(fault)) => {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(account = %line.number, error, "a password can't be opened now; trying again");
                false
            }
            Err(error @ (OpenError::Shredded | OpenError::Mismatch)) => {
                self.failed(line, 401, error.to_string());
                true
            }
        }
    }

    fn failed(&self, line: &Line, code: u16, reason: String) {
        self.states.failed(line.number, code, &reason);
        self.reporter.registration_failed(line.number, line.revision, code, reason);
    }

    fn hear(&self, told: Told, running: &BTreeMap<AccountNumber, Wish>) {
        match told {
            Told::Refresh(account) => self.agent.refresh(key(account)),
            Told::State(account, state) => {
                let Some(wish) = running.get(&account) else { return };
                match state {
                    RegistrationState::Registered { .. } => {
                        metrics::counter!("tandem_media_registrations_total", "result" => "registered")
                            .increment(1);
                        self.states.registered(account);
                        self.reporter.registered(account, wish.revision);
                    }
                    RegistrationState::Failed { code, reason, retry_in, permanent } => {
                        metrics::counter!("tandem_media_registrations_total", "result" => "failed")
                            .increment(1);
                        tracing::info!(%account, code, permanent, ?retry_in, "an account is not registered");
                        let reason = crate::call::caller::one_line(&reason, 120);
                        self.states.failed(account, code, &reason);
                        self.reporter.registration_failed(account, wish.revision, code, reason);
                    }
                    RegistrationState::Unregistered => self.states.forget(account),
                }
            }
        }
    }
}
