//! The world: people, bots, chats and what waits for whom. It does no input or output and never asks for the time:
//! `now` is handed in, in Unix seconds of the emulated clock.

pub(crate) mod chat;
pub(crate) mod commands;
pub(crate) mod editing;
pub(crate) mod files;
pub(crate) mod inline;
pub(crate) mod markup;
pub(crate) mod message;
pub(crate) mod people;
pub(crate) mod person_acts;
pub(crate) mod press;
pub(crate) mod sending;
pub(crate) mod table;
pub(crate) mod updates;
pub(crate) mod view;
pub(crate) mod web_app;

use crate::{
    calls::{Calls, Terms},
    mtproto::mailbox::Mail,
};
use chat::{ChatKey, Dialog};
use people::{Bot, Group, Person};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use table::{Change, Rows, Table};

/// Everything there is.
pub(crate) struct World {
    pub(crate) people: Table<i64, Person>,
    pub(crate) bots: Table<i64, Bot>,
    pub(crate) groups: Table<i64, Group>,
    pub(crate) messages: Table<i64, message::Message>,
    pub(crate) dialogs: Table<ChatKey, Dialog>,
    pub(crate) pending: Table<(i64, i64), updates::Pending>,
    pub(crate) callbacks: Table<String, press::Callback>,
    pub(crate) files: Table<String, files::StoredFile>,
    meta: Table<u8, Meta>,

    // What a client or a server keeps for minutes at most is not written to disk.
    pub(crate) inline_queries: Table<String, inline::Query>,
    pub(crate) inline_cache: Table<inline::CacheKey, inline::Answer>,
    pub(crate) shown: Table<inline::ShownKey, inline::Answer>,
    /// Answers on their way to whoever typed.
    pub(crate) inline_answered: BTreeMap<String, inline::Answer>,
    /// Choices held back until the next press, by the switch for it.
    pub(crate) held: Vec<(i64, i64, Value)>,
    /// When each chat and each bot was written to, for pacing: sends left and when that was so.
    pub(crate) paces: BTreeMap<(i64, Option<ChatKey>), (f64, i64)>,
    /// Phone calls, which a restart ends.
    pub(crate) calls: Calls,
    /// What is new in people's private chats, for those who are signed in as clients; taken by the shell after each act.
    pub(crate) mail: Vec<(i64, Mail)>,
    /// The connection whose doing it is: it is told by the answer to its request.
    pub(crate) made_by: Option<u64>,
    /// What changed, for whoever watches; taken by the shell after each act.
    pub(crate) happened: Vec<Happening>,
    /// Grows with every change.
    pub(crate) version: u64,
    saved_version: u64,
    /// When the world was last rid of what is too old.
    expired_at: i64,
}

/// Something that a page wants to know at once.
#[derive(Debug, Clone)]
pub(crate) enum Happening {
    /// A chat changed; without one, the lists did.
    Change { version: u64, chat: Option<ChatKey> },
    /// A bot says that it is at work.
    Typing { chat: ChatKey, bot: i64, action: String },
}

/// Counters and switches.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub(crate) next_id: i64,
    pub(crate) next_group: i64,
    pub(crate) version: u64,
    pub(crate) clock_offset: i64,
    pub(crate) clock_version: u64,
    pub(crate) settings: Settings,
}

/// Switches for tests; `docs/emulator.md`, "Switches".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How many choices of inline results are told to the bot, 0 to 100.
    pub inline_feedback_percent: i64,
    /// Tell of a choice only after the next press.
    pub chosen_result_after_next_press: bool,
    /// Refuse with 429 what goes faster than Telegram likes.
    pub pacing: bool,
    /// Offer groups for inline messages.
    pub inline_in_groups: bool,
    /// How many seconds a call rings before it is missed.
    pub call_ring_seconds: u32,
    /// The part of signalling packets that get lost, 0 to 1.
    pub signalling_loss: f64,
    /// The part of signalling packets that come twice, 0 to 1.
    pub signalling_duplication: f64,
    /// Decides which packets are lost or come twice; begins anew whenever settings are changed.
    pub signalling_seed: u64,
    /// The part of datagrams that the reflector loses, 0 to 1.
    pub reflector_loss: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            inline_feedback_percent: 100,
            chosen_result_after_next_press: false,
            pacing: false,
            inline_in_groups: true,
            call_ring_seconds: 90,
            signalling_loss: 0.0,
            signalling_duplication: 0.0,
            signalling_seed: 0,
            reflector_loss: 0.0,
        }
    }
}

impl Settings {
    /// What calls go by.
    pub(crate) fn terms(&self) -> Terms {
        Terms {
            ring: i64::from(self.call_ring_seconds),
            loss: self.signalling_loss,
            duplication: self.signalling_duplication,
        }
    }

    /// What is wrong with them, in a sentence.
    pub(crate) fn wrong(&self) -> Option<&'static str> {
        if !(0..=100).contains(&self.inline_feedback_percent) {
            return Some("inline_feedback_percent is 0 to 100");
        }
        let parts = [self.signalling_loss, self.signalling_duplication, self.reflector_loss];
        let all_parts = parts.iter().all(|part| (0.0..=1.0).contains(part));
        (!all_parts).then_some("signalling_loss, signalling_duplication and reflector_loss are 0 to 1")
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self {
            people: Table::new("people"),
            bots: Table::new("bots"),
            groups: Table::new("groups"),
            messages: Table::new("messages"),
            dialogs: Table::new("dialogs"),
            pending: Table::new("pending"),
            callbacks: Table::new("callbacks"),
            files: Table::new("files"),
            meta: Table::new("meta"),
            inline_queries: Table::new("inline_queries"),
            inline_cache: Table::new("inline_cache"),
            shown: Table::new("shown"),
            inline_answered: BTreeMap::new(),
            held: Vec::new(),
            paces: BTreeMap::new(),
            calls: Calls::new(Settings::default().terms(), Settings::default().signalling_seed),
            mail: Vec::new(),
            made_by: None,
            happened: Vec::new(),
            version: 0,
            saved_version: 0,
            expired_at: 0,
        };
        world.meta.insert(0, Meta::default());
        world
    }

    fn tables(&mut self) -> [&mut dyn Rows; 9] {
        [
            &mut self.people,
            &mut self.bots,
            &mut self.groups,
            &mut self.messages,
            &mut self.dialogs,
            &mut self.pending,
            &mut self.callbacks,
            &mut self.files,
            &mut self.meta,
        ]
    }

    /// The rows changed since the last call.
    pub(crate) fn changes(&mut self) -> serde_json::Result<Vec<Change>> {
        if self.version != self.saved_version {
            self.saved_version = self.version;
            self.meta_mut().version = self.saved_version;
        }
        self.inline_queries.forget_changes();
        self.inline_cache.forget_changes();
        self.shown.forget_changes();
        let mut out = Vec::new();
        for table in self.tables() {
            table.drain(&mut out)?;
        }
        Ok(out)
    }

    /// Every row, for a fresh journal.
    pub(crate) fn everything(&mut self) -> serde_json::Result<Vec<Change>> {
        let mut out = Vec::new();
        for table in self.tables() {
            table.everything(&mut out)?;
        }
        Ok(out)
    }

    /// Takes a row back from disk.
    pub(crate) fn restore(&mut self, (name, key, row): Change) -> serde_json::Result<()> {
        for table in self.tables() {
            if table.name() == name {
                table.restore(key, row)?;
                break;
            }
        }
        self.version = self.meta().version;
        self.saved_version = self.version;
        Ok(())
    }

    pub(crate) fn meta(&self) -> &Meta {
        self.meta.get(&0).expect("the row of counters is made with the world and never removed")
    }

    pub(crate) fn meta_mut(&mut self) -> &mut Meta {
        self.meta.entry(0)
    }

    /// The next number; messages, files and queries share the sequence. It stays below 2^31, since client libraries
    /// read message numbers as 32 bits.
    pub(crate) fn next_id(&mut self) -> i64 {
        let meta = self.meta_mut();
        meta.next_id += 1;
        meta.next_id
    }

    pub(crate) fn next_version(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    /// Tells the clients of everybody in a private chat.
    pub(crate) fn tell_clients(&mut self, chat: ChatKey, mail: Mail) {
        if let ChatKey::Pair(..) = chat {
            let (people, _) = self.members(chat);
            self.mail.extend(people.into_iter().map(|person| (person, mail)));
        }
    }

    /// Goes by these switches from here on.
    pub(crate) fn set_settings(&mut self, settings: Settings) {
        self.calls.set_terms(settings.terms(), settings.signalling_seed);
        self.meta_mut().settings = settings;
    }

    /// Says that the lists of people and chats changed.
    pub(crate) fn touch_lists(&mut self) {
        let version = self.next_version();
        self.happened.push(Happening::Change { version, chat: None });
    }
}

#[cfg(test)]
pub(crate) mod tests;
