//! Calls from the chat with the bot: a number becomes a call, and its card follows it; keys, hold, recording and the next
//! call are buttons under the card.

use crate::acts::presses;
use crate::world::World;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use testkit::person::BOT;
use testkit::telephone::Telephone;
use testkit::{Person, Seen};

const OLGA_HZ: f64 = 440.0;

/// A person adds a practice account by a link, and waits until it is registered.
async fn joins(person: &Person, login: &str) -> Result<Telephone> {
    person.starts(None).await?;
    person.writes(&format!("/start {login}=practice-{login}=practice")).await?;
    let question = person.sees(&format!("Add the SIP account {login}")).await?;
    person.presses(&question, "Yes").await?;
    let phone = person.telephone();
    phone.is_registered(1).await?;
    phone.says(OLGA_HZ).await?;
    Ok(phone)
}

/// Sends a number, and answers the ring: the number is dialled then. Gives back the card.
async fn calls(person: &Person, phone: &Telephone, number: &str) -> Result<Seen> {
    person.writes(number).await?;
    let card = person.sees(&format!("Call to {number}")).await?;
    phone.is("ringing").await?;
    phone.does(json!({"action": "answer"})).await?;
    Ok(card)
}

/// One card from the first ring to the last word; keys, hold and Redial are buttons under it.
async fn a_number_becomes_a_call(world: &mut World) -> Result<()> {
    let olga = &world.olga;
    let phone = joins(olga, "1001").await?;
    let card = calls(olga, &phone, "600").await?;
    let talking = olga.sees_change(&card, "Talking since").await?;
    phone.hears(OLGA_HZ).await?;
    presses(olga, &talking, "Hold").await?;
    let held = olga.sees_change(&card, "On hold").await?;
    ensure!(held.button("5").is_none(), "no keypad while the far end waits: {:?}", held.buttons());
    presses(olga, &held, "Resume").await?;
    let talking = olga.sees_change(&card, "Talking since").await?;
    phone.hears(OLGA_HZ).await?;
    presses(olga, &talking, "End").await?;
    let over = olga.sees_change(&card, "You ended it").await?;
    ensure!(over.buttons() == ["Redial"], "{:?}", over.buttons());
    phone.waits("no call", |view| view["calls"] == json!([])).await?;

    presses(olga, &over, "Redial").await?;
    phone.is("ringing").await?;
    phone.does(json!({"action": "answer"})).await?;
    phone.is("talking").await?;
    phone.hears(OLGA_HZ).await?;
    phone.hangs_up().await
}

/// The keypad under the card drives the voice menu: 3 is an echo there.
async fn keys_under_the_card_reach_a_voice_menu(world: &mut World) -> Result<()> {
    let olga = &world.olga;
    let phone = joins(olga, "1001").await?;
    phone.says(0.0).await?;
    let card = calls(olga, &phone, "601").await?;
    let talking = olga.sees_change(&card, "Talking since").await?;
    phone.hears_something().await?;
    phone.says(OLGA_HZ).await?;
    presses(olga, &talking, "3").await?;
    phone.hears(OLGA_HZ).await?;
    phone.hangs_up().await?;
    olga.sees_change(&card, "You ended it").await.map(drop)
}

/// A caller's card: who it is, Decline, and a way to call back.
async fn a_caller_is_shown_and_can_be_declined(world: &mut World) -> Result<()> {
    let olga = &world.olga;
    let phone = joins(olga, "1001").await?;
    let card = calls(olga, &phone, "602").await?;
    let talking = olga.sees_change(&card, "Talking since").await?;
    presses(olga, &talking, "End").await?;
    let rings = olga.sees("Call from").await?;
    ensure!(rings.text().contains("602"), "{}", rings.text());
    presses(olga, &rings, "Decline").await?;
    let over = olga.sees_change(&rings, "You declined it").await?;
    ensure!(over.buttons() == ["Call back"], "{:?}", over.buttons());
    Ok(())
}

/// What the far end refuses is on the card: its code, and what it means.
async fn the_card_says_why_a_call_was_refused(world: &mut World) -> Result<()> {
    let olga = &world.olga;
    let phone = joins(olga, "1001").await?;
    for (number, code, words) in [("603", "486", "busy"), ("606", "403", "does not allow this call")] {
        let card = calls(olga, &phone, number).await?;
        let over = olga.sees_change(&card, code).await?;
        ensure!(over.text().contains(words), "{}", over.text());
    }
    Ok(())
}

/// A recording that was begun and ended by hand comes into the chat as something to listen to.
async fn a_recording_by_hand_comes_into_the_chat(world: &mut World) -> Result<()> {
    let olga = &world.olga;
    let phone = joins(olga, "1001").await?;
    let card = calls(olga, &phone, "600").await?;
    let talking = olga.sees_change(&card, "Talking since").await?;
    presses(olga, &talking, "Start recording").await?;
    let recording = olga.sees_button(BOT, "Stop recording").await?;
    phone.hears(OLGA_HZ).await?;
    presses(olga, &recording, "Stop recording").await?;
    let has_sound = |chat: &Value| {
        let messages = chat["messages"].as_array()?;
        messages.iter().find(|message| message["voice"].is_object()).cloned()
    };
    let posted = olga.waits(BOT, "the recording", has_sound).await?;
    ensure!(posted.to_string().contains("Call to 600"), "{posted}");
    phone.hangs_up().await.context("end the call")
}

call_stories![
    a_number_becomes_a_call,
    keys_under_the_card_reach_a_voice_menu,
    a_caller_is_shown_and_can_be_declined,
    the_card_says_why_a_call_was_refused,
    a_recording_by_hand_comes_into_the_chat,
];
