//! Takes in a log that postgres-es wrote: the table `events` of another PostgreSQL database, stream by stream.
//!
//! Nothing there is changed. A repeat imports what is missing and nothing twice, since every append says at which version
//! of its stream it stands; so an import may be broken off, and may run once more before the old system is left.

mod source;

use crate::codec::{self, ClaimChange, Kept};
use crate::log::{Append, AppendError, Claim, EventLog, Fault, NewEvent, Release, Stored, StreamId};
use chrono::{DateTime, Utc};
use domain::call::Call;
use domain::log::{Context, Position, Recorded};
use domain::person::Person;
use domain::sip_account::SipAccount;
use source::{Events, Foreign};
use std::collections::BTreeMap;
use uuid::{NoContext, Timestamp, Uuid};

/// Events in one append. A longer stream takes several; its claims come with the last one.
const PORTION: usize = 500;

/// What the events' cause says.
const CAUSE: &str = "import from postgres-es";

/// How to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The table there; `events` unless the other system has renamed it.
    pub table: String,
    /// How many accounts one owner may have here.
    pub places: u32,
    /// The moment given to events whose metadata has no `at`.
    pub now: DateTime<Utc>,
}

/// How far an import has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Streams looked at.
    pub streams: u64,
    /// Events appended.
    pub imported: u64,
    /// Events that were there already.
    pub present: u64,
}

/// What an import came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Streams looked at.
    pub streams: u64,
    /// Events appended.
    pub imported: u64,
    /// Events that were there already.
    pub present: u64,
    /// Streams of which something stayed out.
    pub refused: Vec<Refused>,
}

/// A stream that stayed out, wholly or from some event on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Which one.
    pub stream: StreamId,
    /// Why, for the operator.
    pub why: String,
}

impl Import {
    /// Imports from the database at this address. Streams that do not fit are left out and told of; nothing else is.
    ///
    /// # Errors
    ///
    /// One of the two databases can't be used. What was imported until then stays; run it again to go on.
    pub async fn run(
        &self,
        from: &str,
        log: &dyn EventLog,
        on_progress: &(dyn Fn(&Progress) + Send + Sync),
    ) -> Result<Imported, Fault> {
        let mut source = Events::open(from, &self.table).await?;
        let (mut progress, mut refused) = (Progress::default(), Vec::new());
        while let Some((stream, events)) = source.next_stream().await? {
            progress.streams += 1;
            match self.stream(log, &stream, events).await? {
                Ok((imported, present)) => {
                    progress.imported += imported;
                    progress.present += present;
                }
                Err(why) => refused.push(Refused { stream, why }),
            }
            on_progress(&progress);
        }
        let Progress { streams, imported, present } = progress;
        Ok(Imported { streams, imported, present, refused })
    }

    /// One stream: how many events were appended and how many were there, or why it stays out.
    async fn stream(
        &self,
        log: &dyn EventLog,
        stream: &StreamId,
        events: Vec<Foreign>,
    ) -> Result<Result<(u64, u64), String>, Fault> {
        let known = match self.understand(stream, &events) {
            Ok(known) => known,
            Err(why) => return Ok(Err(why)),
        };
        let here = log.load(stream, false).await?.events;
        if let Some(version) = first_difference(&here, &known) {
            return Ok(Err(format!("event {version} is another one in the log here")));
        }
        let present = here.len().min(known.len());
        let claims = self.holdings(&known);
        let missing = known.get(present..).unwrap_or_default();
        let mut expected = present as u64;
        let portions = missing.chunk_by(|one, next| one.context == next.context);
        let mut imported = 0;
        for portion in portions {
            for part in portion.chunks(PORTION) {
                imported += part.len() as u64;
                let last = imported == missing.len() as u64;
                let append = append(stream, expected, part, last.then_some(&claims));
                match log.append(append).await {
                    Ok(appended) => expected = appended.version,
                    Err(AppendError::Unavailable(fault)) => return Err(fault),
                    Err(AppendError::Full { limit, .. }) => {
                        return Ok(Err(format!(
                            "its owner has {limit} accounts here already; raise accounts_per_owner"
                        )));
                    }
                    Err(error) => return Ok(Err(describe(&error))),
                }
            }
        }
        Ok(Ok((imported, present as u64)))
    }

    /// The events as ours, if all of them are.
    fn understand(&self, stream: &StreamId, events: &[Foreign]) -> Result<Vec<Known>, String> {
        let mut known = Vec::with_capacity(events.len());
        for (version, event) in (1..).zip(events) {
            if event.sequence != version {
                return Err(format!("event {version} is missing; the next one is {}", event.sequence));
            }
            let schema =
                event.schema().ok_or_else(|| format!("event {version} has no version of its format"))?;
            let stored = Stored { event_type: event.name.clone(), schema, payload: event.payload.clone() };
            let changes = changes(stream, &stored).map_err(|fault| describe(&fault))?;
            known.push(Known { stored, changes, context: event.context(self.now) });
        }
        Ok(known)
    }

    /// The places that a stream holds after all of its events, and those it has given up on the way. Places held only in
    /// between are not taken: the owner of then may have none left now.
    fn holdings(&self, events: &[Known]) -> (Vec<Claim>, Vec<Release>) {
        let mut held = BTreeMap::new();
        for change in events.iter().flat_map(|event| &event.changes) {
            match change {
                ClaimChange::Hold { scope } => held.insert(scope.clone(), true),
                ClaimChange::GiveUp { scope } => held.insert(scope.clone(), false),
            };
        }
        let (hold, give_up): (Vec<_>, Vec<_>) = held.into_iter().partition(|(_, holds)| *holds);
        (
            hold.into_iter().map(|(scope, _)| Claim::Place { scope, limit: self.places }).collect(),
            give_up.into_iter().map(|(scope, _)| Release { scope }).collect(),
        )
    }
}

/// An event of ours out of the other table.
struct Known {
    stored: Stored,
    changes: Vec<ClaimChange>,
    context: Context,
}

fn append(
    stream: &StreamId,
    expected: u64,
    part: &[Known],
    claims: Option<&(Vec<Claim>, Vec<Release>)>,
) -> Append {
    let context = part.first().map_or(Context::process(DateTime::UNIX_EPOCH), |event| event.context);
    let events = part.iter().map(|event| NewEvent {
        id: event_id(event.context),
        event_type: event.stored.event_type.clone(),
        schema: event.stored.schema,
        payload: event.stored.payload.clone(),
    });
    let mut append = Append::new(stream.clone(), expected, events.collect(), context);
    append.cause = Some(CAUSE.to_owned());
    if let Some((claims, releases)) = claims {
        append.claims.clone_from(claims);
        append.releases.clone_from(releases);
    }
    append
}

/// The version of the first event that is not the same here and there.
fn first_difference(here: &[Recorded<Stored>], there: &[Known]) -> Option<u64> {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let differ = |(one, other): (&Recorded<Stored>, &Known)| {
        one.event.event_type != other.stored.event_type
            || json(&one.event.payload) != json(&other.stored.payload)
    };
    here.iter().zip(there).position(differ).map(|index| index as u64 + 1)
}

/// What an event does to claims; an error where it is not an event of ours.
fn changes(stream: &StreamId, stored: &Stored) -> Result<Vec<ClaimChange>, Fault> {
    let recorded = Recorded {
        position: Position::START,
        tenant: 0,
        category: stream.category.clone(),
        stream: stream.id.clone(),
        version: 0,
        id: String::new(),
        context: Context::process(DateTime::UNIX_EPOCH),
        cause: None,
        event: stored.clone(),
    };
    let mut changes = Vec::new();
    for recorded in codec::Upcasters::current().recorded(recorded)? {
        let name = recorded.event.event_type.clone();
        let event = codec::decode(recorded).map_err(|fault| not_ours(stream, fault))?.event;
        if event.name() != name {
            return Err(Fault::because(format!("an event called {name} has a {} in it", event.name())));
        }
        changes.extend(match event {
            domain::Event::SipAccount(event) => SipAccount::claims(&event),
            domain::Event::Person(event) => Person::claims(&event),
            domain::Event::Call(event) => Call::claims(&event),
        });
    }
    Ok(changes)
}

fn not_ours(stream: &StreamId, fault: Fault) -> Fault {
    Fault::new(format!("`{}` is not a stream of ours", stream.category), fault)
}

/// A UUIDv7 of the moment of the event, so that ids sort as events do.
fn event_id(context: Context) -> Uuid {
    let seconds = u64::try_from(context.at.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, context.at.timestamp_subsec_nanos()))
}

/// An error with everything that led to it, in one line.
fn describe(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UserId;
    use domain::settings::Settings;
    use domain::sip_account::{Event, Origin};

    #[test]
    fn an_account_that_came_and_went_holds_no_place_of_those_in_between() {
        let import = Import { table: "events".into(), places: 20, now: DateTime::UNIX_EPOCH };
        let events = [
            Event::AccountCreated {
                owner: UserId(1),
                origin: Origin::Menu,
                settings: Settings::default(),
                offer: None,
            },
            Event::AccountDeleted { owner: UserId(1) },
        ];
        let created = [known(&events[0])];
        let deleted = [known(&events[0]), known(&events[1])];

        let hold = Claim::Place { scope: "owner-slot/1".into(), limit: 20 };
        assert_eq!(import.holdings(&created), (vec![hold], vec![]));
        assert_eq!(import.holdings(&deleted), (vec![], vec![Release { scope: "owner-slot/1".into() }]));
    }

    #[test]
    fn what_is_not_an_event_of_ours_is_told_apart() {
        let wheel = Stored { event_type: "Turned".into(), schema: 1, payload: "{}".into() };
        let stream = |category| StreamId::new(category, "1");
        assert!(changes(&stream("wheel"), &wheel).is_err());
        assert!(changes(&stream("sip_account"), &wheel).is_err());
        let disguised = Stored { payload: r#"{"type":"PersonErased"}"#.into(), ..wheel };
        let fault = changes(&stream("person"), &disguised).unwrap_err();
        assert_eq!(fault.to_string(), "an event called Turned has a PersonErased in it");
    }

    fn known(event: &Event) -> Known {
        let payload = serde_json::to_string(event).unwrap();
        let stored = Stored { event_type: event.name().into(), schema: 1, payload };
        let changes = changes(&StreamId::new("sip_account", "123456789"), &stored).unwrap();
        Known { stored, changes, context: Context::process(DateTime::UNIX_EPOCH) }
    }
}
