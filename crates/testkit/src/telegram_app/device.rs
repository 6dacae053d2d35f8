//! One app: keeps its connection to Telegram, does what scripts ask, and keeps what there is to be looked at.

use super::calls::{Action, Calls, Deed};
use super::frames::{Frame, Told};
use super::library::{Library, Seat};
use anyhow::{Context as _, Result};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::CancellationToken;

/// What scripts ask of one app and is not yet done. Past this they are told that the app is busy.
pub(super) const MAILBOX: usize = 64;

/// How long a script waits for the app to be let in.
const LET_IN: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What scripts and the app's task share.
pub(super) struct Device {
    calls: Mutex<Calls>,
    changed: watch::Sender<u64>,
    deeds: mpsc::Sender<Deed>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "the transcript tells when things happened")]
fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

impl Device {
    /// An app, and the task that lives it: it connects to `telegram` as `user`, with a seat at the library.
    pub(super) fn new(
        telegram: &str,
        user: i64,
        library: &Library,
        stop: CancellationToken,
    ) -> (Arc<Self>, impl Future<Output = ()> + Send + use<>) {
        let (deeds, waiting) = mpsc::channel(MAILBOX);
        let seat = library.seat();
        let calls = Mutex::new(Calls::new(seat.first, library.versions.clone()));
        let device = Arc::new(Self { calls, changed: watch::Sender::new(0), deeds });
        let address = format!("{}/sim/users/{user}/device", telegram.replacen("http", "ws", 1));
        let alive = Arc::clone(&device);
        (device, async move { alive.live(&address, seat, waiting, stop).await })
    }

    /// Whether its task still lives: an app that has left is followed by a new one.
    pub(super) fn is_alive(&self) -> bool {
        !self.deeds.is_closed()
    }

    fn change<T>(&self, act: impl FnOnce(&mut Calls) -> T) -> T {
        let mut calls = locked(&self.calls);
        let out = act(&mut calls);
        self.changed.send_if_modified(|version| {
            let newer = *version != calls.version();
            *version = calls.version();
            newer
        });
        out
    }

    /// Waits until the app is let in, or has had time enough.
    pub(super) async fn is_let_in(&self) {
        let mut changed = self.changed.subscribe();
        let settled = async {
            while self.is_alive() && !locked(&self.calls).is_ready() {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        // Whoever looks is told that it still connects.
        let _ = timeout(LET_IN, settled).await;
    }

    /// Waits until something has changed since `version`, or the time is over.
    pub(super) async fn changes(&self, version: u64, longest: Duration) {
        let mut changed = self.changed.subscribe();
        let newer = changed.wait_for(|now| *now > version);
        // An app on which nothing happened is shown as it is.
        let _ = timeout(longest, newer).await;
    }

    /// Does what a script asks.
    ///
    /// # Errors
    ///
    /// A sentence: it does not fit, or the app is busy.
    pub(super) fn act(&self, action: Action) -> Result<(), String> {
        let deeds = self.change(|calls| calls.act(action, now_ms()))?;
        self.queue(deeds)
    }

    /// Says a tone from now on; 0 is silence.
    ///
    /// # Errors
    ///
    /// The app is busy.
    pub(super) fn says(&self, hz: f64) -> Result<(), String> {
        let deeds = locked(&self.calls).says(hz);
        self.queue(deeds)
    }

    fn queue(&self, deeds: Vec<Deed>) -> Result<(), String> {
        let queued = deeds.into_iter().try_for_each(|deed| self.deeds.try_send(deed));
        queued.map_err(|_| "The app is busy.".to_owned())
    }

    /// Everything there is to see.
    pub(super) fn view(&self) -> Value {
        locked(&self.calls).view()
    }

    async fn live(
        &self,
        address: &str,
        mut seat: Seat,
        mut asked: mpsc::Receiver<Deed>,
        stop: CancellationToken,
    ) {
        let why = match connect_async(address).await {
            Ok((mut socket, _)) => {
                let why = self.converse(&mut socket, &mut seat, &mut asked, &stop).await;
                // It may be gone already, which is what is wanted.
                let _ = socket.close(None).await;
                why
            }
            Err(error) => error.to_string(),
        };
        for deed in self.change(|calls| calls.loses(&why, now_ms())) {
            if let Deed::Order(order) = deed {
                let _ = seat.order(order).await;
            }
        }
        asked.close();
        self.changed.send_modify(|_| ());
    }

    /// Until something ends it; gives what that was.
    async fn converse(
        &self,
        socket: &mut Socket,
        seat: &mut Seat,
        asked: &mut mpsc::Receiver<Deed>,
        stop: &CancellationToken,
    ) -> String {
        loop {
            let next = tokio::select! {
                frame = socket.next() => Next::Frame(frame),
                told = seat.told() => Next::Told(told),
                deed = asked.recv() => Next::Asked(deed),
                () = stop.cancelled() => return "closed".to_owned(),
            };
            let deeds = match next {
                Next::Frame(Some(Ok(Message::Text(text)))) => match serde_json::from_str::<Frame>(&text) {
                    Ok(frame) => self.change(|calls| calls.hear(frame, now_ms())),
                    Err(error) => {
                        return format!("Telegram says what the app does not know: {error}: {text}");
                    }
                },
                Next::Frame(Some(Ok(Message::Close(_)) | Err(_)) | None) => {
                    return "Telegram is gone".to_owned();
                }
                Next::Frame(Some(Ok(
                    Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_),
                ))) => Vec::new(),
                Next::Told(Some((number, told))) => self.change(|calls| calls.told(number, told, now_ms())),
                Next::Told(None) => return "the ntgcalls library has ended".to_owned(),
                Next::Asked(Some(deed)) => vec![deed],
                Next::Asked(None) => return "closed".to_owned(),
            };
            for deed in deeds {
                let done = match deed {
                    Deed::Say(frame) => {
                        socket.send(Message::text(frame.to_string())).await.context("Telegram is gone")
                    }
                    Deed::Order(order) => seat.order(order).await,
                    Deed::Leave => return "closed".to_owned(),
                };
                if let Err(error) = done {
                    return error.to_string();
                }
            }
        }
    }
}

enum Next {
    Frame(Option<Result<Message, tokio_tungstenite::tungstenite::Error>>),
    Told(Option<(u64, Told)>),
    Asked(Option<Deed>),
}
