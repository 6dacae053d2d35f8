//! Tells the log what happens in calls and to registrations.
//!
//! Reports of one call arrive in order. While the log is away they wait in memory, and calls go on. Every command may
//! come twice and records nothing the second time, so a report whose answer was lost is simply given again.

mod queues;
mod send;

pub use queues::{Queues, Weight};

use crate::call::Report;
use chrono::{DateTime, Utc};
use domain::call::Gateway;
use domain::ids::{AccountNumber, CallId, Revision, UserId};
use event_store::clock::Clock;
use event_store::dispatcher::Dispatcher;
use event_store::vault::Vault;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Commands given at the same time: they are of different calls, and the log groups their appends.
const AT_ONCE: usize = 32;

/// How long the process waits at its end until everything is told.
const FAREWELL: Duration = Duration::from_secs(10);

/// Takes reports. Cheap to clone; never waits.
#[derive(Clone)]
pub struct Reporter(Arc<Inner>);

struct Inner {
    queues: Mutex<Queues<About, Told>>,
    wake: Notify,
    clock: Arc<dyn Clock>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Call(CallId),
    Account(AccountNumber),
}

/// A report and when it was made: the log is told that moment, however late.
#[derive(Debug, Clone)]
struct Told {
    at: DateTime<Utc>,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Call { of: Of, report: CallReport },
    Registered(Revision),
    RegistrationFailed { revision: Revision, code: u16, reason: String },
}

/// Whose call it is, and who carries it.
#[derive(Debug, Clone)]
pub struct Of {
    /// The person.
    pub user: UserId,
    /// The account's owner.
    pub owner: UserId,
    /// Through which account.
    pub account: AccountNumber,
    /// This process.
    pub gateway: Gateway,
}

/// What is told of a call.
#[derive(Debug, Clone)]
pub enum CallReport {
    /// What the state machine says.
    Said(Report),
    /// The file of a recording is stored.
    Saved {
        /// Under what.
        reference: String,
        /// How long it is.
        length: Duration,
    },
    /// The file of a recording is lost.
    Lost {
        /// Why.
        reason: String,
    },
}

/// What sending needs.
pub struct Sending {
    /// Where commands go.
    pub dispatcher: Dispatcher,
    /// Seals numbers and names.
    pub vault: Arc<Vault>,
}

impl Reporter {
    /// Nothing is told until [`Reporter::run`].
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner { queues: Mutex::default(), wake: Notify::new(), clock }))
    }

    /// Something about a call.
    pub fn call(&self, call: CallId, of: Of, report: CallReport) {
        let told = Told { at: self.0.clock.now(), what: What::Call { of, report } };
        self.queues().push(About::Call(call), told, weight);
        self.0.wake.notify_one();
    }

    /// An account is registered.
    pub fn registered(&self, account: AccountNumber, revision: Revision) {
        self.about(account, What::Registered(revision));
    }

    /// An account could not be registered.
    pub fn registration_failed(&self, account: AccountNumber, revision: Revision, code: u16, reason: String) {
        self.about(account, What::RegistrationFailed { revision, code, reason });
    }

    fn about(&self, account: AccountNumber, what: What) {
        let told = Told { at: self.0.clock.now(), what };
        self.queues().replace(About::Account(account), told);
        self.0.wake.notify_one();
    }

    /// How many calls and accounts have something to tell.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queues().len()
    }

    /// Sends until `stop`, and then what is left, for ten seconds at most.
    pub async fn run(self, sending: Sending, stop: CancellationToken) {
        _ = stop.run_until_cancelled(self.work(&sending, false)).await;
        // Whatever was under way is given again: it records nothing twice.
        self.queues().release();
        if tokio::time::timeout(FAREWELL, self.work(&sending, true)).await.is_err() {
            let waiting = self.waiting();
            tracing::error!(waiting, "the log was away at the end, and was not told everything");
        }
    }

    async fn work(&self, sending: &Sending, to_the_end: bool) {
        let mut under_way = FuturesUnordered::new();
        loop {
            let now = self.0.clock.now();
            let room = AT_ONCE - under_way.len();
            let (ready, next, empty) = {
                let mut queues = self.queues();
                (queues.ready(now, room), queues.next(), queues.is_empty())
            };
            under_way.extend(ready.into_iter().map(|(about, told)| async move {
                let done = send::send(sending, about, &told).await;
                (about, done)
            }));
            metrics::gauge!("tandem_media_reports_waiting").set(self.waiting() as f64);
            if to_the_end && empty {
                return;
            }
            let pause = next.map_or(Duration::from_secs(60), |at| (at - now).to_std().unwrap_or_default());
            let again = tokio::time::Instant::now() + pause.max(Duration::from_millis(5));
            tokio::select! {
                Some((about, done)) = under_way.next() => self.done(about, done),
                () = self.0.wake.notified(), if room > 0 => {}
                () = tokio::time::sleep_until(again), if room > 0 => {}
            }
        }
    }

    fn done(&self, about: About, done: Result<(), event_store::log::Fault>) {
        let now = self.0.clock.now();
        match done {
            Ok(()) => self.queues().sent(&about),
            Err(fault) => {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(?about, error, "the log is away; the call goes on, and it is told later");
                self.queues().failed(&about, now);
            }
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues<About, Told>> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The log can do without the to and fro of hold; it can't do without a beginning, an answer or an end.
fn weight(told: &Told) -> Weight {
    match &told.what {
        What::Call { report: CallReport::Said(Report::Held | Report::Resumed | Report::Rang), .. } => {
            Weight::May
        }
        What::Call { .. } | What::Registered(_) | What::RegistrationFailed { .. } => Weight::Must,
    }
}
