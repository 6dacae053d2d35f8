//! Networks that lose, relay and break.

use super::{
    Card, OLGA_HZ, both_hear_each_other, eventually, history, ivan, ivan_calls_olga, olga, olga_calls,
    sees_card, within,
};
use crate::world::World;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::person::PATIENCE;
use testkit::telegram_app::App;

/// Within so long after a power cut both far ends have noticed.
const NOTICED: Duration = Duration::from_secs(15);

/// Who hides their address talks through the reflector alone.
async fn sound_goes_through_the_reflector_where_it_may_not_go_directly(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    world.olga.does("telegram", json!({"p2p": false})).await?;
    ivan_calls_olga(&olga, &ivan).await?;
    let talks = olga.talks().await?;
    ensure!(talks["p2p"] == false, "{talks}");
    both_hear_each_other(&olga, &ivan).await?;
    goes_through_the_reflector(world).await?;
    olga.hangs_up().await?;
    ivan.waits("been hung up on", |view| view["calls"] == json!([])).await?;

    olga_calls(world, &olga, "1002").await?;
    ivan.is("ringing").await?;
    ivan.does(json!({"action": "answer"})).await?;
    both_hear_each_other(&olga, &ivan).await?;
    ivan.hangs_up().await
}

/// Sound goes there: a second of it has fifty packets, and of the checks of the way there are a few each second.
async fn goes_through_the_reflector(world: &World) -> Result<()> {
    counts(world, "reflected", 50).await
}

/// Something was lost on purpose, as the emulated Telegram counts it: the story tries what it tells.
async fn was_lost(world: &World, what: &str) -> Result<()> {
    counts(world, what, 1).await
}

/// Waits until the emulated Telegram has counted so many of these.
async fn counts(world: &World, what: &str, wanted: u64) -> Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let mut traffic = Value::Null;
    for _ in 0..400 {
        ticks.tick().await;
        traffic = world.platform.traffic().await?;
        if traffic[what].as_u64() >= Some(wanted) {
            return Ok(());
        }
    }
    bail!("{what}, less than {wanted}: {traffic}")
}

/// A third of the signalling gets lost and a fifth comes twice: the call comes later, and it comes.
async fn lost_and_doubled_signalling_only_delays_a_call(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    let lossy = json!({"signalling_loss": 0.3, "signalling_duplication": 0.2, "signalling_seed": 7});
    world.platform.switch(lossy).await?;
    olga.speaks_versions(&["8.0.0", "9.0.0"]).await?;
    ivan_calls_olga(&olga, &ivan).await?;
    both_hear_each_other(&olga, &ivan).await?;
    was_lost(world, "signals_lost").await?;
    ivan.hangs_up().await?;
    olga.is_over().await.map(drop)
}

/// A tenth of the sound gets lost on the way through the reflector, and what is said is still understood.
async fn a_tenth_of_the_sound_may_get_lost(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    world.olga.does("telegram", json!({"p2p": false})).await?;
    world.platform.switch(json!({"reflector_loss": 0.1})).await?;
    ivan_calls_olga(&olga, &ivan).await?;
    both_hear_each_other(&olga, &ivan).await?;
    was_lost(world, "reflector_lost").await?;
    ivan.hangs_up().await?;
    olga.is_over().await.map(drop)
}

/// The connection to Telegram breaks in the middle of a call, which goes on; and it can be ended when it is back.
async fn a_call_goes_on_while_the_connection_to_telegram_is_made_anew(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    ivan_calls_olga(&olga, &ivan).await?;
    both_hear_each_other(&olga, &ivan).await?;
    world.platform.fault(json!({"kind": "mtproto_down", "seconds": 3})).await?;
    olga.says(520.0).await?;
    ivan.hears(520.0).await?;
    both_hear_each_other_anew(world).await?;
    ivan.hangs_up().await?;
    ensure!(olga.is_over().await?["reason"] == "hangup");

    ivan_calls_olga(&olga, &ivan).await.context("the next call, over the new connection")?;
    olga.hangs_up().await?;
    ivan.waits("been hung up on", |view| view["calls"] == json!([])).await.map(drop)
}

async fn both_hear_each_other_anew(world: &World) -> Result<()> {
    let (olga, ivan) = (world.olga.app(), world.ivan.telephone());
    olga.says(OLGA_HZ).await?;
    both_hear_each_other(&olga, &ivan).await
}

/// The gateway is killed in the middle of a call, and started again at once: both ends are let go, the log shows one call
/// that has ended, and so does the card.
async fn a_killed_gateway_leaves_nobody_hanging(world: &mut World) -> Result<()> {
    let (olga, card) = olga_talks_with_the_echo(world).await?;
    world.platform.power_cut().await?;
    both_ends_are_let_go(world, &olga, &card).await
}

/// The process that carries the call is killed, and stays away: the one that stood by does the same, and carries the next
/// call.
async fn a_standby_lets_go_of_what_a_killed_gateway_held(world: &mut World) -> Result<()> {
    let (olga, card) = olga_talks_with_the_echo(world).await?;
    let carries = who_carries_calls(world).await?;
    world.platform.kill_one(carries).await?;
    both_ends_are_let_go(world, &olga, &card).await?;
    ensure!(who_carries_calls(world).await? != carries, "the other process carries calls");

    let practice = world.platform.practice().context("there is a practice PBX")?;
    olga_calls(world, &olga, "600").await.context("the next call, by the process that stood by")?;
    olga.hears(OLGA_HZ).await?;
    ensure!(practice.legs() == 1, "the far end is in a call");
    olga.hangs_up().await?;
    eventually("the next call is over", || practice.legs() == 0).await?;
    world.platform.start_one(carries)
}

/// Olga is in a Telegram call with the echo, and hears herself; her card says that she talks.
async fn olga_talks_with_the_echo(world: &World) -> Result<(App, Card)> {
    let olga = olga(world).await?;
    olga_calls(world, &olga, "600").await?;
    olga.hears(OLGA_HZ).await?;
    let practice = world.platform.practice().context("there is a practice PBX")?;
    ensure!(practice.legs() == 1, "the far end is in a call");
    let card = sees_card(&world.olga, "Talking since").await?;
    ensure!(card.seen.button("5").is_some(), "a keypad while they talk: {:?}", card.seen.buttons());
    Ok((olga, card))
}

/// Both far ends notice within seconds; the log tells of one call that was lost; the card says so, without a keypad.
async fn both_ends_are_let_go(world: &World, olga: &App, card: &Card) -> Result<()> {
    let practice = world.platform.practice().context("there is a practice PBX")?;
    let (telegram, sip) = tokio::join!(
        tokio::time::timeout(NOTICED, olga.is_over()),
        within(NOTICED, "the SIP side has ended the call", || practice.legs() == 0),
    );
    telegram.context("the Telegram side has not ended the call")??;
    sip?;
    let mut glances = tokio::time::interval(Duration::from_millis(200));
    let told = tokio::time::timeout(PATIENCE, async {
        while history(world).await? == [""] {
            glances.tick().await;
        }
        Ok::<_, anyhow::Error>(())
    });
    told.await.context("the log does not tell that the call is over")??;
    let history = history(world).await?;
    ensure!(history == ["lost"], "{history:?}");
    let over = card.becomes(&world.olga, "The server that carried the call was restarted").await?;
    ensure!(over.seen.buttons() == ["Redial"], "{:?}", over.seen.buttons());
    Ok(())
}

/// Which process holds the first segment, and with it the service account and everybody's calls.
async fn who_carries_calls(world: &World) -> Result<usize> {
    let look = world.platform.look().await?;
    let holder = look.texts("SELECT process FROM media_segments WHERE segment = 0").await;
    look.close().await;
    let holder = holder?.pop().context("somebody holds the first segment")?;
    // Its name begins with "media" and the number that the system gave it.
    let id = holder.split(' ').nth(1).and_then(|id| id.parse().ok());
    let index = id.and_then(|id| world.platform.index_of(id));
    index.with_context(|| format!("no process of the story is {holder}"))
}

telegram_stories![
    sound_goes_through_the_reflector_where_it_may_not_go_directly,
    lost_and_doubled_signalling_only_delays_a_call,
    a_tenth_of_the_sound_may_get_lost,
    a_call_goes_on_while_the_connection_to_telegram_is_made_anew,
    a_killed_gateway_leaves_nobody_hanging,
];
telegram_stories_with_a_standby![a_standby_lets_go_of_what_a_killed_gateway_held];
