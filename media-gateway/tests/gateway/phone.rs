//! Ivan's phone: the protocol of docs/phone.md over a real WebSocket.

use crate::place::until;
use crate::sound::{Ear, Peer};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// What the phone says into calls.
pub(crate) const VOICE: f32 = 440.0;

/// Connections that a phone tries before it gives up.
const CONNECTIONS: usize = 4;

pub(crate) struct Phone {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) ready: Value,
    ear: Ear,
    sound: DropGuard,
}

impl Phone {
    pub(crate) async fn open(address: SocketAddr, init_data: &str) -> Self {
        let (mut socket, ready) = Self::hello(address, init_data).await;
        assert_eq!(ready["type"], "ready", "{ready}");
        let (ear, sound) = connect(&mut socket).await;
        Self { socket, ready, ear, sound }
    }

    /// Says hello; gives the answer, whatever it is.
    pub(crate) async fn hello(
        address: SocketAddr,
        init_data: &str,
    ) -> (WebSocketStream<MaybeTlsStream<TcpStream>>, Value) {
        let (mut socket, _) = connect_async(format!("ws://{address}/phone/socket")).await.expect("a socket");
        send(&mut socket, json!({"type": "hello", "version": 1, "init_data": init_data})).await;
        let answer = frame(&mut socket).await;
        (socket, answer)
    }

    pub(crate) async fn says(&mut self, frame: Value) {
        send(&mut self.socket, frame).await;
    }

    /// Waits until a call is in this state; the call, whole.
    pub(crate) async fn sees(&mut self, state: &str) -> Value {
        loop {
            let call = next(&mut self.socket, "call").await;
            if call["state"] == state {
                return call;
            }
            assert_ne!(call["state"], "ended", "waiting for {state}: {call}");
        }
    }

    pub(crate) async fn is_told(&mut self, kind: &str) -> Value {
        next(&mut self.socket, kind).await
    }

    /// Waits until a tone of this frequency is heard. On a machine that stands still for a moment the connection may be lost;
    /// then the phone makes another, as the web phone does.
    pub(crate) async fn hears(&mut self, hertz: f32) {
        for _ in 0..CONNECTIONS {
            let ear = self.ear.clone();
            let heard = until(async || ear.hertz().filter(|heard| (heard - hertz).abs() < 15.0));
            if tokio::time::timeout(Duration::from_secs(8), heard).await.is_ok() {
                return;
            }
            (self.ear, self.sound) = connect(&mut self.socket).await;
        }
        panic!("{hertz} Hz is not heard");
    }

    /// Waits until this frequency is heard no longer.
    pub(crate) async fn hears_no(&self, hertz: f32) {
        let ear = self.ear.clone();
        until(async || ear.hertz().is_none_or(|heard| (heard - hertz).abs() > 15.0).then_some(())).await;
    }
}

/// Makes a connection for sound; it ends with the guard.
async fn connect(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> (Ear, DropGuard) {
    let (peer, offer) = Peer::offer(VOICE).await;
    send(socket, json!({"type": "media", "offer": offer})).await;
    let answer = next(socket, "media").await["answer"].as_str().expect("SDP").to_owned();
    let (ear, stop) = (peer.ear(), CancellationToken::new());
    let stopped = stop.clone();
    TaskTracker::new().spawn(async move { stopped.run_until_cancelled(peer.run(&answer)).await });
    (ear, stop.drop_guard())
}

async fn send(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>, frame: Value) {
    socket.send(Message::text(frame.to_string())).await.expect("sent");
}

async fn next(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>, kind: &str) -> Value {
    loop {
        let frame = frame(socket).await;
        if frame["type"] == kind {
            return frame;
        }
        assert_ne!(frame["type"], "error", "waiting for {kind}: {frame}");
    }
}

async fn frame(socket: &mut WebSocketStream<MaybeTlsStream<TcpStream>>) -> Value {
    let said = tokio::time::timeout(Duration::from_secs(20), socket.next()).await.expect("in time");
    match said {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
        other => panic!("the gateway said {other:?}"),
    }
}
