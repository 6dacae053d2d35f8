//! Phones come, go, and are lost in the middle of a call.

use super::*;

#[test]
fn a_lost_phone_has_half_a_minute_to_come_back() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.input(Input::PhoneClosed { phone: PHONE });
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::Music, "the far end hears what held callers hear");

    scene.wait(seconds(20)).input(Input::PhoneOpened { phone: TABLET, sound: false });
    assert_eq!(scene.shows(TABLET, 1), Some(Shown::Held));
    scene.input(Input::PhoneSound { phone: TABLET });
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::With(Party::Phone(TABLET)));
    assert_eq!(scene.shows(TABLET, 1), Some(Shown::Talking));
}

#[test]
fn a_phone_that_does_not_come_back_ends_the_call() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.input(Input::PhoneClosed { phone: PHONE }).wait(seconds(30));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::HangUp]);
    assert!(scene.ended(1).is_some());
}

#[test]
fn another_phone_of_the_person_takes_the_call_when_it_says_so() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.input(Input::PhoneOpened { phone: TABLET, sound: true });
    assert_eq!(scene.shows(TABLET, 1), Some(Shown::Talking));
    assert!(scene.hear_each_other(leg), "opening it changes nothing");
    scene.input(Input::Asked { phone: Some(TABLET), call: Some(call(1)), verb: Verb::Resume });
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::With(Party::Phone(TABLET)));
    assert_eq!(scene.hears(Party::Phone(PHONE)), Sound::Nothing);
}

#[test]
fn a_phone_whose_sound_is_lost_is_like_one_that_is_gone() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.input(Input::PhoneSilent { phone: PHONE });
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::Music);
    scene.input(Input::PhoneSound { phone: PHONE });
    assert!(scene.hear_each_other(leg));
}

#[test]
fn when_the_last_phone_goes_a_ringing_call_waits_only_a_little() {
    let mut scene = Scene::with_phone();
    let leg = scene.is_called(1, account());
    scene.input(Input::PhoneClosed { phone: PHONE }).wait(seconds(20));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Reject { code: 480 }]);
}

#[test]
fn a_person_without_phones_and_calls_is_forgotten() {
    let mut scene = Scene::with_phone();
    assert!(!scene.calls.is_empty());
    scene.input(Input::PhoneClosed { phone: PHONE });
    assert!(scene.calls.is_empty());
    assert_eq!(scene.calls.poll_timeout(), None);
}
