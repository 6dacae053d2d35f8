//! The methods that are there, with the parameters they know. <https://core.telegram.org/bots/api#available-methods>

/// A method: its name as Telegram writes it, and its parameters.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    params: &'static [&'static str],
}

/// Parameters that every sending method has.
const SENDING: &[&str] = &[
    "chat_id",
    "reply_markup",
    "reply_parameters",
    "disable_notification",
    "protect_content",
    "allow_paid_broadcast",
];
const CAPTION: &[&str] = &["caption", "parse_mode", "caption_entities"];

macro_rules! methods {
    ($($name:literal $params:expr;)*) => {
        const METHODS: &[Method] = &[$(Method { name: $name, params: &$params }),*];
    };
}

methods! {
    "getMe" [];
    "getUpdates" ["offset", "limit", "timeout", "allowed_updates"];
    "setWebhook" ["url", "max_connections", "allowed_updates", "drop_pending_updates", "secret_token"];
    "deleteWebhook" ["drop_pending_updates"];
    "getWebhookInfo" [];
    "logOut" [];
    "close" [];
    "sendMessage" ["text", "parse_mode", "entities", "link_preview_options"];
    "sendDocument" ["document", "disable_content_type_detection"];
    "sendPhoto" ["photo"];
    "sendAudio" ["audio", "duration", "performer", "title"];
    "sendVoice" ["voice", "duration"];
    "sendContact" ["phone_number", "first_name", "last_name", "vcard"];
    "sendChatAction" ["chat_id", "action"];
    "copyMessage" ["from_chat_id", "message_id"];
    "editMessageText" ["chat_id", "message_id", "inline_message_id", "text", "parse_mode", "entities", "link_preview_options", "reply_markup"];
    "editMessageCaption" ["chat_id", "message_id", "inline_message_id", "reply_markup"];
    "editMessageReplyMarkup" ["chat_id", "message_id", "inline_message_id", "reply_markup"];
    "deleteMessage" ["chat_id", "message_id"];
    "deleteMessages" ["chat_id", "message_ids"];
    "answerCallbackQuery" ["callback_query_id", "text", "show_alert", "url", "cache_time"];
    "answerInlineQuery" ["inline_query_id", "results", "cache_time", "is_personal", "next_offset", "button"];
    "setMyCommands" ["commands", "scope", "language_code"];
    "getMyCommands" ["scope", "language_code"];
    "deleteMyCommands" ["scope", "language_code"];
    "setChatMenuButton" ["chat_id", "menu_button"];
    "getChatMenuButton" ["chat_id"];
    "setMyName" ["name", "language_code"];
    "getMyName" ["language_code"];
    "setMyDescription" ["description", "language_code"];
    "getMyDescription" ["language_code"];
    "setMyShortDescription" ["short_description", "language_code"];
    "getMyShortDescription" ["language_code"];
    "getChat" ["chat_id"];
    "getChatMember" ["chat_id", "user_id"];
    "getFile" ["file_id"];
}

/// The method of this name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name.eq_ignore_ascii_case(name))
}

impl Method {
    /// Whether the method has this parameter.
    pub(crate) fn knows(&self, param: &str) -> bool {
        let sends =
            (self.name.starts_with("send") && self.name != "sendChatAction") || self.name == "copyMessage";
        let captioned = matches!(
            self.name,
            "sendDocument" | "sendPhoto" | "sendAudio" | "sendVoice" | "copyMessage" | "editMessageCaption"
        );
        self.params.contains(&param)
            || (sends && SENDING.contains(&param))
            || (captioned && CAPTION.contains(&param))
    }
}
