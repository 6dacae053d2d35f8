//! The MTProto side, seen by an unmodified client.

use crate::{
    account::{Account, stage},
    device::{Device, bytes, protocol},
};
use grammers_client::tl;
use serde_json::json;
use std::sync::atomic::{AtomicI32, Ordering};
use tl::functions::{contacts, messages, phone, updates, users};

fn spoken() -> tl::enums::PhoneCallProtocol {
    tl::types::PhoneCallProtocol {
        udp_p2p: true,
        udp_reflector: true,
        min_layer: 92,
        max_layer: 92,
        library_versions: vec!["9.0.0".to_owned(), "13.0.0".to_owned(), "8.0.0".to_owned()],
    }
    .into()
}

fn request(user_id: tl::types::InputUser) -> phone::RequestCall {
    // Numbers of calls are for once.
    static NUMBER: AtomicI32 = AtomicI32::new(1);
    let (user_id, random_id) = (user_id.into(), NUMBER.fetch_add(1, Ordering::Relaxed));
    phone::RequestCall { video: false, user_id, random_id, g_a_hash: vec![1; 32], protocol: spoken() }
}

fn waiting(call: tl::enums::PhoneCall) -> tl::types::PhoneCallWaiting {
    let tl::enums::PhoneCall::Waiting(call) = call else { panic!("{call:?}") };
    call
}

async fn calls(account: &Account, username: &str) -> tl::types::PhoneCallWaiting {
    let whom = account.meets(username).await;
    let tl::enums::phone::PhoneCall::Call(answer) = account.ok(&request(whom)).await;
    assert_eq!(answer.users.len(), 2);
    waiting(answer.phone_call)
}

fn named(id: i64, access_hash: i64) -> tl::enums::InputPhoneCall {
    tl::types::InputPhoneCall { id, access_hash }.into()
}

#[tokio::test]
async fn it_calls_a_person_and_both_signal() {
    let stage = stage().await;
    let (mut account, mut ivan) = (Account::signed_in(&stage).await, Device::of(&stage, "ivan").await);
    let call = calls(&account, "ivan").await;
    let (id, peer) = (json!(call.id.to_string()), named(call.id, call.access_hash));
    let ringing = ivan.hears("requested").await;
    assert_eq!((&ringing["call"], &ringing["from"]["name"]), (&id, &json!("Tandem calls")));
    ivan.says(json!({"type": "received", "call": id})).await;
    assert!(waiting(account.told_of_call().await).receive_date.is_some());
    ivan.says(json!({"type": "accept", "call": id, "g_b": bytes(2, 256), "protocol": protocol()})).await;
    let tl::enums::PhoneCall::Accepted(accepted) = account.told_of_call().await else {
        panic!("not accepted")
    };
    assert_eq!((accepted.g_b, accepted.participant_id), (vec![2; 256], 10_002));

    let confirm = phone::ConfirmCall {
        peer: peer.clone(),
        g_a: vec![3; 256],
        key_fingerprint: -42,
        protocol: spoken(),
    };
    let tl::enums::phone::PhoneCall::Call(answer) = account.ok(&confirm).await;
    let tl::enums::PhoneCall::Call(active) = answer.phone_call else { panic!("not active") };
    let tl::enums::PhoneCallProtocol::Protocol(agreed) = active.protocol;
    assert_eq!(agreed.library_versions, ["9.0.0", "13.0.0"], "what both speak, as the caller likes it");
    assert_eq!((active.p2p_allowed, active.connections.len()), (true, 1));
    assert_eq!(ivan.hears("call").await["fingerprint"], "-42");

    let signal = |data| phone::SendSignalingData { peer: peer.clone(), data };
    assert!(account.ok(&signal(vec![7; 50])).await);
    assert_eq!(ivan.hears("signal").await["data"], bytes(7, 50));
    ivan.says(json!({"type": "signal", "call": id, "data": bytes(8, 60)})).await;
    let tl::enums::Update::PhoneCallSignalingData(told) = account.told().await else { panic!("no signal") };
    assert_eq!((told.phone_call_id, told.data), (call.id, vec![8; 60]));

    ivan.says(json!({"type": "discard", "call": id, "reason": "hangup"})).await;
    let tl::enums::PhoneCall::Discarded(ended) = account.told_of_call().await else { panic!("not over") };
    assert_eq!(ended.reason, Some(tl::enums::PhoneCallDiscardReason::Hangup));
    assert_eq!(account.refused(&signal(vec![1])).await, (400, "CALL_PEER_INVALID".to_owned()));
    // The g_a of this test was not the promised one.
    assert_eq!(stage.get("violations").await.as_array().unwrap().len(), 1);
    account.close().await;
}

#[tokio::test]
async fn a_person_calls_it_and_it_answers() {
    let stage = stage().await;
    let (mut account, mut ivan) = (Account::signed_in(&stage).await, Device::of(&stage, "ivan").await);
    let id = ivan.calls("tandem_calls").await;
    let tl::enums::PhoneCall::Requested(asked) = account.told_of_call().await else {
        panic!("not requested")
    };
    assert_eq!((json!(asked.id.to_string()), asked.admin_id), (id.clone(), 10_002));
    let peer = named(asked.id, asked.access_hash);
    assert!(account.ok(&phone::ReceivedCall { peer: peer.clone() }).await);
    assert_eq!(ivan.hears("waiting").await["ringing"], true);
    account.ok(&phone::AcceptCall { peer: peer.clone(), g_b: vec![2; 256], protocol: spoken() }).await;
    ivan.hears("accepted").await;
    ivan.says(json!({"type": "confirm", "call": id, "g_a": bytes(3, 256), "fingerprint": "5"})).await;
    ivan.hears("call").await;
    let tl::enums::PhoneCall::Call(active) = account.told_of_call().await else { panic!("not active") };
    assert_eq!((active.g_a_or_b, active.key_fingerprint), (vec![3; 256], 5));
    let reason = tl::enums::PhoneCallDiscardReason::Hangup;
    account.ok(&phone::DiscardCall { video: false, peer, duration: 0, reason, connection_id: 0 }).await;
    assert_eq!(ivan.hears("discarded").await["reason"], "hangup");
    assert_eq!(stage.get("violations").await, json!([]));
    account.close().await;
}

#[tokio::test]
async fn it_can_call_only_whom_it_has_met_and_who_lets_it() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let unmet = tl::types::InputUser { user_id: 10_002, access_hash: 1 };
    assert_eq!(account.refused(&request(unmet)).await, (400, "USER_ID_INVALID".to_owned()));
    let ivan = account.meets("ivan").await;
    stage.act("ivan", "telegram", json!({"calls": "nobody"})).await;
    assert_eq!(account.refused(&request(ivan)).await, (403, "USER_PRIVACY_RESTRICTED".to_owned()));
    let unknown = contacts::ResolveUsername { username: "nobody".to_owned(), referer: None };
    assert_eq!(account.refused(&unknown).await, (400, "USERNAME_NOT_OCCUPIED".to_owned()));
    account.close().await;
}

#[tokio::test]
async fn a_client_that_is_nobody_can_do_nothing() {
    let stage = stage().await;
    let account = Account::new(&stage).await;
    let known = (401, "AUTH_KEY_UNREGISTERED".to_owned());
    assert_eq!(account.refused(&updates::GetState {}).await, known);
    assert_eq!(account.refused(&users::GetUsers { id: vec![tl::enums::InputUser::UserSelf] }).await, known);
    account.close().await;
}

#[tokio::test]
async fn the_group_for_keys_is_told_once() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let ask = |version| messages::GetDhConfig { version, random_length: 256 };
    let tl::enums::messages::DhConfig::Config(config) = account.ok(&ask(0)).await else {
        panic!("no config")
    };
    assert_eq!((config.g, config.p.len(), config.random.len()), (3, 256, 256));
    let again = account.ok(&ask(config.version)).await;
    assert!(matches!(again, tl::enums::messages::DhConfig::NotModified(_)), "{again:?}");
    account.close().await;
}

#[tokio::test]
async fn what_does_not_exist_is_refused_and_noted() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let refused = account.refused(&tl::functions::messages::GetDialogFilters {}).await;
    assert_eq!(refused, (400, "METHOD_NOT_IMPLEMENTED".to_owned()));
    assert_eq!(stage.get("violations").await[0]["method"], "messages.getDialogFilters");
    account.close().await;
}

#[tokio::test]
async fn a_call_that_begins_while_the_connection_is_cut_is_told_after_it() {
    let stage = stage().await;
    let (mut account, mut ivan) = (Account::signed_in(&stage).await, Device::of(&stage, "ivan").await);
    stage.post("fault", json!({"kind": "mtproto_drop"})).await;
    let id = ivan.calls("tandem_calls").await;
    let tl::enums::PhoneCall::Requested(asked) = account.told_of_call().await else {
        panic!("not requested")
    };
    assert_eq!(json!(asked.id.to_string()), id);
    account.close().await;
}

#[tokio::test]
async fn a_fault_is_told_by_its_name() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    let ivan = account.meets("ivan").await;
    let fault = json!({"method": "phone.requestCall", "error": "PEER_FLOOD", "code": 400, "times": 1});
    stage.post("fault", fault).await;
    assert_eq!(account.refused(&request(ivan.clone())).await, (400, "PEER_FLOOD".to_owned()));
    account.ok(&request(ivan)).await;
    account.close().await;
}

#[tokio::test]
async fn it_comes_back_when_the_network_does() {
    let stage = stage().await;
    let account = Account::signed_in(&stage).await;
    stage.post("fault", json!({"kind": "mtproto_down", "seconds": 2})).await;
    assert!(account.client.invoke(&updates::GetState {}).await.is_err());
    // The clock of networks is the machine's.
    let back = async { while account.client.invoke(&updates::GetState {}).await.is_err() {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), back).await.unwrap();
    account.close().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_was_carried_out_all_the_same() {
    let stage = stage().await;
    let (account, mut ivan) = (Account::signed_in(&stage).await, Device::of(&stage, "ivan").await);
    let whom = account.meets("ivan").await;
    stage.post("fault", json!({"method": "phone.requestCall", "drop_response": true})).await;
    // The client asks once more by itself.
    assert_eq!(account.refused(&request(whom)).await, (500, "RANDOM_ID_DUPLICATE".to_owned()));
    ivan.hears("requested").await;
    account.close().await;
}
