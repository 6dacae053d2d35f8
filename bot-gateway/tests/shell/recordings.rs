//! Recordings through the outbox: posted once, gone from the store then, and somewhere else where the chat is lost.

use crate::process::{Now, Process, Setup};
use crate::telegram::{Fault, Telegram, until};
use bot_gateway::outbox::Priority;
use bot_gateway::outgoing::{Outgoing, Posted, Screen};
use domain::ids::{ChatId, UserId};
use event_store::clock::Clock as _;
use event_store::vault::Subject;
use tempfile::TempDir;

const OLGA: i64 = 1;
const SALES: i64 = -100;

#[tokio::test]
async fn a_recording_is_posted_as_a_voice_message_and_leaves_the_store() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let process = Setup::sqlite(&directory.path().join("bot.db"), &telegram).start().await;
    say(&process, record(&process, b"OggS sound").await).await;
    process.quiet().await;
    let sent = telegram.forms("sendVoice");
    let [form] = sent.as_slice() else { panic!("{sent:#?}") };
    for part in ["\r\n-100\r\n", "\r\nthe caption\r\n", "\r\nOggS sound\r\n", "audio/ogg"] {
        assert!(form.contains(part), "{part:?}: {form}");
    }
    assert_eq!(telegram.texts(), ["posted"]);
    until_gone(&process).await;
    process.stop().await;
}

#[tokio::test]
async fn a_recording_whose_chat_is_lost_comes_to_whoever_talked() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let process = Setup::sqlite(&directory.path().join("bot.db"), &telegram).start().await;
    telegram.fails_once("sendVoice", Fault::Refuse(403, "Forbidden: bot was kicked from the group chat"));
    say(&process, record(&process, b"OggS sound").await).await;
    until("the second try", || telegram.forms("sendVoice").len() == 2).await;
    process.quiet().await;
    assert!(telegram.forms("sendVoice")[1].contains("\r\n1\r\n"), "to Olga");
    assert_eq!(telegram.texts(), Vec::<String>::new());
    until_gone(&process).await;
    process.stop().await;
}

#[tokio::test]
async fn who_takes_no_voice_messages_gets_a_file() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let process = Setup::sqlite(&directory.path().join("bot.db"), &telegram).start().await;
    telegram.fails_once("sendVoice", Fault::Refuse(400, "Bad Request: VOICE_MESSAGES_FORBIDDEN"));
    say(&process, record(&process, b"OggS sound").await).await;
    process.quiet().await;
    assert_eq!(telegram.forms("sendDocument").len(), 1);
    until_gone(&process).await;
    process.stop().await;
}

#[tokio::test]
async fn a_recording_that_was_being_posted_is_posted_after_a_crash() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    let process = setup.start().await;
    telegram.fails_once("sendVoice", Fault::Silence);
    say(&process, record(&process, b"OggS sound").await).await;
    until("it is on its way", || telegram.forms("sendVoice").len() == 1).await;
    process.kill().await;

    let process = setup.start().await;
    until("it is there", || telegram.forms("sendVoice").len() == 2).await;
    process.quiet().await;
    assert_eq!(telegram.texts(), ["posted"]);
    until_gone(&process).await;
    process.stop().await;
}

#[tokio::test]
async fn a_card_is_one_message_however_often_it_is_shown() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let process = Setup::sqlite(&directory.path().join("bot.db"), &telegram).start().await;
    for (n, words) in ["rings", "talks", "is over"].into_iter().enumerate() {
        shows(&process, n, words).await;
    }
    assert_eq!(telegram.texts(), ["rings"]);
    let edits = telegram.calls("editMessageText");
    assert_eq!(edits.iter().map(|edit| edit["text"].clone()).collect::<Vec<_>>(), ["talks", "is over"]);
    assert!(edits.iter().all(|edit| edit["message_id"] == edits[0]["message_id"]));
    process.stop().await;
}

#[tokio::test]
async fn a_card_moves_into_an_inline_message_and_back_when_that_is_gone() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    a_card_moves(&Setup::sqlite(&directory.path().join("bot.db"), &telegram)).await;
}

/// The story of a card that gets a place and loses it.
pub(crate) async fn a_card_moves(setup: &Setup) {
    let (process, telegram) = (setup.start().await, &setup.telegram);
    shows(&process, 0, "rings").await;
    process.outbox.keep_inline(ChatId(OLGA), "call/1", "inline-7").await.unwrap();
    shows(&process, 1, "talks").await;
    let edits = telegram.calls("editMessageText");
    assert_eq!(
        (edits.len(), &edits[0]["inline_message_id"], &edits[0]["text"]),
        (1, &"inline-7".into(), &"talks".into())
    );
    assert_eq!(telegram.calls("deleteMessage").len(), 1, "the one in the bot's chat goes");
    shows(&process, 2, "holds").await;
    assert_eq!(telegram.calls("deleteMessage").len(), 1, "once");

    telegram.fails_once("editMessageText", Fault::Refuse(400, "Bad Request: MESSAGE_ID_INVALID"));
    shows(&process, 3, "talks again").await;
    shows(&process, 4, "is over").await;
    assert_eq!(telegram.texts(), ["rings", "talks again"], "it is sent anew");
    assert_eq!(telegram.calls("editMessageText").last().unwrap()["text"], "is over");
    process.stop().await;
}

#[tokio::test]
async fn a_card_that_shows_less_is_not_shown_over_one_that_shows_more() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let process = Setup::sqlite(&directory.path().join("bot.db"), &telegram).start().await;
    shows(&process, 5, "talks").await;
    shows(&process, 4, "rings").await;
    shows(&process, 6, "is over").await;
    assert_eq!(telegram.texts(), ["talks"]);
    let edits = telegram.calls("editMessageText");
    assert_eq!(edits.iter().map(|edit| edit["text"].clone()).collect::<Vec<_>>(), ["is over"]);
    process.stop().await;
}

#[tokio::test]
async fn a_card_that_waits_holds_nothing_up_and_outlives_the_process() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    let process = setup.start().await;
    let until_then = Now.now() + chrono::TimeDelta::seconds(3);
    let (chat, slot) = (ChatId(OLGA), "call/1".to_owned());
    let card =
        Outgoing::Show { chat, slot, screen: screen("rings"), not_before: Some(until_then), version: 0 };
    let text = Outgoing::to(UserId(OLGA), screen("hello"));
    process.outbox.enqueue("card:0", Priority::Reply, vec![card, text]).await.unwrap();
    until("the text is there", || telegram.texts() == ["hello"]).await;
    // What Telegram has and the outbox does not know of would be said again.
    process.until_count("SELECT count(*) FROM outbox WHERE state = 2", 1).await;
    process.kill().await;

    let process = setup.start().await;
    until("the card is there", || telegram.texts() == ["hello", "rings"]).await;
    assert!(Now.now() >= until_then);
    process.stop().await;
}

/// Shows a card, and waits until it is shown.
async fn shows(process: &Process, n: usize, words: &str) {
    let (chat, slot) = (ChatId(OLGA), "call/1".to_owned());
    let version = u32::try_from(n).unwrap_or_default();
    let show = Outgoing::Show { chat, slot, screen: screen(words), not_before: None, version };
    process.outbox.enqueue(&format!("card:{n}"), Priority::Reply, vec![show]).await.unwrap();
    process.quiet().await;
}

fn screen(words: &str) -> Screen {
    Screen { html: words.to_owned(), ..Screen::default() }
}

/// Stores a sound; gives back its name.
async fn record(process: &Process, sound: &[u8]) -> String {
    let mut writer = process.sounds().create(&Subject::person(UserId(OLGA)), "audio/ogg").await.unwrap();
    writer.push(sound).await.unwrap();
    writer.finish().await.unwrap().to_string()
}

/// Has a recording posted: in the chat, else to Olga.
async fn say(process: &Process, reference: String) {
    let post = || Posted::Sound { reference: reference.clone(), seconds: 3, screen: screen("the caption") };
    let told = Outgoing::to(UserId(OLGA), screen("posted"));
    let own = Outgoing::Post { chat: ChatId(OLGA), post: post(), done: Vec::new(), failed: Vec::new() };
    let says = Outgoing::Post { chat: ChatId(SALES), post: post(), done: vec![told], failed: vec![own] };
    process.outbox.enqueue("recording:1", Priority::Notice, vec![says]).await.unwrap();
}

async fn until_gone(process: &Process) {
    process.until_count("SELECT count(*) FROM blobs", 0).await;
}
