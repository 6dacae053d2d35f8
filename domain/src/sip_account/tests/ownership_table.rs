//! The ownership table, row by row (product reference 5.3).

use super::*;
use crate::settings::Transport;
use crate::sip_account::Change;

#[test]
fn the_owner_offers_to_assign_the_account() {
    // T1
    given::<SipAccount>(olgas()).when(OLGA, at(0), offer_assignment(1, at(5))).then([assignment_offered(
        1,
        OLGA,
        at(5),
    )]);
}

#[test]
fn the_owner_offers_to_transfer_the_account() {
    // T2
    given::<SipAccount>(olgas()).when(OLGA, at(0), offer_transfer(1, at(5))).then([transfer_offered(
        1,
        OLGA,
        at(5),
    )]);
}

#[test]
fn whoever_presses_take_first_becomes_the_user_and_the_owner_stays() {
    // T3
    let after = given::<SipAccount>(with(olgas(), [assignment_offered(1, OLGA, at(5))]))
        .when(IVAN, at(4), take(1))
        .then([Event::AccountAssigned { user: IVAN, offer: Some(token(1)) }]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(IVAN)));
    after.when(PETR, at(4), take(1)).then_refused(&Refusal::AlreadyTaken);
}

#[test]
fn a_late_press_is_told_since_when_the_assignment_is_over() {
    // T3
    given::<SipAccount>(with(olgas(), [assignment_offered(1, OLGA, at(5))]))
        .when(IVAN, at(5), take(1))
        .then_refused(&Refusal::OfferOver { since: at(5) });
}

#[test]
fn whoever_takes_a_transfer_becomes_owner_and_user() {
    // T4
    let after = given::<SipAccount>(with(olgas(), [transfer_offered(1, OLGA, at(5))]))
        .when(IVAN, at(4), take_sealed(1, "to olga", "to ivan"))
        .then([transferred(1, OLGA, IVAN, "to ivan")]);

    let account = after.state();
    assert_eq!((account.owner(), account.user()), (Some(IVAN), Some(IVAN)));
    assert_eq!(account.former_owners(), [OLGA]);
    assert_eq!(account.password(), Some(&sealed("to ivan")));
    after.when(PETR, at(4), take_sealed(1, "to olga", "to petr")).then_refused(&Refusal::AlreadyTaken);
}

#[test]
fn an_offer_that_nobody_takes_is_gone_after_its_time_and_nothing_else_changes() {
    // T5
    let before = given::<SipAccount>(with(olgas(), [transfer_offered(1, OLGA, at(5))]));
    before
        .clone()
        .when(Actor::Process, at(4), Command::ExpireOffer { offer: token(1) })
        .then_refused(&Refusal::NotDue { due: at(5) });
    let after = before
        .when(Actor::Process, at(5), Command::ExpireOffer { offer: token(1) })
        .then([expired(1, OfferKind::Transfer)]);

    assert_eq!(after.state().offers().count(), 0);
    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
}

#[test]
fn the_owner_picks_a_user_who_has_the_account_at_once() {
    // T6
    given::<SipAccount>(olgas()).when(OLGA, at(0), Command::Assign { user: IVAN }).then([assigned_to(IVAN)]);
}

#[test]
fn the_owner_picks_another_user_without_asking_the_first() {
    // T6, T8
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), Command::Assign { user: PETR })
        .then([assigned_to(PETR)]);
}

#[test]
fn the_owner_unlinks_the_user() {
    // T7
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), Command::Unassign)
        .then([Event::AccountUnassigned { user: IVAN }]);
}

#[test]
fn picking_oneself_unlinks_the_user() {
    // T7
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), Command::Assign { user: OLGA })
        .then([Event::AccountUnassigned { user: IVAN }]);
}

#[test]
fn the_owner_changes_and_switches_off_an_assigned_account_without_consent() {
    // T8
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), Command::Change(Change::Transport(Transport::Tls)))
        .then([Event::TransportChanged { transport: Transport::Tls }])
        .when(OLGA, at(0), Command::SwitchOff)
        .then([Event::AccountSwitchedOff]);
}

#[test]
fn the_owner_deletes_an_assigned_account() {
    // T9
    given::<SipAccount>(olgas_used_by_ivan())
        .when(OLGA, at(0), Command::Delete)
        .then([Event::AccountDeleted { owner: OLGA }]);
}

#[test]
fn an_assigned_user_who_deletes_gives_the_account_back() {
    // T10. Asked again, the former user is a stranger: the account is not theirs to delete or to give back.
    let after = given::<SipAccount>(olgas_used_by_ivan())
        .when(IVAN, at(0), Command::Delete)
        .then_refused_again([used_returned(IVAN, OLGA, None)], &Refusal::NotYours);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
}

#[test]
fn an_assigned_user_neither_changes_nor_passes_the_account_on() {
    // T11
    for command in [
        Command::Change(Change::Transport(Transport::Tls)),
        Command::Apply { revision: None },
        Command::SwitchOff,
        Command::SwitchOn,
        Command::Assign { user: PETR },
        Command::Unassign,
        Command::Lend { user: PETR, until: at(60) },
        Command::EndLoan,
        offer_transfer(1, at(5)),
        offer_assignment(1, at(5)),
    ] {
        given::<SipAccount>(olgas_used_by_ivan())
            .when(IVAN, at(0), command)
            .then_refused(&Refusal::NotTheOwner);
    }
}

#[test]
fn an_assigned_user_offers_the_account_back_and_the_owner_takes_it() {
    // T12
    let after = given::<SipAccount>(olgas_used_by_ivan())
        .when(IVAN, at(0), offer_return(1, at(5)))
        .then([return_offered(1, IVAN, OLGA, at(5))])
        .when(OLGA, at(4), take(1))
        .then([used_returned(IVAN, OLGA, Some(1))]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
}

#[test]
fn an_account_offered_back_too_long_ago_stays_assigned() {
    // T12
    let offered = given::<SipAccount>(with(olgas_used_by_ivan(), [return_offered(1, IVAN, OLGA, at(5))]));
    offered.clone().when(OLGA, at(6), take(1)).then_refused(&Refusal::OfferOver { since: at(5) });
    assert_eq!(offered.state().user(), Some(IVAN));
}

#[test]
fn the_new_owner_of_a_transferred_account_does_as_an_owner_does() {
    // T13
    given::<SipAccount>(ivans_once_olgas())
        .when(IVAN, at(9), Command::Change(Change::Transport(Transport::Tcp)))
        .then([Event::TransportChanged { transport: Transport::Tcp }])
        .when(IVAN, at(9), offer_transfer(2, at(14)))
        .then([transfer_offered(2, IVAN, at(14))])
        .when(IVAN, at(9), Command::Delete)
        .then([cancelled(2, OfferKind::Transfer), Event::AccountDeleted { owner: IVAN }]);
}

#[test]
fn the_former_owner_of_a_transferred_account_may_do_nothing_with_it() {
    // T13
    for command in [Command::SwitchOff, Command::Delete, offer_transfer(2, at(14)), offer_return(2, at(14))] {
        given::<SipAccount>(ivans_once_olgas()).when(OLGA, at(9), command).then_refused(&Refusal::NotYours);
    }
}

#[test]
fn the_new_owner_offers_the_account_back_and_the_former_owner_takes_it() {
    // T14
    let returned = Event::AccountReturned {
        from: IVAN,
        to: OLGA,
        what: Returned::Ownership,
        offer: Some(token(2)),
        password: Some(sealed("to olga again")),
    };
    let after = given::<SipAccount>(ivans_once_olgas())
        .when(IVAN, at(9), offer_return(2, at(14)))
        .then([return_offered(2, IVAN, OLGA, at(14))])
        .when(OLGA, at(10), take_sealed(2, "to ivan", "to olga again"))
        .then([returned]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
    assert_eq!(after.state().former_owners(), []);
}

#[test]
fn only_the_former_owner_takes_a_returned_account() {
    // T14
    given::<SipAccount>(with(ivans_once_olgas(), [return_offered(2, IVAN, OLGA, at(14))]))
        .when(PETR, at(10), take_sealed(2, "to olga", "to petr"))
        .then_refused(&Refusal::OfferForAnother);
}

#[test]
fn the_former_owner_takes_the_account_away_by_its_password() {
    // T15
    let taken_away = Event::AccountTakenAway {
        from: IVAN,
        to: OLGA,
        offer: token(2),
        password: Some(sealed("to olga again")),
    };
    let after = given::<SipAccount>(ivans_once_olgas())
        .when(OLGA, at(9), take_away(2, "to ivan", at(14)))
        .then([take_away_offered(2, OLGA, at(14))])
        .when(OLGA, at(10), take_sealed(2, "to ivan", "to olga again"))
        .then([taken_away]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(OLGA)));
}

#[test]
fn a_failed_take_away_never_tells_why() {
    // T15, T16: the tries are counted where they are made, by the bot.
    let refused = |history: Vec<Event>, by: UserId, password: &str| {
        given::<SipAccount>(history)
            .when(by, at(9), take_away(2, password, at(14)))
            .then_refused(&Refusal::TakeAwayRefused);
    };
    refused(Vec::new(), OLGA, "to ivan");
    refused(ivans_once_olgas(), OLGA, "another");
    refused(ivans_once_olgas(), PETR, "to ivan");
    refused(ivans_once_olgas(), IVAN, "to ivan");
    refused(with(ivans_once_olgas(), [Event::AccountDeleted { owner: IVAN }]), OLGA, "to ivan");
    refused(vec![shared(1, Grant::Give, at(20))], OLGA, "to olga");
    refused(
        with(ivans_once_olgas(), [Event::PasswordChanged { password: sealed("changed") }]),
        OLGA,
        "to ivan",
    );
}

#[test]
fn an_account_that_was_passed_on_is_taken_away_from_whoever_has_it() {
    // T17
    let history =
        with(ivans_once_olgas(), [transfer_offered(2, IVAN, at(20)), transferred(2, IVAN, PETR, "to petr")]);
    let after = given::<SipAccount>(history)
        .and(OLGA, at(21), take_away(3, "to petr", at(26)))
        .when(OLGA, at(22), take_sealed(3, "to petr", "to olga again"))
        .then([Event::AccountTakenAway {
            from: PETR,
            to: OLGA,
            offer: token(3),
            password: Some(sealed("to olga again")),
        }]);
    assert_eq!(after.state().former_owners(), [], "nobody has it before Olga any more");
}

#[test]
fn settings_given_away_make_the_taker_the_owner() {
    // T18, personal
    let created = Event::AccountCreated {
        owner: IVAN,
        origin: Origin::Share,
        settings: complete("to ivan"),
        offer: Some(token(1)),
    };
    let after = given::<SipAccount>([])
        .when(OLGA, at(0), share(1, Grant::Give, at(5)))
        .then([shared(1, Grant::Give, at(5))])
        .when(IVAN, at(4), take_sealed(1, "to olga", "to ivan"))
        .then([created, Event::SettingsApplied { revision: Revision(0) }]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(IVAN), Some(IVAN)));
    after.when(PETR, at(4), take_sealed(1, "to olga", "to petr")).then_refused(&Refusal::AlreadyTaken);
}

#[test]
fn settings_shared_to_assign_leave_the_sender_the_owner() {
    // T18, office method 2
    let created = Event::AccountCreated {
        owner: OLGA,
        origin: Origin::Share,
        settings: complete("to olga"),
        offer: Some(token(1)),
    };
    let assigned = Event::AccountAssigned { user: IVAN, offer: Some(token(1)) };
    let after = given::<SipAccount>([shared(1, Grant::Assign, at(5))]).when(IVAN, at(4), take(1)).then([
        created,
        Event::SettingsApplied { revision: Revision(0) },
        assigned,
    ]);

    assert_eq!((after.state().owner(), after.state().user()), (Some(OLGA), Some(IVAN)));
    after.when(PETR, at(4), take(1)).then_refused(&Refusal::AlreadyTaken);
}

#[test]
fn shared_settings_that_nobody_takes_in_time_are_gone() {
    // T18
    given::<SipAccount>([shared(1, Grant::Give, at(5))])
        .when(IVAN, at(5), take_sealed(1, "to olga", "to ivan"))
        .then_refused(&Refusal::OfferOver { since: at(5) });
}

#[test]
fn who_opens_a_link_is_the_only_owner() {
    // T19
    let settings = complete("to ivan");
    let created =
        Event::AccountCreated { owner: IVAN, origin: Origin::Link, settings: settings.clone(), offer: None };
    let after = given::<SipAccount>([])
        .when(IVAN, at(0), Command::Create { origin: Origin::Link, settings: Box::new(settings) })
        .then([created, Event::SettingsApplied { revision: Revision(0) }]);

    assert_eq!(after.state().former_owners(), []);
    after.when(IVAN, at(1), offer_return(1, at(6))).then_refused(&Refusal::NobodyToReturnTo);
}

#[test]
fn nobody_manages_an_account_that_came_by_a_link_but_its_owner() {
    // T20, T21
    let opened = || {
        given::<SipAccount>([]).and(
            IVAN,
            at(0),
            Command::Create { origin: Origin::Link, settings: Box::new(complete("to ivan")) },
        )
    };
    opened().when(Actor::Operator, at(1), Command::SwitchOff).then_refused(&Refusal::NotYours);
    opened().when(OLGA, at(1), Command::SwitchOff).then_refused(&Refusal::NotYours);
    opened().when(IVAN, at(1), Command::SwitchOff).then([Event::AccountSwitchedOff]);
    opened().when(IVAN, at(1), Command::Delete).then([Event::AccountDeleted { owner: IVAN }]);
}

#[test]
fn a_third_person_can_do_nothing() {
    // T22
    for command in [
        Command::Change(Change::Transport(Transport::Tls)),
        Command::Apply { revision: None },
        Command::SwitchOff,
        Command::SwitchOn,
        Command::Assign { user: ANNA },
        Command::Unassign,
        Command::Lend { user: ANNA, until: at(60) },
        Command::EndLoan,
        Command::Delete,
        offer_transfer(1, at(5)),
        offer_assignment(1, at(5)),
        offer_return(1, at(5)),
        Command::ReportRegistered { revision: Revision(0) },
    ] {
        given::<SipAccount>(olgas_used_by_ivan()).when(ANNA, at(0), command).then_refused(&Refusal::NotYours);
    }
}

#[test]
fn an_account_over_the_paid_number_stops_and_the_reason_is_on_record() {
    // T23: how many accounts are paid for is known to billing; the gateway that turns one away reports it.
    let reason = "SIP account has disallowed settings";
    let report =
        Command::ReportRegistrationFailed { revision: Revision(0), code: 402, reason: reason.into() };
    given::<SipAccount>(olgas_used_by_ivan())
        .when(Actor::Gateway, at(0), report)
        .then([Event::RegistrationFailed { revision: Revision(0), code: 402, reason: reason.into() }]);
}
