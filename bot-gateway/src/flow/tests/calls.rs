//! From a number to a call, and what is pressed while it goes on (product reference 3.3 to 3.6, 6).

use super::gateway::{answers, ends, offers, reports, takes_call};
use super::stage::{CANARY, IVAN, OLGA, Stage, presses_of};
use crate::button::{Ask, Button, OnCall};
use crate::incoming::{Act, MessageRef, Place};
use crate::outgoing::Screen;
use chrono::TimeDelta;
use domain::call::{Action, Awaited, Command, EndCause, Party, Signal};
use domain::ids::{AccountNumber, CallId, ChatId, UserId};

#[tokio::test]
async fn a_number_becomes_a_call_through_the_only_line_as_its_rules_make_it() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    rules(&mut stage, account, r"[^+*#\w]= ^8=7 ^79\d{9}$").await;

    assert_eq!(stage.says(OLGA, "8 (926) 123-45-67").await, [], "the card comes by itself");
    let (call, card) = the_card(&mut stage, OLGA).await;
    assert!(card.html.contains("8 (926) 123-45-67"), "{}", card.html);
    assert_eq!(stage.dialled(call).await, "79261234567");

    stage.says(OLGA, "8 495 123-45-67").await;
    let told = stage.newest(OLGA).clone();
    assert!(told.html.contains("No lines for call") && told.html.contains("79\\d{9}"), "{}", told.html);
    assert!(presses_of(&told).contains(&Button::Account(account).to_string()));
}

#[tokio::test]
async fn names_and_addresses_are_dialled_and_other_words_are_not() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    for (text, dialled) in [("call echo", "echo"), ("sip:600@pbx.example", "sip:600@pbx.example")] {
        stage.says(OLGA, text).await;
        let (call, _) = the_card(&mut stage, OLGA).await;
        assert_eq!(stage.dialled(call).await, dialled);
        ends(&stage, call, EndCause::Cancelled, None).await;
    }
    assert_eq!(stage.says(OLGA, "good morning").await.len(), 1);
    assert!(stage.newest(OLGA).html.contains("call echo"), "{}", stage.newest(OLGA).html);
}

#[tokio::test]
async fn a_contact_with_several_numbers_is_a_choice_and_so_are_several_lines() {
    let mut stage = Stage::new().await;
    let first = stage.complete_account(OLGA, "100").await;
    let second = stage.complete_account(OLGA, "101").await;
    let message = MessageRef { chat: ChatId(OLGA.0), id: 900 };
    let phones = vec!["+79261234567".to_owned(), "112".to_owned(), "112".to_owned()];
    stage.does(OLGA, Act::Contact { message, phones }).await;
    let numbers = presses_of(stage.newest(OLGA));
    assert_eq!(numbers.len(), 2, "each number once");

    stage.presses(OLGA, numbers[1].parse().unwrap()).await;
    let lines = presses_of(stage.newest(OLGA));
    assert_eq!(lines.len(), 2);
    let through = |account: AccountNumber| lines.iter().find(|data| data.ends_with(&account.to_string()));
    assert!(through(first).is_some(), "{lines:?}");
    stage.presses(OLGA, through(second).unwrap().parse().unwrap()).await;
    let (call, card) = the_card(&mut stage, OLGA).await;
    assert_eq!(stage.dialled(call).await, "112");
    assert!(card.html.contains("101@pbx.example"), "{}", card.html);
}

#[tokio::test]
async fn a_choice_is_over_after_ten_minutes_and_is_nobody_elses() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    stage.complete_account(OLGA, "101").await;
    stage.says(OLGA, "112").await;
    let line = presses_of(stage.newest(OLGA)).remove(0);
    let place = || Place::Chat(MessageRef { chat: ChatId(IVAN.0), id: 1 });
    assert!(stage.presses_at(IVAN, place(), &line).await.alert);
    stage.advance(TimeDelta::minutes(11));
    assert!(stage.presses_at(OLGA, Place::Inline("x".to_owned()), &line).await.alert);
    stage.flow.purge(stage.now()).await.unwrap();
    assert_eq!(stage.count("SELECT count(*) FROM dial_choices").await, 0);
    assert_eq!(stage.count("SELECT count(*) FROM call_cards").await, 0, "no call was placed");
}

#[tokio::test]
async fn each_account_that_can_not_call_says_why() {
    let mut stage = Stage::new().await;
    stage.says(IVAN, "112").await;
    assert!(stage.newest(IVAN).html.contains("/new"), "{}", stage.newest(IVAN).html);

    stage.says(OLGA, "/new").await;
    let off = stage.complete_account(OLGA, "102").await;
    stage.presses(OLGA, Button::Switch { account: off, on: false }).await;
    let lent = stage.complete_account(OLGA, "103").await;
    let offer = stage.hands_over(OLGA, lent, 0).await;
    stage.takes(IVAN, &offer).await;
    let failed = stage.complete_account(OLGA, "104").await;
    reports(&stage, failed, 403, "Auth Failed").await;
    stage.says(OLGA, "112").await;
    let told = stage.newest(OLGA).html.clone();
    for words in ["not complete", "switched off", "somebody else uses it", "403 Auth Failed"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[tokio::test]
async fn the_owner_is_told_of_a_failed_registration_also_when_somebody_else_uses_the_account() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let offer = stage.hands_over(OLGA, account, 0).await;
    stage.says(IVAN, "/help").await;
    stage.takes(IVAN, &offer).await;
    stage.notices().await;
    for _ in 0..2 {
        reports(&stage, account, 403, "Auth Failed").await;
    }
    let told = stage.notices().await;
    let [(who, notice)] = told.as_slice() else { panic!("one change, one person: {told:#?}") };
    assert_eq!(*who, OLGA);
    assert!(notice.html.contains("403 Auth Failed"), "{}", notice.html);
    assert!(presses_of(notice).contains(&Button::Reconnect(account).to_string()), "and what to do");
}

#[tokio::test]
async fn only_so_many_calls_are_placed_in_an_hour() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    for _ in 0..30 {
        assert_eq!(stage.says(OLGA, "112").await, []);
    }
    assert_eq!(stage.says(OLGA, "112").await.len(), 1, "told to wait");
}

#[tokio::test]
async fn one_card_follows_a_call_from_the_first_ring_to_the_finish_code() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    stage.says(OLGA, "600").await;
    let (call, _) = the_card(&mut stage, OLGA).await;
    takes_call(&stage, call).await;
    let ringing = card_of(&mut stage, OLGA, call).await;
    assert!(ringing.html.contains("Answer there"), "{}", ringing.html);
    assert!(format!("{ringing:?}").contains("https://phone.example/"), "the phone opens from the card");
    for (command, words) in [
        (Command::Dial, "Calling…"),
        (Command::Ring, "It rings"),
        (Command::Answer, "Talking since"),
        (Command::Hold, "On hold"),
        (Command::Resume, "Talking since"),
    ] {
        answers(&stage, call, command).await;
        let card = card_of(&mut stage, OLGA, call).await;
        assert!(card.html.contains(words), "{words}: {}", card.html);
    }
    assert_eq!(keys_of(&stage, OLGA, call), 12);
    stage.advance(TimeDelta::seconds(65));
    ends(&stage, call, EndCause::Hangup { by: Party::FarEnd }, Some((200, 65))).await;
    let over = card_of(&mut stage, OLGA, call).await;
    assert!(over.html.contains("1:05") && over.html.contains("200"), "{}", over.html);
    assert_eq!(presses_of(&over), [Button::Call(call, OnCall::Redial).to_string()], "the keypad is gone");
    let about = |screen: &&Screen| screen.html.contains("600");
    assert_eq!(stage.chats[&OLGA].values().filter(about).count(), 1, "one message for one call");

    stage.presses(OLGA, Button::Call(call, OnCall::Redial)).await;
    let (again, _) = the_card(&mut stage, OLGA).await;
    assert_ne!(again, call);
    assert_eq!(stage.dialled(again).await, "600");
}

#[tokio::test]
async fn a_person_without_callback_mode_is_told_to_call() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    stage.says(OLGA, "600").await;
    let (call, _) = the_card(&mut stage, OLGA).await;
    takes_call(&stage, call).await;
    let until = stage.now() + TimeDelta::seconds(60);
    answers(&stage, call, Command::AwaitUser { until, why: Awaited::CallbackOff, retry_after: None }).await;
    let card = card_of(&mut stage, OLGA, call).await;
    assert!(card.html.contains("within 60 seconds"), "{}", card.html);
}

#[tokio::test]
async fn a_call_that_nobody_carries_is_given_up_at_once_and_a_carried_one_by_a_signal() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    stage.says(OLGA, "600").await;
    let (call, _) = the_card(&mut stage, OLGA).await;
    stage.presses(OLGA, Button::Call(call, OnCall::HangUp)).await;
    assert!(card_of(&mut stage, OLGA, call).await.html.contains("Cancelled"));

    stage.says(OLGA, "601").await;
    let (call, _) = the_card(&mut stage, OLGA).await;
    takes_call(&stage, call).await;
    card_of(&mut stage, OLGA, call).await;
    stage.presses(OLGA, Button::Call(call, OnCall::HangUp)).await;
    assert_eq!(stage.signal().await, Signal::on(call, OLGA, Action::HangUp));
}

#[tokio::test]
async fn keys_reach_the_gateway_once_and_stand_nowhere() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let call = offers(&stage, account, OLGA, "+74950001122", Some("Petr")).await;
    let card = card_of(&mut stage, OLGA, call).await;
    assert!(card.html.contains("Petr") && card.html.contains("+74950001122"), "{}", card.html);
    assert_eq!(keys_of(&stage, OLGA, call), 0, "no keypad before the answer");
    answers(&stage, call, Command::Answer).await;
    card_of(&mut stage, OLGA, call).await;
    for digit in domain::call::Digit::KEYPAD {
        // Each press is handled twice here, as after a crash.
        let answer = stage.presses(OLGA, Button::Call(call, OnCall::Key(digit))).await;
        assert_eq!((answer.text, answer.alert), (None, false));
        assert_eq!(stage.signal().await, Signal::on(call, OLGA, Action::Digit(digit)));
    }
    stage.presses(OLGA, Button::Call(call, OnCall::Hold)).await;
    assert_eq!(stage.signal().await.action, Action::Hold, "no digit came twice");
    let place = Place::Chat(MessageRef { chat: ChatId(OLGA.0), id: 1 });
    let lost = Button::Call(call, OnCall::LostKey).to_string();
    assert_eq!(stage.presses_at(OLGA, place, &lost).await.text, None, "one from before a crash is lost");
    stage.presses(OLGA, Button::Call(call, OnCall::HangUp)).await;
    assert_eq!(stage.signal().await.action, Action::Hold, "Hold, delivered again, is Hold");
    assert_eq!(stage.signal().await.action, Action::HangUp);
}

#[tokio::test]
async fn nobody_presses_in_another_persons_call_or_in_one_that_is_over() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let call = offers(&stage, account, OLGA, "100", None).await;
    answers(&stage, call, Command::Answer).await;
    let end = Button::Call(call, OnCall::HangUp).to_string();
    let place = |who: UserId| Place::Chat(MessageRef { chat: ChatId(who.0), id: 1 });
    assert!(stage.presses_at(IVAN, place(IVAN), &end).await.alert);
    ends(&stage, call, EndCause::Hangup { by: Party::User }, None).await;
    card_of(&mut stage, OLGA, call).await;
    let answer = stage.presses_at(OLGA, place(OLGA), &end).await;
    assert!(answer.alert && answer.text.unwrap().contains("over"));
    stage.presses(OLGA, Button::Reconnect(account)).await;
    assert_eq!(stage.signal().await, Signal::reconnect(account, OLGA), "and nothing before it");
}

#[tokio::test]
async fn a_missed_call_says_who_called_and_calls_back() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let call = offers(&stage, account, OLGA, "+74950001122", Some("Petr <b>")).await;
    let card = card_of(&mut stage, OLGA, call).await;
    assert!(presses_of(&card).contains(&Button::Call(call, OnCall::Decline).to_string()));
    ends(&stage, call, EndCause::Missed, None).await;
    let missed = card_of(&mut stage, OLGA, call).await;
    assert!(missed.html.contains("Missed call from Petr &lt;b&gt;"), "{}", missed.html);
    stage.presses(OLGA, Button::Call(call, OnCall::Redial)).await;
    let (back, _) = the_card(&mut stage, OLGA).await;
    assert_eq!(stage.dialled(back).await, "+74950001122");
}

#[tokio::test]
async fn a_second_line_offers_to_switch_and_both_cards_know_of_each_other() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let first = offers(&stage, account, OLGA, "111", None).await;
    answers(&stage, first, Command::Answer).await;
    let second = offers(&stage, account, OLGA, "222", None).await;
    let rings = card_of(&mut stage, OLGA, second).await;
    let has = |card: &Screen, call, what| presses_of(card).contains(&Button::Call(call, what).to_string());
    for what in [OnCall::Switch, OnCall::EndOther, OnCall::Decline] {
        assert!(has(&rings, second, what), "{what}: {rings:#?}");
    }
    stage.presses(OLGA, Button::Call(second, OnCall::Switch)).await;
    assert_eq!(stage.signal().await, Signal::on(second, OLGA, Action::Switch));

    answers(&stage, first, Command::Hold).await;
    answers(&stage, second, Command::Answer).await;
    let (held, talks) = (card_of(&mut stage, OLGA, first).await, card_of(&mut stage, OLGA, second).await);
    assert!(held.html.contains("222") && has(&held, first, OnCall::Switch), "{held:#?}");
    assert!(talks.html.contains("111") && has(&talks, second, OnCall::Connect), "{talks:#?}");
    stage.presses(OLGA, Button::Call(second, OnCall::Connect)).await;
    assert_eq!(stage.signal().await, Signal::on(second, OLGA, Action::Transfer { to: None }));

    ends(&stage, second, EndCause::Hangup { by: Party::FarEnd }, None).await;
    let alone = card_of(&mut stage, OLGA, first).await;
    assert!(!alone.html.contains("222") && has(&alone, first, OnCall::Resume), "{alone:#?}");
}

#[tokio::test]
async fn the_first_call_ends_for_the_second_one() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let first = offers(&stage, account, OLGA, "111", None).await;
    answers(&stage, first, Command::Answer).await;
    let second = offers(&stage, account, OLGA, "222", None).await;
    card_of(&mut stage, OLGA, second).await;
    stage.presses(OLGA, Button::Call(second, OnCall::EndOther)).await;
    assert_eq!(stage.signal().await, Signal::on(second, OLGA, Action::Switch));
    assert_eq!(stage.signal().await, Signal::on(first, OLGA, Action::HangUp));
}

#[tokio::test]
async fn a_call_is_transferred_to_a_number_that_is_asked_for() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    rules(&mut stage, account, "^8=7 ^7").await;
    let call = offers(&stage, account, OLGA, "111", None).await;
    answers(&stage, call, Command::Answer).await;
    card_of(&mut stage, OLGA, call).await;
    stage.presses(OLGA, Button::Call(call, OnCall::Transfer)).await;
    stage.presses(OLGA, Button::Call(call, OnCall::Key(domain::call::Digit::KEYPAD[0]))).await;
    assert!(matches!(stage.signal().await.action, Action::Digit(_)));
    stage.says(OLGA, "100").await;
    assert!(stage.newest(OLGA).html.contains("does not let this number pass"), "it keeps asking");
    stage.says(OLGA, "8 926 1").await;
    let Action::Transfer { to: Some(number) } = stage.signal().await.action else { panic!("a transfer") };
    assert_eq!(number.as_str(), "89261", "the gateway lets the rules act");
}

#[tokio::test]
async fn rules_are_tried_with_a_number_rule_by_rule() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Rules(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Rules)).await;
    stage.says(OLGA, "^8=7").await;
    stage.presses(OLGA, Button::Ask(account, Ask::TryNumber)).await;
    stage.says(OLGA, "8926").await;
    assert!(stage.newest(OLGA).html.contains("7926"), "{}", stage.newest(OLGA).html);
    assert!(!stage.newest(OLGA).html.contains(CANARY));
}

async fn rules(stage: &mut Stage, account: AccountNumber, rules: &str) {
    stage.presses(OLGA, Button::Rules(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Rules)).await;
    stage.says(OLGA, rules).await;
    stage.presses(OLGA, Button::Account(account)).await;
    stage.presses(OLGA, Button::Apply(account)).await;
}

/// The newest call of a person, and its card.
pub(super) async fn the_card(stage: &mut Stage, who: UserId) -> (CallId, Screen) {
    stage.notices().await;
    let call = stage.newest_call(who).await;
    (call, stage.card(who, call).await)
}

/// The card of a call, as it is once everything is said.
pub(super) async fn card_of(stage: &mut Stage, who: UserId, call: CallId) -> Screen {
    stage.notices().await;
    stage.card(who, call).await
}

/// How many keys of a keypad a person sees.
fn keys_of(stage: &Stage, who: UserId, call: CallId) -> usize {
    let is_key = |data: &String| matches!(data.parse(), Ok(Button::Call(of, OnCall::Key(_))) if of == call);
    stage.chats[&who].values().flat_map(presses_of).filter(is_key).count()
}
