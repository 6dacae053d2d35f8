//! Long polling: one process asks Telegram for updates, and tells it to forget them only after they are stored.

use super::Intake;
use crate::outbox::sender::chain;
use crate::telegram::{ALLOWED_UPDATES, CallError, Client, ErrorClass, Request};
use event_store::log::Fault;
use metrics::counter;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

/// How long Telegram holds a request open when there is nothing to tell.
const HELD: Duration = Duration::from_secs(25);

/// How long a request may take: a little longer than Telegram holds it.
const PATIENCE: Duration = Duration::from_secs(35);

/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// Why nothing was taken.
enum Failed {
    Telegram(CallError),
    Database(Fault),
}

/// Asks for updates while this process is the one that polls, until it is stopped.
pub(crate) async fn poll(intake: Arc<Intake>, mut leads: watch::Receiver<bool>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            turned = leads.wait_for(|leads| *leads) => if turned.is_err() { return },
            () = stop.cancelled() => return,
        }
        info!("this process polls");
        tokio::select! {
            () = ask_on_and_on(&intake) => {}
            _ = leads.wait_for(|leads| !*leads) => info!("another process polls"),
            () = stop.cancelled() => return,
        }
    }
}

/// Never returns. The first request has no offset: Telegram draws a new number after a quiet week, so a number kept from
/// an earlier run could swallow everything. What is repeated is known by its row.
async fn ask_on_and_on(intake: &Arc<Intake>) {
    let client = &intake.parts.client;
    let (mut offset, mut failures) = (None, 0_u32);
    loop {
        match ask(intake, client, &mut offset).await {
            Ok(()) => {
                failures = 0;
                continue;
            }
            Err(Failed::Telegram(error)) if error.class == ErrorClass::Conflict => {
                warn!(why = error.text, "Telegram does not let this process poll");
                // Only an old webhook is ours to remove; another poller goes away by itself or stays a mistake.
                if error.text.contains("webhook")
                    && let Err(error) = client.delete_webhook().await
                {
                    error!(why = error.text, "can't turn an old webhook off");
                }
            }
            Err(Failed::Telegram(error)) => warn!(why = error.text, "can't get updates"),
            Err(Failed::Database(fault)) => {
                error!(fault = chain(&fault), "can't store updates; Telegram keeps them");
            }
        }
        counter!("bot_poll_failures_total").increment(1);
        failures = (failures + 1).min(6);
        let wait = Duration::from_millis(500 << failures).min(LONGEST_WAIT);
        debug!(wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), "polling pauses");
        sleep_until(Instant::now() + wait).await;
    }
}

async fn ask(intake: &Arc<Intake>, client: &Client, offset: &mut Option<u64>) -> Result<(), Failed> {
    let parameters = json!({
        "offset": *offset,
        "timeout": HELD.as_secs(),
        "limit": 100,
        "allowed_updates": ALLOWED_UPDATES,
    });
    let request = Request::new("getUpdates", &parameters);
    let answer = client.call_within(&request, PATIENCE).await.map_err(Failed::Telegram)?;
    let updates: Vec<&RawValue> =
        serde_json::from_str(&answer).map_err(|error| Failed::Telegram(client.unreadable(&error)))?;
    let batch: Vec<String> = updates.iter().map(|update| update.get().to_owned()).collect();
    intake.take(&batch).await.map_err(Failed::Database)?;
    if let Some(last) = batch.iter().filter_map(|raw| number(raw)).max() {
        *offset = Some(u64::from(last) + 1);
    }
    Ok(())
}

fn number(raw: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Numbered {
        update_id: u32,
    }
    serde_json::from_str::<Numbered>(raw).ok().map(|numbered| numbered.update_id)
}
