//! The one place that names cqrs-es: our pure aggregates as its `Aggregate`, our log as its `EventStore`.
//!
//! cqrs-es gives the event sink, the test framework and the shape that people who know it expect. Its own stores are not
//! used: they apply events twice to snapshots and lose view updates (docs/adr).

use crate::codec::{self, ClaimChange, Kept, Upcasters};
use crate::log::{Append, AppendError, Claim, EventLog, Fault, Loaded, Release, Snapshot, StreamId};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{AggregateContext, AggregateError, DomainEvent, EventEnvelope};
use domain::log::{Actor, Context, Position};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;
use uuid::{NoContext, Timestamp, Uuid};

/// A pure aggregate as cqrs-es knows one. Its command carries who asks and when.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hosted<D>(pub D);

/// An event of a [`Hosted`] aggregate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent, bound = "D: Kept")]
pub struct Payload<D: Kept>(pub D::Event, #[serde(skip)] PhantomData<fn() -> D>);

impl<D: Kept> Payload<D> {
    /// This event.
    pub fn new(event: D::Event) -> Self {
        Self(event, PhantomData)
    }
}

impl<D: Kept + std::fmt::Debug + PartialEq> DomainEvent for Payload<D> {
    fn event_type(&self) -> String {
        D::event_name(&self.0).to_owned()
    }

    fn event_version(&self) -> String {
        codec::SCHEMA.to_string()
    }
}

impl<D: Kept + std::fmt::Debug + PartialEq> cqrs_es::Aggregate for Hosted<D> {
    const TYPE: &'static str = D::NAME;
    type Command = (D::Command, Context);
    type Event = Payload<D>;
    type Error = D::Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        (command, context): Self::Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), D::Refusal> {
        for event in self.0.decide(command, &context)? {
            sink.write(Payload::new(event), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Payload<D>) {
        self.0.evolve(&event.0);
    }
}

/// How many events a stream has past its snapshot before a new one is stored. Below this a snapshot gains nothing
/// (reference: event-store 3.3).
const SNAPSHOT_EVERY: u64 = 100;

/// Our log as cqrs-es's `EventStore`: correct snapshots, claims, dedup, and the position in the envelope's metadata.
pub struct Store<D> {
    log: Arc<dyn EventLog>,
    upcasters: Arc<Upcasters>,
    places: u32,
    tenant: u32,
    kind: PhantomData<fn() -> D>,
}

/// An aggregate as loaded, with where its stream stood.
pub struct Working<D> {
    id: String,
    aggregate: Hosted<D>,
    version: u64,
    snapshot: u64,
}

impl<D: Kept + std::fmt::Debug + PartialEq> Working<D> {
    /// The state.
    pub fn state(&self) -> &D {
        &self.aggregate.0
    }

    /// The version of the stream it is at.
    pub fn version(&self) -> u64 {
        self.version
    }
}

impl<D: Kept + std::fmt::Debug + PartialEq> AggregateContext<Hosted<D>> for Working<D> {
    fn aggregate(&mut self) -> &mut Hosted<D> {
        &mut self.aggregate
    }
}

/// What led to a command, and the key that makes its repeat harmless.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// An update's id, a process's name: for the audit trail.
    pub text: Option<String>,
    /// A repeat with the same key records nothing.
    pub dedup: Option<Uuid>,
}

impl<D: Kept + std::fmt::Debug + PartialEq> Store<D> {
    /// A store over this log. An owner holds at most `places` accounts.
    pub fn new(log: Arc<dyn EventLog>, upcasters: Arc<Upcasters>, places: u32, tenant: u32) -> Self {
        Self { log, upcasters, places, tenant, kind: PhantomData }
    }

    /// Loads an aggregate from its snapshot, if one fits, and the events after it.
    ///
    /// # Errors
    ///
    /// The log can't be read, or holds what this version does not know.
    pub async fn working(&self, id: &str) -> Result<Working<D>, Fault> {
        let loaded = self.log.load(&StreamId::new(D::NAME, id), true).await?;
        if let Some(working) = self.restored(id, &loaded)? {
            return Ok(working);
        }
        match loaded.snapshot {
            None => self.fold(id, Hosted::default(), 0, loaded),
            Some(_) => {
                let whole = self.log.load(&StreamId::new(D::NAME, id), false).await?;
                self.fold(id, Hosted::default(), 0, whole)
            }
        }
    }

    /// Appends what was decided on a loaded aggregate, which already holds the new events.
    ///
    /// # Errors
    ///
    /// As [`EventLog::append`].
    pub async fn append(
        &self,
        events: &[D::Event],
        working: &Working<D>,
        context: Context,
        cause: &Cause,
    ) -> Result<Position, AppendError> {
        let new = |event| codec::encode::<D>(event, event_id(context));
        let changes: Vec<ClaimChange> = events.iter().flat_map(D::claims).collect();
        let version = working.version + events.len() as u64;
        let append = Append {
            stream: StreamId::new(D::NAME, &working.id),
            expected: working.version,
            events: events.iter().map(new).collect::<Result<_, _>>().map_err(AppendError::Fault)?,
            tenant: self.tenant,
            context,
            cause: cause.text.clone(),
            dedup: cause.dedup,
            claims: self.holds(&changes),
            releases: give_ups(&changes),
            snapshot: self.snapshot(working, version).map_err(AppendError::Fault)?,
        };
        self.log.append(append).await.map(|appended| appended.position)
    }

    fn restored(&self, id: &str, loaded: &Loaded) -> Result<Option<Working<D>>, Fault> {
        let fitting = loaded.snapshot.as_ref().filter(|snapshot| snapshot.schema == D::SNAPSHOT_SCHEMA);
        let Some(snapshot) = fitting else { return Ok(None) };
        let Ok(state) = serde_json::from_str(&snapshot.state) else { return Ok(None) };
        self.fold(id, state, snapshot.version, Loaded { snapshot: None, events: loaded.events.clone() })
            .map(Some)
    }

    fn fold(&self, id: &str, state: Hosted<D>, snapshot: u64, loaded: Loaded) -> Result<Working<D>, Fault> {
        let mut working = Working { id: id.to_owned(), aggregate: state, version: snapshot, snapshot };
        for recorded in loaded.events {
            working.version = recorded.version;
            for recorded in self.upcasters.recorded(recorded)? {
                working.aggregate.0.evolve(&codec::decode_as::<D>(&recorded.event)?);
            }
        }
        Ok(working)
    }

    fn snapshot(&self, working: &Working<D>, version: u64) -> Result<Option<Snapshot>, Fault> {
        if version - working.snapshot < SNAPSHOT_EVERY {
            return Ok(None);
        }
        let state = serde_json::to_string(&working.aggregate)
            .map_err(|error| Fault::new("write a snapshot as JSON", error))?;
        Ok(Some(Snapshot { version, schema: D::SNAPSHOT_SCHEMA, state }))
    }

    fn holds(&self, changes: &[ClaimChange]) -> Vec<Claim> {
        let hold = |change: &ClaimChange| match change {
            ClaimChange::Hold { scope } => Some(Claim::Place { scope: scope.clone(), limit: self.places }),
            ClaimChange::GiveUp { .. } => None,
        };
        changes.iter().filter_map(hold).collect()
    }
}

fn give_ups(changes: &[ClaimChange]) -> Vec<Release> {
    let give_up = |change: &ClaimChange| match change {
        ClaimChange::Hold { .. } => None,
        ClaimChange::GiveUp { scope } => Some(Release { scope: scope.clone() }),
    };
    changes.iter().filter_map(give_up).collect()
}

impl<D: Kept + std::fmt::Debug + PartialEq> cqrs_es::EventStore<Hosted<D>> for Store<D> {
    type AC = Working<D>;

    async fn load_events(
        &self,
        id: &str,
    ) -> Result<Vec<EventEnvelope<Hosted<D>>>, AggregateError<D::Refusal>> {
        let loaded = self.log.load(&StreamId::new(D::NAME, id), false).await.map_err(broken)?;
        let mut envelopes = Vec::new();
        for recorded in loaded.events {
            for recorded in self.upcasters.recorded(recorded).map_err(broken)? {
                envelopes.push(EventEnvelope {
                    aggregate_id: id.to_owned(),
                    sequence: usize::try_from(recorded.version).unwrap_or(usize::MAX),
                    payload: Payload::new(codec::decode_as::<D>(&recorded.event).map_err(broken)?),
                    metadata: metadata(recorded.position, recorded.context),
                });
            }
        }
        Ok(envelopes)
    }

    async fn load_aggregate(&self, id: &str) -> Result<Working<D>, AggregateError<D::Refusal>> {
        self.working(id).await.map_err(broken)
    }

    async fn commit(
        &self,
        events: Vec<Payload<D>>,
        working: Working<D>,
        given: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Hosted<D>>>, AggregateError<D::Refusal>> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let context = context(&given).map_err(broken)?;
        let facts: Vec<D::Event> = events.iter().map(|payload| payload.0.clone()).collect();
        let position = match self.append(&facts, &working, context, &Cause::default()).await {
            Ok(position) => position,
            Err(AppendError::Conflict) => return Err(AggregateError::AggregateConflict),
            Err(error) => return Err(AggregateError::UnexpectedError(error.into())),
        };
        let envelope = |(offset, payload): (usize, Payload<D>)| EventEnvelope {
            aggregate_id: working.id.clone(),
            sequence: usize::try_from(working.version).unwrap_or(usize::MAX) + offset + 1,
            payload,
            metadata: metadata(position, context),
        };
        Ok(events.into_iter().enumerate().map(envelope).collect())
    }
}

/// A UUIDv7 of the moment of the decision, so that ids sort as events do.
fn event_id(context: Context) -> Uuid {
    let seconds = u64::try_from(context.at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, context.at.timestamp_subsec_nanos()))
}

/// The metadata cqrs-es carries as strings: `$position`, `by` and `at`.
fn metadata(position: Position, context: Context) -> HashMap<String, String> {
    let by = serde_json::to_string(&context.by).unwrap_or_default();
    HashMap::from([
        ("$position".to_owned(), position.to_string()),
        ("by".to_owned(), by),
        ("at".to_owned(), context.at.to_rfc3339()),
    ])
}

fn context(metadata: &HashMap<String, String>) -> Result<Context, Fault> {
    let by = match metadata.get("by") {
        Some(by) => serde_json::from_str(by).map_err(|error| Fault::new("read metadata `by`", error))?,
        None => Actor::Operator,
    };
    let at =
        metadata.get("at").ok_or_else(|| Fault::because("metadata `at` is missing: when was it decided?"))?;
    let at = chrono::DateTime::parse_from_rfc3339(at)
        .map_err(|error| Fault::new("read metadata `at`", error))?
        .to_utc();
    Ok(Context { by, at })
}

fn broken<E: std::error::Error>(fault: Fault) -> AggregateError<E> {
    AggregateError::UnexpectedError(Box::new(fault))
}
