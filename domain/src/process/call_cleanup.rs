//! Calls that nobody would ever end: their gateway is gone, or none ever took them.
//!
//! A command that comes late or twice does no harm: the first end of a call stands.

use crate::call::{Command, EndCause, Gateway, TAKEN_WITHIN, codes};
use chrono::{DateTime, Utc};

/// A call that is not over, as far as cleaning up has to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCall {
    /// The media process that carries it; none while a call that was asked for waits for one.
    pub gateway: Option<Gateway>,
    /// When it was asked for, or came in.
    pub began: DateTime<Utc>,
    /// When they began to talk.
    pub answered: Option<DateTime<Utc>>,
    /// When anything was last heard of it.
    pub seen: DateTime<Utc>,
}

/// How the media process of a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// It renews its lease.
    Alive,
    /// It does not.
    Gone {
        /// When its lease ended, if that is still known.
        since: Option<DateTime<Utc>>,
    },
}

/// What is to be done about a call now, on behalf of [`Actor::Process`](crate::log::Actor::Process); none if it is in
/// good hands, or still may come into them.
#[must_use]
pub fn due(call: &OpenCall, carried: Carried, now: DateTime<Utc>) -> Option<Command> {
    match (&call.gateway, carried) {
        (None, _) if call.began + TAKEN_WITHIN <= now => {
            let (code, reason) = codes::NO_RESPONSE;
            Some(end(EndCause::Failed, Some((code, reason)), 0))
        }
        (None, _) | (Some(_), Carried::Alive) => None,
        (Some(_), Carried::Gone { since }) => Some(end(EndCause::Lost, None, talked(call, since))),
    }
}

/// How long they talked for certain, in whole seconds: nobody pays for what a dead gateway did not carry.
fn talked(call: &OpenCall, gone_since: Option<DateTime<Utc>>) -> u32 {
    let last = gone_since.unwrap_or(call.seen).max(call.seen);
    let talked = call.answered.map_or(0, |answered| (last - answered).num_seconds());
    u32::try_from(talked).unwrap_or(0)
}

fn end(cause: EndCause, answer: Option<(u16, &str)>, answered_for: u32) -> Command {
    Command::End {
        cause,
        code: answer.map(|(code, _)| code),
        reason: answer.map(|(_, reason)| reason.to_owned()),
        answered_for,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::at;
    use chrono::TimeDelta;

    fn requested() -> OpenCall {
        OpenCall { gateway: None, began: at(0), answered: None, seen: at(0) }
    }

    fn talking() -> OpenCall {
        let gateway = Some(Gateway { process: "media one".into(), epoch: 1 });
        OpenCall { gateway, began: at(0), answered: Some(at(1)), seen: at(2) }
    }

    #[test]
    fn a_call_that_no_gateway_takes_fails_after_thirty_seconds() {
        let gone = Carried::Gone { since: None };
        assert_eq!(due(&requested(), gone, at(0) + TimeDelta::seconds(29)), None);
        let failed = due(&requested(), gone, at(0) + TimeDelta::seconds(30));
        assert_eq!(
            failed,
            Some(Command::End {
                cause: EndCause::Failed,
                code: Some(503),
                reason: Some("No response from gateway".into()),
                answered_for: 0
            })
        );
    }

    #[test]
    fn a_call_of_a_gateway_that_lives_is_left_alone() {
        assert_eq!(due(&talking(), Carried::Alive, at(600)), None);
    }

    #[test]
    fn a_lost_call_lasted_until_the_lease_of_its_gateway_ended() {
        let lost = |since| match due(&talking(), Carried::Gone { since }, at(60)) {
            Some(Command::End { cause: EndCause::Lost, answered_for, .. }) => answered_for,
            other => panic!("{other:?}"),
        };
        assert_eq!(lost(Some(at(11))), 600);
        assert_eq!(lost(None), 60, "nothing is known after it was last heard of");
        assert_eq!(lost(Some(at(0))), 60, "it was heard of after its lease");
    }

    #[test]
    fn a_lost_call_that_nobody_answered_lasted_no_time() {
        let ringing = OpenCall { answered: None, ..talking() };
        let ended = due(&ringing, Carried::Gone { since: Some(at(11)) }, at(60));
        assert!(matches!(ended, Some(Command::End { answered_for: 0, .. })));
    }
}
