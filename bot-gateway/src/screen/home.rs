//! Where people come in: the start screen, help, the language picker, the commands of Telegram's menu.

use super::parts::{Page, choose_chat, press};
use crate::button::Button;
use crate::outgoing::{Key, KeyDoes, Screen};
use crate::text::Texts;
use crate::typed::Typed;
use crate::view::Reader;
use domain::ids::AccountNumber;
use domain::person::Language;

/// The start screen.
#[must_use]
pub fn home(reader: &Reader<'_>) -> Screen {
    let t = reader.t();
    Page::new(t.home_title())
        .para(t.home_text())
        .row([press(t.softphone(), Button::Accounts(0))])
        .row([press(t.new_account(), Button::New)])
        .row([press(t.bulk_button(), Button::Bulk)])
        .row([press(t.help(), Button::Help), press(t.language(), Button::Languages)])
        .screen()
}

/// Help: the ways to get an account, to hand it over and to get it back.
#[must_use]
pub fn help(reader: &Reader<'_>) -> Screen {
    let t = reader.t();
    Page::new(t.help_title())
        .para(t.help_get(reader.bot))
        .para(t.help_hand_over())
        .para(t.help_back(reader.bot))
        .para(t.help_call())
        .para(t.help_commands())
        .row([press(t.share_help_button(), Button::ShareHelp)])
        .row([press(t.softphone(), Button::Accounts(0)), press(t.back(), Button::Home)])
        .screen()
}

/// The grammar of inline sharing, by examples (product reference 4.1).
#[must_use]
pub fn share_help(reader: &Reader<'_>) -> Screen {
    let t = reader.t();
    let try_it = Key { label: t.choose_chat(), does: KeyDoes::ChooseChat { query: String::new() } };
    Page::new(t.share_help_title())
        .para(t.share_help_grammar(reader.bot))
        .para(t.share_help_parts())
        .para(t.share_help_examples(reader.bot))
        .para(t.share_help_after())
        .row([try_it])
        .row([press(t.back(), Button::Help)])
        .screen()
}

/// The language picker. Each language is named in itself.
#[must_use]
pub fn languages(reader: &Reader<'_>) -> Screen {
    let t = reader.t();
    let choice = |language: Language| {
        let name = Texts::of(language).language_name();
        let label = if language == reader.language { t.chosen(&name) } else { name };
        press(label, Button::ChooseLanguage(language))
    };
    Page::new(t.languages_text())
        .row([choice(Language::En), choice(Language::Ru)])
        .row([press(t.back(), Button::Home)])
        .screen()
}

/// The commands for Telegram's menu: the word without `/`, and what it is for (Bot API, `setMyCommands`).
#[must_use]
pub fn commands(language: Language) -> Vec<(&'static str, String)> {
    let t = Texts::of(language);
    vec![
        ("softphone", t.command_softphone()),
        ("new", t.command_new()),
        ("phone", t.command_phone()),
        ("bulk", t.command_bulk()),
        ("language", t.command_language()),
        ("help", t.command_help()),
        ("cancel", t.command_cancel()),
    ]
}

/// The key by which an owner opens a chat to hand an account over.
pub(super) fn hand_over(reader: &Reader<'_>, account: AccountNumber) -> Key {
    choose_chat(reader.t().choose_chat(), &Typed::Transfer { account, to: None })
}
