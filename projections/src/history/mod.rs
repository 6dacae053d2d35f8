//! What happened to an account, told in plain English, and how it stood at a moment.
//!
//! Pure: events in, sentences out. Nothing told here is a secret: a password is only ever "set" or "changed".

mod call_sentence;
mod sentence;
mod summary;

pub use sentence::sentence;
pub use summary::summary;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use domain::Event;
use domain::decider::Decider as _;
use domain::ids::UserId;
use domain::log::{Position, Recorded};
use domain::sip_account::SipAccount;
use serde::Serialize;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Knows what people are called.
pub trait Names {
    /// The person's name, if it is known and was not forgotten.
    fn name(&self, id: UserId) -> Option<String>;

    /// The person as sentences show them: `Ivan (id 42)`, or `id 42`.
    fn show(&self, id: UserId) -> String {
        self.name(id).map_or_else(|| format!("id {id}"), |name| format!("{name} (id {id})"))
    }
}

/// Knows nobody: people are shown by their ids.
pub struct Numbers;

impl Names for Numbers {
    fn name(&self, _: UserId) -> Option<String> {
        None
    }
}

impl Names for BTreeMap<UserId, String> {
    fn name(&self, id: UserId) -> Option<String> {
        self.get(&id).cloned()
    }
}

/// One event, told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its place in the log, as text: `0-0-42`.
    pub position: String,
    /// Its place in the account's own history, from 1.
    pub version: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// The event's name.
    pub event: &'static str,
    /// What happened, in a sentence.
    pub what: String,
    /// What led to it.
    pub cause: Option<String>,
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}  {}", minute(self.at), self.what)
    }
}

/// The events as lines.
pub fn lines<'e>(events: impl IntoIterator<Item = &'e Recorded<Event>>, names: &dyn Names) -> Vec<Line> {
    let line = |recorded: &Recorded<Event>| Line {
        position: recorded.position.to_string(),
        version: recorded.version,
        at: recorded.context.at,
        event: recorded.event.name(),
        what: sentence(recorded, names),
        cause: recorded.cause.clone(),
    };
    events.into_iter().map(line).collect()
}

/// Everybody who stands in these events, so that their names can be looked up before anything is told.
pub fn people<'e>(events: impl IntoIterator<Item = &'e Recorded<Event>>) -> Vec<UserId> {
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let notes = Notes(&seen);
    for recorded in events {
        drop(sentence(recorded, &notes));
    }
    seen.into_inner().into_iter().collect()
}

/// Writes down who is asked for.
struct Notes<'a>(&'a std::cell::RefCell<std::collections::BTreeSet<UserId>>);

impl Names for Notes<'_> {
    fn name(&self, id: UserId) -> Option<String> {
        self.0.borrow_mut().insert(id);
        None
    }
}

/// A point in the history: everything up to it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// This place in the log, included.
    Position(Position),
    /// This moment, included.
    Time(DateTime<Utc>),
}

/// The text is neither a position nor a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "give a position like 0-0-42 or a time in UTC like 2026-01-31, 2026-01-31T10:05 or 2026-01-31T10:05:00Z"
)]
pub struct NotAPoint;

impl FromStr for At {
    type Err = NotAPoint;

    fn from_str(text: &str) -> Result<Self, NotAPoint> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Time(at.to_utc()));
        }
        for format in ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"] {
            if let Ok(at) = NaiveDateTime::parse_from_str(text, format) {
                return Ok(Self::Time(at.and_utc()));
            }
        }
        // Of a day all of it counts. A position of three numbers looks alike, but no year has one digit.
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
        if let Some(end) = day.and_then(|day| day.and_hms_micro_opt(23, 59, 59, 999_999)) {
            return Ok(Self::Time(end.and_utc()));
        }
        text.parse().map(Self::Position).map_err(|_| NotAPoint)
    }
}

/// The events up to a point.
#[must_use]
pub fn up_to(events: Vec<Recorded<Event>>, at: At) -> Vec<Recorded<Event>> {
    let counts = |recorded: &Recorded<Event>| match at {
        At::Position(position) => recorded.position <= position,
        At::Time(moment) => recorded.context.at <= moment,
    };
    events.into_iter().filter(counts).collect()
}

/// The account as these events made it.
#[must_use]
pub fn state<'e>(events: impl IntoIterator<Item = &'e Recorded<Event>>) -> SipAccount {
    SipAccount::fold(events.into_iter().filter_map(|recorded| match &recorded.event {
        Event::SipAccount(event) => Some(event),
        Event::Person(_) | Event::Call(_) => None,
    }))
}

/// A moment to the minute, with its zone.
fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests;
