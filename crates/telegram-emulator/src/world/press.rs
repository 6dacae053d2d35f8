//! A person presses a button; a bot answers.

use super::{
    World,
    chat::{ActError, ChatKey, missing, refused},
    markup::{Does, Requests},
    message::{Content, Message},
    sending::Draft,
};
use crate::{
    error::{self, ApiError},
    limits,
    text::Formatted,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A press that waits for its answer, or has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub(crate) bot: i64,
    pub(crate) person: i64,
    pub(crate) asked: i64,
    pub(crate) answer: Option<Answered>,
}

/// What the bot answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) text: Option<String>,
    pub(crate) alert: bool,
    pub(crate) url: Option<String>,
}

/// What comes of a press.
#[derive(Debug)]
pub(crate) enum Pressed {
    /// The person sees this at once.
    Shown(Value),
    /// The bot is asked; the callback with this id will have the answer.
    Asked(String),
}

/// What was pressed: a button that is there, or data that a changed client sends.
#[derive(Debug, Clone)]
pub(crate) enum Pressing {
    Button(String),
    Data(String),
}

impl World {
    /// The message that a person names, if this person sees it.
    pub(crate) fn visible(&self, person: i64, name: &str) -> Result<&Message, ActError> {
        let id = name.strip_prefix('m').unwrap_or(name).parse::<i64>().ok();
        let found = id.and_then(|id| self.messages.get(&id));
        found
            .filter(|message| self.is_in(message.chat, person))
            .ok_or_else(|| missing(format!("there is no message {name}")))
    }

    /// A person presses a button.
    ///
    /// # Errors
    ///
    /// No such message or button, or a bot that cannot be asked.
    pub(crate) fn press(
        &mut self,
        person: i64,
        message: &str,
        pressing: Pressing,
        now: i64,
    ) -> Result<Pressed, ActError> {
        let message = self.visible(person, message)?.clone();
        let data = match pressing {
            Pressing::Data(data) => data,
            Pressing::Button(button) => {
                let found = message.inline().and_then(|inline| inline.find(&button));
                let Some(found) = found.cloned() else {
                    return self.press_keyboard(person, &message, &button, now);
                };
                let Does::Callback(data) = found.does else {
                    return self.press_at_once(person, &message, found.does, now).map(Pressed::Shown);
                };
                data
            }
        };
        self.ask(person, &message, data, now).map(Pressed::Asked)
    }

    fn ask(&mut self, person: i64, message: &Message, data: String, now: i64) -> Result<String, ActError> {
        if data.len() > limits::CALLBACK_DATA {
            return Err(refused("a server takes at most 64 bytes of callback data"));
        }
        let bot = message.via_bot.or_else(|| self.bots.contains(&message.from).then_some(message.from));
        let bot = bot.ok_or_else(|| refused("this message is not from a bot"))?;
        let id = format!("{}", person * 0x1_0000_0000 + self.next_id());
        let mut query = json!({
            "id": id,
            "from": self.user_json(person),
            "chat_instance": chat_instance(message.chat),
            "data": data,
        });
        match &message.inline_id {
            Some(inline) => query["inline_message_id"] = inline.clone().into(),
            None => query["message"] = self.message_json(bot, message),
        }
        self.callbacks.insert(id.clone(), Callback { bot, person, asked: now, answer: None });
        self.enqueue(bot, "callback_query", person, query, now);
        self.release_held(now);
        Ok(id)
    }

    /// What a client does by itself.
    fn press_at_once(&self, person: i64, message: &Message, does: Does, now: i64) -> Result<Value, ActError> {
        let bot = message.via_bot.unwrap_or(message.from);
        let name = self.bots.get(&bot).map_or("", |bot| bot.username.as_str());
        let typed = |query: &str| format!("@{name} {query}");
        Ok(match does {
            Does::Callback(_) => return Err(refused("a callback button asks the bot")),
            Does::Url(url) => self.opened(&url),
            Does::Copy(text) => json!({"shown": "copied", "text": text}),
            Does::WebApp(url) => return self.open_app(person, bot, &url, now),
            Does::Switch(query) => {
                let chats = self.inline_chats(person, [true, true, true]);
                json!({"shown": "inline", "query": typed(&query), "bot": bot, "choose_from": chats})
            }
            Does::SwitchHere(query) => {
                json!({"shown": "inline", "query": typed(&query), "bot": bot, "chat": message.chat.seen_by(person)})
            }
            Does::SwitchChosen { query, users, bots, groups, .. } => {
                let chats = self.inline_chats(person, [users, bots, groups]);
                json!({"shown": "inline", "query": typed(&query), "bot": bot, "choose_from": chats})
            }
        })
    }

    /// The chats that a client offers for an inline message.
    pub(crate) fn inline_chats(&self, person: i64, [users, bots, groups]: [bool; 3]) -> Vec<i64> {
        let mut chats = Vec::new();
        if users {
            chats.extend(self.people.values().map(|other| other.id).filter(|id| *id != person));
        }
        if bots {
            chats.extend(self.bots.values().map(|bot| bot.id));
        }
        if groups && self.meta().settings.inline_in_groups {
            chats.extend(self.groups.values().filter(|g| g.members.contains(&person)).map(|g| g.id));
        }
        chats
    }

    /// What opening an address shows; a link to a bot of this world is taken apart.
    pub(crate) fn opened(&self, url: &str) -> Value {
        let mut out = json!({"shown": "url", "url": url});
        if let Some((bot, payload)) = self.deep_link(url) {
            out["deep_link"] = json!({"bot": bot, "payload": payload});
        }
        out
    }

    fn deep_link(&self, url: &str) -> Option<(i64, String)> {
        let rest = ["https://t.me/", "http://t.me/", "t.me/"].iter().find_map(|p| url.strip_prefix(p))?;
        let (name, query) = rest.split_once('?').unwrap_or((rest, ""));
        let bot = self.bot_named(name.trim_end_matches('/')).ok()?;
        let start = query.split('&').find_map(|pair| pair.strip_prefix("start="));
        Some((bot, start.unwrap_or_default().to_owned()))
    }

    fn press_keyboard(
        &mut self,
        person: i64,
        message: &Message,
        button: &str,
        now: i64,
    ) -> Result<Pressed, ActError> {
        let button = self.keyboard_button(message, button)?;
        match &button.does {
            Requests::Text => {
                let draft = Draft::new(Content::Text(Formatted::plain(&button.text)));
                let id = self.post(message.chat, person, draft, now);
                self.keyboard_used(message);
                Ok(Pressed::Shown(json!({"shown": "sent", "message": format!("m{id}")})))
            }
            Requests::Contact => Ok(Pressed::Shown(json!({"shown": "pick"}))),
            Requests::Users { max, .. } => {
                let from = self.picker(person, message.chat, &button.does);
                Ok(Pressed::Shown(json!({"shown": "pick", "choose_from": from, "max": max})))
            }
            Requests::Chat { .. } => {
                let from = self.picker(person, message.chat, &button.does);
                Ok(Pressed::Shown(json!({"shown": "pick", "choose_from": from})))
            }
        }
    }

    /// A bot answers a press.
    ///
    /// # Errors
    ///
    /// A press that is unknown, another bot's, answered before, or too old; a text too long; an address that is not a link
    /// to the bot itself.
    pub(crate) fn answer_press(
        &mut self,
        bot: i64,
        id: &str,
        answer: Answered,
        now: i64,
    ) -> Result<(), ApiError> {
        self.expire(now);
        if answer.text.as_ref().is_some_and(|text| text.chars().count() > limits::CALLBACK_ANSWER) {
            return Err(error::CALLBACK_TEXT_TOO_LONG);
        }
        if let Some(url) = &answer.url
            && self.deep_link(url).is_none_or(|(to, _)| to != bot)
        {
            return Err(error::CALLBACK_URL);
        }
        let open = self.callbacks.get(&id.to_owned()).is_some_and(|c| c.bot == bot && c.answer.is_none());
        if !open {
            return Err(error::QUERY_TOO_OLD);
        }
        if let Some(callback) = self.callbacks.get_mut(&id.to_owned()) {
            callback.answer = Some(answer);
        }
        self.version += 1;
        Ok(())
    }

    /// What the person sees of the answer to a press; none while there is none.
    pub(crate) fn shown_answer(&self, id: &str) -> Option<Value> {
        let answer = self.callbacks.get(&id.to_owned())?.answer.as_ref()?;
        Some(match (&answer.url, &answer.text) {
            (Some(url), _) => self.opened(url),
            (None, Some(text)) if !text.is_empty() => {
                json!({"shown": if answer.alert { "alert" } else { "toast" }, "text": text})
            }
            (None, Some(_) | None) => json!({"shown": "nothing"}),
        })
    }
}

/// Bot API `chat_instance`: the same for all presses in one chat, and telling nothing else.
fn chat_instance(chat: ChatKey) -> String {
    let (a, b) = match chat {
        ChatKey::Pair(a, b) => (a, b),
        ChatKey::Group(id) => (id, 0),
    };
    let mixed =
        (a.wrapping_mul(6_364_136_223_846_793_005)).wrapping_add(b.wrapping_mul(1_442_695_040_888_963_407));
    mixed.to_string()
}
