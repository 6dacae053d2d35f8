//! Events as the log keeps them, and back again, through every format they ever had.
//!
//! An event is written in its newest format. When it is read, [`Upcasters`] bring older formats up to date: one event may
//! become one, several, or none. What no upcaster knows is an error and never passed over in silence.

use crate::log::{Fault, NewEvent, Stored};
use domain::call::{self, Call};
use domain::decider::Decider;
use domain::log::Recorded;
use domain::person::{self, Person};
use domain::sip_account::{self, SipAccount};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

/// An aggregate whose events the log keeps.
pub trait Kept: Decider<Command: Clone, Event: EventBounds> + Serialize + DeserializeOwned {
    /// The shape of the aggregate's state; raised with every change of it, so that older snapshots are ignored.
    const SNAPSHOT_SCHEMA: u32;

    /// The event's name: the `type` in its JSON.
    fn event_name(event: &Self::Event) -> &'static str;

    /// The names that an event takes and gives up.
    fn claims(event: &Self::Event) -> Vec<ClaimChange>;
}

/// What an event has to be so that the log can keep it.
pub trait EventBounds: Serialize + DeserializeOwned + std::fmt::Debug + PartialEq {}

impl<T: Serialize + DeserializeOwned + std::fmt::Debug + PartialEq> EventBounds for T {}

/// A place in a bounded number of places, taken or given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimChange {
    /// The stream takes one of the places of this scope.
    Hold {
        /// Whose places.
        scope: String,
    },
    /// The stream gives its place up.
    GiveUp {
        /// Whose places.
        scope: String,
    },
}

impl Kept for SipAccount {
    const SNAPSHOT_SCHEMA: u32 = 1;

    fn event_name(event: &sip_account::Event) -> &'static str {
        event.name()
    }

    fn claims(event: &sip_account::Event) -> Vec<ClaimChange> {
        let scope = |owner| format!("owner-slot/{owner}");
        let change = |change| match change {
            sip_account::ClaimChange::HoldOwnerSlot(owner) => ClaimChange::Hold { scope: scope(owner) },
            sip_account::ClaimChange::ReleaseOwnerSlot(owner) => ClaimChange::GiveUp { scope: scope(owner) },
        };
        sip_account::claims(event).into_iter().map(change).collect()
    }
}

impl Kept for Person {
    const SNAPSHOT_SCHEMA: u32 = 1;

    fn event_name(event: &person::Event) -> &'static str {
        event.name()
    }

    fn claims(_: &person::Event) -> Vec<ClaimChange> {
        Vec::new()
    }
}

impl Kept for Call {
    const SNAPSHOT_SCHEMA: u32 = 1;

    fn event_name(event: &call::Event) -> &'static str {
        event.name()
    }

    fn claims(_: &call::Event) -> Vec<ClaimChange> {
        Vec::new()
    }
}

/// The newest format of every event. One number for all of them, until the first one changes.
pub const SCHEMA: u16 = 1;

/// Writes an event in its newest format.
///
/// # Errors
///
/// The event is not a JSON object: a programming error.
pub fn encode<D: Kept>(event: &D::Event, id: Uuid) -> Result<NewEvent, Fault> {
    let payload =
        serde_json::to_string(event).map_err(|error| Fault::new("write an event as JSON", error))?;
    Ok(NewEvent { id, event_type: D::event_name(event).to_owned(), schema: SCHEMA, payload })
}

/// Reads an event of a known aggregate that is in its newest format.
///
/// # Errors
///
/// The JSON is not such an event.
pub fn decode_as<D: Kept>(stored: &Stored) -> Result<D::Event, Fault> {
    serde_json::from_str(&stored.payload).map_err(|error| {
        Fault::new(format!("read a {} of format {}", stored.event_type, stored.schema), error)
    })
}

/// Reads any event in its newest format; the category of its stream says which kind it is.
///
/// # Errors
///
/// The category is unknown (a newer version wrote it), or the JSON is not such an event.
pub fn decode(recorded: Recorded<Stored>) -> Result<Recorded<domain::Event>, Fault> {
    let event = match recorded.category.as_str() {
        SipAccount::NAME => domain::Event::SipAccount(decode_as::<SipAccount>(&recorded.event)?),
        Person::NAME => domain::Event::Person(decode_as::<Person>(&recorded.event)?),
        Call::NAME => domain::Event::Call(decode_as::<Call>(&recorded.event)?),
        unknown => {
            return Err(Fault::because(format!(
                "event {} is of the unknown category `{unknown}`: was it written by a newer version?",
                recorded.position
            )));
        }
    };
    Ok(recorded.map(|_| event))
}

/// Brings one format of one event up to date.
pub trait Upcaster: Send + Sync {
    /// Whether this format of this event is its business.
    fn takes(&self, category: &str, event_type: &str, schema: u16) -> bool;

    /// The event's name, format and JSON one step newer; one event may become several, or none.
    fn upcast(&self, event_type: &str, payload: Value) -> Vec<(String, u16, Value)>;
}

/// Every upcaster, in the order of their making.
#[derive(Default)]
pub struct Upcasters(Vec<Box<dyn Upcaster>>);

impl Upcasters {
    /// These upcasters.
    #[must_use]
    pub fn new(upcasters: Vec<Box<dyn Upcaster>>) -> Self {
        Self(upcasters)
    }

    /// The upcasters of this version of the platform.
    #[must_use]
    pub fn current() -> Self {
        Self::default()
    }

    /// Brings one stored event up to date, step by step.
    ///
    /// # Errors
    ///
    /// Its JSON is broken.
    pub fn apply(&self, category: &str, stored: Stored) -> Result<Vec<Stored>, Fault> {
        let Some(upcaster) = self.0.iter().find(|it| it.takes(category, &stored.event_type, stored.schema))
        else {
            return Ok(vec![stored]);
        };
        let payload = serde_json::from_str(&stored.payload)
            .map_err(|error| Fault::new(format!("read a {}", stored.event_type), error))?;
        let mut newest = Vec::new();
        for (event_type, schema, payload) in upcaster.upcast(&stored.event_type, payload) {
            newest.extend(self.apply(category, Stored { event_type, schema, payload: payload.to_string() })?);
        }
        Ok(newest)
    }

    /// Brings one recorded event up to date. Several that come of it share its position, version and id.
    ///
    /// # Errors
    ///
    /// Its JSON is broken.
    pub fn recorded(&self, recorded: Recorded<Stored>) -> Result<Vec<Recorded<Stored>>, Fault> {
        if self.0.is_empty() {
            return Ok(vec![recorded]);
        }
        let newest = self.apply(&recorded.category, recorded.event.clone())?;
        Ok(newest.into_iter().map(|stored| recorded.clone().map(|_| stored)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_old_format_is_brought_up_to_date_step_by_step() {
        let upcasters = Upcasters::new(vec![Box::new(Rename), Box::new(Split)]);
        let old = Stored { event_type: "Called".into(), schema: 1, payload: json!({"n": 1}).to_string() };

        let newest = upcasters.apply("sip_account", old).expect("valid JSON");

        let names: Vec<_> = newest.iter().map(|stored| (stored.event_type.as_str(), stored.schema)).collect();
        assert_eq!(names, [("CallRequested", 3), ("CallOffered", 3)]);
    }

    #[test]
    fn an_event_that_no_upcaster_takes_stays_as_it_is() {
        let stored = Stored { event_type: "AccountDeleted".into(), schema: 1, payload: "{}".into() };
        let upcasters = Upcasters::new(vec![Box::new(Rename)]);
        assert_eq!(upcasters.apply("sip_account", stored.clone()).expect("valid JSON"), [stored]);
    }

    struct Rename;

    impl Upcaster for Rename {
        fn takes(&self, _: &str, event_type: &str, schema: u16) -> bool {
            event_type == "Called" && schema == 1
        }

        fn upcast(&self, _: &str, payload: Value) -> Vec<(String, u16, Value)> {
            vec![("CallPlaced".into(), 2, payload)]
        }
    }

    struct Split;

    impl Upcaster for Split {
        fn takes(&self, _: &str, event_type: &str, schema: u16) -> bool {
            event_type == "CallPlaced" && schema == 2
        }

        fn upcast(&self, _: &str, payload: Value) -> Vec<(String, u16, Value)> {
            vec![("CallRequested".into(), 3, payload.clone()), ("CallOffered".into(), 3, payload)]
        }
    }
}
