//! One follower at work: from the place where it stands to the end of the log, and on, for as long as it holds its lease.

use super::checkpoint::{Desk, Hold, Stopped};
use super::parked::{Wanted, Wish};
use super::tail::{Entry, Page, Tail, elapsed};
use super::work::{Work, digest};
use crate::log::{Fault, StreamId};
use crate::sql::Dialect;
use domain::log::Position;
use futures::future::BoxFuture;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How often a failing page is tried before its bad event is looked for, and a failing event before it is parked.
const TRIES: u32 = 5;

/// The pause after the first failure; it doubles with each.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// How often a resting follower keeps its lease and looks for wishes of an operator: a third of the lease.
const BEAT: Duration = Duration::from_secs(1);

/// A follower that holds its lease.
pub(super) struct Follower<'a> {
    pub(super) desk: &'a Desk,
    pub(super) tail: &'a Tail,
    pub(super) hold: Hold,
    pub(super) work: Box<dyn Work>,
    /// Streams of which something is parked; what else comes of them waits too.
    pub(super) parked: HashSet<String>,
    /// Tells the process how far it is.
    pub(super) progress: watch::Sender<Option<Position>>,
}

impl Follower<'_> {
    /// Follows until told to stop; then gives the lease back.
    pub(super) async fn follow(&mut self, stop: &CancellationToken) -> Result<(), Stopped> {
        let mut head = self.tail.head();
        let mut beat = tokio::time::interval(BEAT);
        self.progress.send_replace(Some(self.hold.position));
        loop {
            head.mark_unchanged();
            let page = self.tail.page(self.hold.position).await?;
            if !page.entries.is_empty() {
                self.page(&page).await?;
                if stop.is_cancelled() {
                    self.desk.release(&self.hold).await;
                    return Ok(());
                }
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {
                    self.desk.release(&self.hold).await;
                    return Ok(());
                }
                _ = head.changed() => {}
                _ = beat.tick() => {
                    // SQLite has one process, and a disk that would rather rest.
                    if self.desk.db.dialect() == Dialect::Postgres {
                        self.desk.advance(&mut self.hold, Vec::new(), page.cursor).await?;
                    }
                    self.grant_wishes().await?;
                }
            }
        }
    }

    /// Digests a page, and reads the next one meanwhile when there is more.
    async fn page(&mut self, page: &Arc<Page>) -> Result<(), Stopped> {
        let tail = self.tail;
        let ahead = async {
            if page.full {
                // The page is kept for the next turn; an error comes again there.
                drop(tail.page(page.cursor).await);
            }
        };
        let (digested, ()) = tokio::join!(self.portions(page), ahead);
        digested?;
        self.measure(page);
        Ok(())
    }

    async fn portions(&mut self, page: &Page) -> Result<(), Stopped> {
        let portion = self.work.portion().min(page.entries.len()).max(1);
        let mut entries = page.entries.as_slice();
        while !entries.is_empty() {
            let (now, later) = entries.split_at(portion.min(entries.len()));
            let to = match (later.is_empty(), now.last()) {
                (false, Some(last)) => last.position,
                (true, _) | (false, None) => page.cursor,
            };
            self.persist(now, to, TRIES).await?;
            self.progress.send_replace(Some(self.hold.position));
            entries = later;
        }
        Ok(())
    }

    /// Digests these entries, whatever it takes: again, in halves, one by one, and at last by parking one.
    fn persist<'a>(
        &'a mut self,
        entries: &'a [Entry],
        to: Position,
        tries: u32,
    ) -> BoxFuture<'a, Result<(), Stopped>> {
        Box::pin(async move {
            let fault = match self.attempts(entries, to, tries).await {
                Err(Stopped::Fault(fault)) => fault,
                result => return result,
            };
            // Where even an empty write fails it is the database that is bad, and not an event.
            let here = self.hold.position;
            self.desk.advance(&mut self.hold, Vec::new(), here).await?;
            if let [entry] = entries {
                return self.park(entry, to, &fault).await;
            }
            let (first, second) = entries.split_at(entries.len() / 2);
            let middle = first.last().map_or(to, |entry| entry.position);
            let tries = |half: &[Entry]| if half.len() == 1 { TRIES } else { 1 };
            self.persist(first, middle, tries(first)).await?;
            self.persist(second, to, tries(second)).await
        })
    }

    async fn attempts(&mut self, entries: &[Entry], to: Position, tries: u32) -> Result<(), Stopped> {
        let mut pause = FIRST_PAUSE;
        for left in (0..tries).rev() {
            match self.attempt(entries, to).await {
                Err(Stopped::Fault(fault)) if left > 0 => {
                    metrics::counter!("tandem_follower_retries_total", "follower" => self.hold.name.clone())
                        .increment(1);
                    tracing::warn!(
                        follower = self.hold.name,
                        error = &fault as &dyn std::error::Error,
                        "a page failed; trying again"
                    );
                    self.work.reset();
                    elapsed(pause).await;
                    pause *= 2;
                }
                result => {
                    if result.is_err() {
                        self.work.reset();
                    }
                    return result;
                }
            }
        }
        Ok(())
    }

    async fn attempt(&mut self, entries: &[Entry], to: Position) -> Result<(), Stopped> {
        let mut parking = Vec::new();
        let mut blocked: HashSet<&str> = HashSet::new();
        let mut events = Vec::with_capacity(entries.len());
        for entry in entries {
            if blocked.contains(entry.stream.as_str()) || self.parked.contains(&entry.stream) {
                parking.push(self.desk.park(&self.hold, &entry.stream, entry.position, None));
                continue;
            }
            match &entry.events {
                Ok(newest) => events.extend(newest),
                Err(fault) => {
                    let error = Some(describe(fault));
                    parking.push(self.desk.park(&self.hold, &entry.stream, entry.position, error));
                    blocked.insert(&entry.stream);
                }
            }
        }
        let mut writes = digest(self.work.as_mut(), &events).await?;
        let parked = parking.len();
        writes.extend(parking);
        self.desk.advance(&mut self.hold, writes, to).await?;
        self.work.committed();
        self.count_parked(parked);
        self.parked.extend(blocked.into_iter().map(str::to_owned));
        Ok(())
    }

    /// Gives an event up for now, and everything of its stream that comes after it.
    async fn park(&mut self, entry: &Entry, to: Position, fault: &Fault) -> Result<(), Stopped> {
        tracing::error!(
            follower = self.hold.name,
            stream = entry.stream,
            position = %entry.position,
            error = fault as &dyn std::error::Error,
            "an event is parked, and its stream with it"
        );
        let parking = self.desk.park(&self.hold, &entry.stream, entry.position, Some(describe(fault)));
        self.desk.advance(&mut self.hold, vec![parking], to).await?;
        self.parked.insert(entry.stream.clone());
        self.count_parked(1);
        Ok(())
    }

    async fn grant_wishes(&mut self) -> Result<(), Stopped> {
        while let Some(wanted) = self.desk.wanted(&self.hold).await? {
            self.grant(&wanted).await?;
        }
        Ok(())
    }

    /// Tries a parked stream again, event by event, as far as it goes.
    async fn grant(&mut self, wanted: &Wanted) -> Result<(), Stopped> {
        let positions = match (wanted.wish, wanted.positions.split_first()) {
            (Wish::Retry, _) | (Wish::Skip, None) => wanted.positions.as_slice(),
            (Wish::Skip, Some((first, others))) => {
                let skip = self.desk.unpark(&self.hold, &wanted.stream, *first);
                let here = self.hold.position;
                self.desk.advance(&mut self.hold, vec![skip], here).await?;
                tracing::info!(follower = self.hold.name, stream = wanted.stream, position = %first, "a parked event is left out");
                others
            }
        };
        for entry in read_again(self.tail, &wanted.stream, positions).await? {
            if let Err(fault) = self.retry(&entry).await? {
                return self.leave_parked(&entry, &fault).await;
            }
        }
        self.parked.remove(&wanted.stream);
        tracing::info!(follower = self.hold.name, stream = wanted.stream, "a parked stream goes on");
        Ok(())
    }

    /// One parked event, once more. The outer error ends the follower, the inner one leaves the event parked.
    async fn retry(&mut self, entry: &Entry) -> Result<Result<(), Fault>, Stopped> {
        let events = match &entry.events {
            Ok(events) => events.iter().collect::<Vec<_>>(),
            Err(fault) => return Ok(Err(Fault::because(describe(fault)))),
        };
        let mut writes = match digest(self.work.as_mut(), &events).await {
            Ok(writes) => writes,
            Err(fault) => return Ok(Err(fault)),
        };
        writes.push(self.desk.unpark(&self.hold, &entry.stream, entry.position));
        let here = self.hold.position;
        match self.desk.advance(&mut self.hold, writes, here).await {
            Ok(()) => {
                self.work.committed();
                Ok(Ok(()))
            }
            Err(Stopped::Fenced) => Err(Stopped::Fenced),
            Err(Stopped::Fault(fault)) => Ok(Err(fault)),
        }
    }

    async fn leave_parked(&mut self, entry: &Entry, fault: &Fault) -> Result<(), Stopped> {
        self.work.reset();
        let here = self.hold.position;
        let writes = vec![
            self.desk.withdraw_wish(&self.hold, &entry.stream),
            self.desk.unpark(&self.hold, &entry.stream, entry.position),
            self.desk.park(&self.hold, &entry.stream, entry.position, Some(describe(fault))),
        ];
        self.desk.advance(&mut self.hold, writes, here).await
    }

    fn count_parked(&self, events: usize) {
        if events > 0 {
            metrics::counter!("tandem_follower_parked_total", "follower" => self.hold.name.clone())
                .increment(events as u64);
        }
    }

    fn measure(&self, page: &Page) {
        let name = || self.hold.name.clone();
        let head = *self.tail.head().borrow();
        let behind = head.pos.saturating_sub(self.hold.position.pos);
        metrics::gauge!("tandem_follower_lag_events", "follower" => name()).set(behind as f64);
        metrics::histogram!("tandem_follower_batch_events", "follower" => name())
            .record(page.entries.len() as f64);
        let last = page.entries.last().and_then(|entry| entry.events.as_ref().ok()).and_then(|it| it.last());
        if let Some(last) = last {
            let late = self.desk.clock.now() - last.context.at;
            metrics::gauge!("tandem_follower_lag_seconds", "follower" => name())
                .set(late.num_milliseconds() as f64 / 1_000.0);
        }
    }
}

/// Parked events, from their stream.
async fn read_again(tail: &Tail, stream: &str, positions: &[Position]) -> Result<Vec<Entry>, Fault> {
    let (category, id) = stream.split_once('/').unwrap_or((stream, ""));
    let loaded = tail.log().load(&StreamId::new(category, id), false).await?;
    let parked = loaded.events.into_iter().filter(|stored| positions.contains(&stored.position));
    Ok(parked.map(|stored| tail.decode(stored)).collect())
}

/// A fault with everything that led to it, in one line.
pub(super) fn describe(fault: &Fault) -> String {
    let mut text = fault.to_string();
    let mut source = std::error::Error::source(fault);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
