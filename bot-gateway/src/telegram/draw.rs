//! Plain data as requests of the Bot API.

use super::form::Form;
use crate::outgoing::{InlineButton, InlineResult, Key, KeyDoes, Keys, Outgoing, PickKey, Posted, Screen};
use domain::ids::ChatId;
use serde::Serialize;
use teloxide::payloads::{
    AnswerCallbackQuery, AnswerCallbackQuerySetters as _, AnswerInlineQuery, AnswerInlineQuerySetters as _,
    DeleteMessage, EditMessageText, EditMessageTextInline, EditMessageTextInlineSetters as _,
    EditMessageTextSetters as _, SendMessage, SendMessageSetters as _,
};
use teloxide::types::{
    ButtonRequest, CallbackQueryId, CopyTextButton, ForceReply, InlineKeyboardButton,
    InlineKeyboardButtonKind, InlineKeyboardMarkup, InlineQueryId, InlineQueryResult,
    InlineQueryResultArticle, InlineQueryResultsButton, InlineQueryResultsButtonKind, InputMessageContent,
    InputMessageContentText, KeyboardButton, KeyboardButtonRequestChat, KeyboardButtonRequestUsers,
    KeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode, ReplyMarkup, RequestId,
    SwitchInlineQueryChosenChat, WebAppInfo,
};

/// One call of the Bot API, ready to go.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// `application/json`, or the type of a form with its boundary.
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// A call with these parameters.
    pub(crate) fn new(method: &'static str, parameters: &impl Serialize) -> Self {
        // Our parameters have text keys only, so they always are JSON; an empty object would be refused by name.
        let body = serde_json::to_vec(parameters).unwrap_or_else(|_| b"{}".to_vec());
        Self { method, content_type: "application/json".to_owned(), body }
    }

    /// A call with a file.
    fn with_form(method: &'static str, form: Form) -> Self {
        Self { method, content_type: form.content_type(), body: form.finish() }
    }
}

/// What is said, as a call.
pub(crate) fn request(says: &Outgoing) -> Request {
    match says {
        // Whoever speaks has found out which message is kept under the name, if there is one.
        Outgoing::Send { chat, screen, .. } | Outgoing::Show { chat, screen, .. } => send(*chat, screen),
        // Without its sound, which only the store has.
        Outgoing::Post { chat, post: Posted::Words(screen) | Posted::Sound { screen, .. }, .. } => {
            send(*chat, screen)
        }
        Outgoing::Edit { message, screen, .. } => match inline_keys(&screen.keys) {
            Some(keys) => edit(message.chat, message.id, screen, keys),
            // Only a new message can ask for an answer or bring a keyboard.
            None => send(message.chat, screen),
        },
        Outgoing::EditInline { inline_message, screen } => edit_inline(inline_message, screen),
        Outgoing::Delete { message } => {
            let payload = DeleteMessage::new(chat_id(message.chat), MessageId(message.id));
            Request::new("deleteMessage", &payload)
        }
        Outgoing::AnswerPress { id, text, alert, url } => {
            answer_press(id, text.as_deref(), *alert, url.as_deref())
        }
        Outgoing::AnswerInline { id, results, button } => answer_inline(id, results, button.as_ref()),
    }
}

/// A new message.
pub(crate) fn send(chat: ChatId, screen: &Screen) -> Request {
    let mut payload = SendMessage::new(chat_id(chat), screen.html.clone())
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview());
    payload.protect_content = screen.protect.then_some(true);
    payload.disable_notification = screen.silent.then_some(true);
    payload.reply_markup = markup(&screen.keys);
    Request::new("sendMessage", &payload)
}

/// How a sound is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SoundAs {
    /// To be heard at once.
    Voice,
    /// As a file: some people let nobody send them voice messages.
    File,
}

/// A new message with a sound in Ogg/Opus.
pub(crate) fn send_sound(chat: ChatId, sound: &[u8], seconds: u32, screen: &Screen, way: SoundAs) -> Request {
    let (method, field) = match way {
        SoundAs::Voice => ("sendVoice", "voice"),
        SoundAs::File => ("sendDocument", "document"),
    };
    let mut form = Form::new(sound)
        .text("chat_id", &chat.0.to_string())
        .text("caption", &screen.html)
        .text("parse_mode", "HTML");
    if way == SoundAs::Voice {
        form = form.text("duration", &seconds.to_string());
    }
    if screen.silent {
        form = form.text("disable_notification", "true");
    }
    if let Some(markup) = markup(&screen.keys).and_then(|markup| serde_json::to_string(&markup).ok()) {
        form = form.text("reply_markup", &markup);
    }
    Request::with_form(method, form.file(field, "recording.ogg", "audio/ogg", sound))
}

fn edit(chat: ChatId, message: i32, screen: &Screen, keys: InlineKeyboardMarkup) -> Request {
    let payload = EditMessageText::new(chat_id(chat), MessageId(message), screen.html.clone())
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview())
        .reply_markup(keys);
    Request::new("editMessageText", &payload)
}

fn edit_inline(inline_message: &str, screen: &Screen) -> Request {
    let payload = EditMessageTextInline::new(inline_message, screen.html.clone())
        .parse_mode(ParseMode::Html)
        .reply_markup(inline_keys(&screen.keys).unwrap_or_default());
    Request::new("editMessageText", &WithoutPreview { payload: &payload, link_preview_options: no_preview() })
}

/// Of an inline message teloxide knows only the name that this had before Bot API 7.0.
#[derive(Serialize)]
struct WithoutPreview<'a, P> {
    #[serde(flatten)]
    payload: &'a P,
    link_preview_options: LinkPreviewOptions,
}

fn answer_press(id: &str, text: Option<&str>, alert: bool, url: Option<&str>) -> Request {
    let mut payload = AnswerCallbackQuery::new(CallbackQueryId(id.to_owned()));
    if let Some(text) = text {
        payload = payload.text(text.chars().take(200).collect::<String>()).show_alert(alert);
    }
    payload.url = url.and_then(|url| url.parse().ok());
    Request::new("answerCallbackQuery", &payload)
}

/// Personal and never cached: another person who types the same must not be given this person's results.
fn answer_inline(id: &str, results: &[InlineResult], button: Option<&InlineButton>) -> Request {
    let mut payload = AnswerInlineQuery::new(InlineQueryId(id.to_owned()), results.iter().map(article))
        .cache_time(0)
        .is_personal(true);
    payload.button = button.map(|button| InlineQueryResultsButton {
        text: button.label.clone(),
        kind: InlineQueryResultsButtonKind::StartParameter(button.start.clone()),
    });
    Request::new("answerInlineQuery", &payload)
}

fn article(result: &InlineResult) -> InlineQueryResult {
    let content = InputMessageContentText::new(result.screen.html.clone())
        .parse_mode(ParseMode::Html)
        .link_preview_options(no_preview());
    let mut article = InlineQueryResultArticle::new(
        result.id.clone(),
        result.title.clone(),
        InputMessageContent::Text(content),
    )
    .description(result.description.clone());
    article.reply_markup = inline_keys(&result.screen.keys).filter(|keys| !keys.inline_keyboard.is_empty());
    InlineQueryResult::Article(article)
}

fn markup(keys: &Keys) -> Option<ReplyMarkup> {
    match keys {
        Keys::None => None,
        Keys::Inline(_) => inline_keys(keys).map(ReplyMarkup::InlineKeyboard),
        Keys::ForceReply { placeholder } => Some(ReplyMarkup::ForceReply(
            ForceReply::new().input_field_placeholder(Some(placeholder.chars().take(64).collect::<String>())),
        )),
        Keys::Pick(rows) => {
            let rows = rows.iter().map(|row| row.iter().map(pick_key).collect::<Vec<_>>());
            Some(ReplyMarkup::Keyboard(KeyboardMarkup::new(rows).resize_keyboard().one_time_keyboard()))
        }
        Keys::RemovePick => Some(ReplyMarkup::kb_remove()),
    }
}

/// The buttons under a message; none where the keys are of another kind, which an edit can't bring.
fn inline_keys(keys: &Keys) -> Option<InlineKeyboardMarkup> {
    match keys {
        Keys::None => Some(InlineKeyboardMarkup::default()),
        Keys::Inline(rows) => Some(InlineKeyboardMarkup::new(
            rows.iter().map(|row| row.iter().filter_map(key).collect::<Vec<_>>()),
        )),
        Keys::ForceReply { .. } | Keys::Pick(_) | Keys::RemovePick => None,
    }
}

/// A button; none for an address that is no address, which Telegram would refuse together with the whole message.
fn key(key: &Key) -> Option<InlineKeyboardButton> {
    let kind = match &key.does {
        KeyDoes::Press(data) => InlineKeyboardButtonKind::CallbackData(data.clone()),
        KeyDoes::ChooseChat { query } => {
            InlineKeyboardButtonKind::SwitchInlineQueryChosenChat(SwitchInlineQueryChosenChat {
                query: Some(query.clone()),
                allow_user_chats: true,
                allow_bot_chats: false,
                allow_group_chats: false,
                allow_channel_chats: false,
            })
        }
        KeyDoes::TypeHere { query } => InlineKeyboardButtonKind::SwitchInlineQueryCurrentChat(query.clone()),
        KeyDoes::Open { url } => InlineKeyboardButtonKind::Url(url.parse().ok()?),
        KeyDoes::Copy { text } => InlineKeyboardButtonKind::CopyText(CopyTextButton { text: text.clone() }),
        KeyDoes::WebApp { url } => InlineKeyboardButtonKind::WebApp(WebAppInfo { url: url.parse().ok()? }),
    };
    Some(InlineKeyboardButton::new(key.label.clone(), kind))
}

fn pick_key(key: &PickKey) -> KeyboardButton {
    match key {
        PickKey::User { label, request } => {
            let users = KeyboardButtonRequestUsers::new(RequestId(*request))
                .user_is_bot(false)
                .request_name()
                .request_username();
            KeyboardButton::new(label).request(ButtonRequest::RequestUsers(users))
        }
        PickKey::Chat { label, request, channel } => {
            let chat = KeyboardButtonRequestChat::new(RequestId(*request), *channel)
                .bot_is_member(true)
                .request_title();
            KeyboardButton::new(label).request(ButtonRequest::RequestChat(chat))
        }
        PickKey::Contact { label } => KeyboardButton::new(label).request(ButtonRequest::Contact),
        PickKey::Text { label } => KeyboardButton::new(label),
    }
}

fn chat_id(chat: ChatId) -> teloxide::types::ChatId {
    teloxide::types::ChatId(chat.0)
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incoming::MessageRef;
    use serde_json::{Value, json};

    #[test]
    fn a_message_is_html_without_preview() {
        let screen = Screen { html: "<b>Hi</b>".into(), protect: true, silent: true, keys: Keys::None };
        check(
            &Outgoing::Send { chat: ChatId(7), screen, remember: None },
            "sendMessage",
            json!({"chat_id": 7, "text": "<b>Hi</b>", "parse_mode": "HTML", "protect_content": true,
                   "disable_notification": true, "link_preview_options": {"is_disabled": true}}),
        );
    }

    #[test]
    fn an_inline_message_that_changes_gets_no_preview_either() {
        let screen = Screen { html: "Server: pbx.example.com".into(), ..Screen::default() };
        check(
            &Outgoing::EditInline { inline_message: "i1".into(), screen },
            "editMessageText",
            json!({"inline_message_id": "i1", "text": "Server: pbx.example.com", "parse_mode": "HTML",
                   "reply_markup": {"inline_keyboard": []}, "link_preview_options": {"is_disabled": true}}),
        );
    }

    #[test]
    fn each_button_does_what_it_says() {
        let keys = [
            KeyDoes::Press("v1:menu".into()),
            KeyDoes::ChooseChat { query: "acc:1".into() },
            KeyDoes::TypeHere { query: "x".into() },
            KeyDoes::Open { url: "https://t.me/bot?start=1".into() },
            KeyDoes::Copy { text: "1001".into() },
            KeyDoes::WebApp { url: "https://phone.example/".into() },
        ];
        let row = keys.map(|does| Key { label: "L".into(), does }).to_vec();
        let body = body(&send_with(Keys::Inline(vec![row])));
        assert_eq!(
            body["reply_markup"]["inline_keyboard"][0],
            json!([
                {"text": "L", "callback_data": "v1:menu"},
                {"text": "L", "switch_inline_query_chosen_chat": {"query": "acc:1", "allow_user_chats": true,
                    "allow_bot_chats": false, "allow_group_chats": false, "allow_channel_chats": false}},
                {"text": "L", "switch_inline_query_current_chat": "x"},
                {"text": "L", "url": "https://t.me/bot?start=1"},
                {"text": "L", "copy_text": {"text": "1001"}},
                {"text": "L", "web_app": {"url": "https://phone.example/"}},
            ])
        );
    }

    #[test]
    fn a_picker_asks_for_people_and_for_chats_the_bot_is_in() {
        let keys = Keys::Pick(vec![vec![
            PickKey::User { label: "U".into(), request: 1 },
            PickKey::Chat { label: "C".into(), request: 2, channel: false },
            PickKey::Contact { label: "P".into() },
            PickKey::Text { label: "T".into() },
        ]]);
        assert_eq!(
            body(&send_with(keys))["reply_markup"],
            json!({"resize_keyboard": true, "one_time_keyboard": true, "keyboard": [[
                {"text": "U", "request_users": {"request_id": 1, "user_is_bot": false, "request_name": true,
                    "request_username": true}},
                {"text": "C", "request_chat": {"request_id": 2, "chat_is_channel": false, "bot_is_member": true,
                    "request_title": true}},
                {"text": "P", "request_contact": true},
                {"text": "T"},
            ]]})
        );
    }

    #[test]
    fn a_change_without_buttons_takes_them_away() {
        let edit = edit_with(Keys::None);
        assert_eq!(request(&edit).method, "editMessageText");
        assert_eq!(body(&edit)["reply_markup"], json!({"inline_keyboard": []}));
    }

    #[test]
    fn a_change_that_asks_for_an_answer_is_a_new_message() {
        let edit = edit_with(Keys::ForceReply { placeholder: "Login".into() });
        assert_eq!(request(&edit).method, "sendMessage");
        assert_eq!(
            body(&edit)["reply_markup"],
            json!({"force_reply": true, "input_field_placeholder": "Login"})
        );
    }

    #[test]
    fn inline_results_are_personal_and_never_cached() {
        let result = InlineResult {
            id: "k:1".into(),
            title: "Give".into(),
            description: "1001".into(),
            screen: Screen { html: "Take it".into(), ..Screen::default() },
        };
        let button = Some(InlineButton { label: "Open".into(), start: "help".into() });
        check(
            &Outgoing::AnswerInline { id: "9".into(), results: vec![result], button },
            "answerInlineQuery",
            json!({"inline_query_id": "9", "cache_time": 0, "is_personal": true,
                   "button": {"text": "Open", "start_parameter": "help"},
                   "results": [{"type": "article", "id": "k:1", "title": "Give", "description": "1001",
                       "input_message_content": {"message_text": "Take it", "parse_mode": "HTML",
                           "link_preview_options": {"is_disabled": true}}}]}),
        );
    }

    #[test]
    fn a_press_is_answered_with_at_most_200_characters() {
        let answer =
            Outgoing::AnswerPress { id: "5".into(), text: Some("ж".repeat(300)), alert: true, url: None };
        check(
            &answer,
            "answerCallbackQuery",
            json!({"callback_query_id": "5", "text": "ж".repeat(200), "show_alert": true}),
        );
        let silent = Outgoing::AnswerPress { id: "5".into(), text: None, alert: false, url: None };
        check(&silent, "answerCallbackQuery", json!({"callback_query_id": "5"}));
    }

    #[test]
    fn a_recording_is_a_voice_message_with_a_caption_or_a_file() {
        let screen = Screen { html: "<b>Olga</b>".into(), silent: true, ..Screen::default() };
        let voice = send_sound(ChatId(-100), b"OggS", 7, &screen, SoundAs::Voice);
        assert_eq!(voice.method, "sendVoice");
        let body = String::from_utf8(voice.body).unwrap();
        for part in [
            "name=\"chat_id\"\r\n\r\n-100",
            "name=\"caption\"\r\n\r\n<b>Olga</b>",
            "name=\"duration\"\r\n\r\n7",
        ] {
            assert!(body.contains(part), "{part}: {body}");
        }
        assert!(body.contains("name=\"voice\"; filename=\"recording.ogg\""), "{body}");
        let file = send_sound(ChatId(-100), b"OggS", 7, &screen, SoundAs::File);
        assert_eq!(file.method, "sendDocument");
        assert!(!String::from_utf8(file.body).unwrap().contains("duration"), "a document has none");
    }

    #[test]
    fn a_message_is_deleted_by_its_number() {
        let message = MessageRef { chat: ChatId(7), id: 3 };
        check(&Outgoing::Delete { message }, "deleteMessage", json!({"chat_id": 7, "message_id": 3}));
    }

    fn check(says: &Outgoing, method: &str, expected: Value) {
        assert_eq!(request(says).method, method);
        assert_eq!(body(says), expected);
    }

    fn body(says: &Outgoing) -> Value {
        serde_json::from_slice(&request(says).body).unwrap()
    }

    fn send_with(keys: Keys) -> Outgoing {
        Outgoing::Send { chat: ChatId(7), screen: Screen { keys, ..Screen::default() }, remember: None }
    }

    fn edit_with(keys: Keys) -> Outgoing {
        let message = MessageRef { chat: ChatId(7), id: 3 };
        Outgoing::Edit { message, screen: Screen { keys, ..Screen::default() }, remember: None }
    }
}
