//! One socket: hello, then frames both ways until one side goes.

use super::frames::{ByeReason, ClientFrame, ServerFrame};
use super::server::Door;
use super::words::{Trouble, language};
use super::{PhoneEvent, PhoneLink, init_data};
use crate::call::ids::PhoneId;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use domain::person::Language;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

/// How long a phone may take to say hello.
const HELLO: Duration = Duration::from_secs(10);

/// A phone that says nothing for so long is taken for gone.
const SILENCE: Duration = Duration::from_secs(60);

/// Frames that wait to be written. A phone that does not read for so long is let go; it comes back and is told anew.
const QUEUE: usize = 256;

/// Frames a second that a phone may send on average, and how many at once.
const RATE: (f64, f64) = (20.0, 60.0);

/// A socket before anybody was let in.
pub(super) struct Let {
    pub(super) door: Arc<Door>,
    pub(super) number: u64,
}

/// Why a socket is closed (docs/phone.md).
mod close {
    pub(super) const NORMAL: u16 = 1000;
    pub(super) const NO_FRAME: u16 = 4400;
    pub(super) const NOT_LET_IN: u16 = 4401;
    pub(super) const NO_HELLO: u16 = 4408;
    pub(super) const REPLACED: u16 = 4409;
}

pub(super) async fn run(mut socket: WebSocket, at: Let) {
    let code = talk(&mut socket, &at).await;
    let frame = CloseFrame { code, reason: "".into() };
    // Whoever is gone need not be told.
    _ = socket.send(Message::Close(Some(frame))).await;
}

async fn talk(socket: &mut WebSocket, at: &Let) -> u16 {
    let hello = match timeout(HELLO, next(socket)).await {
        Ok(Said::Frame(ClientFrame::Hello { version: 1, init_data, language })) => (init_data, language),
        Ok(Said::Gone) => return close::NORMAL,
        Ok(Said::Frame(_) | Said::Nonsense) => {
            refuse(socket, "hello", Trouble::NotUnderstood, Language::En).await;
            return close::NOT_LET_IN;
        }
        Err(_) => return close::NO_HELLO,
    };
    let (init_data, wanted) = hello;
    let visitor = match init_data::check(&init_data, &at.door.token, at.door.clock.now()) {
        Ok(visitor) => visitor,
        Err(why) => {
            tracing::debug!(%why, "a phone was not let in");
            metrics::counter!("tandem_phone_refused_total").increment(1);
            refuse(socket, "hello", Trouble::NotLetIn, language(wanted.as_deref())).await;
            return close::NOT_LET_IN;
        }
    };
    let speaks = language(wanted.as_deref().or(visitor.language.as_deref()));
    let (frames, outgoing) = mpsc::channel(QUEUE);
    let phone = PhoneId(at.number);
    let link = PhoneLink { phone, user: visitor.user, name: visitor.name, language: speaks, frames };
    if at.door.events.send(PhoneEvent::Opened(link)).await.is_err() {
        return close::NORMAL;
    }
    let code = exchange(socket, at, phone, speaks, outgoing).await;
    _ = at.door.events.send(PhoneEvent::Closed { phone }).await;
    code
}

/// Frames both ways.
async fn exchange(
    socket: &mut WebSocket,
    at: &Let,
    phone: PhoneId,
    speaks: Language,
    mut outgoing: mpsc::Receiver<ServerFrame>,
) -> u16 {
    let mut budget = Budget { left: RATE.1, at: Instant::now() };
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            frame = outgoing.recv() => {
                let Some(frame) = frame else { return close::NORMAL };
                if !write(socket, &frame).await {
                    return close::NORMAL;
                }
                if let ServerFrame::Bye { reason, .. } = frame {
                    return if reason == ByeReason::Replaced { close::REPLACED } else { close::NORMAL };
                }
            }
            said = next(socket) => {
                heard = Instant::now();
                let frame = match said {
                    Said::Frame(frame) => frame,
                    Said::Gone => return close::NORMAL,
                    Said::Nonsense => {
                        refuse(socket, "frame", Trouble::NotUnderstood, speaks).await;
                        return close::NO_FRAME;
                    }
                };
                if !budget.spend(heard) {
                    refuse(socket, frame.name(), Trouble::TooFast, speaks).await;
                    continue;
                }
                if let ClientFrame::Ping {} = frame {
                    if !write(socket, &ServerFrame::Pong {}).await {
                        return close::NORMAL;
                    }
                    continue;
                }
                if at.door.events.send(PhoneEvent::Said { phone, frame }).await.is_err() {
                    return close::NORMAL;
                }
            }
            () = tokio::time::sleep_until(heard + SILENCE) => return close::NORMAL,
        }
    }
}

enum Said {
    Frame(ClientFrame),
    Nonsense,
    Gone,
}

async fn next(socket: &mut WebSocket) -> Said {
    loop {
        match socket.recv().await {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map_or(Said::Nonsense, Said::Frame);
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Said::Nonsense,
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Said::Gone,
        }
    }
}

async fn write(socket: &mut WebSocket, frame: &ServerFrame) -> bool {
    let Ok(text) = serde_json::to_string(frame) else { return true };
    matches!(timeout(HELLO, socket.send(Message::Text(text.into()))).await, Ok(Ok(())))
}

async fn refuse(socket: &mut WebSocket, of: &'static str, trouble: Trouble, speaks: Language) {
    let words = trouble.words(speaks).to_owned();
    write(socket, &ServerFrame::Error { of, call: None, code: Some(trouble.code()), words }).await;
}

/// A bucket of frames.
struct Budget {
    left: f64,
    at: Instant,
}

impl Budget {
    fn spend(&mut self, now: Instant) -> bool {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * RATE.0;
        (self.left, self.at) = ((self.left + earned).min(RATE.1), now);
        let may = self.left >= 1.0;
        if may {
            self.left -= 1.0;
        }
        may
    }
}
