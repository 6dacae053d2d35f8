//! Cards of calls in the chat of a service account: asked for, sent, followed, pressed there; and in the bot's own chat
//! where none is sent (product reference 8.2).

use super::calls::{card_of, the_card};
use super::gateway::{answers, ends, offers, takes_call};
use super::stage::{IVAN, OLGA, PETR, Stage, presses_of};
use crate::button::{Button, OnCall};
use crate::incoming::{Act, Place};
use crate::outgoing::{InlineResult, Screen};
use crate::service_accounts::ServiceAccounts;
use chrono::TimeDelta;
use domain::call::{Action, Command, Digit, EndCause, Party, Signal};
use domain::ids::{CallId, UserId};
use domain::inline::Query;
use event_store::sql::{Statement, Type};

const SERVICE: UserId = UserId(10_099);

#[tokio::test]
async fn a_card_that_the_service_account_sends_follows_the_call_there() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    knows(&stage, SERVICE, &[OLGA]).await;
    stage.says(OLGA, "600").await;
    stage.notices().await;
    let call = the_call(&stage).await;
    assert_eq!(cards_in_chat(&stage, OLGA), 0, "the card waits for its place");

    let [card] = <[InlineResult; 1]>::try_from(asks(&mut stage, SERVICE, call).await).unwrap();
    assert!(card.title.contains("600"), "{card:?}");
    assert!(!format!("{card:?}").contains("WebApp"), "Telegram takes no such key there: {card:#?}");
    let place = sends(&mut stage, &card).await;

    takes_call(&stage, call).await;
    for command in [Command::Dial, Command::Ring, Command::Answer] {
        answers(&stage, call, command).await;
    }
    stage.notices().await;
    assert!(stage.inline[&place].html.contains("Talking since"), "{}", stage.inline[&place].html);
    assert_eq!(keys_of(&stage.inline[&place], call), 12);
    let key = Button::Call(call, OnCall::Key(Digit::KEYPAD[4])).to_string();
    let answer = stage.presses_at(OLGA, Place::Inline(place.clone()), &key).await;
    assert_eq!((answer.text, answer.alert), (None, false));
    assert_eq!(stage.signal().await, Signal::on(call, OLGA, Action::Digit(Digit::KEYPAD[4])));
    assert!(stage.presses_at(IVAN, Place::Inline(place.clone()), &key).await.alert, "it is Olga's call");

    stage.advance(TimeDelta::seconds(65));
    ends(&stage, call, EndCause::Hangup { by: Party::FarEnd }, Some((200, 65))).await;
    stage.notices().await;
    let over = &stage.inline[&place];
    assert!(over.html.contains("1:05"), "{}", over.html);
    assert_eq!(presses_of(over), [Button::Call(call, OnCall::Redial).to_string()], "the keypad is gone");
    assert_eq!(cards_in_chat(&stage, OLGA), 0, "there was never another one");
}

#[tokio::test]
async fn a_card_that_nobody_asks_for_comes_into_the_bots_chat_after_two_seconds() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    knows(&stage, SERVICE, &[OLGA]).await;
    let call = offers(&stage, account, OLGA, "100", Some("Petr")).await;
    stage.notices().await;
    stage.advance(TimeDelta::milliseconds(1_900));
    answers(&stage, call, Command::Answer).await;
    stage.notices().await;
    assert_eq!(cards_in_chat(&stage, OLGA), 0);
    stage.advance(TimeDelta::milliseconds(100));
    assert!(card_of(&mut stage, OLGA, call).await.html.contains("Talking since"), "as the call is by then");
}

#[tokio::test]
async fn a_call_that_is_over_at_once_is_told_at_once() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    knows(&stage, SERVICE, &[OLGA]).await;
    let call = offers(&stage, account, OLGA, "100", Some("Petr")).await;
    ends(&stage, call, EndCause::Missed, Some((480, 0))).await;
    assert!(card_of(&mut stage, OLGA, call).await.html.contains("Missed call from Petr"));
}

#[tokio::test]
async fn a_card_that_gets_its_place_late_leaves_the_bots_chat() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    knows(&stage, SERVICE, &[OLGA]).await;
    let call = offers(&stage, account, OLGA, "100", None).await;
    stage.advance(TimeDelta::seconds(3));
    card_of(&mut stage, OLGA, call).await;
    assert_eq!(cards_in_chat(&stage, OLGA), 1);
    let card = asks(&mut stage, SERVICE, call).await.remove(0);
    let place = sends(&mut stage, &card).await;
    assert_eq!(cards_in_chat(&stage, OLGA), 0);
    assert!(stage.inline[&place].html.contains("100"));
}

#[tokio::test]
async fn a_press_tells_where_the_card_is_when_telegram_does_not() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    knows(&stage, SERVICE, &[OLGA]).await;
    let call = offers(&stage, account, OLGA, "100", None).await;
    let card = asks(&mut stage, SERVICE, call).await.remove(0);
    let place = stage.appears(&card);
    stage
        .presses_at(OLGA, Place::Inline(place.clone()), &Button::Call(call, OnCall::Decline).to_string())
        .await;
    assert_eq!(stage.signal().await.action, Action::Decline);
    answers(&stage, call, Command::Answer).await;
    stage.notices().await;
    assert_eq!(keys_of(&stage.inline[&place], call), 12);
    let transfer = Button::Call(call, OnCall::Transfer).to_string();
    let answer = stage.presses_at(OLGA, Place::Inline(place), &transfer).await;
    assert!(answer.text.unwrap().contains("@tandem_bot"), "a question needs the bot's own chat");
    assert!(stage.newest(OLGA).html.contains("transfer"), "{}", stage.newest(OLGA).html);
}

#[tokio::test]
async fn only_a_service_account_that_has_met_the_person_gets_a_card_and_only_of_a_call_that_goes_on() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    knows(&stage, SERVICE, &[IVAN]).await;
    let call = offers(&stage, account, OLGA, "100", None).await;
    for asker in [SERVICE, OLGA, IVAN] {
        assert_eq!(asks(&mut stage, asker, call).await, [], "{asker}");
    }
    assert!(the_card(&mut stage, OLGA).await.1.html.contains("100"), "nobody serves Olga, so nothing waits");
    meets(&stage, SERVICE, OLGA).await;
    let [card] = <[InlineResult; 1]>::try_from(asks(&mut stage, SERVICE, call).await).unwrap();
    let forged = Act::ChosenInline { result: card.id, inline_message: Some("forged".to_owned()) };
    assert_eq!(stage.does(IVAN, forged).await, [], "nobody else moves the card");
    ends(&stage, call, EndCause::Missed, None).await;
    assert_eq!(asks(&mut stage, SERVICE, call).await, []);
    assert_eq!(asks(&mut stage, SERVICE, CallId::from_bits(1)).await, []);
}

#[tokio::test]
async fn who_was_not_met_yet_is_told_on_the_account_and_in_the_help_to_write_first() {
    let mut stage = Stage::new().await;
    knows(&stage, SERVICE, &[]).await;
    let account = stage.complete_account(OLGA, "100").await;
    assert!(stage.menu(OLGA).await.html.contains("@tandem_calls"), "{}", stage.menu(OLGA).await.html);
    stage.says(OLGA, "/phone").await;
    stage.presses(OLGA, Button::CallHelp).await;
    assert!(stage.newest(OLGA).html.contains("@tandem_calls"), "{}", stage.newest(OLGA).html);

    meets(&stage, SERVICE, OLGA).await;
    stage.says(OLGA, "/softphone").await;
    stage.presses(OLGA, Button::Account(account)).await;
    assert!(!stage.menu(OLGA).await.html.contains("@tandem_calls"), "they know one another");
}

#[tokio::test]
async fn strangers_are_sent_to_the_account_that_knows_the_fewest_and_friends_to_their_own() {
    let stage = Stage::new().await;
    knows(&stage, SERVICE, &[OLGA, IVAN]).await;
    signed_in(&stage, 2, UserId(10_098), "tandem_more").await;
    let accounts = ServiceAccounts::new(stage.database.clone());
    let named = async |who| accounts.of(who).await.unwrap().and_then(|account| account.username);
    assert_eq!(named(PETR).await.as_deref(), Some("tandem_more"));
    stage.advance(TimeDelta::days(1));
    meets(&stage, UserId(10_098), OLGA).await;
    assert_eq!(named(OLGA).await.as_deref(), Some("tandem_calls"), "who met her first rings her");
    let sign_out = Statement::new("UPDATE telegram_accounts SET state = 'signed_out' WHERE id = 1", []);
    stage.database.transact(vec![sign_out]).await.unwrap();
    assert_eq!(named(OLGA).await.as_deref(), Some("tandem_more"));
}

async fn signed_in(stage: &Stage, id: i64, account: UserId, username: &str) {
    let insert = Statement::new(
        "INSERT INTO telegram_accounts (id, user_id, username, phone, session, state, created)
         VALUES ($1, $2, $3, '', '', 'ready', $4)",
        [id.into(), account.0.into(), username.into(), stage.now().into()],
    );
    stage.database.transact(vec![insert]).await.unwrap();
}

/// A service account that has met these people.
async fn knows(stage: &Stage, account: UserId, people: &[UserId]) {
    signed_in(stage, 1, account, "tandem_calls").await;
    for person in people {
        meets(stage, account, *person).await;
    }
}

async fn meets(stage: &Stage, account: UserId, person: UserId) {
    let insert = Statement::new(
        "INSERT INTO telegram_peers (user_id, account_id, access_hash, met_at)
         SELECT $1, id, 7, $2 FROM telegram_accounts WHERE user_id = $3",
        [person.0.into(), stage.now().into(), account.0.into()],
    );
    stage.database.transact(vec![insert]).await.unwrap();
}

async fn asks(stage: &mut Stage, who: UserId, call: CallId) -> Vec<InlineResult> {
    stage.types(who, &Query::Card(call).to_string()).await
}

/// The service account sends a card, and Telegram tells the bot.
async fn sends(stage: &mut Stage, card: &InlineResult) -> String {
    let place = stage.appears(card);
    let act = Act::ChosenInline { result: card.id.clone(), inline_message: Some(place.clone()) };
    assert_eq!(stage.does(SERVICE, act).await.len(), 1, "it is drawn there at once");
    place
}

/// The only call.
async fn the_call(stage: &Stage) -> CallId {
    let select = Statement::new("SELECT call FROM call_cards", []);
    let rows = stage.database.query(select, &[Type::Text]).await.unwrap();
    rows[0].text(0).unwrap().parse().unwrap()
}

fn cards_in_chat(stage: &Stage, who: UserId) -> usize {
    let is_card = |screen: &&Screen| presses_of(screen).iter().any(|data| data.contains(":call:"));
    stage.chats[&who].values().filter(is_card).count()
}

fn keys_of(screen: &Screen, call: CallId) -> usize {
    let is_key = |data: &String| matches!(data.parse(), Ok(Button::Call(of, OnCall::Key(_))) if of == call);
    presses_of(screen).into_iter().filter(is_key).count()
}
