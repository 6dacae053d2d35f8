//! What people do again and again in the stories.

use crate::secrets::PASSWORD;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use testkit::person::BOT;
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
    person.presses(&saved, "Back to the account").await?;
    let card = person.sees_button(BOT, "Password: •").await?;
    answers(person, &card, "Domain", SERVER).await?;
    let card = person.sees_button(BOT, &format!("Domain: {SERVER}")).await?;
    let applied = person.presses(&card, "Apply").await?;
    ensure!(applied["text"] == "Applied", "{applied}");
    Ok(number)
}

/// Presses a button that asks for a text, and writes it.
pub(crate) async fn answers(person: &Person, card: &Seen, button: &str, value: &str) -> Result<()> {
    person.presses(card, button).await?;
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
    person.asks("/softphone", "Your SIP accounts").await
}

/// Whether the account stands in the person's list.
pub(crate) async fn has(person: &Person, login: &str) -> Result<bool> {
    Ok(list(person).await?.button(&title(login)).is_some())
}

/// How the account stands in the person's list, for example `1001@pbx.example.com · used by Ivan · …`.
pub(crate) async fn line(person: &Person, login: &str) -> Result<String> {
    let list = list(person).await?;
    let line = list.button(&title(login));
    Ok(line.with_context(|| format!("{} has no {login}: {:?}", person.name, list.buttons()))?.to_owned())
}

/// Opens the card of an account out of the list.
pub(crate) async fn opens(person: &Person, login: &str) -> Result<Seen> {
    let list = list(person).await?;
    person.presses(&list, &title(login)).await?;
    person.sees_change(&list, "SIP account ").await
}

/// Sends an offer of an account into the chat with somebody; gives back the message.
pub(crate) async fn offers(from: &Person, to: &Person, login: &str, kind: &str) -> Result<String> {
    let mut messages = offers_to(from, &[to], login, kind).await?;
    messages.pop().context("one chat has one message")
}

/// Sends one and the same offer of an account into several chats; gives back the messages.
pub(crate) async fn offers_to(from: &Person, to: &[&Person], login: &str, kind: &str) -> Result<Vec<String>> {
    let card = opens(from, login).await?;
    from.presses(&card, "Transfer").await?;
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

/// Gives an account back by a message to whoever had it before, sent into several chats; gives back the messages.
pub(crate) async fn gives_back(from: &Person, to: &[&Person], account: &str) -> Result<Vec<String>> {
    let chats: Vec<&str> = to.iter().map(|person| person.name.as_str()).collect();
    from.sends_inline_to(&chats, &format!("{account} "), "Give the SIP account back").await
}
