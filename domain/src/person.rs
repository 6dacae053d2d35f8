//! A person whom the bot has met.

use crate::sealed::Sealed;
use serde::{Deserialize, Serialize};

/// A language of the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English; what everybody else gets.
    #[default]
    En,
    /// Russian.
    Ru,
}

// NOTE: these names and fields ARE the stored format. See docs/events.md before touching them.
/// What happened to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// The bot learnt what a person is called; recorded when it changes. Sealed under the person's own key.
    PersonNamed {
        /// First and last name.
        name: Sealed,
        /// Telegram's `@name`, without the `@`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        username: Option<Sealed>,
        /// A fingerprint of both, so that an unchanged name is not recorded again without opening it.
        fingerprint: String,
    },
    /// The person chose a language.
    LanguageChosen {
        /// The language.
        language: Language,
    },
    /// Calls are placed by ringing the person first.
    CallbackModeSwitchedOn,
    /// The person calls, once the number is sent.
    CallbackModeSwitchedOff,
    /// The person blocked the bot, or never opened it: nothing can be sent.
    PersonBlockedBot,
    /// The bot reaches the person again.
    PersonUnblockedBot,
    /// The person asked to be forgotten; the key to the sealed names is shredded.
    PersonErased,
}

/// What may be asked of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The bot saw this name with an update.
    Name {
        /// First and last name, sealed.
        name: Sealed,
        /// Telegram's `@name`, sealed.
        username: Option<Sealed>,
        /// A keyed fingerprint of both in clear.
        fingerprint: String,
    },
    /// Choose the language of the bot.
    ChooseLanguage(Language),
    /// Switch callback mode.
    SwitchCallbackMode {
        /// On or off.
        on: bool,
    },
    /// Telegram said whether the bot may write to the person.
    ReportReach {
        /// Whether it may.
        reachable: bool,
    },
    /// Forget the person.
    Erase,
}
