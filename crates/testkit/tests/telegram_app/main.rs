//! People's Telegram apps call each other through the emulated Telegram: real keys, real signalling, real sound. A tone
//! stands for each person, and is found at the other end.

mod town;

use anyhow::{Result, ensure};
use serde_json::json;
use town::{IVAN_HZ, OLGA_HZ, Town};

async fn both_hear_each_other(town: &Town) -> Result<()> {
    town.olga.app().hears(IVAN_HZ).await?;
    town.ivan.app().hears(OLGA_HZ).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_hear_each_other_in_every_version() -> Result<()> {
    let Some(town) = Town::build().await? else { return Ok(()) };
    let (olga, ivan) = (town.olga.app(), town.ivan.app());
    for version in ["8.0.0", "9.0.0", "12.0.0", "13.0.0"] {
        ivan.speaks_versions(&[version]).await?;
        olga.calls("ivan").await?;
        let rings = ivan.rings().await?;
        ensure!((rings["direction"] == "in") && (rings["with"]["name"] == "Olga"), "{rings}");
        let theirs = ivan.answers().await?;
        let ours = olga.talks().await?;
        ensure!(ours["version"] == version && theirs["version"] == version, "{ours} {theirs}");
        ensure!(ours["emoji"] == theirs["emoji"] && ours["emoji"].is_string(), "{ours} {theirs}");
        both_hear_each_other(&town).await?;
        olga.hangs_up().await?;
        let over = ivan.is_over().await?;
        ensure!(over["reason"] == "hangup" && over["first_sound_ms"].is_number(), "{over}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_declines_is_busy_and_who_talks_is_busy_for_others() -> Result<()> {
    let Some(town) = Town::build().await? else { return Ok(()) };
    let (olga, ivan, petr) = (town.olga.app(), town.ivan.app(), town.petr.app());
    olga.calls("ivan").await?;
    ivan.declines().await?;
    ensure!(olga.is_over().await?["reason"] == "busy");

    olga.calls("ivan").await?;
    ivan.answers().await?;
    petr.calls("ivan").await?;
    ensure!(petr.is_over().await?["reason"] == "busy");
    both_hear_each_other(&town).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_device_takes_the_call_and_the_other_falls_silent() -> Result<()> {
    let Some(town) = Town::build().await? else { return Ok(()) };
    let (olga, first, second) = (town.olga.app(), town.ivan.app(), town.ivan.second_app());
    second.opens().await?;
    olga.calls("ivan").await?;
    first.rings().await?;
    second.answers().await?;
    ensure!(first.is_over().await?["reason"] == "elsewhere");
    second.says(IVAN_HZ).await?;
    olga.hears(IVAN_HZ).await?;
    second.hears(OLGA_HZ).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_muted_person_is_not_heard_until_they_want_to_be() -> Result<()> {
    let Some(town) = Town::build().await? else { return Ok(()) };
    let (olga, ivan) = (town.olga.app(), town.ivan.app());
    olga.calls("ivan").await?;
    ivan.answers().await?;
    both_hear_each_other(&town).await?;
    olga.mutes(true).await?;
    ivan.hears_silence().await?;
    olga.mutes(false).await?;
    ivan.hears(OLGA_HZ).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_thinks_better_of_it_leaves_a_missed_call() -> Result<()> {
    let Some(town) = Town::build().await? else { return Ok(()) };
    let (olga, ivan) = (town.olga.app(), town.ivan.app());
    olga.calls("ivan").await?;
    ivan.rings().await?;
    olga.hangs_up().await?;
    ensure!(ivan.is_over().await?["reason"] == "missed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_calls_who_is_not_let() -> Result<()> {
    let Some(town) = Town::build().await? else { return Ok(()) };
    town.ivan.does("telegram", json!({"calls": "nobody"})).await?;
    town.olga.app().calls("ivan").await?;
    let over = town.olga.app().is_over().await?;
    ensure!(over["reason"] == "USER_PRIVACY_RESTRICTED", "{over}");
    Ok(())
}
