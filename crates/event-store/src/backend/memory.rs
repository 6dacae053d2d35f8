//! A log in memory, for tests. It checks conflicts, claims and dedup keys like any other, and forgets everything.

use crate::log::{
    Append, AppendError, Appended, Claim, EventLog, Fault, Loaded, Page, Snapshot, Stored, StreamId,
};
use async_trait::async_trait;
use domain::log::{Position, Recorded};
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use uuid::Uuid;

/// A log in memory.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
    wake: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    log: Vec<Recorded<Stored>>,
    /// Where the events of a stream stand in the log.
    streams: HashMap<StreamId, Vec<usize>>,
    snapshots: HashMap<StreamId, Snapshot>,
    claims: HashMap<(String, String), StreamId>,
    done: HashMap<Uuid, Position>,
}

impl Memory {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventLog for Memory {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.check().map_err(AppendError::Fault)?;
        for event in &append.events {
            serde_json::from_str::<IgnoredAny>(&event.payload)
                .map_err(|error| AppendError::Fault(Fault::new("append what is not JSON", error)))?;
        }
        let appended = self.state().append(append)?;
        self.wake.send_modify(|count| *count += 1);
        Ok(appended)
    }

    async fn load(&self, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault> {
        let state = self.state();
        let snapshot = state.snapshots.get(stream).filter(|_| snapshot).cloned();
        let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
        let places = state.streams.get(stream).map_or(&[][..], Vec::as_slice);
        let events = places.iter().filter_map(|place| state.log.get(*place));
        Ok(Loaded { snapshot, events: events.filter(|event| event.version > after).cloned().collect() })
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault> {
        let state = self.state();
        let first = state.log.partition_point(|event| event.position <= after);
        let events: Vec<_> = state.log.iter().skip(first).take(limit as usize).cloned().collect();
        Ok(Page { cursor: events.last().map_or(after, |event| event.position), events })
    }

    async fn head(&self) -> Result<Position, Fault> {
        Ok(self.state().head())
    }

    async fn done(&self, dedup: Uuid) -> Result<Option<Position>, Fault> {
        Ok(self.state().done.get(&dedup).copied())
    }

    fn wakeups(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }
}

impl State {
    fn append(&mut self, append: Append) -> Result<Appended, AppendError> {
        if let Some(first) = append.dedup.and_then(|key| self.done.get(&key)) {
            return Err(AppendError::Duplicate { first: *first });
        }
        let version = self.streams.get(&append.stream).map_or(0, Vec::len) as u64;
        if version != append.expected {
            return Err(AppendError::Conflict);
        }
        let wanted = self.wanted(&append)?;

        // From here on nothing can fail.
        self.claims.retain(|(scope, _), holder| {
            *holder != append.stream || !append.releases.iter().any(|release| release.scope == *scope)
        });
        for name in wanted {
            self.claims.insert(name, append.stream.clone());
        }
        if let Some(snapshot) = append.snapshot.clone() {
            self.snapshots.insert(append.stream.clone(), snapshot);
        }
        let appended = Appended { version: append.version(), position: self.record(&append) };
        if let Some(key) = append.dedup {
            self.done.insert(key, appended.position);
        }
        Ok(appended)
    }

    /// The names this append will hold and does not hold yet.
    fn wanted(&self, append: &Append) -> Result<Vec<(String, String)>, AppendError> {
        let mut wanted = Vec::new();
        for claim in &append.claims {
            match claim {
                Claim::Unique { scope, key } => {
                    let name = (scope.clone(), key.clone());
                    match self.claims.get(&name) {
                        None => wanted.push(name),
                        Some(holder) if *holder == append.stream => (),
                        Some(_) => {
                            return Err(AppendError::Taken { scope: scope.clone(), key: key.clone() });
                        }
                    }
                }
                Claim::Place { scope, limit } => {
                    let held = self
                        .claims
                        .iter()
                        .any(|((claimed, _), holder)| claimed == scope && *holder == append.stream);
                    if !held {
                        let free = (1..=*limit)
                            .map(|place| (scope.clone(), place.to_string()))
                            .find(|name| !self.claims.contains_key(name));
                        wanted.push(
                            free.ok_or_else(|| AppendError::Full { scope: scope.clone(), limit: *limit })?,
                        );
                    }
                }
            }
        }
        Ok(wanted)
    }

    fn record(&mut self, append: &Append) -> Position {
        for (version, event) in (append.expected + 1..).zip(&append.events) {
            let place = self.log.len();
            self.streams.entry(append.stream.clone()).or_default().push(place);
            self.log.push(Recorded {
                position: Position { pos: place as u64 + 1, ..Position::START },
                tenant: append.tenant,
                category: append.stream.category.clone(),
                stream: append.stream.id.clone(),
                version,
                id: event.id.to_string(),
                context: append.context,
                cause: append.cause.clone(),
                event: Stored {
                    event_type: event.event_type.clone(),
                    schema: event.schema,
                    payload: event.payload.clone(),
                },
            });
        }
        self.head()
    }

    fn head(&self) -> Position {
        self.log.last().map_or(Position::START, |event| event.position)
    }
}
