//! What the buttons under a call's card do while the person talks in Telegram.

use super::{OLGA_HZ, both_hear_each_other, ivan, ivan_calls_olga, olga, olga_calls, sees_button, sees_card};
use crate::world::World;
use anyhow::Result;
use serde_json::{Value, json};
use testkit::person::BOT;

/// Keys reach a voice menu: 3 is an echo there.
async fn keys_reach_a_voice_menu_from_a_telegram_call(world: &mut World) -> Result<()> {
    let olga = olga(world).await?;
    olga.says(0.0).await?;
    olga_calls(world, &olga, "601").await?;
    olga.hears_something().await?;
    let card = sees_card(&world.olga, "Call to 601").await?.becomes(&world.olga, "Talking since").await?;
    olga.says(OLGA_HZ).await?;
    card.press(&world.olga, "3").await?;
    olga.hears(OLGA_HZ).await?;
    olga.hangs_up().await
}

/// Who is held hears music and not the person, and the person hears nobody.
async fn a_telegram_call_is_held_and_resumed(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    ivan_calls_olga(&olga, &ivan).await?;
    both_hear_each_other(&olga, &ivan).await?;
    let card = sees_button(&world.olga, "Hold").await?;
    card.press(&world.olga, "Hold").await?;
    olga.hears_silence().await?;
    ivan.waits("heard music in place of Olga", |view| {
        let heard = &view["heard"];
        let is_loud = heard["level_dbov"].as_f64().is_some_and(|level| level > -45.0);
        is_loud && heard["hz"].as_f64().is_none_or(|hz| (hz - OLGA_HZ).abs() > 20.0)
    })
    .await?;
    let held = card.becomes(&world.olga, "On hold").await?;
    held.press(&world.olga, "Resume").await?;
    both_hear_each_other(&olga, &ivan).await?;
    olga.hangs_up().await
}

/// A second caller comes while one is talked with, and both are talked with in turn in one Telegram call.
async fn a_second_line_is_taken_within_one_telegram_call(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    olga_calls(world, &olga, "600").await?;
    olga.hears(OLGA_HZ).await?;
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    let second = sees_card(&world.olga, "It rings on your second line").await?;
    second.press(&world.olga, "Switch").await?;
    ivan.is("talking").await?;
    both_hear_each_other(&olga, &ivan).await?;
    // When the second caller has left, the first one is there again by itself.
    ivan.hangs_up().await?;
    olga.hears(OLGA_HZ).await?;
    olga.hangs_up().await
}

/// A recording that is begun and ended by hand comes into the chat as something to listen to.
async fn a_telegram_call_is_recorded(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    ivan_calls_olga(&olga, &ivan).await?;
    sees_button(&world.olga, "Start recording").await?.press(&world.olga, "Start recording").await?;
    let recording = sees_button(&world.olga, "Stop recording").await?;
    both_hear_each_other(&olga, &ivan).await?;
    recording.press(&world.olga, "Stop recording").await?;
    let has_sound = |chat: &Value| {
        let messages = chat["messages"].as_array()?;
        messages.iter().find(|message| message["voice"].is_object()).cloned()
    };
    world.olga.waits(BOT, "the recording", has_sound).await?;
    olga.hangs_up().await
}

telegram_stories![
    keys_reach_a_voice_menu_from_a_telegram_call,
    a_telegram_call_is_held_and_resumed,
    a_second_line_is_taken_within_one_telegram_call,
    a_telegram_call_is_recorded,
];

telegram_stories_with_a_standby![keys_reach_a_voice_menu_from_a_telegram_call];
