//! What the bot says in Telegram, as plain data. Flows make it, the outbox keeps it, the Telegram side draws it.

use crate::incoming::{MessageRef, Place};
use chrono::{DateTime, Utc};
use domain::ids::{ChatId, UserId};
use serde::{Deserialize, Serialize};

/// A message's text and what hangs under it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Screen {
    /// Text in Telegram's HTML; every value in it is escaped.
    pub html: String,
    /// What hangs under it.
    pub keys: Keys,
    /// Telegram is asked not to let it be forwarded or copied.
    #[serde(default)]
    pub protect: bool,
    /// It arrives without a sound.
    #[serde(default)]
    pub silent: bool,
}

/// What hangs under a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Keys {
    /// Nothing.
    #[default]
    None,
    /// Buttons under the message, row by row.
    Inline(Vec<Vec<Key>>),
    /// Ask for an answer to this very message.
    ForceReply {
        /// What stands in the empty input field, 1 to 64 characters.
        placeholder: String,
    },
    /// Buttons in place of the keyboard, row by row; they go after one use.
    Pick(Vec<Vec<PickKey>>),
    /// Take such buttons away.
    RemovePick,
}

/// A button under a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What it says.
    pub label: String,
    /// What it does.
    pub does: KeyDoes,
}

/// What a button under a message does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyDoes {
    /// Tells the bot; 1 to 64 bytes.
    Press(String),
    /// Lets the person choose a private chat and types `@bot <query>` there.
    ChooseChat {
        /// What is typed behind the bot's name.
        query: String,
    },
    /// Types `@bot <query>` in this chat.
    TypeHere {
        /// What is typed behind the bot's name.
        query: String,
    },
    /// Opens an address.
    Open {
        /// The address.
        url: String,
    },
    /// Copies a text, 1 to 256 characters.
    Copy {
        /// The text.
        text: String,
    },
    /// Opens a web page inside Telegram, which learns who opened it (Bot API, `WebAppInfo`). Only in the person's own
    /// chat with the bot.
    WebApp {
        /// The page, by HTTPS.
        url: String,
    },
}

/// A button in place of the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PickKey {
    /// Opens Telegram's own picker of people.
    User {
        /// What it says.
        label: String,
        /// Comes back with the answer.
        request: i32,
    },
    /// Opens Telegram's own picker of groups (or channels) the bot is a member of.
    Chat {
        /// What it says.
        label: String,
        /// Comes back with the answer.
        request: i32,
        /// Channels instead of groups.
        channel: bool,
    },
    /// Sends the person's own phone number.
    Contact {
        /// What it says.
        label: String,
    },
    /// Sends its label as a text.
    Text {
        /// What it says.
        label: String,
    },
}

/// Something the bot does in Telegram because of an update or an event. All of them survive a crash in the outbox, save
/// the two answers, which are worth nothing later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outgoing {
    /// Sends a message.
    Send {
        /// To whom.
        chat: ChatId,
        /// What.
        screen: Screen,
        /// Keeps the number of the message under this name for this chat (`menu`, `prompt`), in place of an older one.
        remember: Option<String>,
    },
    /// Changes a message of the bot. Where it can't be changed any more, a new one is sent in its place.
    Edit {
        /// Where.
        message: MessageRef,
        /// To what.
        screen: Screen,
        /// As for [`Outgoing::Send`].
        remember: Option<String>,
    },
    /// Shows a screen as the message that is kept under this name: changes it where there is one, else sends it. Of two
    /// that wait only the later one is said. An inline message that is kept under the name is changed in its place.
    Show {
        /// Where.
        chat: ChatId,
        /// The name, for this chat.
        slot: String,
        /// What.
        screen: Screen,
        /// Not before this moment: an inline message may appear meanwhile, and then it is changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        not_before: Option<DateTime<Utc>>,
        /// How much it shows of what it is about, such as the events of a call: it is not shown over one that shows more.
        #[serde(default)]
        version: u32,
    },
    /// Posts where the bot may have lost its right to, and tells what came of it.
    Post {
        /// Where: a chat, a group or a channel.
        chat: ChatId,
        /// What.
        post: Posted,
        /// Said when it stands there.
        done: Vec<Outgoing>,
        /// Said in its place when Telegram refuses it for good.
        failed: Vec<Outgoing>,
    },
    /// Changes an inline message.
    EditInline {
        /// Which.
        inline_message: String,
        /// To what.
        screen: Screen,
    },
    /// Deletes a message. Already gone is as good.
    Delete {
        /// Which.
        message: MessageRef,
    },
    /// Answers a press.
    AnswerPress {
        /// The press.
        id: String,
        /// What to say, at most 200 characters; none only stops the spinner.
        text: Option<String>,
        /// As a window that has to be closed, and not as a toast.
        alert: bool,
        /// Opens a deep link to the bot itself: `t.me/<bot>?start=…`.
        url: Option<String>,
    },
    /// Answers an inline query: personal, and never cached.
    AnswerInline {
        /// The query.
        id: String,
        /// The results.
        results: Vec<InlineResult>,
        /// A button above the results that opens the chat with the bot.
        button: Option<InlineButton>,
    },
}

/// What is posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Posted {
    /// Words.
    Words(Screen),
    /// A sound out of the store of recordings; it leaves the store when it is posted.
    Sound {
        /// Its name in the store.
        reference: String,
        /// How long it is, in seconds.
        seconds: u32,
        /// What stands under it: at most 1024 characters.
        screen: Screen,
    },
}

/// One result of an inline query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineResult {
    /// 1 to 64 bytes; comes back when it is chosen.
    pub id: String,
    /// The first line.
    pub title: String,
    /// What was understood.
    pub description: String,
    /// The message that is sent.
    pub screen: Screen,
}

/// A button above the results of an inline query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineButton {
    /// What it says.
    pub label: String,
    /// The payload of `/start`, 1 to 64 of `A-Za-z0-9_-`.
    pub start: String,
}

impl Screen {
    /// The same for the chat of a service account. Telegram takes no keys there that open web pages inside it (Bot API,
    /// `InlineKeyboardButton.web_app`), and those that open a chat lead to this very one.
    #[must_use]
    pub fn for_service_chat(mut self) -> Self {
        let leads_away = |key: &Key| matches!(key.does, KeyDoes::WebApp { .. } | KeyDoes::Open { .. });
        if let Keys::Inline(rows) = &mut self.keys {
            rows.iter_mut().for_each(|row| row.retain(|key| !leads_away(key)));
            rows.retain(|row| !row.is_empty());
        }
        self
    }
}

impl Outgoing {
    /// The moment before which it is not to be said, if there is one.
    pub(crate) fn not_before(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Show { not_before, .. } => *not_before,
            Self::Send { .. }
            | Self::Edit { .. }
            | Self::Post { .. }
            | Self::EditInline { .. }
            | Self::Delete { .. }
            | Self::AnswerPress { .. }
            | Self::AnswerInline { .. } => None,
        }
    }

    /// How much it shows, where there may be others that show more.
    pub(crate) fn version(&self) -> u32 {
        match self {
            Self::Show { version, .. } => *version,
            Self::Send { .. }
            | Self::Edit { .. }
            | Self::Post { .. }
            | Self::EditInline { .. }
            | Self::Delete { .. }
            | Self::AnswerPress { .. }
            | Self::AnswerInline { .. } => 0,
        }
    }

    /// A new message to a person.
    #[must_use]
    pub fn to(user: UserId, screen: Screen) -> Self {
        Self::Send { chat: ChatId(user.0), screen, remember: None }
    }

    /// The screen in place of the one whose button was pressed.
    #[must_use]
    pub fn in_place(place: &Place, screen: Screen) -> Self {
        match place {
            Place::Chat(message) => Self::Edit { message: *message, screen, remember: None },
            Place::Inline(inline_message) => {
                Self::EditInline { inline_message: inline_message.clone(), screen }
            }
        }
    }
}
