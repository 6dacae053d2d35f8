//! How accounts come into being and go.

use super::*;

#[test]
fn a_new_account_is_empty_switched_on_and_its_makers() {
    let after = given::<SipAccount>([]).when(OLGA, at(0), create(Origin::Menu, Settings::default())).then([
        Event::AccountCreated {
            owner: OLGA,
            origin: Origin::Menu,
            settings: Settings::default(),
            offer: None,
        },
    ]);
    let account = after.state();
    assert_eq!((account.owner(), account.user()), (Some(OLGA), Some(OLGA)));
    assert_eq!((account.is_complete(), account.applied()), (false, None));
    assert!(account.owned().is_some_and(|account| account.settings.on));
}

#[test]
fn a_number_is_given_once() {
    given::<SipAccount>(olgas())
        .when(PETR, at(0), create(Origin::Menu, Settings::default()))
        .then_refused(&Refusal::NumberTaken);
    given::<SipAccount>(olgas())
        .when(OLGA, at(0), create(Origin::Menu, Settings::default()))
        .then_refused(&Refusal::NumberTaken);
    given::<SipAccount>(with(olgas(), [Event::AccountDeleted { owner: OLGA }]))
        .when(OLGA, at(0), create(Origin::Menu, Settings::default()))
        .then_refused(&Refusal::NumberTaken);
}

#[test]
fn a_share_or_a_link_without_a_password_or_a_server_is_refused() {
    let no_password = Settings { password: None, ..complete("to olga") };
    let no_server = Settings { domain: None, ..complete("to olga") };
    for settings in [no_password, no_server, Settings::default()] {
        given::<SipAccount>([])
            .when(OLGA, at(0), create(Origin::Link, settings.clone()))
            .then_refused(&Refusal::Incomplete);
        let share = Command::ShareSettings {
            offer: token(1),
            to: None,
            grant: Grant::Give,
            settings: Box::new(settings),
            until: at(5),
            batch: None,
        };
        given::<SipAccount>([]).when(OLGA, at(0), share).then_refused(&Refusal::Incomplete);
    }
}

#[test]
fn a_proxy_is_server_enough() {
    let settings = Settings { domain: None, proxy: "sbc.example:5061".parse().ok(), ..complete("to olga") };
    assert!(settings.is_complete());
}

#[test]
fn nobody_but_a_person_creates() {
    for nobody in [Actor::Operator, Actor::Process, Actor::Gateway] {
        given::<SipAccount>([])
            .when(nobody, at(0), create(Origin::Menu, Settings::default()))
            .then_refused(&Refusal::NotYours);
    }
}

#[test]
fn a_deleted_account_takes_its_offers_with_it() {
    let history = with(olgas(), [transfer_offered(1, OLGA, at(5)), assignment_offered(2, OLGA, at(5))]);
    given::<SipAccount>(history).when(OLGA, at(1), Command::Delete).then([
        cancelled(2, OfferKind::Assignment),
        cancelled(1, OfferKind::Transfer),
        Event::AccountDeleted { owner: OLGA },
    ]);
}

#[test]
fn there_is_nothing_to_do_with_an_account_that_is_not_there() {
    for history in [
        Vec::new(),
        vec![shared(1, Grant::Give, at(5))],
        with(olgas(), [Event::AccountDeleted { owner: OLGA }]),
    ] {
        for command in [
            Command::SwitchOff,
            offer_transfer(2, at(5)),
            Command::Unassign,
            Command::Apply { revision: None },
        ] {
            given::<SipAccount>(history.clone())
                .when(OLGA, at(0), command)
                .then_refused(&Refusal::NoSuchAccount);
        }
    }
}

fn create(origin: Origin, settings: Settings) -> Command {
    Command::Create { origin, settings: Box::new(settings) }
}
