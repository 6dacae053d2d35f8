//! The port that every backend implements.
//!
//! What a backend promises is written down as code in the contract suite, which runs against each of them.

use async_trait::async_trait;
use domain::log::{Context, Position, Recorded};
use std::fmt;
use tokio::sync::watch;
use uuid::Uuid;

/// The name of one stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// The aggregate's kind: `domain::decider::Decider::NAME`.
    pub category: String,
    /// Which one of them.
    pub id: String,
}

impl StreamId {
    /// The stream of one aggregate.
    pub fn new(category: impl Into<String>, id: impl Into<String>) -> Self {
        Self { category: category.into(), id: id.into() }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.category, self.id)
    }
}

/// An event that is to be recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Unique for ever; UUIDv7.
    pub id: Uuid,
    /// The event's name: the `type` in its payload.
    pub event_type: String,
    /// The version of that event's format, from 1.
    pub schema: u16,
    /// JSON object.
    pub payload: String,
}

/// An event as it is stored; the [`Recorded::event`] of what the log reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// The event's name.
    pub event_type: String,
    /// The version of that event's format, from 1.
    pub schema: u16,
    /// JSON object.
    pub payload: String,
}

/// A name that at most one stream may hold at a time, or one of a bounded number of places.
///
/// Claiming what the stream holds already changes nothing, and a stream holds at most one place of a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody else may hold this key.
    Unique {
        /// What kind of name it is.
        scope: String,
        /// The name.
        key: String,
    },
    /// One of `limit` places, whichever is free: `owner-slot/<owner>`.
    Place {
        /// Whose places.
        scope: String,
        /// How many there are.
        limit: u32,
    },
}

impl Claim {
    /// What kind of name it is, or whose places.
    #[must_use]
    pub fn scope(&self) -> &str {
        match self {
            Self::Unique { scope, .. } => scope,
            Self::Place { scope, .. } => scope,
        }
    }

    /// Whether it is one of several places rather than a name.
    #[must_use]
    pub fn is_place(&self) -> bool {
        matches!(self, Self::Place { .. })
    }
}

/// A claim that the stream gives up. Giving up what it does not hold changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The scope; everything the stream holds in it is given up.
    pub scope: String,
}

/// Everything one append does, all of it or nothing.
#[derive(Debug, Clone)]
pub struct Append {
    /// Where to.
    pub stream: StreamId,
    /// The version the decision was taken at; 0 for a stream that does not exist.
    pub expected: u64,
    /// What happened; not empty.
    pub events: Vec<NewEvent>,
    /// The bot it belongs to.
    pub tenant: u32,
    /// Who and when.
    pub context: Context,
    /// What led to it, in the words of whoever appends.
    pub cause: Option<String>,
    /// A repeat with the same key is answered with [`AppendError::Duplicate`]. Kept for seven days at least.
    pub dedup: Option<Uuid>,
    /// Names to hold from now on.
    pub claims: Vec<Claim>,
    /// Names to give up. A scope released and claimed in the same append is refused as a programming error.
    pub releases: Vec<Release>,
    /// The state after these events, to be stored beside them.
    pub snapshot: Option<Snapshot>,
}

impl Append {
    /// Events for a stream, with nothing else to them.
    #[must_use]
    pub fn new(stream: StreamId, expected: u64, events: Vec<NewEvent>, context: Context) -> Self {
        Self {
            stream,
            expected,
            events,
            tenant: 0,
            context,
            cause: None,
            dedup: None,
            claims: Vec::new(),
            releases: Vec::new(),
            snapshot: None,
        }
    }

    /// The version of the stream once this is appended.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.expected + self.events.len() as u64
    }

    /// Refuses what no backend can do; each of them asks this first.
    ///
    /// # Errors
    ///
    /// There are no events; a scope is released and claimed at once; two places of one scope are claimed; the snapshot
    /// is not of the version after these events.
    pub fn check(&self) -> Result<(), Fault> {
        let places: Vec<&str> =
            self.claims.iter().filter(|claim| claim.is_place()).map(Claim::scope).collect();
        let twice = |scope: &&str| places.iter().filter(|place| *place == scope).count() > 1;
        let released = |claim: &&Claim| self.releases.iter().any(|release| release.scope == claim.scope());

        if self.events.is_empty() {
            return Err(Fault::because("an append needs at least one event"));
        }
        if let Some(claim) = self.claims.iter().find(released) {
            return Err(Fault::because(format!("{} is released and claimed in one append", claim.scope())));
        }
        if let Some(scope) = places.iter().copied().find(|scope| twice(scope)) {
            return Err(Fault::because(format!("two places of {scope} are claimed in one append")));
        }
        if self.snapshot.as_ref().is_some_and(|snapshot| snapshot.version != self.version()) {
            return Err(Fault::because("a snapshot is of the version after the events beside it"));
        }
        Ok(())
    }
}

/// A state stored so that a long stream need not be read from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The version of the stream that it was taken at.
    pub version: u64,
    /// The shape of the state; another one is ignored when it is read.
    pub schema: u32,
    /// JSON.
    pub state: String,
}

/// What an append achieved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// The version of the last event.
    pub version: u64,
    /// The position of the last event.
    pub position: Position,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream has another version: load and decide again.
    #[error("the stream has moved on")]
    Conflict,
    /// The same append was done before.
    #[error("done before, at {first}")]
    Duplicate {
        /// Where its last event stands.
        first: Position,
    },
    /// Another stream holds the name.
    #[error("another stream holds {scope}/{key}")]
    Taken {
        /// The claim's scope.
        scope: String,
        /// The claim's key.
        key: String,
    },
    /// No place is free.
    #[error("all {limit} places of {scope} are held")]
    Full {
        /// The claim's scope.
        scope: String,
        /// How many places there are.
        limit: u32,
    },
    /// The log can't be reached, or broke off in between: whether the append happened is unknown. Repeating it is safe,
    /// since its version, and its dedup key if it has one, can be used only once.
    #[error("the log can't be reached")]
    Unavailable(#[source] Fault),
    /// The log refused: nothing was appended, and the same append will be refused again.
    #[error("the log can't be written")]
    Fault(#[source] Fault),
}

/// A technical failure of a backend. The chain of sources says what broke.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    /// What was being done.
    pub what: String,
    /// What broke.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Fault {
    /// Something broke while doing this.
    pub fn new(what: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { what: what.into(), source: Some(source.into()) }
    }

    /// Something is not as it must be.
    pub fn because(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }
}

/// A stream as it stands.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The newest snapshot, if there is one.
    pub snapshot: Option<Snapshot>,
    /// Every event after the snapshot, in order.
    pub events: Vec<Recorded<Stored>>,
}

/// A page of the whole log.
#[derive(Debug, Clone)]
pub struct Page {
    /// Events in the log's order.
    pub events: Vec<Recorded<Stored>>,
    /// Where to read on from.
    pub cursor: Position,
}

/// An append-only log of streams with one order over all of them.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Appends, all of it or nothing, durably.
    async fn append(&self, append: Append) -> Result<Appended, AppendError>;

    /// Reads one stream: its snapshot, if wanted, and every event after it.
    async fn load(&self, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault>;

    /// Reads the whole log after a position. An event that is not given now because a transaction before it is still
    /// open is given later; none is ever passed over.
    async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault>;

    /// The position of the last event that [`EventLog::read`] gives.
    async fn head(&self) -> Result<Position, Fault>;

    /// The position of the newest event, given by [`EventLog::read`] or not yet: where whoever has just appended something
    /// waits for a read model.
    async fn newest(&self) -> Result<Position, Fault> {
        self.head().await
    }

    /// Where the append with this key ended, if it was done.
    async fn done(&self, dedup: Uuid) -> Result<Option<Position>, Fault>;

    /// Changes whenever this process, or another one that tells it, has appended. It may change without reason, and
    /// followers read now and then even if it does not.
    fn wakeups(&self) -> watch::Receiver<u64>;
}
