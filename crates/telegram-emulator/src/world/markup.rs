//! Buttons: read from what a bot sends, refused as Telegram refuses them, and shown back to bots.

use super::web_app::app_url;
use crate::{
    error::{self, ApiError},
    limits,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What hangs under a message, or takes the keyboard's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Markup {
    Inline(Inline),
    Keyboard(Keyboard),
    Remove,
    ForceReply { placeholder: Option<String> },
}

/// Buttons under a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Inline(pub(crate) Vec<Vec<InlineButton>>);

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InlineButton {
    pub(crate) text: String,
    pub(crate) style: Option<String>,
    pub(crate) does: Does,
}

/// What a button under a message does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Does {
    Callback(String),
    Url(String),
    Copy(String),
    Switch(String),
    SwitchHere(String),
    SwitchChosen { query: String, users: bool, bots: bool, groups: bool, channels: bool },
    WebApp(String),
}

/// A keyboard in place of the ordinary one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keyboard {
    pub(crate) rows: Vec<Vec<KeyboardButton>>,
    pub(crate) one_time: bool,
    pub(crate) resize: bool,
    pub(crate) persistent: bool,
    pub(crate) placeholder: Option<String>,
}

/// A button of such a keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyboardButton {
    pub(crate) text: String,
    pub(crate) style: Option<String>,
    pub(crate) does: Requests,
}

/// What a button of a reply keyboard does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Requests {
    Text,
    Contact,
    Users { request: i64, bots: Option<bool>, max: i64, names: bool, usernames: bool },
    Chat { request: i64, channel: bool, created: bool, bot_is_member: bool, title: bool },
}

/// Reads `reply_markup`.
///
/// # Errors
///
/// As `get_reply_markup` of `Client.cpp`; kinds of buttons that are not emulated are 501.
pub(crate) fn read(markup: &Value) -> Result<Option<Markup>, ApiError> {
    let Some(object) = markup.as_object() else { return Err(error::MARKUP_OBJECT) };
    if let Some(rows) = object.get("inline_keyboard") {
        let inline = read_inline(rows)?;
        return Ok((!inline.0.is_empty()).then_some(Markup::Inline(inline)));
    }
    if let Some(rows) = object.get("keyboard") {
        return read_keyboard(object, rows).map(|keyboard| Some(Markup::Keyboard(keyboard)));
    }
    if is_true(object, "remove_keyboard") {
        return Ok(Some(Markup::Remove));
    }
    if is_true(object, "force_reply") {
        return Ok(Some(Markup::ForceReply { placeholder: placeholder(object)? }));
    }
    Ok(None)
}

/// Reads the buttons of an `InlineKeyboardMarkup`.
pub(crate) fn read_inline(rows: &Value) -> Result<Inline, ApiError> {
    let rows = rows
        .as_array()
        .ok_or_else(|| ApiError::new(400, "Bad Request: field \"inline_keyboard\" must be of type Array"))?;
    let mut out = Vec::new();
    for row in rows {
        let row = row.as_array().ok_or_else(|| {
            ApiError::new(400, "Bad Request: field \"inline_keyboard\" must be an Array of Arrays")
        })?;
        let row = row.iter().map(inline_button).collect::<Result<Vec<_>, _>>()?;
        if !row.is_empty() {
            out.push(row);
        }
    }
    if out.iter().map(Vec::len).sum::<usize>() > limits::BUTTONS {
        return Err(error::MARKUP_TOO_LONG);
    }
    Ok(Inline(out))
}

fn inline_button(button: &Value) -> Result<InlineButton, ApiError> {
    let object = button
        .as_object()
        .ok_or_else(|| ApiError::inline_button("InlineKeyboardButton must be an Object"))?;
    let text = required_text(object).map_err(ApiError::inline_button)?;
    for kind in ["login_url", "callback_game", "pay", "icon_custom_emoji_id"] {
        if object.contains_key(kind) {
            return Err(ApiError::not_emulated(format!("inline buttons with {kind}")));
        }
    }
    let style = style(object)?;
    let string = |field: &str| object.get(field).and_then(Value::as_str).map(str::to_owned);
    let does = if let Some(url) = string("url") {
        Does::Url(button_url(&url)?)
    } else if let Some(data) = string("callback_data") {
        if data.is_empty() || data.len() > limits::CALLBACK_DATA {
            return Err(error::BUTTON_DATA);
        }
        Does::Callback(data)
    } else if let Some(copy) = object.get("copy_text") {
        let text = copy.get("text").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() || text.chars().count() > limits::COPY_TEXT {
            return Err(error::BUTTON_COPY);
        }
        Does::Copy(text.to_owned())
    } else if let Some(app) = object.get("web_app") {
        Does::WebApp(app_url(app.get("url").and_then(Value::as_str).unwrap_or_default())?)
    } else if let Some(query) = string("switch_inline_query") {
        Does::Switch(query)
    } else if let Some(query) = string("switch_inline_query_current_chat") {
        Does::SwitchHere(query)
    } else if let Some(chosen) = object.get("switch_inline_query_chosen_chat") {
        switch_chosen(chosen)?
    } else {
        return Err(ApiError::inline_button("Text buttons are unallowed in the inline keyboard"));
    };
    Ok(InlineButton { text, style, does })
}

fn switch_chosen(chosen: &Value) -> Result<Does, ApiError> {
    let flag = |field: &str| chosen.get(field).and_then(Value::as_bool).unwrap_or(false);
    let query = chosen.get("query").and_then(Value::as_str).unwrap_or_default().to_owned();
    let (users, bots) = (flag("allow_user_chats"), flag("allow_bot_chats"));
    let (groups, channels) = (flag("allow_group_chats"), flag("allow_channel_chats"));
    if !(users || bots || groups || channels) {
        return Err(ApiError::inline_button("At least one chat type must be allowed"));
    }
    Ok(Does::SwitchChosen { query, users, bots, groups, channels })
}

fn button_url(url: &str) -> Result<String, ApiError> {
    let lower = url.to_lowercase();
    let rest =
        ["http://", "https://", "tg://", "ton://"].iter().find_map(|scheme| lower.strip_prefix(scheme));
    let bare = !lower.contains("://") && lower.contains('.') && !lower.contains(char::is_whitespace);
    match rest {
        Some(host) if !host.is_empty() && !host.contains(char::is_whitespace) => Ok(url.to_owned()),
        None if bare => Ok(format!("http://{url}")),
        Some(_) | None => Err(error::BUTTON_URL),
    }
}

fn read_keyboard(object: &Map<String, Value>, rows: &Value) -> Result<Keyboard, ApiError> {
    let rows = rows.as_array().ok_or(error::MARKUP_JSON)?;
    let mut out = Vec::new();
    for row in rows {
        let row = row.as_array().ok_or(error::MARKUP_JSON)?;
        out.push(row.iter().map(keyboard_button).collect::<Result<Vec<_>, _>>()?);
    }
    Ok(Keyboard {
        rows: out,
        one_time: is_true(object, "one_time_keyboard"),
        resize: is_true(object, "resize_keyboard"),
        persistent: is_true(object, "is_persistent"),
        placeholder: placeholder(object)?,
    })
}

fn keyboard_button(button: &Value) -> Result<KeyboardButton, ApiError> {
    if let Some(text) = button.as_str() {
        return Ok(KeyboardButton { text: text.to_owned(), style: None, does: Requests::Text });
    }
    let object =
        button.as_object().ok_or_else(|| ApiError::keyboard_button("KeyboardButton must be an Object"))?;
    let text = required_text(object).map_err(ApiError::keyboard_button)?;
    for kind in ["web_app", "request_location", "request_poll", "request_managed_bot", "icon_custom_emoji_id"]
    {
        if object.get(kind).is_some_and(|value| *value != Value::Bool(false)) {
            return Err(ApiError::not_emulated(format!("keyboard buttons with {kind}")));
        }
    }
    let does = if let Some(wanted) = object.get("request_users") {
        request_users(wanted)?
    } else if let Some(wanted) = object.get("request_chat") {
        request_chat(wanted)?
    } else if is_true(object, "request_contact") {
        Requests::Contact
    } else {
        Requests::Text
    };
    Ok(KeyboardButton { text, style: style(object)?, does })
}

fn request_users(wanted: &Value) -> Result<Requests, ApiError> {
    let flag = |field: &str| wanted.get(field).and_then(Value::as_bool);
    let max = wanted.get("max_quantity").and_then(Value::as_i64).unwrap_or(1);
    if !(1..=limits::REQUEST_USERS).contains(&max) {
        return Err(ApiError::keyboard_button("max_quantity must be between 1 and 10"));
    }
    if flag("user_is_premium") == Some(true) {
        return Err(ApiError::not_emulated("pickers of premium users"));
    }
    Ok(Requests::Users {
        request: request_id(wanted)?,
        bots: flag("user_is_bot"),
        max,
        names: flag("request_name").unwrap_or(false),
        usernames: flag("request_username").unwrap_or(false),
    })
}

fn request_chat(wanted: &Value) -> Result<Requests, ApiError> {
    let flag = |field: &str| wanted.get(field).and_then(Value::as_bool);
    let channel = flag("chat_is_channel")
        .ok_or_else(|| ApiError::keyboard_button("Can't find field \"chat_is_channel\""))?;
    Ok(Requests::Chat {
        request: request_id(wanted)?,
        channel,
        created: flag("chat_is_created").unwrap_or(false),
        bot_is_member: flag("bot_is_member").unwrap_or(false),
        title: flag("request_title").unwrap_or(false),
    })
}

fn request_id(wanted: &Value) -> Result<i64, ApiError> {
    let id = wanted.get("request_id").and_then(Value::as_i64);
    id.filter(|id| i32::try_from(*id).is_ok())
        .ok_or_else(|| ApiError::keyboard_button("Can't find field \"request_id\""))
}

fn required_text(object: &Map<String, Value>) -> Result<String, &'static str> {
    match object.get("text") {
        None => Err("Can't find field \"text\""),
        Some(Value::String(text)) if text.trim().is_empty() => Err("Text must be non-empty"),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err("Field \"text\" must be of type String"),
    }
}

fn style(object: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    match object.get("style").and_then(Value::as_str) {
        None => Ok(None),
        Some(style @ ("danger" | "success" | "primary")) => Ok(Some(style.to_owned())),
        Some(other) => Err(ApiError::not_emulated(format!("the button style {other}"))),
    }
}

fn placeholder(object: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let text = object.get("input_field_placeholder").and_then(Value::as_str).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.chars().count() > limits::PLACEHOLDER => {
            Err(ApiError::not_emulated("an input_field_placeholder of more than 64 characters"))
        }
        Some(text) => Ok(Some(text.to_owned())),
        None => Ok(None),
    }
}

fn is_true(object: &Map<String, Value>, field: &str) -> bool {
    object.get(field).and_then(Value::as_bool).unwrap_or(false)
}

impl Inline {
    /// Bot API `InlineKeyboardMarkup`.
    pub(crate) fn json(&self) -> Value {
        let rows: Vec<Vec<Value>> =
            self.0.iter().map(|row| row.iter().map(InlineButton::json).collect()).collect();
        json!({"inline_keyboard": rows})
    }

    /// Whether a button opens a Mini App, which is for private chats with the bot only. API, InlineKeyboardButton.
    pub(crate) fn opens_app(&self) -> bool {
        self.0.iter().flatten().any(|button| matches!(button.does, Does::WebApp(_)))
    }

    /// The button at `row.column`, or the first with this caption.
    pub(crate) fn find(&self, button: &str) -> Option<&InlineButton> {
        find(&self.0, button, |b| &b.text)
    }
}

impl Keyboard {
    /// As [`Inline::find`].
    pub(crate) fn find(&self, button: &str) -> Option<&KeyboardButton> {
        find(&self.rows, button, |b| &b.text)
    }
}

fn find<'a, B>(rows: &'a [Vec<B>], button: &str, text: impl Fn(&B) -> &str) -> Option<&'a B> {
    let by_place = button
        .split_once('.')
        .and_then(|(row, column)| rows.get(row.parse::<usize>().ok()?)?.get(column.parse::<usize>().ok()?));
    by_place.or_else(|| rows.iter().flatten().find(|b| text(b) == button))
}

impl InlineButton {
    fn json(&self) -> Value {
        let mut out = json!({"text": self.text});
        if let Some(style) = &self.style {
            out["style"] = style.clone().into();
        }
        let (field, value) = match &self.does {
            Does::Callback(data) => ("callback_data", data.clone().into()),
            Does::Url(url) => ("url", url.clone().into()),
            Does::Copy(text) => ("copy_text", json!({"text": text})),
            Does::WebApp(url) => ("web_app", json!({"url": url})),
            Does::Switch(query) => ("switch_inline_query", query.clone().into()),
            Does::SwitchHere(query) => ("switch_inline_query_current_chat", query.clone().into()),
            Does::SwitchChosen { query, users, bots, groups, channels } => (
                "switch_inline_query_chosen_chat",
                json!({"query": query, "allow_user_chats": users, "allow_bot_chats": bots,
                       "allow_group_chats": groups, "allow_channel_chats": channels}),
            ),
        };
        out[field] = value;
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(button: Value) -> Result<Option<Markup>, ApiError> {
        read(&json!({"inline_keyboard": [[button]]}))
    }

    #[test]
    fn callback_data_is_counted_in_bytes() {
        assert!(one(json!({"text": "x", "callback_data": "я".repeat(32)})).is_ok());
        assert_eq!(one(json!({"text": "x", "callback_data": "я".repeat(33)})), Err(error::BUTTON_DATA));
        assert_eq!(one(json!({"text": "x", "callback_data": ""})), Err(error::BUTTON_DATA));
    }

    #[test]
    fn a_button_that_does_nothing_is_refused() {
        let why = one(json!({"text": "x"})).unwrap_err().description;
        assert_eq!(
            why,
            "Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        );
    }

    #[test]
    fn what_is_not_emulated_says_so() {
        assert_eq!(one(json!({"text": "x", "pay": true})).unwrap_err().code, 501);
    }

    #[test]
    fn a_mini_app_is_read_and_written_as_bots_know_it() {
        let button = json!({"text": "Phone", "web_app": {"url": "https://calls.example.org/phone/"}});
        let Ok(Some(Markup::Inline(inline))) = one(button.clone()) else { panic!("no inline keyboard") };
        assert!(inline.opens_app());
        assert_eq!(inline.json()["inline_keyboard"][0][0], button);
    }

    #[test]
    fn buttons_are_found_by_place_and_by_caption() {
        let Some(Markup::Inline(inline)) =
            read(&json!({"inline_keyboard": [[{"text": "A", "callback_data": "a"}], [{"text": "B", "url": "https://b.example"}]]}))
                .unwrap()
        else {
            panic!("no inline keyboard")
        };
        assert_eq!(inline.find("1.0"), inline.find("B"));
        assert_eq!(inline.find("2.0"), None);
    }
}
