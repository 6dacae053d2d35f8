//! Calls that come in.

use super::*;
use crate::call::finish::EndCause;

#[test]
fn somebody_calls_and_ivan_answers() {
    let mut scene = Scene::with_phone();
    let leg = scene.is_called(1, account());
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Ring]);
    assert_eq!(scene.reports(1), [Report::Offered { from: "100".into(), name: Some("Petr".into()) }]);
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Ringing));

    scene.asks(1, Verb::Answer);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Answer]);
    assert_eq!(scene.reports(1), [Report::Answered]);
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Talking));
    assert!(scene.hear_each_other(leg));
}

#[test]
fn all_phones_ring_and_the_first_to_answer_has_the_call() {
    let mut scene = Scene::with_phone();
    scene.input(Input::PhoneOpened { phone: TABLET, sound: true });
    let leg = scene.is_called(1, account());
    assert_eq!(scene.shows(TABLET, 1), Some(Shown::Ringing));

    scene.asks(1, Verb::Answer);
    let elsewhere = Outcome::because(EndCause::Cancelled, 200, "Answered elsewhere");
    assert_eq!(scene.shows(TABLET, 1), Some(Shown::Ended(elsewhere)));
    assert!(scene.hear_each_other(leg));
    scene.sip(leg, bye());
    assert_eq!(scene.shows(TABLET, 1), None, "it knows already that it is over");
}

#[test]
fn with_nobody_to_reach_the_caller_waits_a_little_and_the_call_is_missed() {
    let mut scene = Scene::with(Limits { wait_for_phone: seconds(20), ..Limits::default() });
    let leg = scene.is_called(1, account());
    scene.wait(seconds(20));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 480 }]);
    assert_eq!(scene.ended(1).expect("missed").0.cause, EndCause::Missed);
}

#[test]
fn with_nobody_to_reach_the_caller_is_refused_at_once_if_the_operator_wants_so() {
    let mut scene = Scene::with(Limits { wait_for_phone: Duration::ZERO, ..Limits::default() });
    let leg = scene.is_called(1, account());
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 480 }]);
    assert_eq!(scene.ended(1).expect("missed").0, Outcome::new(EndCause::Missed, 480));
}

#[test]
fn a_phone_that_opens_in_time_rings_on() {
    let mut scene = Scene::with(Limits::default());
    scene.is_called(1, account());
    scene.wait(seconds(10)).input(Input::PhoneOpened { phone: PHONE, sound: true });
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Ringing));
    scene.wait(seconds(79));
    assert_eq!(scene.ended(1), None);
    scene.wait(seconds(1));
    assert_eq!(scene.ended(1).expect("missed").0.cause, EndCause::Missed);
}

#[test]
fn a_declined_call_is_refused_with_486() {
    let mut scene = Scene::with_phone();
    let leg = scene.is_called(1, account());
    scene.asks(1, Verb::Decline);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 486 }]);
    assert_eq!(scene.ended(1).expect("over").0.cause, EndCause::Declined);
}

#[test]
fn a_declined_second_call_is_refused_with_603() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    let leg = scene.is_called(2, account());
    scene.asks(2, Verb::Decline);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 603 }]);
}

#[test]
fn the_caller_gives_up() {
    let mut scene = Scene::with_phone();
    let leg = scene.is_called(1, account());
    scene.sip(leg, fails(487));
    assert_eq!(scene.ended(1).expect("over").0.cause, EndCause::Missed);
    assert!(matches!(scene.shows(PHONE, 1), Some(Shown::Ended(_))));
}

#[test]
fn without_parallel_calls_a_second_caller_hears_busy() {
    let mut scene = Scene::with(Limits { parallel_calls: false, ..Limits::default() });
    scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
    scene.talks(1);
    let leg = scene.is_called(2, account());
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 486 }]);
    assert_eq!(scene.reports(2).len(), 2, "the log has the offer and its end, for the missed-call notice");
    assert_eq!(scene.shows(PHONE, 2), None, "the phone does not ring");
}

#[test]
fn a_third_caller_hears_busy() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    scene.is_called(2, account());
    let third = scene.is_called(3, account());
    assert_eq!(scene.said_in_sip(third), [SipCommand::Reject { code: 486 }]);
}
