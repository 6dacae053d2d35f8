//! Settings shared by an inline message, and by links (product reference 4; 5.3 T18, T19).

use super::stage::{CANARY, IVAN, OLGA, PETR, Stage, presses_of};
use crate::button::Button;
use crate::incoming::{ChatKind, Place};
use chrono::TimeDelta;
use domain::ids::AccountNumber;

const GIVE: usize = 0;
const ASSIGN: usize = 1;

fn line() -> String {
    format!("100 {CANARY} pbx.example opus,alaw rfc2833 ^8=7")
}

#[tokio::test]
async fn whoever_takes_given_settings_becomes_their_owner() {
    let mut stage = Stage::new().await;
    let results = stage.types(OLGA, &line()).await;
    assert_eq!(results.len(), 2, "to give, and to assign");
    let message = stage.sends(OLGA, &results[GIVE]).await;
    let (account, _) = stage.offer_in(&message);

    let answer = stage.takes(IVAN, &message).await;

    assert!(!answer.alert, "{answer:?}");
    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(IVAN), Some(IVAN)));
    let settings = state.settings().unwrap();
    assert_eq!(settings.codecs.to_string(), "opus,alaw");
    assert_eq!(settings.rules.as_str(), "^8=7");
    assert_opens(&stage, account).await;
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn the_sender_of_assigned_settings_is_their_owner_and_the_taker_their_user() {
    let mut stage = Stage::new().await;
    let results = stage.types(OLGA, &line()).await;
    let message = stage.sends(OLGA, &results[ASSIGN]).await;
    let (account, _) = stage.offer_in(&message);
    assert_eq!(stage.account(account).await.owner(), None, "the account appears at the Take");

    stage.takes(IVAN, &message).await;

    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(OLGA), Some(IVAN)));
    stage.says(OLGA, "/softphone").await;
    assert!(presses_of(&stage.menu(OLGA).await).contains(&Button::Account(account).to_string()));
}

#[tokio::test]
async fn a_take_begins_the_offer_when_it_comes_before_the_news_of_the_message() {
    let mut stage = Stage::new().await;
    for kind in [GIVE, ASSIGN] {
        let results = stage.types(OLGA, &line()).await;
        let message = stage.appears(&results[kind]);
        let (account, _) = stage.offer_in(&message);

        let answer = stage.takes(IVAN, &message).await;
        assert!(!answer.alert, "{answer:?}");
        stage.chosen(OLGA, &results[kind], &message).await;

        assert_eq!(stage.account(account).await.user(), Some(IVAN));
    }
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn a_draft_that_is_never_told_of_is_over_after_ten_minutes() {
    let mut stage = Stage::new().await;
    let results = stage.types(OLGA, &line()).await;
    let message = stage.appears(&results[GIVE]);
    let (account, _) = stage.offer_in(&message);
    stage.advance(TimeDelta::minutes(10));

    let late = stage.takes(IVAN, &message).await;

    assert!(late.alert, "{late:?}");
    assert_eq!(stage.account(account).await.owner(), None);
}

#[tokio::test]
async fn shared_settings_are_over_five_minutes_after_they_were_sent() {
    let mut stage = Stage::new().await;
    let results = stage.types(OLGA, &line()).await;
    let message = stage.sends(OLGA, &results[GIVE]).await;
    stage.advance(TimeDelta::minutes(5));
    assert!(stage.takes(IVAN, &message).await.alert);
}

#[tokio::test]
async fn the_senders_own_press_of_shared_settings_is_refused_and_the_offer_stays() {
    let mut stage = Stage::new().await;
    let results = stage.types(OLGA, &line()).await;
    let message = stage.sends(OLGA, &results[GIVE]).await;
    let (account, _) = stage.offer_in(&message);
    assert!(stage.takes(OLGA, &message).await.alert);
    stage.takes(IVAN, &message).await;
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
}

#[tokio::test]
async fn what_is_typed_letter_by_letter_leaves_five_drafts_at_most() {
    let mut stage = Stage::new().await;
    let first = stage.types(OLGA, &line()).await;
    for n in 0..5 {
        stage.advance(TimeDelta::seconds(1));
        stage.types(OLGA, &format!("100 {CANARY}{n} pbx.example")).await;
    }
    let message = stage.appears(&first[GIVE]);
    assert!(stage.takes(IVAN, &message).await.alert, "the oldest was replaced");
    let rows = event_store::sql::Statement::new("SELECT COUNT(DISTINCT query) FROM drafts", []);
    let rows = stage.database.query(rows, &[event_store::sql::Type::Int]).await.unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 5);
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn a_line_that_is_not_complete_gets_one_hint_that_shares_nothing() {
    let mut stage = Stage::new().await;
    for typed in ["", "100", &format!("100 {CANARY}"), &format!("100 {CANARY} nosuchtemplate")] {
        let results = stage.types(OLGA, typed).await;
        assert_eq!(results.len(), 1, "{typed}");
        let message = stage.sends(OLGA, &results[0]).await;
        assert!(presses_of(&stage.inline[&message]).is_empty());
    }
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn in_a_group_nothing_is_offered() {
    let mut stage = Stage::new().await;
    let results = stage.types_in(OLGA, &line(), Some(ChatKind::Other)).await;
    assert_eq!(results.len(), 1);
    assert!(presses_of(&results[0].screen).is_empty());
}

#[tokio::test]
async fn a_link_is_asked_about_its_message_deleted_and_its_account_added_once() {
    let mut stage = Stage::new().await;
    let payload = {
        use base64::Engine as _;
        let line = format!("100 {CANARY} pbx.example");
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(line)
    };
    let before = stage.chats.get(&IVAN).map_or(0, std::collections::BTreeMap::len);

    stage.says(IVAN, &format!("/start {payload}")).await;

    assert_eq!(stage.chats[&IVAN].len(), before + 1, "only the question is left");
    let menu = stage.menu(IVAN).await;
    assert!(menu.html.contains("pbx.example"), "{}", menu.html);
    let add = presses_of(&menu).into_iter().find_map(|data| match data.parse() {
        Ok(Button::AddFromLink(draft)) => Some(draft),
        Ok(_) | Err(_) => None,
    });
    let draft = add.expect("Yes");
    stage.presses(IVAN, Button::AddFromLink(draft.clone())).await;
    let account = stage.account_on_screen(IVAN).await;
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
    assert_opens(&stage, account).await;

    // Somebody else's press of the same button, and a second one of one's own, add nothing.
    let data = Button::AddFromLink(draft).to_string();
    let place = Place::Inline("inline-1".to_owned());
    assert!(stage.presses_at(PETR, place.clone(), &data).await.alert);
    stage.presses_at(IVAN, place, &data).await;
    stage.says(IVAN, "/softphone").await;
    let accounts = presses_of(&stage.menu(IVAN).await);
    assert_eq!(accounts.iter().filter(|data| data.contains(":acc:")).count(), 1, "{accounts:?}");
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn a_plain_link_with_a_template_is_understood_and_a_referral_is_passed_over() {
    let mut stage = Stage::new().await;
    let code = domain::template::Catalogue::builtin()
        .all()
        .iter()
        .find(|template| !template.needs_server())
        .map(|template| template.code.to_string())
        .unwrap();
    stage.says(IVAN, &format!("/start utm_docs=100={CANARY}={code}")).await;
    let menu = stage.menu(IVAN).await;
    assert!(presses_of(&menu).iter().any(|data| data.contains("link-add")), "{menu:#?}");
    stage.says(IVAN, "/start utm_docs").await;
    assert!(presses_of(&stage.menu(IVAN).await).contains(&Button::Accounts(0).to_string()));
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn a_broken_link_is_deleted_since_it_may_hold_a_password() {
    let mut stage = Stage::new().await;
    let says = stage.says(IVAN, &format!("/start a={CANARY}")).await;
    assert!(matches!(says[0], crate::outgoing::Outgoing::Delete { .. }), "{says:#?}");
    stage.nothing_shows_the_password();
}

/// The account's password is what was typed.
async fn assert_opens(stage: &Stage, account: AccountNumber) {
    use secrecy::ExposeSecret as _;
    let state = stage.account(account).await;
    let sealed = state.password().expect("there is a password");
    let password = stage.office.open_password(account, sealed).await.expect("its key is there");
    assert_eq!(password.expose_secret(), CANARY);
}
