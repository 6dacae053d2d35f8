//! A call that goes out.

use super::*;

#[test]
fn a_call_goes_from_the_request_to_the_goodbye() {
    let ended = ended(EndCause::Hangup { by: Party::FarEnd }, Direction::Out, 61);
    given::<Call>([])
        .when(IVAN, at(0), request())
        .then([requested()])
        .when(GATEWAY, at(0), Command::Take { gateway: gateway() })
        .then([taken()])
        .when(GATEWAY, at(0), Command::Dial)
        .then([Event::CallDialled])
        .when(GATEWAY, at(0), Command::Ring)
        .then([Event::CallRang])
        .when(GATEWAY, at(0), Command::Answer)
        .then([Event::CallAnswered])
        .when(GATEWAY, at(0), Command::Hold)
        .then([Event::CallHeld])
        .when(GATEWAY, at(1), Command::Resume)
        .then([Event::CallResumed])
        .when(GATEWAY, at(1), hangup(Party::FarEnd, 61))
        .then([ended]);
}

#[test]
fn with_callback_mode_off_the_user_has_a_minute_to_call() {
    let until = at(0) + USER_CALLS_WITHIN;
    let await_user = Command::AwaitUser { until, why: Awaited::CallbackOff, retry_after: None };
    let after = given::<Call>([requested(), taken()])
        .when(GATEWAY, at(0), await_user)
        .then([Event::UserAwaited { until, why: Awaited::CallbackOff, retry_after: None }]);
    assert_eq!(after.state().open().map(|open| open.phase), Some(Phase::AwaitingUser));
    let _ = after.when(GATEWAY, at(1), Command::Dial).then([Event::CallDialled]);
}

#[test]
fn only_the_caller_or_a_gateway_for_the_caller_asks_for_a_call() {
    given::<Call>([]).when(ANNA, at(0), request()).then_refused(&Refusal::NotYours);
    given::<Call>([]).when(OLGA, at(0), request()).then_refused(&Refusal::NotYours);
    given::<Call>([]).when(Actor::Process, at(0), request()).then_refused(&Refusal::NotAGateway);
    let _ = given::<Call>([]).when(GATEWAY, at(0), request()).then([requested()]);
}

#[test]
fn an_id_is_of_one_call_only() {
    given::<Call>([offered()]).when(IVAN, at(0), request()).then_refused(&Refusal::IdTaken);
    given::<Call>([requested()]).when(GATEWAY, at(0), offer()).then_refused(&Refusal::IdTaken);
}

#[test]
fn what_is_asked_for_twice_under_another_seal_is_asked_for_once() {
    let again = Command::Request {
        by: IVAN,
        account: account(),
        owner: OLGA,
        number: sealed("another nonce"),
        dialled: sealed("another nonce"),
    };
    let _ = given::<Call>([requested()]).when(IVAN, at(0), again).then_nothing();
}

#[test]
fn one_gateway_carries_a_call() {
    let other = Gateway { process: "media two".into(), epoch: 2 };
    given::<Call>([requested(), taken()])
        .when(GATEWAY, at(0), Command::Take { gateway: other })
        .then_refused(&Refusal::TakenByAnother);
}

#[test]
fn nothing_goes_on_before_a_gateway_has_the_call() {
    for command in [Command::Dial, Command::Ring, Command::Answer] {
        given::<Call>([requested()]).when(GATEWAY, at(0), command).then_refused(&Refusal::NotTaken);
    }
}

#[test]
fn a_report_that_comes_late_is_no_news() {
    for late in [Command::Dial, Command::Ring, Command::Answer, Command::Resume] {
        let _ = given::<Call>(talking()).when(GATEWAY, at(0), late).then_nothing();
    }
    let _ = given::<Call>(talking())
        .and(GATEWAY, at(0), Command::Hold)
        .when(GATEWAY, at(0), Command::Answer)
        .then_nothing();
}

#[test]
fn only_a_gateway_says_how_far_a_call_has_come() {
    for command in [Command::Dial, Command::Ring, Command::Answer, Command::Hold] {
        for actor in [Actor::Person(IVAN), Actor::Process, Actor::Operator] {
            given::<Call>(talking()).when(actor, at(0), command.clone()).then_refused(&Refusal::NotAGateway);
        }
    }
}

#[test]
fn nothing_happens_to_a_call_that_never_began() {
    for command in [Command::Dial, Command::Answer, Command::Hold, hangup(Party::User, 0)] {
        given::<Call>([]).when(GATEWAY, at(0), command).then_refused(&Refusal::NoSuchCall);
    }
}

#[test]
fn who_does_not_talk_is_not_held_and_not_transferred() {
    let ringing = [requested(), taken(), Event::CallDialled, Event::CallRang];
    let to = TransferTo::Number(sealed("1003"));
    for command in [Command::Hold, Command::Resume, Command::Transfer { to }] {
        given::<Call>(ringing.clone()).when(GATEWAY, at(0), command).then_refused(&Refusal::NotTalking);
    }
}

#[test]
fn a_transfer_is_told_once_and_then_the_call_ends() {
    let to = TransferTo::Number(sealed("1003"));
    let replaced = Command::End { cause: EndCause::Replaced, code: None, reason: None, answered_for: 7 };
    let _ = given::<Call>(talking())
        .when(GATEWAY, at(0), Command::Transfer { to: to.clone() })
        .then([Event::CallTransferred { to }])
        .when(GATEWAY, at(0), replaced)
        .then([ended(EndCause::Replaced, Direction::Out, 7)]);
}
