//! Signals between processes, by `NOTIFY`.

use super::{Heard, Listeners, SignalBus, Subscription};
use crate::log::Fault;
use crate::vault::{Purpose, Subject, Vault};
use async_trait::async_trait;
use domain::call::Signal;
use domain::sealed::Sealed;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// The channel of all signals.
const CHANNEL: &str = "tandem_signals";

/// The longest message. PostgreSQL takes less than 8,000 bytes.
const LONGEST: usize = 7_000;

/// Before listening is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// A bus over PostgreSQL.
pub struct OverPostgres {
    pool: PgPool,
    listeners: Listeners,
    seals: Seals,
    /// One message at a time, so that digits arrive in the order in which they were pressed.
    in_turn: Mutex<()>,
}

/// What travels, sealed.
#[derive(Serialize, Deserialize)]
struct Message {
    /// The bus that sent it: its own listeners have heard it already.
    from: Uuid,
    signal: Signal,
}

/// Seals and opens messages.
#[derive(Clone)]
struct Seals {
    vault: Arc<Vault>,
    me: Uuid,
}

impl OverPostgres {
    pub(super) fn start(
        pool: &PgPool,
        vault: Arc<Vault>,
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) -> Self {
        let seals = Seals { vault, me: Uuid::new_v4() };
        let bus = Self {
            pool: pool.clone(),
            listeners: Listeners::default(),
            seals: seals.clone(),
            in_turn: Mutex::default(),
        };
        let (pool, listeners, stop) = (pool.clone(), bus.listeners.clone(), stop.clone());
        tasks.spawn(async move {
            stop.run_until_cancelled(listen(pool, listeners, seals)).await;
        });
        bus
    }
}

#[async_trait]
impl SignalBus for OverPostgres {
    async fn send(&self, signal: Signal) -> Result<(), Fault> {
        let _in_turn = self.in_turn.lock().await;
        self.listeners.tell(Heard::Signal(signal.clone()));
        let message = self.seals.seal(signal).await?;
        let sent = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(message.as_text());
        sent.execute(&self.pool)
            .await
            .map_err(|error| Fault::new("tell other processes of a signal", error))?;
        Ok(())
    }

    fn subscribe(&self) -> Subscription {
        self.listeners.subscribe()
    }
}

impl Seals {
    async fn seal(&self, signal: Signal) -> Result<Sealed, Fault> {
        let message = serde_json::to_vec(&Message { from: self.me, signal })
            .map_err(|error| Fault::new("write a signal as JSON", error))?;
        let sealed = self.vault.seal(&Subject::system("signals"), &Purpose::new("signal"), &message).await?;
        if sealed.as_text().len() > LONGEST {
            return Err(Fault::because("a signal is too long"));
        }
        Ok(sealed)
    }

    /// The signal, if it is from another process.
    async fn open(&self, notification: &PgNotification) -> Result<Option<Signal>, Fault> {
        let sealed = Sealed::from_text(notification.payload().to_owned());
        let opened = self.vault.open(&sealed, &Purpose::new("signal")).await;
        let opened = opened.map_err(|error| Fault::new("open a signal", error))?;
        // The text of the error may hold a piece of the signal.
        let message: Message = serde_json::from_slice(opened.expose_secret())
            .map_err(|_| Fault::because("a signal is of no kind that this version knows"))?;
        Ok((message.from != self.me).then_some(message.signal))
    }
}

async fn listen(pool: PgPool, listeners: Listeners, seals: Seals) {
    let mut retry = interval(RETRY);
    retry.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = false;
    loop {
        retry.tick().await;
        match PgListener::connect_with(&pool).await {
            Ok(listener) => {
                if let Err(error) = hear(listener, before, &listeners, &seals).await {
                    tracing::warn!(%error, "signals of other processes are missed; listening again");
                }
                before = true;
            }
            Err(error) => tracing::debug!(%error, "signals of other processes are missed"),
        }
    }
}

/// Hears until the connection breaks.
async fn hear(
    mut listener: PgListener,
    again: bool,
    listeners: &Listeners,
    seals: &Seals,
) -> Result<(), sqlx::Error> {
    listener.listen(CHANNEL).await?;
    if again {
        listeners.tell(Heard::Missed(1));
    }
    loop {
        // None: the connection broke and is there again.
        let Some(notification) = listener.try_recv().await? else {
            listeners.tell(Heard::Missed(1));
            continue;
        };
        match seals.open(&notification).await {
            Ok(Some(signal)) => listeners.tell(Heard::Signal(signal)),
            Ok(None) => {}
            Err(fault) => {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(error, "a signal was not understood");
            }
        }
    }
}
