//! Registrations of thousands of accounts: one schedule for all of them, and a task only for those under way.

mod attempt;
mod line;
mod policy;

pub(crate) use line::{Line, contact};

use crate::account::{AccountKey, Transport};
use crate::agent::Shared;
use crate::event::{Event, RegistrationState};
use attempt::Attempt;
use policy::{Next, Outcome};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Who is to be registered when.
#[derive(Default)]
pub(crate) struct Schedule {
    due: Mutex<Due>,
    changed: Notify,
}

#[derive(Default)]
struct Due {
    by_time: BTreeSet<(Instant, AccountKey)>,
    by_key: HashMap<AccountKey, Instant>,
    busy: HashSet<AccountKey>,
    /// Asked for again while under way.
    again: HashSet<AccountKey>,
}

impl Schedule {
    /// Registers an account at a time; an earlier plan for it is dropped.
    pub(crate) fn plan(&self, key: AccountKey, at: Instant) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.busy.contains(&key) {
            due.again.insert(key);
            return;
        }
        due.put(key, at);
        drop(due);
        self.changed.notify_one();
    }

    /// Drops the plan for an account.
    pub(crate) fn forget(&self, key: AccountKey) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.take(key);
        due.again.remove(&key);
    }

    /// The account whose turn it is, taken off the plan; otherwise when the next one's is.
    fn next(&self, now: Instant) -> Result<AccountKey, Option<Instant>> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        match due.by_time.first().copied() {
            Some((at, key)) if at <= now => {
                due.take(key);
                due.busy.insert(key);
                Ok(key)
            }
            Some((at, _)) => Err(Some(at)),
            None => Err(None),
        }
    }

    fn finished(&self, key: AccountKey, next: Option<Instant>, now: Instant) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        due.busy.remove(&key);
        let again = due.again.remove(&key).then_some(now);
        if let Some(at) = again.or(next) {
            due.put(key, at);
        }
        drop(due);
        self.changed.notify_one();
    }
}

impl Due {
    fn put(&mut self, key: AccountKey, at: Instant) {
        self.take(key);
        self.by_time.insert((at, key));
        self.by_key.insert(key, at);
    }

    fn take(&mut self, key: AccountKey) {
        if let Some(at) = self.by_key.remove(&key) {
            self.by_time.remove(&(at, key));
        }
    }
}

/// Registers whoever's turn it is, until told to stop.
pub(crate) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let permits = Arc::new(Semaphore::new(shared.registrations_at_once.max(1)));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let key = loop {
            let wake = match shared.schedule.next(Instant::now()) {
                Ok(key) => break key,
                Err(wake) => wake,
            };
            let far = Instant::now() + Duration::from_secs(3600);
            tokio::select! {
                () = stop.cancelled() => return,
                () = shared.schedule.changed.notified() => (),
                () = tokio::time::sleep_until(wake.unwrap_or(far)) => (),
            }
        };
        let (inner, stop) = (Arc::clone(&shared), stop.clone());
        shared.stack.spawn(async move {
            let _permit = permit;
            let next = tokio::select! {
                () = stop.cancelled() => None,
                next = one(&inner, key) => next,
            };
            inner.schedule.finished(key, next, Instant::now());
        });
    }
}

/// One attempt for one account; when the next is due.
async fn one(shared: &Shared, key: AccountKey) -> Option<Instant> {
    let line = shared.lines().by_key(key)?;
    let attempt = attempt::attempt(&shared.stack, &line, line.account.expires).await;
    // It was taken away meanwhile: nothing more is said about it here.
    let still = shared.lines().by_key(key).is_some_and(|now| Arc::ptr_eq(&now, &line));
    if !still {
        return None;
    }
    let (next, told) = conclude(&line, attempt);
    if let Some(state) = told {
        shared.emit(Event::Registration { account: key, state }).await;
    }
    next.map(|pause| Instant::now() + pause)
}

/// What an attempt means: when to come again, and what to tell where it is news.
fn conclude(line: &Line, attempt: Attempt) -> (Option<Duration>, Option<RegistrationState>) {
    let mut state = line.state();
    let next = state.policy.after(attempt.outcome, rand::random());
    let now = match (attempt.outcome, next) {
        (Outcome::Granted(expires), _) => RegistrationState::Registered { expires },
        (Outcome::Refused { code, .. }, Next::Retry(pause) | Next::Refresh(pause)) => {
            RegistrationState::Failed { code, reason: attempt.words, retry_in: Some(pause), permanent: false }
        }
        (Outcome::Refused { code, .. }, Next::Stop) => {
            RegistrationState::Failed { code, reason: attempt.words, retry_in: None, permanent: true }
        }
    };
    let pause = match next {
        Next::Refresh(pause) | Next::Retry(pause) => Some(pause),
        Next::Stop => None,
    };
    let news = !state.told.as_ref().is_some_and(|before| same(before, &now));
    if news {
        state.told = Some(now.clone());
    }
    (pause, news.then_some(now))
}

/// Whether two states are one to a person: an expiry that differs by seconds, or another pause, is no news.
fn same(a: &RegistrationState, b: &RegistrationState) -> bool {
    use RegistrationState::{Failed, Registered, Unregistered};
    match (a, b) {
        (Registered { .. }, Registered { .. }) | (Unregistered, Unregistered) => true,
        (Failed { code: a, permanent: p, .. }, Failed { code: b, permanent: q, .. }) => a == b && p == q,
        (Registered { .. } | Failed { .. } | Unregistered, _) => false,
    }
}

/// Signs an account off; the words of a registrar that objects interest nobody.
pub(crate) async fn sign_off(shared: &Shared, line: &Line) {
    let registered = matches!(line.state().told, Some(RegistrationState::Registered { .. }));
    if registered {
        attempt::attempt(&shared.stack, line, Duration::ZERO).await;
    }
}

/// The servers that must be pinged so that calls find the way through address translators.
pub(crate) fn kept_open(shared: &Shared) -> HashSet<SocketAddr> {
    let lines = shared.lines();
    let hops = lines.all().filter_map(|line| {
        let state = line.state();
        let up = matches!(state.told, Some(RegistrationState::Registered { .. }));
        state.hop.filter(|hop| up && hop.transport == Transport::Udp)
    });
    hops.map(|hop| hop.address).collect()
}
