//! When Telegram does not let us ring.

use super::{olga, sees_card};
use crate::world::{Environment, World};
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

/// How long people have to call by themselves in these stories: long enough to see the card that says so.
const CALL_WINDOW: Environment = &[("TANDEM_CALL_WINDOW_SECONDS", "15")];

/// Telegram limits calls: the card says so at once, with Telegram's seconds, and how to call meanwhile. Nobody does, and
/// the card says that nothing was dialled.
async fn a_limit_of_telegram_is_told_at_once_and_at_the_end(world: &mut World) -> Result<()> {
    olga(world).await?;
    let fault = json!({"method": "phone.requestCall", "error": "FLOOD_WAIT_3600", "code": 420, "times": 1});
    world.platform.fault(fault).await?;
    world.olga.writes("600").await?;
    let card = sees_card(&world.olga, "Telegram does not let me ring you").await?;
    for words in ["503 Too Many Requests: retry after 3600", "Call @tandem_calls within"] {
        ensure!(card.seen.text().contains(words), "{}", card.seen.text());
    }
    let over = card.becomes(&world.olga, "not dialled").await?;
    for words in ["503 Too Many Requests: retry after 3600", "Telegram limits"] {
        ensure!(over.seen.text().contains(words), "{}", over.seen.text());
    }
    Ok(())
}

telegram_stories![
    who_lets_nobody_call_is_told_how_to_change_that,
    a_limit_of_telegram_is_told_at_once_and_at_the_end with super::CALL_WINDOW,
];
