//! Calls with a person's device.

use crate::world::{IVAN, PETR, World};
use bytes::Bytes;
use domain::ids::UserId;
use media_gateway::telegram::{End, Event, HangUp};
use serde_json::json;
use std::collections::HashMap;
use std::time::Duration;
use tgcalls::key::Role;
use tgcalls::version::Signalling;

#[tokio::test]
async fn a_person_is_rung_and_both_ends_have_one_key() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    let phone = office.calls(IVAN);

    let (call, commitment) = ivan.rings().await;
    office.hears_ringing(phone).await;
    let half = ivan.takes(&call, &commitment).await;
    let (key, seen) = ivan.agrees(half).await;
    let config = office.hears_the_beginning(phone).await;
    assert_eq!((config.key.clone(), config.role), (key, Role::Caller));
    assert_eq!((config.signalling, config.p2p), (Signalling::V2, true), "{seen}");
    assert_eq!(config.servers.len(), 1, "the reflector");

    for packet in [&b"one"[..], b"two", b"three"] {
        office.telegram.signal(phone, Bytes::from_static(packet));
    }
    for packet in [&b"one"[..], b"two", b"three"] {
        assert_eq!(ivan.hears_signal().await, packet);
    }
    ivan.signals(&call, b"back").await;
    assert_eq!(office.hears_signal(phone).await, b"back");

    office.telegram.hang_up(phone, HangUp::Hangup);
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    assert_eq!(ivan.hears_the_end().await, "hangup");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn the_far_sides_early_signalling_is_kept() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    let half = ivan.calls("tandem_calls").await;
    let phone = office.hears_incoming(IVAN).await;
    let waiting = ivan.hears("waiting").await;
    assert_eq!(ivan.hears("waiting").await["ringing"], true, "it rings at their end at once");

    office.telegram.answer(phone);
    let (key, call) = ivan.confirms(half).await;
    assert_eq!(call, waiting["call"]);
    ivan.signals(&call, b"early").await;
    let config = office.hears_the_beginning(phone).await;
    assert_eq!((config.key.clone(), config.role), (key, Role::Callee));
    assert_eq!(config.signalling, Signalling::V3, "the caller's favourite");
    assert_eq!(office.hears_signal(phone).await, b"early");

    ivan.discards(&call, "hangup").await;
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_caller_hears_busy_when_we_say_so_and_leaves_a_missed_call_when_they_give_up() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    ivan.calls("tandem_calls").await;
    let phone = office.hears_incoming(IVAN).await;
    office.telegram.hang_up(phone, HangUp::Busy);
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    ivan.hears("waiting").await;
    ivan.hears("waiting").await;
    assert_eq!(ivan.hears_the_end().await, "busy");

    ivan.calls("tandem_calls").await;
    let phone = office.hears_incoming(IVAN).await;
    ivan.hears("waiting").await;
    let call = ivan.hears("waiting").await["call"].clone();
    ivan.discards(&call, "missed").await;
    assert_eq!(office.hears_the_end(phone).await, End::Missed);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn what_a_person_does_with_a_call_says_why_it_is_over() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    for (reason, end) in [("busy", End::Declined), ("hangup", End::Declined)] {
        let phone = office.calls(IVAN);
        let (call, _) = ivan.rings().await;
        office.hears_ringing(phone).await;
        ivan.discards(&call, reason).await;
        assert_eq!(office.hears_the_end(phone).await, end);
    }

    let phone = office.calls(IVAN);
    ivan.rings().await;
    office.hears_ringing(phone).await;
    office.telegram.hang_up(phone, HangUp::Hangup);
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    assert_eq!(ivan.hears_the_end().await, "missed", "their phone shows a missed call");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn telegram_gives_a_call_up_that_nobody_answers() {
    let (world, mut office) = World::acquainted().await;
    world.act("/settings", json!({"call_ring_seconds": 1})).await;
    let mut ivan = world.device(IVAN).await;
    let phone = office.calls(IVAN);
    ivan.rings().await;
    office.hears_ringing(phone).await;
    assert_eq!(office.hears_the_end(phone).await, End::Missed);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn hanging_up_before_telegram_answers_leaves_no_call_behind() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    world.act("/fault", json!({"method": "phone.requestCall", "delay_ms": 500})).await;
    let phone = office.calls(IVAN);
    office.telegram.hang_up(phone, HangUp::Hangup);
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    let next = office.calls(IVAN);
    // Whatever the first request made is taken back; the second call rings.
    let (call, _) = ivan.rings().await;
    office.hears_ringing(next).await;
    ivan.discards(&call, "busy").await;
    assert_eq!(office.hears_the_end(next).await, End::Declined);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn whoever_is_called_again_at_once_gets_the_second_call() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    // Telegram carries both requests out at once and answers late: its updates come first.
    world.fault("phone.requestCall", json!({"answer_delay_ms": 3000, "times": 2})).await;
    let first = office.calls(IVAN);
    let taken_back = ivan.hears("requested").await["call"].clone();
    office.telegram.hang_up(first, HangUp::Hangup);
    assert_eq!(office.hears_the_end(first).await, End::HungUp);
    let second = office.calls(IVAN);
    let (call, commitment) = ivan.rings().await;

    office.hears_ringing(second).await;
    let over = ivan.hears("discarded").await;
    assert_eq!((&over["call"], &over["reason"]), (&taken_back, &json!("missed")));
    let half = ivan.takes(&call, &commitment).await;
    let (key, _) = ivan.agrees(half).await;
    assert_eq!(office.hears_the_beginning(second).await.key, key);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_call_whose_signalling_telegram_refuses_ends_at_both_ends() {
    let (world, mut office, mut ivan, phone, _) = World::talking().await;
    world.fault("phone.sendSignalingData", json!({"error": "CALL_PEER_INVALID"})).await;
    office.telegram.signal(phone, Bytes::from_static(b"one"));
    assert_eq!(office.hears_the_end(phone).await, End::Lost);
    assert_eq!(ivan.hears_the_end().await, "disconnect", "their app does not wait for sound");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn privacy_and_limits_say_why_a_person_is_not_rung() {
    let (world, mut office) = World::acquainted().await;
    world.act(&format!("/users/{IVAN}/telegram"), json!({"calls": "nobody"})).await;
    let phone = office.calls(IVAN);
    assert_eq!(office.hears_the_end(phone).await, End::Restricted);

    world.act(&format!("/users/{IVAN}/telegram"), json!({"calls": "everybody"})).await;
    let flood = json!({"method": "phone.requestCall", "error": "FLOOD_WAIT_37", "code": 420, "times": 1});
    world.act("/fault", flood).await;
    let phone = office.calls(IVAN);
    let End::Flood { retry } = office.hears_the_end(phone).await else { panic!("a limit") };
    assert!(retry <= Duration::from_secs(37) && retry > Duration::from_secs(30), "{retry:?}");

    let phone = office.calls(IVAN);
    let end = office.hears_the_end(phone).await;
    assert!(matches!(end, End::Flood { .. }), "Telegram is not asked again before: {end:?}");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_person_whom_nobody_has_met_is_unknown() {
    let (world, mut office) = World::acquainted().await;
    let phone = office.calls(PETR);
    assert_eq!(office.hears_the_end(phone).await, End::Unknown);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn without_direct_sound_the_call_says_so() {
    let (world, mut office) = World::acquainted().await;
    world.act(&format!("/users/{IVAN}/telegram"), json!({"p2p": false})).await;
    let mut ivan = world.device(IVAN).await;
    let phone = office.calls(IVAN);
    let (call, commitment) = ivan.rings().await;
    office.hears_ringing(phone).await;
    let half = ivan.takes(&call, &commitment).await;
    ivan.agrees(half).await;
    assert!(!office.hears_the_beginning(phone).await.p2p);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn twenty_people_are_called_at_once_and_each_has_a_key_of_their_own() {
    const PEOPLE: i64 = 20;
    let world = World::with_an_account().await;
    let mut office = world.work().await;
    let mut devices = Vec::new();
    for number in 0..PEOPLE {
        let person = UserId(20_000 + number);
        let name = format!("person{number}");
        world.act("/users", json!({"id": person, "first_name": name, "username": name})).await;
        world.writes(person, "tandem_calls", "hello").await;
        assert!(matches!(office.hears().await, Event::Written { user, .. } if user == person));
        devices.push((person, world.device(person).await));
    }

    let phones: Vec<_> = devices.iter().map(|(person, _)| office.calls(*person)).collect();
    let taken = devices.into_iter().map(|(_, mut device)| async move {
        let (call, commitment) = device.rings().await;
        let half = device.takes(&call, &commitment).await;
        let (key, _) = device.agrees(half).await;
        (device, key)
    });
    let taken = world.tasks.spawn(futures::future::join_all(taken));
    let (mut keys, mut rung) = (HashMap::new(), 0);
    while keys.len() < phones.len() {
        let event = office.hears().await;
        if let Event::Begun { phone, call } = event {
            keys.insert(phone, call.key.clone());
        } else {
            assert!(matches!(event, Event::Ringing { .. }), "{event:?}");
            rung += 1;
        }
    }

    let taken = taken.await.expect("all have taken their calls");
    assert_eq!(rung, phones.len());
    for (phone, (_, key)) in phones.iter().zip(&taken) {
        assert_eq!(keys.get(phone), Some(key));
    }
    for phone in &phones {
        office.telegram.hang_up(*phone, HangUp::Hangup);
        assert_eq!(office.hears_the_end(*phone).await, End::HungUp);
    }
    for (mut device, _) in taken {
        assert_eq!(device.hears_the_end().await, "hangup");
    }
    office.close().await;
    world.end().await;
}
