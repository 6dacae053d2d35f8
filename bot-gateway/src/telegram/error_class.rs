//! What an error of the Bot API means for us, by its code and the beginning of its text.
//!
//! Our own table: teloxide's knows seven of fifteen texts that the server sends today (reference telegram-bot 1.2 #10).
//! The texts are those of tdlib/telegram-bot-api, `Client.cpp`.

use std::time::Duration;

/// What an error means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorClass {
    /// Too many requests; wait this long.
    TooMany(Duration),
    /// The message already says this.
    NotModified,
    /// There is nothing to delete any more, or it may not be deleted any more.
    NothingToDelete,
    /// The message that was to be changed is gone, or may not be changed any more.
    NoTarget,
    /// The press or the inline query was answered, or is too old.
    TooLate,
    /// The bot may not write to this person or chat.
    Unreachable,
    /// Another process polls, or a webhook is set.
    Conflict,
    /// The token is not one of a bot.
    TokenWrong,
    /// The request is wrong and would be wrong again.
    Refused,
    /// Telegram has a problem; it did nothing.
    Failed,
    /// Nobody was reached, so nothing was done.
    Unconnected,
    /// The request went out and no answer came: whether it was done is unknown.
    Unanswered,
}

/// How long to wait where Telegram does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

impl ErrorClass {
    /// The class of an answer that is not "ok".
    pub(crate) fn of(code: u16, description: &str, retry_after: Option<u64>) -> Self {
        let text = description.to_ascii_lowercase();
        let rest = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest);
        match code {
            429 => Self::TooMany(retry_after.map_or(DEFAULT_WAIT, Duration::from_secs)),
            400 => Self::of_bad_request(rest),
            403 if rest.starts_with("not enough rights") => Self::Refused,
            403 => Self::Unreachable,
            401 | 404 => Self::TokenWrong,
            409 => Self::Conflict,
            500.. => Self::Failed,
            _ => Self::Refused,
        }
    }

    fn of_bad_request(text: &str) -> Self {
        let begins = |texts: &[&str]| texts.iter().any(|known| text.starts_with(known));
        if begins(&["message is not modified"]) {
            Self::NotModified
        } else if begins(&["message to delete not found", "message can't be deleted"]) {
            Self::NothingToDelete
        } else if begins(&["message to edit not found", "message can't be edited", "message_id_invalid"]) {
            Self::NoTarget
        } else if begins(&["query is too old"]) {
            Self::TooLate
        } else if begins(&["chat not found", "user not found", "peer_id_invalid", "user is deactivated"]) {
            Self::Unreachable
        } else {
            Self::Refused
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_that_the_server_sends_has_its_class() {
        let table = [
            (
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
                ErrorClass::NotModified,
            ),
            (400, "Bad Request: message to delete not found", ErrorClass::NothingToDelete),
            (400, "Bad Request: message can't be deleted for everyone", ErrorClass::NothingToDelete),
            (400, "Bad Request: message to edit not found", ErrorClass::NoTarget),
            (400, "Bad Request: message can't be edited", ErrorClass::NoTarget),
            (400, "Bad Request: MESSAGE_ID_INVALID", ErrorClass::NoTarget),
            (
                400,
                "Bad Request: query is too old and response timeout expired or query ID is invalid",
                ErrorClass::TooLate,
            ),
            (400, "Bad Request: chat not found", ErrorClass::Unreachable),
            (
                400,
                "Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 0",
                ErrorClass::Refused,
            ),
            (400, "Bad Request: message is too long", ErrorClass::Refused),
            (400, "Bad Request: BUTTON_DATA_INVALID", ErrorClass::Refused),
            (401, "Unauthorized", ErrorClass::TokenWrong),
            (404, "Not Found", ErrorClass::TokenWrong),
            (403, "Forbidden: bot was blocked by the user", ErrorClass::Unreachable),
            (403, "Forbidden: bot can't initiate conversation with a user", ErrorClass::Unreachable),
            (403, "Forbidden: user is deactivated", ErrorClass::Unreachable),
            (403, "Forbidden: bot was kicked from the group chat", ErrorClass::Unreachable),
            (403, "Forbidden: not enough rights to send text messages to the chat", ErrorClass::Refused),
            (
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                ErrorClass::Conflict,
            ),
            (
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
                ErrorClass::Conflict,
            ),
            (500, "Internal Server Error", ErrorClass::Failed),
            (502, "Bad Gateway", ErrorClass::Failed),
        ];
        for (code, text, class) in table {
            assert_eq!(ErrorClass::of(code, text, None), class, "{code} {text}");
        }
    }

    #[test]
    fn too_many_requests_says_how_long_to_wait() {
        let class = |after| ErrorClass::of(429, "Too Many Requests: retry after 3", after);
        assert_eq!(class(Some(3)), ErrorClass::TooMany(Duration::from_secs(3)));
        assert_eq!(class(None), ErrorClass::TooMany(DEFAULT_WAIT));
    }
}
