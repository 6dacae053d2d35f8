//! A call that comes in.

use super::*;

#[test]
fn the_user_is_rung_and_answers() {
    let _ = given::<Call>([])
        .when(GATEWAY, at(0), offer())
        .then([offered()])
        .when(GATEWAY, at(0), Command::Answer)
        .then([Event::CallAnswered])
        .when(GATEWAY, at(1), hangup(Party::User, 30))
        .then([ended(EndCause::Hangup { by: Party::User }, Direction::In, 30)]);
}

#[test]
fn only_a_gateway_has_calls_that_come_in() {
    given::<Call>([]).when(IVAN, at(0), offer()).then_refused(&Refusal::NotAGateway);
}

#[test]
fn nobody_is_dialled() {
    for command in [Command::Dial, Command::Ring] {
        given::<Call>([offered()]).when(GATEWAY, at(0), command).then_refused(&Refusal::Incoming);
    }
}

#[test]
fn a_missed_a_declined_and_a_busy_call_have_lasted_no_time() {
    for cause in [EndCause::Missed, EndCause::Declined, EndCause::Busy, EndCause::Cancelled] {
        let end = Command::End { cause, code: None, reason: None, answered_for: 12 };
        let _ = given::<Call>([offered()]).when(GATEWAY, at(0), end).then([ended(cause, Direction::In, 0)]);
    }
}
