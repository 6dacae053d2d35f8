//! Conversations: which there are, who is in them, and what they look like to each side.

use super::World;
use crate::error::{self, ApiError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A conversation. Two people, a person and a bot, or a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) enum ChatKey {
    /// Between two; the smaller id first.
    Pair(i64, i64),
    /// A group, by its negative id.
    Group(i64),
}

impl ChatKey {
    pub(crate) fn of(a: i64, b: i64) -> Self {
        Self::Pair(a.min(b), a.max(b))
    }

    /// The chat's id as this member knows it: the other's id, or the group's.
    pub(crate) fn seen_by(self, member: i64) -> i64 {
        match self {
            Self::Pair(a, b) if a == member => b,
            Self::Pair(a, _) => a,
            Self::Group(id) => id,
        }
    }
}

/// What is kept about a conversation beside its messages.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Dialog {
    /// The person pressed Start (chats with a bot).
    pub(crate) started: bool,
    /// The person blocked the bot.
    pub(crate) blocked: bool,
    /// The message whose reply keyboard is on the screen.
    pub(crate) keyboard: Option<i64>,
    /// The message that an answer is forced to.
    pub(crate) force_reply: Option<i64>,
    /// Messages not read yet, by person.
    pub(crate) unread: BTreeMap<i64, u32>,
    /// The world's version at the last change.
    pub(crate) version: u64,
    /// Number of the newest message, for the order of the chat list.
    pub(crate) last: i64,
}

/// Why a person's act cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ActError {
    /// No such person, chat, message or button.
    #[error("{0}")]
    Missing(String),
    /// It is there, and it cannot be done so.
    #[error("{0}")]
    Refused(String),
    /// The bot is blocked or was not started yet.
    #[error("{0}")]
    Closed(String),
}

pub(crate) fn missing(what: impl Into<String>) -> ActError {
    ActError::Missing(what.into())
}

pub(crate) fn refused(what: impl Into<String>) -> ActError {
    ActError::Refused(what.into())
}

impl World {
    /// Who is meant by an id or a user name.
    pub(crate) fn resolve(&self, who: &str) -> Option<i64> {
        let who = who.trim().trim_start_matches('@');
        if let Ok(id) = who.parse::<i64>() {
            let known = self.people.contains(&id) || self.bots.contains(&id) || self.groups.contains(&id);
            return known.then_some(id);
        }
        let same = |name: &str| name.eq_ignore_ascii_case(who);
        let person = self.people.values().find(|p| p.username.as_deref().is_some_and(same)).map(|p| p.id);
        person.or_else(|| self.bots.values().find(|b| same(&b.username)).map(|b| b.id))
    }

    /// The person who acts.
    pub(crate) fn person(&self, who: &str) -> Result<i64, ActError> {
        self.resolve(who)
            .filter(|id| self.people.contains(id))
            .ok_or_else(|| missing(format!("there is no person {who}")))
    }

    /// The bot that is meant.
    pub(crate) fn bot_named(&self, who: &str) -> Result<i64, ActError> {
        self.resolve(who)
            .filter(|id| self.bots.contains(id))
            .ok_or_else(|| missing(format!("there is no bot {who}")))
    }

    /// The chat that a person means.
    pub(crate) fn chat_of(&self, person: i64, chat: &str) -> Result<ChatKey, ActError> {
        let other = self.resolve(chat).ok_or_else(|| missing(format!("there is no chat {chat}")))?;
        match self.groups.get(&other) {
            Some(group) if group.members.contains(&person) => Ok(ChatKey::Group(other)),
            Some(_) => Err(missing(format!("there is no chat {chat}"))),
            None if other == person => Err(refused("a chat with oneself is not emulated")),
            None => Ok(ChatKey::of(person, other)),
        }
    }

    /// The bot on one side of a private chat.
    pub(crate) fn bot_in(&self, chat: ChatKey) -> Option<i64> {
        match chat {
            ChatKey::Pair(a, b) => [a, b].into_iter().find(|id| self.bots.contains(id)),
            ChatKey::Group(_) => None,
        }
    }

    /// Everybody in a chat: people first, bots after them.
    pub(crate) fn members(&self, chat: ChatKey) -> (Vec<i64>, Vec<i64>) {
        match chat {
            ChatKey::Pair(a, b) => [a, b].into_iter().partition(|id| self.people.contains(id)),
            ChatKey::Group(id) => self.groups.get(&id).map_or_else(Default::default, |group| {
                (group.members.iter().copied().collect(), group.bots.iter().copied().collect())
            }),
        }
    }

    /// Whether this person or bot may see the chat.
    pub(crate) fn is_in(&self, chat: ChatKey, member: i64) -> bool {
        let (people, bots) = self.members(chat);
        people.contains(&member) || bots.contains(&member)
    }

    /// A chat in which a bot may write now.
    ///
    /// # Errors
    ///
    /// Telegram's 400 and 403 for a chat that is unknown, never started, blocked or left.
    pub(crate) fn reachable(&self, bot: i64, chat: i64) -> Result<ChatKey, ApiError> {
        let key = self.known_chat(bot, chat)?;
        if let ChatKey::Group(_) = key {
            return if self.is_in(key, bot) { Ok(key) } else { Err(error::FORBIDDEN_NOT_A_MEMBER) };
        }
        match self.dialogs.get(&key) {
            Some(dialog) if dialog.blocked => Err(error::FORBIDDEN_BLOCKED),
            Some(dialog) if dialog.started => Ok(key),
            Some(_) | None => Err(error::FORBIDDEN_INITIATE),
        }
    }

    /// A chat that a bot names, whether it may write there or not.
    pub(crate) fn known_chat(&self, bot: i64, chat: i64) -> Result<ChatKey, ApiError> {
        if self.groups.contains(&chat) {
            Ok(ChatKey::Group(chat))
        } else if self.bots.contains(&chat) {
            Err(error::FORBIDDEN_BOT)
        } else if self.people.contains(&chat) {
            Ok(ChatKey::of(bot, chat))
        } else {
            Err(error::CHAT_NOT_FOUND)
        }
    }

    /// Says that people in this chat see something new.
    pub(crate) fn touch(&mut self, chat: ChatKey) {
        let version = self.next_version();
        self.dialogs.entry(chat).version = version;
        self.happened.push(super::Happening::Change { version, chat: Some(chat) });
    }
}
