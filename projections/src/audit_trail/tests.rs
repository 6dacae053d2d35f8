//! What `audit_trail` keeps and answers, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, account, at, complete, created, fold, of_ivan, on_each_database, sealed, story,
};
use domain::sip_account::Event as Happened;

#[test]
fn an_entry_says_who_did_what_when_and_because_of_what() {
    let entries =
        fold(&AuditTrail, &story([created(complete()), Happened::PasswordChanged { password: sealed() }]));
    assert_eq!(entries[1].what, "id 1 changed the password");
    assert_eq!((entries[1].actor, entries[1].at), (Actor::Person(OLGA), at(1)));
    assert_eq!(entries[1].cause.as_deref(), Some("update 2"));
}

#[test]
fn no_secret_is_in_the_trail() {
    let entries =
        fold(&AuditTrail, &story([created(complete()), Happened::PasswordChanged { password: sealed() }]));
    assert!(!format!("{entries:?}").contains(sealed().as_text()));
}

#[tokio::test]
async fn entries_are_found_by_account_by_person_and_by_time() {
    on_each_database(async |platform| {
        platform.happens(&story([created(complete()), Happened::AccountSwitchedOff])).await;
        platform
            .happens(
                &of_ivan([domain::person::Event::CallbackModeSwitchedOff])
                    .into_iter()
                    .map(later)
                    .collect::<Vec<_>>(),
            )
            .await;
        let db = platform.db();

        let of_it = of_account(&*db, account()).await.unwrap();
        let names: Vec<_> = of_it.iter().map(|entry| entry.event.as_str()).collect();
        assert_eq!(names, ["AccountCreated", "AccountSwitchedOff"]);
        let latest = by_person(&*db, OLGA, 1).await.unwrap();
        assert_eq!(latest[0].event, "AccountSwitchedOff");
        assert_eq!(by_person(&*db, IVAN, 9).await.unwrap().len(), 1);
        assert_eq!(between(&*db, at(1), at(2), 9).await.unwrap().len(), 1);
    })
    .await;
}

/// With an id of its own.
fn later(recorded: domain::log::Recorded<Event>) -> domain::log::Recorded<Event> {
    domain::log::Recorded { id: "00000000-0000-7000-8000-000000000999".into(), ..recorded }
}
