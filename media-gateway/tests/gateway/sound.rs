//! The sound of a phone: a WebRTC connection that says one tone and listens for others.

use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD, MAX_SAMPLES};
use audio::spectrum;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};
use tokio::net::UdpSocket;

const RATE: u32 = 48_000;
const FRAME: usize = 960;

/// What was heard in the last second.
#[derive(Clone, Default)]
pub(crate) struct Ear(Arc<Mutex<VecDeque<Vec<i16>>>>);

impl Ear {
    /// The frequency that is heard; none for silence.
    pub(crate) fn hertz(&self) -> Option<f32> {
        let pcm: Vec<i16> = self.0.lock().expect("an ear").iter().rev().take(15).flatten().copied().collect();
        (audio::level::dbov(&pcm) > -60.0)
            .then(|| spectrum::dominant(&pcm, RATE).map(|heard| heard.hz))
            .flatten()
    }

    fn hear(&self, pcm: Vec<i16>) {
        let mut heard = self.0.lock().expect("an ear");
        heard.push_back(pcm);
        while heard.len() > 50 {
            heard.pop_front();
        }
    }
}

pub(crate) struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    mid: Mid,
    pt: Option<Pt>,
    decoder: Decoder,
    encoder: Encoder,
    ear: Ear,
    hertz: f32,
    sent: u64,
}

impl Peer {
    /// A connection that says this tone, and its offer.
    pub(crate) async fn offer(hertz: f32) -> (Self, String) {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a socket");
        let local = socket.local_addr().expect("an address");
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(now());
        rtc.add_local_candidate(Candidate::host(local, "udp").expect("a candidate"));
        let mut changes = rtc.sdp_api();
        let mid = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = changes.apply().expect("an offer");
        let peer = Self {
            rtc,
            socket,
            local,
            pending: Some(pending),
            mid,
            pt: None,
            decoder: Decoder::new(Codec::Opus, RATE).expect("Opus"),
            encoder: Encoder::new(Codec::Opus, &EncoderOptions::at(RATE)).expect("Opus"),
            ear: Ear::default(),
            hertz,
            sent: 0,
        };
        (peer, offer.to_sdp_string())
    }

    pub(crate) fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// Talks and listens for ever.
    pub(crate) async fn run(mut self, answer: &str) {
        let answer = SdpAnswer::from_sdp_string(answer).expect("an answer");
        let pending = self.pending.take().expect("an offer");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("it fits");
        self.pt = self.rtc.media(self.mid).and_then(|media| media.remote_pts().first().copied());
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        let mut room = [0; 2048];
        loop {
            let due = self.drain();
            tokio::select! {
                received = self.socket.recv_from(&mut room) => {
                    let (length, from) = received.expect("a datagram");
                    if let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, &room[..length]) {
                        self.rtc.handle_input(Input::Receive(now(), receive)).expect("taken");
                    }
                }
                _ = beat.tick() => self.say(),
                () = tokio::time::sleep_until(due.into()) => {
                    self.rtc.handle_input(Input::Timeout(now())).expect("taken");
                }
            }
        }
    }

    fn say(&mut self) {
        self.sent += 1;
        let start = self.sent as f32 * FRAME as f32;
        let sample = |n: usize| {
            let turn = (start + n as f32) * self.hertz / RATE as f32;
            ((turn.fract() * std::f32::consts::TAU).sin() * 8000.0) as i16
        };
        let pcm: Vec<i16> = (0..FRAME).map(sample).collect();
        let mut payload = [0; MAX_PAYLOAD];
        let length = self.encoder.encode(&pcm, &mut payload).expect("encoded");
        let Some(pt) = self.pt else { return };
        if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(self.mid, None) {
            let time = u32::try_from(self.sent * FRAME as u64).expect("a short test");
            let packet =
                RtpWrite::new(pt, (1000 + self.sent).into(), time, now(), payload[..length].to_vec());
            stream.write_rtp(packet);
        }
    }

    fn drain(&mut self) -> Instant {
        loop {
            match self.rtc.poll_output().expect("alive") {
                Output::Timeout(due) => return due,
                Output::Transmit(transmit) => {
                    _ = self.socket.try_send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    let mut pcm = vec![0; MAX_SAMPLES];
                    if let Ok(samples) = self.decoder.decode(&packet.payload, &mut pcm) {
                        pcm.truncate(samples);
                        self.ear.hear(pcm);
                    }
                }
                Output::Event(_) => {}
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "sound lives by the machine's clock")]
fn now() -> Instant {
    Instant::now()
}
