//! How a call ends, and why: out of what Telegram says and of what we want.

use super::super::event::{End, HangUp};
use super::{Call, LEAVING, Moment, Peer, Reason, State, Told, Trouble};
use domain::call::codes;
use std::time::Duration;
use tgcalls::version::Unsupported;

impl Call {
    /// Hangs up, in whatever state it is.
    pub(super) fn hang_up(&mut self, why: HangUp, now: Moment) {
        let end = of_hang_up(why);
        match &self.state {
            State::Preparing { .. } => self.over(end),
            State::Requesting { .. } => self.leave(end, now),
            State::Ringing { peer, .. } => {
                self.discard(*peer, unanswered(why, Reason::Missed), Duration::ZERO);
                self.over(end);
            }
            State::Offered { peer, .. } | State::Taking { peer, .. } => {
                self.discard(*peer, unanswered(why, Reason::Busy), Duration::ZERO);
                self.over(end);
            }
            State::Confirming { peer, .. } | State::Accepting { peer, .. } => {
                self.discard(*peer, reason(why), Duration::ZERO);
                self.over(end);
            }
            State::Talking { peer, since } => {
                let (peer, length) = (*peer, now.saturating_sub(*since));
                self.discard(peer, reason(why), length);
                self.over(end);
            }
            State::Leaving | State::Done => {}
        }
    }

    /// Telegram says that a call is over.
    pub(super) fn discarded(&mut self, id: i64, reason: Option<Reason>) {
        if self.id() != Some(id) {
            return;
        }
        let end = match &self.state {
            State::Ringing { .. } => while_ringing(reason),
            State::Offered { .. } | State::Taking { .. } => while_offered(reason),
            State::Confirming { .. } | State::Accepting { .. } | State::Talking { .. } => {
                while_talking(reason)
            }
            State::Preparing { .. } | State::Requesting { .. } | State::Leaving | State::Done => return,
        };
        self.over(end);
    }

    /// Ends a call that broke, here and there.
    pub(super) fn fail(&mut self, peer: Peer, end: End) {
        self.discard(peer, Reason::Disconnect, Duration::ZERO);
        self.over(end);
    }

    /// Over for everybody here, while the answer to `phone.requestCall` is still to come.
    pub(super) fn leave(&mut self, end: End, now: Moment) {
        self.over(end);
        self.go(State::Leaving, now + LEAVING);
    }

    /// Tells the end, once.
    pub(super) fn over(&mut self, end: End) {
        self.state = State::Done;
        self.deadline = None;
        self.early.clear();
        if !std::mem::replace(&mut self.is_over, true) {
            self.tell(Told::Over(end));
        }
    }
}

/// `phone.requestCall` (or the group for it) was refused.
pub(in crate::telegram) fn of_request(trouble: Trouble) -> End {
    if trouble.is_slow() {
        return End::Slow;
    }
    match trouble {
        Trouble::Flood(retry) => End::Flood { retry },
        Trouble::Unreachable | Trouble::Nonsense => End::Lost,
        Trouble::Refused { code, words } => match words.as_str() {
            "USER_PRIVACY_RESTRICTED" | "USER_IS_BLOCKED" => End::Restricted,
            "PARTICIPANT_VERSION_OUTDATED" => End::Outdated,
            "USER_ID_INVALID" | "PEER_ID_INVALID" => End::Unknown,
            _ => End::Refused { code, words },
        },
    }
}

/// `phone.acceptCall` or `phone.confirmCall` was refused.
pub(super) fn of_exchange(trouble: Trouble) -> End {
    if trouble.is_slow() {
        return End::Slow;
    }
    match trouble {
        Trouble::Flood(retry) => End::Flood { retry },
        Trouble::Unreachable | Trouble::Nonsense => End::Lost,
        Trouble::Refused { code, words } => match words.as_str() {
            "CALL_ALREADY_ACCEPTED" => End::Elsewhere,
            "CALL_ALREADY_DECLINED" => End::Declined,
            "CALL_PROTOCOL_COMPAT_LAYER_INVALID" => End::Outdated,
            "CALL_PEER_INVALID" | "CALL_OCCUPY_FAILED" => End::Lost,
            _ => End::Refused { code, words },
        },
    }
}

/// Both ends have the key, and what the call asks for is not spoken here.
pub(super) fn of_unsupported(error: &Unsupported) -> End {
    match error {
        Unsupported::Version(_) => End::Outdated,
        Unsupported::Parameter(_) | Unsupported::Parameters => {
            let (code, words) = codes::CALL_NOT_SPOKEN;
            End::Refused { code, words: words.to_owned() }
        }
    }
}

/// The far side, or Telegram, ended a call of ours that nobody had answered.
pub(super) fn while_ringing(reason: Option<Reason>) -> End {
    match reason {
        Some(Reason::Busy | Reason::Hangup) => End::Declined,
        Some(Reason::Missed) => End::Missed,
        Some(Reason::Disconnect | Reason::Migrate) | None => End::Lost,
    }
}

/// A call that came in ended before we had taken it. A caller who gives up leaves a missed call; anything else was done
/// on another device of the account.
pub(super) fn while_offered(reason: Option<Reason>) -> End {
    match reason {
        Some(Reason::Missed) => End::Missed,
        Some(Reason::Busy | Reason::Hangup) => End::Elsewhere,
        Some(Reason::Disconnect | Reason::Migrate) | None => End::Lost,
    }
}

/// The far side, or Telegram, ended a call that was taken.
pub(super) fn while_talking(reason: Option<Reason>) -> End {
    match reason {
        Some(Reason::Hangup | Reason::Busy | Reason::Missed) => End::HungUp,
        Some(Reason::Disconnect | Reason::Migrate) | None => End::Lost,
    }
}

/// We hang up.
pub(super) fn of_hang_up(why: HangUp) -> End {
    match why {
        HangUp::Hangup | HangUp::Busy => End::HungUp,
        HangUp::Missed => End::Missed,
        HangUp::Disconnect => End::Lost,
    }
}

/// What Telegram is told when we hang up on a call that was taken.
pub(super) fn reason(why: HangUp) -> Reason {
    match why {
        HangUp::Hangup => Reason::Hangup,
        HangUp::Busy => Reason::Busy,
        HangUp::Missed => Reason::Missed,
        HangUp::Disconnect => Reason::Disconnect,
    }
}

/// What Telegram is told when we hang up on one that was not: `usual`, unless we mean something else.
pub(super) fn unanswered(why: HangUp, usual: Reason) -> Reason {
    match why {
        HangUp::Hangup => usual,
        HangUp::Busy => Reason::Busy,
        HangUp::Missed => Reason::Missed,
        HangUp::Disconnect => Reason::Disconnect,
    }
}
