//! Menus and editors (product reference 2, 3.2).

use super::stage::{CANARY, IVAN, OLGA, Stage, presses_of};
use crate::button::{Arrange, Ask, Button};
use crate::outgoing::{Keys, Outgoing};
use chrono::TimeDelta;
use domain::settings::{Codec, DtmfMethod, Transport};

#[tokio::test]
async fn every_setting_is_changed_by_its_button() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let g729 = Codec::ALL.iter().copied().find(|codec| codec.name() == "g729").unwrap();
    stage.presses(OLGA, Button::Transport(account, Transport::Tcp)).await;
    stage.presses(OLGA, Button::Codecs(account)).await;
    stage.presses(OLGA, Button::Codec(account, Arrange::Add, g729)).await;
    stage.presses(OLGA, Button::Account(account)).await;
    stage.presses(OLGA, Button::Dtmf(account)).await;
    stage.presses(OLGA, Button::DtmfMethod(account, Arrange::Drop, DtmfMethod::ALL[1])).await;
    stage.presses(OLGA, Button::Account(account)).await;
    stage.presses(OLGA, Button::Recording { account, on: true }).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Name)).await;
    stage.says(OLGA, "Office").await;
    stage.presses(OLGA, Button::Rules(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Rules)).await;
    stage.says(OLGA, r"[^+*#\w]= ^8=7").await;
    stage.presses(OLGA, Button::Account(account)).await;

    let state = stage.account(account).await;
    let settings = state.settings().unwrap();
    assert_eq!(settings.name.as_ref().unwrap().as_str(), "Office");
    assert_eq!(settings.transport, Transport::Tcp);
    assert_eq!(settings.codecs.to_string(), "opus,g722,alaw,mulaw,g729");
    assert_eq!(settings.dtmf.to_string(), "rfc2833");
    assert_eq!(settings.rules.as_str(), r"[^+*#\w]= ^8=7");
    assert!(settings.recording.automatic);
    assert!(state.owned().unwrap().settings.waits(), "changes act on Apply");
    stage.presses(OLGA, Button::Apply(account)).await;
    assert!(!stage.account(account).await.owned().unwrap().settings.waits());
}

#[tokio::test]
async fn back_on_a_card_leads_to_the_page_that_the_account_stands_on() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/new").await;
    let first = stage.account_on_screen(OLGA).await;
    for _ in 0..9 {
        stage.advance(TimeDelta::seconds(1));
        stage.says(OLGA, "/new").await;
    }
    let last = stage.account_on_screen(OLGA).await;
    stage.says(OLGA, "/softphone").await;
    stage.presses(OLGA, Button::Account(first)).await;
    stage.presses(OLGA, Button::Accounts(0)).await;
    stage.presses(OLGA, Button::Accounts(1)).await;
    stage.presses(OLGA, Button::Account(last)).await;

    stage.presses(OLGA, Button::Accounts(1)).await;

    assert!(presses_of(&stage.menu(OLGA).await).contains(&Button::Account(last).to_string()));
}

#[tokio::test]
async fn the_card_says_when_changes_act_by_themselves() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Transport(account, Transport::Tcp)).await;
    let changed = stage.now();
    stage.advance(TimeDelta::minutes(2));
    let due = stage.office.applies_at(account).await.unwrap();
    assert_eq!(due, Some(changed + TimeDelta::minutes(5)));
}

#[tokio::test]
async fn a_password_goes_from_the_chat_at_once() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/new").await;
    let account = stage.account_on_screen(OLGA).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Password)).await;

    let says = stage.says(OLGA, CANARY).await;

    assert!(matches!(says[0], Outgoing::Delete { .. }), "{says:#?}");
    stage.advance(TimeDelta::minutes(1));
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn a_password_that_comes_too_late_goes_from_the_chat_too() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/new").await;
    let account = stage.account_on_screen(OLGA).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Password)).await;
    let prompt = stage.chats[&OLGA]
        .iter()
        .rev()
        .find(|(_, screen)| matches!(screen.keys, Keys::ForceReply { .. }))
        .map(|(id, _)| *id);
    stage.advance(TimeDelta::minutes(10));

    let says = stage.replies(OLGA, CANARY, prompt).await;

    assert!(matches!(says[0], Outgoing::Delete { .. }), "{says:#?}");
    assert_eq!(stage.account(account).await.password(), None);
}

#[tokio::test]
async fn a_value_that_is_none_is_explained_and_asked_for_again() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Ask(account, Ask::Domain)).await;
    stage.says(OLGA, "not a host").await;
    assert!(matches!(stage.newest(OLGA).keys, Keys::ForceReply { .. }));
    stage.says(OLGA, "sip.example:5070").await;
    let state = stage.account(account).await;
    assert_eq!(state.settings().unwrap().domain.as_ref().unwrap().as_str(), "sip.example:5070");
}

#[tokio::test]
async fn an_answer_to_an_older_question_is_matched_by_reply() {
    let mut stage = Stage::new().await;
    let first = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Ask(first, Ask::Name)).await;
    stage.says(OLGA, "First").await;
    assert_eq!(stage.account(first).await.settings().unwrap().name.as_ref().unwrap().as_str(), "First");
    let says = stage.says(OLGA, "and now?").await;
    assert_eq!(says.len(), 1, "nothing is awaited: {says:#?}");
    assert_eq!(stage.account(first).await.settings().unwrap().name.as_ref().unwrap().as_str(), "First");
}

#[tokio::test]
async fn there_is_one_live_menu() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/softphone").await;
    stage.says(OLGA, "/help").await;
    stage.says(OLGA, "/softphone").await;
    let menus = stage.chats[&OLGA].values().filter(|screen| !presses_of(screen).is_empty()).count();
    assert_eq!(menus, 1);
}

#[tokio::test]
async fn an_older_menu_is_drawn_anew() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/start").await;
    let chat = domain::ids::ChatId(OLGA.0);
    let message = *stage.chats[&OLGA].keys().next_back().unwrap();
    let place = crate::incoming::Place::Chat(crate::incoming::MessageRef { chat, id: message });
    for data in ["v0:list:0", "nonsense", "v1:nothing"] {
        let answer = stage.presses_at(OLGA, place.clone(), data).await;
        assert!(!answer.alert && answer.text.is_some(), "{answer:?}");
    }
}

#[tokio::test]
async fn the_language_is_the_chosen_one_else_the_apps() {
    let mut stage = Stage::new().await;
    stage.language.insert(IVAN, "ru".to_owned());
    stage.says(IVAN, "/start").await;
    let russian = stage.menu(IVAN).await.html;
    assert!(russian.chars().any(|c| ('а'..='я').contains(&c)), "{russian}");

    stage.says(IVAN, "/language").await;
    stage.presses(IVAN, Button::ChooseLanguage(domain::person::Language::En)).await;
    stage.says(IVAN, "/start").await;
    let english = stage.menu(IVAN).await.html;
    assert!(!english.chars().any(|c| ('а'..='я').contains(&c)), "{english}");
}

#[tokio::test]
async fn notices_are_in_the_language_of_whom_they_tell() {
    let mut stage = Stage::new().await;
    stage.language.insert(OLGA, "ru".to_owned());
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, 0).await;
    stage.takes(IVAN, &message).await;
    let told = stage.notices().await;
    assert!(told[0].1.html.chars().any(|c| ('а'..='я').contains(&c)), "{}", told[0].1.html);
    assert!(told[0].1.html.contains("Ivan"), "names who took it: {}", told[0].1.html);
}

#[tokio::test]
async fn a_template_fills_the_settings() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/new").await;
    let account = stage.account_on_screen(OLGA).await;
    let catalogue = domain::template::Catalogue::builtin();
    let template = catalogue.all().iter().take(8).find(|template| template.domain.is_some()).unwrap();
    stage.presses(OLGA, Button::Templates(account, 0)).await;
    stage.presses(OLGA, Button::Template(account, template.code.clone())).await;
    let state = stage.account(account).await;
    assert_eq!(state.settings().unwrap().domain, template.domain);
    stage.presses(OLGA, Button::Templates(account, 0)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::FindTemplate)).await;
    stage.says(OLGA, "муль").await;
    assert!(
        presses_of(&stage.menu(OLGA).await).iter().any(|data| data.contains(":template:")),
        "found by the beginning of its name"
    );
}

#[tokio::test]
async fn whoever_goes_on_in_the_menu_has_left_what_they_were_asked() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    for leaves in ["press", "command"] {
        stage.presses(OLGA, Button::Ask(account, Ask::Login)).await;
        match leaves {
            "press" => {
                stage.presses(OLGA, Button::CancelInput).await;
            }
            _ => {
                stage.says(OLGA, "/softphone").await;
                stage.presses(OLGA, Button::Account(account)).await;
            }
        }
        stage.says(OLGA, "112").await;
        let state = stage.account(account).await;
        assert_eq!(state.settings().unwrap().login.as_ref().unwrap().as_str(), "100", "{leaves}");
        let prompts =
            stage.chats[&OLGA].values().filter(|screen| matches!(screen.keys, Keys::ForceReply { .. }));
        assert_eq!(prompts.count(), 0, "the question is gone");
    }
}

#[tokio::test]
async fn who_is_turned_away_is_told_why() {
    use crate::handler::{Handler as _, TurnedAway};
    use crate::incoming::{Act, Incoming, MessageRef, Place};
    let stage = Stage::new().await;
    let place = Place::Inline("inline-1".to_owned());
    let act = Act::Press { id: "press".to_owned(), place, data: String::new() };
    let incoming = Incoming { update: 1, from: stage.from(OLGA), act };
    let says = stage.flow.turned_away(&incoming, TurnedAway::TooFast);
    assert!(matches!(&says[..], [Outgoing::AnswerPress { text: Some(_), alert: true, .. }]), "{says:?}");

    let message = MessageRef { chat: domain::ids::ChatId(OLGA.0), id: 1 };
    let act = Act::Text { message, text: "/start".to_owned(), reply_to: None };
    let incoming = Incoming { act, ..incoming };
    assert_eq!(stage.flow.turned_away(&incoming, TurnedAway::TooFast), []);
    assert_eq!(stage.flow.turned_away(&incoming, TurnedAway::Broken).len(), 1);
}
