//! The three ways to give an employee an account, as an office does it (product reference 5.4).

use crate::acts::{self, ASSIGN, SERVER, TRANSFER};
use crate::secrets::PASSWORD;
use crate::world::World;
use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use testkit::person::BOT;

/// Method 1, "assign": the administrator stays the owner, the employee uses it and gives it back.
async fn an_account_is_assigned_and_given_back(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", ASSIGN).await?;
    world.power_cut().await?;
    acts::takes(&ivan, &message).await?;
    olga.sees("took your offer and uses").await?;
    ivan.sees_change_in("olga", &message, "Set up.").await?;
    acts::lists(&olga, "1001", "used by Ivan").await?;
    acts::lists(&ivan, "1001", "owner Olga").await?;

    let back = acts::gives_back(&ivan, &[&olga, &world.petr], &account).await?;
    acts::is_refused(&world.petr, &back[1], "for another person").await?;
    world.power_cut().await?;
    acts::takes(&olga, &back[0]).await?;
    acts::lacks(&ivan, "1001").await?;
    let list = acts::lists(&olga, "1001", "").await?;
    ensure!(list.button("used by").is_none(), "{:?}", list.buttons());
    Ok(())
}

/// Method 1, "transfer": the account is the employee's, and the former owner gets it back only from them.
async fn an_account_is_transferred_and_given_back(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    world.power_cut().await?;
    let messages = acts::offers_to(&olga, &[&ivan, &world.petr], "1001", TRANSFER).await?;
    acts::takes(&ivan, &messages[0]).await?;
    let too_late = ["Somebody else took this first", "Set up."];
    acts::is_too_late(&world.petr, &olga, &messages[1], too_late).await?;
    acts::lacks(&olga, "1001").await?;
    let card = acts::opens(&ivan, "1001").await?;
    ensure!(card.button("Delete").is_some() && card.button("Apply").is_some(), "Ivan is the owner now");

    let back = acts::gives_back(&ivan, &[&olga], &account).await?;
    world.power_cut().await?;
    acts::takes(&olga, &back[0]).await?;
    acts::lists(&olga, "1001", "").await?;
    acts::lacks(&ivan, "1001").await?;
    Ok(())
}

/// Method 2: one typed line; the account appears when the employee takes it.
async fn settings_are_shared_by_one_line(world: &mut World) -> Result<()> {
    let (olga, ivan, petr) = (world.olga.clone(), world.ivan.clone(), world.petr.clone());
    ivan.starts(None).await?;
    let given = acts::shares(&olga, &ivan, "1001", "Give 1001").await?;
    world.power_cut().await?;
    acts::is_refused(&olga, &given, "This is your own offer").await?;
    acts::takes(&ivan, &given).await?;
    acts::lacks(&olga, "1001").await?;

    let assigned = acts::shares(&olga, &petr, "1002", "Assign 1002").await?;
    acts::takes(&petr, &assigned).await?;
    petr.starts(None).await?;
    world.power_cut().await?;
    acts::lists(&olga, "1002", "used by Petr").await?;
    acts::lists(&petr, "1002", "owner Olga").await?;
    Ok(())
}

/// Method 3: a link makes whoever opens it the only owner.
async fn a_link_adds_an_account_after_one_yes(world: &mut World) -> Result<()> {
    let (ivan, petr) = (world.ivan.clone(), world.petr.clone());
    let payload = URL_SAFE_NO_PAD.encode(format!("1001 {PASSWORD} {SERVER}"));
    ivan.starts(Some(&payload)).await?;
    let question = ivan.sees("Add the SIP account").await?;
    world.power_cut().await?;
    let answer = ivan.presses(&question, "Yes").await?;
    ensure!(answer["shown"] != "alert" && answer["shown"] != "timeout", "{answer}");
    ivan.sees_button(BOT, "Login: 1001").await?;
    acts::lists(&ivan, "1001", "").await?;

    // `=` stands in the product's own links; not every client lets it pass, so here it is typed.
    petr.starts(None).await?;
    petr.writes(&format!("/start 1002={PASSWORD}=multifon")).await?;
    let question = petr.sees("Add the SIP account").await?;
    acts::presses(&petr, &question, "Yes").await?;
    petr.sees_button(BOT, "Login: 1002").await?;
    world.power_cut().await?;
    petr.writes("/start nothing=of=this").await?;
    petr.sees("This link can't be used").await?;
    Ok(())
}

stories![
    an_account_is_assigned_and_given_back,
    an_account_is_transferred_and_given_back,
    settings_are_shared_by_one_line,
    a_link_adds_an_account_after_one_yes,
];
