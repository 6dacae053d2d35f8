//! Telegram's limits, in one place, with their sources.
//!
//! "API" is <https://core.telegram.org/bots/api>, `Client.cpp` is
//! <https://github.com/tdlib/telegram-bot-api/blob/01a3679/telegram-bot-api/Client.cpp>. Times are in seconds.

/// Longest text of a message in UTF-16 units after parsing. API, sendMessage.
pub(crate) const TEXT: usize = 4096;
/// Longest caption in UTF-16 units after parsing. API, sendDocument.
pub(crate) const CAPTION: usize = 1024;
/// Longest data of a callback button in bytes. API, InlineKeyboardButton.
pub(crate) const CALLBACK_DATA: usize = 64;
/// Longest text of a copy button in characters. API, CopyTextButton.
pub(crate) const COPY_TEXT: usize = 256;
/// Longest answer to a press in characters. API, answerCallbackQuery.
pub(crate) const CALLBACK_ANSWER: usize = 200;
/// Longest inline query in characters. API, InlineQuery.
pub(crate) const INLINE_QUERY: usize = 256;
/// Most results of an inline query. API, answerInlineQuery.
pub(crate) const INLINE_RESULTS: usize = 50;
/// Longest id of a result in bytes. API, InlineQueryResultArticle.
pub(crate) const RESULT_ID: usize = 64;
/// Longest next_offset in bytes. API, answerInlineQuery.
pub(crate) const NEXT_OFFSET: usize = 64;
/// Longest start payload in characters. API, InlineQueryResultsButton; <https://core.telegram.org/bots/features#deep-linking>.
pub(crate) const START_PAYLOAD: usize = 64;
/// How long results are kept for other people's same query when the bot does not say. API, answerInlineQuery.
pub(crate) const INLINE_CACHE: i64 = 300;
/// Longest keeping of results. `Client.cpp`:10269.
pub(crate) const INLINE_CACHE_MAX: i64 = 86_400;
/// Most buttons in a keyboard. <https://core.telegram.org/method/messages.sendMessage>, REPLY_MARKUP_TOO_LONG; the number is
/// the one that bot developers measure.
pub(crate) const BUTTONS: usize = 100;
/// Longest placeholder of an input field in characters. API, ForceReply.
pub(crate) const PLACEHOLDER: usize = 64;
/// Most people in one request_users button. API, KeyboardButtonRequestUsers.
pub(crate) const REQUEST_USERS: i64 = 10;
/// Most commands. API, setMyCommands.
pub(crate) const COMMANDS: usize = 100;
/// Longest command. API, BotCommand.
pub(crate) const COMMAND: usize = 32;
/// Longest description of a command. API, BotCommand.
pub(crate) const COMMAND_DESCRIPTION: usize = 256;
/// Age up to which a message can be deleted. API, deleteMessage: 48 hours.
pub(crate) const DELETE_AGE: i64 = 48 * 3600;
/// Most messages in one deleteMessages. API, deleteMessages.
pub(crate) const DELETE_MESSAGES: usize = 100;
/// Longest wait of getUpdates. `Client.h`:1610.
pub(crate) const POLL_TIMEOUT: i64 = 50;
/// Most updates in one getUpdates. API, getUpdates.
pub(crate) const POLL_LIMIT: i64 = 100;
/// Two conflicts closer together than this: the second is told only after it. `Client.cpp`:15703.
pub(crate) const CONFLICT_PAUSE: u64 = 3;
/// How long a press can be answered; the life of its update. `Client.cpp`:17155.
pub(crate) const CALLBACK_LIFE: i64 = 150;
/// How long an inline query can be answered; the life of its update. `Client.cpp`:17064.
pub(crate) const INLINE_QUERY_LIFE: i64 = 30;
/// How long a shown result can be chosen. A client asks again sooner; ten minutes spares scripts the hurry.
pub(crate) const SHOWN_RESULTS_LIFE: i64 = 600;
/// How long a client waits for the answer to a press before its spinner stops.
pub(crate) const PRESS_WAIT: u64 = 15;
/// How long a client waits for inline results.
pub(crate) const INLINE_WAIT: u64 = 10;
/// Longest secret token of a webhook. API, setWebhook.
pub(crate) const SECRET_TOKEN: usize = 256;
/// Most connections of a webhook, and how many without a wish. API, setWebhook.
pub(crate) const WEBHOOK_CONNECTIONS: (i64, i64) = (100, 40);
/// Longest pause between two tries of a webhook. `WebhookActor.cpp`:517.
pub(crate) const WEBHOOK_PAUSE: u64 = 60;
/// Largest file that a bot may fetch, in bytes. API, getFile.
pub(crate) const DOWNLOAD: usize = 20 * 1024 * 1024;
/// Largest upload in bytes. API, sendDocument.
pub(crate) const UPLOAD: usize = 50 * 1024 * 1024;

/// How long an update of this kind waits for its bot. `Client.cpp`:17064-17245.
pub(crate) fn update_life(kind: &str) -> i64 {
    match kind {
        "inline_query" => INLINE_QUERY_LIFE,
        "callback_query" => CALLBACK_LIFE,
        "chosen_inline_result" => 600,
        _ => 86_400,
    }
}

/// Length in UTF-16 units, in which Telegram counts texts and entities.
pub(crate) fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}
