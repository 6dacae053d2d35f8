//! Why a call ended, and what is said of it (product reference 3.5).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One of the two who talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The person in Telegram.
    User,
    /// Whoever is behind the SIP account.
    FarEnd,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// They talked, and one of them hung up.
    Hangup {
        /// Who.
        by: Party,
    },
    /// It was refused: by the user where the call came in, by the far end where it went out.
    Declined,
    /// Who was called talks already.
    Busy,
    /// Who was called did not answer.
    Missed,
    /// Whoever called gave up before the answer.
    Cancelled,
    /// It could not be made, or broke; code and reason say more.
    Failed,
    /// The gateway that carried it is gone.
    Lost,
    /// A transfer connected the far end with somebody else.
    Replaced,
}

impl EndCause {
    /// What an answer to an invitation means that is a refusal: a SIP status of 300 to 699.
    #[must_use]
    pub fn of_refusal(code: u16) -> Self {
        match code {
            486 | 600 => Self::Busy,
            603 => Self::Declined,
            487 => Self::Cancelled,
            _ => Self::Failed,
        }
    }

    /// Whether it counts as a failed call (product reference 9.3).
    #[must_use]
    pub fn is_failure(self) -> bool {
        match self {
            Self::Failed | Self::Lost => true,
            Self::Hangup { .. }
            | Self::Declined
            | Self::Busy
            | Self::Missed
            | Self::Cancelled
            | Self::Replaced => false,
        }
    }
}

/// The text is not why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not why a call ended")]
pub struct NotAnEndCause;

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hangup { by: Party::User } => "hangup_user",
            Self::Hangup { by: Party::FarEnd } => "hangup_far_end",
            Self::Declined => "declined",
            Self::Busy => "busy",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Lost => "lost",
            Self::Replaced => "replaced",
        })
    }
}

impl FromStr for EndCause {
    type Err = NotAnEndCause;

    fn from_str(text: &str) -> Result<Self, NotAnEndCause> {
        Ok(match text {
            "hangup_user" => Self::Hangup { by: Party::User },
            "hangup_far_end" => Self::Hangup { by: Party::FarEnd },
            "declined" => Self::Declined,
            "busy" => Self::Busy,
            "missed" => Self::Missed,
            "cancelled" => Self::Cancelled,
            "failed" => Self::Failed,
            "lost" => Self::Lost,
            "replaced" => Self::Replaced,
            _ => return Err(NotAnEndCause),
        })
    }
}

/// Codes and texts as people see them. They are those of SIP, so that support and providers speak of the same thing.
pub mod codes {
    /// The user's privacy refuses calls of the service account.
    pub const CALLBACK_RESTRICTED: (u16, &str) = (380, "Callback is restricted");
    /// The owner's plan forbids something that the account is set to.
    pub const DISALLOWED_SETTINGS: (u16, &str) = (402, "SIP account has disallowed settings");
    /// The owner's calls have taken all the time of the plan.
    pub const DURATION_EXCEEDED: (u16, &str) = (402, "Total calls duration is exceeded");
    /// Too many of the owner's calls have failed.
    pub const FAILURES_EXCEEDED: (u16, &str) = (402, "Amount of fail calls is exceeded");
    /// The provider refuses login or password.
    pub const AUTH_FAILED: (u16, &str) = (403, "Auth Failed");
    /// The provider did not answer.
    pub const REQUEST_TIMEOUT: (u16, &str) = (408, "Request timeout");
    /// Telegram did not answer.
    pub const TELEGRAM_TIMEOUT: (u16, &str) = (408, "Timeout of waiting RPC result");
    /// No service account has met the user, so none may ring them.
    pub const NOT_KNOWN: (u16, &str) = (480, "Not known to the service account");
    /// The user's Telegram app can't take calls.
    pub const APP_TOO_OLD: (u16, &str) = (480, "Telegram app is too old for calls");
    /// The Telegram call asks for a way of carrying sound that is not spoken here.
    pub const CALL_NOT_SPOKEN: (u16, &str) = (488, "Telegram call asks for what is not supported");
    /// The Telegram call with the user broke before it began.
    pub const TELEGRAM_CALL_LOST: (u16, &str) = (500, "Telegram call lost");
    /// The user did not answer the call back, or did not call in time.
    pub const USER_DID_NOT_ANSWER: (u16, &str) = (480, "Temporarily Unavailable");
    /// No media process has taken the call.
    pub const NO_RESPONSE: (u16, &str) = (503, "No response from gateway");
    /// No account's rules let the number pass. It has no code, since no call begins.
    pub const NO_LINES: &str = "No lines for call";

    /// Telegram limits calls that go out; what is said of it, with the seconds to wait.
    #[must_use]
    pub fn too_many_requests(retry_after: u32) -> (u16, String) {
        (503, format!("{TOO_MANY_REQUESTS} {retry_after}"))
    }

    const TOO_MANY_REQUESTS: &str = "Too Many Requests: retry after";

    /// Whether this is what [`too_many_requests`] says.
    #[must_use]
    pub fn is_too_many_requests(code: u16, words: &str) -> bool {
        code == 503 && words.starts_with(TOO_MANY_REQUESTS)
    }

    /// What is said of a SIP status that came without a reason phrase.
    #[must_use]
    pub fn reason(code: u16) -> &'static str {
        match code {
            380 => CALLBACK_RESTRICTED.1,
            400 => "Bad Request",
            401 => "Unauthorized",
            402 => "Payment Required",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            406 => "Not Acceptable",
            407 => "Proxy Authentication Required",
            408 => REQUEST_TIMEOUT.1,
            410 => "Gone",
            415 => "Unsupported Media Type",
            420 => "Bad Extension",
            480 => "Temporarily Unavailable",
            481 => "Call/Transaction Does Not Exist",
            482 => "Loop Detected",
            483 => "Too Many Hops",
            484 => "Address Incomplete",
            485 => "Ambiguous",
            486 => "Busy Here",
            487 => "Request Terminated",
            488 => "Not Acceptable Here",
            500 => "Internal Server Error",
            501 => "Not Implemented",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            504 => "Server Time-out",
            600 => "Busy Everywhere",
            603 => "Declined",
            604 => "Does Not Exist Anywhere",
            606 => "Not Acceptable",
            _ => of_class(code),
        }
    }

    /// What is said of a status that has no words of its own.
    fn of_class(code: u16) -> &'static str {
        match code / 100 {
            2 => "OK",
            3 => "Redirection",
            5 => "Server Failure",
            6 => "Global Failure",
            _ => "Request Failure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_read_back_from_its_word() {
        let causes = [
            EndCause::Hangup { by: Party::User },
            EndCause::Hangup { by: Party::FarEnd },
            EndCause::Declined,
            EndCause::Busy,
            EndCause::Missed,
            EndCause::Cancelled,
            EndCause::Failed,
            EndCause::Lost,
            EndCause::Replaced,
        ];
        for cause in causes {
            assert_eq!(cause.to_string().parse(), Ok(cause));
        }
        assert_eq!("bored".parse::<EndCause>(), Err(NotAnEndCause));
    }

    #[test]
    fn busy_and_declined_are_no_failures_and_what_a_provider_breaks_is() {
        for (code, cause) in [
            (486, EndCause::Busy),
            (600, EndCause::Busy),
            (603, EndCause::Declined),
            (487, EndCause::Cancelled),
        ] {
            assert_eq!(EndCause::of_refusal(code), cause);
            assert!(!cause.is_failure());
        }
        for code in [403, 404, 408, 480, 500, 503] {
            assert!(EndCause::of_refusal(code).is_failure(), "{code}");
        }
    }

    #[test]
    fn a_refusal_without_words_is_told_in_the_words_of_its_code() {
        assert_eq!(codes::reason(603), "Declined");
        assert_eq!(codes::reason(486), "Busy Here");
        assert_eq!(codes::reason(499), "Request Failure");
        let (code, words) = codes::too_many_requests(37);
        assert_eq!(words, "Too Many Requests: retry after 37");
        assert!(codes::is_too_many_requests(code, &words));
        assert!(!codes::is_too_many_requests(503, "Service Unavailable"));
    }
}
