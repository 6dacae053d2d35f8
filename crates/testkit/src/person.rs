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

    /// The caption that holds these words.
    #[must_use]
    pub fn button(&self, words: &str) -> Option<&str> {
        self.buttons().into_iter().find(|caption| caption.contains(words))
    }
}

impl Person {
    pub(crate) fn new(id: i64, name: &str, telegram: &str) -> Self {
        Self { id, name: name.to_owned(), telegram: telegram.to_owned(), client: reqwest::Client::new() }
    }

    /// Presses Start in the bot's chat, or follows a deep link.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn starts(&self, payload: Option<&str>) -> Result<()> {
        self.does("start", json!({"bot": BOT, "payload": payload})).await.map(drop)
    }

    /// Writes to the bot.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn writes(&self, text: &str) -> Result<()> {
        self.does("message", json!({"chat": BOT, "text": text})).await.map(drop)
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

    /// Sends the proposal whose title holds these words; gives back the message's id.
    ///
    /// # Errors
    ///
    /// There is no such proposal.
    pub async fn sends_inline(&self, chat: &str, query: &str, title: &str) -> Result<String> {
        let results = self.types_inline(chat, query).await?;
        let wanted = |result: &&Value| result["title"].as_str().is_some_and(|it| it.contains(title));
        let result = results.iter().find(wanted);
        let result = result.with_context(|| format!("no result `{title}` among {results:?}"))?;
        let query = format!("@{BOT} {query}");
        let sent = self.does("choose", json!({"chat": chat, "query": query, "result_id": result["id"]})).await?;
        Ok(sent["message"].as_str().unwrap_or_default().to_owned())
    }

    /// Presses a button by its caption, or a part of it, under a message; gives back what is shown.
    ///
    /// # Errors
    ///
    /// There is no such button, or the bot does not answer.
    pub async fn presses(&self, message: &Seen, words: &str) -> Result<Value> {
        let caption = message.button(words);
        let caption = caption.with_context(|| format!("no button `{words}` among {:?}", message.buttons()))?;
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
        self.does("pick", json!({"message": shown["message"], "button": button, "choice": choice})).await.map(drop)
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

    /// Does something as this person: `POST /sim/users/{id}/{what}`.
    ///
    /// # Errors
    ///
    /// The emulator refuses; the error holds its words.
    pub async fn does(&self, what: &str, body: Value) -> Result<Value> {
        let url = format!("{}/sim/users/{}/{what}", self.telegram, self.id);
        answer(self.client.post(url).json(&body).send().await?).await.with_context(|| format!("{} {what}", self.name))
    }

    async fn reads(&self, path: &str) -> Result<Value> {
        let url = format!("{}/sim/users/{}/{path}", self.telegram, self.id);
        answer(self.client.get(url).send().await?).await.with_context(|| format!("{} reads {path}", self.name))
    }

}

fn messages(chat: &Value) -> Vec<Seen> {
    chat["messages"].as_array().into_iter().flatten().cloned().map(Seen).collect()
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
