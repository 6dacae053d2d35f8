//! [`TelegramPeer`]: a person's Telegram app, reached by a call of [`tgcalls`].

use super::addresses::Addresses;
use super::sockets::{self, Setup, Way};
use crate::media::error::EngineError;
use crate::media::event::Failure;
use crate::media::peer::{Datagram, Happening, Heard, Packet, Payload, Peer, Received, Wanted};
use crate::media::rtp::reception::Reception;
use crate::media::statistics::Statistics;
use audio::codec::Codec;
use bytes::Bytes;
use std::io::ErrorKind;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tgcalls::Transmit;
use tgcalls::call::{Call, Config, Event, Failure as CallFailure, Input, Output};

/// Of Opus in RTP.
const CLOCK: u32 = 48_000;
const PACKET_TIME: Duration = Duration::from_millis(20);

/// A call without a connection asks this often whether the machine is reached under other addresses.
const LOOK: Duration = Duration::from_secs(2);

/// A person's Telegram app as a far side of the engine: one call of [`tgcalls`].
pub struct TelegramPeer {
    call: Call,
    ways: Vec<Way>,
    addresses: Addresses,
    look_at: Instant,
    /// The system has refused to send: its network may be another now.
    is_refused: bool,
    state: State,
    far_muted: bool,
    /// When the call wants to be woken; asked anew after each change.
    due: Due,
    received: u64,
    sent: u64,
    reception: Option<Reception>,
    /// What was learned while sending or before the start, for the next tick.
    pending: Heard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Connecting,
    Connected,
    /// The connection is gone and sought again.
    Interrupted,
    Over,
}

#[derive(Debug, Clone, Copy)]
enum Due {
    At(Instant),
    Never,
    Unknown,
}

impl TelegramPeer {
    /// Begins a call whose key both ends have: opens its sockets and makes its first signalling messages, which are told
    /// with its first tick.
    ///
    /// # Errors
    ///
    /// No address or port is free, or the system refuses sockets.
    pub fn new(call: Config, setup: &Setup, now: Instant) -> Result<Self, EngineError> {
        let ways = sockets::open(setup, now)?;
        let mut call = Call::new(call, &mut rand::rng(), now);
        for told in ways.iter().flat_map(|way| &way.told) {
            call.add_local(*told, now);
        }
        let mut peer = Self {
            call,
            ways,
            addresses: setup.addresses.clone(),
            look_at: now + LOOK,
            is_refused: false,
            state: State::Connecting,
            far_muted: false,
            due: Due::Unknown,
            received: 0,
            sent: 0,
            reception: None,
            pending: Heard::default(),
        };
        let mut pending = Heard::default();
        peer.drain(now, &mut pending);
        peer.pending = pending;
        Ok(peer)
    }

    /// Everything that the call has to say or send.
    fn drain(&mut self, now: Instant, heard: &mut Heard) {
        self.due = Due::Unknown;
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Transmit(transmit) => self.transmit(&transmit),
                Output::Signal(packet) => {
                    if self.state != State::Over {
                        heard.happenings.push(Happening::Signal(packet.into()));
                    }
                }
                Output::Event(event) => self.take(event, now, heard),
            }
        }
    }

    fn transmit(&mut self, transmit: &Transmit) {
        let known = self.ways.iter().find(|way| way.told.contains(&transmit.source));
        // UDP may lose it here as well as anywhere else.
        let sent = known.map(|way| way.socket.send_to(&transmit.contents, transmit.destination));
        if let Some(Err(error)) = sent {
            self.is_refused |= error.kind() != ErrorKind::WouldBlock;
        }
    }

    /// Tells the call where the machine is reached now. A call that is connected and can send is left in peace.
    fn look_around(&mut self, now: Instant, heard: &mut Heard) {
        let has_trouble = self.state != State::Connected || self.is_refused;
        if !has_trouble || now < self.look_at || !self.addresses.may_change() {
            return;
        }
        self.look_at = now + LOOK;
        self.is_refused = false;
        let addresses = self.addresses.at(now);
        let changes: Vec<_> = self.ways.iter_mut().map(|way| way.tell(&addresses)).collect();
        for change in changes.iter().filter(|it| !it.new.is_empty() || !it.gone.is_empty()) {
            tracing::info!("a Telegram call goes on from another address");
            change.new.iter().for_each(|it| self.call.add_local(*it, now));
            change.gone.iter().for_each(|it| self.call.remove_local(*it, now));
            self.drain(now, heard);
        }
    }

    fn take(&mut self, event: Event, now: Instant, heard: &mut Heard) {
        match event {
            Event::Connected | Event::Resumed => self.change(State::Connected, Happening::Connected, heard),
            Event::Interrupted => self.change(State::Interrupted, Happening::Disconnected, heard),
            Event::Sound { stream, sequence, timestamp, marker, payload } => {
                let sequence = (sequence & 0xFFFF) as u16;
                self.count(stream, sequence, timestamp, now);
                // Padding probes the path: its numbers are used up, and there is nothing to hear in it.
                let kind = if payload.is_empty() { Payload::Padding } else { Payload::Sound(Codec::Opus) };
                let payload = Bytes::from_owner(payload);
                heard.packets.push(Received { at: now, kind, sequence, timestamp, stream, marker, payload });
            }
            Event::FarMuted(muted) => self.far_muted = muted,
            Event::Failed(failure) => {
                tracing::info!(%failure, "a Telegram call can't go on");
                self.change(State::Over, Happening::Failed(self.meaning(&failure)), heard);
            }
        }
    }

    fn meaning(&self, failure: &CallFailure) -> Failure {
        match failure {
            CallFailure::Timeout if self.state == State::Connecting => Failure::NoPath,
            CallFailure::Timeout => Failure::PathLost,
            CallFailure::Closed => Failure::Closed,
            CallFailure::Transport(_)
            | CallFailure::Refused
            | CallFailure::Setup(_)
            | CallFailure::Signalling(_) => Failure::Protocol,
        }
    }

    fn change(&mut self, state: State, happening: Happening, heard: &mut Heard) {
        if self.state != State::Over && self.state != state {
            self.state = state;
            heard.happenings.push(happening);
        }
    }

    fn count(&mut self, stream: u32, sequence: u16, timestamp: u32, now: Instant) {
        self.received += 1;
        if self.reception.as_ref().is_none_or(|reception| reception.ssrc != stream) {
            self.reception = Some(Reception::begin(stream, sequence, CLOCK, now));
        }
        if let Some(reception) = &mut self.reception {
            reception.heard(sequence, timestamp, now);
        }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        if let Due::Unknown = self.due {
            self.due = self.call.poll_timeout().map_or(Due::Never, Due::At);
        }
        matches!(self.due, Due::At(at) if at <= now)
    }
}

impl Peer for TelegramPeer {
    fn sockets(&self) -> Vec<Arc<UdpSocket>> {
        self.ways.iter().map(|way| Arc::clone(&way.socket)).collect()
    }

    fn receive(&mut self, datagram: Datagram<'_>, heard: &mut Heard) {
        if self.state == State::Over {
            return;
        }
        // Where a socket is known under several addresses, the first stands for all.
        let told = self.ways.get(datagram.socket).and_then(|way| way.told.first());
        if let Some(destination) = told.copied() {
            let input = Input::Datagram { source: datagram.from, destination, contents: datagram.bytes };
            self.call.handle_input(input, datagram.now);
            self.drain(datagram.came, heard);
        }
    }

    fn tick(&mut self, now: Instant, heard: &mut Heard) {
        heard.take(&mut self.pending);
        // ICE's own clock has steps of 50 ms, and would let each candidate wait for the next.
        let presses = self.state == State::Connecting;
        if self.state != State::Over && (presses || self.is_due(now)) {
            self.call.handle_timeout(now);
            self.drain(now, heard);
        }
        if self.state != State::Over {
            self.look_around(now, heard);
        }
    }

    /// Silence is sent where there is nothing to say, or what Opus makes of it where the app likes pauses: it takes a far
    /// side that sends nothing for one that is gone.
    fn wants(&self) -> Option<Wanted> {
        (self.state == State::Connected && self.call.may_send()).then(|| Wanted {
            codec: Codec::Opus,
            packet_time: PACKET_TIME,
            telephone_event_clock: None,
            fills: true,
            loss_percent: (self.call.quality().loss_reported * 100.0).clamp(0.0, 100.0) as u8,
        })
    }

    fn takes_pauses(&self) -> bool {
        self.call.takes_pauses()
    }

    fn send(&mut self, now: Instant, packet: Packet<'_>) {
        let Packet { sequence, timestamp, marker, payload, .. } = packet;
        self.call.handle_input(Input::Sound { payload, sequence, timestamp, marker }, now);
        self.sent += 1;
        let mut heard = std::mem::take(&mut self.pending);
        self.drain(now, &mut heard);
        self.pending = heard;
    }

    fn signal(&mut self, now: Instant, message: Bytes, heard: &mut Heard) {
        if self.state != State::Over {
            self.call.handle_input(Input::Signal(&message), now);
            self.drain(now, heard);
        }
    }

    fn hurries(&self) -> bool {
        self.state == State::Connecting
    }

    /// A microphone that is switched off may send nothing at all.
    fn expects_sound(&self) -> bool {
        self.state == State::Connected && !self.far_muted
    }

    fn fill(&self, statistics: &mut Statistics) {
        let quality = self.call.quality();
        statistics.received = self.received;
        statistics.sent = self.sent;
        statistics.refused = quality.refused;
        statistics.loss_reported = quality.loss_reported;
        statistics.round_trip = quality.round_trip;
        if let Some(reception) = &self.reception {
            statistics.lost = reception.lost();
            statistics.jitter = reception.jitter();
        }
    }

    fn close(&mut self, now: Instant) {
        self.state = State::Over;
        self.call.close(now);
        self.drain(now, &mut Heard::default());
    }
}
