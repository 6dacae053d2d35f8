//! Offers: who may take them, for how long, and how they are called back (product reference 5.3).

use crate::acts::{self, ASSIGN, TRANSFER};
use crate::world::World;
use anyhow::{Result, ensure};
use futures::future::try_join_all;
use testkit::person::BOT;
use testkit::{Person, Seen};

/// How many people want one account at once.
const TAKERS: usize = 50;

/// One offer, fifty chats, everybody presses at the same moment: one gets it, all others are told.
async fn of_fifty_takers_one_wins(world: &mut World) -> Result<()> {
    let olga = world.olga.clone();
    acts::creates(&olga, "1001").await?;
    let names: Vec<String> = (1..=TAKERS).map(|n| format!("Taker{n}")).collect();
    let takers: Vec<Person> = try_join_all(names.iter().map(|name| world.platform.newcomer(name))).await?;
    let chats: Vec<&Person> = takers.iter().collect();
    let messages = acts::offers_to(&olga, &chats, "1001", TRANSFER).await?;
    world.power_cut().await?;

    let presses = takers.iter().zip(&messages).map(|(taker, message)| acts::presses_take(taker, message));
    let shown = try_join_all(presses).await?;

    let winners: Vec<usize> = (0..TAKERS).filter(|n| shown[*n]["shown"] == "url").collect();
    ensure!(winners.len() == 1, "one wins: {shown:?}");
    for (n, shown) in shown.iter().enumerate().filter(|(n, _)| *n != winners[0]) {
        let told = shown["text"].as_str().is_some_and(|text| text.contains("Somebody else took this first"));
        ensure!(told, "{} is told: {shown}", takers[n].name);
    }
    let winner = &takers[winners[0]];
    let payload = shown[winners[0]]["deep_link"]["payload"].as_str();
    ensure!(payload.is_some_and(|payload| payload.starts_with("t_")), "the winner is led to the bot");
    winner.starts(payload).await?;
    winner.sees("SIP account ").await?;
    acts::lists(winner, "1001", "").await?;
    acts::lacks(&olga, "1001").await?;
    Ok(())
}

/// Nobody takes it: after five minutes nothing is changed, and both sides see that it is over.
async fn an_offer_that_nobody_takes_expires(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    world.power_cut().await?;
    // The offer begins when the bot learns of the message.
    world.platform.settles().await?;
    world.platform.advance_minutes(5).await?;
    olga.sees("Nobody took").await?;
    let over = ivan.sees_change_in("olga", &message, "has expired").await?;
    ensure!(over.button("Take").is_none(), "{:?}", over.buttons());
    acts::lists(&olga, "1001", "").await?;

    let shared = acts::shares(&olga, &ivan, "1002", "Give 1002").await?;
    world.platform.settles().await?;
    world.platform.kill_all().await?;
    world.platform.advance_minutes(6).await?;
    world.platform.start_all()?;
    let over = ivan.sees_change_in("olga", &shared, "has expired").await?;
    ensure!(over.button("Take").is_none(), "{:?}", over.buttons());
    Ok(())
}

/// An offer for one person is worth nothing to another, wherever it is sent.
async fn an_offer_for_one_person_is_not_for_another(world: &mut World) -> Result<()> {
    let (olga, ivan, petr) = (world.olga.clone(), world.ivan.clone(), world.petr.clone());
    acts::creates(&olga, "1001").await?;
    let card = acts::opens(&olga, "1001").await?;
    acts::presses(&olga, &card, "Transfer").await?;
    let menu = olga.sees_change(&card, "For one person only").await?;
    acts::presses(&olga, &menu, "For one person only").await?;
    olga.picks(ivan.id.into()).await?;
    let menu = olga.sees_button(BOT, "For anyone in the chat").await?;
    world.power_cut().await?;
    let query = olga.chooses_chat(&menu, "Choose a chat", &petr).await?;
    let messages = olga.sends_inline_to(&["petr", "ivan"], &query, TRANSFER).await?;
    acts::is_refused(&petr, &messages[0], "This offer is for another person").await?;
    world.power_cut().await?;
    acts::takes(&ivan, &messages[1]).await?;
    acts::lacks(&olga, "1001").await?;
    Ok(())
}

/// The wrong person pressed: the sender takes it back while nothing was changed.
async fn a_take_is_undone_while_the_account_is_untouched(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    acts::takes(&ivan, &message).await?;
    let news = olga.sees("took your offer").await?;
    // What is cut off while it is being said is said again.
    world.platform.settles().await?;
    world.power_cut().await?;
    let undone = olga.presses(&news, "Undo").await?;
    ensure!(undone["text"] == "Undone. The account is as it was.", "{undone}");
    ivan.sees("because it was untouched").await?;
    acts::lists(&olga, "1001", "").await?;
    acts::lacks(&ivan, "1001").await?;

    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    acts::takes(&ivan, &message).await?;
    world.platform.settles().await?;
    let news = newest_news(&olga, &news).await?;
    let card = acts::opens(&ivan, "1001").await?;
    acts::presses(&ivan, &card, "Switch off").await?;
    ivan.sees_change(&card, "Switch on").await?;
    let late = olga.presses(&news, "Undo").await?;
    ensure!(late["text"].as_str().is_some_and(|text| text.contains("Too late to undo")), "{late}");
    acts::lists(&ivan, "1001", "").await?;
    Ok(())
}

/// The sender calls an offer back by pressing its Take.
async fn the_sender_calls_an_offer_back(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    acts::creates(&olga, "1001").await?;
    let messages = acts::offers_to(&olga, &[&ivan, &world.petr], "1001", ASSIGN).await?;
    world.power_cut().await?;
    let shown = acts::presses_take(&olga, &messages[0]).await?;
    ensure!(shown["text"] == "The offer is called back", "{shown}");
    let too_late = ["The sender called this offer back", "called the offer of"];
    acts::is_too_late(&world.petr, &olga, &messages[1], too_late).await?;
    let list = acts::lists(&olga, "1001", "").await?;
    ensure!(list.button("used by").is_none(), "it is Olga's own: {:?}", list.buttons());
    Ok(())
}

/// The news after those that are known.
async fn newest_news(person: &Person, known: &Seen) -> Result<Seen> {
    let news = |chat: &serde_json::Value| {
        let messages = chat["messages"].as_array()?.iter().rev().cloned().map(Seen);
        messages.into_iter().find(|it| it.button("Undo").is_some() && it.id() != known.id())
    };
    person.waits(BOT, "more news", news).await
}

stories![
    of_fifty_takers_one_wins,
    an_offer_that_nobody_takes_expires,
    an_offer_for_one_person_is_not_for_another,
    a_take_is_undone_while_the_account_is_untouched,
    the_sender_calls_an_offer_back,
];
