//! One phone: keeps its connection, does what scripts ask, and keeps what there is to be looked at.

use super::act::{Action, Deed};
use super::ear::{self, Ear};
use super::peer::{self, Path, Peer};
use super::state::{Line, State};
use super::voice::Voice;
use super::wire::{Heard, Wire};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;

/// Requests that wait for one phone. A script sends one and looks; past this it is told that the phone is busy.
pub(super) const MAILBOX: usize = 32;

/// How often a sign of life goes out.
const PULSE: Duration = Duration::from_secs(20);

/// The pause between tries to connect.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a script waits for the phone to be let in.
const LET_IN: Duration = Duration::from_secs(10);

/// Where a phone's person and gateway are.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// The emulated Telegram.
    pub(super) telegram: String,
    /// The gateway's socket for phones.
    pub(super) socket: String,
    /// The person.
    pub(super) user: i64,
}

/// What scripts and the phone's task share.
pub(super) struct Handset {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    voice: Mutex<Voice>,
    ear: Mutex<Option<Ear>>,
    requests: mpsc::Sender<Deed>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "the transcript tells when things happened")]
fn now_ms() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

impl Handset {
    pub(super) fn new(requests: mpsc::Sender<Deed>) -> Self {
        Self {
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            voice: Mutex::default(),
            ear: Mutex::default(),
            requests,
        }
    }

    /// Whether its task still lives: a phone that left, or was not let in, is followed by a new one.
    pub(super) fn is_alive(&self) -> bool {
        !self.requests.is_closed()
    }

    fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = locked(&self.state);
        let out = act(&mut state);
        self.changed.send_replace(state.version());
        out
    }

    /// Waits until the phone is let in, or is known not to be.
    pub(super) async fn is_let_in(&self) {
        let mut changed = self.changed.subscribe();
        let settled = async {
            while locked(&self.state).line() == Line::Connecting {
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
        // A phone on which nothing happened is shown as it is.
        let _ = timeout(longest, newer).await;
    }

    /// Does what a script asks.
    ///
    /// # Errors
    ///
    /// A sentence: it does not fit, or the phone is not connected.
    pub(super) fn act(&self, action: Action) -> Result<(), String> {
        let deed = self.change(|state| match state.line() {
            Line::Ready => action.deed(state),
            Line::Refused => Err("The gateway does not let this phone in.".to_owned()),
            Line::Connecting | Line::Lost => Err("The phone has no connection to the gateway.".to_owned()),
        })?;
        self.requests.try_send(deed).map_err(|_| "The phone is busy.".to_owned())
    }

    pub(super) fn says(&self, voice: Voice) {
        *locked(&self.voice) = voice;
    }

    /// Everything there is to see.
    pub(super) fn view(&self) -> Value {
        let mut out = locked(&self.state).view();
        out["heard"] = locked(&self.ear).as_mut().map_or_else(ear::nothing, |ear| ear.view(peer::now()));
        out["voice"] = locked(&self.voice).view();
        out
    }

    /// Lives until it is told to leave.
    pub(super) async fn live(
        &self,
        mut places: Places,
        mut deeds: mpsc::Receiver<Deed>,
        stop: CancellationToken,
    ) {
        let mut tries = interval(PAUSE);
        loop {
            tokio::select! {
                _ = tries.tick() => {}
                () = stop.cancelled() => return,
            }
            let wire = match connect(&places).await {
                Ok(wire) => wire,
                Err(error) => {
                    tracing::debug!(%error, "a headless phone does not reach the gateway");
                    let words = format!("The gateway at {} can't be reached: {error:#}", places.socket);
                    self.change(|state| state.cannot_connect(words));
                    continue;
                }
            };
            let mut session = Session { handset: self, wire, peer: None, waiting: Vec::new(), moved: None };
            let end = session.run(&mut deeds, &stop).await;
            *locked(&self.ear) = None;
            self.change(|state| state.become_connected(false, now_ms()));
            match end {
                End::Left => {
                    session.wire.close().await;
                    return;
                }
                End::Refused(words) => {
                    self.change(|state| state.become_line(Line::Refused, Some(&words), now_ms()));
                    return;
                }
                End::Lost => {
                    if let Some(elsewhere) = session.moved {
                        places.socket = elsewhere;
                    }
                    self.change(|state| state.become_line(Line::Lost, None, now_ms()));
                }
            }
        }
    }
}

/// What the person's Telegram says of them, and then the gateway.
async fn connect(places: &Places) -> Result<Wire> {
    let url = format!("{}/sim/users/{}/init-data", places.telegram, places.user);
    let answer: Value = reqwest::get(url).await?.error_for_status()?.json().await?;
    let init_data = answer["init_data"].as_str().context("the emulated Telegram gives no init data")?;
    Wire::open(&places.socket, init_data).await
}

/// How a connection ended.
enum End {
    Left,
    Lost,
    Refused(String),
}

/// One connection to the gateway.
struct Session<'a> {
    handset: &'a Handset,
    wire: Wire,
    peer: Option<Peer>,
    /// Frames that wait for the sound.
    waiting: Vec<Value>,
    /// Where the gateway says that this person's phones belong.
    moved: Option<String>,
}

/// What happened first.
enum Next {
    Heard(Heard),
    Deed(Option<Deed>),
    Pulse,
    Sound(Result<()>),
    Stop,
}

impl Session<'_> {
    async fn run(&mut self, deeds: &mut mpsc::Receiver<Deed>, stop: &CancellationToken) -> End {
        let mut pulse = interval(PULSE);
        loop {
            let next = tokio::select! {
                heard = self.wire.next() => Next::Heard(heard),
                deed = deeds.recv() => Next::Deed(deed),
                _ = pulse.tick() => Next::Pulse,
                result = next_sound(&mut self.peer, self.handset) => Next::Sound(result),
                () = stop.cancelled() => Next::Stop,
            };
            let done = match next {
                Next::Heard(Heard::Frame(frame)) => self.heard(&frame).await,
                Next::Heard(Heard::Closed(Some(words))) => return End::Refused(words),
                Next::Heard(Heard::Closed(None)) => return End::Lost,
                Next::Deed(Some(Deed::Leave)) | Next::Deed(None) | Next::Stop => return End::Left,
                Next::Deed(Some(Deed::Send(frame))) => self.wire.send(&frame).await,
                Next::Deed(Some(Deed::SendWithSound(frame))) => self.send_with_sound(frame).await,
                Next::Pulse => self.wire.send(&json!({"type": "ping"})).await,
                Next::Sound(result) => {
                    self.sounded(result);
                    Ok(())
                }
            };
            if done.is_err() {
                return End::Lost;
            }
        }
    }

    async fn heard(&mut self, frame: &Value) -> Result<()> {
        match frame["type"].as_str().unwrap_or_default() {
            "media" => return self.media(frame["answer"].as_str().unwrap_or_default()).await,
            "candidate" => {
                if let Some(peer) = &mut self.peer {
                    peer.candidate(frame["candidate"].as_str().unwrap_or_default());
                }
            }
            "error" if frame["of"] == "media" => self.drop_sound(),
            "bye" => self.moved = frame["url"].as_str().map(str::to_owned),
            _ => {}
        }
        self.handset.change(|state| state.hear(frame, now_ms()));
        if frame["type"] == "ready" {
            // What was talked before the connection was lost is taken up again.
            let talked = locked(&self.handset.state).interrupted().map(str::to_owned);
            if let Some(call) = talked {
                return self.send_with_sound(json!({"type": "answer", "call": call})).await;
            }
        }
        Ok(())
    }

    async fn media(&mut self, answer: &str) -> Result<()> {
        let Some(peer) = &mut self.peer else { return Ok(()) };
        if let Err(error) = peer.answered(answer, &self.handset.ear) {
            self.drop_sound();
            self.handset.change(|state| {
                state.fails(&format!("The gateway's answer does not fit: {error}"), now_ms())
            });
            return Ok(());
        }
        for frame in std::mem::take(&mut self.waiting) {
            self.wire.send(&frame).await?;
        }
        Ok(())
    }

    async fn send_with_sound(&mut self, frame: Value) -> Result<()> {
        if self.peer.as_ref().is_some_and(|peer| peer.is_answered() && peer.path() != Path::Gone) {
            return self.wire.send(&frame).await;
        }
        self.waiting.push(frame);
        if self.peer.as_ref().is_none_or(|peer| peer.path() == Path::Gone) {
            let (peer, offer) = Peer::offer().await?;
            self.peer = Some(peer);
            self.wire.send(&json!({"type": "media", "offer": offer})).await?;
        }
        Ok(())
    }

    fn sounded(&mut self, result: Result<()>) {
        if let Err(error) = result {
            self.drop_sound();
            self.handset.change(|state| state.fails(&format!("The sound broke: {error}"), now_ms()));
            return;
        }
        let connected = self.peer.as_ref().is_some_and(|peer| peer.path() == Path::Connected);
        self.handset.change(|state| state.become_connected(connected, now_ms()));
    }

    fn drop_sound(&mut self) {
        self.peer = None;
        self.waiting.clear();
        *locked(&self.handset.ear) = None;
        self.handset.change(|state| state.become_connected(false, now_ms()));
    }
}

/// The next thing that sound needs done; never, while there is none.
async fn next_sound(peer: &mut Option<Peer>, handset: &Handset) -> Result<()> {
    match peer {
        Some(peer) => peer.next(&handset.voice, &handset.ear).await,
        None => std::future::pending().await,
    }
}
