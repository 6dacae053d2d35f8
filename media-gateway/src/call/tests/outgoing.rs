//! Calls that Ivan makes.

use super::*;
use crate::call::finish::{EndCause, Side};
use crate::call::keypad::Key;

#[test]
fn a_call_from_the_phone_is_dialled_at_once() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Dialled { phone: PHONE, order: order(1) });
    let leg = scene.dialled_leg();
    assert_eq!(
        scene.reports(1),
        [Report::Requested { number: "8 900".into(), dialled: "7900".into() }, Report::Dialled],
        "the log learns of it"
    );
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Calling));

    scene.sip(leg, SipEvent::Ringing);
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Alerting));
    assert_eq!(scene.hears(Party::Phone(PHONE)), Sound::Ringback);

    scene.sip(leg, SipEvent::Answered { telephone_event: true });
    assert_eq!(scene.reports(1), [Report::Answered]);
    assert!(scene.hear_each_other(leg));
}

#[test]
fn a_call_from_the_chat_rings_the_phone_first() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Requested { order: order(1), callback: true });
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Ringing));
    assert_eq!(scene.reports(1), [Report::Taken]);

    scene.asks(1, Verb::Answer);
    let leg = scene.dialled_leg();
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Calling));
    scene.sip(leg, SipEvent::EarlyMedia);
    assert!(scene.hear_each_other(leg), "announcements of the far end are heard");
}

#[test]
fn a_request_that_comes_twice_is_one_call() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Requested { order: order(1), callback: true });
    scene.input(Input::Requested { order: order(1), callback: true });
    assert_eq!(scene.calls.count(), 1);
    assert_eq!(scene.recent().count(), 0);
}

#[test]
fn without_callback_the_person_has_a_minute_to_call() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Requested { order: order(1), callback: false });
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Calling), "it does not ring");
    scene.input(Input::PickedUp { phone: PHONE });
    scene.dialled_leg();

    let mut scene = Scene::with_phone();
    scene.input(Input::Requested { order: order(1), callback: false }).wait(seconds(60));
    assert_eq!(scene.ended(1).expect("given up").0.cause, EndCause::Missed);
}

#[test]
fn a_call_from_the_chat_waits_for_a_phone_to_be_opened() {
    let mut scene = Scene::with(Limits::default());
    scene.input(Input::Requested { order: order(1), callback: true }).wait(seconds(30));
    scene.input(Input::PhoneOpened { phone: PHONE, sound: false });
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Ringing));
    scene.asks(1, Verb::Answer);
    assert_eq!(scene.refused(), Some(Refusal::NoSound), "nothing is answered without sound");
    scene.input(Input::PhoneSound { phone: PHONE });
    scene.asks(1, Verb::Answer);
    scene.dialled_leg();
}

#[test]
fn a_person_who_talks_already_is_not_rung() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.input(Input::Requested { order: order(2), callback: true });
    scene.dialled_leg();
    assert_eq!(scene.hears(Party::Leg(first)), Sound::Music, "the first line is held meanwhile");
    assert_eq!(scene.reports(1), [Report::Held]);
}

#[test]
fn a_third_call_finds_both_lines_taken() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    scene.talks(2);
    scene.input(Input::Dialled { phone: PHONE, order: order(3) });
    assert_eq!(scene.refused(), Some(Refusal::BothLinesTaken));
    scene.input(Input::Requested { order: order(4), callback: true });
    assert_eq!(scene.ended(4).expect("refused").0.code, 486);
    assert_eq!(scene.calls.count(), 2);
}

#[test]
fn a_refusal_is_told_with_its_code_and_words() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Dialled { phone: PHONE, order: order(1) });
    let leg = scene.dialled_leg();
    scene.sip(leg, fails(404));
    let outcome = Outcome::because(EndCause::Failed, 404, "Not Found");
    assert_eq!(scene.ended(1), Some((outcome.clone(), None)));
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Ended(outcome)));
    assert!(scene.recent().any(|output| *output == Output::Release { phone: PHONE }));
}

#[test]
fn a_phone_that_nobody_answers_rings_for_a_minute_and_a_half() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Dialled { phone: PHONE, order: order(1) });
    let leg = scene.dialled_leg();
    scene.sip(leg, SipEvent::Ringing).wait(seconds(89));
    assert_eq!(scene.ended(1), None);
    scene.wait(seconds(1));
    assert_eq!(scene.ended(1).expect("given up").0.cause, EndCause::Missed);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
}

#[test]
fn hanging_up_before_the_answer_cancels() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Dialled { phone: PHONE, order: order(1) });
    let leg = scene.dialled_leg();
    scene.asks(1, Verb::HangUp);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
    assert_eq!(scene.ended(1).expect("over").0.cause, EndCause::Cancelled);
}

#[test]
fn the_time_talked_is_reported() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.wait(seconds(75)).sip(leg, bye());
    let (outcome, talked) = scene.ended(1).expect("over");
    assert_eq!(outcome.cause, EndCause::Hangup { by: Side::FarEnd });
    assert_eq!(talked, Some(seconds(75)));
}

#[test]
fn a_call_is_not_longer_than_calls_may_be() {
    let mut scene = Scene::with(Limits { max_length: Some(seconds(120)), ..Limits::default() });
    scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
    scene.talks(1);
    scene.wait(seconds(119));
    assert_eq!(scene.ended(1), None);
    scene.wait(seconds(1));
    assert_eq!(scene.ended(1).expect("over").0.code, 402);
}

#[test]
fn a_far_end_that_went_silent_is_taken_for_gone() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.input(Input::Silent { leg });
    assert_eq!(
        scene.ended(1).expect("over").0,
        Outcome::because(EndCause::Failed, 408, "No sound from the far end")
    );
}

#[test]
fn a_far_end_that_is_held_may_be_silent() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.sip(leg, SipEvent::FarHold { on: true }).input(Input::Silent { leg });
    assert_eq!(scene.ended(1), None);
}

#[test]
fn keys_go_the_way_that_the_account_wants_and_the_far_end_takes() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.asks(1, Verb::Press(Key::parse("1,2").expect("keys")));
    assert!(matches!(scene.said_in_sip(leg)[..], [SipCommand::Digit { method: DtmfMethod::Rfc2833, .. }]));
    scene.wait(seconds(1));
    assert_eq!(scene.said_in_sip(leg).len(), 1, "the second key comes after the pause");
}

#[test]
fn keys_before_there_is_sound_are_refused() {
    let mut scene = Scene::with_phone();
    scene.input(Input::Dialled { phone: PHONE, order: order(1) });
    scene.asks(1, Verb::Press(Key::parse("1").expect("keys")));
    assert_eq!(scene.refused(), Some(Refusal::NotNow));
}

#[test]
fn at_an_orderly_end_calls_are_ended_and_reported() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.is_called(2, account());
    scene.input(Input::Closing);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
    assert_eq!([1, 2].map(|number| scene.ended(number).expect("ended").0.code), [503, 503]);
    assert_eq!(scene.calls.count(), 0);
}
