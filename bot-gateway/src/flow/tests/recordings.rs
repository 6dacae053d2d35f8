//! Recordings: started by hand, locked, posted where the owner chose, and what happens where that chat is lost (product
//! reference 10).

use super::calls::card_of;
use super::gateway::{answers, ends, offers};
use super::stage::{IVAN, OLGA, Stage, presses_of};
use crate::button::{Button, OnCall};
use crate::outgoing::{Outgoing, Posted};
use domain::call::{Action, Command, EndCause, Party, Signal};
use domain::ids::{AccountNumber, CallId, ChatId, UserId};
use event_store::vault::Subject;

const SALES: ChatId = ChatId(-100_500);

#[tokio::test]
async fn the_button_says_how_far_a_recording_is() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let call = talk(&mut stage, account, OLGA).await;
    assert!(format!("{:?}", card_of(&mut stage, OLGA, call).await).contains("Start recording"));
    stage.presses(OLGA, Button::Call(call, OnCall::Record(true))).await;
    assert_eq!(stage.signal().await, Signal::on(call, OLGA, Action::Record(true)));
    assert!(format!("{:?}", card_of(&mut stage, OLGA, call).await).contains("Recording starts"));
    answers(&stage, call, Command::StartRecording { automatic: false, locked: false }).await;
    assert!(format!("{:?}", card_of(&mut stage, OLGA, call).await).contains("Stop recording"));
    assert_eq!(stage.signal().await.action, Action::Record(true), "delivered again, it is the same");
    stage.presses(OLGA, Button::Call(call, OnCall::Record(false))).await;
    assert_eq!(stage.signal().await.action, Action::Record(false));
    answers(&stage, call, Command::StopRecording).await;
    assert!(format!("{:?}", card_of(&mut stage, OLGA, call).await).contains("Saving"));
    assert!(stage.presses(OLGA, Button::Call(call, OnCall::Record(true))).await.alert);
    answers(&stage, call, Command::FailRecording { reason: "the disk is full".to_owned() }).await;
    let failed = format!("{:?}", card_of(&mut stage, OLGA, call).await);
    assert!(failed.contains("Record again"), "{failed}");
    assert!(stage.said.iter().any(|said| said.contains("the disk is full")), "and it is told");
}

#[tokio::test]
async fn what_the_owner_records_into_a_chat_nobody_else_stops() {
    let mut stage = Stage::new().await;
    let account = lent_out(&mut stage).await;
    let call = talk(&mut stage, account, IVAN).await;
    answers(&stage, call, Command::StartRecording { automatic: true, locked: true }).await;
    let card = card_of(&mut stage, IVAN, call).await;
    assert!(presses_of(&card).contains(&Button::Call(call, OnCall::RecordingLocked).to_string()));
    let answer = stage.presses(IVAN, Button::Call(call, OnCall::RecordingLocked)).await;
    assert!(answer.alert && answer.text.unwrap().contains("owner"));
}

#[tokio::test]
async fn a_chat_is_tried_before_it_is_said_to_be_right() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    choose_chat(&mut stage, account).await;
    assert!(stage.said.iter().any(|said| said.contains("Recordings will go to Records")));
    stage.closed.push(SALES);
    choose_chat(&mut stage, account).await;
    assert!(stage.said.iter().any(|said| said.contains("can't post in Records")));
    let card = format!("{:?}", stage.menu(OLGA).await);
    assert!(card.contains("Chat for recordings: Records"), "{card}");
}

#[tokio::test]
async fn a_recording_goes_to_the_chosen_chat_and_else_to_whoever_talked_and_the_owner_is_told() {
    let mut stage = Stage::new().await;
    let account = lent_out(&mut stage).await;
    let call = talk(&mut stage, account, IVAN).await;
    answers(&stage, call, Command::StartRecording { automatic: true, locked: true }).await;
    ends(&stage, call, EndCause::Hangup { by: Party::User }, Some((200, 9))).await;
    save(&stage, call).await;
    stage.notices().await;
    let posts = stage.posts().await;
    let [Outgoing::Post { chat, post, failed, .. }] = posts.as_slice() else { panic!("{posts:#?}") };
    assert_eq!(*chat, SALES);
    let Posted::Sound { reference, seconds, screen } = post else { panic!("{post:?}") };
    assert_eq!((reference.as_str(), *seconds), ("rec-1", 9));
    assert!(screen.html.contains("111") && screen.html.contains("Ivan"), "{}", screen.html);
    let [Outgoing::Post { chat, failed: then, .. }, Outgoing::Send { chat: owner, .. }] = failed.as_slice()
    else {
        panic!("{failed:#?}")
    };
    assert_eq!((*chat, *owner), (ChatId(IVAN.0), ChatId(OLGA.0)));
    assert!(matches!(then.as_slice(), [Outgoing::Send { .. }]), "and if that fails too, it is told");
}

#[tokio::test]
async fn without_a_chosen_chat_a_recording_goes_to_whoever_talked() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let call = talk(&mut stage, account, OLGA).await;
    answers(&stage, call, Command::StartRecording { automatic: false, locked: false }).await;
    answers(&stage, call, Command::StopRecording).await;
    save(&stage, call).await;
    stage.notices().await;
    let posts = stage.posts().await;
    assert!(matches!(posts.as_slice(), [Outgoing::Post { chat: ChatId(1001), .. }]), "{posts:#?}");
}

#[tokio::test]
async fn who_is_forgotten_takes_their_recordings_along_and_others_keep_theirs() {
    let mut stage = Stage::new().await;
    let mut stored = Vec::new();
    for person in [OLGA, IVAN] {
        stage.says(person, "/help").await;
        let mut writer = stage.blobs.create(&Subject::person(person), "audio/ogg").await.unwrap();
        writer.push(b"what was said").await.unwrap();
        stored.push(writer.finish().await.unwrap());
    }
    stage.is_forgotten(IVAN).await;
    stage.notices().await;
    assert!(stage.blobs.open(stored[0]).await.unwrap().is_some());
    assert!(stage.blobs.open(stored[1]).await.unwrap().is_none());
    assert_eq!(stage.count("SELECT count(*) FROM blobs").await, 1, "nothing is left to make room for");
    assert_eq!(stage.office.person_view(IVAN).await.unwrap().name, "");
    assert_eq!(stage.office.person_view(OLGA).await.unwrap().name, "Olga");

    // Whoever comes back is met anew.
    stage.says(IVAN, "/help").await;
    assert_eq!(stage.office.person_view(IVAN).await.unwrap().name, "Ivan");
}

async fn save(stage: &Stage, call: CallId) {
    answers(stage, call, Command::SaveRecording { reference: "rec-1".to_owned(), seconds: 9 }).await;
}

/// Somebody talks with 111.
async fn talk(stage: &mut Stage, account: AccountNumber, user: UserId) -> CallId {
    stage.says(user, "/help").await;
    let call = offers(stage, account, user, "111", None).await;
    answers(stage, call, Command::Answer).await;
    card_of(stage, user, call).await;
    call
}

/// An account of Olga's that Ivan uses, and whose calls are recorded into a chat.
async fn lent_out(stage: &mut Stage) -> AccountNumber {
    let account = stage.complete_account(OLGA, "100").await;
    choose_chat(stage, account).await;
    stage.presses(OLGA, Button::Recording { account, on: true }).await;
    let offer = stage.hands_over(OLGA, account, 0).await;
    stage.takes(IVAN, &offer).await;
    account
}

async fn choose_chat(stage: &mut Stage, account: AccountNumber) {
    stage.presses(OLGA, Button::RecordingChat(account)).await;
    stage.picks_chat(OLGA, SALES, false).await;
    stage.notices().await;
}
