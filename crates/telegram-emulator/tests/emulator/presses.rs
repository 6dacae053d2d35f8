//! Buttons under messages, and their answers.

use crate::stage::{BOT, OLGA, Stage};
use futures::future::join_all;
use serde_json::{Value, json};

/// Sends Olga a message with one button and gives the message's number.
async fn offer(stage: &Stage, button: Value) -> i64 {
    let markup = json!({"inline_keyboard": [[button]]});
    let sent =
        stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "Offer", "reply_markup": markup})).await;
    sent["message_id"].as_i64().unwrap()
}

async fn answer(stage: &Stage, mut answer: Value) -> Value {
    let query = stage.update("callback_query").await;
    answer["callback_query_id"] = query["id"].clone();
    stage.bot("answerCallbackQuery", answer).await;
    query
}

#[tokio::test]
async fn an_answer_is_a_toast_an_alert_a_link_or_nothing() {
    let stage = Stage::started().await;
    let id = offer(&stage, json!({"text": "Take", "callback_data": "take:1", "style": "success"})).await;
    let press = json!({"message": format!("m{id}"), "button": "Take"});
    let link = "https://t.me/tandem_bot?start=t_9";
    let cases = [
        (json!({"text": "Taken"}), json!({"shown": "toast", "text": "Taken"})),
        (json!({"text": "No", "show_alert": true}), json!({"shown": "alert", "text": "No"})),
        (json!({}), json!({"shown": "nothing"})),
        (
            json!({"url": link}),
            json!({"shown": "url", "url": link, "deep_link": {"bot": 700_000_001, "payload": "t_9"}}),
        ),
    ];
    for (answered, shown) in cases {
        let (seen, query) = tokio::join!(stage.act("olga", "press", press.clone()), answer(&stage, answered));
        assert_eq!(seen, shown);
        assert_eq!(
            (query["data"].as_str(), query["message"]["message_id"].as_i64()),
            (Some("take:1"), Some(id))
        );
    }
}

#[tokio::test]
async fn a_press_is_answered_once_and_in_time() {
    let stage = Stage::started().await;
    let id = offer(&stage, json!({"text": "Take", "callback_data": "take"})).await;
    let press = json!({"message": format!("m{id}"), "button": "0.0"});
    let (_, query) =
        tokio::join!(stage.act("olga", "press", press.clone()), answer(&stage, json!({"text": "1"})));
    let old = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    let again = json!({"callback_query_id": query["id"], "text": "2"});
    assert_eq!(stage.refused("answerCallbackQuery", again).await, old);
    assert_eq!(stage.refused("answerCallbackQuery", json!({"callback_query_id": "77"})).await, old);

    let late = async {
        let query = stage.update("callback_query").await;
        stage.post("clock/advance", json!({"seconds": 151})).await;
        stage.refused("answerCallbackQuery", json!({"callback_query_id": query["id"]})).await
    };
    let (seen, refused) = tokio::join!(stage.act("olga", "press", press), late);
    assert_eq!((seen, refused.as_str()), (json!({"shown": "timeout"}), old));
    let long = json!({"callback_query_id": "1", "text": "x".repeat(201)});
    assert_eq!(stage.refused("answerCallbackQuery", long).await, "Bad Request: MESSAGE_TOO_LONG");
}

#[tokio::test]
async fn racing_presses_are_one_update_and_one_answer_each() {
    let stage = Stage::started().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Take", "callback_data": "take"}]]});
    let result = json!([{"type": "article", "id": "1", "title": "x", "reply_markup": keyboard,
                         "input_message_content": {"message_text": "Offer"}}]);
    let mut people = vec!["ivan".to_owned(), "petr".to_owned()];
    for n in 0..8 {
        let (code, person) = stage.post("users", json!({"first_name": format!("P{n}")})).await;
        assert_eq!(code, 200, "{person}");
        people.push(person["id"].to_string());
    }
    stage.act("olga", "groups", json!({"title": "Office", "members": people})).await;
    let group = stage
        .get("users/olga/chats")
        .await
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["kind"] == "group")
        .unwrap()["chat"]
        .to_string();
    let (results, ()) =
        tokio::join!(stage.act("olga", "inline", json!({"chat": group, "query": "@tandem_bot x"})), async {
            let query = stage.update("inline_query").await;
            assert_eq!(query["chat_type"], "group");
            stage.bot("answerInlineQuery", json!({"inline_query_id": query["id"], "results": result})).await;
        });
    assert_eq!(results["results"][0]["id"], "1");
    let sent =
        stage.act("olga", "choose", json!({"chat": group, "query": "@tandem_bot x", "result_id": "1"})).await;
    stage.update("chosen_inline_result").await;

    let press = |person: String| {
        let (stage, message) = (&stage, sent["message"].clone());
        async move { stage.act(&person, "press", json!({"message": message, "button": "Take"})).await }
    };
    let taken = async {
        let mut presses = Vec::new();
        while presses.len() < people.len() {
            presses.extend(stage.updates().await);
        }
        for (place, update) in presses.iter().enumerate() {
            let query = &update["callback_query"];
            assert!(query.get("message").is_none(), "a bot sees no chat of an inline message");
            let text = if place == 0 { "Yours" } else { "Too late" };
            let answer = json!({"callback_query_id": query["id"], "text": text, "show_alert": place > 0});
            stage.bot("answerCallbackQuery", answer).await;
        }
        presses.len()
    };
    let (seen, count) = tokio::join!(join_all(people.iter().cloned().map(press)), taken);
    assert_eq!(count, people.len());
    assert_eq!(seen.iter().filter(|shown| shown["text"] == "Yours").count(), 1);
    assert_eq!(seen.iter().filter(|shown| shown["shown"] == "alert").count(), people.len() - 1);
}

#[tokio::test]
async fn other_buttons_work_without_the_bot() {
    let stage = Stage::started().await;
    let press = |id: i64| json!({"message": format!("m{id}"), "button": "0.0"});
    let id = offer(&stage, json!({"text": "Copy", "copy_text": {"text": "pa55"}})).await;
    assert_eq!(stage.act("olga", "press", press(id)).await, json!({"shown": "copied", "text": "pa55"}));
    let id = offer(&stage, json!({"text": "Find", "switch_inline_query_current_chat": "acc"})).await;
    let seen = stage.act("olga", "press", press(id)).await;
    assert_eq!((seen["query"].as_str(), seen["chat"].as_i64()), (Some("@tandem_bot acc"), Some(700_000_001)));
    let chosen = json!({"query": "acc:1", "allow_user_chats": true});
    let id = offer(&stage, json!({"text": "Give", "switch_inline_query_chosen_chat": chosen})).await;
    assert_eq!(stage.act("olga", "press", press(id)).await["choose_from"], json!([10_002, 10_003, 10_099]));
    let pick = json!({"message": format!("m{id}"), "button": "Give", "choice": "petr"});
    let seen = stage.act("olga", "pick", pick).await;
    assert_eq!((seen["chat"].as_i64(), seen["query"].as_str()), (Some(10_003), Some("@tandem_bot acc:1")));
    let wrong = json!({"message": format!("m{id}"), "button": "Give", "choice": BOT});
    assert_eq!(stage.cannot("olga", "pick", wrong).await, 400);
    let id = offer(&stage, json!({"text": "Docs", "url": "https://example.org/x"})).await;
    assert_eq!(stage.act("olga", "press", press(id)).await["url"], "https://example.org/x");
}

#[tokio::test]
async fn only_who_sees_a_message_can_press_it_but_with_any_data() {
    let stage = Stage::started().await;
    let id = offer(&stage, json!({"text": "Take", "callback_data": "take"})).await;
    let message = format!("m{id}");
    assert_eq!(stage.cannot("ivan", "press", json!({"message": message, "button": "Take"})).await, 404);
    assert_eq!(stage.cannot("olga", "press", json!({"message": message, "button": "Give"})).await, 404);
    let forged = json!({"message": message, "data": "delete:everything"});
    let (_, query) = tokio::join!(stage.act("olga", "press", forged), answer(&stage, json!({})));
    assert_eq!(query["data"], "delete:everything");
}
