//! The calls themselves, in both directions.

use super::{
    OLGA_HZ, both_hear_each_other, eventually, history, ivan, ivan_calls_olga, olga, olga_calls, sees_card,
};
use crate::world::World;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::service_account::USERNAME;

/// Who calls the account is connected with a Telegram call; the caller hangs up.
async fn a_caller_is_answered_in_telegram(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    let rings = olga.rings().await?;
    ensure!(rings["with"]["name"] == "Tandem calls", "{rings}");
    let talks = olga.answers().await?;
    ensure!(talks["emoji"].is_string() && talks["p2p"] == true, "{talks}");
    ivan.is("talking").await?;
    both_hear_each_other(&olga, &ivan).await?;
    ivan.hangs_up().await?;
    ensure!(olga.is_over().await?["reason"] == "hangup");
    Ok(())
}

/// A number is sent to the bot, the service account rings, and the number is dialled when that is answered; the person
/// hangs up.
async fn a_number_is_dialled_when_telegram_is_answered(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    olga_calls(world, &olga, "1002").await?;
    let ringing = ivan.is("ringing").await?;
    ensure!(ringing["number"] == "1001", "{ringing}");
    ivan.does(json!({"action": "answer"})).await?;
    both_hear_each_other(&olga, &ivan).await?;
    olga.hangs_up().await?;
    ivan.waits("been hung up on", |view| view["calls"] == json!([])).await?;
    sees_card(&world.olga, "You ended it after").await.map(drop)
}

/// Whoever declines in Telegram has declined the call.
async fn a_call_that_is_declined_in_telegram_is_declined(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    olga.declines().await?;
    let refused = |view: &serde_json::Value| {
        view["calls"] == json!([]) && [486, 603].iter().any(|code| view["last_ended"]["code"] == *code)
    };
    ivan.waits("been declined", refused).await?;
    sees_card(&world.olga, "You declined it").await.map(drop)
}

/// Whoever talks with somebody else in Telegram is busy.
async fn who_talks_in_telegram_already_is_busy(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    let petr = world.petr.app();
    petr.calls("olga").await?;
    olga.answers().await?;
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    let refused = |view: &serde_json::Value| {
        view["calls"] == json!([]) && [486, 603].iter().any(|code| view["last_ended"]["code"] == *code)
    };
    ivan.waits("been told that it is busy", refused).await?;
    petr.hears(OLGA_HZ).await
}

/// Nobody answers until Telegram gives it up.
async fn a_call_that_nobody_answers_in_telegram_is_missed(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    world.platform.switch(json!({"call_ring_seconds": 4})).await?;
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    olga.rings().await?;
    ensure!(olga.is_over().await?["reason"] == "missed");
    ivan.waits("been left alone", |view| view["calls"] == json!([]) && view["last_ended"]["code"] == 480)
        .await?;
    sees_card(&world.olga, "Missed call from").await.map(drop)
}

/// A caller who gives up leaves no phone ringing.
async fn a_caller_who_gives_up_stops_the_ring_in_telegram(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    olga.rings().await?;
    ivan.hangs_up().await?;
    ensure!(olga.is_over().await?["reason"] == "missed");
    sees_card(&world.olga, "Missed call from").await.map(drop)
}

/// Both of a person's devices ring, and the first to answer has the call.
async fn the_first_device_to_answer_has_the_call(world: &mut World) -> Result<()> {
    let (first, ivan) = (olga(world).await?, ivan(world).await?);
    let second = world.olga.second_app();
    second.opens().await?;
    second.says(OLGA_HZ).await?;
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    first.rings().await?;
    second.answers().await?;
    ensure!(first.is_over().await?["reason"] == "elsewhere");
    both_hear_each_other(&second, &ivan).await?;
    second.hangs_up().await?;
    ivan.waits("been hung up on", |view| view["calls"] == json!([])).await.map(drop)
}

/// Every version that the library speaks, in both directions.
async fn every_version_of_the_protocol_carries_sound_both_ways(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    for version in ["8.0.0", "9.0.0", "12.0.0", "13.0.0"] {
        olga.speaks_versions(&[version]).await?;
        ivan_calls_olga(&olga, &ivan).await?;
        let talks = olga.talks().await?;
        ensure!(talks["version"] == version, "{talks}");
        both_hear_each_other(&olga, &ivan).await.with_context(|| format!("version {version}"))?;
        ivan.hangs_up().await?;
        olga.is_over().await?;
    }
    Ok(())
}

/// A person writes a number, and calls the service account before it has rung them: that is let in.
async fn a_person_may_call_the_service_account_for_what_waits(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    // Limits of Telegram are where a person has to call.
    let fault = json!({"method": "phone.requestCall", "error": "FLOOD_WAIT_37", "code": 420, "times": 1});
    world.platform.fault(fault).await?;
    world.olga.writes("1002").await?;
    sees_card(&world.olga, "Telegram does not let me ring you").await?;
    olga.calls(USERNAME).await?;
    olga.talks().await?;
    ivan.is("ringing").await?;
    ivan.does(json!({"action": "answer"})).await?;
    both_hear_each_other(&olga, &ivan).await?;
    olga.hangs_up().await?;
    ivan.waits("been hung up on", |view| view["calls"] == json!([])).await?;
    let practice = world.platform.practice().context("there is a practice PBX")?;
    eventually("the practice PBX is at rest", || practice.legs() == 0).await?;
    world.platform.settles().await?;
    ensure!(history(world).await? == ["hangup_far_end", "hangup_user"]);
    Ok(())
}

telegram_stories![
    a_caller_is_answered_in_telegram,
    a_number_is_dialled_when_telegram_is_answered,
    a_call_that_is_declined_in_telegram_is_declined,
    who_talks_in_telegram_already_is_busy,
    a_call_that_nobody_answers_in_telegram_is_missed,
    a_caller_who_gives_up_stops_the_ring_in_telegram,
    the_first_device_to_answer_has_the_call,
    every_version_of_the_protocol_carries_sound_both_ways,
    a_person_may_call_the_service_account_for_what_waits,
];

telegram_stories_with_a_standby![
    a_caller_is_answered_in_telegram,
    a_number_is_dialled_when_telegram_is_answered,
    a_call_that_is_declined_in_telegram_is_declined,
    a_person_may_call_the_service_account_for_what_waits,
];
