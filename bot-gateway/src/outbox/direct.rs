//! Answers to presses and inline queries: they go out at once, within eight seconds, and never wait in a queue. Later
//! they are worth nothing.

use crate::outgoing::Outgoing;
use crate::telegram::{Client, ErrorClass, request};
use metrics::counter;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout_at};
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};

/// After this the app of the person has given up waiting, or is about to.
const DEADLINE: Duration = Duration::from_secs(8);

/// Between two attempts, where Telegram does not say how long to wait.
const PAUSE: Duration = Duration::from_millis(250);

/// Answers under way at a time; past this an answer is dropped, and the app shows its spinner a while.
const ANSWERS: usize = 256;

/// Sends answers. Clones share one bound.
#[derive(Clone)]
pub(crate) struct Direct {
    client: Client,
    tracker: TaskTracker,
    room: Arc<Semaphore>,
}

impl Direct {
    pub(crate) fn new(client: Client, tracker: TaskTracker) -> Self {
        Self { client, tracker, room: Arc::new(Semaphore::new(ANSWERS)) }
    }

    /// Sends an answer without waiting for the end of it.
    pub(crate) fn answer(&self, answer: &Outgoing) {
        let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() else {
            counter!("bot_answers_dropped_total").increment(1);
            return;
        };
        let (client, request) = (self.client.clone(), request(answer));
        self.tracker.spawn(async move {
            let deadline = Instant::now() + DEADLINE;
            if timeout_at(deadline, until_answered(&client, &request)).await.is_err() {
                counter!("bot_answers_late_total").increment(1);
                warn!(method = request.method, "an answer did not go out in time");
            }
            drop(permit);
        });
    }
}

async fn until_answered(client: &Client, request: &crate::telegram::Request) {
    loop {
        let Err(error) = client.call_within(request, DEADLINE).await else { return };
        let wait = match error.class {
            ErrorClass::TooMany(wait) => wait,
            ErrorClass::Failed | ErrorClass::Unconnected | ErrorClass::Unanswered => PAUSE,
            ErrorClass::TooLate => {
                debug!(method = request.method, "answered before, or too late");
                return;
            }
            ErrorClass::NotModified
            | ErrorClass::NothingToDelete
            | ErrorClass::NoTarget
            | ErrorClass::Unreachable
            | ErrorClass::Conflict
            | ErrorClass::TokenWrong
            | ErrorClass::Refused => {
                warn!(method = request.method, why = error.text, "an answer is refused");
                return;
            }
        };
        sleep_until(Instant::now() + wait).await;
    }
}

/// Whether this never waits in the outbox.
pub(crate) fn is_answer(says: &Outgoing) -> bool {
    match says {
        Outgoing::AnswerPress { .. } | Outgoing::AnswerInline { .. } => true,
        Outgoing::Send { .. }
        | Outgoing::Edit { .. }
        | Outgoing::EditInline { .. }
        | Outgoing::Show { .. }
        | Outgoing::Post { .. }
        | Outgoing::Delete { .. } => false,
    }
}
