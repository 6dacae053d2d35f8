//! The work on one person's updates, and the search for work that was left in the inbox.

use super::people::{Job, Next};
use super::{Intake, inbox, lock};
use crate::handler::TurnedAway;
use crate::incoming::{Act, Incoming};
use crate::lease::transact;
use crate::outbox::direct::is_answer;
use crate::outbox::sender::chain;
use crate::outbox::{Outbox, Priority};
use crate::outgoing::Outgoing;
use crate::telegram::{ErrorClass, MAX_TEXT_FILE, Read, read};
use domain::ids::UserId;
use event_store::log::Fault;
use event_store::sql::{Statement, TransactError};
use futures::FutureExt as _;
use metrics::{counter, gauge, histogram};
use secrecy::ExposeSecret as _;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tracing::{error, info, warn};

/// After each failure, how long to wait before the next attempt. After the last one the update is set aside.
const PAUSES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// A handler that takes longer hangs.
const HANG: Duration = Duration::from_secs(30);

/// Updates of one person read from the inbox at a time.
const PAGE: i64 = 64;

/// People found in the inbox at a time.
const FOUND: i64 = 1_000;

/// What became of an update.
enum Handled {
    /// Done, and whether the claim was let go with it.
    Done { let_go: bool },
    /// Another process did it.
    Elsewhere,
    /// It stays in the inbox: the process stops, or the database can't be written.
    Left,
}

impl Intake {
    /// Works on a person until nothing is left to do.
    pub(super) fn start(self: &Arc<Self>, person: UserId) {
        let intake = Arc::clone(self);
        self.parts.tracker.spawn(async move { intake.work(person).await });
    }

    async fn work(&self, person: UserId) {
        let (mut claimed, mut handled) = (false, HashSet::new());
        loop {
            let next = lock(&self.people).next(person, claimed && self.parts.shared);
            let jobs = match next {
                Next::Stop => return,
                Next::LetGo => {
                    claimed = self.let_go(person).await;
                    continue;
                }
                Next::Do(job) => {
                    claimed |= job.claimed;
                    vec![*job]
                }
                Next::Look => match self.look(person, &mut claimed).await {
                    Ok(jobs) => jobs,
                    Err(fault) => {
                        warn!(fault = chain(&fault), "can't read the inbox");
                        self.leave(person);
                        return;
                    }
                },
            };
            for job in jobs {
                if handled.contains(&job.incoming.update) {
                    continue;
                }
                if !claimed && !self.claim(person).await {
                    lock(&self.people).give_up(person);
                    return;
                }
                claimed = true;
                handled.insert(job.incoming.update);
                match self.process(job).await {
                    Handled::Done { let_go } => {
                        if let_go {
                            claimed = false;
                            lock(&self.people).let_go(person, self.parts.shared);
                        }
                    }
                    Handled::Elsewhere => {}
                    Handled::Left => {
                        self.leave(person);
                        return;
                    }
                }
            }
        }
    }

    /// Reads what waits in the inbox for a person, under the person's claim.
    async fn look(&self, person: UserId, claimed: &mut bool) -> Result<Vec<Job>, Fault> {
        let database = &*self.parts.database;
        *claimed |= lock(&self.people).is_claimed(person);
        let mut rows = inbox::waiting(database, person, PAGE).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        if !*claimed {
            if !self.claim(person).await {
                return Ok(Vec::new());
            }
            *claimed = true;
            rows = inbox::waiting(database, person, PAGE).await?;
        }
        if rows.len() > 1 {
            lock(&self.people).look_again(person);
        }
        let mut jobs = Vec::with_capacity(rows.len());
        for (update, sealed) in rows {
            let known = lock(&self.people).take(person, update);
            if let Some(known) = known {
                jobs.push(known);
                continue;
            }
            let raw = self.parts.vault.open(&sealed, &inbox::purpose(update)).await;
            let raw = raw.map_err(|error| Fault::new(format!("open the stored update {update}"), error));
            let read = raw.and_then(|raw| {
                let raw = std::str::from_utf8(raw.expose_secret());
                raw.map(read).map_err(|error| Fault::new("read a stored update", error))
            });
            match read {
                Ok(Read::Act { incoming, file }) => {
                    jobs.push(Job { incoming, file, redelivered: true, claimed: true });
                }
                Ok(Read::Nothing | Read::Unknown { .. }) => {
                    self.set_aside_unread(update, "of a form this version does not know").await?;
                }
                Err(fault) => self.set_aside_unread(update, &chain(&fault)).await?,
            }
        }
        Ok(jobs)
    }

    async fn set_aside_unread(&self, update: u32, why: &str) -> Result<(), Fault> {
        error!(update.id = update, why, "a stored update is set aside");
        let statement = Statement { expect_rows: None, ..inbox::set_aside(update, why, self.now()) };
        transact(&*self.parts.database, vec![statement], "set an update aside").await.map(drop)
    }

    /// Takes the person's claim; always ours where there is no other process.
    async fn claim(&self, person: UserId) -> bool {
        if !self.parts.shared {
            return true;
        }
        let claim = inbox::claim(person, &self.parts.owner, self.now());
        match transact(&*self.parts.database, vec![claim], "claim a person's updates").await {
            Ok(changed) => changed.first() == Some(&1),
            Err(fault) => {
                warn!(fault = chain(&fault), "can't claim a person's updates");
                lock(&self.people).leave_to_the_inbox();
                false
            }
        }
    }

    /// Lets the person's claim go; tells whether it is still held.
    async fn let_go(&self, person: UserId) -> bool {
        let release = vec![inbox::let_go(person, &self.parts.owner)];
        let released = transact(&*self.parts.database, release, "let a person's updates go").await;
        if let Err(fault) = &released {
            warn!(fault = chain(fault), "a claim is kept");
        }
        lock(&self.people).let_go(person, released.is_ok());
        false
    }

    fn leave(&self, person: UserId) {
        let mut people = lock(&self.people);
        people.give_up(person);
        people.leave_to_the_inbox();
    }

    /// Handles one update, again and again if need be.
    async fn process(&self, mut job: Job) -> Handled {
        let begun = Instant::now();
        let mut pauses = PAUSES.into_iter();
        loop {
            let fault = match self.attempt(&mut job).await {
                Ok(handled) => {
                    histogram!("bot_update_seconds").record(begun.elapsed().as_secs_f64());
                    return handled;
                }
                Err(fault) => fault,
            };
            counter!("bot_handler_faults_total").increment(1);
            error!(update.id = job.incoming.update, fault = chain(&fault), "handling an update failed");
            job.redelivered = true;
            let Some(pause) = pauses.next() else { return self.set_aside(&job.incoming, &fault).await };
            if timeout(pause, self.parts.stop.cancelled()).await.is_ok() {
                return Handled::Left;
            }
        }
    }

    async fn attempt(&self, job: &mut Job) -> Result<Handled, Fault> {
        let Ok(_hand) = self.hands.acquire().await else { return Ok(Handled::Left) };
        self.fetch(job).await?;
        let handled =
            AssertUnwindSafe(self.parts.handler.handle(&job.incoming, job.redelivered)).catch_unwind();
        let says = match timeout(HANG, handled).await {
            Ok(Ok(says)) => says?,
            Ok(Err(_)) => return Err(Fault::because("the handler panicked")),
            Err(_) => return Err(Fault::because("the handler did not come to an end")),
        };
        let done = inbox::done(job.incoming.update, self.now());
        self.finish(&job.incoming, says, done).await
    }

    /// Fetches the file that came with an update, if it is not too large.
    async fn fetch(&self, job: &mut Job) -> Result<(), Fault> {
        let Some(file) = job.file.clone() else { return Ok(()) };
        if file.size <= MAX_TEXT_FILE {
            let text = match self.parts.client.fetch_text(&file.id).await {
                Ok(text) => text,
                Err(error) if error.class == ErrorClass::Refused => None,
                Err(error) => return Err(Fault::new("fetch a file", error)),
            };
            if let Act::TextFile { content, .. } = &mut job.incoming.act {
                *content = text;
            }
        }
        job.file = None;
        Ok(())
    }

    async fn set_aside(&self, incoming: &Incoming, fault: &Fault) -> Handled {
        counter!("bot_updates_set_aside_total").increment(1);
        error!(update.id = incoming.update, "an update is set aside after four attempts");
        let says = self.parts.handler.turned_away(incoming, TurnedAway::Broken);
        let set_aside = inbox::set_aside(incoming.update, &chain(fault), self.now());
        self.finish(incoming, says, set_aside).await.unwrap_or_else(|fault| {
            warn!(fault = chain(&fault), "can't set an update aside");
            Handled::Left
        })
    }

    /// Answers at once; keeps what else is to be said together with the end of the update.
    async fn finish(
        &self,
        incoming: &Incoming,
        says: Vec<Outgoing>,
        end: Statement,
    ) -> Result<Handled, Fault> {
        let (answers, rest): (Vec<Outgoing>, Vec<Outgoing>) = says.into_iter().partition(is_answer);
        answers.iter().for_each(|answer| self.direct.answer(answer));

        let person = incoming.from.id;
        let outbox: &Outbox = &self.parts.outbox;
        let batch = outbox.batch(&format!("update:{}", incoming.update), Priority::Reply, rest);
        let let_go = self.parts.shared && lock(&self.people).may_let_go(person);
        let release = let_go.then(|| inbox::let_go(person, &self.parts.owner));
        let statements = std::iter::once(end).chain(batch.statements()).chain(release).collect();
        match self.parts.database.transact(statements).await {
            Ok(_) => {
                outbox.committed(batch);
                Ok(Handled::Done { let_go })
            }
            Err(TransactError::Raced { .. }) => {
                lock(&self.people).keep(person);
                info!(update.id = incoming.update, "another process has done this update");
                Ok(Handled::Elsewhere)
            }
            Err(TransactError::Fault(fault)) => {
                lock(&self.people).keep(person);
                Err(Fault::new("keep what an update led to", fault))
            }
        }
    }

    /// Looks through the inbox for what nobody works on: at the start, after a lack of room, and, where there are other
    /// processes, for what they left. What is on its way through this process is known, so it is not taken twice.
    pub(crate) async fn sweep(self: &Arc<Self>, at_start: bool) {
        let backlog = lock(&self.people).take_backlog();
        if !(at_start || backlog || self.parts.shared) {
            return;
        }
        let found = inbox::people_waiting(&*self.parts.database, &self.parts.owner, self.now(), FOUND).await;
        let people = match found {
            Ok(people) => people,
            Err(fault) => {
                warn!(fault = chain(&fault), "can't look through the inbox");
                lock(&self.people).leave_to_the_inbox();
                return;
            }
        };
        if i64::try_from(people.len()).unwrap_or(FOUND) >= FOUND {
            lock(&self.people).leave_to_the_inbox();
        }
        for person in people {
            if lock(&self.people).adopt(person) {
                self.start(person);
            }
        }
    }

    /// Forgets what is no longer needed and tells how much waits.
    pub(crate) async fn tidy(&self) -> Result<(), Fault> {
        let database = &*self.parts.database;
        let before = self.now() - inbox::KEPT;
        let purge = vec![inbox::purge(before), crate::outbox::purge(before)];
        transact(database, purge, "forget old updates").await?;
        let (waiting, set_aside) = inbox::depth(database).await?;
        #[expect(clippy::cast_precision_loss, reason = "a gauge; nobody counts 2^52 updates")]
        {
            gauge!("bot_inbox_waiting").set(waiting as f64);
            gauge!("bot_inbox_set_aside").set(set_aside as f64);
        }
        Ok(())
    }
}
