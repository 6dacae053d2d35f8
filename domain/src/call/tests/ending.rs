//! How calls end.

use super::*;

fn failed(code: u16, reason: &str) -> Command {
    Command::End {
        cause: EndCause::Failed,
        code: Some(code),
        reason: Some(reason.to_owned()),
        answered_for: 0,
    }
}

#[test]
fn the_first_end_stands() {
    let after = given::<Call>(talking()).and(GATEWAY, at(0), hangup(Party::User, 5));
    let _ = after.clone().when(GATEWAY, at(0), hangup(Party::FarEnd, 9)).then_nothing();
    let _ = after.when(Actor::Process, at(0), failed(503, "too late")).then_nothing();
}

#[test]
fn nothing_goes_on_after_the_end() {
    let after = given::<Call>(talking()).and(GATEWAY, at(0), hangup(Party::User, 5));
    for command in [Command::Answer, Command::Hold, Command::Resume, Command::Dial] {
        after.clone().when(GATEWAY, at(0), command).then_refused(&Refusal::Over);
    }
}

#[test]
fn a_reason_is_plain_text_of_bounded_length_and_a_code_is_one_of_sip() {
    let long = format!("Busy\r\n{}", "x".repeat(1000));
    let after = given::<Call>(talking()).and(GATEWAY, at(0), failed(1, &long));
    assert!(matches!(after.state(), Call::Ended(_)));
    let decided = given::<Call>(talking()).state();
    let context = crate::log::Context { by: GATEWAY, at: at(0) };
    let events = crate::decider::Decider::decide(&decided, failed(1, &long), &context).expect("accepted");
    let [Event::CallEnded { code, reason: Some(reason), .. }] = events.as_slice() else {
        panic!("one end");
    };
    assert_eq!(*code, None);
    assert_eq!(reason.chars().count(), MAX_REASON);
    assert!(reason.starts_with("Busyxx"));
}

#[test]
fn the_caller_gives_up_what_no_gateway_has_taken() {
    let cancelled = Command::End { cause: EndCause::Cancelled, code: None, reason: None, answered_for: 0 };
    given::<Call>([requested()]).when(ANNA, at(0), cancelled.clone()).then_refused(&Refusal::NotYours);
    given::<Call>([requested(), taken()])
        .when(IVAN, at(0), cancelled.clone())
        .then_refused(&Refusal::Carried);
    let _ = given::<Call>([requested()]).when(IVAN, at(0), cancelled).then([ended(
        EndCause::Cancelled,
        Direction::Out,
        0,
    )]);
}

#[test]
fn a_lost_call_loses_what_was_being_recorded() {
    let lost = Command::End { cause: EndCause::Lost, code: None, reason: None, answered_for: 5 };
    let _ = given::<Call>(talking())
        .and(GATEWAY, at(0), Command::StartRecording { automatic: true, locked: false })
        .when(Actor::Process, at(1), lost)
        .then([
            Event::RecordingFailed { reason: "the gateway is gone".into() },
            ended(EndCause::Lost, Direction::Out, 5),
        ]);
}
