//! People and chats out of Telegram's own picker; loans; deletion (product reference 5.3 T6 to T11).

use super::stage::{ANNA, CANARY, IVAN, OLGA, Stage};
use crate::button::{Ask, Button};
use crate::incoming::Place;
use crate::outgoing::{Keys, Outgoing, Screen};
use chrono::TimeDelta;
use domain::ids::ChatId;
use domain::sip_account::SipAccount;

#[tokio::test]
async fn a_picked_user_is_the_user_at_once_and_is_told() {
    let mut stage = Stage::new().await;
    stage.says(IVAN, "/start").await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::PickUser(account)).await;

    let says = stage.picks(OLGA, IVAN).await;

    assert_eq!(stage.account(account).await.user(), Some(IVAN));
    let told = says
        .iter()
        .any(|says| matches!(says, Outgoing::Send { screen, .. } if screen.keys == Keys::RemovePick));
    assert!(told, "the picker's keyboard goes: {says:#?}");
    assert_eq!(stage.notices().await.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [IVAN]);
}

#[tokio::test]
async fn the_owner_takes_the_use_back_at_any_time() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    assign(&mut stage, account).await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::Unlink(account)).await;
    assert_eq!(stage.account(account).await.user(), Some(OLGA));
}

#[tokio::test]
async fn a_user_changes_nothing_and_gives_back_by_delete() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    assign(&mut stage, account).await;
    stage.notices().await;
    let place = Place::Inline("inline-9".to_owned());
    for button in [
        Button::Transport(account, domain::settings::Transport::Tls),
        Button::Apply(account),
        Button::Switch { account, on: false },
        Button::Transfer(account),
        Button::PickUser(account),
        Button::BindTransfer(account),
    ] {
        assert!(stage.presses_at(IVAN, place.clone(), &button.to_string()).await.alert, "{button:?}");
    }
    assert_eq!(stage.types(IVAN, &format!("acc:{account}")).await, []);

    stage.says(IVAN, "/softphone").await;
    stage.presses(IVAN, Button::Account(account)).await;
    stage.presses(IVAN, Button::Delete(account)).await;
    stage.presses(IVAN, Button::DeleteYes(account)).await;

    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(OLGA), Some(OLGA)));
    assert_eq!(stage.notices().await.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [OLGA]);
}

#[tokio::test]
async fn the_end_of_a_loan_may_be_typed() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::Lend(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::LoanEnd)).await;
    stage.says(OLGA, "some day").await;
    assert!(stage.newest(OLGA).html.contains("3 days"), "says how: {}", stage.newest(OLGA).html);

    stage.says(OLGA, "2026-01-03 18:00").await;
    stage.picks(OLGA, IVAN).await;

    let state = stage.account(account).await;
    assert_eq!(state.user(), Some(IVAN));
    assert_eq!(state.loan_until(), Some("2026-01-03T18:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn a_loan_of_more_than_a_year_is_asked_for_again() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::Lend(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::LoanEnd)).await;
    stage.says(OLGA, "2028-01-01").await;
    assert!(stage.newest(OLGA).html.contains("too far"), "{}", stage.newest(OLGA).html);

    stage.says(OLGA, "2 days").await;
    stage.picks(OLGA, IVAN).await;

    assert_eq!(stage.account(account).await.loan_until(), Some(stage.now() + TimeDelta::days(2)));
}

#[tokio::test]
async fn a_lent_account_comes_back_by_itself() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::Lend(account)).await;
    stage.presses(OLGA, Button::LendFor { account, hours: 24 }).await;
    stage.picks(OLGA, IVAN).await;
    let state = stage.account(account).await;
    assert_eq!((state.user(), state.loan_until()), (Some(IVAN), Some(stage.now() + TimeDelta::hours(24))));

    stage.advance(TimeDelta::hours(24));
    stage.says(IVAN, "/softphone").await;
    let sees = super::stage::presses_of(&stage.menu(IVAN).await);
    assert!(!sees.contains(&Button::Account(account).to_string()), "the loan is over, tidied up or not");
    stage.says(OLGA, "/softphone").await;
    stage.presses(OLGA, Button::Account(account)).await;
}

#[tokio::test]
async fn a_deleted_account_is_gone_with_its_key() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let sealed = stage.account(account).await.password().cloned().unwrap();
    stage.presses(OLGA, Button::Delete(account)).await;
    stage.presses(OLGA, Button::DeleteYes(account)).await;

    assert!(matches!(stage.account(account).await, SipAccount::Deleted(_)));
    assert!(stage.office.open_password(account, &sealed).await.is_err(), "nobody can open the password");
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await, []);
}

#[tokio::test]
async fn a_recording_chat_is_picked_and_taken_away() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::RecordingChat(account)).await;
    stage.picks_chat(OLGA, ChatId(-100_500), true).await;
    let recording = stage.account(account).await.settings().unwrap().recording.clone();
    assert_eq!(recording.chat, Some(ChatId(-100_500)));
    let shows = |menu: &Screen| format!("{:?}", menu.keys).contains("Records");
    assert!(shows(&stage.menu(OLGA).await), "the card names the chat");

    let place = Place::Inline("inline-9".to_owned());
    stage.presses_at(OLGA, place, &Button::ClearRecordingChat(account).to_string()).await;
    assert_eq!(stage.account(account).await.settings().unwrap().recording.chat, None);
    stage.says(OLGA, "/softphone").await;
    stage.presses(OLGA, Button::Account(account)).await;
    assert!(!shows(&stage.menu(OLGA).await));
}

#[tokio::test]
async fn a_pick_after_ten_minutes_does_nothing() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::PickUser(account)).await;
    stage.advance(TimeDelta::minutes(10));
    stage.picks(OLGA, ANNA).await;
    assert_eq!(stage.account(account).await.user(), Some(OLGA));
}

async fn assign(stage: &mut Stage, account: domain::ids::AccountNumber) {
    stage.says(IVAN, "/start").await;
    stage.presses(OLGA, Button::User(account)).await;
    stage.presses(OLGA, Button::PickUser(account)).await;
    stage.picks(OLGA, IVAN).await;
    assert_eq!(stage.account(account).await.user(), Some(IVAN));
}
