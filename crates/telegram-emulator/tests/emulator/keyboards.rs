//! Keyboards in place of the ordinary one, and pickers.

use crate::stage::{BOT, IVAN, OLGA, Stage};
use serde_json::{Value, json};

async fn show(stage: &Stage, buttons: Value) -> String {
    let markup = json!({"keyboard": [buttons], "one_time_keyboard": true, "resize_keyboard": true});
    let sent =
        stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "Pick", "reply_markup": markup})).await;
    format!("m{}", sent["message_id"])
}

#[tokio::test]
async fn a_person_is_picked_from_telegrams_own_picker() {
    let stage = Stage::started().await;
    let request =
        json!({"request_id": 7, "user_is_bot": false, "request_name": true, "request_username": true});
    let message = show(&stage, json!([{"text": "Select user", "request_users": request}])).await;
    let keyboard = stage.chat("olga", BOT).await["reply_keyboard"].clone();
    assert_eq!(keyboard["buttons"][0][0]["choose_from"], json!([10_002, 10_003, 10_099]));
    assert_eq!(
        stage.act("olga", "press", json!({"message": message, "button": "0.0"})).await["shown"],
        "pick"
    );
    let pick = |choice: Value| json!({"message": message, "button": "Select user", "choice": choice});
    assert_eq!(stage.cannot("olga", "pick", pick(json!("olga"))).await, 400);
    assert_eq!(stage.cannot("olga", "pick", pick(json!([10_002, 10_003, 10_099]))).await, 400);
    stage.act("olga", "pick", pick(json!("ivan"))).await;
    let shared = stage.update("message").await["users_shared"].clone();
    assert_eq!(
        shared,
        json!({"request_id": 7, "users": [{"user_id": IVAN, "first_name": "Ivan", "username": "ivan"}]})
    );
    assert_eq!(stage.last("olga", BOT).await["service"], "You shared Ivan with Tandem");
    assert!(stage.chat("olga", BOT).await.get("reply_keyboard").is_none(), "it was for one use");
    assert_eq!(stage.cannot("olga", "pick", pick(json!("ivan"))).await, 400);
}

#[tokio::test]
async fn a_group_is_picked_and_the_bot_joins_it() {
    let stage = Stage::started().await;
    stage.act("olga", "groups", json!({"title": "Office", "members": ["ivan"]})).await;
    let request =
        json!({"request_id": 2, "chat_is_channel": false, "bot_is_member": true, "request_title": true});
    let message = show(&stage, json!([{"text": "Select chat", "request_chat": request}])).await;
    let groups = stage.chat("olga", BOT).await["reply_keyboard"]["buttons"][0][0]["choose_from"].clone();
    let pick = json!({"message": message, "button": "Select chat", "choice": groups[0]});
    stage.act("olga", "pick", pick).await;
    let shared = stage.update("message").await["chat_shared"].clone();
    assert_eq!((shared["title"].as_str(), &shared["chat_id"]), (Some("Office"), &groups[0]));
    stage.bot("sendMessage", json!({"chat_id": groups[0], "text": "Recordings go here"})).await;
    assert_eq!(stage.last("ivan", &groups[0].to_string()).await["text"], "Recordings go here");
}

#[tokio::test]
async fn a_contact_and_a_text_come_from_buttons() {
    let stage = Stage::started().await;
    let message = show(&stage, json!([{"text": "My number", "request_contact": true}])).await;
    stage.act("olga", "pick", json!({"message": message, "button": "My number"})).await;
    assert_eq!(stage.update("message").await["contact"]["phone_number"], "+15550010001");
    let message = show(&stage, json!([{"text": "Cancel"}, {"text": "Later"}])).await;
    let seen = stage.act("olga", "press", json!({"message": message, "button": "Later"})).await;
    assert_eq!(seen["shown"], "sent");
    assert_eq!(stage.update("message").await["text"], "Later");
    show(&stage, json!([{"text": "Again"}])).await;
    let remove = json!({"chat_id": OLGA, "text": "Done", "reply_markup": {"remove_keyboard": true}});
    stage.bot("sendMessage", remove).await;
    assert!(stage.chat("olga", BOT).await.get("reply_keyboard").is_none());
}

#[tokio::test]
async fn buttons_that_cannot_be_are_refused() {
    let stage = Stage::started().await;
    let with = |button: Value| json!({"chat_id": OLGA, "text": "x", "reply_markup": {"inline_keyboard": [[button]]}});
    let data = with(json!({"text": "x", "callback_data": "я".repeat(33)}));
    assert_eq!(stage.refused("sendMessage", data).await, "Bad Request: BUTTON_DATA_INVALID");
    let url = with(json!({"text": "x", "url": "not an address"}));
    assert_eq!(stage.refused("sendMessage", url).await, "Bad Request: BUTTON_URL_INVALID");
    let pay = stage.refused("sendMessage", with(json!({"text": "x", "pay": true}))).await;
    assert!(pay.starts_with("Not Implemented"), "{pay}");
    assert_eq!(stage.get("violations").await.as_array().unwrap().len(), 1);
}
