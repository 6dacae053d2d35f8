//! One reader of the log for all followers of a process: each page is read and decoded once.

use crate::codec::{self, Upcasters};
use crate::log::{EventLog, Fault, Stored};
use domain::Event;
use domain::log::{Position, Recorded};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Events in a page. Large pages make large statements, and replay is fastest with these
/// (reference: event-store 3.6).
pub(super) const PAGE: u32 = 5_000;

/// Pages kept for followers that come a little later. They hold at most `KEPT * PAGE` events.
const KEPT: usize = 4;

/// Events from which on it pays to decode them on another thread.
const MANY: usize = 1_000;

/// The longest a quiet log is not looked at (reference: event-store 4.4).
const IDLE: Duration = Duration::from_millis(250);

/// The shortest pause between two looks at a busy log (reference: event-store 3.6).
const BUSY: Duration = Duration::from_millis(5);

/// One event of a page, or why it can't be read.
#[derive(Debug)]
pub(super) struct Entry {
    /// The stream it belongs to: `category/id`. What is parked is parked under this.
    pub(super) stream: String,
    /// Where it stands.
    pub(super) position: Position,
    /// The events it means today: usually one.
    pub(super) events: Result<Vec<Recorded<Event>>, Fault>,
}

/// A page, decoded.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    /// Where to read on from.
    pub(super) cursor: Position,
    /// Whether more may come at once.
    pub(super) full: bool,
}

/// Reads the log for everybody in this process.
pub(super) struct Tail {
    log: Arc<dyn EventLog>,
    upcasters: Arc<Upcasters>,
    kept: Mutex<VecDeque<(Position, Arc<Page>)>>,
    head: watch::Sender<Position>,
}

impl Tail {
    pub(super) fn new(log: Arc<dyn EventLog>) -> Self {
        Self {
            log,
            upcasters: Arc::new(Upcasters::current()),
            kept: Mutex::default(),
            head: watch::Sender::new(Position::START),
        }
    }

    pub(super) fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// The newest position seen; it changes when there is something to read.
    pub(super) fn head(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// The page after a position, read now unless it was read a moment ago.
    pub(super) async fn page(&self, after: Position) -> Result<Arc<Page>, Fault> {
        if let Some(page) = self.recall(after) {
            return Ok(page);
        }
        let page = Arc::new(self.read(after, PAGE).await?);
        if !page.entries.is_empty() {
            self.keep(after, page.clone());
        }
        Ok(page)
    }

    /// The page after a position, past the shared memory.
    pub(super) async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault> {
        let page = self.log.read(after, limit).await?;
        let full = page.events.len() >= limit as usize;
        let entries = if page.events.len() < MANY {
            page.events.into_iter().map(|stored| decode(&self.upcasters, stored)).collect()
        } else {
            // While it folds one page, a rebuild has the next one decoded on another core.
            let (upcasters, events) = (self.upcasters.clone(), page.events);
            let decoding = move || events.into_iter().map(|stored| decode(&upcasters, stored)).collect();
            let decoded = tokio::task::spawn_blocking(decoding).await;
            decoded.map_err(|error| Fault::new("decode a page of the log", error))?
        };
        Ok(Page { entries, cursor: page.cursor, full })
    }

    pub(super) fn decode(&self, stored: Recorded<Stored>) -> Entry {
        decode(&self.upcasters, stored)
    }

    /// Looks at the log until told to stop: at once when it is woken, every few milliseconds while it moves, and now and
    /// then while it rests, so that nothing depends on being woken.
    pub(super) async fn watch(&self, stop: CancellationToken) {
        let mut wakeups = self.log.wakeups();
        let mut pause = BUSY;
        let mut cursor = None;
        loop {
            match self.look(&mut cursor).await {
                Ok(true) => pause = BUSY,
                Ok(false) => pause = (pause * 2).min(IDLE),
                Err(fault) => {
                    tracing::warn!(
                        error = &fault as &dyn std::error::Error,
                        "the log can't be read; trying again"
                    );
                    pause = IDLE;
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                woken = wakeups.changed() => match woken {
                    Ok(()) => pause = BUSY,
                    Err(_) => tokio::select! {
                        () = stop.cancelled() => return,
                        () = elapsed(pause) => {}
                    },
                },
                () = elapsed(pause) => {}
            }
        }
    }

    /// Whether the log has moved since the last look.
    async fn look(&self, cursor: &mut Option<Position>) -> Result<bool, Fault> {
        let Some(after) = *cursor else {
            let head = self.log.head().await?;
            *cursor = Some(head);
            self.head.send_replace(head);
            return Ok(true);
        };
        let page = self.page(after).await?;
        *cursor = Some(page.cursor);
        if page.entries.is_empty() {
            return Ok(false);
        }
        self.head.send_replace(page.cursor);
        Ok(true)
    }

    fn recall(&self, after: Position) -> Option<Arc<Page>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(position, _)| *position == after).map(|(_, page)| page.clone())
    }

    fn keep(&self, after: Position, page: Arc<Page>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(position, _)| *position != after);
        kept.push_back((after, page));
        while kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

fn decode(upcasters: &Upcasters, stored: Recorded<Stored>) -> Entry {
    let stream = format!("{}/{}", stored.category, stored.stream);
    let position = stored.position;
    let newest = upcasters.recorded(stored);
    let events = newest.and_then(|newest| newest.into_iter().map(codec::decode).collect());
    Entry { stream, position, events }
}

/// Ends after this long.
pub(super) async fn elapsed(pause: Duration) {
    tokio::time::sleep_until(tokio::time::Instant::now() + pause).await;
}
