//! Inline mode: a person types, a bot offers, a person chooses.

use super::{
    World,
    chat::{ActError, ChatKey, refused},
    markup::{self, Inline, Markup},
    message::{Contact, Content},
    sending::Draft,
};
use crate::{
    error::{self, ApiError},
    limits,
    text::{Entity, html},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An inline query that waits for its answer.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) bot: i64,
    pub(crate) person: i64,
    pub(crate) query: String,
    pub(crate) offset: String,
    pub(crate) asked: i64,
}

/// Bot, query, offset, and the person where results are personal.
pub(crate) type CacheKey = (i64, String, String, Option<i64>);

/// Person, bot and query.
pub(crate) type ShownKey = (i64, i64, String);

/// What a bot answered.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) results: Vec<Offer>,
    pub(crate) button: Option<Value>,
    pub(crate) next_offset: String,
    pub(crate) until: i64,
}

/// One result.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    thumbnail: Option<String>,
    pub(crate) content: Content,
    pub(crate) inline: Option<Inline>,
}

/// What comes of typing.
#[derive(Debug)]
pub(crate) enum Typed {
    /// Results that were kept.
    Cached(Value),
    /// The bot is asked; the answer comes under this id.
    Asked(String),
}

/// How a bot wants its results kept.
#[derive(Debug, Clone)]
pub(crate) struct Keeping {
    pub(crate) cache_time: i64,
    pub(crate) personal: bool,
    pub(crate) next_offset: String,
    pub(crate) button: Option<Value>,
}

impl World {
    /// The bot that a text in the input field calls, and the query behind its name.
    ///
    /// # Errors
    ///
    /// No bot of that name, or none named where there are several.
    pub(crate) fn inline_bot(&self, text: &str, bot: Option<&str>) -> Result<(i64, String), ActError> {
        let text = text.trim_start();
        if let Some(rest) = text.strip_prefix('@') {
            let (name, query) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            if let Ok(named) = self.bot_named(name) {
                return Ok((named, query.trim().to_owned()));
            }
        }
        let only = || {
            let mut bots = self.bots.values().map(|bot| bot.id);
            bots.next().filter(|_| bots.next().is_none())
        };
        let bot = match bot {
            Some(name) => self.bot_named(name)?,
            None => only().ok_or_else(|| refused("begin the query with the name of a bot: @bot …"))?,
        };
        Ok((bot, text.trim().to_owned()))
    }

    /// A person typed a query in a chat.
    ///
    /// # Errors
    ///
    /// A query that is too long, or a chat in which inline messages are switched off.
    pub(crate) fn inline_typed(
        &mut self,
        (person, chat): (i64, ChatKey),
        (bot, query): (i64, String),
        offset: String,
        now: i64,
    ) -> Result<Typed, ActError> {
        self.expire(now);
        if query.chars().count() > limits::INLINE_QUERY {
            return Err(refused("an inline query has at most 256 characters"));
        }
        self.check_inline_chat(chat)?;
        for personal in [None, Some(person)] {
            let key = (bot, query.clone(), offset.clone(), personal);
            if let Some(answer) = self.inline_cache.get(&key).cloned() {
                self.remember_shown((person, bot, query), &offset, &answer, now);
                return Ok(Typed::Cached(answer.json(true)));
            }
        }
        let id = format!("{}", person * 0x1_0000_0000 + self.next_id());
        let body = json!({
            "id": id, "from": self.user_json(person), "query": query, "offset": offset,
            "chat_type": chat_type(chat, bot),
        });
        self.inline_queries.insert(id.clone(), Query { bot, person, query, offset, asked: now });
        self.enqueue(bot, "inline_query", person, body, now);
        Ok(Typed::Asked(id))
    }

    fn check_inline_chat(&self, chat: ChatKey) -> Result<(), ActError> {
        match chat {
            ChatKey::Group(_) if !self.meta().settings.inline_in_groups => {
                Err(refused("inline messages are switched off in groups"))
            }
            ChatKey::Group(_) | ChatKey::Pair(..) => Ok(()),
        }
    }

    /// A bot answers an inline query.
    ///
    /// # Errors
    ///
    /// A query that is unknown, another bot's, answered before, or too old.
    pub(crate) fn answer_inline(
        &mut self,
        bot: i64,
        id: &str,
        results: Vec<Offer>,
        keeping: Keeping,
        now: i64,
    ) -> Result<(), ApiError> {
        self.expire(now);
        let known = self.inline_queries.get(&id.to_owned()).is_some_and(|query| query.bot == bot);
        let query = known.then(|| self.inline_queries.remove(&id.to_owned())).flatten();
        let query = query.ok_or(error::QUERY_TOO_OLD)?;
        let Keeping { cache_time, personal, next_offset, button } = keeping;
        let until = now + cache_time.clamp(0, limits::INLINE_CACHE_MAX);
        let answer = Answer { results, button, next_offset, until };
        let shown = (query.person, bot, query.query.clone());
        self.remember_shown(shown, &query.offset, &answer, now);
        let person = personal.then_some(query.person);
        if until > now {
            self.inline_cache.insert((bot, query.query, query.offset, person), answer.clone());
        }
        self.inline_answered.insert(id.to_owned(), answer);
        self.version += 1;
        Ok(())
    }

    /// The answer to a query, once; none while there is none.
    pub(crate) fn inline_results(&mut self, id: &str) -> Option<Value> {
        self.inline_answered.remove(id).map(|answer| answer.json(false))
    }

    fn remember_shown(&mut self, key: ShownKey, offset: &str, answer: &Answer, now: i64) {
        let mut shown = Answer { until: now + limits::SHOWN_RESULTS_LIFE, ..answer.clone() };
        if !offset.is_empty()
            && let Some(earlier) = self.shown.get(&key)
        {
            shown.results.splice(0..0, earlier.results.iter().cloned());
        }
        self.shown.insert(key, shown);
    }

    /// A person sends one of the results.
    ///
    /// # Errors
    ///
    /// A result that was not shown, or a chat that cannot be written to.
    pub(crate) fn choose(
        &mut self,
        (person, chat): (i64, ChatKey),
        (bot, query): (i64, String),
        result: &str,
        now: i64,
    ) -> Result<i64, ActError> {
        self.expire(now);
        self.check_inline_chat(chat)?;
        self.can_write(chat)?;
        let shown = self.shown.get(&(person, bot, query.clone()));
        let offer = shown.and_then(|shown| shown.results.iter().find(|offer| offer.id == result)).cloned();
        let offer = offer.ok_or_else(|| {
            super::chat::missing(format!("there is no result {result} for this query: ask inline first"))
        })?;
        let markup = offer.inline.map(Markup::Inline);
        let draft = Draft { via_bot: Some(bot), markup, ..Draft::new(offer.content) };
        let message = self.post(chat, person, draft, now);
        if self.feedback(bot) {
            let mut chosen = json!({"result_id": result, "from": self.user_json(person), "query": query});
            if let Some(inline) = self.messages.get(&message).and_then(|m| m.inline_id.clone()) {
                chosen["inline_message_id"] = inline.into();
            }
            if self.meta().settings.chosen_result_after_next_press {
                self.held.push((bot, person, chosen));
            } else {
                self.enqueue(bot, "chosen_inline_result", person, chosen, now);
            }
        }
        Ok(message)
    }

    /// Whether this choice is told to the bot: the percentage is dealt out evenly.
    fn feedback(&mut self, bot: i64) -> bool {
        let percent = self.meta().settings.inline_feedback_percent;
        let Some(bot) = self.bots.get_mut(&bot) else { return false };
        let before = bot.chosen * percent / 100;
        bot.chosen += 1;
        bot.chosen * percent / 100 > before
    }

    /// Tells of the choices that were held back.
    pub(crate) fn release_held(&mut self, now: i64) {
        for (bot, person, chosen) in std::mem::take(&mut self.held) {
            self.enqueue(bot, "chosen_inline_result", person, chosen, now);
        }
    }
}

/// Bot API `chat_type` of InlineQuery; "sender" is the private chat with the bot itself.
fn chat_type(chat: ChatKey, bot: i64) -> &'static str {
    match chat {
        ChatKey::Group(_) => "group",
        ChatKey::Pair(a, b) if a == bot || b == bot => "sender",
        ChatKey::Pair(..) => "private",
    }
}

impl Answer {
    fn json(&self, cached: bool) -> Value {
        let results: Vec<Value> = self.results.iter().map(Offer::json).collect();
        let mut out = json!({"results": results, "cached": cached, "timed_out": false, "next_offset": self.next_offset});
        if let Some(button) = &self.button {
            out["button"] = button.clone();
        }
        out
    }
}

impl Offer {
    fn json(&self) -> Value {
        let mut out = json!({"id": self.id, "type": self.kind, "title": self.title});
        if let Some(description) = &self.description {
            out["description"] = description.clone().into();
        }
        if let Some(thumbnail) = &self.thumbnail {
            out["thumbnail_url"] = thumbnail.clone().into();
        }
        out
    }
}

/// Reads the results of answerInlineQuery.
///
/// # Errors
///
/// Too many, ids that are empty, too long or doubled, contents that Telegram would not send; kinds that are not emulated
/// are 501.
pub(crate) fn read_results(results: &Value) -> Result<Vec<Offer>, ApiError> {
    let results = results.as_array().ok_or_else(|| {
        ApiError::new(
            400,
            "Bad Request: can't parse inline query results: Expected an Array of inline query results",
        )
    })?;
    if results.len() > limits::INLINE_RESULTS {
        return Err(error::RESULTS_TOO_MUCH);
    }
    let mut ids = BTreeSet::new();
    let mut offers = Vec::new();
    for result in results {
        let offer = read_result(result)?;
        if !ids.insert(offer.id.clone()) {
            return Err(error::RESULT_ID_DUPLICATE);
        }
        offers.push(offer);
    }
    Ok(offers)
}

fn read_result(result: &Value) -> Result<Offer, ApiError> {
    let string = |field: &str| result.get(field).and_then(Value::as_str).map(str::to_owned);
    let required = |field: &str| {
        string(field).ok_or_else(|| ApiError::inline_result(format!("Can't find field \"{field}\"")))
    };
    let id = required("id")?;
    if id.is_empty() || id.len() > limits::RESULT_ID {
        return Err(error::RESULT_ID_INVALID);
    }
    let inline = match result.get("reply_markup") {
        None => None,
        Some(markup) => {
            let rows = markup
                .get("inline_keyboard")
                .ok_or_else(|| ApiError::inline_result("Inline keyboard expected"))?;
            Some(markup::read_inline(rows)?).filter(|inline| !inline.0.is_empty())
        }
    };
    if inline.as_ref().is_some_and(Inline::opens_app) {
        return Err(error::BUTTON_PRIVATE_ONLY);
    }
    let (kind, title, content) = match required("type")?.as_str() {
        "article" => {
            let title = required("title")?;
            if title.trim().is_empty() {
                return Err(error::ARTICLE_TITLE_EMPTY);
            }
            let content = result
                .get("input_message_content")
                .ok_or_else(|| ApiError::inline_result("Can't find field \"input_message_content\""))?;
            ("article", title, read_content(content)?)
        }
        "contact" => {
            let contact = Contact {
                phone: required("phone_number")?,
                first_name: required("first_name")?,
                last_name: string("last_name"),
                user: None,
                vcard: string("vcard"),
            };
            ("contact", contact.first_name.clone(), Content::Contact(contact))
        }
        other => return Err(ApiError::not_emulated(format!("inline results of type {other}"))),
    };
    let (description, thumbnail) = (string("description"), string("thumbnail_url"));
    Ok(Offer { id, kind, title, description, thumbnail, content, inline })
}

fn read_content(content: &Value) -> Result<Content, ApiError> {
    let Some(text) = content.get("message_text").and_then(Value::as_str) else {
        return Err(ApiError::not_emulated("input_message_content other than text"));
    };
    let mode = content.get("parse_mode").and_then(Value::as_str);
    let entities: Option<Vec<Entity>> =
        content.get("entities").and_then(|entities| serde_json::from_value(entities.clone()).ok());
    let text = html::formatted(text, mode, entities)?;
    match limits::utf16(&text.text) {
        0 => Err(error::TEXT_EMPTY),
        length if length > limits::TEXT => Err(error::TEXT_TOO_LONG),
        _ => Ok(Content::Text(text)),
    }
}
