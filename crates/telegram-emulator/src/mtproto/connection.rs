//! One connection of a client: reads requests, answers them in order, and brings updates.

use super::{
    cipher::{AuthKey, KeyId},
    delivery::int,
    keys::Push,
    methods::{self, Caller, Outcome, Reply},
    packet::{self, Message, Numbers, Packet},
    transport::{Inbox, Outbox},
};
use crate::{calls::refused::Refused, fault::Fault, telegram::Telegram};
use grammers_tl_types as tl;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tl::{Deserializable, Identifiable, Serializable, functions as f};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// `rpc_result`
const RESULT: u32 = 0xf35c_6d01;
/// `rpc_error`
const ERROR: u32 = 0x2144_ca19;
/// Error 48: a salt that is not the server's. <https://core.telegram.org/mtproto/service_messages_about_messages>
const BAD_SALT: i32 = 48;
/// "Unknown key", as the transport says it.
const UNKNOWN_KEY: i32 = -404;
/// A salt that comes after today's, in seconds from now: there is no need for a second one while tests run.
const NEXT_SALT: i64 = 10 * 365 * 86_400;

/// Why a connection ends.
struct Over;

struct Line {
    caller: Caller,
    auth: AuthKey,
    salt: i64,
    session: i64,
    stream: TcpStream,
    inbox: Inbox,
    outbox: Outbox,
    numbers: Numbers,
    /// For answers that come later. Weak, so that whoever cuts this line can close it.
    later: mpsc::WeakSender<Push>,
}

/// Serves a connection until one of the two ends it.
pub(super) async fn serve(telegram: Arc<Telegram>, mut stream: TcpStream) {
    let mut inbox = Inbox::default();
    let Some(first) = first_packet(&telegram, &mut stream, &mut inbox).await else { return };
    let Some(id) = first.first_chunk::<8>().copied() else { return };
    let known = {
        let mut keys = telegram.keys();
        let known = keys.get(id).map(|key| (key.auth.clone(), key.salt));
        known.zip(keys.connect(id))
    };
    let Some(((auth, salt), (line, pushes))) = known else {
        refuse(&telegram, &mut stream, id).await;
        return;
    };
    let later = pushes.1;
    let caller = Caller { telegram: Arc::clone(&telegram), key: id, line };
    let (outbox, numbers) = Default::default();
    let mut line = Line { caller, auth, salt, session: 0, stream, inbox, outbox, numbers, later };
    // Whichever way it ended, it is over.
    let _ = line.converse(first, pushes.0).await;
    telegram.keys().disconnect(id, line.caller.line);
}

async fn first_packet(telegram: &Telegram, stream: &mut TcpStream, inbox: &mut Inbox) -> Option<Vec<u8>> {
    loop {
        if let Some(payload) = inbox.next().ok()? {
            return Some(payload);
        }
        tokio::select! {
            read = stream.read_buf(&mut inbox.buffer) => if read.ok()? == 0 { return None },
            () = telegram.stop.cancelled() => return None,
        }
    }
}

/// A key that this Telegram has not given out; keys are not agreed on over the wire.
async fn refuse(telegram: &Telegram, stream: &mut TcpStream, id: KeyId) {
    if id == KeyId::default() {
        let at = telegram.look(|_, now| now);
        let what = "keys are not agreed on here: take one from /sim/mtproto";
        telegram.records().violation(at, None, "req_pq_multi", what);
    }
    // It is closed after this in any case.
    let _ = stream.write_all(&Outbox::default().frame(&UNKNOWN_KEY.to_le_bytes())).await;
}

impl Line {
    async fn converse(&mut self, first: Vec<u8>, mut pushes: mpsc::Receiver<Push>) -> Result<(), Over> {
        self.packet(&first).await?;
        loop {
            while let Some(payload) = self.inbox.next().map_err(|_| Over)? {
                self.packet(&payload).await?;
            }
            let telegram = Arc::clone(&self.caller.telegram);
            tokio::select! {
                read = self.stream.read_buf(&mut self.inbox.buffer) => match read {
                    Ok(0) | Err(_) => return Err(Over),
                    Ok(_) => (),
                },
                push = pushes.recv() => match push {
                    Some(Push::Update(body)) => self.send(&body, false).await?,
                    Some(Push::Answer(to, outcome)) => self.send(&result(to, &outcome), true).await?,
                    Some(Push::Cut) | None => return Err(Over),
                },
                () = telegram.stop.cancelled() => return Err(Over),
            }
        }
    }

    async fn packet(&mut self, payload: &[u8]) -> Result<(), Over> {
        let plain = self.auth.open(payload).ok_or(Over)?;
        let packet = packet::read(&plain).ok_or(Over)?;
        if packet.salt != self.salt {
            self.session = packet.session;
            return self.bad_salt(&packet).await;
        }
        if std::mem::replace(&mut self.session, packet.session) != packet.session {
            let created = tl::types::NewSessionCreated {
                first_msg_id: packet.id,
                unique_id: packet.session,
                server_salt: self.salt,
            };
            self.send(&tl::enums::NewSession::from(created).to_bytes(), false).await?;
        }
        for message in packet.messages {
            self.message(message).await?;
        }
        Ok(())
    }

    async fn bad_salt(&mut self, packet: &Packet) -> Result<(), Over> {
        let bad = tl::types::BadServerSalt {
            bad_msg_id: packet.id,
            bad_msg_seqno: packet.number,
            error_code: BAD_SALT,
            new_server_salt: self.salt,
        };
        self.send(&tl::enums::BadMsgNotification::from(bad).to_bytes(), false).await
    }

    /// The messages that are about messages; all others are requests.
    async fn message(&mut self, message: Message) -> Result<(), Over> {
        let rest = &message.body[4..];
        match packet::constructor(&message.body) {
            Some(tl::types::MsgsAck::CONSTRUCTOR_ID) => Ok(()),
            Some(f::Ping::CONSTRUCTOR_ID) => {
                let ping = f::Ping::from_bytes(rest).map_err(|_| Over)?;
                self.pong(message.id, ping.ping_id).await
            }
            Some(f::PingDelayDisconnect::CONSTRUCTOR_ID) => {
                let ping = f::PingDelayDisconnect::from_bytes(rest).map_err(|_| Over)?;
                self.pong(message.id, ping.ping_id).await
            }
            Some(f::GetFutureSalts::CONSTRUCTOR_ID) => self.salts(message.id).await,
            Some(_) => self.request(message).await,
            None => Err(Over),
        }
    }

    async fn pong(&mut self, msg_id: i64, ping_id: i64) -> Result<(), Over> {
        let pong = tl::enums::Pong::from(tl::types::Pong { msg_id, ping_id });
        self.send(&pong.to_bytes(), true).await
    }

    async fn salts(&mut self, req_msg_id: i64) -> Result<(), Over> {
        let now = self.caller.telegram.machine_nanos() / 1_000_000_000;
        let salt = |from: i64, salt| tl::types::FutureSalt {
            valid_since: int(from),
            valid_until: int(from + 2 * NEXT_SALT),
            salt,
        };
        let salts = tl::RawVec(vec![salt(now - 1800, self.salt), salt(now + NEXT_SALT, self.salt ^ 1)]);
        let salts = tl::types::FutureSalts { req_msg_id, now: int(now), salts };
        self.send(&tl::enums::FutureSalts::from(salts).to_bytes(), true).await
    }

    async fn request(&mut self, message: Message) -> Result<(), Over> {
        let body = match methods::unwrapped(&self.caller, message.body) {
            Ok(body) => body,
            Err(refusal) => return self.answer(message.id, "", Err(refusal)).await,
        };
        let method = methods::name(&body);
        let fault = self.caller.telegram.faults().take_rpc(method);
        let cut = fault.as_ref().is_some_and(|fault| fault.drop_response);
        match fault {
            None => match methods::carry_out(&self.caller, &body) {
                Reply::Now(outcome) => self.answer(message.id, method, outcome).await,
                Reply::Later(outcome) => {
                    self.answer_later(message.id, method, outcome, cut);
                    Ok(())
                }
            },
            Some(fault) => {
                let outcome = spoilt(self.caller.clone(), body, fault);
                self.answer_later(message.id, method, outcome, cut);
                Ok(())
            }
        }
    }

    async fn answer(&mut self, to: i64, method: &str, outcome: Outcome) -> Result<(), Over> {
        record(&self.caller, method, &outcome);
        self.send(&result(to, &packed(outcome)), true).await
    }

    fn answer_later(
        &self,
        to: i64,
        method: &'static str,
        outcome: impl Future<Output = Outcome> + Send + 'static,
        cut: bool,
    ) {
        let (caller, later) = (self.caller.clone(), self.later.clone());
        let telegram = Arc::clone(&caller.telegram);
        telegram.tasks.spawn(async move {
            let stop = caller.telegram.stop.clone();
            let outcome = tokio::select! {
                outcome = outcome => outcome,
                () = stop.cancelled() => return,
            };
            record(&caller, method, &outcome);
            let push = if cut { Push::Cut } else { Push::Answer(to, packed(outcome)) };
            // Nobody waits for the answer when the connection is gone.
            if let Some(line) = later.upgrade() {
                let _ = line.send(push).await;
            }
        });
    }

    async fn send(&mut self, body: &[u8], is_answer: bool) -> Result<(), Over> {
        let now = self.caller.telegram.machine_nanos();
        let plain = self.numbers.write(self.salt, self.session, body, is_answer, now);
        let frame = self.outbox.frame(&self.auth.seal(plain));
        self.stream.write_all(&frame).await.map_err(|_| Over)
    }
}

/// A request that a test wants to fail, to take its time, or to lose its answer.
async fn spoilt(caller: Caller, body: Vec<u8>, fault: Fault) -> Outcome {
    sleep_until(Instant::now() + Duration::from_millis(fault.delay_ms)).await;
    if let Some(refusal) = fault.rpc_refusal() {
        return Err(refusal);
    }
    let outcome = match methods::carry_out(&caller, &body) {
        Reply::Now(outcome) => outcome,
        Reply::Later(outcome) => outcome.await,
    };
    sleep_until(Instant::now() + Duration::from_millis(fault.answer_delay_ms)).await;
    outcome
}

/// What a request's answer holds.
fn packed(outcome: Outcome) -> Vec<u8> {
    outcome.unwrap_or_else(|Refused { code, name }| {
        let mut error = ERROR.to_bytes();
        code.serialize(&mut error);
        name.into_owned().serialize(&mut error);
        error
    })
}

fn result(to: i64, answer: &[u8]) -> Vec<u8> {
    [&RESULT.to_le_bytes()[..], &to.to_le_bytes(), answer].concat()
}

/// Notes a call of a method, without what was in it. Signalling is left out: it would push out all else.
fn record(caller: &Caller, method: &str, outcome: &Outcome) {
    if method == "phone.sendSignalingData" && outcome.is_ok() {
        return;
    }
    let at = caller.telegram.look(|_, now| now);
    let user = caller.telegram.keys().user(caller.key).map(|(user, _)| user);
    let mut call = json!({"at": at, "user": user, "method": method, "ok": outcome.is_ok()});
    if let Err(refusal) = outcome {
        call["error_code"] = refusal.code.into();
        call["description"] = refusal.name.clone().into();
    }
    caller.telegram.records().call(call);
}
