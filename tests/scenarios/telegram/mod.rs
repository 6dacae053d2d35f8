//! Telegram calls: a service account that is signed in at the emulated Telegram, and people whose apps are the unmodified
//! ntgcalls library. A tone stands for each person, and is found by its frequency at the other end.

mod accounts;
mod calls;
mod cards;
mod many;
mod network;
mod service_chat;
mod trouble;

use crate::acts::presses;
use crate::world::World;
use anyhow::{Context as _, Result, bail};
use serde_json::json;
use std::pin::pin;
use std::time::Duration;
use testkit::person::{BOT, PATIENCE};
use testkit::service_account::USERNAME;
use testkit::telegram_app::App;
use testkit::telephone::Telephone;
use testkit::{Person, Seen};

pub(crate) const OLGA_HZ: f64 = 440.0;
pub(crate) const IVAN_HZ: f64 = 700.0;

/// A person adds a practice account by a link, and waits until it is registered.
async fn registers(world: &World, person: &Person, login: &str) -> Result<()> {
    person.starts(None).await?;
    person.writes(&format!("/start {login}=practice-{login}=practice")).await?;
    let question = person.sees(&format!("Add the SIP account {login}")).await?;
    person.presses(&question, "Yes").await?;
    let practice = world.platform.practice().context("the story has a practice PBX")?;
    eventually(&format!("{login} is registered"), || practice.is_registered(login)).await
}

/// Olga with her Telegram app and the account 1001, saying her tone.
async fn olga(world: &World) -> Result<App> {
    let app = world.olga.app();
    app.opens().await?;
    app.says(OLGA_HZ).await?;
    registers(world, &world.olga, "1001").await?;
    meets_the_service_account(&world.olga).await?;
    Ok(app)
}

/// A person writes to the service account once, as they are told to, so that Telegram lets it ring and write to them.
async fn meets_the_service_account(person: &Person) -> Result<()> {
    person.does("message", json!({"chat": USERNAME, "text": "hello"})).await?;
    person.sees_in(USERNAME, "").await.map(drop)
}

/// Ivan, whom nobody can call by Telegram, at a phone with the account 1002, saying his tone: the far side.
async fn ivan(world: &World) -> Result<Telephone> {
    world.ivan.does("telegram", json!({"calls": "nobody"})).await?;
    registers(world, &world.ivan, "1002").await?;
    let phone = world.ivan.telephone();
    phone.is_registered(1).await?;
    phone.says(IVAN_HZ).await?;
    Ok(phone)
}

/// Ivan calls 1001, and Olga answers in Telegram.
async fn ivan_calls_olga(olga: &App, ivan: &Telephone) -> Result<()> {
    ivan.does(json!({"action": "dial", "number": "1001"})).await?;
    olga.answers().await?;
    ivan.is("talking").await.map(drop)
}

/// Olga sends a number to the bot, answers the ring in Telegram, and is connected: the number is dialled then.
async fn olga_calls(world: &World, app: &App, number: &str) -> Result<()> {
    world.olga.writes(number).await?;
    app.answers().await.map(drop)
}

async fn both_hear_each_other(olga: &App, ivan: &Telephone) -> Result<()> {
    olga.hears(IVAN_HZ).await?;
    ivan.hears(OLGA_HZ).await
}

/// Waits for a card with these words, wherever cards are shown: in the bot's chat, or in that of the service account.
async fn sees_card(person: &Person, words: &str) -> Result<Card> {
    looks_into_both(async |chat| person.sees_in(chat, words).await).await
}

/// The same for a card with a button.
async fn sees_button(person: &Person, words: &str) -> Result<Card> {
    looks_into_both(async |chat| person.sees_button(chat, words).await).await
}

/// The first chat in which it is seen.
async fn looks_into_both(look: impl AsyncFn(&'static str) -> Result<Seen>) -> Result<Card> {
    let mut bot = pin!(look(BOT));
    let mut service = pin!(look(USERNAME));
    let (chat, seen) = tokio::select! {
        seen = &mut bot => match seen {
            Ok(seen) => (BOT, seen),
            Err(wrong) => (USERNAME, service.await.with_context(|| format!("{wrong:#}"))?),
        },
        seen = &mut service => match seen {
            Ok(seen) => (USERNAME, seen),
            Err(wrong) => (BOT, bot.await.with_context(|| format!("{wrong:#}"))?),
        },
    };
    Ok(Card { chat, seen })
}

/// A card of a call, and the chat it stands in.
struct Card {
    chat: &'static str,
    seen: Seen,
}

impl Card {
    /// Presses a button that is not refused.
    async fn press(&self, person: &Person, button: &str) -> Result<()> {
        presses(person, &self.seen, button).await
    }

    /// Waits until the card has these words.
    async fn becomes(&self, person: &Person, words: &str) -> Result<Card> {
        let seen = person.sees_change_in(self.chat, self.seen.id(), words).await?;
        Ok(Self { chat: self.chat, seen })
    }
}

/// Looks until it is so.
async fn eventually(what: &str, is_so: impl Fn() -> bool) -> Result<()> {
    within(PATIENCE, what, is_so).await
}

/// Looks until it is so, for so long at most.
async fn within(limit: Duration, what: &str, is_so: impl Fn() -> bool) -> Result<()> {
    let mut glances = tokio::time::interval(Duration::from_millis(100));
    let looking = async {
        while !is_so() {
            glances.tick().await;
        }
    };
    match tokio::time::timeout(limit, looking).await {
        Ok(()) => Ok(()),
        Err(_) => bail!("it is not so within {limit:?}: {what}"),
    }
}

/// How every call has ended, as people who read the history see it; nothing for one that goes on.
async fn history(world: &World) -> Result<Vec<String>> {
    let look = world.platform.look().await?;
    let rows = look.texts("SELECT COALESCE(cause, '') FROM call_history ORDER BY 1").await;
    look.close().await;
    rows
}
