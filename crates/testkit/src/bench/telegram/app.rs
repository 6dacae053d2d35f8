//! A person's Telegram app at the other side of a gateway: our protocol, so that a hundred of them cost little.

use super::super::media::load::FarEnd;
use super::process::{Line, Said, SignalLine};
use super::voice::{Ear, Mouth};
use crate::tools::clock::now;
use anyhow::Result;
use audio::codec::Codec;
use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;
use tgcalls::call::{Call, Config, Event, Input, Output};
use tgcalls::key::{CallKey, Role};
use tgcalls::version::Signalling;

pub(super) struct AppEnd {
    call: Call,
    socket: UdpSocket,
    local: SocketAddr,
    mouth: Mouth,
    ear: Ear,
    /// What the gateway says.
    line: Line,
    /// Hands it signalling.
    signal: SignalLine,
    sent: u64,
}

impl AppEnd {
    pub(super) fn new(
        role: Role,
        key: CallKey,
        (mouth, ear): (Mouth, Ear),
        line: Line,
        signal: SignalLine,
    ) -> Result<Self> {
        let config = Config { role, key, signalling: Signalling::V2, servers: Vec::new(), p2p: true };
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        let at = now();
        let mut call = Call::new(config, &mut rand::rng(), at);
        call.add_local(local, at);
        Ok(Self { call, socket, local, mouth, ear, line, signal, sent: 0 })
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Signal(packet) => (self.signal)(&packet),
                Output::Event(Event::Sound { payload, .. }) => {
                    if !payload.is_empty() {
                        self.ear.hear(Codec::Opus, &payload, now());
                    }
                }
                Output::Event(
                    Event::Connected
                    | Event::Interrupted
                    | Event::Resumed
                    | Event::FarMuted(_)
                    | Event::Failed(_),
                ) => {}
            }
        }
    }
}

impl FarEnd for AppEnd {
    fn turn(&mut self, now: Instant) {
        self.listen(now);
        if self.call.may_send() {
            let timestamp = (self.sent as u32).wrapping_mul(960);
            let payload = self.mouth.next();
            let sound = Input::Sound { payload, sequence: self.sent, timestamp, marker: self.sent == 0 };
            self.call.handle_input(sound, now);
            self.sent += 1;
            self.drain();
        }
    }

    fn listen(&mut self, now: Instant) {
        for packet in self.line.early.drain(..) {
            self.call.handle_input(Input::Signal(&packet), now);
        }
        while let Ok((_, said)) = self.line.said.try_recv() {
            if let Said::Signal(packet) = said {
                self.call.handle_input(Input::Signal(&packet), now);
            }
        }
        let mut buffer = [0; 2048];
        while let Ok((length, source)) = self.socket.recv_from(&mut buffer) {
            let input = Input::Datagram { source, destination: self.local, contents: &buffer[..length] };
            self.call.handle_input(input, now);
        }
        if self.call.poll_timeout().is_some_and(|at| at <= now) {
            self.call.handle_timeout(now);
        }
        self.drain();
    }

    fn counts(&self) -> (u64, u64) {
        (self.sent, 0)
    }
}
