//! Taking a Take back.

use super::*;
use crate::settings::Transport;
use crate::sip_account::Change;

#[test]
fn the_undone_take_of_given_settings_deletes_the_account() {
    let after = given::<SipAccount>([shared(1, Grant::Give, at(5))])
        .and(IVAN, at(1), take_sealed(1, "to olga", "to ivan"))
        .when(OLGA, at(2), undo(1))
        .then([undone(1, OfferKind::Settings, IVAN, OLGA, None), Event::AccountDeleted { owner: IVAN }]);
    assert_eq!(after.state().owner(), None);
    after.when(IVAN, at(3), take_sealed(1, "to olga", "to ivan")).then_refused(&Refusal::OfferCancelled);
}

#[test]
fn the_undone_take_of_an_assigned_share_leaves_the_account_with_its_owner() {
    let after = given::<SipAccount>([shared(1, Grant::Assign, at(5))])
        .and(IVAN, at(1), take(1))
        .when(OLGA, at(2), undo(1))
        .then([undone(1, OfferKind::Settings, IVAN, OLGA, None)]);
    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
}

#[test]
fn the_undone_take_of_an_assignment_makes_the_owner_the_user() {
    let after = given::<SipAccount>(with(olgas(), [assignment_offered(1, OLGA, at(5))]))
        .and(IVAN, at(1), take(1))
        .when(OLGA, at(2), undo(1))
        .then([undone(1, OfferKind::Assignment, IVAN, OLGA, None)]);
    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
}

#[test]
fn the_undone_take_of_a_transfer_moves_the_account_back() {
    let before = given::<SipAccount>(ivans_once_olgas());
    assert!(before.state().needs_reseal_to_undo(&token(1)));
    for too_old in [undo(1), undo_sealed(1, "to olga", "to olga again")] {
        before.clone().when(OLGA, at(6), too_old).then_refused(&Refusal::ResealNeeded);
    }

    let after = before.when(OLGA, at(6), undo_sealed(1, "to ivan", "to olga again")).then([undone(
        1,
        OfferKind::Transfer,
        IVAN,
        OLGA,
        Some("to olga again"),
    )]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
    assert_eq!(after.state().former_owners(), [], "as if it had never left");
}

#[test]
fn only_who_offered_undoes() {
    for somebody in [IVAN, PETR] {
        given::<SipAccount>(ivans_once_olgas())
            .when(somebody, at(6), undo_sealed(1, "to olga", "to me"))
            .then_refused(&Refusal::NotYours);
    }
}

#[test]
fn what_happens_by_itself_does_not_touch_the_account() {
    let by_itself = [
        Event::SettingsApplied { revision: Revision(0) },
        Event::AccountRegistered { revision: Revision(0) },
        Event::RegistrationFailed { revision: Revision(0), code: 403, reason: "Forbidden".into() },
    ];
    given::<SipAccount>(with(ivans_once_olgas(), by_itself))
        .when(OLGA, at(60), undo_sealed(1, "to ivan", "to olga"))
        .then([undone(1, OfferKind::Transfer, IVAN, OLGA, Some("to olga"))]);
}

#[test]
fn an_account_that_was_changed_since_stays_where_it_is() {
    for touched in [
        Command::Change(Change::Transport(Transport::Tls)),
        Command::SwitchOff,
        Command::Assign { user: PETR },
        offer_transfer(2, at(12)),
    ] {
        given::<SipAccount>(ivans_once_olgas())
            .and(IVAN, at(7), touched)
            .when(OLGA, at(8), undo_sealed(1, "to ivan", "to olga"))
            .then_refused(&Refusal::TouchedSince);
    }
}

#[test]
fn only_the_last_take_is_undone() {
    let taken_twice = given::<SipAccount>(with(olgas(), [assignment_offered(1, OLGA, at(5))]))
        .and(IVAN, at(1), take(1))
        .and(OLGA, at(2), offer_assignment(2, at(7)))
        .and(PETR, at(3), take(2));
    taken_twice.clone().when(OLGA, at(4), undo(1)).then_refused(&Refusal::TouchedSince);
    taken_twice.when(OLGA, at(4), undo(2)).then([undone(2, OfferKind::Assignment, PETR, OLGA, None)]);
}

#[test]
fn a_return_and_a_take_away_stand() {
    let returned = given::<SipAccount>(with(ivans_once_olgas(), [return_offered(2, IVAN, OLGA, at(14))]))
        .and(OLGA, at(10), take_sealed(2, "to ivan", "to olga"));
    returned.when(IVAN, at(11), undo_sealed(2, "to olga", "to ivan")).then_refused(&Refusal::NotUndoable);

    let taken_away = given::<SipAccount>(with(ivans_once_olgas(), [take_away_offered(2, OLGA, at(14))])).and(
        OLGA,
        at(10),
        take_sealed(2, "to ivan", "to olga"),
    );
    taken_away.when(OLGA, at(11), undo_sealed(2, "to ivan", "to olga")).then_refused(&Refusal::NotUndoable);
}

#[test]
fn an_offer_that_nobody_has_taken_cannot_be_undone() {
    given::<SipAccount>(with(olgas(), [transfer_offered(1, OLGA, at(5))]))
        .when(OLGA, at(1), undo(1))
        .then_refused(&Refusal::NoSuchOffer);
}

fn undo(offer: u8) -> Command {
    Command::UndoTake { offer: token(offer), resealed: None }
}

fn undo_sealed(offer: u8, from: &str, to: &str) -> Command {
    Command::UndoTake { offer: token(offer), resealed: resealed(from, to) }
}

fn undone(offer: u8, kind: OfferKind, from: UserId, to: UserId, sealed_to: Option<&str>) -> Event {
    Event::TakeUndone { offer: token(offer), kind, from, to, password: sealed_to.map(sealed) }
}
