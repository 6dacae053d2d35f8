//! Why a person could not be rung in Telegram, as far as code and words of an ended call tell (product reference 3.5).
//!
//! A provider may use the same codes for reasons of its own, so the words count too.

use crate::view::call::Ending;
use domain::call::{EndCause, codes};

/// Why a person could not be rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotRung {
    /// Their privacy settings refuse calls of the service account.
    Restricted,
    /// Telegram limits how often people are rung.
    Flood,
    /// No service account has met them.
    Unknown,
    /// Their app is too old for calls.
    Outdated,
    /// Telegram did not answer in time.
    Slow,
    /// The Telegram call broke before it began.
    Broken,
}

/// Why the person could not be rung; none where that is not why the call ended.
pub(super) fn not_rung(ending: &Ending) -> Option<NotRung> {
    let EndCause::Failed = ending.cause else { return None };
    let (code, words) = (ending.code?, ending.reason.as_deref().unwrap_or_default().trim());
    if codes::is_too_many_requests(code, words) {
        return Some(NotRung::Flood);
    }
    let known = [
        (codes::CALLBACK_RESTRICTED, NotRung::Restricted),
        (codes::NOT_KNOWN, NotRung::Unknown),
        (codes::APP_TOO_OLD, NotRung::Outdated),
        (codes::TELEGRAM_TIMEOUT, NotRung::Slow),
        (codes::TELEGRAM_CALL_LOST, NotRung::Broken),
    ];
    known.into_iter().find(|((known, said), _)| (*known, *said) == (code, words)).map(|(_, why)| why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn telegrams_refusals_are_told_from_those_of_a_provider_with_the_same_code() {
        assert_eq!(why(380, "Callback is restricted"), Some(NotRung::Restricted));
        assert_eq!(why(380, "Alternative Service"), None);
        assert_eq!(why(503, "Too Many Requests: retry after 37"), Some(NotRung::Flood));
        assert_eq!(why(503, "Service Unavailable"), None);
        assert_eq!(why(408, "Timeout of waiting RPC result"), Some(NotRung::Slow));
        assert_eq!(why(408, "Request timeout"), None);
        assert_eq!(why(480, "Not known to the service account"), Some(NotRung::Unknown));
        assert_eq!(why(480, "Temporarily Unavailable"), None);
    }

    fn why(code: u16, reason: &str) -> Option<NotRung> {
        not_rung(&Ending {
            cause: EndCause::Failed,
            code: Some(code),
            reason: Some(reason.to_owned()),
            talked: 0,
            at: DateTime::UNIX_EPOCH,
            dialled: false,
            again: true,
        })
    }
}
