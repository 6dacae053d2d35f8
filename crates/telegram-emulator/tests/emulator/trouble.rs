//! Faults, pacing, and the watch on the clock.

use crate::stage::{BOT, OLGA, Stage};
use serde_json::{Value, json};

#[tokio::test]
async fn a_fault_hits_as_often_as_it_was_armed() {
    let stage = Stage::started().await;
    stage.post("fault", json!({"method": "sendMessage", "code": 429, "retry_after": 2, "times": 2})).await;
    let hello = json!({"chat_id": OLGA, "text": "hello"});
    for _ in 0..2 {
        let answer = stage.raw("sendMessage", &hello).await;
        assert_eq!(answer["description"], "Too Many Requests: retry after 2");
        assert_eq!(answer["parameters"]["retry_after"], 2);
    }
    stage.bot("sendMessage", hello).await;
    assert_eq!(stage.get("fault").await, json!([]));
    let calls = stage.get("calls?method=sendMessage").await;
    let fates: Vec<_> = calls.as_array().unwrap().iter().map(|call| call["ok"].as_bool().unwrap()).collect();
    assert_eq!(fates, [false, false, true]);
}

#[tokio::test]
async fn a_lost_answer_does_not_undo_the_call() {
    let stage = Stage::started().await;
    stage.post("fault", json!({"method": "sendMessage", "drop_response": true})).await;
    let url = format!("{}/bot{}/sendMessage", stage.url, telegram_emulator::DEMO_TOKEN);
    let lost = stage.http.post(url).json(&json!({"chat_id": OLGA, "text": "sent"})).send().await;
    assert!(lost.is_err(), "{lost:?}");
    assert_eq!(stage.last("olga", BOT).await["text"], "sent");
}

#[tokio::test]
async fn updates_can_come_twice_and_in_the_wrong_order() {
    let stage = Stage::started().await;
    stage.post("fault", json!({"updates": "duplicate"})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "one"})).await;
    let text = |updates: &Value| -> Vec<String> {
        let updates = updates.as_array().unwrap();
        updates.iter().map(|update| update["message"]["text"].as_str().unwrap().to_owned()).collect()
    };
    let first = stage.bot("getUpdates", json!({})).await;
    let next = first[0]["update_id"].as_i64().unwrap() + 1;
    assert_eq!(stage.bot("getUpdates", json!({"offset": next})).await, first, "again, although confirmed");
    assert_eq!(stage.bot("getUpdates", json!({"offset": next})).await, json!([]));

    stage.post("fault", json!({"updates": "reorder"})).await;
    for number in ["two", "three"] {
        stage.act("olga", "message", json!({"chat": BOT, "text": number})).await;
    }
    assert_eq!(text(&stage.bot("getUpdates", json!({})).await), ["three", "two"]);
    assert_eq!(text(&stage.bot("getUpdates", json!({})).await), ["two", "three"]);
}

#[tokio::test]
async fn with_pacing_a_fast_bot_is_slowed_down() {
    let stage = Stage::started().await;
    stage.post("settings", json!({"pacing": true})).await;
    let hello = json!({"chat_id": OLGA, "text": "hello"});
    let mut refused = 0;
    for _ in 0..6 {
        refused += usize::from(stage.raw("sendMessage", &hello).await["error_code"] == 429);
    }
    assert!(refused >= 2, "only {refused} of 6 were refused");
    stage.post("clock/advance", json!({"seconds": 3})).await;
    stage.bot("sendMessage", hello).await;
}

#[tokio::test]
async fn whoever_follows_the_clock_is_told_when_it_moves() {
    let stage = Stage::set().await;
    let before = stage.get("clock").await;
    let watch = format!("clock?after={}&wait=20", before["version"]);
    let moved = stage.post("clock/advance", json!({"seconds": 301}));
    let (told, _) = tokio::join!(stage.get(&watch), moved);
    assert_eq!(told["now_offset_seconds"], 301);
    assert!(told["now"].as_i64().unwrap() >= before["now"].as_i64().unwrap() + 301);
    assert_eq!(stage.post("settings", json!({"speed": 11})).await.0, 400);
}

#[tokio::test]
async fn a_page_elsewhere_cannot_reach_it_by_a_name_of_its_own() {
    let stage = Stage::set().await;
    let users = format!("{}/sim/users", stage.url);
    let foreign = stage.http.get(&users).header("host", "evil.example").send().await.unwrap();
    assert_eq!(foreign.status().as_u16(), 403);
    assert_eq!(stage.http.get(&users).send().await.unwrap().status().as_u16(), 200);
    let page = stage.http.get(&stage.url).send().await.unwrap();
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn a_page_is_told_of_changes_in_its_own_chats_only() {
    let stage = Stage::started().await;
    let url = format!("{}/sim/users/ivan/events", stage.url);
    let mut events = stage.http.get(url).send().await.unwrap();
    let hello = events.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&hello).starts_with("event: hello"), "{hello:?}");
    stage.act("olga", "message", json!({"chat": "petr", "text": "not for Ivan"})).await;
    stage.act("olga", "message", json!({"chat": "ivan", "text": "for Ivan"})).await;
    let change = events.chunk().await.unwrap().unwrap();
    let change = String::from_utf8_lossy(&change);
    assert!(change.contains("event: change") && change.contains("\"chat\":10001"), "{change}");
    assert!(!change.contains("10003"), "{change}");
}

#[tokio::test]
async fn a_page_of_everybody_is_told_whose_chat_changed() {
    let stage = Stage::started().await;
    let mut events = stage.http.get(format!("{}/sim/events", stage.url)).send().await.unwrap();
    let hello = events.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&hello).starts_with("event: hello"), "{hello:?}");
    stage.act("olga", "message", json!({"chat": "petr", "text": "for Petr"})).await;
    let mut told = String::new();
    while told.matches("\n\n").count() < 2 {
        told.push_str(&String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap()));
    }
    assert!(told.contains("\"chat\":10003,\"user\":10001"), "{told}");
    assert!(told.contains("\"chat\":10001,\"user\":10003"), "{told}");
    assert!(!told.contains("10002"), "{told}");
}

#[tokio::test]
async fn the_page_proposes_what_to_try_first() {
    let stage = Stage::started().await;
    let hints = stage.get("hints").await;
    assert!(hints["olga"].as_str().is_some_and(|hint| hint.contains("`@tandem_bot ")), "{hints}");
}
