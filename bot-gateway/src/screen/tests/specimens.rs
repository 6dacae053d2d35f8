//! A specimen: something the bot shows, under a name. All of them stand in groups, each with one snapshot a language.

use super::calls::{calls, dialling};
use super::chats::{alerts, inline, notices, offers};
use super::lists::links_and_lists;
use super::menus::{card, editors, hand_over, home, list, prompt};
use crate::outgoing::{InlineResult, Screen};
use domain::person::Language;

/// Something the bot shows, under a name.
pub(super) struct Specimen {
    pub(super) name: String,
    pub(super) shown: Shown,
}

pub(super) enum Shown {
    Screen(Screen),
    Text(String),
    Results(Vec<InlineResult>),
}

pub(super) fn screen(name: impl Into<String>, screen: Screen) -> Specimen {
    Specimen { name: name.into(), shown: Shown::Screen(screen) }
}

pub(super) fn text(name: impl Into<String>, text: String) -> Specimen {
    Specimen { name: name.into(), shown: Shown::Text(text) }
}

pub(super) fn inline_results(name: &str, results: Vec<InlineResult>) -> Specimen {
    Specimen { name: name.to_owned(), shown: Shown::Results(results) }
}

/// Every group, for what must hold of all screens.
pub(super) const GROUPS: [fn(Language) -> Vec<Specimen>; 13] = [
    home,
    list,
    card,
    prompt,
    editors,
    hand_over,
    offers,
    inline,
    notices,
    alerts,
    links_and_lists,
    calls,
    dialling,
];
