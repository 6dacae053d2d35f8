//! A person whom the bot has met. The id of the stream is Telegram's user id.

use crate::decider::Decider;
use crate::log::Context;
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

crate::event::fact! {
    Event: PersonNamed, LanguageChosen, CallbackModeSwitchedOn, CallbackModeSwitchedOff, PersonBlockedBot,
        PersonUnblockedBot, PersonErased
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

/// A person, as far as the platform has to know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The language they chose; none until they do.
    pub language: Option<Language>,
    /// Whether calls are placed by ringing them first.
    pub callback_mode: bool,
    /// Whether the bot may write to them, as far as Telegram has told.
    pub reachable: bool,
    /// The fingerprint of the name that is recorded; none before the first, or after they were forgotten.
    pub fingerprint: Option<String>,
    /// Whether they asked to be forgotten and were not met since.
    pub erased: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self { language: None, callback_mode: true, reachable: true, fingerprint: None, erased: false }
    }
}

/// Nothing that can be asked of a person is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {}

impl Decider for Person {
    const NAME: &'static str = "person";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn decide(&self, command: Command, _: &Context) -> Result<Vec<Event>, Refusal> {
        let news = match command {
            Command::Name { name, username, fingerprint } => {
                let known = self.fingerprint.as_ref() == Some(&fingerprint);
                (!known).then_some(Event::PersonNamed { name, username, fingerprint })
            }
            Command::ChooseLanguage(language) => {
                (self.language != Some(language)).then_some(Event::LanguageChosen { language })
            }
            Command::SwitchCallbackMode { on } => (self.callback_mode != on).then_some(if on {
                Event::CallbackModeSwitchedOn
            } else {
                Event::CallbackModeSwitchedOff
            }),
            Command::ReportReach { reachable } => (self.reachable != reachable).then_some(if reachable {
                Event::PersonUnblockedBot
            } else {
                Event::PersonBlockedBot
            }),
            Command::Erase => (!self.erased).then_some(Event::PersonErased),
        };
        Ok(news.into_iter().collect())
    }

    fn evolve(&mut self, event: &Event) {
        match event {
            Event::PersonNamed { fingerprint, .. } => {
                self.fingerprint = Some(fingerprint.clone());
                self.erased = false;
            }
            Event::LanguageChosen { language } => self.language = Some(*language),
            Event::CallbackModeSwitchedOn => self.callback_mode = true,
            Event::CallbackModeSwitchedOff => self.callback_mode = false,
            Event::PersonBlockedBot => self.reachable = false,
            Event::PersonUnblockedBot => self.reachable = true,
            Event::PersonErased => *self = Self { erased: true, ..Self::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{IVAN, at, given, sealed};

    #[test]
    fn a_name_is_recorded_when_it_changes() {
        let named = |name: &str| Command::Name {
            name: sealed(name),
            username: None,
            fingerprint: format!("print of {name}"),
        };
        let recorded = |name: &str| Event::PersonNamed {
            name: sealed(name),
            username: None,
            fingerprint: format!("print of {name}"),
        };
        given::<Person>([])
            .when(IVAN, at(0), named("Ivan"))
            .then([recorded("Ivan")])
            .when(IVAN, at(1), named("Ivan the Second"))
            .then([recorded("Ivan the Second")]);
    }

    #[test]
    fn the_same_name_under_another_seal_is_no_news() {
        let again =
            Command::Name { name: sealed("another nonce"), username: None, fingerprint: "print".to_owned() };
        let named =
            Event::PersonNamed { name: sealed("a nonce"), username: None, fingerprint: "print".to_owned() };
        given::<Person>([named]).when(IVAN, at(0), again).then_nothing();
    }

    #[test]
    fn a_language_is_a_choice_even_if_it_is_the_one_that_everybody_gets() {
        let after = given::<Person>([])
            .when(IVAN, at(0), Command::ChooseLanguage(Language::En))
            .then([Event::LanguageChosen { language: Language::En }]);
        assert_eq!(after.state().language, Some(Language::En));
    }

    #[test]
    fn callback_mode_is_on_until_it_is_switched_off() {
        let switch = |on| Command::SwitchCallbackMode { on };
        given::<Person>([]).when(IVAN, at(0), switch(true)).then_nothing();
        given::<Person>([])
            .when(IVAN, at(0), switch(false))
            .then([Event::CallbackModeSwitchedOff])
            .when(IVAN, at(1), switch(true))
            .then([Event::CallbackModeSwitchedOn]);
    }

    #[test]
    fn being_reached_is_recorded_when_it_changes() {
        let report = |reachable| Command::ReportReach { reachable };
        given::<Person>([]).when(IVAN, at(0), report(true)).then_nothing();
        given::<Person>([])
            .when(IVAN, at(0), report(false))
            .then([Event::PersonBlockedBot])
            .when(IVAN, at(1), report(true))
            .then([Event::PersonUnblockedBot]);
    }

    #[test]
    fn a_forgotten_person_is_a_stranger_and_may_come_back() {
        let named =
            || Event::PersonNamed { name: sealed("Ivan"), username: None, fingerprint: "print".to_owned() };
        let chosen = Event::LanguageChosen { language: Language::Ru };
        let after =
            given::<Person>([named(), chosen]).when(IVAN, at(0), Command::Erase).then([Event::PersonErased]);
        assert_eq!(after.state(), Person { erased: true, ..Person::default() });

        let again = Command::Name { name: sealed("Ivan"), username: None, fingerprint: "print".to_owned() };
        assert!(!after.when(IVAN, at(1), again).then([named()]).state().erased);
    }
}
