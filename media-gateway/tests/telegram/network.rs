//! A network that comes and goes, and a process that starts anew.

use crate::world::{IVAN, World, eventually};
use bytes::Bytes;
use event_store::sql::{Statement, Type};
use media_gateway::telegram::{End, Event, HangUp};
use serde_json::json;

#[tokio::test]
async fn a_call_survives_a_lost_connection() {
    let (world, mut office, mut ivan, phone, call) = World::talking().await;
    world.act("/fault", json!({"kind": "mtproto_drop"})).await;
    // Sent while there is no connection: it waits for the next one.
    office.telegram.signal(phone, Bytes::from_static(b"after"));
    assert_eq!(ivan.hears_signal().await, b"after");
    office.is_on().await;
    ivan.signals(&call, b"too").await;
    assert_eq!(office.hears_signal(phone).await, b"too");
    ivan.discards(&call, "hangup").await;
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_while_calling_costs_no_call() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    // The connection goes between the request and its answer.
    world.fault("phone.requestCall", json!({"drop_response": true})).await;
    let phone = office.calls(IVAN);
    let (call, commitment) = ivan.rings().await;
    office.hears_ringing(phone).await;
    let half = ivan.takes(&call, &commitment).await;
    let (key, _) = ivan.agrees(half).await;
    assert_eq!(office.hears_the_beginning(phone).await.key, key);
    // It goes between two packets and, later, while we hang up.
    world.act("/fault", json!({"kind": "mtproto_drop"})).await;
    office.telegram.hang_up(phone, HangUp::Hangup);
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    assert_eq!(ivan.hears_the_end().await, "hangup");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_while_a_call_is_taken_costs_no_call() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    let half = ivan.calls("tandem_calls").await;
    let phone = office.hears_incoming(IVAN).await;
    ivan.hears("waiting").await;
    ivan.hears("waiting").await;
    world.fault("phone.acceptCall", json!({"drop_response": true})).await;
    office.telegram.answer(phone);
    let (key, call) = ivan.confirms(half).await;
    assert_eq!(office.hears_the_beginning(phone).await.key, key);
    ivan.discards(&call, "hangup").await;
    assert_eq!(office.hears_the_end(phone).await, End::HungUp);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_connection_that_is_lost_while_a_key_is_confirmed_ends_the_call_at_both_ends() {
    let (world, mut office) = World::acquainted().await;
    let mut ivan = world.device(IVAN).await;
    let phone = office.calls(IVAN);
    let (call, commitment) = ivan.rings().await;
    office.hears_ringing(phone).await;
    // Where the sound goes stands in the answer alone.
    world.fault("phone.confirmCall", json!({"drop_response": true})).await;
    let half = ivan.takes(&call, &commitment).await;
    ivan.agrees(half).await;
    assert_eq!(office.hears_the_end(phone).await, End::Slow);
    assert_eq!(ivan.hears_the_end().await, "disconnect");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn servers_of_telegram_that_lose_one_another_for_a_moment_cost_no_packet() {
    let (world, mut office, mut ivan, phone, call) = World::talking().await;
    world.fault("phone.sendSignalingData", json!({"error": "Timeout", "times": 2})).await;
    office.telegram.signal(phone, Bytes::from_static(b"one"));
    assert_eq!(ivan.hears_signal().await, b"one");
    ivan.signals(&call, b"back").await;
    assert_eq!(office.hears_signal(phone).await, b"back", "the call goes on");
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_call_that_could_not_be_ended_is_ended_by_the_next_process() {
    let (world, office, mut ivan, _, _) = World::talking().await;
    eventually("it is written down", async || (world.open_calls().await == 1).then_some(())).await;
    world.fault("phone.discardCall", json!({"error": "Timeout", "times": 1000})).await;
    office.close().await;
    assert_eq!(world.open_calls().await, 1, "nobody has told Telegram");
    world.mend().await;

    let office = world.work().await;
    assert_eq!(ivan.hears_the_end().await, "disconnect");
    eventually("it is crossed out", async || (world.open_calls().await == 0).then_some(())).await;
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn what_happened_while_the_network_was_away_is_learnt_afterwards() {
    let (world, mut office, mut ivan, phone, call) = World::talking().await;
    world.act("/fault", json!({"kind": "mtproto_down", "seconds": 1})).await;
    office.becomes(false).await;
    ivan.discards(&call, "hangup").await;
    world.writes(IVAN, "tandem_calls", "+7 900 000-00-01").await;

    // In any order: the end of the call, and the letter.
    let (mut over, mut written) = (false, false);
    while !(over && written) {
        let event = office.hears().await;
        if let Event::Over { phone: it, end } = event {
            assert_eq!((it, end), (phone, End::HungUp));
            over = true;
        } else {
            assert!(matches!(event, Event::Written { .. }), "{event:?}");
            written = true;
        }
    }
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_stored_session_needs_no_second_sign_in() {
    let (world, office) = World::acquainted().await;
    office.close().await;
    // Written while nobody was there: it is read afterwards, once.
    world.writes(IVAN, "tandem_calls", "are you there?").await;

    let mut office = world.work().await;
    assert!(matches!(office.hears().await, Event::Written { .. }));
    let mut ivan = world.device(IVAN).await;
    let phone = office.calls(IVAN);
    let (call, _) = ivan.rings().await;
    office.hears_ringing(phone).await;
    ivan.discards(&call, "busy").await;
    assert_eq!(office.hears_the_end(phone).await, End::Declined);
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_process_that_gives_its_accounts_up_ends_their_calls() {
    let (world, mut office, mut ivan, phone, _) = World::talking().await;
    office.telegram.work(false);
    assert_eq!(office.hears_the_end(phone).await, End::Lost);
    assert_eq!(ivan.hears_the_end().await, "disconnect");
    office.becomes(false).await;
    office.telegram.work(true);
    office.is_on().await;
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn a_standby_process_goes_on_with_the_accounts() {
    let (world, mut first, mut ivan, phone, _) = World::talking().await;
    let mut second = world.start(world.settings().await);
    first.telegram.work(false);
    second.telegram.work(true);
    second.is_on().await;
    assert_eq!(first.hears_the_end(phone).await, End::Lost);
    assert_eq!(ivan.hears_the_end().await, "disconnect");
    first.becomes(false).await;

    let phone = second.calls(IVAN);
    let (call, _) = ivan.rings().await;
    second.hears_ringing(phone).await;
    // It stores the session in place of what the first one has stored, and the call goes on.
    let stored = session(&world).await;
    world.writes(IVAN, "tandem_calls", "still there?").await;
    assert!(matches!(second.hears().await, Event::Written { .. }));
    eventually("the session is stored", async || (session(&world).await != stored).then_some(())).await;
    ivan.discards(&call, "busy").await;
    assert_eq!(second.hears_the_end(phone).await, End::Declined);
    first.close().await;
    second.close().await;
    world.end().await;
}

/// The stored session of the only account, sealed.
async fn session(world: &World) -> String {
    let statement = Statement::new("SELECT session FROM telegram_accounts", []);
    let rows = world.database.query(statement, &[Type::Text]).await.expect("read");
    rows[0].text(0).expect("a session")
}
