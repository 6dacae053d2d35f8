//! A person's Telegram app for tests: the emulator's socket, with the key exchange left to whoever cares for it.

use crate::stage::Stage;
use base64::{Engine, prelude::BASE64_STANDARD};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connected app.
pub(crate) struct Device {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What every app of these tests can speak.
pub(crate) fn protocol() -> Value {
    json!({"min_layer": 92, "max_layer": 92, "udp_p2p": true, "udp_reflector": true,
        "library_versions": ["13.0.0", "9.0.0"]})
}

/// That many equal bytes, as they go over the socket.
pub(crate) fn bytes(byte: u8, count: usize) -> Value {
    BASE64_STANDARD.encode(vec![byte; count]).into()
}

impl Device {
    /// Connects, and reads the greeting.
    pub(crate) async fn of(stage: &Stage, person: &str) -> Self {
        let url = format!("{}/sim/users/{person}/device", stage.url.replacen("http", "ws", 1));
        let (socket, _) = connect_async(url).await.unwrap();
        let mut device = Self { socket };
        device.hears("ready").await;
        device
    }

    pub(crate) async fn says(&mut self, what: Value) {
        self.socket.send(Message::text(what.to_string())).await.unwrap();
    }

    /// The next frame, which has to be of this type.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        let frame = timeout(PATIENCE, self.socket.next()).await;
        let frame = frame.unwrap_or_else(|_| panic!("waited for {kind} in vain")).unwrap().unwrap();
        let heard: Value = serde_json::from_str(frame.to_text().unwrap()).unwrap();
        assert_eq!(heard["type"], kind, "{heard}");
        heard
    }

    /// Calls somebody; gives the call.
    pub(crate) async fn calls(&mut self, to: &str) -> Value {
        let request = json!({"type": "request", "to": to, "g_a_hash": bytes(1, 32), "protocol": protocol()});
        self.says(request).await;
        self.hears("waiting").await["call"].clone()
    }
}
