//! A person's Telegram app as a program plays it, over a WebSocket: phone calls with their key exchange and signalling.
//! `docs/emulator.md`, "Devices", is its contract.

use super::{Refusal, Shared, Who};
use crate::{
    calls::{
        Asked, Notice,
        call::{Active, Call, Connection, Endpoint, Protocol, Reason, Role, Stage},
        refused::{self, Refused},
    },
    dh,
    telegram::Telegram,
    world::chat::refused as not_so,
};
use axum::{
    extract::{
        Path, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, header},
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Largest frame. A signalling packet has 16 KiB at most, and base64 adds a third.
const FRAME: usize = 256 * 1024;

/// What a device says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Said {
    Received { call: Id },
    Accept { call: Id, g_b: Octets, protocol: Protocol },
    Request { to: Who, g_a_hash: Octets, protocol: Protocol },
    Confirm { call: Id, g_a: Octets, fingerprint: Id },
    Signal { call: Id, data: Octets },
    Discard { call: Id, reason: Reason },
}

/// A 64-bit number, written as a decimal string since JavaScript cannot hold it.
#[derive(Debug, Clone, Copy)]
struct Id(i64);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// Bytes, written in base64.
#[derive(Debug)]
struct Octets(Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// `GET /sim/users/{id}/device`
pub(crate) async fn connect(
    State(telegram): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    // Browsers let any page open sockets to any address; only this server's own page may act here.
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if origin.is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host)) {
        return Err(not_so("a page from elsewhere is no device").into());
    }
    let user = telegram.look(|world, _| world.person(&id))?;
    Ok(upgrade.max_message_size(FRAME).on_upgrade(move |socket| serve(telegram, user, socket)))
}

async fn serve(telegram: Arc<Telegram>, user: i64, mut socket: WebSocket) {
    let (app, mut notices) = telegram.open_app(user);
    if say(&mut socket, &ready(&telegram, user)).await {
        converse(&telegram, user, app, &mut socket, &mut notices).await;
    }
    telegram.close_app(app);
}

async fn converse(
    telegram: &Telegram,
    user: i64,
    app: Endpoint,
    socket: &mut WebSocket,
    notices: &mut mpsc::Receiver<Notice>,
) {
    loop {
        let answer = tokio::select! {
            frame = socket.recv() => match frame {
                Some(Ok(Message::Text(text))) => hear(telegram, user, app, &text),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => None,
                Some(Ok(Message::Binary(_))) => Some(error("", &Refused::new(400, "NOT_TEXT"))),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            },
            notice = notices.recv() => match notice {
                Some(notice) => Some(telegram.look(|world, _| shown(&notice, user, |id| world.title(id)))),
                None => return,
            },
            () = telegram.stop.cancelled() => return,
        };
        if let Some(answer) = answer
            && !say(socket, &answer).await
        {
            return;
        }
    }
}

async fn say(socket: &mut WebSocket, what: &Value) -> bool {
    socket.send(Message::Text(what.to_string().into())).await.is_ok()
}

fn ready(telegram: &Telegram, user: i64) -> Value {
    let name = telegram.look(|world, _| world.title(user));
    json!({
        "type": "ready", "user": {"id": user, "name": name},
        "dh": {"g": dh::G, "p": BASE64_STANDARD.encode(dh::prime()), "random": BASE64_STANDARD.encode(dh::random())},
    })
}

/// Carries out what a device says; gives what it is told at once.
fn hear(telegram: &Telegram, user: i64, app: Endpoint, text: &str) -> Option<Value> {
    let said = serde_json::from_str::<Value>(text).unwrap_or_default();
    let of = said["type"].as_str().unwrap_or_default().to_owned();
    let outcome = match Said::deserialize(said) {
        Ok(said) => carry_out(telegram, app, said),
        Err(why) => {
            let mut answer = error(&of, &Refused::new(400, "NOT_UNDERSTOOD"));
            answer["why"] = why.to_string().into();
            return Some(answer);
        }
    };
    match outcome {
        Ok(None) => None,
        Ok(Some(call)) => Some(telegram.look(|world, _| call_shown(&call, user, |id| world.title(id)))),
        Err(refusal) => Some(error(&of, &refusal)),
    }
}

fn carry_out(telegram: &Telegram, app: Endpoint, said: Said) -> Result<Option<Call>, Refused> {
    telegram.act(|world, now| match said {
        Said::Received { call } => world.calls.received(app, call.0, now).map(|()| None),
        Said::Accept { call, g_b, protocol } => {
            // The device is told of its call when the caller has confirmed.
            world.calls.accept(app, call.0, g_b.0, protocol, now).map(|_| None)
        }
        Said::Request { to, g_a_hash, protocol } => {
            let callee = world.person(&to.text()).map_err(|_| refused::USER_ID)?;
            let asked = Asked { callee, video: false, g_a_hash: g_a_hash.0, protocol };
            world.calls.request(app, asked, now).map(Some)
        }
        Said::Confirm { call, g_a, fingerprint } => {
            world.calls.confirm(app, call.0, g_a.0, fingerprint.0, now).map(Some)
        }
        Said::Signal { call, data } => world.calls.signal(app, call.0, data.0).map(|()| None),
        Said::Discard { call, reason } => world.calls.discard(app, call.0, reason, now).map(Some),
    })
}

fn error(of: &str, refusal: &Refused) -> Value {
    json!({"type": "error", "of": of, "code": refusal.code, "text": refusal.name})
}

/// What a device is told.
fn shown(notice: &Notice, user: i64, name: impl Fn(i64) -> String) -> Value {
    match notice {
        Notice::Changed(call) => call_shown(call, user, name),
        Notice::Elsewhere(call) => {
            json!({"type": "discarded", "call": call.id.to_string(), "reason": "elsewhere"})
        }
        Notice::Signal { call, data } => {
            json!({"type": "signal", "call": call.to_string(), "data": BASE64_STANDARD.encode(data)})
        }
    }
}

fn call_shown(call: &Call, user: i64, name: impl Fn(i64) -> String) -> Value {
    let id = call.id.to_string();
    let caller = call.role(user) == Some(Role::Caller);
    match &call.stage {
        Stage::Requested if caller => {
            json!({"type": "waiting", "call": id, "ringing": call.received.is_some()})
        }
        Stage::Requested => json!({
            "type": "requested", "call": id, "from": {"id": call.caller, "name": name(call.caller)},
            "g_a_hash": BASE64_STANDARD.encode(&call.g_a_hash), "protocol": call.offered,
        }),
        Stage::Accepted { g_b, answered, .. } => json!({
            "type": "accepted", "call": id, "g_b": BASE64_STANDARD.encode(g_b), "protocol": answered,
        }),
        Stage::Active(active) => active_shown(id, caller, active),
        Stage::Discarded { reason, duration } => {
            let mut out = json!({"type": "discarded", "call": id});
            if let Some(reason) = reason {
                out["reason"] = json!(reason);
            }
            if let Some(seconds) = duration {
                out["duration"] = (*seconds).into();
            }
            out
        }
    }
}

fn active_shown(call: String, caller: bool, active: &Active) -> Value {
    let theirs = if caller { &active.g_b } else { &active.g_a };
    let connections = active.connections.iter().map(connection_shown).collect::<Vec<_>>();
    json!({
        "type": "call", "call": call, "g_a_or_b": BASE64_STANDARD.encode(theirs),
        "fingerprint": active.fingerprint.to_string(), "connections": connections,
        "p2p_allowed": active.p2p_allowed, "protocol": active.protocol,
    })
}

fn connection_shown(connection: &Connection) -> Value {
    match connection {
        Connection::Reflector { id, ip, port, peer_tag } => {
            let (ipv4, ipv6) =
                if ip.is_ipv4() { (ip.to_string(), String::new()) } else { (String::new(), ip.to_string()) };
            json!({
                "type": "reflector", "id": id.to_string(), "ip": ipv4, "ipv6": ipv6, "port": port,
                "peer_tag": BASE64_STANDARD.encode(peer_tag),
            })
        }
    }
}
