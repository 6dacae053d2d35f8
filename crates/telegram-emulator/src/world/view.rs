//! What a person sees; `docs/emulator.md` has the shapes.

use super::{
    World,
    chat::{ActError, ChatKey},
    markup::{Does, InlineButton, KeyboardButton, Markup, Requests},
    message::{Content, Message},
};
use crate::text::render;
use serde_json::{Value, json};

impl World {
    /// A person, for the list of people.
    pub(crate) fn person_view(&self, id: i64) -> Value {
        let Some(person) = self.people.get(&id) else { return Value::Null };
        let mut out = person.user();
        out["name"] = person.name().into();
        out["phone"] = person.phone.clone().into();
        if let Some(about) = &person.about {
            out["about"] = about.clone().into();
        }
        out
    }

    /// A bot, for the list of bots.
    pub(crate) fn bot_view(&self, id: i64) -> Value {
        let mut out = self.user_json(id);
        out["name"] = out["first_name"].clone();
        out
    }

    fn short(&self, id: i64) -> Value {
        let user = self.user_json(id);
        let mut out = json!({"id": id, "name": self.title(id), "is_bot": user["is_bot"]});
        if let Some(username) = user.get("username") {
            out["username"] = username.clone();
        }
        out
    }

    /// How a person, bot or group is called on the screen.
    pub(crate) fn title(&self, id: i64) -> String {
        if let Some(person) = self.people.get(&id) {
            return person.name();
        }
        if let Some(group) = self.groups.get(&id) {
            return group.title.clone();
        }
        self.user_json(id)["first_name"].as_str().unwrap_or_default().to_owned()
    }

    /// The list of chats, newest first.
    pub(crate) fn chats_view(&self, person: i64) -> Value {
        let people = self.people.values().map(|p| p.id).filter(|id| *id != person);
        let bots = self.bots.values().map(|bot| bot.id);
        let pairs = people.chain(bots).map(|other| ChatKey::of(person, other));
        let groups =
            self.groups.values().filter(|g| g.members.contains(&person)).map(|g| ChatKey::Group(g.id));
        let mut chats: Vec<ChatKey> = pairs.chain(groups).collect();
        let last = |chat: &ChatKey| self.dialogs.get(chat).map_or(0, |dialog| dialog.last);
        // Before the first message, bots stand above people.
        chats.sort_by_key(|chat| std::cmp::Reverse((last(chat), self.bot_in(*chat).is_some())));
        chats.into_iter().map(|chat| self.chat_entry(person, chat)).collect()
    }

    /// One entry of the list.
    pub(crate) fn chat_entry(&self, person: i64, chat: ChatKey) -> Value {
        let id = chat.seen_by(person);
        let dialog = self.dialogs.get(&chat).cloned().unwrap_or_default();
        let bot = self.bot_in(chat);
        let kind = match chat {
            ChatKey::Group(_) => "group",
            ChatKey::Pair(..) if bot.is_some() => "bot",
            ChatKey::Pair(..) => "person",
        };
        let unread = dialog.unread.get(&person).copied().unwrap_or_default();
        let mut out = json!({"chat": id, "kind": kind, "title": self.title(id), "unread": unread});
        if let Some(username) = self.user_json(id).get("username") {
            out["username"] = username.clone();
        }
        if bot.is_some() {
            out["started"] = dialog.started.into();
            out["blocked"] = dialog.blocked.into();
        }
        if let Some(last) = self.messages.get(&dialog.last) {
            out["last"] = json!({
                "id": format!("m{}", last.id), "date": last.date, "from": last.from,
                "outgoing": last.from == person, "text": self.preview(person, last),
            });
        }
        out
    }

    fn preview(&self, person: i64, message: &Message) -> String {
        match &message.content {
            Content::Text(text) if hides_payload(person, message) => text.text[..START.len()].to_owned(),
            Content::Text(text) => text.text.clone(),
            Content::File { caption, .. } if !caption.text.is_empty() => caption.text.clone(),
            Content::File { file, .. } => {
                self.files.get(file).map_or(String::new(), |file| file.name.clone())
            }
            Content::Contact(contact) => contact.first_name.clone(),
            Content::UsersShared { .. } | Content::ChatShared { .. } => {
                self.service(person, message).unwrap_or_default()
            }
        }
    }

    fn service(&self, person: i64, message: &Message) -> Option<String> {
        let names = |ids: &[i64]| ids.iter().map(|id| self.title(*id)).collect::<Vec<_>>().join(", ");
        let shared = match &message.content {
            Content::UsersShared { ids, .. } => names(ids),
            Content::ChatShared { id, .. } => names(&[*id]),
            Content::Text(_) | Content::File { .. } | Content::Contact(_) => return None,
        };
        let who = if message.from == person { "You".to_owned() } else { self.title(message.from) };
        Some(format!("{who} shared {shared} with {}", self.title(message.chat.seen_by(message.from))))
    }

    /// A chat as this person sees it: the newest messages, oldest first.
    pub(crate) fn chat_view(&self, person: i64, chat: ChatKey, limit: usize) -> Value {
        let dialog = self.dialogs.get(&chat).cloned().unwrap_or_default();
        let mut messages: Vec<Value> = self
            .messages
            .values()
            .rev()
            .filter(|message| message.chat == chat)
            .take(limit)
            .map(|message| self.message_view(person, message))
            .collect();
        messages.reverse();
        let mut out = json!({
            "version": dialog.version, "chat": self.chat_entry(person, chat), "messages": messages,
        });
        if let Some(bot) = self.bot_in(chat) {
            out["bot"] = self.bot_header(bot, person);
        }
        if let Some(message) = dialog.keyboard.and_then(|id| self.messages.get(&id)) {
            out["reply_keyboard"] = self.keyboard_view(person, message);
        }
        if let Some(message) = dialog.force_reply.and_then(|id| self.messages.get(&id)) {
            let mut force = json!({"message": format!("m{}", message.id)});
            if let Some(Markup::ForceReply { placeholder: Some(text) }) = &message.markup {
                force["placeholder"] = text.clone().into();
            }
            out["force_reply"] = force;
        }
        out
    }

    /// The version of a chat.
    pub(crate) fn chat_version(&self, chat: ChatKey) -> u64 {
        self.dialogs.get(&chat).map_or(0, |dialog| dialog.version)
    }

    /// One message as this person sees it.
    pub(crate) fn message_view(&self, person: i64, message: &Message) -> Value {
        let mut out = json!({
            "id": format!("m{}", message.id), "chat": message.chat.seen_by(person), "date": message.date,
            "from": self.short(message.from), "outgoing": message.from == person,
        });
        if let Some(edited) = message.edited {
            out["edited"] = edited.into();
        }
        if let Some(via) = message.via_bot {
            out["via_bot"] = self.short(via);
        }
        if message.protected {
            out["protected"] = true.into();
        }
        if let Some(original) = message.reply_to.and_then(|id| self.messages.get(&id)) {
            out["reply_to"] = json!({
                "id": format!("m{}", original.id), "name": self.title(original.from),
                "text": self.preview(person, original),
            });
        }
        if let Some(text) = message.text() {
            let shown =
                if hides_payload(person, message) { &crate::text::Formatted::plain(START) } else { text };
            out["text"] = shown.text.clone().into();
            out["html"] = render::html(shown).into();
            if !shown.entities.is_empty() {
                out["entities"] = json!(shown.entities);
            }
        }
        if let Some(service) = self.service(person, message) {
            out["service"] = service.into();
        }
        self.attachment_view(message, &mut out);
        if let Some(inline) = message.inline() {
            out["buttons"] = rows(&inline.0, |button| self.inline_view(person, button));
        }
        out
    }

    fn attachment_view(&self, message: &Message, out: &mut Value) {
        if let Content::File { kind, file, .. } = &message.content
            && let Some(stored) = self.files.get(file)
        {
            out[kind.name()] = json!({
                "file_id": file, "name": stored.name, "mime": stored.mime, "size": stored.bytes.len(),
                "url": format!("/sim/files/{file}"),
            });
            if stored.duration > 0 {
                out[kind.name()]["duration"] = stored.duration.into();
            }
        }
        if let Content::Contact(contact) = &message.content {
            let last = contact.last_name.as_ref().map_or(String::new(), |last| format!(" {last}"));
            out["contact"] = json!({"phone": contact.phone, "name": format!("{}{last}", contact.first_name)});
            if let Some(user) = contact.user {
                out["contact"]["user"] = user.into();
            }
        }
    }

    fn inline_view(&self, person: i64, button: &InlineButton) -> Value {
        let mut out = json!({"text": button.text});
        let kind = match &button.does {
            Does::Callback(_) => "callback",
            Does::Url(url) => {
                out["url"] = url.clone().into();
                "url"
            }
            Does::Copy(_) => "copy",
            Does::WebApp(_) => "web_app",
            Does::Switch(_) => "switch_inline",
            Does::SwitchHere(_) => "switch_inline_current",
            Does::SwitchChosen { users, bots, groups, .. } => {
                out["choose_from"] = json!(self.inline_chats(person, [*users, *bots, *groups]));
                "switch_inline_chosen"
            }
        };
        finished(out, kind, button.style.as_ref())
    }

    fn keyboard_view(&self, person: i64, message: &Message) -> Value {
        let Some(Markup::Keyboard(keyboard)) = &message.markup else { return Value::Null };
        let button = |button: &KeyboardButton| {
            let mut out = json!({"text": button.text});
            let kind = match &button.does {
                Requests::Text => "text",
                Requests::Contact => "request_contact",
                Requests::Users { max, .. } => {
                    out["max"] = (*max).into();
                    out["choose_from"] = json!(self.picker(person, message.chat, &button.does));
                    "request_users"
                }
                Requests::Chat { .. } => {
                    out["choose_from"] = json!(self.picker(person, message.chat, &button.does));
                    "request_chat"
                }
            };
            finished(out, kind, button.style.as_ref())
        };
        let mut out = json!({
            "message": format!("m{}", message.id), "one_time": keyboard.one_time, "resize": keyboard.resize,
            "persistent": keyboard.persistent, "buttons": rows(&keyboard.rows, button),
        });
        if let Some(placeholder) = &keyboard.placeholder {
            out["placeholder"] = placeholder.clone().into();
        }
        out
    }

    /// The choices of a switch-to-inline button, when a person has picked a chat.
    ///
    /// # Errors
    ///
    /// A chat that the button does not offer.
    pub(crate) fn switched(
        &self,
        person: i64,
        message: &Message,
        button: &InlineButton,
        chat: i64,
    ) -> Result<Value, ActError> {
        let (query, kinds) = match &button.does {
            Does::SwitchChosen { query, users, bots, groups, .. } => (query, [*users, *bots, *groups]),
            Does::Switch(query) => (query, [true, true, true]),
            Does::Callback(_) | Does::Url(_) | Does::Copy(_) | Does::WebApp(_) | Does::SwitchHere(_) => {
                return Err(super::chat::refused("this button has no picker: press it"));
            }
        };
        if !self.inline_chats(person, kinds).contains(&chat) {
            return Err(super::chat::refused(format!("the picker does not offer {chat}")));
        }
        let bot = message.via_bot.unwrap_or(message.from);
        let name = self.bots.get(&bot).map_or("", |bot| bot.username.as_str());
        Ok(json!({"shown": "inline", "chat": chat, "bot": bot, "query": format!("@{name} {query}")}))
    }
}

const START: &str = "/start";

/// The person who followed a deep link sees only "/start".
fn hides_payload(person: i64, message: &Message) -> bool {
    let text = message.text().map_or("", |text| text.text.as_str());
    message.from == person && text.strip_prefix(START).is_some_and(|rest| rest.starts_with(' '))
}

fn finished(mut out: Value, kind: &str, style: Option<&String>) -> Value {
    out["kind"] = kind.into();
    if let Some(style) = style {
        out["style"] = style.clone().into();
    }
    out
}

fn rows<B>(rows: &[Vec<B>], view: impl Fn(&B) -> Value) -> Value {
    let with_id = |(row, buttons): (usize, &Vec<B>)| -> Value {
        let button = |(column, button): (usize, &B)| {
            let mut out = view(button);
            out["id"] = format!("{row}.{column}").into();
            out
        };
        buttons.iter().enumerate().map(button).collect()
    };
    rows.iter().enumerate().map(with_id).collect()
}
