//! The loop that says what waits: it marks rows as being said, calls Telegram, and marks what became of them.

use super::lanes::{Lanes, Waiting};
use super::pacing::{Pacing, Rates};
use super::say::{Kept, Note, Outcome, later, may_repeat, say};
use super::{Batch, Outbox, Priority, sound, table};
use crate::handler::Handler;
use crate::lease::transact;
use crate::outgoing::{Outgoing, Posted};
use crate::telegram::Client;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::UserId;
use event_store::blobs::Blobs;
use event_store::log::Fault;
use event_store::sql::{Statement, TransactError};
use metrics::{counter, gauge, histogram};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

/// Calls that go on at a time. Telegram takes 25 a second, and a call takes well under a second.
const CALLS: usize = 64;

/// Rows kept in memory. The rest waits in the database.
const IN_MEMORY: usize = 10_000;

/// Rows read from the database at a time.
const PAGE: i64 = 5_000;

/// How often to look for rows of dead processes.
const SWEEP: Duration = Duration::from_secs(1);

/// How long the loop waits at most before it looks at the clock again.
const IDLE: Duration = Duration::from_millis(250);

/// How long to wait for a row of another process that comes first in the same chat.
const BEHIND_ANOTHER: TimeDelta = TimeDelta::milliseconds(100);

/// Where keeping an outcome fails, it is tried again after this.
const KEEP_AGAIN: Duration = Duration::from_millis(500);

/// Says what waits. One in each process that speaks.
pub(crate) struct Sender {
    mouth: Mouth,
    handler: Arc<dyn Handler>,
    lanes: Lanes,
    pacing: Pacing,
    /// Everything that waits for the database or for Telegram. The loop itself never does: what it does not poll would
    /// keep connections from what it waits for.
    running: JoinSet<Step>,
}

/// What one attempt needs; the futures of attempts have one each.
#[derive(Clone)]
struct Mouth {
    outbox: Outbox,
    client: Client,
    sounds: Blobs,
    stop: CancellationToken,
}

/// What has come to an end.
enum Step {
    /// These rows were marked as being said, or not.
    Marked(Vec<(Waiting, Mark)>),
    /// This was tried.
    Tried(Box<Waiting>, Outcome),
    /// These rows were in nobody's memory.
    Found(Vec<table::Open>),
    /// Nothing follows from it.
    Noted,
}

/// Whether a row may be said.
enum Mark {
    /// It is marked.
    Ours,
    /// Not yet: an older row of its lane is open, or the database failed.
    Later,
    /// It was said, or another process says it.
    Gone,
}

impl Sender {
    pub(crate) fn new(
        outbox: Outbox,
        (client, sounds): (Client, Blobs),
        handler: Arc<dyn Handler>,
        rates: Rates,
        stop: CancellationToken,
    ) -> Self {
        let mouth = Mouth { outbox, client, sounds, stop };
        Self { mouth, handler, lanes: Lanes::default(), pacing: Pacing::new(rates), running: JoinSet::new() }
    }

    /// Runs until it is stopped; then finishes what is being said and what may be said at once.
    pub(crate) async fn run(mut self) {
        let mut next_sweep = Instant::now();
        loop {
            self.take_fresh();
            let asked = self.mouth.outbox.0.look.swap(false, Ordering::AcqRel);
            if asked || Instant::now() >= next_sweep {
                self.sweep();
                next_sweep = Instant::now() + SWEEP;
            }
            let begun = self.running.len() < CALLS && self.begin();
            if self.mouth.stop.is_cancelled() && !begun && self.running.is_empty() {
                return;
            }
            let wait = self.wait().min(next_sweep.saturating_duration_since(Instant::now()));
            let stop = self.mouth.stop.clone();
            tokio::select! {
                Some(step) = self.running.join_next() => match step {
                    Ok(step) => self.after(step),
                    Err(panicked) => error!(fault = chain(&panicked), "an attempt to say something panicked"),
                },
                () = self.mouth.outbox.0.wake.notified() => {}
                () = stop.cancelled(), if !stop.is_cancelled() => {}
                () = sleep_until(Instant::now() + wait) => {}
            }
        }
    }

    fn take_fresh(&mut self) {
        for waiting in self.mouth.outbox.take_fresh() {
            if self.lanes.len() < IN_MEMORY {
                self.lanes.push(waiting);
            } else {
                self.mouth.outbox.0.unseen.store(true, Ordering::Release);
            }
        }
    }

    /// Begins to say what may be said now; tells whether there was anything.
    fn begin(&mut self) -> bool {
        let now = self.now();
        let turn = self.lanes.turn(&mut self.pacing, now);
        gauge!("bot_outbox_waiting").set(f64::from(u32::try_from(self.lanes.len()).unwrap_or(u32::MAX)));
        if !turn.needless.is_empty() {
            counter!("bot_outbox_coalesced_total").increment(turn.needless.len() as u64);
        }
        if turn.say.is_empty() && turn.needless.is_empty() {
            return false;
        }
        self.running.spawn(self.mouth.clone().mark(turn.say, turn.needless));
        true
    }

    /// Takes note of what has come to an end, and begins what follows from it.
    fn after(&mut self, step: Step) {
        match step {
            Step::Marked(rows) => {
                for (waiting, mark) in rows {
                    match mark {
                        Mark::Ours => {
                            self.running.spawn(self.mouth.clone().try_once(waiting));
                        }
                        Mark::Later => self.lanes.again(waiting, self.now() + BEHIND_ANOTHER),
                        Mark::Gone => self.lanes.done(&waiting.key, &waiting.lane),
                    }
                }
            }
            Step::Tried(waiting, outcome) => self.after_trying(*waiting, outcome),
            Step::Found(rows) => rows.into_iter().for_each(|row| self.found(row)),
            Step::Noted => {}
        }
    }

    fn after_trying(&mut self, mut waiting: Waiting, outcome: Outcome) {
        match outcome {
            Outcome::Said(_) => self.lanes.done(&waiting.key, &waiting.lane),
            Outcome::Again { not_before, too_many, .. } => {
                if too_many && waiting.priority == Priority::Broadcast {
                    self.pacing.hush(not_before);
                }
                waiting.attempts += 1;
                waiting.not_before = Some(not_before);
                self.lanes.again(waiting, not_before);
            }
            Outcome::Dropped { unreachable, .. } => {
                self.lanes.done(&waiting.key, &waiting.lane);
                if let Some(user) = unreachable {
                    self.running.spawn(note_unreachable(Arc::clone(&self.handler), user));
                }
            }
        }
    }

    /// A row of an earlier run, of a dead process, or of more than memory holds.
    fn found(&mut self, row: table::Open) {
        self.mouth.outbox.number_after(row.waiting.seq);
        if self.lanes.knows(&row.waiting.key) {
            return;
        }
        match row.sending_at {
            Some(tried) if !may_repeat(&row.waiting, tried, self.now()) => {
                self.running.spawn(self.mouth.clone().drop_unknown(row.waiting));
            }
            Some(_) | None => self.lanes.push(row.waiting),
        }
    }

    /// Looks for rows that are in nobody's memory.
    fn sweep(&mut self) {
        if self.lanes.len() < IN_MEMORY / 2 {
            self.running.spawn(self.mouth.clone().look());
        }
    }

    fn wait(&self) -> Duration {
        let now = self.now();
        let due = self.lanes.due(now).and_then(|due| (due - now).to_std().ok());
        due.unwrap_or(IDLE).clamp(Duration::from_millis(1), IDLE)
    }

    fn now(&self) -> DateTime<Utc> {
        self.mouth.now()
    }
}

/// Tells the flows that a person does not hear the bot.
async fn note_unreachable(handler: Arc<dyn Handler>, user: UserId) -> Step {
    if let Err(fault) = handler.unreachable(user).await {
        error!(user.id = user.0, fault = chain(&fault), "can't note who does not hear the bot");
    }
    Step::Noted
}

impl Mouth {
    /// Takes over the rows of dead processes and reads rows that are in nobody's memory.
    async fn look(self) -> Step {
        self.read_unseen().await.map_or_else(
            |fault| {
                warn!(fault = chain(&fault), "can't read the outbox");
                Step::Noted
            },
            Step::Found,
        )
    }

    async fn read_unseen(&self) -> Result<Vec<table::Open>, Fault> {
        let (database, owner) = (&*self.outbox.0.database, &self.outbox.0.owner);
        let unseen = &self.outbox.0.unseen;
        let adopted = table::adopt(database, owner, self.now()).await?;
        if adopted > 0 {
            info!(rows = adopted, "took over what a dead process had to say");
        }
        if !unseen.swap(false, Ordering::AcqRel) && adopted == 0 {
            return Ok(Vec::new());
        }
        let rows = table::open(database, owner, PAGE).await;
        let all_seen = rows.as_ref().is_ok_and(|rows| i64::try_from(rows.len()).unwrap_or(PAGE) < PAGE);
        unseen.fetch_or(!all_seen, Ordering::AcqRel);
        rows
    }

    /// Gives up a message that may have arrived long ago.
    async fn drop_unknown(self, waiting: Waiting) -> Step {
        let why = "whether it arrived is unknown";
        counter!("bot_outbox_dropped_total").increment(1);
        warn!(outbox.key = waiting.key, "a message is not repeated: {why}");
        let dropped = vec![table::dropped(&waiting.key, why, self.now())];
        if let Err(fault) = transact(&*self.outbox.0.database, dropped, "drop a row of the outbox").await {
            warn!(fault = chain(&fault), "a row stays open");
            self.outbox.0.unseen.store(true, Ordering::Release);
        }
        Step::Noted
    }

    /// Marks rows as being said, and needless ones as said, in one transaction.
    async fn mark(self, rows: Vec<Waiting>, needless: Vec<Waiting>) -> Step {
        let (now, owner) = (self.now(), &self.outbox.0.owner);
        let needless = needless.iter().map(|row| table::sent(&row.key, now));
        let marks = rows.iter().map(|row| table::sending(&row.key, owner, now));
        let statements: Vec<Statement> = needless.chain(marks).collect();
        let needless = statements.len() - rows.len();
        let changed = match self.outbox.0.database.transact(statements).await {
            Ok(changed) => changed,
            Err(failed) => {
                warn!(fault = chain(&failed), "can't mark what is being said");
                return Step::Marked(rows.into_iter().map(|row| (row, Mark::Later)).collect());
            }
        };
        let mut marked = Vec::with_capacity(rows.len());
        for (row, changed) in rows.into_iter().zip(changed.into_iter().skip(needless)) {
            let mark = if changed == 1 { Mark::Ours } else { self.why_not(&row).await };
            marked.push((row, mark));
        }
        Step::Marked(marked)
    }

    async fn why_not(&self, row: &Waiting) -> Mark {
        match table::is_ours(&*self.outbox.0.database, &row.key, &self.outbox.0.owner).await {
            Ok(true) | Err(_) => Mark::Later,
            Ok(false) => Mark::Gone,
        }
    }

    /// Says a row once and keeps what became of it.
    async fn try_once(self, waiting: Waiting) -> Step {
        let begun = Instant::now();
        let outcome = self.attempt(&waiting).await;
        histogram!("bot_call_seconds").record(begun.elapsed().as_secs_f64());
        self.report(&waiting, &outcome);
        let then = self.follows(&waiting, &outcome);
        let mut statements = self.statements(&waiting, &outcome);
        statements.extend(then.iter().flat_map(Batch::statements));
        while !statements.is_empty() {
            let Err(failed) = self.outbox.0.database.transact(statements.clone()).await else { break };
            warn!(outbox.key = waiting.key, fault = chain(&failed), "can't keep what became of a message");
            if self.stop.is_cancelled() || matches!(failed, TransactError::Raced { .. }) {
                break;
            }
            sleep_until(Instant::now() + KEEP_AGAIN).await;
        }
        if let Some(then) = then {
            self.outbox.committed(then);
        }
        sound::forget(&self.sounds, &waiting, &outcome).await;
        Step::Tried(Box::new(waiting), outcome)
    }

    async fn attempt(&self, waiting: &Waiting) -> Outcome {
        match &waiting.says {
            Outgoing::Show { chat, slot, .. } => match self.outbox.kept(*chat, slot).await {
                Ok(kept) => say(&self.client, waiting, &kept, self.now()).await,
                Err(fault) => later(&fault, self.now()),
            },
            Outgoing::Post { post: Posted::Sound { reference, .. }, .. } => {
                sound::attempt(&self.client, &self.sounds, waiting, reference, self.now()).await
            }
            Outgoing::Post { post: Posted::Words(_), .. }
            | Outgoing::Send { .. }
            | Outgoing::Edit { .. }
            | Outgoing::EditInline { .. }
            | Outgoing::Delete { .. }
            | Outgoing::AnswerPress { .. }
            | Outgoing::AnswerInline { .. } => say(&self.client, waiting, &Kept::default(), self.now()).await,
        }
    }

    /// What is said next because something was posted, or could not be.
    fn follows(&self, waiting: &Waiting, outcome: &Outcome) -> Option<Batch> {
        let Outgoing::Post { done, failed, .. } = &waiting.says else { return None };
        let then = match outcome {
            Outcome::Said(_) => done,
            Outcome::Dropped { .. } => failed,
            Outcome::Again { .. } => return None,
        };
        let says = then.clone();
        Some(self.outbox.batch(&format!("{}:then", waiting.key), waiting.priority, says))
    }

    fn statements(&self, waiting: &Waiting, outcome: &Outcome) -> Vec<Statement> {
        let now = self.now();
        match outcome {
            Outcome::Said(noted) => {
                let noted = noted.iter().map(|note| match note {
                    Note::Message(message, slot) => table::remember(*message, slot, now),
                    Note::NoMessage(chat, slot) => table::forget(*chat, slot),
                    Note::NoInline(chat, slot) => table::forget_inline(*chat, slot),
                    Note::Shown(chat, slot, version) => table::shown(*chat, slot, *version, now),
                });
                std::iter::once(table::sent(&waiting.key, now)).chain(noted).collect()
            }
            Outcome::Again { unknown: true, .. } => Vec::new(),
            Outcome::Again { why, not_before, unknown: false, .. } => {
                vec![table::again(&waiting.key, why, *not_before)]
            }
            Outcome::Dropped { why, .. } => vec![table::dropped(&waiting.key, why, now)],
        }
    }

    fn report(&self, waiting: &Waiting, outcome: &Outcome) {
        match outcome {
            Outcome::Said(_) => {
                counter!("bot_outbox_sent_total").increment(1);
                let age = (self.now() - waiting.created_at).to_std().unwrap_or_default();
                histogram!("bot_outbox_seconds").record(age.as_secs_f64());
            }
            Outcome::Again { why, too_many, .. } => {
                counter!("bot_outbox_again_total").increment(1);
                if !too_many {
                    warn!(outbox.key = waiting.key, why, "a message has to be sent again");
                }
            }
            Outcome::Dropped { why, unreachable } => {
                counter!("bot_outbox_dropped_total").increment(1);
                if unreachable.is_none() {
                    error!(outbox.key = waiting.key, why, "a message can't be sent");
                }
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.outbox.0.clock.now()
    }
}

/// An error with everything that caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
