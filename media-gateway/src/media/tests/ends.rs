//! A browser's end: `str0m` as a client, with a voice and an ear.

use super::End;
use crate::media::{BrowserPort, Engine, PortId};
use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
use audio::playout::Playout;
use audio::spectrum;
use audio::tone::Sine;
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};

const RATE: u32 = 16_000;

pub(super) struct Browser {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    mid: Mid,
    voice: Option<Sine>,
    encoder: Encoder,
    playout: Playout,
    heard: VecDeque<i16>,
    start: Instant,
    due: Option<Instant>,
    sequence: u64,
    pub(super) connected: bool,
    /// Nothing gets in or out.
    pub(super) cut: bool,
}

impl Browser {
    /// Opens a browser's connection to the engine; `trickles`: our candidates come after the offer.
    pub(super) fn call(
        engine: &Engine,
        hertz: f32,
        beside: Option<PortId>,
        trickles: bool,
    ) -> (Self, PortId) {
        let now = crate::media::clock::now();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let local = socket.local_addr().unwrap();
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(now);
        let candidate = Candidate::host(local, "udp").unwrap();
        if !trickles {
            rtc.add_local_candidate(candidate.clone());
        }
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().unwrap();
        let BrowserPort { port, answer } = engine.open_browser(&offer.to_sdp_string(), beside).unwrap();
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&answer).unwrap()).unwrap();
        if trickles {
            rtc.add_local_candidate(candidate.clone());
            engine.add_candidate(port, &format!("a={}", candidate.to_sdp_string())).unwrap();
        }
        let browser = Self {
            rtc,
            socket,
            local,
            mid,
            voice: (hertz > 0.0).then(|| Sine::new(hertz, RATE)),
            encoder: Encoder::new(Codec::Opus, &EncoderOptions::at(RATE)).unwrap(),
            playout: Playout::new(Codec::Opus, RATE).unwrap(),
            heard: VecDeque::new(),
            start: now,
            due: None,
            sequence: 1,
            connected: false,
            cut: false,
        };
        (browser, port)
    }

    pub(super) fn hears_only(&self, hertz: f32, not: f32) -> bool {
        let samples: Vec<i16> = self.heard.iter().copied().collect();
        let level = |hertz| spectrum::level_at(&samples, hertz, RATE);
        self.hears().is_some_and(|heard| (heard - hertz).abs() < 8.0) && level(not) < level(hertz) - 25.0
    }

    pub(super) fn hears(&self) -> Option<f32> {
        let samples: Vec<i16> = self.heard.iter().copied().collect();
        spectrum::dominant(&samples, RATE).map(|heard| heard.hz)
    }

    /// Hangs up as a page that is closed does.
    pub(super) fn close(&mut self, now: Instant) {
        self.rtc.close().unwrap();
        self.drain(now);
    }

    fn drain(&mut self, now: Instant) {
        loop {
            match self.rtc.poll_output().unwrap() {
                Output::Timeout(_) => return,
                Output::Transmit(transmit) => {
                    if !self.cut {
                        self.socket.send_to(&transmit.contents, transmit.destination).unwrap();
                    }
                }
                Output::Event(Event::Connected) => self.connected = true,
                Output::Event(Event::RtpPacket(packet)) => {
                    let at = now.saturating_duration_since(self.start);
                    let header = packet.header;
                    self.playout.put(header.sequence_number, header.timestamp, 0, &packet.payload, at);
                }
                Output::Event(_) => {}
            }
        }
    }

    fn receive(&mut self, now: Instant) {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            let receive = Receive::new(Protocol::Udp, from, self.local, &buffer[..length]);
            if let (Ok(receive), false) = (receive, self.cut) {
                self.rtc.handle_input(Input::Receive(now, receive)).unwrap();
                self.drain(now);
            }
        }
    }

    fn speak(&mut self, now: Instant) {
        let (mut sound, mut payload) = ([0; RATE as usize / 50], [0; MAX_PAYLOAD]);
        let Some(voice) = &mut self.voice else { return };
        voice.fill(&mut sound, 0.3);
        let length = self.encoder.encode(&sound, &mut payload).unwrap();
        let params = self.rtc.codec_config().params();
        let opus = |p: &&str0m::format::PayloadParams| p.spec().codec == str0m::format::Codec::Opus;
        let pt = params.iter().find(opus).unwrap().pt();
        let (sequence, timestamp) = (self.sequence.into(), (self.sequence * 960) as u32);
        self.sequence += 1;
        let mut direct = self.rtc.direct_api();
        let stream = direct.stream_tx_by_mid(self.mid, None).unwrap();
        stream.write_rtp(RtpWrite::new(pt, sequence, timestamp, now, &payload[..length]));
        self.drain(now);
    }
}

impl End for Browser {
    fn hears_only(&self, hertz: f32, not: f32) -> bool {
        Self::hears_only(self, hertz, not)
    }

    fn step(&mut self, now: Instant) {
        self.receive(now);
        self.rtc.handle_input(Input::Timeout(now)).unwrap();
        self.drain(now);
        let due = *self.due.get_or_insert(now);
        if now < due {
            return;
        }
        self.due = Some(due + Duration::from_millis(20));
        if self.connected {
            self.speak(now);
        }
        let mut sound = [0; RATE as usize / 50];
        self.playout.pull(&mut sound, now.saturating_duration_since(self.start));
        self.heard.extend(&sound);
        self.heard.drain(..self.heard.len().saturating_sub(RATE as usize / 2));
    }
}
