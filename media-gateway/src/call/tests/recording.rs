//! Recording: automatic, by hand, locked, failed.

use super::*;

fn recorded() -> Account {
    let recording = RecordingPolicy { automatic: true, locked: true, limit: None };
    Account { recording, ..account() }
}

#[test]
fn an_account_that_records_does_so_from_the_answer_on_and_its_user_cannot_stop_it() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks_through(1, recorded());
    let start = Output::Record { call: call(1), leg, on: true };
    assert!(scene.recent().any(|output| *output == start));
    assert!(scene.reports(1).contains(&Report::RecordingStarted { automatic: true, locked: true }));
    scene.asks(1, Verb::Record(false));
    assert_eq!(scene.refused(), Some(Refusal::Locked));
}

#[test]
fn a_recording_that_is_not_locked_can_be_stopped() {
    let mut scene = Scene::with_phone();
    let recording = RecordingPolicy { automatic: true, locked: false, limit: None };
    let leg = scene.talks_through(1, Account { recording, ..account() });
    scene.asks(1, Verb::Record(false));
    assert_eq!(scene.refused(), None);
    let stop = Output::Record { call: call(1), leg, on: false };
    assert!(scene.recent().any(|output| *output == stop));
}

#[test]
fn a_recording_by_hand_is_as_long_as_such_may_be() {
    let mut scene = Scene::with_phone();
    let recording = RecordingPolicy { automatic: false, locked: false, limit: Some(seconds(15)) };
    let leg = scene.talks_through(1, Account { recording, ..account() });
    scene.asks(1, Verb::Record(true)).wait(seconds(15));
    let stop = Output::Record { call: call(1), leg, on: false };
    assert!(scene.recent().any(|output| *output == stop));
}

#[test]
fn a_recording_that_breaks_is_told_and_may_be_tried_again() {
    let mut scene = Scene::with_phone();
    scene.talks(1);
    scene.asks(1, Verb::Record(true));
    scene.input(Input::RecordingEnded { call: call(1), whole: false });
    assert_eq!(scene.reports(1), [Report::RecordingFailed]);
    scene.asks(1, Verb::Record(true));
    assert_eq!(scene.reports(1), [Report::RecordingStarted { automatic: false, locked: false }]);
}

#[test]
fn a_recording_ends_with_its_call() {
    let mut scene = Scene::with_phone();
    let leg = scene.talks_through(1, recorded());
    scene.sip(leg, bye());
    let stop = Output::Record { call: call(1), leg, on: false };
    assert!(scene.recent().any(|output| *output == stop));
    assert_eq!(scene.reports(1)[0], Report::RecordingStopped, "before its end");
}
