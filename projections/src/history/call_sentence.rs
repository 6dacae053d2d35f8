//! Each event of a call as a sentence. Numbers are sealed, so sentences speak of "a number".

use super::{Names, minute};
use domain::call::{Awaited, Direction, EndCause, Event, Party, TransferTo};
use domain::ids::UserId;
use domain::log::Actor;

/// What happened to a call, in a sentence without its time.
pub(super) fn tell(event: &Event, by: Actor, names: &dyn Names) -> String {
    use Event as E;
    let show = |id: &UserId| names.show(*id);
    match event {
        E::CallRequested { by, account, .. } => {
            format!("{} asked for a call to a number through account {account}", show(by))
        }
        E::CallOffered { account, user, .. } => {
            format!("A call came in for account {account}: {} is rung", show(user))
        }
        E::CallTaken { gateway } => format!("{} took the call and rings its user", gateway.process),
        E::UserAwaited { until, why, retry_after } => {
            let why = match (why, retry_after) {
                (Awaited::CallbackOff, _) => "callback mode is off".to_owned(),
                (Awaited::Flood, None) => "Telegram limits calls that go out".to_owned(),
                (Awaited::Flood, Some(seconds)) => {
                    format!("Telegram lets no calls go out for {seconds} seconds")
                }
            };
            format!("The user may call until {}, to be connected: {why}", minute(*until))
        }
        E::CallDialled => "The user is there, and the number was dialled".to_owned(),
        E::CallRang => "The far end rings".to_owned(),
        E::CallAnswered => "They talk".to_owned(),
        E::CallHeld => "The far end was put on hold".to_owned(),
        E::CallResumed => "The far end was taken off hold".to_owned(),
        E::CallTransferred { to: TransferTo::Number(_) } => {
            "The far end was transferred to another number".to_owned()
        }
        E::CallTransferred { to: TransferTo::Call(call) } => {
            format!("The far end was connected with that of call {call}")
        }
        E::RecordingStarted { automatic, locked } => {
            let how = if *automatic { "by itself" } else { "by hand" };
            let lock = if *locked { ", and the user can't stop it" } else { "" };
            format!("Recording began {how}{lock}")
        }
        E::RecordingStopped => match by {
            Actor::Person(id) => format!("{} stopped recording", names.show(id)),
            Actor::Process | Actor::Operator | Actor::Gateway => "Recording ended".to_owned(),
        },
        E::RecordingSaved { seconds, .. } => format!("A recording of {seconds} s was stored"),
        E::RecordingFailed { reason } => format!("Recording failed: {reason}"),
        E::CallEnded { cause, code, reason, answered_for, user, direction, .. } => {
            let user = show(user);
            let outcome = outcome(*cause, *direction, &user);
            let answer: Vec<String> =
                code.map(|code| code.to_string()).into_iter().chain(reason.clone()).collect();
            let answer = if answer.is_empty() { String::new() } else { format!(" ({})", answer.join(" ")) };
            let talked =
                if *answered_for > 0 { format!("; they talked {answered_for} s") } else { String::new() };
            format!("{outcome}{answer}{talked}")
        }
    }
}

fn outcome(cause: EndCause, direction: Direction, user: &str) -> String {
    match (cause, direction) {
        (EndCause::Hangup { by: Party::User }, _) => format!("{user} hung up"),
        (EndCause::Hangup { by: Party::FarEnd }, _) => "The far end hung up".to_owned(),
        (EndCause::Declined, Direction::In) => format!("{user} declined the call"),
        (EndCause::Declined, Direction::Out) => "The far end declined the call".to_owned(),
        (EndCause::Busy, Direction::In) => format!("{user} talked already, and the caller heard busy"),
        (EndCause::Busy, Direction::Out) => "The far end was busy".to_owned(),
        (EndCause::Missed, Direction::In) => format!("{user} did not answer the call"),
        (EndCause::Missed, Direction::Out) => "The far end did not answer".to_owned(),
        (EndCause::Cancelled, Direction::In) => "The caller gave up".to_owned(),
        (EndCause::Cancelled, Direction::Out) => format!("{user} gave the call up"),
        (EndCause::Failed, _) => "The call failed".to_owned(),
        (EndCause::Lost, _) => "The call was lost: its gateway is gone".to_owned(),
        (EndCause::Replaced, _) => "The call was transferred, and left".to_owned(),
    }
}
