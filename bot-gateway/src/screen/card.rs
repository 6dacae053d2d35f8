//! The card of an account: all settings with their values for its owner, what is allowed for its user.

use super::parts::{Page, choose_chat, health, labelled, left, moment, person, press, short_person, title};
use crate::button::{Ask, Button};
use crate::outgoing::{Key, Screen};
use crate::text::{Html, escaped};
use crate::typed::Typed;
use crate::view::{AccountCard, Health, OpenOffer, PersonView, Reader, Standing};
use domain::sip_account::OfferKind;

/// What stands for a password that is set.
const MASK: &str = "••••";

/// The card, as far as the reader may see and change it.
#[must_use]
pub fn card(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    match &card.standing {
        Standing::Own | Standing::OwnAssigned { .. } | Standing::OwnLent { .. } => owner(reader, card),
        Standing::Used { owner } => user(reader, card, owner, None),
        Standing::Borrowed { owner, until } => {
            let until = reader.t().card_borrowed(&moment(reader, *until), &left(reader, *until));
            user(reader, card, owner, Some(until))
        }
    }
}

fn head(reader: &Reader<'_>, card: &AccountCard) -> Page {
    let t = reader.t();
    let state = match missing(reader, card) {
        Some(missing) if card.health == Health::Incomplete => t.health_missing(&missing),
        Some(_) | None => health(reader, &card.health),
    };
    Page::new(t.card_title(&title(reader, &card.title), &card.account.to_string())).line(t.card_state(&state))
}

/// What an account still needs before it can be registered, in the captions of its buttons.
fn missing(reader: &Reader<'_>, card: &AccountCard) -> Option<String> {
    let t = reader.t();
    let needs = [
        (card.login.is_none(), t.login()),
        (!card.has_password, t.password()),
        (card.domain.is_none() && card.proxy.is_none(), t.domain()),
    ];
    let missing: Vec<String> =
        needs.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, name)| name).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

fn owner(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let mut page = head(reader, card).line(t.card_user(&user_line(reader, card)));
    if let Some(at) = card.applies_at {
        page = page.para(t.card_pending(&left(reader, at)));
    }
    page = write_first(reader, card, page);
    let settings = rows(reader, card);
    settings.into_iter().fold(page, Page::flow).screen()
}

/// What the reader has still to do so that calls ring in Telegram.
fn write_first(reader: &Reader<'_>, card: &AccountCard, page: Page) -> Page {
    match &card.write_first {
        Some(account) => page.para(reader.t().card_write_first(account)),
        None => page,
    }
}

/// A way to call back each offer that is open.
fn recalls(reader: &Reader<'_>, card: &AccountCard) -> Vec<Key> {
    let t = reader.t();
    let recall = |open: &OpenOffer| {
        let what = match open.kind {
            OfferKind::Assignment | OfferKind::Settings => t.user(),
            OfferKind::Transfer => t.transfer(),
            OfferKind::Return | OfferKind::TakeAway => t.transfer_back(),
        };
        let button = Button::CancelOffer { account: card.account, offer: open.offer.clone() };
        press(labelled(&t.call_offer_back(), Some(&what)), button)
    };
    card.offers.iter().map(recall).collect()
}

/// All buttons of the owner. The two of a row stand side by side where both are short.
fn rows(reader: &Reader<'_>, card: &AccountCard) -> Vec<Vec<Key>> {
    let t = reader.t();
    let account = card.account;
    let ask = |caption: String, value: Option<&str>, ask: Ask| {
        press(labelled(&caption, value), Button::Ask(account, ask))
    };
    let shows = |caption: String, value: &str, to: Button| press(labelled(&caption, Some(value)), to);
    let rules = (!card.rules.trim().is_empty()).then_some(card.rules.as_str());
    let recording = match (card.recording.automatic, &card.recording.chat) {
        (false, _) => t.off(),
        (true, None) => t.on(),
        (true, Some(_)) => format!("{} → {}", t.on(), recording_chat(reader, card)),
    };
    let record = Button::Recording { account, on: !card.recording.automatic };
    let mut rows = vec![
        vec![ask(t.name(), card.name.as_deref(), Ask::Name)],
        vec![
            ask(t.login(), card.login.as_deref(), Ask::Login),
            ask(t.password(), card.has_password.then_some(MASK), Ask::Password),
        ],
        vec![press(labelled(&t.templates(), card.template.as_deref()), Button::Templates(account, 0))],
        vec![ask(t.domain(), card.domain.as_deref(), Ask::Domain)],
        vec![
            ask(t.proxy(), card.proxy.as_deref(), Ask::Proxy),
            shows(
                t.transport(),
                &card.transport.to_string(),
                Button::Transport(account, card.transport.next()),
            ),
        ],
        vec![shows(t.codecs(), &card.codecs.to_string(), Button::Codecs(account))],
        vec![
            shows(t.dtmf(), &card.dtmf.to_string(), Button::Dtmf(account)),
            press(labelled(&t.rules(), rules), Button::Rules(account)),
        ],
        vec![
            shows(t.recording(), &recording, record),
            shows(t.worker(), &t.worker_auto(), Button::Worker(account)),
        ],
        vec![shows(t.recording_chat(), &recording_chat(reader, card), Button::RecordingChat(account))],
        vec![
            shows(t.user(), &user_value(reader, card), Button::User(account)),
            press(t.transfer(), Button::Transfer(account)),
        ],
    ];
    rows.extend(recalls(reader, card).into_iter().map(|recall| vec![recall]));
    rows.extend([
        vec![press(t.apply(), Button::Apply(account)), switch(reader, card)],
        reconnect(reader, card).into_iter().collect(),
        vec![press(t.delete(), Button::Delete(account)), press(t.back(), Button::Accounts(card.list_page))],
    ]);
    rows
}

/// Where recordings go, on a button.
fn recording_chat(reader: &Reader<'_>, card: &AccountCard) -> String {
    let t = reader.t();
    match (card.recording.chat, &card.recording_chat) {
        (Some(_), Some(title)) => title.clone(),
        (Some(_), None) => t.recording_chat_chosen(),
        (None, _) => t.recording_chat_bot(),
    }
}

/// Who uses the account, in a sentence.
fn user_line(reader: &Reader<'_>, card: &AccountCard) -> Html {
    let t = reader.t();
    match &card.standing {
        Standing::OwnAssigned { user } => escaped(&person(reader, user), 80),
        Standing::OwnLent { user, until } => {
            t.card_lent(&person(reader, user), &moment(reader, *until), &left(reader, *until))
        }
        Standing::Own | Standing::Used { .. } | Standing::Borrowed { .. } => escaped(&t.you(), 40),
    }
}

/// Who uses the account, on a button.
fn user_value(reader: &Reader<'_>, card: &AccountCard) -> String {
    match &card.standing {
        Standing::OwnAssigned { user } | Standing::OwnLent { user, .. } => short_person(reader, user),
        Standing::Own | Standing::Used { .. } | Standing::Borrowed { .. } => reader.t().you(),
    }
}

fn switch(reader: &Reader<'_>, card: &AccountCard) -> Key {
    let t = reader.t();
    let on = card.is_on();
    let label = if on { t.switch_off() } else { t.switch_on() };
    press(label, Button::Switch { account: card.account, on: !on })
}

/// Registers anew; none where there is nothing to register.
fn reconnect(reader: &Reader<'_>, card: &AccountCard) -> Option<Key> {
    match card.health {
        Health::Incomplete | Health::Off => None,
        Health::NotRegisteredYet | Health::Active | Health::Failed { .. } => {
            Some(press(reader.t().reconnect(), Button::Reconnect(card.account)))
        }
    }
}

/// For whom an account is only lent or assigned: nothing to set, a way to give it back.
fn user(reader: &Reader<'_>, card: &AccountCard, owner: &PersonView, until: Option<Html>) -> Screen {
    let t = reader.t();
    let mut page = head(reader, card).line(t.card_owner(&person(reader, owner)));
    if let Some(until) = until {
        page = page.line(until);
    }
    let page = write_first(reader, card, page.para(t.card_user_may()))
        .row(reconnect(reader, card))
        .row([choose_chat(t.transfer_back(), &Typed::Back { account: card.account })]);
    recalls(reader, card)
        .into_iter()
        .fold(page, |page, recall| page.row([recall]))
        .row([press(t.delete(), Button::Delete(card.account))])
        .row([press(t.back(), Button::Accounts(card.list_page))])
        .screen()
}

/// The account of a menu is gone, or no longer the reader's.
#[must_use]
pub fn gone(reader: &Reader<'_>) -> Screen {
    let t = reader.t();
    Page::new(t.card_gone()).row([press(t.softphone(), Button::Accounts(0))]).screen()
}
