//! One call, from the moment when both ends have its key until one of them hangs up.

mod framing;
mod types;

pub use types::{Config, Event, Failure, Input, Output, Quality};

use crate::key::Role;
use crate::message::{CandidateLine, Candidates, InitialSetup, MediaState, Message};
use crate::negotiation::{Negotiation, Step};
use crate::transport::{Happened, Transport};
use framing::Framing;
use rand::RngCore;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A call that has no connection for this long has failed. Official clients give up after the same time, one library
/// after half of it.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// A connected far side sends something at least every two and a half seconds: it checks that the way is still open.
const SILENCE: Duration = Duration::from_secs(5);

/// As many outputs wait to be taken; a shell that takes nothing loses the oldest sound, never anything else.
const MAX_EVENTS: usize = 512;

/// One end of a call.
///
/// After every change (`handle_input`, `handle_timeout`, a setting) take all of [`Call::poll_output`], then sleep until
/// [`Call::poll_timeout`] or the next input, whichever is first.
#[derive(Debug)]
pub struct Call {
    role: Role,
    framing: Framing,
    negotiation: Negotiation,
    transport: Transport,
    random: StdRng,
    outputs: VecDeque<Output>,
    is_set_up: bool,
    may_send: bool,
    is_connected: bool,
    is_interrupted: bool,
    heard_at: Instant,
    has_failed: bool,
}

impl Call {
    /// Begins a call. Give it at least one socket with [`Call::add_local`].
    #[must_use]
    pub fn new(config: Config, random: &mut dyn RngCore, now: Instant) -> Self {
        let Config { role, key, signalling, servers, p2p } = config;
        let mut seed = [0; 32];
        random.fill_bytes(&mut seed);
        let mut random = StdRng::from_seed(seed);
        let ssrc = random.next_u32().max(1);
        let mut call = Self {
            role,
            framing: Framing::new(signalling, key, role),
            negotiation: Negotiation::new(role, ssrc),
            transport: Transport::new(role, ssrc, p2p, &servers, now, &mut random),
            random,
            outputs: VecDeque::new(),
            is_set_up: false,
            may_send: false,
            is_connected: false,
            is_interrupted: false,
            heard_at: now,
            has_failed: false,
        };
        if role == Role::Caller {
            let setup = call.transport.setup();
            call.say(&Message::InitialSetup(setup), now);
            let offer = call.negotiation.offer(now, &mut call.random);
            call.step(offer, now);
        }
        call.settle(now);
        call
    }

    /// Begins to use a UDP socket of the shell: its address as the far side would reach it. More may come during the call,
    /// as when the network changes.
    pub fn add_local(&mut self, socket: SocketAddr, now: Instant) {
        if let Some(line) = self.transport.add_local(socket, now) {
            self.say_candidate(line, now);
        }
        self.settle(now);
    }

    /// Uses a socket no more that was given to [`Call::add_local`]: its network has gone. Add what has come in its place
    /// first, so that relays are reached through it at once.
    pub fn remove_local(&mut self, socket: SocketAddr, now: Instant) {
        self.transport.remove_local(socket, now);
        self.settle(now);
    }

    /// Takes what came in.
    pub fn handle_input(&mut self, input: Input<'_>, now: Instant) {
        match input {
            Input::Datagram { source, destination, contents } => {
                self.transport.receive(source, destination, contents, now);
            }
            Input::Signal(packet) => self.hear(packet, now),
            Input::Sound { payload, sequence, timestamp, marker } => {
                if self.may_send() {
                    self.transport.send_sound(payload, sequence, timestamp, marker, now);
                }
            }
        }
        self.settle(now);
    }

    /// Does what is due. Call it at [`Call::poll_timeout`], or oftener.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.framing.handle_timeout(now);
        self.transport.handle_timeout(now);
        if self.is_connected
            && let Some(step) = self.negotiation.handle_timeout(now, &mut self.random)
        {
            self.step(step, now);
        }
        self.settle(now);
        self.mind_silence(now);
    }

    /// Before the connection, the time runs from the start of the call; after it, from the last sign of life.
    fn mind_silence(&mut self, now: Instant) {
        let silence = now.saturating_duration_since(self.heard_at);
        if silence >= CONNECT_TIMEOUT {
            self.fail(Failure::Timeout);
        } else if silence >= SILENCE && self.is_connected && !self.is_interrupted {
            self.is_interrupted = true;
            self.transport.seek(now);
            self.emit(Event::Interrupted);
        }
    }

    fn silence_ends_at(&self) -> Option<Instant> {
        let patience = if self.is_connected && !self.is_interrupted { SILENCE } else { CONNECT_TIMEOUT };
        (!self.has_failed).then(|| self.heard_at + patience)
    }

    /// When [`Call::handle_timeout`] is wanted.
    #[must_use]
    pub fn poll_timeout(&mut self) -> Option<Instant> {
        let offer = self.negotiation.poll_timeout().filter(|_| self.is_connected);
        let times =
            [self.framing.poll_timeout(), self.transport.poll_timeout(), offer, self.silence_ends_at()];
        times.into_iter().flatten().min()
    }

    /// What is to be done next; nothing, when all is done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether a datagram is of this call, for shells that share a socket among calls.
    #[must_use]
    pub fn accepts(&self, source: SocketAddr, destination: SocketAddr, contents: &[u8]) -> bool {
        self.transport.accepts(source, destination, contents)
    }

    /// Tells the far side whether our microphone is on.
    pub fn set_muted(&mut self, muted: bool, now: Instant) {
        self.transport.set_muted(muted);
        self.settle(now);
    }

    /// Asks the far side to leave out pauses (DTX) of what it sends, in answers from now on: say it before the first signal
    /// is handed in. Not every far side does.
    pub fn want_pauses(&mut self, wanted: bool) {
        self.negotiation.want_pauses(wanted);
    }

    /// Whether the far side asks us to leave out pauses. Numbers then go on without a gap, time stamps jump, and the packet
    /// after a pause has the marker; at least every 0.4 seconds one is sent.
    #[must_use]
    pub fn takes_pauses(&self) -> bool {
        self.negotiation.takes_pauses()
    }

    /// How well it does. Loss and round trip are renewed once a second.
    #[must_use]
    pub fn quality(&self) -> Quality {
        self.transport.quality()
    }

    /// Whether sound that is given now is sent: the two ends are connected, and the far side takes our sound.
    #[must_use]
    pub fn may_send(&self) -> bool {
        self.is_connected && self.may_send
    }

    /// Says good-bye on the transport, so that the far side need not wait for silence to tell it. Hanging up is
    /// `phone.discardCall`, and comes besides. Take what [`Call::poll_output`] gives once more; then the call is over.
    pub fn close(&mut self, now: Instant) {
        self.has_failed = true;
        self.transport.close();
        self.settle(now);
    }

    /// Whether the two ends are connected.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    fn hear(&mut self, packet: &[u8], now: Instant) {
        let (messages, done) = self.framing.receive(packet, now);
        if let Err(error) = done {
            tracing::debug!(%error, "a signalling packet was not understood");
        }
        for text in messages {
            match Message::parse(&text) {
                Ok(message) => self.take(message, now),
                Err(error) => tracing::debug!(%error, "a signalling message was not understood"),
            }
        }
    }

    fn take(&mut self, message: Message, now: Instant) {
        match message {
            Message::InitialSetup(setup) => self.set_up(&setup, now),
            Message::NegotiateChannels(message) => {
                for step in self.negotiation.receive(&message, now, &mut self.random) {
                    self.step(step, now);
                }
            }
            Message::Candidates(Candidates { candidates }) => {
                candidates.iter().for_each(|it| self.transport.add_remote_candidate(&it.sdp));
            }
            Message::MediaState(state) => self.emit(Event::FarMuted(state.muted)),
            Message::Unknown => tracing::debug!("a signalling message is of a kind that nobody here knows"),
        }
    }

    /// The callee answers the caller's setup at once: some callers offer only after that.
    fn set_up(&mut self, setup: &InitialSetup, now: Instant) {
        if std::mem::replace(&mut self.is_set_up, true) {
            return;
        }
        if let Err(reason) = self.transport.set_remote(setup) {
            return self.fail(Failure::Setup(reason));
        }
        if self.role == Role::Callee {
            let ours = self.transport.setup();
            self.say(&Message::InitialSetup(ours), now);
        }
    }

    fn step(&mut self, step: Step, now: Instant) {
        match step {
            Step::Send(message) => self.say(&Message::NegotiateChannels(message), now),
            Step::MaySend => self.may_send = true,
            Step::Refused => self.fail(Failure::Refused),
            Step::Expect { ssrc, payload_type } => self.transport.expect(ssrc, payload_type),
        }
    }

    fn say_candidate(&mut self, sdp: String, now: Instant) {
        self.say(&Message::Candidates(Candidates { candidates: vec![CandidateLine { sdp }] }), now);
    }

    fn say(&mut self, message: &Message, now: Instant) {
        if let Err(fault) = self.framing.send(&message.to_bytes(), now) {
            self.fail(Failure::Signalling(fault));
        }
    }

    /// Collects everything that the last change has led to.
    fn settle(&mut self, now: Instant) {
        self.transport.drain();
        while let Some(happened) = self.transport.poll_happened() {
            self.notice(happened, now);
        }
        while let Some(transmit) = self.transport.poll_transmit() {
            self.outputs.push_back(Output::Transmit(transmit));
        }
        while let Some(packet) = self.framing.poll_transmit() {
            self.outputs.push_back(Output::Signal(packet));
        }
    }

    fn notice(&mut self, happened: Happened, now: Instant) {
        match happened {
            Happened::Connected => {
                self.is_connected = true;
                self.heard_at = now;
                self.emit(Event::Connected);
            }
            Happened::Heard if self.is_connected => {
                self.heard_at = now;
                if std::mem::replace(&mut self.is_interrupted, false) {
                    self.emit(Event::Resumed);
                }
            }
            Happened::Heard => {}
            Happened::Closed => self.fail(Failure::Closed),
            Happened::Broken(reason) => self.fail(Failure::Transport(reason)),
            Happened::Sound { stream, sequence, timestamp, marker, payload } => {
                self.emit(Event::Sound { stream, sequence, timestamp, marker, payload });
            }
            Happened::Text(text) => {
                if let Ok(Message::MediaState(MediaState { muted, .. })) = Message::parse(&text) {
                    self.emit(Event::FarMuted(muted));
                }
            }
            Happened::Candidate(line) => self.say_candidate(line, now),
        }
    }

    fn fail(&mut self, failure: Failure) {
        if !std::mem::replace(&mut self.has_failed, true) {
            self.emit(Event::Failed(failure));
        }
    }

    fn emit(&mut self, event: Event) {
        if self.outputs.len() >= MAX_EVENTS {
            let oldest = self.outputs.iter().position(|it| matches!(it, Output::Event(Event::Sound { .. })));
            oldest.and_then(|at| self.outputs.remove(at));
        }
        self.outputs.push_back(Output::Event(event));
    }
}

#[cfg(test)]
mod tests;
