//! Asking for a value in the next message: what is asked, an example, what was wrong.
//!
//! A message can have buttons or ask for a reply, not both. So the menu shows what is awaited with `Cancel` under it
//! ([`waiting`]), and a second message asks for the reply ([`prompt`]).

use super::parts::{Page, moment, press, title};
use super::wrong::bad_setting;
use crate::button::{Ask, Button};
use crate::outgoing::{Keys, Screen};
use crate::text::{Html, Long, Texts};
use crate::view::{AccountCard, Reader};
use chrono::TimeDelta;
use domain::loan_end::BadLoanEnd;
use domain::person::Language;
use domain::settings::BadSetting;

/// In place of the menu, while a value is awaited: what it is, an example, what is set, and the ways out.
#[must_use]
pub fn waiting(reader: &Reader<'_>, card: &AccountCard, ask: Ask) -> Screen {
    let t = reader.t();
    let mut page = Page::new(t.waiting_title(&title(reader, &card.title))).para(explain(reader, ask));
    if let Some(value) = current(card, ask) {
        page = page.para(t.waiting_current(Long(&value)));
    }
    let clear = clears(card, ask).then(|| press(t.clear(), Button::Clear(card.account, ask)));
    page.row(clear).row([press(t.cancel(), Button::CancelInput)]).screen()
}

/// The message that asks for the reply.
#[must_use]
pub fn prompt(reader: &Reader<'_>, card: &AccountCard, ask: Ask) -> Screen {
    let t = reader.t();
    Page::new(t.prompt_text(&caption(reader, ask), &title(reader, &card.title)))
        .with(Keys::ForceReply { placeholder: placeholder(reader, ask) })
}

/// The value that came can't be used; the bot keeps waiting.
#[must_use]
pub fn wrong(reader: &Reader<'_>, ask: Ask, why: &BadSetting) -> Screen {
    let t = reader.t();
    Page::new(bad_setting(reader, why))
        .para(t.wrong_again())
        .with(Keys::ForceReply { placeholder: placeholder(reader, ask) })
}

/// Asks for the number that a call is transferred to.
#[must_use]
pub fn transfer(reader: &Reader<'_>, who: &str) -> Screen {
    let t = reader.t();
    let unknown = t.call_unknown();
    let who = if who.is_empty() { &unknown } else { who };
    Page::new(t.transfer_ask(who)).with(Keys::ForceReply { placeholder: t.transfer_hint() })
}

/// A call is being transferred.
#[must_use]
pub fn transferring(reader: &Reader<'_>, who: &str, number: &str) -> Screen {
    let t = reader.t();
    let unknown = t.call_unknown();
    let who = if who.is_empty() { &unknown } else { who };
    Page::new(t.transfer_asked(who, number)).screen()
}

/// The end of a loan that came can't be used; the bot keeps waiting.
#[must_use]
pub fn wrong_loan_end(reader: &Reader<'_>, why: BadLoanEnd) -> Screen {
    let t = reader.t();
    let text = match why {
        BadLoanEnd::Unknown => t.bad_loan_end(&some_day(reader)),
        BadLoanEnd::Past => t.bad_loan_end_past(&moment(reader, reader.now)),
        BadLoanEnd::TooFar => t.bad_loan_end_far(),
    };
    Page::new(text)
        .para(t.wrong_again())
        .with(Keys::ForceReply { placeholder: placeholder(reader, Ask::LoanEnd) })
}

/// A day not far away, as an example of how to type one.
fn some_day(reader: &Reader<'_>) -> String {
    (reader.now + TimeDelta::weeks(1)).format("%Y-%m-%d").to_string()
}

/// A password came and is set. `deleted` says whether the message with it could be deleted.
#[must_use]
pub fn password_saved(reader: &Reader<'_>, card: &AccountCard, deleted: bool) -> Screen {
    let t = reader.t();
    let name = title(reader, &card.title);
    let text = if deleted { t.password_saved(&name) } else { t.password_saved_delete_yourself(&name) };
    Page::new(text).row([press(t.back_to_account(), Button::Account(card.account))]).screen()
}

/// What was being typed is left.
#[must_use]
pub fn cancelled(reader: &Reader<'_>) -> Screen {
    Page::new(reader.t().input_cancelled()).with(Keys::RemovePick)
}

/// The person did not answer for long: what they type is no longer taken for a value.
#[must_use]
pub fn nothing_awaited(reader: &Reader<'_>) -> Screen {
    let t = reader.t();
    Page::new(t.nothing_awaited())
        .row([press(t.softphone(), Button::Accounts(0)), press(t.help(), Button::Help)])
        .screen()
}

/// Whether a text means "leave it": the command, or the label of the button in any language.
#[must_use]
pub fn is_cancel(text: &str) -> bool {
    let text = text.trim();
    text == "/cancel"
        || [Language::En, Language::Ru].iter().any(|language| text == Texts::of(*language).cancel())
}

fn explain(reader: &Reader<'_>, ask: Ask) -> Html {
    let t = reader.t();
    match ask {
        Ask::Name => t.ask_name(),
        Ask::Login => t.ask_login(),
        Ask::Password => t.ask_password(),
        Ask::Domain => t.ask_domain(),
        Ask::Proxy => t.ask_proxy(),
        Ask::Codecs => t.ask_codecs(),
        Ask::Dtmf => t.ask_dtmf(),
        Ask::Rules => t.ask_rules(),
        Ask::TryNumber => t.ask_try_number(),
        Ask::FindTemplate => t.ask_find_template(),
        Ask::LoanEnd => t.ask_loan_end(&some_day(reader)),
    }
}

fn placeholder(reader: &Reader<'_>, ask: Ask) -> String {
    let t = reader.t();
    match ask {
        Ask::Name => t.hint_name(),
        Ask::Login => t.hint_login(),
        Ask::Password => t.hint_password(),
        Ask::Domain => t.hint_domain(),
        Ask::Proxy => t.hint_proxy(),
        Ask::Codecs => t.hint_codecs(),
        Ask::Dtmf => t.hint_dtmf(),
        Ask::Rules => t.hint_rules(),
        Ask::TryNumber => t.hint_try_number(),
        Ask::FindTemplate => t.hint_find_template(),
        Ask::LoanEnd => t.hint_loan_end(),
    }
}

fn caption(reader: &Reader<'_>, ask: Ask) -> String {
    let t = reader.t();
    match ask {
        Ask::Name => t.name(),
        Ask::Login => t.login(),
        Ask::Password => t.password(),
        Ask::Domain => t.domain(),
        Ask::Proxy => t.proxy(),
        Ask::Codecs => t.codecs(),
        Ask::Dtmf => t.dtmf(),
        Ask::Rules => t.rules(),
        Ask::TryNumber => t.try_number(),
        Ask::FindTemplate => t.find_template(),
        Ask::LoanEnd => t.lend(),
    }
}

/// What is set now, as it would be typed. A password is never shown.
fn current(card: &AccountCard, ask: Ask) -> Option<String> {
    match ask {
        Ask::Name => card.name.clone(),
        Ask::Login => card.login.clone(),
        Ask::Domain => card.domain.clone(),
        Ask::Proxy => card.proxy.clone(),
        Ask::Codecs => Some(card.codecs.to_string()),
        Ask::Dtmf => Some(card.dtmf.to_string()),
        Ask::Rules => Some(card.rules.clone()).filter(|rules| !rules.is_empty()),
        Ask::Password | Ask::TryNumber | Ask::FindTemplate | Ask::LoanEnd => None,
    }
}

/// Whether there is a value that may be taken away.
fn clears(card: &AccountCard, ask: Ask) -> bool {
    match ask {
        Ask::Name | Ask::Domain | Ask::Proxy | Ask::Rules => current(card, ask).is_some(),
        Ask::Login
        | Ask::Password
        | Ask::Codecs
        | Ask::Dtmf
        | Ask::TryNumber
        | Ask::FindTemplate
        | Ask::LoanEnd => false,
    }
}
