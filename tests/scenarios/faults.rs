//! Telegram fails, repeats itself and forgets; processes die. No effect is lost, and none happens twice.

use crate::acts::{self, TRANSFER};
use crate::world::{Place, World};
use anyhow::{Result, ensure};
use serde_json::json;

/// Refusals for a while: everything is said in the end.
async fn what_telegram_refuses_for_a_while_is_said_later(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    world.platform.settles().await?;
    world.platform.fault(json!({"method": "sendMessage", "code": 429, "retry_after": 1, "times": 1})).await?;
    world.platform.fault(json!({"method": "editMessageText", "code": 502, "times": 2})).await?;
    acts::takes(&ivan, &message).await?;
    olga.sees("took your offer").await?;
    ivan.sees_change_in("olga", &message, "Set up.").await?;
    world.platform.settles().await?;
    ensure!(news(world).await? == 1, "said once");
    Ok(())
}

/// The answer is lost on the way, though Telegram did it: nothing happens twice to the account.
async fn a_lost_answer_changes_nothing_twice(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    world.platform.settles().await?;
    for method in ["editMessageText", "answerCallbackQuery", "getUpdates"] {
        world.platform.fault(json!({"method": method, "drop_response": true, "times": 1})).await?;
    }
    let shown = acts::presses_take(&ivan, &message).await?;
    ensure!(shown["shown"] != "alert", "{shown}");
    olga.sees("took your offer").await?;
    world.power_cut().await?;
    acts::lists(&ivan, "1001", "").await?;
    world.platform.settles().await?;
    ensure!(transfers(world, &account).await? == 1);
    Ok(())
}

/// Updates come twice and in another order: each counts once.
async fn updates_that_come_twice_or_in_another_order_count_once(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    world.platform.switch(json!({"chosen_result_after_next_press": true})).await?;
    world.platform.fault(json!({"updates": "duplicate", "times": 4})).await?;
    world.platform.fault(json!({"updates": "reorder", "times": 2})).await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    world.power_cut().await?;
    acts::takes(&ivan, &message).await?;
    olga.sees("took your offer").await?;
    world.platform.settles().await?;
    ensure!(transfers(world, &account).await? == 1);
    ensure!(news(world).await? == 1, "told once");
    Ok(())
}

/// How often the account changed its owner, as the log has it.
async fn transfers(world: &World, account: &str) -> Result<usize> {
    let log = world.platform.tool(&["log", "show", account]).await?;
    Ok(log.matches("AccountTransferred").count())
}

/// How often Olga was told that her offer was taken.
async fn news(world: &World) -> Result<usize> {
    let chat = world.olga.chat(testkit::person::BOT).await?;
    Ok(chat.iter().filter(|message| message.text().contains("took your offer")).count())
}

stories![
    what_telegram_refuses_for_a_while_is_said_later,
    a_lost_answer_changes_nothing_twice,
    updates_that_come_twice_or_in_another_order_count_once,
];

/// Of two processes either may die: the other goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_two_processes_dies_the_other_goes_on() -> Result<()> {
    World::tell(Place::Postgres, &[], async |world: &mut World| {
        let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
        ivan.starts(None).await?;
        acts::creates(&olga, "1001").await?;
        let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
        world.platform.kill_one(0).await?;
        acts::takes(&ivan, &message).await?;
        olga.sees("took your offer").await?;
        world.platform.start_one(0)?;
        acts::lists(&ivan, "1001", "").await?;
        world.platform.settles().await?;
        world.platform.kill_one(1).await?;
        acts::lacks(&olga, "1001").await?;
        world.platform.start_one(1)
    })
    .await
}
