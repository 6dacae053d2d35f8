//! Honesty: what the tests send and what the emulator makes goes through frankenstein's types, which follow the Bot API.
//! A key that disappears on the way is one that Telegram does not have.

use frankenstein::{
    methods, types,
    updates::{Update, WebhookInfo},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Checks the parameters of a call.
pub(crate) fn check_call(method: &str, params: &Value) {
    let check = match method {
        "getUpdates" => check::<methods::GetUpdatesParams>,
        "setWebhook" => check::<methods::SetWebhookParams>,
        "deleteWebhook" => check::<methods::DeleteWebhookParams>,
        "sendMessage" => check::<methods::SendMessageParams>,
        "sendDocument" => check::<methods::SendDocumentParams>,
        "sendContact" => check::<methods::SendContactParams>,
        "sendChatAction" => check::<methods::SendChatActionParams>,
        "copyMessage" => check::<methods::CopyMessageParams>,
        "editMessageText" => check::<methods::EditMessageTextParams>,
        "editMessageCaption" => check::<methods::EditMessageCaptionParams>,
        "editMessageReplyMarkup" => check::<methods::EditMessageReplyMarkupParams>,
        "deleteMessage" => check::<methods::DeleteMessageParams>,
        "deleteMessages" => check::<methods::DeleteMessagesParams>,
        "answerCallbackQuery" => check::<methods::AnswerCallbackQueryParams>,
        "answerInlineQuery" => check::<methods::AnswerInlineQueryParams>,
        "setMyCommands" => check::<methods::SetMyCommandsParams>,
        "getMyCommands" => check::<methods::GetMyCommandsParams>,
        "deleteMyCommands" => check::<methods::DeleteMyCommandsParams>,
        "setChatMenuButton" => check::<methods::SetChatMenuButtonParams>,
        "getChatMenuButton" => check::<methods::GetChatMenuButtonParams>,
        "setMyDescription" => check::<methods::SetMyDescriptionParams>,
        "getChat" => check::<methods::GetChatParams>,
        "getChatMember" => check::<methods::GetChatMemberParams>,
        "getFile" => check::<methods::GetFileParams>,
        "getMe" | "getWebhookInfo" | "logOut" | "close" => return assert_eq!(*params, json!({})),
        other => panic!("the oracle does not know {other}: add it"),
    };
    check(params);
}

/// Checks what the emulator answered.
pub(crate) fn check_result(method: &str, result: &Value) {
    let check = match method {
        "getUpdates" => check::<Vec<Update>>,
        "getMe" => check::<types::User>,
        "getWebhookInfo" => check::<WebhookInfo>,
        "getMyCommands" => check::<Vec<types::BotCommand>>,
        "getChatMenuButton" => check::<types::MenuButton>,
        "getChat" => check::<types::ChatFullInfo>,
        "getChatMember" => check::<types::ChatMember>,
        "getFile" => check::<types::File>,
        "copyMessage" => check::<types::MessageId>,
        sent if sent.starts_with("send") && sent != "sendChatAction" => check::<types::Message>,
        edited if edited.starts_with("edit") && result.is_object() => check::<types::Message>,
        _ => return assert_eq!(*result, json!(true), "{method}"),
    };
    check(result);
}

/// Checks one update, as a webhook gets it.
pub(crate) fn check_update(update: &Value) {
    check::<Update>(update);
}

fn check<T: Serialize + DeserializeOwned>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|why| panic!("{why}: {value}"));
    let back = serde_json::to_value(&read).unwrap();
    let mut lost = Vec::new();
    compare(value, &back, "", &mut lost);
    assert!(lost.is_empty(), "not in the Bot API: {lost:?} in {value}");
}

fn compare(given: &Value, kept: &Value, path: &str, lost: &mut Vec<String>) {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => {
            for (key, value) in given {
                match kept.get(key) {
                    Some(kept) => compare(value, kept, &format!("{path}.{key}"), lost),
                    None => lost.push(format!("{path}.{key}")),
                }
            }
        }
        (Value::Array(given), Value::Array(kept)) if given.len() == kept.len() => {
            for (at, (given, kept)) in given.iter().zip(kept).enumerate() {
                compare(given, kept, &format!("{path}[{at}]"), lost);
            }
        }
        (given, kept) if given == kept => (),
        (given, kept) => lost.push(format!("{path}: {given} became {kept}")),
    }
}

#[test]
#[should_panic(expected = "colour")]
fn a_key_that_telegram_does_not_have_is_noticed() {
    check::<types::InlineKeyboardButton>(&json!({"text": "x", "callback_data": "y", "colour": "red"}));
}

#[test]
#[should_panic(expected = "chat_id")]
fn a_key_that_is_missing_is_noticed() {
    check::<methods::SendMessageParams>(&json!({"chatt_id": 1, "text": "x"}));
}

#[test]
#[should_panic(expected = "results[0].reply_markup.inline_keyboard[0][0].colour")]
fn a_wrong_key_deep_inside_a_result_is_noticed() {
    let button = json!({"text": "Take", "callback_data": "k", "colour": "red"});
    let article = json!({"type": "article", "id": "1", "title": "x", "input_message_content": {"message_text": "y"},
                         "reply_markup": {"inline_keyboard": [[button]]}});
    check_call("answerInlineQuery", &json!({"inline_query_id": "1", "results": [article]}));
}
