//! The sound of a phone: one WebRTC connection on the loopback address, Opus both ways.

use super::ear::Ear;
use super::voice::{FRAME, RATE, Voice};
use anyhow::{Context as _, Result, anyhow};
use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};
use tokio::net::UdpSocket;
use tokio::time::{Interval, interval, sleep_until};

/// The longest datagram that can come.
const DATAGRAM: usize = 2048;

/// How the way to the gateway stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    Searching,
    Connected,
    Gone,
}

/// One connection, made by our offer.
pub(super) struct Peer {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    mid: Mid,
    pt: Option<Pt>,
    encoder: Encoder,
    beat: Interval,
    due: Instant,
    sequence: u64,
    timestamp: u32,
    path: Path,
}

/// What the system said first.
enum Woken {
    Datagram(usize, SocketAddr),
    Beat,
    Due,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a phone for tests lives by the machine's clock, as sound does"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

impl Peer {
    /// Makes a connection and the offer for it.
    ///
    /// # Errors
    ///
    /// The system gives no socket, or the codec library refuses.
    pub(super) async fn offer() -> Result<(Self, String)> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.context("open a socket for sound")?;
        let local = socket.local_addr()?;
        let start = now();
        let mut rtc = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false).build(start);
        rtc.add_local_candidate(Candidate::host(local, "udp")?);
        let mut changes = rtc.sdp_api();
        let mid = changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = changes.apply().context("there is something to offer")?;
        let encoder = Encoder::new(Codec::Opus, &EncoderOptions::at(RATE))?;
        let mut peer = Self {
            rtc,
            socket,
            local,
            pending: Some(pending),
            mid,
            pt: None,
            encoder,
            beat: interval(Duration::from_millis(20)),
            due: start,
            sequence: 1000,
            timestamp: 0,
            path: Path::Searching,
        };
        peer.drain(&Mutex::default())?;
        Ok((peer, offer.to_sdp_string()))
    }

    /// Whether the gateway has answered the offer.
    pub(super) fn is_answered(&self) -> bool {
        self.pending.is_none()
    }

    pub(super) fn path(&self) -> Path {
        self.path
    }

    /// Takes the gateway's answer.
    ///
    /// # Errors
    ///
    /// An answer that does not fit, or a second one.
    pub(super) fn answered(&mut self, sdp: &str, ear: &Mutex<Option<Ear>>) -> Result<()> {
        let pending = self.pending.take().context("an answer to no offer")?;
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|error| anyhow!("{error}"))?;
        self.rtc.sdp_api().accept_answer(pending, answer)?;
        self.pt = self.opus();
        self.drain(ear)
    }

    /// Takes one more candidate of the gateway; what is none of ours to understand is left alone.
    pub(super) fn candidate(&mut self, text: &str) {
        if let Ok(candidate) = Candidate::from_sdp_string(text) {
            self.rtc.add_remote_candidate(candidate);
        }
    }

    fn opus(&self) -> Option<Pt> {
        let params = self.rtc.codec_config().params();
        let is_opus =
            |pt: &Pt| params.iter().any(|p| p.pt() == *pt && p.spec().codec == str0m::format::Codec::Opus);
        self.rtc.media(self.mid)?.remote_pts().iter().copied().find(is_opus)
    }

    /// Waits for the next thing that sound needs done, and does it. Safe to be dropped while it waits.
    ///
    /// # Errors
    ///
    /// The connection broke.
    pub(super) async fn next(&mut self, voice: &Mutex<Voice>, ear: &Mutex<Option<Ear>>) -> Result<()> {
        let mut room = [0; DATAGRAM];
        let woken = tokio::select! {
            received = self.socket.recv_from(&mut room) => {
                let (length, from) = received.context("receive sound")?;
                Woken::Datagram(length, from)
            }
            _ = self.beat.tick() => Woken::Beat,
            () = sleep_until(self.due.into()) => Woken::Due,
        };
        match woken {
            Woken::Datagram(length, from) => {
                if let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, &room[..length]) {
                    self.rtc.handle_input(Input::Receive(now(), receive))?;
                }
            }
            Woken::Beat => {
                let mut frame = [0; FRAME];
                voice.lock().unwrap_or_else(PoisonError::into_inner).fill(&mut frame);
                self.say(&frame)?;
            }
            Woken::Due => {}
        }
        self.drain(ear)?;
        if now() >= self.due {
            self.rtc.handle_input(Input::Timeout(now()))?;
            self.drain(ear)?;
        }
        Ok(())
    }

    /// Sends 20 ms of sound, once there is a way.
    fn say(&mut self, frame: &[i16; FRAME]) -> Result<()> {
        let mut payload = [0; MAX_PAYLOAD];
        let length = self.encoder.encode(frame, &mut payload)?;
        self.sequence += 1;
        self.timestamp = self.timestamp.wrapping_add(u32::try_from(FRAME)?);
        let (Some(pt), Path::Connected) = (self.pt, self.path) else { return Ok(()) };
        // Nothing to send is still sent: whoever listens counts packets.
        let payload = if length == 0 { vec![0xF8, 0xFF, 0xFE] } else { payload[..length].to_vec() };
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_tx_by_mid(self.mid, None) {
            let packet = RtpWrite::new(pt, self.sequence.into(), self.timestamp, now(), payload);
            stream.write_rtp(packet);
        }
        Ok(())
    }

    /// Everything that str0m has to say or send, until it only wants to wait.
    fn drain(&mut self, ear: &Mutex<Option<Ear>>) -> Result<()> {
        loop {
            match self.rtc.poll_output()? {
                Output::Timeout(due) => {
                    self.due = due;
                    return Ok(());
                }
                Output::Transmit(transmit) => {
                    // UDP may lose it here as well as anywhere else.
                    let _ = self.socket.try_send_to(&transmit.contents, transmit.destination);
                }
                Output::Event(event) => self.take(event, ear)?,
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "str0m tells much that a call of sound alone never meets"
    )]
    fn take(&mut self, event: Event, ear: &Mutex<Option<Ear>>) -> Result<()> {
        match event {
            Event::Connected => self.path = Path::Connected,
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) | Event::Closed => {
                self.path = Path::Gone;
            }
            Event::RtpPacket(packet) if Some(packet.header.payload_type) == self.pt => {
                let mut ear = ear.lock().unwrap_or_else(PoisonError::into_inner);
                if ear.is_none() {
                    *ear = Some(Ear::new()?);
                }
                if let Some(ear) = ear.as_mut() {
                    ear.hear(*packet.seq_no, &packet.payload, now());
                }
            }
            _ => {}
        }
        Ok(())
    }
}
