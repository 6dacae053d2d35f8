//! The chat of the service account: the cards of calls stand there, and numbers that are sent there are called.

use super::{OLGA_HZ, olga, olga_calls};
use crate::world::World;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use testkit::Person;
use testkit::person::BOT;
use testkit::service_account::USERNAME;

/// A card comes beside the call, follows it to its end, and stands nowhere else.
async fn the_card_of_a_call_stands_in_the_chat_of_the_service_account(world: &mut World) -> Result<()> {
    let olga = olga(world).await?;
    olga_calls(world, &olga, "600").await?;
    let card = world.olga.sees_in(USERNAME, "Call to 600").await?;
    world.olga.sees_change_in(USERNAME, card.id(), "Talking since").await?;
    olga.hears(OLGA_HZ).await?;
    olga.hangs_up().await?;
    world.olga.sees_change_in(USERNAME, card.id(), "You ended it").await?;
    ensure!(!has_card(&world.olga, BOT).await?, "there is a second card");
    Ok(())
}

/// A number and a contact are called as in the bot's own chat.
async fn a_number_that_is_sent_to_the_service_account_is_called(world: &mut World) -> Result<()> {
    let olga = olga(world).await?;
    world.olga.does("message", json!({"chat": USERNAME, "text": "600"})).await?;
    olga.answers().await?;
    olga.hears(OLGA_HZ).await?;
    olga.hangs_up().await?;
    world.olga.sees_in(USERNAME, "You ended it").await?;
    world.olga.does("contact", json!({"chat": USERNAME, "phone": "604", "first_name": "Nobody"})).await?;
    olga.answers().await?;
    world.olga.sees_in(USERNAME, "Call to 604").await?;
    olga.hangs_up().await
}

/// Where Telegram does not tell which message the card is, there is one in the bot's chat that follows the call, and the
/// other one goes.
async fn a_card_of_which_the_bot_is_not_told_comes_into_the_bots_chat(world: &mut World) -> Result<()> {
    let olga = olga(world).await?;
    world.platform.switch(json!({"inline_feedback_percent": 0})).await?;
    olga_calls(world, &olga, "600").await?;
    world.olga.sees_in(USERNAME, "Call to 600").await?;
    let card = world.olga.sees("Talking since").await?;
    let is_gone = |chat: &Value| {
        let messages = chat["messages"].as_array()?;
        let is_card = |message: &Value| message["text"].as_str().is_some_and(|it| it.contains("Call to"));
        (!messages.iter().any(is_card)).then_some(())
    };
    world.olga.waits(USERNAME, "no card that nobody brings up to date", is_gone).await?;
    olga.hangs_up().await?;
    world.olga.sees_change(&card, "You ended it").await.map(drop)
}

async fn has_card(person: &Person, chat: &str) -> Result<bool> {
    Ok(person.chat(chat).await?.iter().any(|seen| seen.text().contains("Call to")))
}

telegram_stories![
    the_card_of_a_call_stands_in_the_chat_of_the_service_account,
    a_number_that_is_sent_to_the_service_account_is_called,
    a_card_of_which_the_bot_is_not_told_comes_into_the_bots_chat,
];
