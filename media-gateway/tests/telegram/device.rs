//! A person's Telegram app: the far end of a call, with its half of the key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::UserId;
use futures::{SinkExt as _, StreamExt as _};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use std::time::Duration;
use tgcalls::exchange::{Callee, Caller};
use tgcalls::group::Group;
use tgcalls::key::CallKey;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// One device.
pub(crate) struct Device {
    socket: Socket,
    group: Group,
    random: Vec<u8>,
}

/// What a device speaks.
fn protocol() -> Value {
    json!({"min_layer": 92, "max_layer": 92, "udp_p2p": true, "udp_reflector": true,
           "library_versions": ["13.0.0", "9.0.0", "8.0.0"]})
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().expect("base64")).expect("base64")
}

fn number(value: &Value) -> i64 {
    value.as_str().expect("a decimal string").parse().expect("a decimal string")
}

impl Device {
    pub(crate) async fn connect(url: &str, user: UserId) -> Self {
        let url = format!("{}/sim/users/{user}/device", url.replace("http://", "ws://"));
        let (mut socket, _) = connect_async(url).await.expect("a device connects");
        let ready = next(&mut socket, "ready").await;
        let g = i32::try_from(ready["dh"]["g"].as_i64().expect("a number")).expect("a small number");
        let group = Group::new(g, &bytes(&ready["dh"]["p"])).expect("Telegram's group");
        Self { socket, group, random: bytes(&ready["dh"]["random"]) }
    }

    /// The next frame, which has to be of this type.
    pub(crate) async fn hears(&mut self, kind: &str) -> Value {
        next(&mut self.socket, kind).await
    }

    pub(crate) async fn says(&mut self, what: Value) {
        self.socket.send(Message::text(what.to_string())).await.expect("sent");
    }

    /// Rings: the call's name.
    pub(crate) async fn rings(&mut self) -> (Value, Vec<u8>) {
        let requested = self.hears("requested").await;
        self.says(json!({"type": "received", "call": requested["call"]})).await;
        (requested["call"].clone(), bytes(&requested["g_a_hash"]))
    }

    /// Takes a call that rings; gives what begins when the caller has confirmed.
    pub(crate) async fn takes(&mut self, call: &Value, commitment: &[u8]) -> Callee {
        let commitment = commitment.try_into().expect("32 bytes");
        let half = Callee::new(self.group.clone(), &self.random, commitment, &mut StdRng::seed_from_u64(3));
        let g_b = STANDARD.encode(half.public_value());
        self.says(json!({"type": "accept", "call": call, "g_b": g_b, "protocol": protocol()})).await;
        half
    }

    /// The key of a call that was taken, once the caller has confirmed it.
    pub(crate) async fn agrees(&mut self, half: Callee) -> (CallKey, Value) {
        let call = self.hears("call").await;
        let agreed = half.confirm(&bytes(&call["g_a_or_b"]), number(&call["fingerprint"]));
        (agreed.expect("the caller's value").key, call)
    }

    /// Calls somebody; gives its half of the key.
    pub(crate) async fn calls(&mut self, to: &str) -> Caller {
        let half = Caller::new(self.group.clone(), &self.random, &mut StdRng::seed_from_u64(4));
        let hash = STANDARD.encode(half.commitment());
        self.says(json!({"type": "request", "to": to, "g_a_hash": hash, "protocol": protocol()})).await;
        half
    }

    /// Confirms a call that the far side took.
    pub(crate) async fn confirms(&mut self, half: Caller) -> (CallKey, Value) {
        let accepted = self.hears("accepted").await;
        let agreed = half.accept(&bytes(&accepted["g_b"])).expect("a strong value");
        let (g_a, fingerprint) = (STANDARD.encode(agreed.g_a), agreed.key.fingerprint().to_string());
        let call = accepted["call"].clone();
        self.says(json!({"type": "confirm", "call": call, "g_a": g_a, "fingerprint": fingerprint})).await;
        let call = self.hears("call").await;
        (agreed.key, call["call"].clone())
    }

    pub(crate) async fn signals(&mut self, call: &Value, data: &[u8]) {
        self.says(json!({"type": "signal", "call": call, "data": STANDARD.encode(data)})).await;
    }

    pub(crate) async fn hears_signal(&mut self) -> Vec<u8> {
        bytes(&self.hears("signal").await["data"])
    }

    pub(crate) async fn discards(&mut self, call: &Value, reason: &str) {
        self.says(json!({"type": "discard", "call": call, "reason": reason})).await;
        self.hears("discarded").await;
    }

    /// The reason with which the far side ended the call.
    pub(crate) async fn hears_the_end(&mut self) -> String {
        self.hears("discarded").await["reason"].as_str().unwrap_or_default().to_owned()
    }
}

async fn next(socket: &mut Socket, kind: &str) -> Value {
    let frame = timeout(Duration::from_secs(20), socket.next()).await;
    let frame = frame.unwrap_or_else(|_| panic!("waited for `{kind}`")).expect("connected").expect("a frame");
    let frame: Value = serde_json::from_str(frame.to_text().expect("text")).expect("JSON");
    assert_eq!(frame["type"], kind, "{frame}");
    frame
}
