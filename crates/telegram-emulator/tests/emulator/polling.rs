//! getUpdates.

use crate::stage::{BOT, OLGA, Stage};
use serde_json::json;

fn ids(updates: &serde_json::Value) -> Vec<i64> {
    updates.as_array().unwrap().iter().map(|update| update["update_id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn an_offset_confirms_what_is_before_it_and_nothing_else() {
    let stage = Stage::started().await;
    for text in ["one", "two", "three"] {
        stage.act("olga", "message", json!({"chat": BOT, "text": text})).await;
    }
    let all = ids(&stage.bot("getUpdates", json!({})).await);
    assert_eq!(all.len(), 3);
    assert_eq!(ids(&stage.bot("getUpdates", json!({})).await), all, "nothing is confirmed without an offset");
    assert_eq!(ids(&stage.bot("getUpdates", json!({"offset": all[1], "limit": 1})).await), [all[1]]);
    assert_eq!(ids(&stage.bot("getUpdates", json!({"offset": -1})).await), [all[2]]);
    assert_eq!(
        ids(&stage.bot("getUpdates", json!({})).await),
        [all[2]],
        "a negative offset forgets the older ones"
    );
}

#[tokio::test]
async fn a_poll_waits_for_an_update() {
    let stage = Stage::started().await;
    let (updates, _) = tokio::join!(
        stage.bot("getUpdates", json!({"timeout": 20})),
        stage.act("olga", "message", json!({"chat": BOT, "text": "hello"})),
    );
    assert_eq!(updates[0]["message"]["text"], "hello");
}

#[tokio::test]
async fn a_newer_poll_ends_the_older_one() {
    let stage = Stage::started().await;
    // Whichever comes second ends the other one and waits its second.
    let (once, again) = (json!({"timeout": 1}), json!({"timeout": 1}));
    let (once, again) = tokio::join!(stage.raw("getUpdates", &once), stage.raw("getUpdates", &again));
    let mut answers = [once, again];
    answers.sort_by_key(|answer| answer["ok"].as_bool());
    assert_eq!(
        answers[0]["description"],
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
    assert_eq!(answers[0]["error_code"], 409);
    assert_eq!(answers[1]["ok"], true);
}

#[tokio::test]
async fn only_wanted_kinds_are_queued_until_told_otherwise() {
    let stage = Stage::started().await;
    stage.bot("getUpdates", json!({"allowed_updates": ["callback_query"]})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "not wanted"})).await;
    stage.bot("getUpdates", json!({})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "still not wanted"})).await;
    assert_eq!(stage.get("pending").await, json!([]));
    stage.bot("getUpdates", json!({"allowed_updates": []})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "wanted"})).await;
    assert_eq!(stage.update("message").await["text"], "wanted");
}

#[tokio::test]
async fn updates_grow_too_old_by_their_kind() {
    let stage = Stage::started().await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "kept a day"})).await;
    let typed = stage.act("olga", "inline", json!({"chat": "ivan", "query": "@tandem_bot x"}));
    let later = async {
        while stage.get("pending").await.as_array().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        stage.post("clock/advance", json!({"seconds": 31})).await;
        let pending = stage.get("pending").await;
        assert_eq!(pending.as_array().unwrap().len(), 1, "{pending}");
        assert_eq!(pending[0]["kind"], "message");
        stage.post("clock/advance", json!({"seconds": 86_400})).await;
        assert_eq!(stage.get("pending").await, json!([]));
    };
    let (typed, ()) = tokio::join!(typed, later);
    assert_eq!(typed["timed_out"], true);
}

#[tokio::test]
async fn who_is_asking_has_to_be_a_bot_of_this_world() {
    let stage = Stage::set().await;
    let me = stage.bot("getMe", json!({})).await;
    assert_eq!((me["username"].as_str(), me["is_bot"].as_bool()), (Some(BOT), Some(true)));
    assert_eq!(stage.raw("GetME", &json!({})).await["result"], me, "methods are known in any case");
    for (token, code, words) in [
        ("700000001:wrong", 401, "Unauthorized"),
        ("nonsense", 404, "Not Found"),
        ("5:x", 401, "Unauthorized"),
    ] {
        let answer = stage.http.get(format!("{}/bot{token}/getMe", stage.url)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), code);
        assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["description"], words);
    }
}

#[tokio::test]
async fn a_method_that_is_not_there_is_refused_and_noted() {
    let stage = Stage::started().await;
    assert_eq!(stage.refused("sendGame", json!({"chat_id": OLGA})).await, "Not Found: method not found");
    stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "fine"})).await;
    stage.raw("sendMessage", &json!({"chat_id": OLGA, "text": "x", "chatt_id": 1})).await;
    let violations = stage.get("violations").await;
    let methods: Vec<_> =
        violations.as_array().unwrap().iter().map(|v| v["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["sendGame", "sendMessage"]);
}
