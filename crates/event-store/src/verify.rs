//! Looks whether a log is in itself right: for `tandem log verify`.

use crate::log::{EventLog, Fault, Stored, StreamId};
use crate::sql::{Database, Statement, Type};
use domain::log::{Position, Recorded};
use serde::de::IgnoredAny;
use std::collections::HashMap;
use std::fmt;

/// Events read at a time.
const PAGE: u32 = 5_000;

/// Problems kept in words; the others are only counted.
const KEPT: usize = 100;

/// What was looked at, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verified {
    /// Events looked at.
    pub events: u64,
    /// Streams they belong to.
    pub streams: u64,
    /// Claims looked at; none where the log has no database around it.
    pub claims: u64,
    /// How many problems there are.
    pub wrong: u64,
    /// The first hundred of them.
    pub problems: Vec<Problem>,
}

/// Something that should not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// An event does not have the version that its stream comes to next.
    Version {
        /// Where it stands.
        position: Position,
        /// Its stream.
        stream: StreamId,
        /// The version it should have.
        expected: u64,
        /// The version it has.
        found: u64,
    },
    /// An event stands where the one before it stands, or before that.
    Order {
        /// Where it stands.
        position: Position,
        /// Where the one before it stands.
        previous: Position,
    },
    /// An event can't be read.
    Payload {
        /// Where it stands.
        position: Position,
        /// Why not.
        why: String,
    },
    /// A name is held by a stream that has no events.
    Claim {
        /// The claim's scope.
        scope: String,
        /// The claim's key.
        key: String,
        /// Who holds it.
        stream: StreamId,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { position, stream, expected, found } => {
                write!(f, "at {position}: {stream} goes on with version {found} where {expected} should be")
            }
            Self::Order { position, previous } => write!(f, "at {position}: it comes after {previous}"),
            Self::Payload { position, why } => write!(f, "at {position}: the event can't be read: {why}"),
            Self::Claim { scope, key, stream } => {
                write!(f, "{scope}/{key} is held by {stream}, which has no events")
            }
        }
    }
}

impl Verified {
    fn add(&mut self, problem: Problem) {
        self.wrong += 1;
        if self.problems.len() < KEPT {
            self.problems.push(problem);
        }
    }
}

/// Reads a whole log and says what is wrong with it. `decode` says whether an event is one that we know; [`is_json`]
/// asks for no more than JSON.
///
/// # Errors
///
/// The log can't be read.
pub async fn verify(
    log: &dyn EventLog,
    database: Option<&dyn Database>,
    decode: impl Fn(&Recorded<Stored>) -> Result<(), String> + Send + Sync,
) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let mut streams: HashMap<StreamId, u64> = HashMap::new();
    let mut cursor = Position::START;
    loop {
        let page = log.read(cursor, PAGE).await?;
        if page.events.is_empty() {
            break;
        }
        for event in &page.events {
            look_at(event, cursor, &mut streams, &decode, &mut verified);
            cursor = event.position;
        }
    }
    verified.streams = streams.len() as u64;
    if let Some(database) = database {
        look_at_claims(log, database, &streams, &mut verified).await?;
    }
    Ok(verified)
}

/// Whether the payload of an event is JSON.
///
/// # Errors
///
/// It is not; the error says where it stops being so.
pub fn is_json(event: &Recorded<Stored>) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(&event.event.payload).map(drop).map_err(|error| error.to_string())
}

fn look_at(
    event: &Recorded<Stored>,
    previous: Position,
    streams: &mut HashMap<StreamId, u64>,
    decode: impl Fn(&Recorded<Stored>) -> Result<(), String>,
    verified: &mut Verified,
) {
    let position = event.position;
    verified.events += 1;
    if position <= previous {
        verified.add(Problem::Order { position, previous });
    }
    let stream = StreamId::new(&event.category, &event.stream);
    let expected = streams.get(&stream).map_or(1, |version| version + 1);
    if event.version != expected {
        let (stream, found) = (stream.clone(), event.version);
        verified.add(Problem::Version { position, stream, expected, found });
    }
    streams.insert(stream, event.version);
    if let Err(why) = decode(event) {
        verified.add(Problem::Payload { position, why });
    }
}

async fn look_at_claims(
    log: &dyn EventLog,
    database: &dyn Database,
    streams: &HashMap<StreamId, u64>,
    verified: &mut Verified,
) -> Result<(), Fault> {
    let claims =
        Statement::new("SELECT scope, key, stream_type, stream_id FROM es_claims ORDER BY scope, key", []);
    for row in database.query(claims, &[Type::Text; 4]).await? {
        verified.claims += 1;
        let stream = StreamId::new(row.text(2)?, row.text(3)?);
        // A stream that has begun since the log was read is as good.
        if !streams.contains_key(&stream) && log.load(&stream, false).await?.events.is_empty() {
            verified.add(Problem::Claim { scope: row.text(0)?, key: row.text(1)?, stream });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::memory::Memory;
    use crate::log::{Append, NewEvent};
    use domain::log::Context;
    use uuid::Uuid;

    fn event(stream: &str, version: u64, pos: u64, payload: &str) -> Recorded<Stored> {
        Recorded {
            position: Position { pos, ..Position::START },
            tenant: 0,
            category: "thing".to_owned(),
            stream: stream.to_owned(),
            version,
            id: Uuid::nil().to_string(),
            context: Context::process("2026-01-01T00:00:00Z".parse().unwrap()),
            cause: None,
            event: Stored { event_type: "Happened".to_owned(), schema: 1, payload: payload.to_owned() },
        }
    }

    fn problems(events: &[Recorded<Stored>]) -> Vec<String> {
        let (mut verified, mut streams, mut previous) =
            (Verified::default(), HashMap::new(), Position::START);
        for event in events {
            look_at(event, previous, &mut streams, is_json, &mut verified);
            previous = event.position;
        }
        verified.problems.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn a_gap_in_a_stream_a_step_back_and_what_is_not_json_are_told() {
        let log =
            [event("a", 1, 1, "{}"), event("a", 3, 2, "{}"), event("b", 1, 2, "{}"), event("b", 2, 4, "{")];
        assert_eq!(
            problems(&log),
            [
                "at 0-0-2: thing/a goes on with version 3 where 2 should be",
                "at 0-0-2: it comes after 0-0-2",
                "at 0-0-4: the event can't be read: EOF while parsing an object at line 1 column 1",
            ]
        );
    }

    #[tokio::test]
    async fn a_log_that_was_written_by_appends_has_no_problems() {
        let log = Memory::new();
        for expected in 0..3 {
            let event = NewEvent {
                id: Uuid::now_v7(),
                event_type: "Happened".to_owned(),
                schema: 1,
                payload: "{}".to_owned(),
            };
            let context = Context::process("2026-01-01T00:00:00Z".parse().unwrap());
            log.append(Append::new(StreamId::new("thing", "a"), expected, vec![event], context))
                .await
                .unwrap();
        }
        let verified = verify(&log, None, is_json).await.unwrap();
        assert_eq!(verified, Verified { events: 3, streams: 1, ..Verified::default() });
    }
}
