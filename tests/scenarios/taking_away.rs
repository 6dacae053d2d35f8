//! Taking back with the password, picking a user, lending (product reference 5.2, 5.3 T6 to T17).

use crate::acts::{self, TRANSFER};
use crate::secrets::PASSWORD;
use crate::world::World;
use anyhow::{Result, ensure};
use testkit::person::BOT;

/// A former owner takes an account away with its number and password; every failure looks like nothing.
async fn a_former_owner_takes_an_account_away_with_its_password(world: &mut World) -> Result<()> {
    let (olga, ivan, petr) = (world.olga.clone(), world.ivan.clone(), world.petr.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    acts::takes(&ivan, &message).await?;

    ensure!(olga.types_inline("ivan", &format!("{account} wrong-7")).await?.is_empty(), "a wrong password");
    ensure!(petr.types_inline("ivan", &format!("{account} {PASSWORD}")).await?.is_empty(), "a stranger");
    ensure!(olga.types_inline("ivan", &format!("100000000 {PASSWORD}")).await?.is_empty(), "no such account");
    let right = format!("{account} {PASSWORD}");
    let away = olga.sends_inline_to(&["ivan", "petr"], &right, "Take the SIP account back").await?;
    world.power_cut().await?;
    acts::is_refused(&petr, &away[1], "for another person").await?;
    acts::takes(&olga, &away[0]).await?;
    ivan.sees("took 1001@pbx.example.com back with its password").await?;
    acts::lists(&olga, "1001", "").await?;
    acts::lacks(&ivan, "1001").await?;
    Ok(())
}

/// After the new owner's change of the password the old one opens nothing.
async fn the_old_password_is_worth_nothing_after_a_change(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    acts::takes(&ivan, &message).await?;
    let card = acts::opens(&ivan, "1001").await?;
    acts::answers(&ivan, &card, "Password", &format!("{PASSWORD}-new")).await?;
    ivan.sees("is saved. The message with it is deleted").await?;
    world.power_cut().await?;
    ensure!(olga.types_inline("ivan", &format!("{account} {PASSWORD}")).await?.is_empty());
    let fits = olga.types_inline("ivan", &format!("{account} {PASSWORD}-new")).await?;
    ensure!(fits.len() == 1, "whoever had it before and knows the new one takes it: {fits:?}");
    Ok(())
}

/// The picker assigns at once; `Unlink` takes back; `Delete` by the user gives back.
async fn a_picked_user_uses_the_account_at_once(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    acts::creates(&olga, "1001").await?;
    picks_user(world).await?;
    ivan.sees("made you the user of").await?;
    world.power_cut().await?;
    let card = acts::opens(&ivan, "1001").await?;
    ensure!(card.button("Login").is_none() && card.button("Transfer back").is_some(), "{:?}", card.buttons());
    acts::presses(&ivan, &card, "Delete").await?;
    let sure = ivan.sees_change(&card, "Yes").await?;
    acts::presses(&ivan, &sure, "Yes").await?;
    olga.sees("gave 1001@pbx.example.com back").await?;

    picks_user(world).await?;
    let card = acts::opens(&olga, "1001").await?;
    acts::presses(&olga, &card, "User:").await?;
    let menu = olga.sees_change(&card, "Unlink").await?;
    acts::presses(&olga, &menu, "Unlink").await?;
    ivan.sees("is no longer yours to use").await?;
    acts::lacks(&ivan, "1001").await?;
    Ok(())
}

async fn picks_user(world: &World) -> Result<()> {
    let olga = &world.olga;
    let card = acts::opens(olga, "1001").await?;
    acts::presses(olga, &card, "User:").await?;
    let menu = olga.sees_change(&card, "Select user").await?;
    acts::presses(olga, &menu, "Select user").await?;
    olga.picks(world.ivan.id.into()).await?;
    olga.sees_button(BOT, "User: Ivan").await?;
    Ok(())
}

/// A loan ends by itself, also when nobody was there to watch it end.
async fn a_lent_account_comes_back_by_itself(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    acts::creates(&olga, "1001").await?;
    let card = acts::opens(&olga, "1001").await?;
    acts::presses(&olga, &card, "User:").await?;
    let menu = olga.sees_change(&card, "Lend for a while").await?;
    acts::presses(&olga, &menu, "Lend for a while").await?;
    let spans = olga.sees_change(&card, "1 hour").await?;
    acts::presses(&olga, &spans, "1 hour").await?;
    olga.picks(ivan.id.into()).await?;
    ivan.sees("lent you 1001@pbx.example.com").await?;
    world.power_cut().await?;
    acts::lists(&olga, "1001", "lent to Ivan").await?;
    let card = acts::opens(&ivan, "1001").await?;
    ensure!(card.text().contains("On loan to you"), "{}", card.text());

    world.platform.kill_all().await?;
    world.platform.advance_minutes(60).await?;
    world.platform.start_all()?;
    ivan.sees("Your loan of 1001@pbx.example.com is over").await?;
    olga.sees("You use it yourself again").await?;
    acts::lacks(&ivan, "1001").await?;
    Ok(())
}

stories![
    a_former_owner_takes_an_account_away_with_its_password,
    the_old_password_is_worth_nothing_after_a_change,
    a_picked_user_uses_the_account_at_once,
    a_lent_account_comes_back_by_itself,
];
