//! Recording a call.

use super::*;

fn start(locked: bool) -> Command {
    Command::StartRecording { automatic: locked, locked }
}

fn save(reference: &str) -> Command {
    Command::SaveRecording { reference: reference.to_owned(), seconds: 10 }
}

fn saved(reference: &str) -> Event {
    Event::RecordingSaved { reference: reference.to_owned(), seconds: 10 }
}

#[test]
fn the_user_starts_and_stops_and_the_file_follows() {
    let _ = given::<Call>(talking())
        .when(GATEWAY, at(0), start(false))
        .then([Event::RecordingStarted { automatic: false, locked: false }])
        .when(IVAN, at(0), Command::StopRecording)
        .then([Event::RecordingStopped])
        .when(GATEWAY, at(0), save("one"))
        .then([saved("one")])
        .when(GATEWAY, at(0), start(false))
        .then([Event::RecordingStarted { automatic: false, locked: false }]);
}

#[test]
fn the_user_cannot_stop_what_the_owner_has_locked() {
    let locked = given::<Call>(talking()).and(GATEWAY, at(0), start(true));
    locked.clone().when(IVAN, at(0), Command::StopRecording).then_refused(&Refusal::RecordingLocked);
    let _ = locked.when(GATEWAY, at(0), Command::StopRecording).then([Event::RecordingStopped]);
}

#[test]
fn nobody_else_stops_a_recording() {
    let recording = given::<Call>(talking()).and(GATEWAY, at(0), start(false));
    recording.when(ANNA, at(0), Command::StopRecording).then_refused(&Refusal::NotYours);
}

#[test]
fn a_recording_begins_when_they_talk() {
    given::<Call>([requested(), taken(), Event::CallDialled])
        .when(GATEWAY, at(0), start(false))
        .then_refused(&Refusal::NotTalking);
}

#[test]
fn the_next_recording_waits_until_the_last_one_is_stored() {
    given::<Call>(talking())
        .and(GATEWAY, at(0), start(false))
        .and(GATEWAY, at(0), Command::StopRecording)
        .when(GATEWAY, at(0), start(false))
        .then_refused(&Refusal::StillSaving);
}

#[test]
fn what_was_recorded_until_the_end_is_stored_after_the_end() {
    let _ = given::<Call>(talking())
        .and(GATEWAY, at(0), start(false))
        .and(GATEWAY, at(1), hangup(Party::User, 60))
        .when(GATEWAY, at(1), save("one"))
        .then([saved("one")]);
}

#[test]
fn a_recording_that_is_lost_is_told_once() {
    let failed = || Command::FailRecording { reason: "the disk is full".into() };
    let _ = given::<Call>(talking())
        .and(GATEWAY, at(0), start(false))
        .when(GATEWAY, at(0), failed())
        .then([Event::RecordingFailed { reason: "the disk is full".into() }])
        .when(GATEWAY, at(0), start(false))
        .then([Event::RecordingStarted { automatic: false, locked: false }]);
}

#[test]
fn what_was_not_recorded_is_not_stored() {
    given::<Call>(talking()).when(GATEWAY, at(0), save("one")).then_refused(&Refusal::NotRecording);
}
