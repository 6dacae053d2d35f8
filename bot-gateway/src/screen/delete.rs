//! `Delete`: the question with "No" first, and what came of it.

use super::parts::{Page, person, press, title};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::view::{AccountCard, PersonView, Reader, Standing};

/// Whether the owner really wants to delete, or the user to give the account back.
#[must_use]
pub fn ask(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let name = title(reader, &card.title);
    let text = match &card.standing {
        Standing::Own => t.delete_ask(&name),
        Standing::OwnAssigned { user } | Standing::OwnLent { user, .. } => {
            t.delete_ask_used(&name, &person(reader, user))
        }
        Standing::Used { owner } | Standing::Borrowed { owner, .. } => {
            t.delete_ask_return(&name, &person(reader, owner))
        }
    };
    Page::new(text)
        .row([press(t.no(), Button::Account(card.account)), press(t.yes(), Button::DeleteYes(card.account))])
        .screen()
}

/// The account is deleted.
#[must_use]
pub fn deleted(reader: &Reader<'_>, name: &str) -> Screen {
    let t = reader.t();
    Page::new(t.deleted(&title(reader, name))).row([press(t.softphone(), Button::Accounts(0))]).screen()
}

/// The user gave the account back to its owner.
#[must_use]
pub fn given_back(reader: &Reader<'_>, name: &str, owner: &PersonView) -> Screen {
    let t = reader.t();
    Page::new(t.given_back(&title(reader, name), &person(reader, owner)))
        .row([press(t.softphone(), Button::Accounts(0))])
        .screen()
}
