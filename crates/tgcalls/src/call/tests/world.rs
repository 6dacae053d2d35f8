//! Two ends, the network between them, and a clock that only the test moves.

use super::*;
use crate::Transmit;
use crate::key::CallKey;
use crate::reflector::{Incoming, Prefix};
use crate::server::Server;
use crate::version::Signalling;
use rand::Rng as _;
use std::collections::BTreeMap;

/// One step of the clock.
const TICK: Duration = Duration::from_millis(5);

/// A packet of Opus that says nothing: 20 ms, narrow band, one byte.
const SOUND: [u8; 3] = [0x08, 0xff, 0xfe];

/// How the network behaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Network {
    pub(super) signal_loss: f64,
    pub(super) signal_doubling: f64,
    pub(super) media_loss: f64,
    /// What comes to the delay of 10 ms at most, in milliseconds: with any of it, packets overtake each other.
    pub(super) jitter: u64,
}

impl Network {
    pub(super) fn perfect() -> Self {
        Self { signal_loss: 0.0, signal_doubling: 0.0, media_loss: 0.0, jitter: 0 }
    }
}

/// What one end has noticed.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    pub(super) connected_after: Option<Duration>,
    pub(super) heard: usize,
    pub(super) interrupted: usize,
    pub(super) far_muted: Option<bool>,
    pub(super) failures: Vec<Failure>,
}

enum Flying {
    Signal { to: usize, packet: Vec<u8> },
    Datagram { source: SocketAddr, destination: SocketAddr, contents: Vec<u8> },
}

pub(super) struct World {
    pub(super) ends: [Noticed; 2],
    pub(super) network: Network,
    /// Datagrams that went from one end straight to the other.
    pub(super) direct_datagrams: usize,
    calls: [Call; 2],
    key: CallKey,
    signalling: Signalling,
    /// From when on each end is there.
    wakes: [Instant; 2],
    said: Vec<(usize, Vec<u8>)>,
    random: StdRng,
    begin: Instant,
    now: Instant,
    flying: Vec<(Instant, Flying)>,
    tags: BTreeMap<[u8; 16], SocketAddr>,
    sent: u32,
    /// The socket that each end has now; what it sends from another gets nowhere.
    sockets: [SocketAddr; 2],
    /// The same as all others see it.
    seen: [SocketAddr; 2],
    moves: u8,
}

const RELAY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 1)), 599);
const PEER_TAG: [u8; 16] = *b"0123456789ab\0\0\0\0";

fn socket_of(end: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, if end == 0 { 1 } else { 2 }], 40_000))
}

impl World {
    pub(super) fn new(seed: u64, signalling: Signalling, network: Network) -> Self {
        Self::with(seed, signalling, network, true)
    }

    pub(super) fn relayed(seed: u64, signalling: Signalling) -> Self {
        Self::with(seed, signalling, Network::perfect(), false)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs a first instant; all others are counted from it"
    )]
    fn with(seed: u64, signalling: Signalling, network: Network, p2p: bool) -> Self {
        let begin = Instant::now();
        let mut random = StdRng::seed_from_u64(seed);
        let key = CallKey::new([u8::try_from(seed % 251).unwrap_or(0); 256]);
        let servers = vec![Server::Reflector { id: 7, address: RELAY, peer_tag: PEER_TAG }];
        let mut calls = [Role::Caller, Role::Callee].map(|role| {
            let servers = if p2p { Vec::new() } else { servers.clone() };
            Call::new(Config { role, key: key.clone(), signalling, servers, p2p }, &mut random, begin)
        });
        for (at, call) in calls.iter_mut().enumerate() {
            call.add_local(socket_of(at), begin);
        }
        Self {
            ends: Default::default(),
            network,
            direct_datagrams: 0,
            calls,
            key,
            signalling,
            wakes: [begin; 2],
            said: Vec::new(),
            random,
            begin,
            now: begin,
            flying: Vec::new(),
            tags: BTreeMap::new(),
            sent: 0,
            sockets: [socket_of(0), socket_of(1)],
            seen: [socket_of(0), socket_of(1)],
            moves: 0,
        }
    }

    pub(super) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        while self.now < until {
            self.deliver();
            if (self.now - self.begin).as_millis().is_multiple_of(20) {
                self.speak();
            }
            for at in 0..2 {
                if self.now < self.wakes[at] {
                    continue;
                }
                if self.calls[at].poll_timeout().is_some_and(|due| due <= self.now) {
                    self.calls[at].handle_timeout(self.now);
                }
                self.collect(at);
            }
            self.now += TICK;
        }
    }

    fn speak(&mut self) {
        self.sent += 1;
        for (call, wakes) in self.calls.iter_mut().zip(self.wakes) {
            if self.now < wakes {
                continue;
            }
            let timestamp = self.sent.wrapping_mul(960);
            let sequence = u64::from(self.sent);
            let sound = Input::Sound { payload: &SOUND, sequence, timestamp, marker: self.sent == 1 };
            call.handle_input(sound, self.now);
        }
    }

    fn collect(&mut self, at: usize) {
        while let Some(output) = self.calls[at].poll_output() {
            match output {
                Output::Event(event) => self.notice(at, event),
                Output::Signal(packet) => {
                    self.said.push((at, packet.clone()));
                    let lost = self.random.random_bool(self.network.signal_loss);
                    let copies = usize::from(!lost)
                        + usize::from(self.random.random_bool(self.network.signal_doubling));
                    for _ in 0..copies {
                        self.launch(Flying::Signal { to: 1 - at, packet: packet.clone() });
                    }
                }
                Output::Transmit(Transmit { source, destination, contents }) => {
                    let lost = self.random.random_bool(self.network.media_loss);
                    if source == self.sockets[at] && !lost {
                        let source = self.seen[at];
                        self.launch(Flying::Datagram { source, destination, contents });
                    }
                }
            }
        }
    }

    fn launch(&mut self, what: Flying) {
        let delay = Duration::from_millis(10 + self.random.random_range(0..=self.network.jitter));
        self.flying.push((self.now + delay, what));
    }

    fn deliver(&mut self) {
        let now = self.now;
        let wakes = self.wakes;
        // What comes for an end that is not there yet waits for it.
        let is_there = |what: &Flying| match what {
            Flying::Signal { to, .. } => wakes[*to] <= now,
            Flying::Datagram { .. } => true,
        };
        let due = |(at, what): &mut (Instant, Flying)| *at <= now && is_there(what);
        let landed: Vec<_> = self.flying.extract_if(.., due).collect();
        for (_, what) in landed {
            match what {
                Flying::Signal { to, packet } => self.calls[to].handle_input(Input::Signal(&packet), now),
                Flying::Datagram { source, destination, contents } if destination == RELAY => {
                    self.relay(source, contents);
                }
                Flying::Datagram { source, destination, contents } => {
                    let Some(to) = (0..2).find(|at| self.seen[*at] == destination) else { continue };
                    if now < self.wakes[to] {
                        continue;
                    }
                    let destination = self.sockets[to];
                    self.direct_datagrams += usize::from(source != RELAY);
                    self.calls[to]
                        .handle_input(Input::Datagram { source, destination, contents: &contents }, now);
                }
            }
        }
    }

    /// What a reflector does: it remembers who said hello, and forwards by tag.
    fn relay(&mut self, source: SocketAddr, contents: Vec<u8>) {
        let Some(tag) = contents.first_chunk::<16>().copied() else { return };
        match Prefix::new(&PEER_TAG).unwrap(&contents) {
            Some(Incoming::Service) => {
                self.tags.insert(tag, source);
                self.launch(Flying::Datagram { source: RELAY, destination: source, contents });
            }
            Some(Incoming::Data { .. }) => {
                if let Some(destination) = self.tags.get(&tag).copied() {
                    self.launch(Flying::Datagram { source: RELAY, destination, contents });
                }
            }
            None => {}
        }
    }

    fn notice(&mut self, at: usize, event: Event) {
        let end = &mut self.ends[at];
        match event {
            Event::Connected => end.connected_after = Some(self.now - self.begin),
            Event::Interrupted => end.interrupted += 1,
            Event::Resumed => {}
            Event::Sound { payload, .. } => end.heard += usize::from(payload[..] == SOUND),
            Event::FarMuted(muted) => end.far_muted = Some(muted),
            Event::Failed(failure) => end.failures.push(failure),
        }
    }

    /// An end comes into another network: its address of before is gone, and it knows.
    pub(super) fn moves(&mut self, at: usize) {
        let before = self.sockets[at];
        self.is_seen_elsewhere(at);
        self.sockets[at] = self.seen[at];
        self.calls[at].add_local(self.sockets[at], self.now);
        self.calls[at].remove_local(before, self.now);
        self.collect(at);
    }

    /// All others see an end at another address from now on, and it does not know: a NAT on the way was started anew.
    pub(super) fn is_seen_elsewhere(&mut self, at: usize) {
        self.moves += 1;
        self.seen[at] = SocketAddr::from(([198, 51, 100, self.moves], 50_000));
    }

    /// How many packets of sound each end hears in a time.
    pub(super) fn hears_within(&mut self, time: Duration) -> [usize; 2] {
        let before = [self.ends[0].heard, self.ends[1].heard];
        self.run(time);
        [self.ends[0].heard - before[0], self.ends[1].heard - before[1]]
    }

    pub(super) fn mute(&mut self, at: usize) {
        self.calls[at].set_muted(true, self.now);
        self.collect(at);
    }

    pub(super) fn close(&mut self, at: usize) {
        self.calls[at].close(self.now);
        self.collect(at);
    }

    pub(super) fn quality(&self, at: usize) -> Quality {
        self.calls[at].quality()
    }

    /// Throws bytes at the caller, as a datagram and as a signal.
    pub(super) fn throw(&mut self, contents: &[u8]) {
        let (source, destination) = (socket_of(1), socket_of(0));
        self.calls[0].handle_input(Input::Datagram { source, destination, contents }, self.now);
        self.calls[0].handle_input(Input::Signal(contents), self.now);
        self.collect(0);
    }

    /// From now on this end is not there yet: signalling waits for it, and datagrams are lost.
    pub(super) fn sleeps(&mut self, at: usize, time: Duration) {
        self.wakes[at] = self.now + time;
        let role = if at == 0 { Role::Caller } else { Role::Callee };
        let (key, signalling) = (self.key.clone(), self.signalling);
        let config = Config { role, key, signalling, servers: Vec::new(), p2p: true };
        self.calls[at] = Call::new(config, &mut self.random, self.wakes[at]);
        self.calls[at].add_local(self.sockets[at], self.wakes[at]);
    }

    /// Every address that was told and that is not a port behind the relay.
    pub(super) fn addresses_shown(&self) -> Vec<String> {
        let all = shown::messages(&self.key, self.signalling, &self.said);
        all.iter().flat_map(|text| shown::addresses(text)).collect()
    }

    /// How many candidates were told.
    pub(super) fn candidates_told(&self) -> usize {
        let all = shown::messages(&self.key, self.signalling, &self.said);
        let candidates = |text: &Vec<u8>| match Message::parse(text) {
            Ok(Message::Candidates(told)) => told.candidates.len(),
            _ => 0,
        };
        all.iter().map(candidates).sum()
    }
}
