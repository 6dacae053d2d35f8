//! Lending an account for a while.

use super::*;
use crate::sip_account::LOAN_MAX;
use chrono::TimeDelta;

#[test]
fn the_owner_lends_the_account_for_a_while() {
    let after = given::<SipAccount>(olgas()).when(OLGA, at(0), lend(IVAN, at(60))).then([lent(IVAN, at(60))]);
    let account = after.state();
    assert_eq!((account.user(), account.loan_until()), (Some(IVAN), Some(at(60))));
}

#[test]
fn a_loan_ends_by_itself() {
    let lent = given::<SipAccount>(lent_to_ivan());
    lent.clone()
        .when(Actor::Process, at(59), Command::EndLoan)
        .then_refused(&Refusal::NotDue { due: at(60) });
    let after = lent.when(Actor::Process, at(60), Command::EndLoan).then([loan_ended(IVAN)]);
    assert_eq!(after.state().user(), Some(OLGA));
}

#[test]
fn the_owner_ends_a_loan_at_any_time() {
    given::<SipAccount>(lent_to_ivan()).when(OLGA, at(1), Command::EndLoan).then([loan_ended(IVAN)]);
    given::<SipAccount>(lent_to_ivan()).when(OLGA, at(1), Command::Unassign).then([loan_ended(IVAN)]);
}

#[test]
fn a_loan_that_is_over_does_not_wait_for_anybody_to_tidy_up() {
    given::<SipAccount>(lent_to_ivan()).when(IVAN, at(60), Command::Delete).then_refused(&Refusal::NotYours);
    given::<SipAccount>(lent_to_ivan())
        .when(OLGA, at(60), Command::Assign { user: PETR })
        .then([loan_ended(IVAN), assigned_to(PETR)]);
}

#[test]
fn a_loan_that_is_over_ends_the_borrowers_offer_to_return() {
    given::<SipAccount>(with(lent_to_ivan(), [return_offered(1, IVAN, OLGA, at(63))]))
        .when(Actor::Process, at(60), Command::EndLoan)
        .then([cancelled(1, OfferKind::Return), loan_ended(IVAN)]);
}

#[test]
fn a_borrower_who_deletes_gives_the_account_back() {
    // Asked again, the borrower is a stranger.
    given::<SipAccount>(lent_to_ivan())
        .when(IVAN, at(1), Command::Delete)
        .then_refused_again([used_returned(IVAN, OLGA, None)], &Refusal::NotYours);
}

#[test]
fn a_borrower_does_not_extend_the_loan() {
    given::<SipAccount>(lent_to_ivan())
        .when(IVAN, at(1), lend(IVAN, at(99)))
        .then_refused(&Refusal::NotTheOwner);
}

#[test]
fn the_owner_extends_a_loan_or_makes_it_permanent() {
    given::<SipAccount>(lent_to_ivan()).when(OLGA, at(1), lend(IVAN, at(99))).then([lent(IVAN, at(99))]);
    given::<SipAccount>(lent_to_ivan())
        .when(OLGA, at(1), Command::Assign { user: IVAN })
        .then([assigned_to(IVAN)]);
}

#[test]
fn a_loan_ends_in_the_future_and_within_a_year() {
    let a_year = at(0) + LOAN_MAX;
    given::<SipAccount>(olgas()).when(OLGA, at(0), lend(IVAN, a_year)).then([lent(IVAN, a_year)]);
    for until in [at(0), at(-1), a_year + TimeDelta::seconds(1)] {
        given::<SipAccount>(olgas()).when(OLGA, at(0), lend(IVAN, until)).then_refused(&Refusal::BadLoanEnd);
    }
}

#[test]
fn nobody_lends_to_themself() {
    given::<SipAccount>(olgas()).when(OLGA, at(0), lend(OLGA, at(60))).then_refused(&Refusal::AlreadyYours);
}

#[test]
fn a_transfer_ends_the_loan() {
    let after = given::<SipAccount>(with(lent_to_ivan(), [transfer_offered(1, OLGA, at(5))]))
        .when(PETR, at(1), take_sealed(1, "to olga", "to petr"))
        .then([transferred(1, OLGA, PETR, "to petr")]);
    assert_eq!((after.state().user(), after.state().loan_until()), (Some(PETR), None));
}

fn lent_to_ivan() -> Vec<Event> {
    with(olgas(), [lent(IVAN, at(60))])
}

fn lend(user: UserId, until: DateTime<Utc>) -> Command {
    Command::Lend { user, until }
}

fn lent(user: UserId, until: DateTime<Utc>) -> Event {
    Event::AccountLent { user, until }
}

fn loan_ended(user: UserId) -> Event {
    Event::LoanEnded { user }
}
