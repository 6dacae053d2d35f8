//! Hold, switch, end: two lines, and the person on one of them.

use super::*;

#[test]
fn a_held_far_end_hears_music_until_it_is_resumed() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.asks(1, Verb::Hold);
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::Music);
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Hold(true)]);
    assert_eq!(scene.reports(1), [Report::Held]);
    assert_eq!(scene.shows(PHONE, 1), Some(Shown::Held));

    scene.sip(leg, SipEvent::HoldAnswered { done: true });
    scene.asks(1, Verb::Resume);
    assert!(scene.hear_each_other(leg));
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Hold(false)]);
    assert_eq!(scene.reports(1), [Report::Resumed]);
}

#[test]
fn a_held_far_end_hears_silence_where_there_is_no_music() {
    let mut scene = Scene::with(Limits { hold_music: false, ..Limits::default() });
    scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
    let leg = scene.talks(1);
    scene.asks(1, Verb::Hold);
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::Nothing);
}

#[test]
fn offers_to_hold_wait_for_the_answer_to_the_one_before() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.asks(1, Verb::Hold);
    scene.asks(1, Verb::Resume);
    assert_eq!(scene.said_in_sip(leg), [], "one offer at a time");
    scene.sip(leg, SipEvent::HoldAnswered { done: true });
    assert_eq!(scene.said_in_sip(leg), [SipCommand::Hold(false)]);
}

#[test]
fn a_far_end_that_takes_no_hold_is_not_asked_again_and_hears_music_all_the_same() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.asks(1, Verb::Hold);
    scene.sip(leg, SipEvent::HoldAnswered { done: false });
    assert_eq!(scene.said_in_sip(leg), []);
    assert_eq!(scene.hears(Party::Leg(leg)), Sound::Music);
}

#[test]
fn answering_a_second_call_holds_the_first() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    let second = scene.is_called(2, account());
    scene.asks(2, Verb::Answer);
    assert!(scene.hear_each_other(second));
    assert_eq!(scene.hears(Party::Leg(first)), Sound::Music);
}

#[test]
fn switch_goes_back_and_forth() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    let second = scene.is_called(2, account());
    for line in [second, first, second] {
        scene.input(Input::Asked { phone: Some(PHONE), call: None, verb: Verb::Switch });
        assert_eq!(scene.refused(), None);
        assert!(scene.hear_each_other(line));
    }
}

#[test]
fn switch_with_one_line_is_refused() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    scene.input(Input::Asked { phone: Some(PHONE), call: None, verb: Verb::Switch });
    assert_eq!(scene.refused(), Some(Refusal::NotNow));
}

#[test]
fn when_one_line_ends_the_person_is_back_on_the_other() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.talks(2);
    scene.asks(2, Verb::HangUp);
    assert!(scene.hear_each_other(first));
    assert_eq!(scene.reports(1), [Report::Resumed]);
}

#[test]
fn what_was_held_by_hand_stays_held_when_the_other_line_ends() {
    let mut scene = Scene::with_phone();
    let first = scene.talks(1);
    scene.asks(1, Verb::Hold);
    let second = scene.talks(2);
    scene.sip(second, bye());
    assert_eq!(scene.hears(Party::Leg(first)), Sound::Music);
    scene.asks(1, Verb::Resume);
    assert!(scene.hear_each_other(first));
}

#[test]
fn a_far_end_that_holds_us_is_shown() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks(1);
    scene.sip(leg, SipEvent::FarHold { on: true });
    let shown = scene.recent().find_map(|output| match output {
        Output::Show { view, .. } => Some(view.they_hold),
        _ => None,
    });
    assert_eq!(shown, Some(true));
}

#[test]
fn what_is_asked_of_a_call_that_is_not_there_is_refused() {
    let mut scene = Scene::with_phone();
    scene.asks(7, Verb::Hold);
    assert_eq!(scene.refused(), Some(Refusal::NoSuchCall));
}
