//! A person in the emulated Telegram, as a scenario directs one: writes, presses, picks, and sees.
//!
//! Nothing here sleeps: what a person waits to see is awaited by the emulator's long answers.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a person waits to see something before the scenario fails. Generous, since two cores may be busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The bot's name in the emulated Telegram.
pub const BOT: &str = "tandem_bot";

/// A person.
#[derive(Debug, Clone)]
pub struct Person {
    /// Telegram's id.
    pub id: i64,
    /// The user name.
    pub name: String,
    telegram: String,
    client: reqwest::Client,
}

/// A message as this person sees it.
#[derive(Debug, Clone)]
pub struct Seen(pub Value);

impl Seen {
    /// The message's id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0["id"].as_str().unwrap_or_default()
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0["text"].as_str().unwrap_or_default()
    }

    /// The captions of its buttons.
    #[must_use]
    pub fn buttons(&self) -> Vec<&str> {
        let rows = self.0["buttons"].as_array().into_iter().flatten();
        let buttons = rows.flat_map(|row| row.as_array().into_iter().flatten());
        buttons.filter_map(|button| button["text"].as_str()).collect()
    }

    /// The caption that is these words, or else the first that holds them.
    #[must_use]
    pub fn button(&self, words: &str) -> Option<&str> {
        let buttons = self.buttons();
        let exact = buttons.iter().find(|caption| **caption == words);
        exact.or_else(|| buttons.iter().find(|caption| caption.contains(words))).copied()
    }
}

impl Person {
    /// Somebody whom the emulated Telegram at this address knows by this number.
    #[must_use]
    pub fn new(id: i64, name: &str, telegram: &str) -> Self {
        Self { id, name: name.to_owned(), telegram: telegram.to_owned(), client: reqwest::Client::new() }
    }

    /// Presses Start in the bot's chat, or follows a deep link.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn starts(&self, payload: Option<&str>) -> Result<()> {
        let body = match payload {
            Some(payload) => json!({"bot": BOT, "payload": payload}),
            None => json!({"bot": BOT}),
        };
        self.does("start", body).await.map(drop)
    }

    /// Writes to the bot.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn writes(&self, text: &str) -> Result<()> {
        self.does("message", json!({"chat": BOT, "text": text})).await.map(drop)
    }

    /// Writes a command to the bot and waits for the menu with these words that answers it, below what was written.
    ///
    /// # Errors
    ///
    /// No menu appears in time.
    pub async fn asks(&self, command: &str, words: &str) -> Result<Seen> {
        let written = self.does("message", json!({"chat": BOT, "text": command})).await?;
        let written = number(&written["message"]);
        let menu = |message: &Seen| {
            number(&message.0["id"]) > written
                && message.text().contains(words)
                && !message.buttons().is_empty()
        };
        self.waits(BOT, &format!("`{words}` after {command}"), |chat| newest(chat, menu)).await
    }

    /// Waits until a message of the bot has these words in its text or on a button.
    ///
    /// # Errors
    ///
    /// It does not get them in time.
    pub async fn sees_change(&self, message: &Seen, words: &str) -> Result<Seen> {
        self.sees_change_in(BOT, message.id(), words).await
    }

    /// Waits until a message in a chat has these words in its text or on a button.
    ///
    /// # Errors
    ///
    /// It does not get them in time.
    pub async fn sees_change_in(&self, chat: &str, message: &str, words: &str) -> Result<Seen> {
        let changed =
            |it: &Seen| it.id() == message && (it.text().contains(words) || it.button(words).is_some());
        self.waits(chat, &format!("`{words}` in {message}"), |chat| newest(chat, changed)).await
    }

    /// Sends the bot a file.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn sends_file(&self, name: &str, content: &str) -> Result<()> {
        let document = json!({"name": name, "content": content});
        self.does("message", json!({"chat": BOT, "document": document})).await.map(drop)
    }

    /// Writes `@bot <query>` in a chat and gives back what the bot proposes.
    ///
    /// # Errors
    ///
    /// The emulator refuses, or the bot does not answer in time.
    pub async fn types_inline(&self, chat: &str, query: &str) -> Result<Vec<Value>> {
        let answer = self.does("inline", json!({"chat": chat, "query": format!("@{BOT} {query}")})).await?;
        if answer["timed_out"] == true {
            bail!("the bot did not answer the inline query in time");
        }
        Ok(answer["results"].as_array().cloned().unwrap_or_default())
    }

    /// Presses a button that opens the list of chats, chooses one, and gives back what stands in its input field then,
    /// without the bot's name.
    ///
    /// # Errors
    ///
    /// There is no such button, or the chat can't be chosen.
    pub async fn chooses_chat(&self, message: &Seen, words: &str, chat: &Person) -> Result<String> {
        let caption = message.button(words);
        let caption =
            caption.with_context(|| format!("no button `{words}` among {:?}", message.buttons()))?;
        let choice = json!({"message": message.id(), "button": caption, "choice": chat.id});
        let shown = self.does("pick", choice).await?;
        let query = shown["query"].as_str().with_context(|| format!("no query in {shown}"))?;
        Ok(query.strip_prefix(&format!("@{BOT} ")).unwrap_or(query).to_owned())
    }

    /// Sends the proposal whose title holds these words; gives back the message's id.
    ///
    /// # Errors
    ///
    /// There is no such proposal.
    pub async fn sends_inline(&self, chat: &str, query: &str, title: &str) -> Result<String> {
        let mut messages = self.sends_inline_to(&[chat], query, title).await?;
        messages.pop().context("one chat has one message")
    }

    /// Sends one and the same proposal into several chats; gives back the messages' ids.
    ///
    /// # Errors
    ///
    /// There is no such proposal.
    pub async fn sends_inline_to(&self, chats: &[&str], query: &str, title: &str) -> Result<Vec<String>> {
        let first = chats.first().context("choose a chat")?;
        let results = self.types_inline(first, query).await?;
        let wanted = |result: &&Value| result["title"].as_str().is_some_and(|it| it.contains(title));
        let result = results.iter().find(wanted);
        let result = result.with_context(|| format!("no result `{title}` among {results:?}"))?;
        let query = format!("@{BOT} {query}");
        let mut messages = Vec::new();
        for chat in chats {
            let choice = json!({"chat": chat, "query": query, "result_id": result["id"]});
            let sent = self.does("choose", choice).await?;
            messages.push(sent["message"].as_str().unwrap_or_default().to_owned());
        }
        Ok(messages)
    }

    /// Presses a button by its caption, or a part of it, under a message; gives back what is shown.
    ///
    /// # Errors
    ///
    /// There is no such button, or the bot does not answer.
    pub async fn presses(&self, message: &Seen, words: &str) -> Result<Value> {
        let caption = message.button(words);
        let caption =
            caption.with_context(|| format!("no button `{words}` among {:?}", message.buttons()))?;
        self.presses_id(message.id(), caption).await
    }

    /// Presses a button by its whole caption under a message whose id is known.
    ///
    /// # Errors
    ///
    /// There is no such button, or the bot does not answer.
    pub async fn presses_id(&self, message: &str, caption: &str) -> Result<Value> {
        self.does("press", json!({"message": message, "button": caption})).await
    }

    /// Sends what no button holds, as a hostile client may.
    ///
    /// # Errors
    ///
    /// The emulator refuses, or the bot does not answer.
    pub async fn forges(&self, message: &str, data: &str) -> Result<Value> {
        self.does("press", json!({"message": message, "data": data})).await
    }

    /// Presses a button in the newest message of the bot that has one like it; gives back what is shown.
    ///
    /// # Errors
    ///
    /// Such a button does not appear in time.
    pub async fn taps(&self, words: &str) -> Result<Value> {
        let message = self.sees_button(BOT, words).await?;
        self.presses(&message, words).await
    }

    /// Uses the picker in place of the keyboard.
    ///
    /// # Errors
    ///
    /// No picker appears in time, or the choice is refused.
    pub async fn picks(&self, choice: Value) -> Result<()> {
        let shown = self.waits(BOT, "a picker", |chat| chat.get("reply_keyboard").cloned()).await?;
        let button = &shown["buttons"][0][0]["id"];
        self.does("pick", json!({"message": shown["message"], "button": button, "choice": choice}))
            .await
            .map(drop)
    }

    /// Waits for a message with these words in its text, in the chat with the bot.
    ///
    /// # Errors
    ///
    /// It does not appear in time.
    pub async fn sees(&self, words: &str) -> Result<Seen> {
        self.sees_in(BOT, words).await
    }

    /// Waits for a message with these words in its text; the newest of them.
    ///
    /// # Errors
    ///
    /// It does not appear in time.
    pub async fn sees_in(&self, chat: &str, words: &str) -> Result<Seen> {
        let found = |chat: &Value| newest(chat, |message| message.text().contains(words));
        self.waits(chat, &format!("`{words}`"), found).await
    }

    /// Waits for a message with such a button; the newest of them.
    ///
    /// # Errors
    ///
    /// It does not appear in time.
    pub async fn sees_button(&self, chat: &str, words: &str) -> Result<Seen> {
        let found = |chat: &Value| newest(chat, |message| message.button(words).is_some());
        self.waits(chat, &format!("a button `{words}`"), found).await
    }

    /// Every message in a chat, oldest first, as this person sees it now.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn chat(&self, chat: &str) -> Result<Vec<Seen>> {
        let chat = self.reads(&format!("chats/{}", chat)).await?;
        Ok(messages(&chat))
    }

    /// Waits until the chat shows what is looked for.
    ///
    /// # Errors
    ///
    /// It does not in time; the error holds what the chat shows then.
    pub async fn waits<T>(&self, chat: &str, what: &str, found: impl Fn(&Value) -> Option<T>) -> Result<T> {
        let path = format!("chats/{}", chat);
        let looking = async {
            let mut seen = self.reads(&path).await?;
            loop {
                if let Some(found) = found(&seen) {
                    return Ok(found);
                }
                seen = self.reads(&format!("{path}?after={}&wait=5", seen["version"])).await?;
            }
        };
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(found) => found,
            Err(_) => {
                let seen: Vec<String> = self.chat(chat).await?.iter().map(describe).collect();
                bail!("{} does not see {what} in the chat with {chat}, but:\n{}", self.name, seen.join("\n"))
            }
        }
    }

    /// The address below which everything of this person is.
    pub(crate) fn url(&self, what: &str) -> String {
        format!("{}/sim/users/{}/{what}", self.telegram, self.id)
    }

    /// Does something as this person: `POST /sim/users/{id}/{what}`.
    ///
    /// # Errors
    ///
    /// The emulator refuses; the error holds its words.
    pub async fn does(&self, what: &str, body: Value) -> Result<Value> {
        let url = self.url(what);
        answer(self.client.post(url).json(&body).send().await?)
            .await
            .with_context(|| format!("{} {what}", self.name))
    }

    /// Every chat that this person has, with all that is in it.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn everything(&self) -> Result<Vec<Value>> {
        let mut chats = Vec::new();
        for chat in self.reads("chats").await?.as_array().into_iter().flatten() {
            chats.push(self.reads(&format!("chats/{}", chat["chat"])).await?);
        }
        Ok(chats)
    }

    /// What the emulated Telegram tells of this person at `…/path`, as docs/emulator.md lists it.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn reads(&self, path: &str) -> Result<Value> {
        let url = self.url(path);
        answer(self.client.get(url).send().await?)
            .await
            .with_context(|| format!("{} reads {path}", self.name))
    }
}

fn messages(chat: &Value) -> Vec<Seen> {
    chat["messages"].as_array().into_iter().flatten().cloned().map(Seen).collect()
}

/// The number in an id like `m12`.
fn number(id: &Value) -> u64 {
    id.as_str().and_then(|id| id.strip_prefix('m')).and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn newest(chat: &Value, wanted: impl Fn(&Seen) -> bool) -> Option<Seen> {
    messages(chat).into_iter().rev().find(wanted)
}

fn describe(message: &Seen) -> String {
    format!("  {}: {} {:?}", message.id(), message.text().replace('\n', " / "), message.buttons())
}

async fn answer(response: reqwest::Response) -> Result<Value> {
    let status = response.status();
    let body: Value = response.json().await.context("read the emulator's answer")?;
    if !status.is_success() {
        bail!("{status}: {}", body["error"].as_str().unwrap_or_default());
    }
    Ok(body)
}
