//! People, bots and groups, and how they appear to bots and to people.

use super::commands::Profile;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A person with a Telegram account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) id: i64,
    pub(crate) first_name: String,
    pub(crate) last_name: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) language_code: String,
    pub(crate) phone: String,
    pub(crate) about: Option<String>,
}

/// A bot, and what it told Telegram about itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bot {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) first_name: String,
    pub(crate) username: String,
    /// Number of the next update; it only grows, also over restarts.
    pub(crate) next_update: i64,
    /// Kinds of updates the bot asked for; none: the usual ones. Sticky until set again.
    pub(crate) allowed: Option<BTreeSet<String>>,
    pub(crate) webhook: Option<Webhook>,
    pub(crate) logged_out: bool,
    pub(crate) profile: Profile,
    /// Inline messages chosen so far, from which the feedback percentage is dealt out evenly.
    pub(crate) chosen: i64,
}

/// Where a bot wants its updates delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) url: String,
    pub(crate) secret: Option<String>,
    pub(crate) max_connections: i64,
    pub(crate) last_error: Option<(i64, String)>,
}

/// A basic group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) id: i64,
    pub(crate) title: String,
    pub(crate) creator: i64,
    pub(crate) members: BTreeSet<i64>,
    pub(crate) bots: BTreeSet<i64>,
}

impl Person {
    pub(crate) fn name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }

    /// Bot API `User`.
    pub(crate) fn user(&self) -> Value {
        let mut user = self.names();
        user["id"] = self.id.into();
        user["is_bot"] = false.into();
        user["language_code"] = self.language_code.clone().into();
        user
    }

    /// Bot API `Chat` of the private chat with this person.
    pub(crate) fn chat(&self) -> Value {
        let mut chat = self.names();
        chat["id"] = self.id.into();
        chat["type"] = "private".into();
        chat
    }

    fn names(&self) -> Value {
        let mut names = json!({"first_name": self.first_name});
        if let Some(last) = &self.last_name {
            names["last_name"] = last.clone().into();
        }
        if let Some(username) = &self.username {
            names["username"] = username.clone().into();
        }
        names
    }
}

impl Bot {
    /// Bot API `User`.
    pub(crate) fn user(&self) -> Value {
        json!({"id": self.id, "is_bot": true, "first_name": self.profile.name("").unwrap_or(&self.first_name), "username": self.username})
    }

    /// Bot API `User` as getMe gives it.
    pub(crate) fn me(&self) -> Value {
        let mut me = self.user();
        for (field, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", true),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
        ] {
            me[field] = value.into();
        }
        me
    }

    /// Whether the bot asked for updates of this kind. Without a wish it gets all that this emulator makes.
    /// API, getUpdates, `allowed_updates`.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(kind))
    }
}

impl Group {
    /// Bot API `Chat`.
    pub(crate) fn chat(&self) -> Value {
        json!({"id": self.id, "type": "group", "title": self.title})
    }
}
