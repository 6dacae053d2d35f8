//! What may be done to a SIP account, told as scenarios; and the words that they share.

mod creation;
mod loans;
mod offers;
mod ownership_table;
mod properties;
mod registration;
mod settings;
mod undo;

use super::{Command, Event, Grant, OfferKind, Origin, Proof, Refusal, Resealed, Returned, SipAccount};
use crate::ids::{Revision, UserId};
use crate::log::Actor;
use crate::scenario::{ANNA, IVAN, OLGA, PETR, at, given, sealed, token};
use crate::settings::Settings;
use chrono::{DateTime, Utc};

/// Settings with which a gateway could register; the password is sealed to whoever is named.
fn complete(sealed_to: &str) -> Settings {
    Settings {
        login: "1001".parse().ok(),
        password: Some(sealed(sealed_to)),
        domain: "pbx.example".parse().ok(),
        ..Settings::default()
    }
}

/// Olga's own account, which acts.
fn olgas() -> Vec<Event> {
    vec![
        Event::AccountCreated {
            owner: OLGA,
            origin: Origin::Menu,
            settings: complete("to olga"),
            offer: None,
        },
        Event::SettingsApplied { revision: Revision(0) },
    ]
}

/// Olga's account, which Ivan uses.
fn olgas_used_by_ivan() -> Vec<Event> {
    with(olgas(), [assigned_to(IVAN)])
}

/// Once Olga's account, transferred to Ivan.
fn ivans_once_olgas() -> Vec<Event> {
    with(olgas(), [transfer_offered(1, OLGA, at(5)), transferred(1, OLGA, IVAN, "to ivan")])
}

fn with(history: Vec<Event>, more: impl IntoIterator<Item = Event>) -> Vec<Event> {
    history.into_iter().chain(more).collect()
}

fn assigned_to(user: UserId) -> Event {
    Event::AccountAssigned { user, offer: None }
}

fn assignment_offered(offer: u8, by: UserId, until: DateTime<Utc>) -> Event {
    Event::AssignmentOffered { offer: token(offer), by, to: None, until }
}

fn transfer_offered(offer: u8, by: UserId, until: DateTime<Utc>) -> Event {
    Event::TransferOffered { offer: token(offer), by, to: None, until }
}

fn return_offered(offer: u8, by: UserId, to: UserId, until: DateTime<Utc>) -> Event {
    Event::ReturnOffered { offer: token(offer), by, to, until }
}

fn take_away_offered(offer: u8, by: UserId, until: DateTime<Utc>) -> Event {
    Event::TakeAwayOffered { offer: token(offer), by, until }
}

fn transferred(offer: u8, from: UserId, to: UserId, sealed_to: &str) -> Event {
    Event::AccountTransferred { from, to, offer: token(offer), password: Some(sealed(sealed_to)) }
}

fn cancelled(offer: u8, kind: OfferKind) -> Event {
    Event::OfferCancelled { offer: token(offer), kind }
}

fn expired(offer: u8, kind: OfferKind) -> Event {
    Event::OfferExpired { offer: token(offer), kind }
}

fn used_returned(from: UserId, to: UserId, offer: Option<u8>) -> Event {
    Event::AccountReturned { from, to, what: Returned::Use, offer: offer.map(token), password: None }
}

fn offer_assignment(offer: u8, until: DateTime<Utc>) -> Command {
    Command::OfferAssignment { offer: token(offer), to: None, until }
}

fn offer_transfer(offer: u8, until: DateTime<Utc>) -> Command {
    Command::OfferTransfer { offer: token(offer), to: None, until }
}

fn offer_return(offer: u8, until: DateTime<Utc>) -> Command {
    Command::OfferReturn { offer: token(offer), until }
}

fn take_away(offer: u8, password: &str, until: DateTime<Utc>) -> Command {
    Command::OfferTakeAway { offer: token(offer), proof: Proof(sealed(password)), until }
}

fn take(offer: u8) -> Command {
    Command::Take { offer: token(offer), resealed: None }
}

/// A Take with the password that `from` seals.
fn take_sealed(offer: u8, from: &str, to: &str) -> Command {
    Command::Take { offer: token(offer), resealed: resealed(from, to) }
}

fn resealed(from: &str, to: &str) -> Option<Resealed> {
    Some(Resealed { from: sealed(from), to: sealed(to) })
}

fn share(offer: u8, grant: Grant, until: DateTime<Utc>) -> Command {
    let settings = Box::new(complete("to olga"));
    Command::ShareSettings { offer: token(offer), to: None, grant, settings, until, batch: None }
}

fn shared(offer: u8, grant: Grant, until: DateTime<Utc>) -> Event {
    Event::SettingsOffered {
        offer: token(offer),
        by: OLGA,
        to: None,
        grant,
        settings: complete("to olga"),
        until,
        batch: None,
    }
}
