//! Many accounts at once, and how many one person may own.

use crate::acts::{self, TRANSFER};
use crate::secrets::PASSWORD;
use crate::world::World;
use anyhow::{Result, ensure};
use testkit::Seen;

/// A list typed as a message: each line becomes an offer that is sent to one person.
async fn a_typed_list_becomes_offers(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    olga.asks("/bulk", "Many accounts at once").await?;
    olga.writes(&format!("pbx.example.com\n1001 {PASSWORD} Anna\n1002 {PASSWORD} Petr\nbroken")).await?;
    let preview = olga.sees("2 accounts").await?;
    ensure!(preview.text().contains("Line 4 is left out: there is no password"), "{}", preview.text());
    world.power_cut().await?;
    acts::presses(&olga, &preview, "Make the offers").await?;
    let board = olga.sees("2 offers: 2 to send").await?;
    let message = sends(world, &board, "Send: Anna").await?;
    world.power_cut().await?;
    acts::takes(&ivan, &message).await?;
    acts::presses(&olga, &board, "Refresh").await?;
    let board = olga.sees_change(&board, "Anna: taken by Ivan").await?;
    ensure!(board.text().contains("1 to send") && board.text().contains("1 taken"), "{}", board.text());
    Ok(())
}

/// A CSV file does the same, and the takers may become owners.
async fn a_file_becomes_offers_whose_takers_are_owners(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    olga.asks("/bulk pbx.example.com", "Many accounts at once").await?;
    olga.sends_file("team.csv", &format!("login;password;name\n1001;{PASSWORD};Ivan\n")).await?;
    let preview = olga.sees("1 account on").await?;
    acts::presses(&olga, &preview, "They become: users").await?;
    let preview = olga.sees_change(&preview, "They become: owners").await?;
    acts::presses(&olga, &preview, "Make the offers").await?;
    let board = olga.sees("1 offer: 1 to send").await?;
    world.power_cut().await?;
    let message = sends(world, &board, "Send: Ivan").await?;
    acts::takes(&ivan, &message).await?;
    ivan.starts(None).await?;
    let list = acts::list(&ivan).await?;
    ensure!(list.button("Ivan").is_some(), "{:?}", list.buttons());
    ensure!(acts::list(&olga).await?.text().contains("no SIP account yet"));
    Ok(())
}

/// Sends an offer of the board to Ivan.
async fn sends(world: &World, board: &Seen, button: &str) -> Result<String> {
    let query = world.olga.chooses_chat(board, button, &world.ivan).await?;
    world.olga.sends_inline("ivan", &query, "Send").await
}

/// Nobody owns more than the operator allows, by no way; an offer that is too much for one stays for the next.
async fn nobody_owns_more_accounts_than_allowed(world: &mut World) -> Result<()> {
    let (olga, ivan, petr) = (world.olga.clone(), world.ivan.clone(), world.petr.clone());
    acts::creates(&olga, "1001").await?;
    olga.writes("/new").await?;
    olga.sees("You already own 1 account").await?;
    ivan.starts(None).await?;
    ivan.asks("/new", "SIP account ").await?;
    petr.starts(None).await?;
    let messages = acts::offers_to(&olga, &[&ivan, &petr], "1001", TRANSFER).await?;
    world.power_cut().await?;
    acts::is_refused(&ivan, &messages[0], "You already own 1 account").await?;
    acts::takes(&petr, &messages[1]).await?;
    acts::lists(&petr, "1001", "").await?;
    olga.asks("/new", "SIP account ").await?;
    Ok(())
}

stories![
    a_typed_list_becomes_offers,
    a_file_becomes_offers_whose_takers_are_owners,
    nobody_owns_more_accounts_than_allowed with &[("TANDEM_ACCOUNTS_PER_OWNER", "1")],
];
