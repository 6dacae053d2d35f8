//! A message, and how a bot sees it.

use super::{
    World,
    chat::ChatKey,
    markup::{Inline, Markup},
};
use crate::text::Formatted;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A message in a chat. Its number is the same for everybody.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: i64,
    pub(crate) chat: ChatKey,
    pub(crate) from: i64,
    pub(crate) date: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) content: Content,
    pub(crate) via_bot: Option<i64>,
    /// How the bot names a message that was sent through it and has buttons.
    pub(crate) inline_id: Option<String>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) protected: bool,
    pub(crate) markup: Option<Markup>,
}

/// What a message carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Content {
    Text(Formatted),
    File { kind: FileKind, file: String, caption: Formatted },
    Contact(Contact),
    UsersShared { request: i64, users: Vec<Value>, ids: Vec<i64> },
    ChatShared { request: i64, shared: Value, id: i64 },
}

/// The kinds of files that are emulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FileKind {
    Document,
    Photo,
    Audio,
    Voice,
}

impl FileKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Photo => "photo",
            Self::Audio => "audio",
            Self::Voice => "voice",
        }
    }
}

/// A card with a phone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) phone: String,
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) user: Option<i64>,
    pub(crate) vcard: Option<String>,
}

impl Message {
    /// The text, or the caption of a file.
    pub(crate) fn text(&self) -> Option<&Formatted> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::File { caption, .. } => Some(caption),
            Content::Contact(_) | Content::UsersShared { .. } | Content::ChatShared { .. } => None,
        }
    }

    /// The buttons under the message.
    pub(crate) fn inline(&self) -> Option<&Inline> {
        match &self.markup {
            Some(Markup::Inline(inline)) => Some(inline),
            Some(Markup::Keyboard(_) | Markup::Remove | Markup::ForceReply { .. }) | None => None,
        }
    }

    /// A reply keyboard or a forced reply: such a message can never be edited.
    pub(crate) fn is_fixed(&self) -> bool {
        matches!(self.markup, Some(Markup::Keyboard(_) | Markup::ForceReply { .. }))
    }
}

impl World {
    /// Bot API `User` of a person or bot.
    pub(crate) fn user_json(&self, id: i64) -> Value {
        let person = self.people.get(&id).map(super::people::Person::user);
        person.or_else(|| self.bots.get(&id).map(super::people::Bot::user)).unwrap_or(Value::Null)
    }

    /// Bot API `Chat` as this bot sees it.
    pub(crate) fn chat_json(&self, bot: i64, chat: ChatKey) -> Value {
        let id = chat.seen_by(bot);
        let person = self.people.get(&id).map(super::people::Person::chat);
        person.or_else(|| self.groups.get(&id).map(super::people::Group::chat)).unwrap_or(Value::Null)
    }

    /// Bot API `Message` as this bot sees it.
    pub(crate) fn message_json(&self, bot: i64, message: &Message) -> Value {
        let mut out = self.message_without_reply(bot, message);
        if let Some(original) = message.reply_to.and_then(|id| self.messages.get(&id)) {
            out["reply_to_message"] = self.message_without_reply(bot, original);
        }
        out
    }

    fn message_without_reply(&self, bot: i64, message: &Message) -> Value {
        let mut out = json!({
            "message_id": message.id,
            "from": self.user_json(message.from),
            "chat": self.chat_json(bot, message.chat),
            "date": message.date,
        });
        if let Some(edited) = message.edited {
            out["edit_date"] = edited.into();
        }
        if let Some(via) = message.via_bot {
            out["via_bot"] = self.user_json(via);
        }
        if message.protected {
            out["has_protected_content"] = true.into();
        }
        if let Some(inline) = message.inline() {
            out["reply_markup"] = inline.json();
        }
        self.content_json(&message.content, &mut out);
        out
    }

    fn content_json(&self, content: &Content, out: &mut Value) {
        match content {
            Content::Text(text) => {
                out["text"] = text.text.clone().into();
                if !text.entities.is_empty() {
                    out["entities"] = json!(text.entities);
                }
            }
            Content::File { kind, file, caption } => {
                out[kind.name()] = self.file_json(*kind, file);
                if !caption.text.is_empty() {
                    out["caption"] = caption.text.clone().into();
                }
                if !caption.entities.is_empty() {
                    out["caption_entities"] = json!(caption.entities);
                }
            }
            Content::Contact(contact) => {
                let mut card = json!({"phone_number": contact.phone, "first_name": contact.first_name});
                for (field, value) in [("last_name", &contact.last_name), ("vcard", &contact.vcard)] {
                    if let Some(value) = value {
                        card[field] = value.clone().into();
                    }
                }
                if let Some(user) = contact.user {
                    card["user_id"] = user.into();
                }
                out["contact"] = card;
            }
            Content::UsersShared { request, users, .. } => {
                out["users_shared"] = json!({"request_id": request, "users": users});
            }
            Content::ChatShared { shared, .. } => out["chat_shared"] = shared.clone(),
        }
    }
}
