//! When Telegram does not let us ring.

use super::{olga, sees_card};
use crate::world::World;
use anyhow::{Result, ensure};
use serde_json::json;

/// Privacy that forbids calls is told with its code, and with what to do.
async fn who_lets_nobody_call_is_told_how_to_change_that(world: &mut World) -> Result<()> {
    olga(world).await?;
    world.olga.does("telegram", json!({"calls": "nobody"})).await?;
    world.olga.writes("600").await?;
    let card = sees_card(&world.olga, "380 Callback is restricted").await?;
    for words in ["privacy settings", "not dialled"] {
        ensure!(card.seen.text().contains(words), "{}", card.seen.text());
    }
    Ok(())
}

/// Telegram limits calls, nobody calls within the minute, and the card says why nothing was dialled.
async fn a_limit_of_telegram_is_told_when_the_minute_is_over(world: &mut World) -> Result<()> {
    olga(world).await?;
    let fault = json!({"method": "phone.requestCall", "error": "FLOOD_WAIT_3600", "code": 420, "times": 1});
    world.platform.fault(fault).await?;
    world.olga.writes("600").await?;
    let card = sees_card(&world.olga, "Telegram does not let me ring you").await?;
    let seconds = card.seen.text().contains("60") || card.seen.text().contains("59");
    ensure!(seconds && card.seen.text().contains("@tandem_calls"), "{}", card.seen.text());
    let over = card.becomes_within_a_minute(&world.olga, "503").await?;
    ensure!(over.seen.text().contains("Telegram limits"), "{}", over.seen.text());
    Ok(())
}

telegram_stories![
    who_lets_nobody_call_is_told_how_to_change_that,
    a_limit_of_telegram_is_told_when_the_minute_is_over,
];
