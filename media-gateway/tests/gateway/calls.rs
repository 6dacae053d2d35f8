//! Calls, from the phone to the far end and back.

use crate::phone::{Phone, VOICE};
use crate::place::Place;
use domain::call::{Action, Digit, Event};
use serde_json::json;

#[tokio::test]
async fn a_call_from_the_phone_is_heard_at_both_ends_and_told_to_the_log() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    assert_eq!(phone.ready["name"], "Ivan");
    assert_eq!(phone.ready["accounts"][0]["login"], "1001");

    phone.says(json!({"type": "dial", "number": "600"})).await;
    let call = phone.sees("talking").await;
    assert_eq!((call["direction"].as_str(), call["number"].as_str()), (Some("out"), Some("600")));
    phone.hears(VOICE).await;

    phone.says(json!({"type": "digits", "call": call["call"], "digits": "12#"})).await;
    place.far.sees("key #").await;
    assert_eq!(place.far.keys(), "12#", "once each, in order");

    phone.says(json!({"type": "hold", "call": call["call"]})).await;
    place.far.sees("held").await;
    phone.hears_no(VOICE).await;
    phone.says(json!({"type": "resume", "call": call["call"]})).await;
    place.far.sees("resumed").await;
    phone.hears(VOICE).await;

    phone.says(json!({"type": "hangup", "call": call["call"]})).await;
    let ended = phone.sees("ended").await;
    assert_eq!((ended["code"].as_u64(), ended["reason"].as_str()), (Some(200), Some("You hung up")));
    place.far.sees("ended 200").await;
    assert_eq!(
        place.history_up_to("CallEnded").await,
        [
            "CallRequested",
            "CallTaken",
            "CallDialled",
            "CallRang",
            "CallAnswered",
            "CallHeld",
            "CallResumed",
            "CallEnded"
        ]
    );
    place.close().await;
}

#[tokio::test]
async fn a_call_that_comes_in_rings_is_answered_and_heard() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    place.far.calls(1000);
    let call = phone.sees("ringing").await;
    assert_eq!((call["direction"].as_str(), call["number"].as_str()), (Some("in"), Some("200")));
    assert_eq!(call["name"], "Petr", "without what turns text around");
    place.far.sees("ringing").await;

    phone.says(json!({"type": "answer", "call": call["call"]})).await;
    phone.sees("talking").await;
    phone.hears(1000.0).await;

    place.far.hangs_up();
    let ended = phone.sees("ended").await;
    assert_eq!(ended["reason"], "They hung up");
    assert_eq!(place.history_up_to("CallEnded").await, ["CallOffered", "CallAnswered", "CallEnded"]);
    place.close().await;
}

/// Whoever is called hands the call to somebody else at the PBX, who takes its place with Replaces.
#[tokio::test]
async fn a_far_end_may_be_replaced_by_another_at_the_same_account() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    phone.says(json!({"type": "dial", "number": "600"})).await;
    phone.sees("talking").await;
    phone.hears(VOICE).await;
    place.far.takes_over_nothing();
    place.far.sees("ended 481").await;

    place.far.takes_over(1000).await;
    phone.hears(1000.0).await;
    place.far.sees("ended 200").await;
    let call = phone.sees("talking").await;
    assert_eq!((call["number"].as_str(), call["name"].as_str()), (Some("300"), Some("Petr")));
    phone.says(json!({"type": "digits", "call": call["call"], "digits": "7"})).await;
    place.far.sees("key 7").await;

    phone.says(json!({"type": "hangup", "call": call["call"]})).await;
    phone.sees("ended").await;
    assert_eq!(
        place.history_up_to("CallEnded").await,
        [
            "CallRequested",
            "CallTaken",
            "CallDialled",
            "CallRang",
            "CallAnswered",
            "CallTransferred",
            "CallEnded"
        ]
    );
    place.close().await;
}

#[tokio::test]
async fn a_call_lives_through_the_loss_of_the_log_and_is_told_afterwards() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    place.take_log(true);
    phone.says(json!({"type": "dial", "number": "600"})).await;
    let call = phone.sees("talking").await;
    phone.hears(VOICE).await;
    phone.says(json!({"type": "hangup", "call": call["call"]})).await;
    phone.sees("ended").await;
    assert!(place.history().await.is_empty(), "the log was away");

    place.take_log(false);
    assert_eq!(
        place.history_up_to("CallEnded").await,
        ["CallRequested", "CallTaken", "CallDialled", "CallRang", "CallAnswered", "CallEnded"]
    );
    place.close().await;
}

#[tokio::test]
async fn a_call_from_the_chat_rings_the_phone_and_is_driven_by_the_keypad() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    let id = place.ivan_asks_for("600").await;
    let call = phone.sees("ringing").await;
    assert_eq!(call["call"].as_str(), Some(id.to_string().as_str()));
    assert_eq!(call["direction"], "out");

    phone.says(json!({"type": "answer", "call": call["call"]})).await;
    phone.sees("talking").await;
    phone.hears(VOICE).await;
    for digit in &Digit::KEYPAD[6..8] {
        place.signal(id, Action::Digit(*digit)).await;
    }
    place.far.sees("key 8").await;
    assert_eq!(place.far.keys(), "78");

    place.signal(id, Action::HangUp).await;
    phone.sees("ended").await;
    place.history_up_to("CallEnded").await;
    place.close().await;
}

#[tokio::test]
async fn a_refusal_of_the_far_end_is_shown_and_told_with_its_code() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    phone.says(json!({"type": "dial", "number": "603"})).await;
    let ended = phone.sees("ended").await;
    assert_eq!((ended["code"].as_u64(), ended["reason"].as_str()), (Some(486), Some("Busy Here")));
    place.history_up_to("CallEnded").await;
    let end = place.history().await.pop().expect("an end");
    assert!(matches!(end, Event::CallEnded { code: Some(486), answered_for: 0, .. }), "{end:?}");
    place.close().await;
}

#[tokio::test]
async fn a_recording_is_stored_and_named_in_the_log() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    phone.says(json!({"type": "dial", "number": "600"})).await;
    let call = phone.sees("talking").await;
    phone.says(json!({"type": "record", "call": call["call"], "on": true})).await;
    phone.hears(VOICE).await;
    phone.says(json!({"type": "hangup", "call": call["call"]})).await;
    phone.sees("ended").await;
    let names = place.history_up_to("RecordingSaved").await;
    assert!(names.contains(&"RecordingStarted") && names.contains(&"CallEnded"), "{names:?}");
    place.close().await;
}

#[tokio::test]
async fn whoever_telegram_did_not_sign_for_is_not_let_in() {
    let place = Place::new().await;
    let (_, answer) =
        Phone::hello(place.phone_address(), "user=%7B%22id%22%3A1%7D&auth_date=1&hash=00").await;
    assert_eq!((answer["type"].as_str(), answer["code"].as_u64()), (Some("error"), Some(401)));
    place.close().await;
}

#[tokio::test]
async fn at_an_orderly_end_calls_are_ended_and_told_and_phones_hear_good_bye() {
    let place = Place::new().await;
    let mut phone = place.ivans_phone().await;
    phone.says(json!({"type": "dial", "number": "600"})).await;
    phone.sees("talking").await;
    let log = place.log();
    let ((), bye) = tokio::join!(place.close(), phone.is_told("bye"));
    assert_eq!(bye["reason"], "closing");
    let page = log.read(domain::log::Position::START, 1000).await.expect("the log");
    let last = page.events.last().map(|event| event.event.event_type.clone());
    assert_eq!(last.as_deref(), Some("CallEnded"));
}
