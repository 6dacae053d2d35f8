//! What people do again and again in the stories.

use crate::secrets::PASSWORD;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::time::Duration;
use testkit::person::{BOT, PATIENCE};
use testkit::{Person, Seen};

/// The server of every account.
pub(crate) const SERVER: &str = "pbx.example.com";

/// What an offer does when it is taken: the titles of the inline results.
pub(crate) const ASSIGN: &str = "Assign a user to the SIP account";
pub(crate) const TRANSFER: &str = "Transfer the SIP account";

/// What lists and offers call an account without a name.
pub(crate) fn title(login: &str) -> String {
    format!("{login}@{SERVER}")
}

/// Creates an account and fills in everything by the menu; gives back its number.
pub(crate) async fn creates(person: &Person, login: &str) -> Result<String> {
    let card = person.asks("/new", "SIP account ").await?;
    let number = number_on(&card)?;
    answers(person, &card, "Login", login).await?;
    let card = person.sees_button(BOT, &format!("Login: {login}")).await?;
    answers(person, &card, "Password", PASSWORD).await?;
    let saved = person.sees_button(BOT, "Back to the account").await?;
    presses(person, &saved, "Back to the account").await?;
    let card = person.sees_button(BOT, "Password: •").await?;
    answers(person, &card, "Domain", SERVER).await?;
    let card = person.sees_button(BOT, &format!("Domain: {SERVER}")).await?;
    let applied = person.presses(&card, "Apply").await?;
    ensure!(applied["text"] == "Applied", "{applied}");
    Ok(number)
}

/// Presses a button that asks for a text, and writes it.
pub(crate) async fn answers(person: &Person, card: &Seen, button: &str, value: &str) -> Result<()> {
    presses(person, card, button).await?;
    person.waits(BOT, "the question", |chat| chat.get("force_reply").cloned()).await?;
    person.writes(value).await
}

/// The number of the account whose card this is.
pub(crate) fn number_on(card: &Seen) -> Result<String> {
    let words = card.text().split("SIP account ").nth(1);
    let number: String = words.unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
    ensure!(number.len() == 9, "this is no card: {}", card.text());
    Ok(number)
}

/// The person's list of accounts.
pub(crate) async fn list(person: &Person) -> Result<Seen> {
    person.asks("/softphone", "Your SIP accounts\n").await
}

/// Looks into the list until the account stands there with these words, for example `used by Ivan`: a read model may be
/// a moment behind.
pub(crate) async fn lists(person: &Person, login: &str, words: &str) -> Result<Seen> {
    let line = |list: &Seen| list.button(&title(login)).is_some_and(|line| line.contains(words));
    looks_until(person, &format!("{login} with `{words}`"), line).await
}

/// Looks into the list until the account does not stand there.
pub(crate) async fn lacks(person: &Person, login: &str) -> Result<()> {
    looks_until(person, &format!("no {login}"), |list| list.button(&title(login)).is_none()).await.map(drop)
}

async fn looks_until(person: &Person, what: &str, right: impl Fn(&Seen) -> bool) -> Result<Seen> {
    let mut glances = tokio::time::interval(Duration::from_millis(100));
    let looking = async {
        loop {
            glances.tick().await;
            let list = list(person).await?;
            if right(&list) {
                return Ok::<_, anyhow::Error>(list);
            }
        }
    };
    let found = tokio::time::timeout(PATIENCE, looking).await;
    found.with_context(|| format!("{} does not find {what} in the list", person.name))?
}

/// Opens the card of an account out of the list.
pub(crate) async fn opens(person: &Person, login: &str) -> Result<Seen> {
    let list = lists(person, login, "").await?;
    presses(person, &list, &title(login)).await?;
    person.sees_change(&list, "SIP account ").await
}

/// Presses a button that is not refused.
pub(crate) async fn presses(person: &Person, message: &Seen, button: &str) -> Result<()> {
    let shown = person.presses(message, button).await?;
    let refused = shown["shown"] == "alert" || shown["shown"] == "timeout";
    ensure!(!refused, "{} presses {button} and sees {shown}", person.name);
    Ok(())
}

/// Sends an offer of an account into the chat with somebody; gives back the message.
pub(crate) async fn offers(from: &Person, to: &Person, login: &str, kind: &str) -> Result<String> {
    let mut messages = offers_to(from, &[to], login, kind).await?;
    messages.pop().context("one chat has one message")
}

/// Sends one and the same offer of an account into several chats; gives back the messages.
pub(crate) async fn offers_to(from: &Person, to: &[&Person], login: &str, kind: &str) -> Result<Vec<String>> {
    let card = opens(from, login).await?;
    presses(from, &card, "Transfer").await?;
    let menu = from.sees_change(&card, "Choose a chat").await?;
    let first = to.first().context("somebody gets it")?;
    let query = from.chooses_chat(&menu, "Choose a chat", first).await?;
    let chats: Vec<&str> = to.iter().map(|person| person.name.as_str()).collect();
    from.sends_inline_to(&chats, &query, kind).await
}

/// Shares settings by one typed line; gives back the message.
pub(crate) async fn shares(from: &Person, to: &Person, login: &str, kind: &str) -> Result<String> {
    from.sends_inline(&to.name, &format!("{login} {PASSWORD} {SERVER}"), kind).await
}

/// Presses Take under an offer; gives back what is shown.
pub(crate) async fn presses_take(person: &Person, message: &str) -> Result<Value> {
    person.presses_id(message, "Take").await
}

/// Takes an offer, and gets it.
pub(crate) async fn takes(person: &Person, message: &str) -> Result<()> {
    let shown = presses_take(person, message).await?;
    let got = shown["text"] == "Taken. The account is in your list." || shown["shown"] == "url";
    ensure!(got, "{} does not get it: {shown}", person.name);
    Ok(())
}

/// Presses Take, and is told why not.
pub(crate) async fn is_refused(person: &Person, message: &str, words: &str) -> Result<()> {
    let shown = presses_take(person, message).await?;
    ensure!(shown["shown"] == "alert", "{} sees {shown}", person.name);
    ensure!(shown["text"].as_str().is_some_and(|text| text.contains(words)), "{shown}");
    Ok(())
}

/// Comes too late: the message says already what became of the offer, or the press is told.
pub(crate) async fn is_too_late(
    person: &Person,
    from: &Person,
    message: &str,
    words: [&str; 2],
) -> Result<()> {
    let seen = person.sees_change_in(&from.name, message, "").await?;
    if seen.button("Take").is_some() {
        is_refused(person, message, words[0]).await.or_else(|wrong| {
            // It may have changed between the look and the press.
            if format!("{wrong:#}").contains("no button") { Ok(()) } else { Err(wrong) }
        })?;
    }
    person.sees_change_in(&from.name, message, words[1]).await.map(drop)
}

/// Gives an account back by a message to whoever had it before, sent into several chats; gives back the messages.
pub(crate) async fn gives_back(from: &Person, to: &[&Person], account: &str) -> Result<Vec<String>> {
    let chats: Vec<&str> = to.iter().map(|person| person.name.as_str()).collect();
    from.sends_inline_to(&chats, &format!("{account} "), "Give the SIP account back").await
}
