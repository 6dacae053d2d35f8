//! Why a call is over, out of what Telegram says and of what we want.

use super::super::event::{End, HangUp};
use super::{Reason, Trouble};

/// `phone.requestCall` (or the group for it) was refused.
pub(super) fn of_request(trouble: Trouble) -> End {
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
    match trouble {
        Trouble::Flood(retry) => End::Flood { retry },
        Trouble::Unreachable | Trouble::Nonsense => End::Lost,
        Trouble::Refused { code, words } => match words.as_str() {
            "CALL_ALREADY_ACCEPTED" => End::Elsewhere,
            "CALL_ALREADY_DECLINED" => End::Declined,
            "CALL_PEER_INVALID" | "CALL_OCCUPY_FAILED" | "CALL_PROTOCOL_COMPAT_LAYER_INVALID" => End::Lost,
            _ => End::Refused { code, words },
        },
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
