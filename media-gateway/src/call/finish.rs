//! How calls end: causes, codes, and the words beside them (product reference 3.5; sip reference 4).

use super::input::SipEnd;
use domain::call::codes;
pub use domain::call::{EndCause, Party as Side};

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Why.
    pub cause: EndCause,
    /// SIP code.
    pub code: u16,
    /// The reason phrase: the far end's own where it has one.
    pub reason: String,
}

impl Outcome {
    /// With the usual words for the code.
    #[must_use]
    pub fn new(cause: EndCause, code: u16) -> Self {
        Self { cause, code, reason: codes::reason(code).to_owned() }
    }

    /// With these words.
    #[must_use]
    pub fn because(cause: EndCause, code: u16, reason: &str) -> Self {
        Self { cause, code, reason: reason.to_owned() }
    }

    /// A call that the far end never answered ended so.
    #[must_use]
    pub fn of_unanswered(end: &SipEnd) -> Self {
        let cause = match (end.code, end.q850) {
            (_, Some(17)) => EndCause::Busy,
            // A provider that forbids a call names cause 21 too; nobody has declined it.
            (403, Some(21)) => EndCause::Failed,
            (607, _) | (_, Some(21)) => EndCause::Declined,
            (408 | 480, _) | (_, Some(18 | 19)) => EndCause::Missed,
            (code, _) => EndCause::of_refusal(code),
        };
        Self { cause, code: end.code, reason: reason(end) }
    }

    /// A caller whom nobody had answered went away.
    #[must_use]
    pub fn of_withdrawn(end: &SipEnd) -> Self {
        // RFC 3326 and Q.850 26: the INVITE was forked, and another phone of the account took it.
        if end.code == 200 || end.q850 == Some(26) {
            return Self::because(EndCause::Cancelled, 200, "Answered elsewhere");
        }
        Self {
            cause: EndCause::Missed,
            code: if end.code == 0 { 487 } else { end.code },
            reason: reason(end),
        }
    }

    /// A call that both had answered ended so.
    #[must_use]
    pub fn of_talk(end: &SipEnd) -> Self {
        if end.timeout || end.code >= 300 {
            return Self { cause: EndCause::Failed, code: end.code, reason: reason(end) };
        }
        Self::because(EndCause::Hangup { by: Side::FarEnd }, 200, "OK")
    }
}

/// The far end's own words, else what its Q.850 cause or its code means.
fn reason(end: &SipEnd) -> String {
    let said = end.reason.trim();
    if !said.is_empty() {
        return super::caller::one_line(said, 120);
    }
    end.q850.and_then(cause_words).unwrap_or_else(|| codes::reason(end.code)).to_owned()
}

/// What the commoner causes of Q.850 mean.
fn cause_words(cause: u8) -> Option<&'static str> {
    Some(match cause {
        1 => "Unallocated number",
        2 | 3 => "No route to destination",
        16 => "Normal call clearing",
        17 => "User busy",
        18 => "No user responding",
        19 => "No answer",
        20 => "Subscriber absent",
        21 => "Call rejected",
        22 => "Number changed",
        27 => "Destination out of order",
        28 => "Invalid number format",
        31 => "Normal, unspecified",
        34 => "No circuit available",
        38 => "Network out of order",
        41 => "Temporary failure",
        42 => "Switching equipment congestion",
        50 | 57 | 58 => "Not permitted or not available",
        65 | 79 | 88 => "Not supported",
        102 => "Recovery on timer expiry",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(code: u16, reason: &str, q850: Option<u8>) -> SipEnd {
        SipEnd { code, reason: reason.to_owned(), q850, timeout: false }
    }

    #[test]
    fn the_far_ends_own_words_win() {
        let outcome = Outcome::of_unanswered(&end(403, "Blocked, call support", None));
        assert_eq!(outcome, Outcome::because(EndCause::Failed, 403, "Blocked, call support"));
    }

    #[test]
    fn a_q850_cause_tells_what_a_bare_code_does_not() {
        let outcome = Outcome::of_unanswered(&end(503, "", Some(34)));
        assert_eq!(outcome, Outcome::because(EndCause::Failed, 503, "No circuit available"));
        assert_eq!(Outcome::of_unanswered(&end(500, "", Some(17))).cause, EndCause::Busy);
    }

    #[test]
    fn a_call_that_the_provider_forbids_was_not_declined() {
        assert_eq!(Outcome::of_unanswered(&end(403, "Forbidden", Some(21))).cause, EndCause::Failed);
    }

    #[test]
    fn busy_and_declined_and_no_answer_are_told_apart() {
        let cause = |code| Outcome::of_unanswered(&end(code, "", None)).cause;
        assert_eq!(
            [486, 600, 603, 408, 480, 404].map(cause),
            [
                EndCause::Busy,
                EndCause::Busy,
                EndCause::Declined,
                EndCause::Missed,
                EndCause::Missed,
                EndCause::Failed
            ]
        );
    }

    #[test]
    fn a_call_that_another_phone_took_was_not_missed() {
        assert_eq!(Outcome::of_withdrawn(&end(200, "", None)).cause, EndCause::Cancelled);
        assert_eq!(Outcome::of_withdrawn(&end(487, "", Some(26))).cause, EndCause::Cancelled);
        assert_eq!(Outcome::of_withdrawn(&end(487, "", None)).cause, EndCause::Missed);
    }

    #[test]
    fn what_came_from_the_network_is_one_line_of_text() {
        let outcome = Outcome::of_unanswered(&end(500, "bad\r\nthing\u{202e}", None));
        assert_eq!(outcome.reason, "bad thing");
    }
}
