//! [`BrowserPeer`]: a browser, reached by ICE and DTLS-SRTP.

use super::certificate::Certificate;
use super::offer;
use crate::media::event::Failure;
use crate::media::peer::{Datagram, Happening, Heard, Packet, Payload, Peer, Received, Wanted};
use crate::media::rtp::reception::Reception;
use crate::media::statistics::Statistics;
use audio::codec::Codec;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::media::{Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, RtpPacket, RtpWrite};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc};

/// How long a browser may take to find a path at first; the user may be asked for the microphone meanwhile.
const FIRST_PATH: Duration = Duration::from_secs(30);
/// Of Opus in RTP.
const CLOCK: u32 = 48_000;
const PACKET_TIME: Duration = Duration::from_millis(20);

/// What a new browser peer needs of its engine.
pub(in crate::media) struct Setup {
    /// The thread's socket for all its browsers.
    pub(in crate::media) socket: Arc<UdpSocket>,
    /// Addresses to tell.
    pub(in crate::media) addresses: Vec<IpAddr>,
    /// For DTLS.
    pub(in crate::media) certificate: Certificate,
    /// How long a lost path may take to come back.
    pub(in crate::media) reconnect: Duration,
}

/// See the [module](self).
pub(in crate::media) struct BrowserPeer {
    rtc: Rtc,
    socket: Arc<UdpSocket>,
    /// What str0m takes for the address that datagrams came to: our first candidates, by family.
    locals: Vec<SocketAddr>,
    reconnect: Duration,
    state: State,
    due: Instant,
    media: Option<(Mid, Pt)>,
    sends: bool,
    receives: bool,
    first_sequence: u64,
    first_timestamp: u32,
    counters: Counters,
    reception: Option<Reception>,
    /// What was learned while sending, for the next tick.
    pending: Heard,
}

enum State {
    /// No path yet, or not any more; it fails at this time.
    Searching {
        until: Instant,
        failure: Failure,
    },
    Connected,
    Over,
}

#[derive(Default)]
struct Counters {
    received: u64,
    sent: u64,
    refused: u64,
    loss_reported: f32,
    round_trip: Option<Duration>,
}

impl BrowserPeer {
    /// Answers an offer; gives the peer and the answer.
    ///
    /// # Errors
    ///
    /// Words for the log: the offer cannot be used.
    pub(in crate::media) fn answer(
        setup: Setup,
        offer: &str,
        now: Instant,
    ) -> Result<(Self, String), String> {
        let mid = offer::audio(offer).ok_or("it has no audio")?;
        let offer = offer::read(offer)?;
        let mut rtc = configured(setup.certificate).build(now);
        let bound = setup.socket.local_addr().map_err(|error| error.to_string())?;
        let locals: Vec<_> =
            setup.addresses.into_iter().map(|ip| SocketAddr::new(ip, bound.port())).collect();
        for local in &locals {
            let candidate = Candidate::host(*local, "udp").map_err(|error| error.to_string())?;
            rtc.add_local_candidate(candidate);
        }
        let answer = rtc.sdp_api().accept_offer(offer).map_err(|error| error.to_string())?;
        let mut peer = Self {
            rtc,
            socket: setup.socket,
            locals,
            reconnect: setup.reconnect,
            state: State::Searching { until: now + FIRST_PATH, failure: Failure::NoPath },
            due: now,
            media: None,
            sends: false,
            receives: false,
            first_sequence: u64::from(rand::random::<u16>() >> 1),
            first_timestamp: rand::random(),
            counters: Counters::default(),
            reception: None,
            pending: Heard::default(),
        };
        peer.media = Some((mid, peer.opus(mid).ok_or("it has no Opus")?));
        peer.direct();
        let mut pending = Heard::default();
        peer.drain(now, &mut pending);
        peer.pending = pending;
        Ok((peer, answer.to_sdp_string()))
    }

    /// Everything that str0m has to say or send, until it only wants to wait: its single-mutation invariant.
    fn drain(&mut self, now: Instant, heard: &mut Heard) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(due)) => {
                    self.due = due;
                    return;
                }
                Ok(Output::Transmit(transmit)) => {
                    // UDP may lose it here as well as anywhere else.
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(event)) => self.take(event, now, heard),
                Err(error) => {
                    tracing::debug!(%error, "a browser's connection broke");
                    self.fail(Failure::Protocol, heard);
                    return;
                }
            }
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "str0m tells much that a call of sound alone never meets"
    )]
    fn take(&mut self, event: Event, now: Instant, heard: &mut Heard) {
        match event {
            Event::Connected => self.connect(heard),
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => {
                if matches!(self.state, State::Connected) {
                    self.state = State::Searching { until: now + self.reconnect, failure: Failure::PathLost };
                    heard.happenings.push(Happening::Disconnected);
                }
            }
            Event::IceConnectionStateChange(
                IceConnectionState::Connected | IceConnectionState::Completed,
            ) => {
                // The first time, DTLS is still to come.
                if matches!(self.state, State::Searching { failure: Failure::PathLost, .. }) {
                    self.connect(heard);
                }
            }
            Event::RtpPacket(packet) => self.hear(&packet, now, heard),
            Event::MediaEgressStats(stats) => {
                self.counters.loss_reported = stats.loss.unwrap_or(self.counters.loss_reported);
                self.counters.round_trip = stats.rtt.or(self.counters.round_trip);
            }
            Event::PeerStats(stats) => {
                let path = stats.selected_candidate_pair.and_then(|pair| pair.current_round_trip_time);
                self.counters.round_trip = path.or(stats.rtt).or(self.counters.round_trip);
            }
            Event::Closed => self.fail(Failure::Closed, heard),
            _ => {}
        }
    }

    fn connect(&mut self, heard: &mut Heard) {
        if !matches!(self.state, State::Connected | State::Over) {
            self.state = State::Connected;
            heard.happenings.push(Happening::Connected);
        }
    }

    fn fail(&mut self, failure: Failure, heard: &mut Heard) {
        if !matches!(self.state, State::Over) {
            self.state = State::Over;
            heard.happenings.push(Happening::Failed(failure));
        }
    }

    fn hear(&mut self, packet: &RtpPacket, now: Instant, heard: &mut Heard) {
        self.counters.received += 1;
        let header = &packet.header;
        if self.reception.as_ref().is_none_or(|reception| reception.ssrc != *header.ssrc) {
            self.reception = Some(Reception::begin(*header.ssrc, header.sequence_number, CLOCK, now));
        }
        if let Some(reception) = &mut self.reception {
            reception.heard(header.sequence_number, header.timestamp, now);
        }
        let ours = self.media.is_some_and(|(_, pt)| pt == packet.header.payload_type);
        if !ours || packet.payload.is_empty() || !self.receives {
            return;
        }
        heard.packets.push(Received {
            at: now,
            kind: Payload::Sound(Codec::Opus),
            sequence: packet.header.sequence_number,
            timestamp: packet.header.timestamp,
            stream: *packet.header.ssrc,
            marker: packet.header.marker,
            payload: Bytes::copy_from_slice(&packet.payload),
        });
    }

    /// The payload type that the browser calls Opus.
    fn opus(&self, mid: Mid) -> Option<Pt> {
        let media = self.rtc.media(mid)?;
        let params = self.rtc.codec_config().params();
        let is_opus =
            |pt: &Pt| params.iter().any(|p| p.pt() == *pt && p.spec().codec == str0m::format::Codec::Opus);
        media.remote_pts().iter().copied().find(is_opus)
    }

    /// Who may send, by the last offer and answer.
    fn direct(&mut self) {
        let direction =
            self.media.and_then(|(mid, _)| self.rtc.media(mid)).map(str0m::media::Media::direction);
        self.sends = direction.is_some_and(|direction| direction.is_sending());
        self.receives = direction.is_some_and(|direction| direction.is_receiving());
    }

    fn advance(&mut self, now: Instant, heard: &mut Heard) {
        if now >= self.due {
            match self.rtc.handle_input(Input::Timeout(now)) {
                Ok(()) => self.drain(now, heard),
                Err(_) => self.fail(Failure::Protocol, heard),
            }
        }
    }

    /// The candidate that a datagram of this source came to.
    fn local(&self, from: SocketAddr) -> Option<SocketAddr> {
        let same_family = self.locals.iter().find(|local| local.is_ipv4() == from.is_ipv4());
        same_family.or(self.locals.first()).copied()
    }
}

impl Peer for BrowserPeer {
    fn sockets(&self) -> Vec<Arc<UdpSocket>> {
        Vec::new()
    }

    fn receive(&mut self, datagram: Datagram<'_>, heard: &mut Heard) {
        let Some(local) = self.local(datagram.from) else { return };
        let received = Receive::new(Protocol::Udp, datagram.from, local, datagram.bytes)
            .ok()
            .map(|receive| Input::Receive(datagram.now, receive));
        let Some(input) = received.filter(|input| self.rtc.accepts(input)) else {
            self.counters.refused += 1;
            return;
        };
        if self.rtc.handle_input(input).is_err() {
            // One bad datagram must not end a call; str0m says by `poll_output` what is beyond repair.
            self.counters.refused += 1;
        }
        self.drain(datagram.came, heard);
    }

    fn tick(&mut self, now: Instant, heard: &mut Heard) {
        heard.take(&mut self.pending);
        self.advance(now, heard);
        if let State::Searching { until, failure } = self.state
            && now >= until
        {
            self.fail(failure, heard);
        }
    }

    fn wants(&self) -> Option<Wanted> {
        let up = matches!(self.state, State::Connected) && self.sends && self.media.is_some();
        up.then_some(Wanted {
            codec: Codec::Opus,
            packet_time: PACKET_TIME,
            telephone_event_clock: None,
            fills: false,
            loss_percent: (self.counters.loss_reported * 100.0).clamp(0.0, 100.0) as u8,
        })
    }

    fn send(&mut self, now: Instant, packet: Packet<'_>) {
        let Some((mid, pt)) = self.media else { return };
        let sequence = (self.first_sequence + packet.sequence).into();
        let timestamp = self.first_timestamp.wrapping_add(packet.timestamp);
        let mut direct = self.rtc.direct_api();
        let Some(stream) = direct.stream_tx_by_mid(mid, None) else { return };
        stream.write_rtp(RtpWrite::new(pt, sequence, timestamp, now, packet.payload).marker(packet.marker));
        self.counters.sent += 1;
        let mut heard = std::mem::take(&mut self.pending);
        self.drain(now, &mut heard);
        self.advance(now, &mut heard);
        self.pending = heard;
    }

    fn signal(&mut self, now: Instant, message: Bytes, heard: &mut Heard) {
        let candidate = std::str::from_utf8(&message).ok().and_then(offer::candidate);
        if let Some(candidate) = candidate {
            self.rtc.add_remote_candidate(candidate);
            self.drain(now, heard);
        }
    }

    fn offer(&mut self, now: Instant, offer: &str, heard: &mut Heard) -> Result<String, String> {
        let offer = offer::read(offer)?;
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(|error| error.to_string())?;
        self.direct();
        self.drain(now, heard);
        Ok(answer.to_sdp_string())
    }

    fn hurries(&self) -> bool {
        matches!(self.state, State::Searching { .. })
    }

    fn expects_sound(&self) -> bool {
        matches!(self.state, State::Connected) && self.receives
    }

    fn shared_user(&mut self) -> Option<String> {
        let user = self.rtc.direct_api().local_ice_credentials().ufrag;
        Some(user)
    }

    fn fill(&self, statistics: &mut Statistics) {
        statistics.received = self.counters.received;
        statistics.sent = self.counters.sent;
        statistics.refused = self.counters.refused;
        if let Some(reception) = &self.reception {
            statistics.lost = reception.lost();
            statistics.jitter = reception.jitter();
        }
        statistics.loss_reported = self.counters.loss_reported;
        statistics.round_trip = self.counters.round_trip;
    }

    fn close(&mut self, now: Instant) {
        self.state = State::Over;
        if self.rtc.close().is_ok() {
            self.drain(now, &mut Heard::default());
        }
    }
}

fn configured(certificate: Certificate) -> str0m::RtcConfig {
    Rtc::builder()
        .set_dtls_cert(certificate.0)
        .set_rtp_mode(true)
        .clear_codecs()
        .enable_opus(true, false)
        // One stream of sound on one path: feedback for bandwidth estimation would only cost.
        .clear_extension_map()
        .set_extension(1, Extension::AudioLevel)
        .set_extension(4, Extension::RtpMid)
        .set_stats_interval(Some(Duration::from_secs(1)))
}
