//! What `account_board` keeps and answers, as sentences.

use super::*;
use crate::testing::{
    IVAN, OLGA, PETR, account, at, complete, created, fold, on_each_database, row, sealed, story, token,
};
use domain::log::Actor;
use domain::settings::Transport;
use domain::sip_account::{Event as Happened, Grant, OfferKind};
use event_store::sql::Value;

fn board(events: impl IntoIterator<Item = Happened>) -> Option<Account> {
    row(&AccountBoard, &story(events)).map(|account| *account)
}

#[test]
fn a_new_account_belongs_to_its_maker_who_uses_it_too() {
    let account = board([created(Settings::default())]).unwrap();
    assert_eq!((account.owner(), account.user()), (OLGA, OLGA));
    assert_eq!((account.label(), account.is_complete(), account.is_on()), ("100000001".into(), false, true));
}

#[test]
fn the_password_itself_is_nowhere_in_the_row() {
    let account =
        board([created(complete()), Happened::PasswordChanged { password: sealed() }, applied(1)]).unwrap();
    assert!(account.has_password());
    let values = AccountBoard.to_values(&Box::new(account));
    assert!(!format!("{values:?}").contains(sealed().as_text()), "{values:?}");
}

#[test]
fn a_change_waits_from_its_moment_until_it_is_applied() {
    let changed = || [created(complete()), applied(0), tls()];
    let account = board(changed()).unwrap();
    assert_eq!(
        (account.revision().0, account.applied(), account.pending_since),
        (1, Some(Revision(0)), Some(at(2)))
    );

    let account = board(changed().into_iter().chain([applied(1)])).unwrap();
    assert_eq!((account.waits_for_apply(), account.pending_since), (false, None));
}

#[test]
fn a_lent_account_says_until_when() {
    let lent = Happened::AccountLent { user: IVAN, until: at(60) };
    let account = board([created(complete()), lent]).unwrap();
    assert_eq!((account.owner(), account.user(), account.lent_until()), (OLGA, IVAN, Some(at(60))));

    let over = [
        created(complete()),
        Happened::AccountLent { user: IVAN, until: at(60) },
        Happened::LoanEnded { user: IVAN },
    ];
    let account = board(over).unwrap();
    assert_eq!((account.user(), account.lent_until()), (OLGA, None));
}

#[test]
fn a_transferred_account_remembers_where_it_came_from() {
    let account = board([created(complete()), transferred()]).unwrap();
    assert_eq!((account.owner(), account.user()), (IVAN, IVAN));
    assert_eq!(account.ownership().former_owners().collect::<Vec<_>>(), [OLGA]);
    let values = AccountBoard.to_values(&Box::new(account));
    assert!(values.contains(&Value::from(" 1 ")), "former owners can be searched for: {values:?}");
}

#[test]
fn an_open_offer_is_counted_until_it_is_closed() {
    let offered = || Happened::TransferOffered { offer: token(1), by: OLGA, to: None, until: at(5) };
    assert_eq!(board([created(complete()), offered()]).unwrap().open_offers().count(), 1);

    let cancelled = Happened::OfferCancelled { offer: token(1), kind: OfferKind::Transfer };
    assert_eq!(board([created(complete()), offered(), cancelled]).unwrap().open_offers().count(), 0);
}

#[test]
fn shared_settings_are_no_account_until_somebody_takes_them() {
    let shared = Happened::SettingsOffered {
        offer: token(1),
        by: OLGA,
        to: None,
        grant: Grant::Give,
        settings: complete(),
        until: at(5),
        batch: None,
    };
    assert_eq!(board([shared]), None);
}

#[test]
fn a_deleted_account_is_gone() {
    assert_eq!(board([created(complete()), Happened::AccountDeleted { owner: OLGA }]), None);
}

#[test]
fn a_failed_registration_says_why_and_a_switch_forgets_it() {
    let failed =
        || Happened::RegistrationFailed { revision: Revision(0), code: 403, reason: "Forbidden".into() };
    let account = board([created(complete()), applied(0), failed()]).unwrap();
    assert!(matches!(account.registration(), Registration::Failed { code: 403, .. }));
    assert_eq!(account.registration_at, Some(at(2)));

    let account = board([created(complete()), applied(0), failed(), Happened::AccountSwitchedOff]).unwrap();
    assert_eq!((account.registration(), account.is_on()), (&Registration::Unknown, false));
}

#[test]
fn events_of_people_make_no_account() {
    let named = crate::testing::of_ivan([domain::person::Event::CallbackModeSwitchedOff]);
    assert!(fold(&AccountBoard, &named).is_empty());
}

#[tokio::test]
async fn an_owner_and_a_user_find_the_account_in_the_database() {
    on_each_database(async |platform| {
        let assigned = Happened::AccountAssigned { user: IVAN, offer: None };
        let events = story([created(complete()), applied(0), tls(), assigned]);
        platform.happens(&events).await;

        let db = platform.db();
        let found = one(&*db, account()).await.unwrap().unwrap();
        assert_eq!(Some(found), row(&AccountBoard, &events).map(|account| *account));
        assert_eq!(count_of(&*db, IVAN).await.unwrap(), 1);
        assert_eq!(page_of(&*db, OLGA, 0, 10).await.unwrap().len(), 1);
        assert_eq!(page_of(&*db, OLGA, 1, 10).await.unwrap().len(), 0);
        assert_eq!(count_of(&*db, PETR).await.unwrap(), 0);
    })
    .await;
}

#[test]
fn whoever_acts_the_state_is_the_same() {
    let by_process =
        crate::testing::told([(Actor::Person(OLGA), created(complete())), (Actor::Process, applied(0))]);
    assert_eq!(row(&AccountBoard, &by_process).unwrap().applied(), Some(Revision(0)));
}

fn applied(revision: u32) -> Happened {
    Happened::SettingsApplied { revision: Revision(revision) }
}

fn tls() -> Happened {
    Happened::TransportChanged { transport: Transport::Tls }
}

fn transferred() -> Happened {
    Happened::AccountTransferred { from: OLGA, to: IVAN, offer: token(1), password: Some(sealed()) }
}
