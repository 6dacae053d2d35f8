//! The reflector, as the media of two ends use it.

use crate::{
    device::{Device, bytes, protocol},
    stage::Stage,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{net::UdpSocket, time::timeout};

/// A port of a client that has announced itself.
struct Port {
    socket: UdpSocket,
    own: Vec<u8>,
}

impl Port {
    async fn open(connection: &Value, number: u8) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = format!("{}:{}", connection["ip"].as_str().unwrap(), connection["port"]);
        socket.connect(address).await.unwrap();
        let tag = BASE64_STANDARD.decode(connection["peer_tag"].as_str().unwrap()).unwrap();
        let port = Self { socket, own: [&tag[..12], &[number, 0, 0, 0]].concat() };
        let hello = [&port.own[..], &[0xff; 12], &[0xfe, 0xff, 0xff, 0xff], &123_u64.to_be_bytes()].concat();
        port.socket.send(&hello).await.unwrap();
        assert_eq!(&port.hears().await.unwrap()[16..28], &[0xff; 12]);
        port
    }

    async fn says(&self, to: &Self, words: &[u8]) -> Vec<u8> {
        let size = u32::try_from(words.len()).unwrap().to_be_bytes();
        let datagram = [&to.own[..], &self.own[12..], &size, words].concat();
        self.socket.send(&datagram).await.unwrap();
        datagram
    }

    async fn hears(&self) -> Option<Vec<u8>> {
        let mut buffer = [0; 2048];
        let received = timeout(Duration::from_secs(2), self.socket.recv(&mut buffer)).await.ok()?;
        received.ok().map(|length| buffer[..length].to_vec())
    }
}

#[tokio::test]
async fn two_ends_of_a_call_reach_each_other_through_it_until_it_is_told_to_lose_all() {
    let stage = Stage::set().await;
    let (mut olga, mut ivan) = (Device::of(&stage, "olga").await, Device::of(&stage, "ivan").await);
    let call = olga.calls("ivan").await;
    ivan.hears("requested").await;
    ivan.says(json!({"type": "accept", "call": call, "g_b": bytes(2, 256), "protocol": protocol()})).await;
    olga.hears("accepted").await;
    olga.says(json!({"type": "confirm", "call": call, "g_a": bytes(3, 256), "fingerprint": "1"})).await;
    let connections = olga.hears("call").await["connections"].clone();
    assert_eq!(ivan.hears("call").await["connections"], connections);
    let (hers, his) = (Port::open(&connections[0], 1).await, Port::open(&connections[0], 2).await);
    let sent = hers.says(&his, b"ping").await;
    assert_eq!(his.hears().await, Some(sent));
    let sent = his.says(&hers, b"pong").await;
    assert_eq!(hers.hears().await, Some(sent));
    stage.post("settings", json!({"reflector_loss": 1.0})).await;
    hers.says(&his, b"ping").await;
    assert_eq!(his.hears().await, None);
    let traffic = stage.get("traffic").await;
    assert_eq!((&traffic["reflected"], &traffic["reflector_lost"]), (&json!(2), &json!(1)), "{traffic}");
}
