//! Any event of any aggregate, as the log gives it back, and what the log has to know of each.

use crate::call::{self, Call};
use crate::decider::Decider;
use crate::person::{self, Person};
use crate::sip_account::{self, SipAccount};

/// Any event of any aggregate. The category of its stream says which kind it is.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all events are of accounts, so a box would save nothing"
)]
pub enum Event {
    /// Something happened to a SIP account.
    SipAccount(sip_account::Event),
    /// Something happened to a person.
    Person(person::Event),
    /// Something happened to a call.
    Call(call::Event),
}

impl Event {
    /// The category of the streams that it is recorded in.
    #[must_use]
    pub fn category(&self) -> &'static str {
        match self {
            Self::SipAccount(_) => SipAccount::NAME,
            Self::Person(_) => Person::NAME,
            Self::Call(_) => Call::NAME,
        }
    }

    /// Its name: the `type` in its JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SipAccount(event) => event.name(),
            Self::Person(event) => event.name(),
            Self::Call(event) => event.name(),
        }
    }
}

/// Says of an event enum what the log has to know. It names every variant, so a new one does not compile until it is
/// listed here, and then the golden samples ask for it.
macro_rules! fact {
    ($event:ident: $($name:ident),+ $(,)?) => {
        impl $event {
            /// The names of all events.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),+];

            /// The event's name: the `type` in its JSON.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$name { .. } => stringify!($name)),+ }
            }

            /// The version of the event's stored format, from 1.
            #[must_use]
            pub fn schema(&self) -> u16 {
                1
            }
        }
    };
}
pub(crate) use fact;
