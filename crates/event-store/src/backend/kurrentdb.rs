//! KurrentDB: a log that is a server of its own, through its gRPC client.
//!
//! It has streams with versions, an order over all of them and subscriptions. It has no claims, no dedup keys and no
//! tables, so an append that asks for one is refused, and followers need a database beside it. Snapshots are not kept:
//! a stream is always loaded whole.

use super::meta::Meta;
use crate::log::{Append, AppendError, Appended, EventLog, Fault, Loaded, NewEvent, Page, Stored, StreamId};
use async_trait::async_trait;
use domain::log::{Position, Recorded};
use kurrentdb::{
    AppendToStreamOptions, Client, ClientSettings, Error, EventData, ReadAllOptions, ReadStreamOptions,
    RecordedEvent, StreamPosition, StreamState, SubscribeToAllOptions, SubscriptionFilter,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// What the names of our streams begin with, since others may use the same server: `tandem.<category>-<id>`.
const OURS: &str = "tandem.";

/// Before a subscription that broke is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A log in KurrentDB.
pub struct Kurrent {
    client: Client,
    wake: watch::Sender<u64>,
    _tasks: TaskTracker,
    _stop_when_dropped: DropGuard,
}

/// What stands beside an event. NOTE: these names ARE the stored format.
#[derive(Serialize, Deserialize)]
struct Beside {
    /// A dash may stand in a category and in an id, so the stream's name alone does not tell them apart.
    category: String,
    tenant: u32,
    schema: u16,
    meta: Box<RawValue>,
}

impl Kurrent {
    /// Opens the log at an address such as `kurrentdb://host:2113?tls=false`. It connects when it is first used.
    ///
    /// # Errors
    ///
    /// The address is none.
    pub fn open(address: &str) -> Result<Self, Fault> {
        // The error may repeat the address, which may hold a password.
        let settings: ClientSettings = address.parse().map_err(|_| {
            Fault::because("the address of KurrentDB is like kurrentdb://user:password@host:2113")
        })?;
        let client = Client::new(settings)
            .map_err(|error| Fault::because(format!("KurrentDB can't be used: {error}")))?;
        let (wake, tasks, stop) = (watch::Sender::new(0), TaskTracker::new(), CancellationToken::new());
        let follow = follow(client.clone(), wake.clone());
        let stopped = stop.clone();
        tasks.spawn(async move {
            stopped.run_until_cancelled(follow).await;
        });
        Ok(Self { client, wake, _tasks: tasks, _stop_when_dropped: stop.drop_guard() })
    }

    /// One page of all our streams, in either direction.
    async fn read_all(&self, options: ReadAllOptions) -> Result<Vec<Recorded<Stored>>, Fault> {
        let options = options.filter(ours());
        let mut stream = self.client.read_all(&options).await.map_err(unreadable)?;
        let mut events = Vec::new();
        while let Some(event) = stream.next().await.map_err(unreadable)? {
            events.extend(event.event.as_ref().map(read).transpose()?);
        }
        Ok(events)
    }
}

#[async_trait]
impl EventLog for Kurrent {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        append.check().and_then(|()| refuse_what_it_has_not(&append)).map_err(AppendError::Fault)?;
        let state = match append.expected.checked_sub(1) {
            None => StreamState::NoStream,
            Some(revision) => StreamState::StreamRevision(revision),
        };
        let events: Vec<EventData> = write(&append).map_err(AppendError::Fault)?;
        let options = AppendToStreamOptions::default().stream_state(state);
        match self.client.append_to_stream(stream_name(&append.stream), &options, events).await {
            Ok(written) => {
                self.wake.send_modify(|count| *count += 1);
                Ok(Appended { version: append.version(), position: at(written.position) })
            }
            Err(Error::WrongExpectedVersion { .. }) => Err(AppendError::Conflict),
            Err(error @ (Error::AccessDenied | Error::ResourceDeleted | Error::UnsupportedFeature)) => {
                Err(AppendError::Fault(Fault::new("append to KurrentDB", error)))
            }
            Err(error) => Err(AppendError::Unavailable(Fault::new("append to KurrentDB", error))),
        }
    }

    async fn load(&self, stream: &StreamId, _snapshot: bool) -> Result<Loaded, Fault> {
        let options = ReadStreamOptions::default().position(StreamPosition::Start);
        let mut loaded = Loaded::default();
        let mut events = match self.client.read_stream(stream_name(stream), &options).await {
            Ok(events) => events,
            Err(Error::ResourceNotFound) => return Ok(loaded),
            Err(error) => return Err(unreadable(error)),
        };
        loop {
            match events.next().await {
                Ok(Some(event)) => loaded.events.extend(event.event.as_ref().map(read).transpose()?),
                Ok(None) | Err(Error::ResourceNotFound) => return Ok(loaded),
                Err(error) => return Err(unreadable(error)),
            }
        }
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault> {
        let from = if after == Position::START {
            StreamPosition::Start
        } else {
            StreamPosition::Position(kurrentdb::Position { commit: after.tx, prepare: after.pos })
        };
        // The server begins with the event at the position itself, so one more is asked for.
        let options = ReadAllOptions::default().position(from).forwards().max_count(limit as usize + 1);
        let mut events = self.read_all(options).await?;
        events.retain(|event| event.position > after);
        events.truncate(limit as usize);
        Ok(Page { cursor: events.last().map_or(after, |event| event.position), events })
    }

    async fn head(&self) -> Result<Position, Fault> {
        let options = ReadAllOptions::default().position(StreamPosition::End).backwards().max_count(1);
        Ok(self.read_all(options).await?.first().map_or(Position::START, |event| event.position))
    }

    async fn done(&self, _dedup: Uuid) -> Result<Option<Position>, Fault> {
        Err(Fault::because("KurrentDB keeps no dedup keys; use SQLite or PostgreSQL for the log"))
    }

    fn wakeups(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }
}

/// Wakes followers with every event that somebody appends.
async fn follow(client: Client, wake: watch::Sender<u64>) {
    let mut retry = interval(RETRY);
    retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        retry.tick().await;
        let options = SubscribeToAllOptions::default().position(StreamPosition::End).filter(ours());
        let mut subscription = client.subscribe_to_all(&options).await;
        loop {
            match subscription.next().await {
                Ok(_) => wake.send_modify(|count| *count += 1),
                Err(error) => {
                    tracing::debug!(%error, "the subscription to KurrentDB is begun anew");
                    break;
                }
            }
        }
    }
}

fn refuse_what_it_has_not(append: &Append) -> Result<(), Fault> {
    let what = if !append.claims.is_empty() || !append.releases.is_empty() {
        "claims"
    } else if append.dedup.is_some() {
        "dedup keys"
    } else {
        return Ok(());
    };
    Err(Fault::because(format!("KurrentDB has no {what}; use SQLite or PostgreSQL for the log")))
}

fn ours() -> SubscriptionFilter {
    SubscriptionFilter::on_stream_name().add_prefix(OURS)
}

fn stream_name(stream: &StreamId) -> String {
    format!("{OURS}{}-{}", stream.category, stream.id)
}

fn write(append: &Append) -> Result<Vec<EventData>, Fault> {
    let fault = |error| Fault::new("append what is not JSON", error);
    let meta = RawValue::from_string(Meta::of(append)?).map_err(fault)?;
    let write = |event: &NewEvent| {
        let beside = Beside {
            category: append.stream.category.clone(),
            tenant: append.tenant,
            schema: event.schema,
            meta: meta.clone(),
        };
        let payload = RawValue::from_string(event.payload.clone())?;
        EventData::json(&event.event_type, &payload)?.id(event.id).metadata_as_json(&beside)
    };
    append.events.iter().map(write).collect::<Result<_, _>>().map_err(fault)
}

fn read(event: &RecordedEvent) -> Result<Recorded<Stored>, Fault> {
    let beside: Beside = serde_json::from_slice(&event.custom_metadata)
        .map_err(|error| Fault::new("read what stands beside an event in KurrentDB", error))?;
    let (context, cause) = Meta::read(beside.meta.get())?;
    let name = event.stream_id();
    let id = name
        .strip_prefix(OURS)
        .and_then(|name| name.strip_prefix(beside.category.as_str())?.strip_prefix('-'))
        .ok_or_else(|| Fault::because(format!("{name} is no stream of ours")))?;
    let payload = std::str::from_utf8(&event.data)
        .map_err(|error| Fault::new(format!("read an event of {name} as text"), error))?;
    Ok(Recorded {
        position: at(event.position),
        tenant: beside.tenant,
        category: beside.category.clone(),
        stream: id.to_owned(),
        version: event.revision + 1,
        id: event.id.to_string(),
        context,
        cause,
        event: Stored {
            event_type: event.event_type.clone(),
            schema: beside.schema,
            payload: payload.to_owned(),
        },
    })
}

fn at(position: kurrentdb::Position) -> Position {
    Position { cell: 0, tx: position.commit, pos: position.prepare }
}

fn unreadable(error: Error) -> Fault {
    Fault::new("read from KurrentDB", error)
}
