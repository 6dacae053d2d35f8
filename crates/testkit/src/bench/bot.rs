//! From an update to its reply: the shipped bot in a process of its own, two hundred updates a second from two hundred
//! people, whether or not it keeps up.

use crate::tools::clock::now;
use crate::tools::drive::percentile;
use crate::tools::figures::{Report, Target, say};
use crate::tools::server::Server;
use anyhow::{Context as _, Result, bail};
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use testkit::person::BOT;
use testkit::platform::{Options, Platform};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

/// Updates a second.
const RATE: usize = 200;

/// People, each with one update a second.
const PEOPLE: usize = 200;

/// Measures, on PostgreSQL and on SQLite, both on a slow disk.
///
/// # Errors
///
/// The platform does not start, or the bot does not answer.
pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let server = Server::start()?;
    let sqlite = format!("sqlite://{}", server.folder().join("bot.db").display());
    let slow_disk = ("LD_PRELOAD".to_owned(), server.slow_disk.display().to_string());
    let postgres = server.fresh("bot").await?;
    for (backend, database) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        say(&format!("starting the bot on {backend}"));
        // The emulated Telegram takes as much as it is given; what is measured is the bot.
        let unhurried = ("TANDEM_MESSAGES_PER_SECOND".to_owned(), "10000".to_owned());
        let environment = vec![slow_disk.clone(), unhurried];
        let platform = Platform::start(Options {
            database: Some(database),
            processes: 1,
            environment,
            calls: false,
            telegram: false,
        })
        .await?;
        let seconds = if report.quick { 3 } else { 10 };
        let mut latencies = converse(platform.url(), seconds).await?;
        let name = |what: &str| format!("bot on {backend}, update to reply, {RATE}/s, 2 ms fsync, {what}");
        report.add(name("p50"), percentile(&mut latencies, 50), "ms", None, Target::None);
        report.add(name("p99"), percentile(&mut latencies, 99), "ms", None, Target::ValueAtMost(50.0));
        let violations = platform.violations().await?;
        let count = violations.as_array().map_or(0, Vec::len);
        report.add(name("violations"), count as f64, "", None, Target::ValueAtMost(0.0));
    }
    Ok(())
}

/// Everybody says something once a second, at different moments: now a command, now a press of what came back.
async fn converse(telegram: &str, seconds: usize) -> Result<Vec<f64>> {
    let client = reqwest::Client::new();
    let mut people = Vec::new();
    // A few at a time, as people come.
    for first in (0..PEOPLE).step_by(20) {
        let some = (first..PEOPLE.min(first + 20)).map(|number| Talker::begin(&client, telegram, number));
        people.extend(try_join_all(some).await?);
    }
    let people: Vec<_> = people.into_iter().map(|talker| Arc::new(Mutex::new(talker))).collect();
    let tasks = TaskTracker::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / RATE as u32);
    let mut running = Vec::new();
    for turn in 0..RATE * seconds {
        ticks.tick().await;
        let Some(talker) = people.get(turn % PEOPLE).cloned() else { continue };
        let round = turn / PEOPLE;
        running.push(tasks.spawn(async move { talker.lock().await.says_something(round).await }));
    }
    let mut latencies = Vec::with_capacity(running.len());
    for said in running {
        latencies.push(said.await??);
    }
    Ok(latencies)
}

/// Somebody who talks with the bot.
struct Talker {
    client: reqwest::Client,
    url: String,
}

impl Talker {
    /// Comes, presses Start, and has the first answer.
    async fn begin(client: &reqwest::Client, telegram: &str, number: usize) -> Result<Self> {
        let name = format!("talker{number}");
        let body = json!({"first_name": name, "username": name});
        let made = post(client, &format!("{telegram}/sim/users"), &body).await?;
        let id = made["id"].as_i64().context("the emulator gives an id")?;
        let talker = Self { client: client.clone(), url: format!("{telegram}/sim/users/{id}") };
        let sent = talker.does("start", &json!({"bot": BOT})).await?;
        talker.answered(&sent).await?;
        Ok(talker)
    }

    /// Milliseconds until the bot has answered.
    async fn says_something(&self, round: usize) -> Result<f64> {
        let begun = now();
        if round.is_multiple_of(2) {
            let sent = self.does("message", &json!({"chat": BOT, "text": "/softphone"})).await?;
            self.answered(&sent).await?;
            return Ok(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        let chat = self.chat("limit=1").await?;
        let message = chat["messages"][0]["id"].as_str().context("the bot has said something")?;
        let begun = now();
        let shown = self.does("press", &json!({"message": message, "button": "0.0"})).await?;
        if shown["shown"] == "timeout" {
            bail!("the bot did not answer a press");
        }
        Ok(begun.elapsed().as_secs_f64() * 1_000.0)
    }

    /// Waits until something of the bot stands below what was sent.
    async fn answered(&self, sent: &Value) -> Result<()> {
        let sent = number(&sent["message"]).context("the emulator names what was sent")?;
        let mut query = "limit=1".to_owned();
        for _ in 0..50 {
            let chat = self.chat(&query).await?;
            let last = &chat["messages"][0];
            if last["outgoing"] != true && number(&last["id"]).is_some_and(|id| id > sent) {
                return Ok(());
            }
            query = format!("limit=1&wait=20&after={}", chat["version"]);
        }
        bail!("the bot did not answer a message")
    }

    async fn chat(&self, query: &str) -> Result<Value> {
        let url = format!("{}/chats/{BOT}?{query}", self.url);
        Ok(self.client.get(url).send().await?.error_for_status()?.json().await?)
    }

    async fn does(&self, what: &str, body: &Value) -> Result<Value> {
        post(&self.client, &format!("{}/{what}", self.url), body).await
    }
}

async fn post(client: &reqwest::Client, url: &str, body: &Value) -> Result<Value> {
    let response = client.post(url).json(body).send().await?;
    let (status, answer) = (response.status(), response.json::<Value>().await?);
    if !status.is_success() {
        bail!("{url}: {answer}");
    }
    Ok(answer)
}

/// `m13` is 13.
fn number(message: &Value) -> Option<u64> {
    message.as_str()?.strip_prefix('m')?.parse().ok()
}
