//! Who uses an account: assigning at once by Telegram's own picker, lending for a while, taking back.

use super::parts::{Page, left, moment, person, press, title};
use crate::button::{Ask, Button};
use crate::outgoing::{Keys, PickKey, Screen};
use crate::view::{AccountCard, PersonView, Reader, Standing};
use chrono::{DateTime, Utc};

/// What a person is picked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickFor {
    /// To become the user at once.
    User,
    /// To become the user for so many hours.
    Loan {
        /// How long, in hours.
        hours: u16,
    },
    /// To become the user until this moment.
    LoanUntil {
        /// When the account comes back by itself.
        until: DateTime<Utc>,
    },
    /// To be the only one who may take the next offer.
    Offer,
}

/// The lengths of a loan that have a button, in hours.
pub const LOANS: [u16; 6] = [1, 8, 24, 72, 168, 720];

/// Who uses the account, and what the owner may do about it.
#[must_use]
pub fn user(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let account = card.account;
    let page = Page::new(t.user_title(&title(reader, &card.title)));
    let (page, unlink) = match &card.standing {
        Standing::OwnAssigned { user } => {
            (page.para(t.user_assigned(&person(reader, user))), Some(t.unlink()))
        }
        Standing::OwnLent { user, until } => {
            let text = t.user_lent(&person(reader, user), &moment(reader, *until), &left(reader, *until));
            (page.para(text), Some(t.end_loan()))
        }
        Standing::Own | Standing::Used { .. } | Standing::Borrowed { .. } => (page.para(t.user_own()), None),
    };
    page.para(t.user_explained())
        .row([press(t.select_user(), Button::PickUser(account))])
        .row([press(t.lend(), Button::Lend(account))])
        .row(unlink.map(|label| press(label, Button::Unlink(account))))
        .row([press(t.back(), Button::Account(account))])
        .screen()
}

/// For how long to lend.
#[must_use]
pub fn lend(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let length =
        |hours: u16| press(hours_in_words(reader, hours), Button::LendFor { account: card.account, hours });
    Page::new(t.lend_title(&title(reader, &card.title)))
        .para(t.lend_text())
        .flow(LOANS.map(length))
        .row([press(t.lend_until(), Button::Ask(card.account, Ask::LoanEnd))])
        .row([press(t.back(), Button::User(card.account))])
        .screen()
}

/// The message with Telegram's own picker of people. The request comes back with the answer.
#[must_use]
pub fn pick(reader: &Reader<'_>, card: &AccountCard, what_for: PickFor, request: i32) -> Screen {
    let t = reader.t();
    let name = title(reader, &card.title);
    let text = match what_for {
        PickFor::User => t.pick_user(&name),
        PickFor::Loan { hours } => t.pick_borrower(&name, &hours_in_words(reader, hours)),
        PickFor::LoanUntil { until } => t.pick_borrower_until(&name, &moment(reader, until)),
        PickFor::Offer => t.pick_recipient(&name),
    };
    Page::new(text).with(Keys::Pick(vec![
        vec![PickKey::User { label: t.select_user(), request }],
        vec![PickKey::Text { label: t.cancel() }],
    ]))
}

/// Somebody was picked: what that did. It takes the picker's keyboard away. `reachable` says whether the bot could tell
/// them.
#[must_use]
pub fn picked(
    reader: &Reader<'_>,
    card: &AccountCard,
    what_for: PickFor,
    who: &PersonView,
    reachable: bool,
) -> Screen {
    let t = reader.t();
    let (name, who) = (title(reader, &card.title), person(reader, who));
    let mut page = Page::new(match what_for {
        PickFor::User => t.picked_user(&who, &name),
        PickFor::Loan { hours } => t.picked_borrower(&who, &name, &hours_in_words(reader, hours)),
        PickFor::LoanUntil { until } => t.picked_borrower_until(&who, &name, &moment(reader, until)),
        PickFor::Offer => t.picked_recipient(&who, &name),
    });
    if !reachable {
        page = page.para(t.picked_unreachable(reader.bot));
    }
    page.with(Keys::RemovePick)
}

fn hours_in_words(reader: &Reader<'_>, hours: u16) -> String {
    let hours = usize::from(hours);
    if hours >= 24 && hours.is_multiple_of(24) {
        reader.t().span_days(hours / 24)
    } else {
        reader.t().span_hours(hours)
    }
}
