//! Telegram's refusals, word for word: one table, each with the place it was read from.
//!
//! `Client.cpp` is <https://github.com/tdlib/telegram-bot-api/blob/01a3679/telegram-bot-api/Client.cpp>,
//! `td` is <https://github.com/tdlib/td/tree/master/td/telegram>, `rpc` is <https://core.telegram.org/method/>.
//! Bots match on these texts, so a text is a fact to copy and never to improve.

use serde_json::{Value, json};
use std::borrow::Cow;

/// A refusal as the Bot API says it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} {description}")]
pub struct ApiError {
    /// HTTP status, and `error_code` in the body.
    pub code: u16,
    /// Telegram's words.
    pub description: Cow<'static, str>,
    /// Seconds to wait; with 429 only.
    pub retry_after: Option<u32>,
}

impl ApiError {
    /// A refusal with a text that is put together at run time.
    pub(crate) fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: Cow::Owned(description.into()), retry_after: None }
    }

    /// What Telegram does here is not known or not built: refused aloud, so that no test passes by luck.
    pub(crate) fn not_emulated(what: impl std::fmt::Display) -> Self {
        Self::new(501, format!("Not Implemented: the emulator does not know {what}"))
    }

    /// `Client.cpp`:61.
    pub(crate) fn too_many_requests(seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(429, format!("Too Many Requests: retry after {seconds}"))
        }
    }

    /// td `MessageEntity.cpp`, `parse_html`; the prefix is `Client.cpp`, `get_formatted_text`.
    pub(crate) fn entities(what: impl std::fmt::Display) -> Self {
        Self::new(400, format!("Bad Request: can't parse entities: {what}"))
    }

    /// `Client.cpp`, `get_reply_markup` and `get_inline_keyboard_button`.
    pub(crate) fn inline_button(what: impl std::fmt::Display) -> Self {
        Self::new(400, format!("Bad Request: can't parse inline keyboard button: {what}"))
    }

    /// `Client.cpp`, `get_keyboard_button`.
    pub(crate) fn keyboard_button(what: impl std::fmt::Display) -> Self {
        Self::new(400, format!("Bad Request: can't parse keyboard button: {what}"))
    }

    /// `Client.cpp`, `get_inline_query_results`.
    pub(crate) fn inline_result(what: impl std::fmt::Display) -> Self {
        Self::new(400, format!("Bad Request: can't parse inline query result: {what}"))
    }

    /// A required parameter that is missing or has the wrong shape. `Client.cpp` words these for each parameter;
    /// the common form is copied.
    pub(crate) fn parameter(name: &str) -> Self {
        Self::new(400, format!("Bad Request: parameter \"{name}\" is required"))
    }

    /// The body that goes over the wire.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"ok": false, "error_code": self.code, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
        }
        body
    }
}

const fn refusal(code: u16, description: &'static str) -> ApiError {
    ApiError { code, description: Cow::Borrowed(description), retry_after: None }
}

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident = $code:literal $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: ApiError = refusal($code, $text);)*

        /// Every fixed text, for the tests of the table.
        #[cfg(test)]
        const ALL: &[(&str, u16, &str)] = &[$((stringify!($name), $code, $text)),*];
    };
}

table! {
    /// `ClientManager.cpp`, `get_token_info`: a token that cannot be one.
    NOT_FOUND = 404 "Not Found";
    /// `Client.cpp`, `on_cmd`: a method that does not exist.
    METHOD_NOT_FOUND = 404 "Not Found: method not found";
    /// `Client.cpp`:61, `fail_query_unauthorized`.
    UNAUTHORIZED = 401 "Unauthorized";
    /// `Client.cpp`, `logging_out_`.
    LOGGED_OUT = 400 "Logged out";
    /// `Client.cpp`:15703, `abort_long_poll`.
    CONFLICT_OTHER_POLL = 409 "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    /// `Client.cpp`:15703, `abort_long_poll`.
    CONFLICT_SET_WEBHOOK = 409 "Conflict: terminated by setWebhook request";
    /// `Client.cpp`:16238.
    CONFLICT_WEBHOOK_ACTIVE = 409 "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    /// `Client.cpp`, `process_set_webhook_query`.
    WEBHOOK_HTTPS = 400 "Bad Request: bad webhook: An HTTPS URL must be provided for webhook";
    /// `Client.cpp`, `process_set_webhook_query`.
    WEBHOOK_SECRET_LENGTH = 400 "Bad Request: secret token is too long";
    /// `Client.cpp`, `process_set_webhook_query`.
    WEBHOOK_SECRET_CHARACTERS = 400 "Bad Request: secret token contains unallowed characters";
    /// `Client.cpp`:110, `check_chat`.
    CHAT_NOT_FOUND = 400 "Bad Request: chat not found";
    /// `Client.cpp`, `check_chat`.
    CHAT_ID_EMPTY = 400 "Bad Request: chat_id is empty";
    /// `Client.cpp`, `get_user_id`.
    USER_ID_INVALID = 400 "Bad Request: invalid user_id specified";
    /// `Client.cpp`, `process_get_chat_member_query`.
    MEMBER_NOT_FOUND = 400 "Bad Request: member not found";
    /// <https://core.telegram.org/api/errors>: the bot writes first.
    FORBIDDEN_INITIATE = 403 "Forbidden: bot can't initiate conversation with a user";
    /// <https://core.telegram.org/api/errors>: `USER_IS_BLOCKED`.
    FORBIDDEN_BLOCKED = 403 "Forbidden: bot was blocked by the user";
    /// <https://core.telegram.org/api/errors>: `USER_IS_BOT`.
    FORBIDDEN_BOT = 403 "Forbidden: bot can't send messages to bots";
    /// `Client.cpp`, `check_chat_access`.
    FORBIDDEN_NOT_A_MEMBER = 403 "Forbidden: bot is not a member of the group chat";
    /// td `MessageContent.cpp`, `get_formatted_text`.
    TEXT_EMPTY = 400 "Bad Request: message text is empty";
    /// td `MessageContent.cpp`.
    TEXT_TOO_LONG = 400 "Bad Request: message is too long";
    /// rpc `messages.editMessage`.
    EDITED_TEXT_TOO_LONG = 400 "Bad Request: MESSAGE_TOO_LONG";
    /// td `MessageContent.cpp`.
    CAPTION_TOO_LONG = 400 "Bad Request: message caption is too long";
    /// `Client.cpp`, `get_text_parse_mode`.
    PARSE_MODE = 400 "Bad Request: unsupported parse_mode";
    /// `Client.cpp`:110.
    NOT_MODIFIED = 400 "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
    /// `Client.cpp`:110.
    EDIT_NOT_FOUND = 400 "Bad Request: message to edit not found";
    /// `Client.cpp`:110.
    CANT_BE_EDITED = 400 "Bad Request: message can't be edited";
    /// td `MessagesManager.cpp`, `edit_message_text`.
    NO_TEXT_TO_EDIT = 400 "Bad Request: there is no text in the message to edit";
    /// td `MessagesManager.cpp`, `edit_message_caption`.
    NO_CAPTION_TO_EDIT = 400 "Bad Request: there is no caption in the message to edit";
    /// rpc `messages.editInlineBotMessage`.
    INLINE_MESSAGE_INVALID = 400 "Bad Request: MESSAGE_ID_INVALID";
    /// `Client.cpp`, `get_message_id`.
    MESSAGE_ID_MISSING = 400 "Bad Request: message identifier is not specified";
    /// `Client.cpp`:110.
    DELETE_NOT_FOUND = 400 "Bad Request: message to delete not found";
    /// `Client.cpp`:110.
    CANT_BE_DELETED = 400 "Bad Request: message can't be deleted";
    /// `Client.cpp`, `process_delete_messages_query`.
    TOO_MANY_IDS = 400 "Bad Request: too many message identifiers specified";
    /// `Client.cpp`:110.
    COPY_NOT_FOUND = 400 "Bad Request: message to copy not found";
    /// `Client.cpp`:110.
    CANT_BE_COPIED = 400 "Bad Request: message can't be copied";
    /// `Client.cpp`:110, `check_reply_parameters`.
    REPLY_NOT_FOUND = 400 "Bad Request: message to be replied not found";
    /// rpc `messages.sendMessage`: `BUTTON_DATA_INVALID`.
    BUTTON_DATA = 400 "Bad Request: BUTTON_DATA_INVALID";
    /// rpc `messages.sendMessage`: `BUTTON_URL_INVALID`.
    BUTTON_URL = 400 "Bad Request: BUTTON_URL_INVALID";
    /// rpc `messages.sendMessage`: `BUTTON_COPY_TEXT_INVALID`.
    BUTTON_COPY = 400 "Bad Request: BUTTON_COPY_TEXT_INVALID";
    /// rpc `messages.sendMessage`: `REPLY_MARKUP_TOO_LONG`.
    MARKUP_TOO_LONG = 400 "Bad Request: REPLY_MARKUP_TOO_LONG";
    /// `Client.cpp`, `get_reply_markup`.
    MARKUP_JSON = 400 "Bad Request: can't parse reply keyboard markup JSON object";
    /// `Client.cpp`, `get_reply_markup`.
    MARKUP_OBJECT = 400 "Bad Request: object expected as reply markup";
    /// `Client.cpp`:148.
    QUERY_TOO_OLD = 400 "Bad Request: query is too old and response timeout expired or query ID is invalid";
    /// rpc `messages.setBotCallbackAnswer`: `MESSAGE_TOO_LONG`.
    CALLBACK_TEXT_TOO_LONG = 400 "Bad Request: MESSAGE_TOO_LONG";
    /// rpc `messages.setBotCallbackAnswer`: `URL_INVALID`.
    CALLBACK_URL = 400 "Bad Request: URL_INVALID";
    /// rpc `messages.setInlineBotResults`.
    RESULTS_TOO_MUCH = 400 "Bad Request: RESULTS_TOO_MUCH";
    /// rpc `messages.setInlineBotResults`.
    RESULT_ID_INVALID = 400 "Bad Request: RESULT_ID_INVALID";
    /// rpc `messages.setInlineBotResults`.
    RESULT_ID_DUPLICATE = 400 "Bad Request: RESULT_ID_DUPLICATE";
    /// rpc `messages.setInlineBotResults`.
    ARTICLE_TITLE_EMPTY = 400 "Bad Request: ARTICLE_TITLE_EMPTY";
    /// rpc `messages.setInlineBotResults`.
    NEXT_OFFSET = 400 "Bad Request: NEXT_OFFSET_INVALID";
    /// rpc `messages.setInlineBotResults`.
    START_PARAM = 400 "Bad Request: START_PARAM_INVALID";
    /// rpc `messages.setInlineBotResults`.
    SWITCH_PM_TEXT = 400 "Bad Request: SWITCH_PM_TEXT_EMPTY";
    /// rpc `bots.setBotCommands`.
    COMMAND_INVALID = 400 "Bad Request: BOT_COMMAND_INVALID";
    /// rpc `bots.setBotCommands`.
    COMMAND_DESCRIPTION = 400 "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID";
    /// td `BotCommand.cpp`, `set_commands`.
    COMMANDS_TOO_MUCH = 400 "Bad Request: BOT_COMMANDS_TOO_MUCH";
    /// `Client.cpp`, `get_bot_commands`.
    COMMANDS_JSON = 400 "Bad Request: can't parse commands: Expected an Array of BotCommand";
    /// `Client.cpp`, `process_get_file_query`.
    FILE_ID = 400 "Bad Request: invalid file_id";
    /// `Client.cpp`, `get_input_file`: neither an upload, nor a known id.
    FILE_IDENTIFIER = 400 "Bad Request: wrong file identifier/HTTP URL specified";
    /// td `Photo.cpp`: what was sent is not an image.
    IMAGE = 400 "Bad Request: IMAGE_PROCESS_FAILED";
    /// td `FileManager.cpp`: an upload of no bytes.
    FILE_EMPTY = 400 "Bad Request: file must be non-empty";
    /// `Client.cpp`, `MAX_UPLOAD_FILE_SIZE`.
    ENTITY_TOO_LARGE = 413 "Request Entity Too Large";
    /// `Client.cpp`, `get_chat_action`.
    CHAT_ACTION = 400 "Bad Request: wrong parameter action in request";
    /// td `Contact.cpp`, `get_contact`.
    CONTACT_PHONE = 400 "Bad Request: PHONE_NUMBER_INVALID";
    /// td `DialogAction`: a picker or a Mini App in a chat that is not private.
    BUTTON_PRIVATE_ONLY = 400 "Bad Request: BUTTON_TYPE_INVALID";
    /// `Client.cpp`: a failure of Telegram itself.
    INTERNAL = 500 "Internal Server Error";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_begins_with_the_name_of_its_status() {
        for (name, code, text) in ALL {
            let prefix = match code {
                400 => "Bad Request: ",
                401 => "Unauthorized",
                403 => "Forbidden: ",
                404 => "Not Found",
                409 => "Conflict: ",
                413 => "Request Entity Too Large",
                500 => "Internal Server Error",
                other => panic!("{name} has the unexpected code {other}"),
            };
            assert!(text.starts_with(prefix) || *text == "Logged out", "{name}: {text}");
        }
    }

    #[test]
    fn a_wait_is_in_the_text_and_in_the_parameters() {
        let body = ApiError::too_many_requests(7).body();
        assert_eq!(body["parameters"]["retry_after"], 7);
        assert_eq!(body["description"], "Too Many Requests: retry after 7");
    }
}
