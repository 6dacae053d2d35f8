//! What the service accounts tell the gateway, and what it may tell them: the words of both.

use crate::call::ids::PhoneId;
use bytes::Bytes;
use domain::call::codes;
use domain::ids::UserId;
use std::borrow::Cow;
use std::time::Duration;

/// What happened at Telegram.
#[derive(Debug)]
pub enum Event {
    /// The person's phone rings.
    Ringing {
        /// The call.
        phone: PhoneId,
    },
    /// A person calls a service account. Telegram was told already that the call has come, so that they hear it ring.
    Incoming {
        /// The call.
        phone: PhoneId,
        /// Who calls.
        user: UserId,
    },
    /// Both ends have the key: media may start. What the far side signalled before follows at once.
    Begun {
        /// The call.
        phone: PhoneId,
        /// All that the media needs.
        call: Box<tgcalls::call::Config>,
    },
    /// A packet of signalling from the far side.
    Signal {
        /// The call.
        phone: PhoneId,
        /// The packet.
        packet: Bytes,
    },
    /// The call is over. Told exactly once of each call, also of one that never began.
    Over {
        /// The call.
        phone: PhoneId,
        /// Why.
        end: End,
    },
    /// Somebody wrote to a service account.
    Written {
        /// Who.
        user: UserId,
        /// What.
        message: Written,
    },
    /// [`super::Telegram::is_on`] may answer differently now.
    Changed,
}

/// What somebody wrote to a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A text.
    Text(String),
    /// A contact.
    Contact {
        /// Its phone numbers, as they stand in it.
        numbers: Vec<String>,
        /// Its name.
        name: String,
    },
}

/// Why we hang up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HangUp {
    /// The call is done.
    Hangup,
    /// The person's call can't be taken now; they hear busy.
    Busy,
    /// Nobody answered; the person's app shows a missed call.
    Missed,
    /// Something broke.
    Disconnect,
}

/// Why a call is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// One of the two hung up, as calls end.
    HungUp,
    /// The person declined, or is in another call.
    Declined,
    /// Nobody answered.
    Missed,
    /// The call broke: no common key, a version that is not spoken, Telegram out of reach.
    Lost,
    /// Another device of the service account took the call.
    Elsewhere,
    /// The person's privacy settings forbid the call, or they have blocked the service account.
    Restricted,
    /// Telegram limits calls of every service account that knows the person.
    Flood {
        /// When the first of them may call again.
        retry: Duration,
    },
    /// No service account has met the person. Once they write to one, it knows them.
    Unknown,
    /// The person's app is too old for calls.
    Outdated,
    /// Telegram refused for another reason.
    Refused {
        /// Telegram's code: 400 and above.
        code: u16,
        /// Telegram's word, such as `USER_ID_INVALID`.
        words: String,
    },
    /// Telegram did not answer in time.
    Slow,
}

impl End {
    /// The code and the words that the person and the history see (product reference 3.5). To a SIP caller a person who can't
    /// be rung is not there: they get 480.
    #[must_use]
    pub fn code(&self) -> (u16, Cow<'static, str>) {
        let (code, words) = match self {
            Self::HungUp => (200, "OK"),
            Self::Declined => (486, "Busy Here"),
            Self::Missed => (480, "Temporarily Unavailable"),
            Self::Lost => codes::TELEGRAM_CALL_LOST,
            Self::Elsewhere => (480, "Answered on another device"),
            Self::Restricted => codes::CALLBACK_RESTRICTED,
            Self::Flood { retry } => {
                let (code, words) = codes::too_many_requests(whole_seconds(*retry));
                return (code, words.into());
            }
            Self::Unknown => codes::NOT_KNOWN,
            Self::Outdated => codes::APP_TOO_OLD,
            Self::Refused { code, words } => return (*code, words.clone().into()),
            Self::Slow => codes::TELEGRAM_TIMEOUT,
        };
        (code, words.into())
    }
}

/// A time as people are told it: in seconds, rounded up.
#[must_use]
pub fn whole_seconds(time: Duration) -> u32 {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_have_the_codes_that_people_know() {
        assert_eq!(End::Restricted.code(), (380, "Callback is restricted".into()));
        assert_eq!(End::Slow.code(), (408, "Timeout of waiting RPC result".into()));
        assert_eq!(End::Declined.code().0, 486);
        let words = End::Refused { code: 400, words: "USER_ID_INVALID".to_owned() }.code();
        assert_eq!(words, (400, "USER_ID_INVALID".into()));
    }

    #[test]
    fn a_limit_is_told_in_whole_seconds_rounded_up() {
        let end = End::Flood { retry: Duration::from_millis(36_200) };
        assert_eq!(end.code(), (503, "Too Many Requests: retry after 37".into()));
    }
}
