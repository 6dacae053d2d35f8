//! A person's Telegram app: the call protocol at the other end of a call, with a voice and an ear.

use super::End;
use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
use audio::playout::Playout;
use audio::spectrum;
use audio::tone::Sine;
use bytes::Bytes;
use std::collections::{HashSet, VecDeque};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tgcalls::call::{Call, Config, Event, Input, Output};

const RATE: u32 = 48_000;

pub(super) struct App {
    call: Call,
    socket: UdpSocket,
    local: SocketAddr,
    voice: Sine,
    encoder: Encoder,
    playout: Playout,
    heard: VecDeque<i16>,
    /// Sound in one packet; 20 ms, but 10 to 120 if it is set before the first step.
    pub(super) packet_time: Duration,
    /// It says nothing.
    pub(super) quiet: bool,
    /// Nothing gets in or out.
    pub(super) cut: bool,
    /// The one address at which the engine's machine is now. The app is then behind a NAT: nothing comes in from an
    /// address that nothing went out to.
    pub(super) home: Option<Arc<Mutex<IpAddr>>>,
    opened: HashSet<IpAddr>,
    /// What it wants to say by signalling.
    pub(super) said: VecDeque<Vec<u8>>,
    pub(super) packets: usize,
    /// Numbers that were left out between packets.
    pub(super) gaps: u64,
    newest: Option<u64>,
    pub(super) happened: Vec<Event>,
    start: Instant,
    due: Option<Instant>,
    packets_sent: u64,
}

impl App {
    pub(super) fn new(config: Config, hertz: f32) -> Self {
        let start = crate::media::clock::now();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let local = socket.local_addr().unwrap();
        let mut call = Call::new(config, &mut rand::rng(), start);
        call.add_local(local, start);
        Self {
            call,
            socket,
            local,
            voice: Sine::new(hertz, RATE),
            encoder: Encoder::new(Codec::Opus, &EncoderOptions::at(RATE)).unwrap(),
            playout: Playout::new(Codec::Opus, RATE).unwrap(),
            heard: VecDeque::new(),
            packet_time: Duration::from_millis(20),
            quiet: false,
            cut: false,
            home: None,
            opened: HashSet::new(),
            said: VecDeque::new(),
            packets: 0,
            gaps: 0,
            newest: None,
            happened: Vec::new(),
            start,
            due: None,
            packets_sent: 0,
        }
    }

    pub(super) fn signal(&mut self, message: &Bytes) {
        self.call.handle_input(Input::Signal(message), crate::media::clock::now());
    }

    /// It likes pauses to be left out of what it hears.
    pub(super) fn wants_pauses(&mut self) {
        self.call.want_pauses(true);
    }

    pub(super) fn mute(&mut self, muted: bool) {
        self.quiet = muted;
        self.call.set_muted(muted, crate::media::clock::now());
    }

    /// Hangs up.
    pub(super) fn close(&mut self) {
        self.call.close(crate::media::clock::now());
        self.drain();
    }

    pub(super) fn hears(&self) -> Option<f32> {
        let samples: Vec<i16> = self.heard.iter().copied().collect();
        spectrum::dominant(&samples, RATE).map(|heard| heard.hz)
    }

    pub(super) fn hears_only(&self, hertz: f32, not: f32) -> bool {
        let samples: Vec<i16> = self.heard.iter().copied().collect();
        let level = |hertz| spectrum::level_at(&samples, hertz, RATE);
        self.hears().is_some_and(|heard| (heard - hertz).abs() < 8.0) && level(not) < level(hertz) - 25.0
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.heard.iter().all(|sample| sample.abs() < 100)
    }

    fn drain(&mut self) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Transmit(transmit) if self.cut || !self.reaches(transmit.destination.ip()) => {
                    drop(transmit);
                }
                Output::Transmit(transmit) => {
                    // A far side that is closed no longer takes it.
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Output::Signal(packet) => self.said.push_back(packet),
                Output::Event(Event::Sound { sequence, timestamp, payload, .. }) => {
                    self.packets += 1;
                    let before = self.newest.replace(sequence);
                    self.gaps += before.map_or(0, |before| sequence.saturating_sub(before + 1));
                    let at = crate::media::clock::now().saturating_duration_since(self.start);
                    let sequence = u16::try_from(sequence & 0xFFFF).unwrap();
                    if payload.is_empty() {
                        self.playout.skip(sequence, timestamp, at);
                    } else {
                        self.playout.put(sequence, timestamp, 0, &payload, at);
                    }
                }
                Output::Event(event) => self.happened.push(event),
            }
        }
    }

    fn reaches(&mut self, ip: IpAddr) -> bool {
        self.opened.insert(ip);
        self.home.as_ref().is_none_or(|home| *home.lock().unwrap() == ip)
    }

    fn receive(&mut self, now: Instant) {
        let mut buffer = [0; 2048];
        while let Ok((length, mut source)) = self.socket.recv_from(&mut buffer) {
            if let Some(home) = &self.home {
                source.set_ip(*home.lock().unwrap());
            }
            if !self.cut && (self.home.is_none() || self.opened.contains(&source.ip())) {
                let contents = &buffer[..length];
                let input = Input::Datagram { source, destination: self.local, contents };
                self.call.handle_input(input, now);
                self.drain();
            }
        }
    }

    fn speak(&mut self, now: Instant) {
        let samples = self.packet_time.as_millis() as usize * RATE as usize / 1000;
        let (mut sound, mut payload) = (vec![0; samples], [0; MAX_PAYLOAD]);
        self.voice.fill(&mut sound, 0.3);
        let length = self.encoder.encode(&sound, &mut payload).unwrap();
        let sequence = self.packets_sent;
        self.packets_sent += 1;
        if !self.quiet {
            let timestamp = (sequence * samples as u64) as u32;
            let payload = &payload[..length];
            self.call.handle_input(Input::Sound { payload, sequence, timestamp, marker: sequence == 0 }, now);
        }
    }
}

impl End for App {
    fn hears_only(&self, hertz: f32, not: f32) -> bool {
        Self::hears_only(self, hertz, not)
    }

    fn step(&mut self, now: Instant) {
        self.receive(now);
        if self.call.poll_timeout().is_some_and(|at| at <= now) {
            self.call.handle_timeout(now);
        }
        self.drain();
        let due = *self.due.get_or_insert(now);
        if now < due {
            return;
        }
        self.due = Some(due + self.packet_time);
        self.speak(now);
        self.drain();
        let mut sound = vec![0; self.packet_time.as_millis() as usize * RATE as usize / 1000];
        self.playout.pull(&mut sound, now.saturating_duration_since(self.start));
        self.heard.extend(&sound);
        self.heard.drain(..self.heard.len().saturating_sub(RATE as usize / 2));
    }
}
