//! Inline mode.

use crate::stage::Stage;
use serde_json::{Value, json};

fn article(id: &str, keyboard: bool) -> Value {
    let mut article = json!({"type": "article", "id": id, "title": "Give 1001", "description": "For ever",
        "input_message_content": {"message_text": "Take <b>1001</b>", "parse_mode": "HTML"}});
    if keyboard {
        article["reply_markup"] = json!({"inline_keyboard": [[{"text": "Take", "callback_data": "k:1"}]]});
    }
    article
}

/// Olga types in Petr's chat and the bot answers so.
async fn type_and_answer(stage: &Stage, query: &str, mut answer: Value) -> (Value, Value) {
    let asked = async {
        let query = stage.update("inline_query").await;
        answer["inline_query_id"] = query["id"].clone();
        stage.bot("answerInlineQuery", answer).await;
        query
    };
    let typed = json!({"chat": "petr", "query": format!("@tandem_bot {query}")});
    tokio::join!(stage.act("olga", "inline", typed), asked)
}

fn choice(query: &str, id: &str) -> Value {
    json!({"chat": "petr", "query": format!("@tandem_bot {query}"), "result_id": id})
}

#[tokio::test]
async fn a_chosen_result_is_seen_by_both_and_by_the_bot_only_by_its_inline_id() {
    let stage = Stage::started().await;
    let answer = json!({"results": [article("k:1", true)], "cache_time": 0, "is_personal": true});
    let (seen, query) = type_and_answer(&stage, "1001 pa55", answer).await;
    assert_eq!((query["query"].as_str(), query["chat_type"].as_str()), (Some("1001 pa55"), Some("private")));
    assert_eq!(seen["results"][0]["description"], "For ever");
    stage.act("olga", "choose", choice("1001 pa55", "k:1")).await;
    let chosen = stage.update("chosen_inline_result").await;
    assert_eq!((chosen["result_id"].as_str(), chosen["query"].as_str()), (Some("k:1"), Some("1001 pa55")));

    let at_petr = stage.last("petr", "olga").await;
    assert_eq!((at_petr["text"].as_str(), at_petr["outgoing"].as_bool()), (Some("Take 1001"), Some(false)));
    assert_eq!(at_petr["via_bot"]["username"], "tandem_bot");
    assert_eq!(at_petr["buttons"][0][0], json!({"id": "0.0", "text": "Take", "kind": "callback"}));
    assert_eq!(stage.last("olga", "petr").await["id"], at_petr["id"]);
    assert!(!at_petr.to_string().contains("pa55"));

    let inline = chosen["inline_message_id"].clone();
    stage.bot("editMessageText", json!({"inline_message_id": inline, "text": "Taken by Petr"})).await;
    assert_eq!(stage.last("olga", "petr").await["text"], "Taken by Petr");
    assert!(stage.last("petr", "olga").await.get("buttons").is_none());
    let unknown = json!({"inline_message_id": "AgAA", "text": "x"});
    assert_eq!(stage.refused("editMessageText", unknown).await, "Bad Request: MESSAGE_ID_INVALID");
}

#[tokio::test]
async fn without_buttons_there_is_no_inline_id() {
    let stage = Stage::started().await;
    type_and_answer(&stage, "x", json!({"results": [article("1", false)]})).await;
    stage.act("olga", "choose", choice("x", "1")).await;
    assert!(stage.update("chosen_inline_result").await.get("inline_message_id").is_none());
}

#[tokio::test]
async fn results_that_are_not_personal_are_served_to_strangers() {
    let stage = Stage::started().await;
    type_and_answer(&stage, "same", json!({"results": [article("1", true)]})).await;
    let seen = stage.act("ivan", "inline", json!({"chat": "petr", "query": "@tandem_bot same"})).await;
    assert_eq!((seen["cached"].as_bool(), seen["results"][0]["id"].as_str()), (Some(true), Some("1")));
    stage.post("clock/advance", json!({"seconds": 301})).await;
    let personal = json!({"results": [article("2", true)], "is_personal": true});
    let (seen, _) = type_and_answer(&stage, "same", personal).await;
    assert_eq!(seen["cached"], false, "kept for five minutes and no longer");
    let asked = async {
        let query = stage.update("inline_query").await;
        let answer = json!({"inline_query_id": query["id"], "results": [], "cache_time": 0});
        stage.bot("answerInlineQuery", answer).await;
    };
    let typed = json!({"chat": "petr", "query": "@tandem_bot same"});
    let (seen, ()) = tokio::join!(stage.act("ivan", "inline", typed), asked);
    assert_eq!(seen["results"], json!([]), "personal results are not for others");
}

#[tokio::test]
async fn a_result_has_to_have_been_shown_to_be_chosen() {
    let stage = Stage::started().await;
    type_and_answer(&stage, "x", json!({"results": [article("1", true)]})).await;
    assert_eq!(stage.cannot("olga", "choose", choice("x", "2")).await, 404);
    assert_eq!(stage.cannot("olga", "choose", choice("y", "1")).await, 404);
    assert_eq!(stage.cannot("ivan", "choose", choice("x", "1")).await, 404);
    stage.post("clock/advance", json!({"seconds": 601})).await;
    assert_eq!(stage.cannot("olga", "choose", choice("x", "1")).await, 404);
}

#[tokio::test]
async fn bad_results_are_refused() {
    let stage = Stage::started().await;
    let asked = async {
        let id = stage.update("inline_query").await["id"].clone();
        let with = |results: Vec<Value>| json!({"inline_query_id": id, "results": results});
        let many = (0..51).map(|n| article(&n.to_string(), false)).collect();
        assert_eq!(stage.refused("answerInlineQuery", with(many)).await, "Bad Request: RESULTS_TOO_MUCH");
        let double = vec![article("1", false), article("1", false)];
        assert_eq!(
            stage.refused("answerInlineQuery", with(double)).await,
            "Bad Request: RESULT_ID_DUPLICATE"
        );
        let long = vec![article(&"x".repeat(65), false)];
        assert_eq!(stage.refused("answerInlineQuery", with(long)).await, "Bad Request: RESULT_ID_INVALID");
        let mut button = with(vec![]);
        button["button"] = json!({"text": "Open", "start_parameter": "a b"});
        assert_eq!(stage.refused("answerInlineQuery", button).await, "Bad Request: START_PARAM_INVALID");
        let mut open = with(vec![]);
        open["button"] = json!({"text": "Open", "start_parameter": "help"});
        stage.bot("answerInlineQuery", open.clone()).await;
        let again = stage.refused("answerInlineQuery", open).await;
        assert!(again.starts_with("Bad Request: query is too old"), "{again}");
    };
    let (seen, ()) =
        tokio::join!(stage.act("olga", "inline", json!({"chat": "petr", "query": "@tandem_bot x"})), asked);
    assert_eq!(seen["button"], json!({"text": "Open", "start_parameter": "help"}));
    let long = json!({"chat": "petr", "query": format!("@tandem_bot {}", "x".repeat(257))});
    assert_eq!(stage.cannot("olga", "inline", long).await, 400);
}

#[tokio::test]
async fn feedback_follows_its_percentage_and_can_be_held_back() {
    let stage = Stage::started().await;
    stage.post("settings", json!({"inline_feedback_percent": 50})).await;
    type_and_answer(&stage, "x", json!({"results": [article("1", true)]})).await;
    for _ in 0..4 {
        stage.act("olga", "choose", choice("x", "1")).await;
    }
    assert_eq!(stage.updates().await.len(), 2);

    stage
        .post("settings", json!({"inline_feedback_percent": 100, "chosen_result_after_next_press": true}))
        .await;
    let sent = stage.act("olga", "choose", choice("x", "1")).await;
    let press = json!({"message": sent["message"], "button": "Take"});
    let (_, updates) = tokio::join!(stage.act("petr", "press", press), async {
        let updates = stage.updates().await;
        let answer = json!({"callback_query_id": updates[0]["callback_query"]["id"]});
        stage.bot("answerCallbackQuery", answer).await;
        updates
    });
    assert!(updates[1].get("chosen_inline_result").is_some(), "the press came first: {updates:?}");
}
