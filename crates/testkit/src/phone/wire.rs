//! The WebSocket to the gateway: JSON frames in, JSON frames out.

use anyhow::{Context as _, Result};
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The gateway's word that a phone is not let in. docs/phone.md, closing codes.
const NOT_LET_IN: u16 = 4401;

/// An open connection.
pub(super) struct Wire {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What comes from the gateway.
pub(super) enum Heard {
    Frame(Value),
    /// The connection is over; the words are there where the gateway does not let this phone in.
    Closed(Option<String>),
}

impl Wire {
    /// Connects and says hello.
    ///
    /// # Errors
    ///
    /// Nobody answers there.
    pub(super) async fn open(address: &str, init_data: &str) -> Result<Self> {
        let (socket, _) = connect_async(address).await.with_context(|| format!("connect to {address}"))?;
        let mut wire = Self { socket };
        wire.send(&json!({"type": "hello", "version": 1, "init_data": init_data})).await?;
        Ok(wire)
    }

    /// # Errors
    ///
    /// The connection is gone.
    pub(super) async fn send(&mut self, frame: &Value) -> Result<()> {
        self.socket.send(Message::text(frame.to_string())).await.context("send to the gateway")
    }

    /// The next frame. Safe to be dropped while it waits.
    pub(super) async fn next(&mut self) -> Heard {
        loop {
            let message = match self.socket.next().await {
                Some(Ok(message)) => message,
                Some(Err(_)) | None => return Heard::Closed(None),
            };
            match message {
                Message::Text(text) => {
                    if let Ok(frame) = serde_json::from_str(&text) {
                        return Heard::Frame(frame);
                    }
                }
                Message::Close(Some(close)) if u16::from(close.code) == NOT_LET_IN => {
                    return Heard::Closed(Some(close.reason.to_string()));
                }
                Message::Close(_) => return Heard::Closed(None),
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    /// Leaves as a closed page does.
    pub(super) async fn close(mut self) {
        // It may be gone already, which is what is wanted.
        let _ = self.socket.close(None).await;
    }
}
