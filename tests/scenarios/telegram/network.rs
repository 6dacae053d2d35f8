//! Networks that lose, relay and break.

use super::{both_hear_each_other, history, ivan, ivan_calls_olga, olga, olga_calls, within};
use crate::world::World;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::time::Duration;
use testkit::person::PATIENCE;

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
    olga.hangs_up().await?;
    ivan.waits("been hung up on", |view| view["calls"] == json!([])).await?;

    olga_calls(world, &olga, "1002").await?;
    ivan.is("ringing").await?;
    ivan.does(json!({"action": "answer"})).await?;
    both_hear_each_other(&olga, &ivan).await?;
    ivan.hangs_up().await
}

/// A third of the signalling gets lost and a fifth comes twice: the call comes later, and it comes.
async fn lost_and_doubled_signalling_only_delays_a_call(world: &mut World) -> Result<()> {
    let (olga, ivan) = (olga(world).await?, ivan(world).await?);
    let lossy = json!({"signalling_loss": 0.3, "signalling_duplication": 0.2, "signalling_seed": 7});
    world.platform.switch(lossy).await?;
    olga.speaks_versions(&["8.0.0", "9.0.0"]).await?;
    ivan_calls_olga(&olga, &ivan).await?;
    both_hear_each_other(&olga, &ivan).await?;
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
    olga.says(super::OLGA_HZ).await?;
    both_hear_each_other(&olga, &ivan).await
}

/// The gateway is killed in the middle of a call: both ends are let go, and the log shows one call that has ended.
async fn a_killed_gateway_leaves_nobody_hanging(world: &mut World) -> Result<()> {
    let olga = olga(world).await?;
    olga_calls(world, &olga, "600").await?;
    olga.hears(super::OLGA_HZ).await?;
    let practice = world.platform.practice().context("there is a practice PBX")?;
    ensure!(practice.legs() == 1, "the far end is in a call");
    world.platform.power_cut().await?;
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
    Ok(())
}

telegram_stories![
    sound_goes_through_the_reflector_where_it_may_not_go_directly,
    lost_and_doubled_signalling_only_delays_a_call,
    a_tenth_of_the_sound_may_get_lost,
    a_call_goes_on_while_the_connection_to_telegram_is_made_anew,
    a_killed_gateway_leaves_nobody_hanging,
];
