//! What `people` keeps and answers, as sentences.

use super::*;
use crate::testing::{IVAN, PETR, at, of_ivan, on_each_database, row, sealed};

fn named() -> Happened {
    Happened::PersonNamed { name: sealed(), username: Some(sealed()), fingerprint: "f".into() }
}

#[test]
fn a_person_is_met_with_their_first_event() {
    let person =
        row(&People, &of_ivan([named(), Happened::LanguageChosen { language: Language::Ru }])).unwrap();
    assert_eq!((person.id, person.met_at, person.name), (IVAN, at(0), Some(sealed())));
    assert_eq!(person.person.language, Some(Language::Ru));
}

#[test]
fn a_forgotten_person_has_no_names_any_more() {
    let person = row(&People, &of_ivan([named(), Happened::PersonErased])).unwrap();
    assert_eq!((person.name, person.username, person.person.fingerprint), (None, None, None));
    assert!(person.person.erased);
}

#[tokio::test]
async fn a_person_is_found_in_the_database() {
    on_each_database(async |platform| {
        let events = of_ivan([named(), Happened::PersonBlockedBot, Happened::CallbackModeSwitchedOff]);
        platform.happens(&events).await;
        let found = one(&*platform.db(), IVAN).await.unwrap();
        assert_eq!(found, row(&People, &events));
        assert!(found.is_some_and(|person| !person.person.reachable));
        assert_eq!(one(&*platform.db(), PETR).await.unwrap(), None);
    })
    .await;
}
