//! A SIP phone's media: sends a tone by RTP, and hears.

use super::End;
use crate::media::rtp::packet::{self, Header};
use crate::media::rtp::srtp;
use crate::media::{Direction, Engine, PortId, RtpMedia, SrtpKey, SrtpKeys, SrtpSuite, TelephoneEvent};
use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
use audio::playout::Playout;
use audio::spectrum;
use audio::tone::Sine;
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

pub(super) const EVENT: u8 = 101;

/// What happens to packets that it sends.
#[derive(Clone, Copy, Default)]
pub(super) struct Network {
    /// Every so manieth is lost; 0: none.
    pub(super) loses: u32,
    /// Every so manieth comes after the next; 0: none.
    pub(super) swaps: u32,
}

pub(super) struct Phone {
    socket: UdpSocket,
    rtcp: UdpSocket,
    target: SocketAddr,
    pub(super) codec: Codec,
    voice: Option<Sine>,
    encoder: Encoder,
    playout: Playout,
    heard: VecDeque<i16>,
    pub(super) packets: Vec<(Header, Vec<u8>)>,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    network: Network,
    sent: u32,
    delayed: Option<Vec<u8>>,
    due: Option<Instant>,
    start: Instant,
    seal: Option<(srtp::Sender, srtp::Receiver)>,
    pub(super) reports: Vec<u8>,
}

impl Phone {
    /// Opens a phone and a port for it, and lets them agree.
    pub(super) fn call(engine: &Engine, codec: Codec, hertz: f32) -> (Self, PortId) {
        Self::call_with(engine, codec, hertz, None, |_| {})
    }

    pub(super) fn call_with(
        engine: &Engine,
        codec: Codec,
        hertz: f32,
        beside: Option<PortId>,
        change: impl FnOnce(&mut RtpMedia),
    ) -> (Self, PortId) {
        let port = engine.open_rtp(beside).unwrap();
        let mut phone = Self::new(port.rtp, codec, hertz);
        let mut media = phone.media();
        change(&mut media);
        if let Some(keys) = &media.srtp {
            phone.seal = Some((srtp::Sender::new(&keys.theirs), srtp::Receiver::new(&keys.ours)));
        }
        engine.set_rtp(port.port, media).unwrap();
        (phone, port.port)
    }

    pub(super) fn new(target: SocketAddr, codec: Codec, hertz: f32) -> Self {
        let (socket, rtcp) =
            crate::media::rtp::pair::bind("127.0.0.1".parse().unwrap(), &(30_000..=39_999)).unwrap();
        let rate = codec.native_rate().min(16_000);
        Self {
            socket,
            rtcp,
            target,
            codec,
            voice: (hertz > 0.0).then(|| Sine::new(hertz, rate)),
            encoder: Encoder::new(codec, &EncoderOptions::at(rate)).unwrap(),
            playout: Playout::new(codec, rate).unwrap(),
            heard: VecDeque::new(),
            packets: Vec::new(),
            sequence: 65_500,
            timestamp: 4_294_960_000,
            ssrc: rand::random(),
            network: Network::default(),
            sent: 0,
            delayed: None,
            due: None,
            start: crate::media::clock::now(),
            seal: None,
            reports: Vec::new(),
        }
    }

    pub(super) fn behind(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// What SIP would agree on for it.
    pub(super) fn media(&self) -> RtpMedia {
        RtpMedia {
            remote: self.socket.local_addr().unwrap(),
            remote_rtcp: None,
            rtcp_mux: false,
            codec: self.codec,
            payload_type: payload_type(self.codec),
            also: Vec::new(),
            telephone_event: Some(TelephoneEvent { payload_type: EVENT, clock: self.codec.clock_rate() }),
            comfort_noise: None,
            packet_time: Duration::from_millis(20),
            direction: Direction::SendReceive,
            srtp: None,
        }
    }

    /// The tone heard in the last half second.
    pub(super) fn hears(&self) -> Option<f32> {
        let samples: Vec<i16> = self.heard.iter().copied().collect();
        spectrum::dominant(&samples, self.playout.rate()).map(|heard| heard.hz)
    }

    pub(super) fn hears_level(&self, hertz: f32) -> f32 {
        let samples: Vec<i16> = self.heard.iter().copied().collect();
        spectrum::level_at(&samples, hertz, self.playout.rate())
    }

    /// It hears this tone, and nothing of the other.
    pub(super) fn hears_only(&self, hertz: f32, not: f32) -> bool {
        self.hears().is_some_and(|heard| (heard - hertz).abs() < 8.0)
            && self.hears_level(not) < self.hears_level(hertz) - 25.0
    }

    pub(super) fn is_deaf(&self) -> bool {
        self.heard.iter().all(|sample| sample.abs() < 100)
    }

    pub(super) fn send(&mut self, payload_type: u8, timestamp: u32, marker: bool, payload: &[u8]) {
        let header = Header { marker, payload_type, sequence: self.sequence, timestamp, ssrc: self.ssrc };
        let index = if self.sequence < 60_000 { 65_536 } else { 0 } + u64::from(self.sequence);
        self.sequence = self.sequence.wrapping_add(1);
        let mut bytes = Vec::new();
        header.write(&mut bytes);
        bytes.extend_from_slice(payload);
        if let Some((sender, _)) = &self.seal {
            sender.protect(&mut bytes, index);
        }
        self.sent += 1;
        let every = |number: u32| number > 0 && self.sent.is_multiple_of(number);
        if every(self.network.loses) {
            return;
        }
        if every(self.network.swaps) && self.delayed.is_none() {
            self.delayed = Some(bytes);
            return;
        }
        self.socket.send_to(&bytes, self.target).unwrap();
        if let Some(late) = self.delayed.take() {
            self.socket.send_to(&late, self.target).unwrap();
        }
    }

    fn speak(&mut self) {
        let samples = self.encoder.rate() as usize / 50;
        let mut sound = vec![0; samples];
        if let Some(voice) = &mut self.voice {
            voice.fill(&mut sound, 0.3);
        }
        let mut payload = [0; MAX_PAYLOAD];
        let length = self.encoder.encode(&sound, &mut payload).unwrap();
        if self.voice.is_some() && length > 0 {
            self.send(payload_type(self.codec), self.timestamp, false, &payload[..length]);
        }
        self.timestamp = self.timestamp.wrapping_add(self.codec.clock_rate() / 50);
    }

    fn hear(&mut self, now: Instant) {
        let mut buffer = [0; 2048];
        let at = now.saturating_duration_since(self.start);
        while let Ok((mut length, _)) = self.socket.recv_from(&mut buffer) {
            if let Some((_, receiver)) = &mut self.seal {
                length = receiver.open(&mut buffer[..length]).expect("what comes is authentic");
            }
            let (header, begin) = Header::read(&buffer[..length]).unwrap();
            let payload = packet::payload(&buffer[..length], begin).unwrap();
            self.packets.push((header, payload.to_vec()));
            if header.payload_type == payload_type(self.codec) {
                self.playout.put(header.sequence, header.timestamp, 0, payload, at);
            } else {
                self.playout.skip(header.sequence, header.timestamp, at);
            }
        }
        while let Ok((length, _)) = self.rtcp.recv_from(&mut buffer) {
            self.reports = buffer[..length].to_vec();
        }
    }
}

impl End for Phone {
    fn hears_only(&self, hertz: f32, not: f32) -> bool {
        Self::hears_only(self, hertz, not)
    }

    fn step(&mut self, now: Instant) {
        self.hear(now);
        let due = *self.due.get_or_insert(now);
        if now < due {
            return;
        }
        self.due = Some(due + Duration::from_millis(20));
        self.speak();
        let mut sound = vec![0; self.playout.rate() as usize / 50];
        self.playout.pull(&mut sound, now.saturating_duration_since(self.start));
        self.heard.extend(&sound);
        let most = self.playout.rate() as usize / 2;
        self.heard.drain(..self.heard.len().saturating_sub(most));
    }
}

pub(super) fn payload_type(codec: Codec) -> u8 {
    codec.static_payload_type().unwrap_or(96)
}

pub(super) fn keys(suite: SrtpSuite) -> SrtpKeys {
    let key = |fill| SrtpKey { suite, key_and_salt: Zeroizing::new([fill; 30]) };
    SrtpKeys { ours: key(1), theirs: key(2) }
}

impl Phone {
    /// The same phone as another, as far as the engine can tell: its sockets and where it sends.
    pub(super) fn to(mut self, other: &Self) -> Self {
        self.socket = other.socket.try_clone().unwrap();
        self.rtcp = other.rtcp.try_clone().unwrap();
        self.target = other.target;
        self
    }
}
