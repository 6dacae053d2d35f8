//! Phone calls between people's apps, over the sockets of their devices.

use crate::{
    device::{Device, bytes, protocol},
    stage::Stage,
};
use serde_json::json;

#[tokio::test]
async fn two_devices_agree_and_signal_to_each_other() {
    let stage = Stage::set().await;
    let (mut olga, mut ivan) = (Device::of(&stage, "olga").await, Device::of(&stage, "ivan").await);
    let call = olga.calls("ivan").await;
    let ringing = ivan.hears("requested").await;
    assert_eq!((&ringing["call"], &ringing["from"]), (&call, &json!({"id": 10_001, "name": "Olga"})));
    ivan.says(json!({"type": "received", "call": call})).await;
    assert_eq!(olga.hears("waiting").await["ringing"], true);
    ivan.says(json!({"type": "accept", "call": call, "g_b": bytes(2, 256), "protocol": protocol()})).await;
    assert_eq!(olga.hears("accepted").await["g_b"], bytes(2, 256));
    olga.says(json!({"type": "confirm", "call": call, "g_a": bytes(3, 256), "fingerprint": "-42"})).await;
    let (hers, his) = (olga.hears("call").await, ivan.hears("call").await);
    assert_eq!((&hers["g_a_or_b"], &his["g_a_or_b"]), (&bytes(2, 256), &bytes(3, 256)));
    assert_eq!((&his["fingerprint"], &his["p2p_allowed"]), (&json!("-42"), &json!(true)));

    olga.says(json!({"type": "signal", "call": call, "data": bytes(7, 50)})).await;
    assert_eq!(ivan.hears("signal").await["data"], bytes(7, 50));
    ivan.says(json!({"type": "discard", "call": call, "reason": "hangup"})).await;
    assert_eq!(ivan.hears("discarded").await["reason"], "hangup");
    assert_eq!(olga.hears("discarded").await["reason"], "hangup");
    let seen = stage.get("users/ivan/telegram").await;
    assert_eq!(seen["going_on"], json!([]));
    assert_eq!(
        (&seen["ended"][0]["with"]["name"], &seen["ended"][0]["reason"]),
        (&json!("Olga"), &json!("hangup"))
    );
}

#[tokio::test]
async fn of_several_devices_the_first_to_answer_has_the_call() {
    let stage = Stage::set().await;
    let mut olga = Device::of(&stage, "olga").await;
    let (mut ivan, mut tablet) = (Device::of(&stage, "ivan").await, Device::of(&stage, "ivan").await);
    let call = olga.calls("ivan").await;
    ivan.hears("requested").await;
    tablet.hears("requested").await;
    let accept = json!({"type": "accept", "call": call, "g_b": bytes(2, 256), "protocol": protocol()});
    tablet.says(accept.clone()).await;
    assert_eq!(ivan.hears("discarded").await["reason"], "elsewhere");
    ivan.says(accept).await;
    let refused = ivan.hears("error").await;
    assert_eq!((&refused["of"], &refused["text"]), (&json!("accept"), &json!("CALL_ALREADY_ACCEPTED")));
}

#[tokio::test]
async fn a_person_who_lets_nobody_call_is_not_rung() {
    let stage = Stage::set().await;
    let mut olga = Device::of(&stage, "olga").await;
    stage.act("ivan", "telegram", json!({"calls": "nobody"})).await;
    olga.says(json!({"type": "request", "to": "ivan", "g_a_hash": bytes(1, 32), "protocol": protocol()}))
        .await;
    let refused = olga.hears("error").await;
    assert_eq!((&refused["code"], &refused["text"]), (&json!(403), &json!("USER_PRIVACY_RESTRICTED")));
}

#[tokio::test]
async fn a_call_that_nobody_answers_is_missed_when_the_clock_says_so() {
    let stage = Stage::set().await;
    let mut olga = Device::of(&stage, "olga").await;
    stage.post("settings", json!({"call_ring_seconds": 30})).await;
    olga.calls("ivan").await;
    stage.post("clock/advance", json!({"seconds": 30})).await;
    assert_eq!(olga.hears("discarded").await["reason"], "missed");
}

#[tokio::test]
async fn lost_and_doubled_packets_are_the_emulators_doing() {
    let stage = Stage::set().await;
    stage.post("settings", json!({"signalling_loss": 0.0, "signalling_duplication": 1.0})).await;
    let (mut olga, mut ivan) = (Device::of(&stage, "olga").await, Device::of(&stage, "ivan").await);
    let call = olga.calls("ivan").await;
    ivan.hears("requested").await;
    ivan.says(json!({"type": "accept", "call": call, "g_b": bytes(2, 256), "protocol": protocol()})).await;
    olga.hears("accepted").await;
    olga.says(json!({"type": "confirm", "call": call, "g_a": bytes(3, 256), "fingerprint": "1"})).await;
    ivan.hears("call").await;
    olga.says(json!({"type": "signal", "call": call, "data": bytes(7, 50)})).await;
    assert_eq!(ivan.hears("signal").await, ivan.hears("signal").await);
    let (code, _) = stage.post("settings", json!({"signalling_loss": 2.0})).await;
    assert_eq!(code, 400);
}
