//! Making, binding, replacing, sending, calling back and outliving offers.

use super::*;
use crate::sip_account::{Change, Fate, Found};

#[test]
fn a_bound_offer_is_taken_by_its_person_only() {
    let bound = Event::TransferOffered { offer: token(1), by: OLGA, to: Some(IVAN), until: at(5) };
    let offered = given::<SipAccount>(olgas())
        .when(OLGA, at(0), Command::OfferTransfer { offer: token(1), to: Some(IVAN), until: at(5) })
        .then([bound]);
    offered
        .clone()
        .when(PETR, at(1), take_sealed(1, "to olga", "to petr"))
        .then_refused(&Refusal::OfferForAnother);
    offered
        .when(IVAN, at(1), take_sealed(1, "to olga", "to ivan"))
        .then([transferred(1, OLGA, IVAN, "to ivan")]);
}

#[test]
fn a_bound_share_is_taken_by_its_person_only() {
    let command = Command::ShareSettings {
        offer: token(1),
        to: Some(IVAN),
        grant: Grant::Assign,
        settings: Box::new(complete("to olga")),
        until: at(5),
        batch: None,
    };
    let shared = given::<SipAccount>([]).and(OLGA, at(0), command);
    shared.clone().when(PETR, at(1), take(1)).then_refused(&Refusal::OfferForAnother);
    assert_eq!(shared.and(IVAN, at(1), take(1)).state().user(), Some(IVAN));
}

#[test]
fn a_new_offer_of_a_kind_replaces_the_older_one() {
    given::<SipAccount>(with(
        olgas(),
        [transfer_offered(1, OLGA, at(5)), assignment_offered(2, OLGA, at(5))],
    ))
    .when(OLGA, at(1), offer_transfer(3, at(6)))
    .then([cancelled(1, OfferKind::Transfer), transfer_offered(3, OLGA, at(6))])
    .when(PETR, at(2), take_sealed(1, "to olga", "to petr"))
    .then_refused(&Refusal::OfferCancelled);
}

#[test]
fn an_offer_that_lapsed_unnoticed_is_recorded_as_expired_by_the_next_one() {
    given::<SipAccount>(with(olgas(), [transfer_offered(1, OLGA, at(5))]))
        .when(OLGA, at(6), offer_transfer(2, at(11)))
        .then([expired(1, OfferKind::Transfer), transfer_offered(2, OLGA, at(11))]);
}

#[test]
fn whoever_offered_a_transfer_or_an_assignment_calls_it_back_by_pressing_take() {
    for (offered, kind) in [
        (transfer_offered(1, OLGA, at(5)), OfferKind::Transfer),
        (assignment_offered(1, OLGA, at(5)), OfferKind::Assignment),
    ] {
        given::<SipAccount>(with(olgas(), [offered]))
            .when(OLGA, at(1), take(1))
            .then([cancelled(1, kind)])
            .when(IVAN, at(2), take_sealed(1, "to olga", "to ivan"))
            .then_refused(&Refusal::OfferCancelled);
    }
}

#[test]
fn whoever_shared_settings_cannot_take_them() {
    for grant in [Grant::Give, Grant::Assign] {
        given::<SipAccount>([shared(1, grant, at(5))])
            .when(OLGA, at(1), take_sealed(1, "to ivan", "to olga"))
            .then_refused(&Refusal::OwnOffer);
    }
}

#[test]
fn a_called_back_offer_is_gone_for_good() {
    given::<SipAccount>(with(olgas(), [transfer_offered(1, OLGA, at(5))]))
        .when(OLGA, at(1), Command::CancelOffer { offer: token(1) })
        .then([cancelled(1, OfferKind::Transfer)]);
}

#[test]
fn only_who_made_an_offer_calls_it_back() {
    given::<SipAccount>(with(ivans_once_olgas(), [take_away_offered(2, OLGA, at(14))]))
        .when(IVAN, at(10), Command::CancelOffer { offer: token(2) })
        .then_refused(&Refusal::NotYours);
}

#[test]
fn an_offer_that_was_taken_is_not_called_back() {
    given::<SipAccount>(ivans_once_olgas())
        .when(OLGA, at(6), Command::CancelOffer { offer: token(1) })
        .then_refused(&Refusal::AlreadyTaken);
}

#[test]
fn a_number_whose_share_ended_untaken_is_never_used_again() {
    let ended = given::<SipAccount>([shared(1, Grant::Give, at(5))])
        .when(Actor::Process, at(5), Command::ExpireOffer { offer: token(1) })
        .then([expired(1, OfferKind::Settings)]);
    assert!(matches!(ended.state(), SipAccount::Deleted(_)));
    ended.when(PETR, at(9), share(2, Grant::Give, at(14))).then_refused(&Refusal::NumberTaken);
}

#[test]
fn a_share_that_was_called_back_is_gone() {
    given::<SipAccount>([shared(1, Grant::Give, at(5))])
        .when(OLGA, at(1), Command::CancelOffer { offer: token(1) })
        .then([cancelled(1, OfferKind::Settings)])
        .when(IVAN, at(2), take_sealed(1, "to olga", "to ivan"))
        .then_refused(&Refusal::OfferCancelled);
}

#[test]
fn an_offer_out_of_a_list_lives_five_minutes_from_when_it_was_sent() {
    let a_day = at(24 * 60);
    let sent = given::<SipAccount>([shared(1, Grant::Assign, a_day)])
        .when(OLGA, at(60), Command::MarkSent { offer: token(1), until: at(65) })
        .then([Event::OfferSent { offer: token(1), until: at(65) }]);
    sent.clone().when(IVAN, at(66), take(1)).then_refused(&Refusal::OfferOver { since: at(65) });
    assert_eq!(sent.and(IVAN, at(64), take(1)).state().user(), Some(IVAN));
}

#[test]
fn a_message_that_the_bot_hears_of_twice_is_shared_once() {
    let taken = given::<SipAccount>([shared(1, Grant::Assign, at(5))]).and(IVAN, at(1), take(1));
    taken.when(OLGA, at(2), share(1, Grant::Assign, at(7))).then_nothing();
}

#[test]
fn an_offer_that_was_never_made_cannot_be_taken() {
    given::<SipAccount>([]).when(IVAN, at(0), take(1)).then_refused(&Refusal::NoSuchOffer);
    given::<SipAccount>(olgas()).when(IVAN, at(0), take(1)).then_refused(&Refusal::NoSuchOffer);
}

#[test]
fn nobody_is_offered_what_they_have() {
    let to = |to| Command::OfferAssignment { offer: token(1), to: Some(to), until: at(5) };
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), to(IVAN))
        .then_refused(&Refusal::AlreadyYours);
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), to(OLGA))
        .then_refused(&Refusal::AlreadyYours);
    given::<SipAccount>(with(olgas_used_by_ivan(), [assignment_offered(1, OLGA, at(5))]))
        .when(IVAN, at(1), take(1))
        .then_refused(&Refusal::AlreadyYours);
}

#[test]
fn an_offer_that_is_over_when_it_is_made_is_refused() {
    given::<SipAccount>(olgas())
        .when(OLGA, at(5), offer_transfer(1, at(5)))
        .then_refused(&Refusal::OfferOver { since: at(5) });
}

#[test]
fn a_new_owner_is_bound_by_no_offer_of_the_former() {
    let history = with(olgas(), [transfer_offered(1, OLGA, at(5)), assignment_offered(2, OLGA, at(5))]);
    given::<SipAccount>(history)
        .when(IVAN, at(1), take_sealed(1, "to olga", "to ivan"))
        .then([cancelled(2, OfferKind::Assignment), transferred(1, OLGA, IVAN, "to ivan")]);
}

#[test]
fn a_new_owner_gets_the_password_that_is_set_and_not_one_that_still_acts() {
    let history = with(
        olgas(),
        [Event::PasswordChanged { password: sealed("changed") }, transfer_offered(1, OLGA, at(5))],
    );
    let after = given::<SipAccount>(history)
        .when(IVAN, at(1), take_sealed(1, "changed", "to ivan"))
        .then([Event::SettingsApplied { revision: Revision(1) }, transferred(1, OLGA, IVAN, "to ivan")]);
    let applied = after.state().applied().map(|applied| applied.settings.password.clone());
    assert_eq!(applied, Some(Some(sealed("to ivan"))));
}

#[test]
fn an_account_with_a_password_changes_owners_only_with_a_new_seal() {
    let history = with(olgas(), [transfer_offered(1, OLGA, at(5))]);
    let offered = given::<SipAccount>(history);
    assert!(offered.state().needs_reseal_for(&token(1), IVAN));
    assert!(!offered.state().needs_reseal_for(&token(1), OLGA), "her own press only calls it back");
    offered.when(IVAN, at(1), take(1)).then_refused(&Refusal::ResealNeeded);
}

#[test]
fn a_password_that_changed_after_it_was_resealed_is_not_lost() {
    let history = with(olgas(), [transfer_offered(1, OLGA, at(5))]);
    let changed =
        given::<SipAccount>(history).and(OLGA, at(1), Command::Change(Change::Password(sealed("changed"))));
    changed
        .clone()
        .when(IVAN, at(2), take_sealed(1, "to olga", "to ivan"))
        .then_refused(&Refusal::ResealNeeded);
    let after = changed.and(IVAN, at(2), take_sealed(1, "changed", "changed, to ivan"));
    assert_eq!(after.state().password(), Some(&sealed("changed, to ivan")));
}

#[test]
fn an_account_without_a_password_needs_no_seal() {
    let draft = Event::AccountCreated {
        owner: OLGA,
        origin: Origin::Menu,
        settings: Settings::default(),
        offer: None,
    };
    let offered = given::<SipAccount>([draft, transfer_offered(1, OLGA, at(5))]);
    assert!(!offered.state().needs_reseal_for(&token(1), IVAN));
    offered.when(IVAN, at(1), take(1)).then([Event::AccountTransferred {
        from: OLGA,
        to: IVAN,
        offer: token(1),
        password: None,
    }]);
}

#[test]
fn a_new_password_voids_a_take_away_that_was_proved_with_the_old_one() {
    let history = with(ivans_once_olgas(), [take_away_offered(2, OLGA, at(14))]);
    given::<SipAccount>(history)
        .when(IVAN, at(10), Command::Change(Change::Password(sealed("changed"))))
        .then([cancelled(2, OfferKind::TakeAway), Event::PasswordChanged { password: sealed("changed") }])
        .when(OLGA, at(11), take_sealed(2, "to ivan", "to olga"))
        .then_refused(&Refusal::OfferCancelled);
}

#[test]
fn an_offer_to_return_ends_when_its_maker_no_longer_uses_the_account() {
    for (command, ended) in [
        (Command::Unassign, Event::AccountUnassigned { user: IVAN }),
        (Command::Assign { user: PETR }, assigned_to(PETR)),
        (Command::Lend { user: PETR, until: at(60) }, Event::AccountLent { user: PETR, until: at(60) }),
    ] {
        given::<SipAccount>(with(olgas_used_by_ivan(), [return_offered(1, IVAN, OLGA, at(5))]))
            .when(OLGA, at(1), command)
            .then([cancelled(1, OfferKind::Return), ended]);
    }
}

#[test]
fn a_second_press_of_a_take_that_was_taken_away_since_is_not_told_that_it_worked() {
    let history = with(olgas(), [assignment_offered(1, OLGA, at(5))]);
    given::<SipAccount>(history)
        .and(IVAN, at(1), take(1))
        .and(OLGA, at(2), Command::Unassign)
        .when(IVAN, at(3), take(1))
        .then_refused(&Refusal::AlreadyTaken);
}

#[test]
fn what_became_of_an_offer_stays_known() {
    let account = given::<SipAccount>(ivans_once_olgas()).state();
    let Some(Found::Closed(closed)) = account.offer(&token(1)) else { panic!("the offer is closed") };
    assert_eq!(closed.fate, Fate::Taken { by: IVAN });
}
