//! What `history` keeps and answers, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, account, at, complete, created, ended, of_call, of_ivan, offered_call, requested, sealed,
    story, taken, the_call, token, told,
};
use domain::call::{self, Direction, EndCause};
use domain::log::Actor;
use domain::sip_account::{Event as Happened, Grant, OfferKind, Origin, Returned};

fn names() -> BTreeMap<UserId, String> {
    BTreeMap::from([(OLGA, "Olga".to_owned()), (IVAN, "Ivan".to_owned())])
}

fn transferred() -> Happened {
    Happened::AccountTransferred { from: OLGA, to: IVAN, offer: token(1), password: Some(sealed()) }
}

#[test]
fn a_take_is_told_with_its_time_and_names() {
    let told = told([(Actor::Person(IVAN), transferred())]);
    let line = lines(&told, &names()).remove(0);
    assert_eq!(
        line.to_string(),
        "2026-01-01 10:00 UTC  Ivan (id 42) took the account from Olga (id 1): now its owner"
    );
    assert_eq!((line.event, line.position.as_str()), ("AccountTransferred", "0-0-1"));
}

#[test]
fn whose_name_is_not_known_is_told_by_id() {
    let told = story([created(complete())]);
    assert_eq!(sentence(&told[0], &Numbers), "id 1 created the account 101@pbx.example");
}

#[test]
fn what_a_deadline_did_is_not_told_as_if_a_person_had() {
    let by_itself = told([
        (Actor::Process, Happened::SettingsApplied { revision: domain::ids::Revision(3) }),
        (Actor::Process, Happened::OfferExpired { offer: token(1), kind: OfferKind::Transfer }),
        (Actor::Process, Happened::LoanEnded { user: IVAN }),
    ]);
    let told: Vec<_> = lines(&by_itself, &names()).into_iter().map(|line| line.what).collect();
    assert_eq!(
        told,
        [
            "Five minutes passed: the settings act now (revision 3)",
            "Nobody took the offer to transfer the account in time",
            "The loan to Ivan (id 42) ran out: the owner is the user again",
        ]
    );
}

#[test]
fn shared_settings_that_were_taken_say_who_took_and_who_owns() {
    let shared = |grant, settings| Happened::SettingsOffered {
        offer: token(1),
        by: OLGA,
        to: None,
        grant,
        settings,
        until: at(5),
        batch: None,
    };
    let create = Happened::AccountCreated {
        owner: OLGA,
        origin: Origin::Share,
        settings: complete(),
        offer: Some(token(1)),
    };
    let assign = Happened::AccountAssigned { user: IVAN, offer: Some(token(1)) };
    let told = told([
        (Actor::Person(OLGA), shared(Grant::Assign, complete())),
        (Actor::Person(IVAN), create),
        (Actor::Person(IVAN), assign),
    ]);
    let told: Vec<_> = lines(&told, &names()).into_iter().map(|line| line.what).collect();
    assert_eq!(
        told,
        [
            "Olga (id 1) offered 101@pbx.example to whoever presses Take first to use, until 2026-01-01 10:05 UTC",
            "Ivan (id 42) took the account 101@pbx.example, which came into being: Olga (id 1) owns it",
            "Ivan (id 42) took the account: now its user",
        ]
    );
}

#[test]
fn giving_back_and_taking_back_are_told_apart() {
    let returned =
        |what, offer| Happened::AccountReturned { from: IVAN, to: OLGA, what, offer, password: None };
    let told = story([returned(Returned::Use, None), returned(Returned::Ownership, Some(token(1)))]);
    let told: Vec<_> = lines(&told, &names()).into_iter().map(|line| line.what).collect();
    assert_eq!(
        told,
        [
            "Ivan (id 42) gave the use of the account back to Olga (id 1)",
            "Olga (id 1) took the account back from Ivan (id 42): its owner again",
        ]
    );
}

#[test]
fn everybody_in_a_story_is_known_before_it_is_told() {
    assert_eq!(people(&story([created(complete()), transferred()])), [OLGA, IVAN]);
    assert_eq!(people(&of_ivan([domain::person::Event::PersonErased])), [IVAN]);
}

#[test]
fn no_sentence_and_no_summary_holds_a_secret() {
    let events =
        story([created(complete()), Happened::PasswordChanged { password: sealed() }, transferred()]);
    let told = format!("{:?} {:?}", lines(&events, &names()), summary(&state(&events), &names()));
    assert!(!told.contains(sealed().as_text()), "{told}");
    assert!(told.contains(r#"("password", "set")"#), "{told}");
}

#[test]
fn an_account_can_be_seen_as_it_was_at_any_point() {
    let events = || story([created(complete()), Happened::AccountSwitchedOff, transferred()]);
    let owner_at = |at| state(&up_to(events(), at)).owner();
    assert_eq!(owner_at(At::Time(at(1))), Some(OLGA));
    assert_eq!(owner_at(At::Time(at(2))), Some(IVAN));
    assert_eq!(owner_at("0-0-2".parse().unwrap()), Some(OLGA));
    assert_eq!(owner_at("3".parse().unwrap()), Some(IVAN));
    assert_eq!(owner_at("2025-12-31".parse().unwrap()), None);

    let before = summary(&state(&up_to(events(), At::Time(at(1)))), &names());
    assert!(before.contains(&("owner", "Olga (id 1)".to_owned())), "{before:?}");
    assert!(before.contains(&("switched", "off".to_owned())), "{before:?}");
    assert_eq!(account().to_string(), "100000001");
}

#[test]
fn a_point_is_a_position_a_moment_or_a_day() {
    assert_eq!("2026-01-01T10:05:00Z".parse(), Ok(At::Time(at(5))));
    assert_eq!("2026-01-01 10:05".parse(), Ok(At::Time(at(5))));
    assert_eq!("0-7-42".parse(), Ok(At::Position(Position { cell: 0, tx: 7, pos: 42 })));
    assert_eq!("yesterday".parse::<At>(), Err(NotAPoint));
}

#[test]
fn a_call_is_told_without_its_number() {
    let mut refused = ended(EndCause::Busy, Direction::Out, 0);
    if let call::Event::CallEnded { code, reason, .. } = &mut refused {
        (*code, *reason) = (Some(486), Some("Busy Here".into()));
    }
    let events = of_call(the_call(), [requested(), taken(), call::Event::CallDialled, refused]);
    let told: Vec<_> = lines(&events, &names()).into_iter().map(|line| line.what).collect();
    assert_eq!(
        told,
        [
            "Ivan (id 42) asked for a call to a number through account 100000001",
            "media one took the call and rings its user",
            "The user is there, and the number was dialled",
            "The far end was busy (486 Busy Here)",
        ]
    );
}

#[test]
fn a_call_that_came_in_tells_how_long_they_talked() {
    let hangup = EndCause::Hangup { by: call::Party::User };
    let started = call::Event::RecordingStarted { automatic: true, locked: true };
    let saved = call::Event::RecordingSaved { reference: "one".into(), seconds: 61 };
    let events =
        [offered_call(), call::Event::CallAnswered, started, saved, ended(hangup, Direction::In, 61)];
    let told: Vec<_> =
        lines(&of_call(the_call(), events), &names()).into_iter().map(|line| line.what).collect();
    assert_eq!(
        told,
        [
            "A call came in for account 100000001: Ivan (id 42) is rung",
            "They talk",
            "Recording began by itself, and the user can't stop it",
            "A recording of 61 s was stored",
            "Ivan (id 42) hung up; they talked 61 s",
        ]
    );
}
