//! What a person did in Telegram, as plain data. The Telegram side makes it; flows and tests read it.

use domain::ids::{ChatId, UserId};
use std::fmt;

/// One update that the bot acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Telegram's number of the update. The effect of one update is exactly once.
    pub update: u32,
    /// Who did it, as Telegram vouches for. Never a bot.
    pub from: From,
    /// What was done.
    pub act: Act,
}

/// A person as an update shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct From {
    /// Telegram's id.
    pub id: UserId,
    /// First and last name.
    pub name: String,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
    /// The language of the person's app: an IETF tag such as `ru` or `en-US`.
    pub language_code: Option<String>,
}

/// What a person did.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Wrote a text to the bot in private; commands too. It may be a secret.
    Text {
        /// The message.
        message: MessageRef,
        /// What was written.
        text: String,
        /// The message it answers.
        reply_to: Option<i32>,
    },
    /// Sent a contact.
    Contact {
        /// The message.
        message: MessageRef,
        /// Every phone number in it; more than one where the card has several.
        phones: Vec<String>,
    },
    /// Sent a file; the Telegram side has fetched it if it is text of at most 256 KiB.
    TextFile {
        /// The message.
        message: MessageRef,
        /// The file's name.
        name: String,
        /// What is in it; none when it is too large or not text. It may hold secrets.
        content: Option<String>,
    },
    /// Pressed a button under a message of the bot in a chat with the bot, or under an inline message anywhere.
    Press {
        /// To answer it by.
        id: String,
        /// Where the button is.
        place: Place,
        /// What the button says. Never trusted: a client may send anything.
        data: String,
    },
    /// Is typing an inline query. Each pause in typing is one; it may hold a password.
    InlineQuery {
        /// To answer it by.
        id: String,
        /// What stands behind the bot's name.
        query: String,
        /// The kind of chat it is typed in, where Telegram tells.
        chat: Option<ChatKind>,
    },
    /// Sent an inline result; the query is not passed on, since it may hold a password.
    ChosenInline {
        /// The result's id, as the bot gave it.
        result: String,
        /// The message, where it has a keyboard.
        inline_message: Option<String>,
    },
    /// Picked people with Telegram's own picker.
    UsersShared {
        /// The message.
        message: MessageRef,
        /// The number of the request, as the bot gave it.
        request: i32,
        /// Who was picked, with the names Telegram gives.
        users: Vec<SharedUser>,
    },
    /// Picked a chat with Telegram's own picker.
    ChatShared {
        /// The message.
        message: MessageRef,
        /// The number of the request, as the bot gave it.
        request: i32,
        /// What was picked.
        chat: ChatId,
        /// Its title, where Telegram gives it.
        title: Option<String>,
    },
    /// Blocked the bot, or let it in again.
    Reach {
        /// Whether the bot may write to the person.
        reachable: bool,
    },
    /// Something the bot has no use for (a sticker, a message in a group, …).
    Other,
}

impl fmt::Debug for Act {
    /// Names what was done and never what was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text { .. } => "Text(…)",
            Self::Contact { .. } => "Contact(…)",
            Self::TextFile { .. } => "TextFile(…)",
            Self::Press { .. } => "Press(…)",
            Self::InlineQuery { .. } => "InlineQuery(…)",
            Self::ChosenInline { .. } => "ChosenInline(…)",
            Self::UsersShared { .. } => "UsersShared(…)",
            Self::ChatShared { .. } => "ChatShared(…)",
            Self::Reach { .. } => "Reach(…)",
            Self::Other => "Other",
        })
    }
}

/// A message in a private chat with the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MessageRef {
    /// The chat.
    pub chat: ChatId,
    /// The message's number in the chat.
    pub id: i32,
}

/// Where a pressed button is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Under a message of the bot in a chat with the bot.
    Chat(MessageRef),
    /// Under an inline message; the bot sees no chat.
    Inline(String),
}

/// The kind of chat an inline query is typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// The person's chat with the bot itself.
    Bot,
    /// A private chat between two people.
    Private,
    /// A group or a channel.
    Other,
}

/// A person picked with Telegram's own picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedUser {
    /// Telegram's id.
    pub id: UserId,
    /// First and last name, where asked for.
    pub name: Option<String>,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
}
