//! Sending, editing, deleting, and the refusals around them.

use crate::stage::{BOT, IVAN, OLGA, PETR, Stage};
use serde_json::json;
use telegram_emulator::DEMO_TOKEN;

#[tokio::test]
async fn a_bot_cannot_write_first_nor_to_who_blocked_it() {
    let stage = Stage::set().await;
    let hello = |chat: i64| json!({"chat_id": chat, "text": "hello"});
    assert_eq!(
        stage.refused("sendMessage", hello(OLGA)).await,
        "Forbidden: bot can't initiate conversation with a user"
    );
    assert_eq!(stage.refused("sendMessage", hello(99)).await, "Bad Request: chat not found");
    assert_eq!(stage.refused("sendMessage", json!({"text": "x"})).await, "Bad Request: chat_id is empty");
    stage.act("olga", "start", json!({"bot": BOT})).await;
    stage.bot("sendMessage", hello(OLGA)).await;
    stage.act("olga", "block", json!({"bot": BOT})).await;
    assert_eq!(stage.refused("sendMessage", hello(OLGA)).await, "Forbidden: bot was blocked by the user");
    assert_eq!(stage.cannot("olga", "message", json!({"chat": BOT, "text": "x"})).await, 409);
    stage.act("olga", "unblock", json!({"bot": BOT})).await;
    stage.bot("sendMessage", hello(OLGA)).await;
    let kinds: Vec<_> = stage.updates().await;
    let statuses: Vec<_> =
        kinds.iter().filter_map(|u| u["my_chat_member"]["new_chat_member"]["status"].as_str()).collect();
    assert_eq!(statuses, ["kicked", "member"]);
}

#[tokio::test]
async fn a_deep_link_shows_start_and_tells_the_bot_the_payload() {
    let stage = Stage::set().await;
    stage.act("olga", "start", json!({"bot": BOT, "payload": "t_Ab-9"})).await;
    assert_eq!(stage.update("message").await["text"], "/start t_Ab-9");
    assert_eq!(stage.last("olga", BOT).await["text"], "/start");
    assert_eq!(stage.get("users/olga/chats").await[0]["last"]["text"], "/start");
    assert_eq!(stage.cannot("olga", "start", json!({"bot": BOT, "payload": "a=b"})).await, 400);
    assert_eq!(stage.cannot("olga", "start", json!({"bot": BOT, "payload": "x".repeat(65)})).await, 400);
}

#[tokio::test]
async fn texts_are_counted_after_parsing_in_utf16_units() {
    let stage = Stage::started().await;
    let text = |text: String| json!({"chat_id": OLGA, "text": text, "parse_mode": "HTML"});
    stage.bot("sendMessage", text(format!("<b>{}</b>", "x".repeat(4096)))).await;
    stage.bot("sendMessage", text("🏟".repeat(2048))).await;
    assert_eq!(
        stage.refused("sendMessage", text("🏟".repeat(2049))).await,
        "Bad Request: message is too long"
    );
    assert_eq!(
        stage.refused("sendMessage", text("<b> </b>".into())).await,
        "Bad Request: message text is empty"
    );
    assert_eq!(
        stage.refused("sendMessage", text("<b>x".into())).await,
        "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\""
    );
}

#[tokio::test]
async fn an_edit_has_to_change_something_that_is_the_bots_own() {
    let stage = Stage::started().await;
    let keyboard = json!({"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]});
    let sent =
        stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "one", "reply_markup": keyboard})).await;
    let id = sent["message_id"].as_i64().unwrap();
    let edit = |text: &str, message: i64| json!({"chat_id": OLGA, "message_id": message, "text": text});
    let mut same = edit("one", id);
    same["reply_markup"] = keyboard;
    assert_eq!(
        stage.refused("editMessageText", same).await,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same \
         as a current content and reply markup of the message"
    );
    let edited = stage.bot("editMessageText", edit("one", id)).await;
    assert!(edited.get("reply_markup").is_none(), "an edit without buttons takes them away");
    stage.bot("editMessageText", edit("two", id)).await;
    let seen = stage.last("olga", BOT).await;
    assert_eq!((seen["text"].as_str(), seen.get("edited").is_some()), (Some("two"), true));

    assert_eq!(
        stage.refused("editMessageText", edit("x", 9999)).await,
        "Bad Request: message to edit not found"
    );
    stage.act("olga", "message", json!({"chat": BOT, "text": "mine"})).await;
    let mine = stage.update("message").await["message_id"].as_i64().unwrap();
    assert_eq!(
        stage.refused("editMessageText", edit("x", mine)).await,
        "Bad Request: message can't be edited"
    );
    let other = json!({"chat_id": IVAN, "message_id": id, "text": "x"});
    assert_eq!(stage.refused("editMessageText", other).await, "Bad Request: message to edit not found");
}

#[tokio::test]
async fn a_message_with_a_reply_keyboard_cannot_be_edited() {
    let stage = Stage::started().await;
    let markup = json!({"force_reply": true, "input_field_placeholder": "New name"});
    let sent =
        stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "Name?", "reply_markup": markup})).await;
    let id = sent["message_id"].as_i64().unwrap();
    let edit = json!({"chat_id": OLGA, "message_id": id, "text": "x"});
    assert_eq!(stage.refused("editMessageText", edit).await, "Bad Request: message can't be edited");
    let chat = stage.chat("olga", BOT).await;
    assert_eq!(chat["force_reply"], json!({"message": format!("m{id}"), "placeholder": "New name"}));
    stage.act("olga", "message", json!({"chat": BOT, "text": "Desk", "reply_to": format!("m{id}")})).await;
    assert_eq!(stage.update("message").await["reply_to_message"]["message_id"], id);
    assert!(stage.chat("olga", BOT).await.get("force_reply").is_none());
}

#[tokio::test]
async fn messages_can_be_deleted_for_two_days_and_once() {
    let stage = Stage::started().await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "a secret"})).await;
    let secret = stage.update("message").await["message_id"].as_i64().unwrap();
    let own = stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "old"})).await["message_id"].clone();
    let delete = |id: serde_json::Value| json!({"chat_id": OLGA, "message_id": id});
    stage.bot("deleteMessage", delete(secret.into())).await;
    assert_eq!(
        stage.refused("deleteMessage", delete(secret.into())).await,
        "Bad Request: message to delete not found"
    );
    assert!(!stage.chat("olga", BOT).await.to_string().contains("a secret"));
    stage.post("clock/advance", json!({"seconds": 48 * 3600 + 5})).await;
    assert_eq!(
        stage.refused("deleteMessage", delete(own.clone())).await,
        "Bad Request: message can't be deleted"
    );
    stage.bot("deleteMessages", json!({"chat_id": OLGA, "message_ids": [own, 1, 9999]})).await;
}

#[tokio::test]
async fn documents_go_both_ways() {
    let stage = Stage::started().await;
    let document = json!({"name": "people.csv", "content": "login,password\n"});
    stage.act("olga", "message", json!({"chat": BOT, "text": "Here", "document": document})).await;
    let message = stage.update("message").await;
    assert_eq!(message["caption"], "Here");
    assert_eq!(message["document"]["mime_type"], "text/csv");
    let file = stage.bot("getFile", json!({"file_id": message["document"]["file_id"]})).await;
    let url = format!("{}/file/bot{DEMO_TOKEN}/{}", stage.url, file["file_path"].as_str().unwrap());
    assert_eq!(stage.http.get(url).send().await.unwrap().text().await.unwrap(), "login,password\n");

    let body = "--b\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n10001\r\n\
                --b\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\nattach://f\r\n\
                --b\r\nContent-Disposition: form-data; name=\"caption\"\r\n\r\nBoard\r\n\
                --b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"board.csv\"\r\n\r\na,b\r\n--b--\r\n";
    let call = stage.http.post(format!("{}/bot{DEMO_TOKEN}/sendDocument", stage.url));
    let answer =
        call.header("content-type", "multipart/form-data; boundary=b").body(body).send().await.unwrap();
    let sent: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(sent["result"]["document"]["file_name"], "board.csv", "{sent}");
    let seen = stage.last("olga", BOT).await;
    assert_eq!(
        (seen["text"].as_str(), seen["document"]["name"].as_str()),
        (Some("Board"), Some("board.csv"))
    );
    let url = format!("{}{}", stage.url, seen["document"]["url"].as_str().unwrap());
    assert_eq!(stage.http.get(url).send().await.unwrap().text().await.unwrap(), "a,b");
    let again = json!({"chat_id": PETR, "document": sent["result"]["document"]["file_id"]});
    stage.bot("sendDocument", again).await;
}

#[tokio::test]
async fn replies_copies_and_contacts_arrive() {
    let stage = Stage::started().await;
    stage.act("olga", "contact", json!({"chat": BOT, "user": "petr"})).await;
    let contact = stage.update("message").await;
    assert_eq!(contact["contact"]["user_id"], PETR);
    let id = contact["message_id"].clone();
    let reply = json!({"chat_id": OLGA, "text": "Thanks", "reply_parameters": {"message_id": id}, "protect_content": true});
    let sent = stage.bot("sendMessage", reply).await;
    assert_eq!(sent["reply_to_message"]["message_id"], id);
    assert_eq!(stage.last("olga", BOT).await["protected"], true);
    let nowhere = json!({"chat_id": OLGA, "text": "x", "reply_parameters": {"message_id": 9999}});
    assert_eq!(stage.refused("sendMessage", nowhere).await, "Bad Request: message to be replied not found");
    stage.bot("copyMessage", json!({"chat_id": IVAN, "from_chat_id": OLGA, "message_id": id})).await;
    assert_eq!(stage.last("ivan", BOT).await["contact"]["user"], PETR);
    let missing = json!({"chat_id": IVAN, "from_chat_id": OLGA, "message_id": 9999});
    assert_eq!(stage.refused("copyMessage", missing).await, "Bad Request: message to copy not found");
    stage.bot("sendContact", json!({"chat_id": OLGA, "phone_number": "+1555", "first_name": "Anna"})).await;
    stage.bot("sendChatAction", json!({"chat_id": OLGA, "action": "typing"})).await;
}

#[tokio::test]
async fn commands_are_chosen_by_scope_and_language() {
    let stage = Stage::started().await;
    let command = |text: &str| json!([{"command": "help", "description": text}]);
    stage.bot("setMyCommands", json!({"commands": command("Help")})).await;
    stage.bot("setMyCommands", json!({"commands": command("Помощь"), "language_code": "ru"})).await;
    stage.bot("setMyDescription", json!({"description": "Calls in Telegram"})).await;
    stage.act("ivan", "language", json!({"language_code": "ru"})).await;
    let seen =
        |chat: serde_json::Value| chat["bot"]["commands"][0]["description"].as_str().unwrap().to_owned();
    assert_eq!(seen(stage.chat("olga", BOT).await), "Help");
    assert_eq!(seen(stage.chat("ivan", BOT).await), "Помощь");
    assert_eq!(stage.chat("olga", BOT).await["bot"]["description"], "Calls in Telegram");
    let wrong = json!({"commands": [{"command": "Help!", "description": "x"}]});
    assert_eq!(stage.refused("setMyCommands", wrong).await, "Bad Request: BOT_COMMAND_INVALID");
    stage.bot("deleteMyCommands", json!({"language_code": "ru"})).await;
    assert_eq!(seen(stage.chat("ivan", BOT).await), "Help");
    assert_eq!(stage.bot("getMyCommands", json!({})).await, command("Help"));
    stage.bot("setChatMenuButton", json!({"menu_button": {"type": "commands"}})).await;
    stage.bot("getChatMenuButton", json!({})).await;
    stage.bot("getChat", json!({"chat_id": OLGA})).await;
    stage.bot("getChatMember", json!({"chat_id": OLGA, "user_id": OLGA})).await;
}

#[tokio::test]
async fn people_write_to_each_other_unseen_by_the_bot() {
    let stage = Stage::started().await;
    stage.act("olga", "message", json!({"chat": "ivan", "text": "Hello, Ivan"})).await;
    assert_eq!(stage.last("ivan", "olga").await["text"], "Hello, Ivan");
    assert_eq!(stage.get("users/ivan/chats").await[0]["unread"], 1);
    stage.act("ivan", "read", json!({"chat": "olga"})).await;
    assert_eq!(stage.get("users/ivan/chats").await[0]["unread"], 0);
    assert!(!stage.chat("petr", "olga").await.to_string().contains("Hello"));
    assert_eq!(stage.get("pending").await, json!([]));
}
