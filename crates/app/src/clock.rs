//! The only places where the platform asks what time it is.

use chrono::{DateTime, TimeDelta, Utc};
use event_store::clock::Clock;
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The machine's clock, moved by as many seconds as the emulated Telegram's is.
#[derive(Debug, Default)]
pub(crate) struct MachineClock {
    offset: AtomicI64,
}

impl Clock for MachineClock {
    fn now(&self) -> DateTime<Utc> {
        machine_now() + TimeDelta::seconds(self.offset.load(Ordering::Relaxed))
    }
}

/// What the machine's own clock says.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
pub(crate) fn machine_now() -> DateTime<Utc> {
    Utc::now()
}

/// What `GET /sim/clock` answers (docs/emulator.md).
#[derive(Deserialize)]
struct Told {
    now_offset_seconds: i64,
    version: u64,
}

/// Sets the clock before anything is done by it: a process that starts late must not live in the past for a moment.
pub(crate) async fn set(clock: &MachineClock, url: &str) {
    match ask(&reqwest::Client::new(), url).await {
        Ok(told) => clock.offset.store(told.now_offset_seconds, Ordering::Relaxed),
        Err(error) => tracing::debug!(%error, "the emulated clock does not answer yet"),
    }
}

/// Follows the clock of an emulated Telegram until shutdown; tells of every change.
pub(crate) async fn follow(
    clock: Arc<MachineClock>,
    url: String,
    changed: watch::Sender<()>,
    shutdown: CancellationToken,
) {
    let client = reqwest::Client::new();
    let mut version = None;
    let mut pause = tokio::time::interval(Duration::from_millis(500));
    loop {
        let address = version.map_or_else(|| url.clone(), |version| format!("{url}?after={version}"));
        let told = tokio::select! {
            () = shutdown.cancelled() => return,
            told = ask(&client, &address) => told,
        };
        match told {
            Ok(told) => {
                version = Some(told.version);
                if clock.offset.swap(told.now_offset_seconds, Ordering::Relaxed) != told.now_offset_seconds {
                    changed.send_replace(());
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the emulated clock does not answer");
                pause.reset();
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    _ = pause.tick() => (),
                }
            }
        }
    }
}

async fn ask(client: &reqwest::Client, address: &str) -> Result<Told, reqwest::Error> {
    client.get(address).timeout(Duration::from_secs(60)).send().await?.error_for_status()?.json().await
}
