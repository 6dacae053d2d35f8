//! The way that sound takes: ICE, DTLS and SRTP by `str0m`, over host addresses and relays.
//!
//! `str0m` knows addresses only. What lies behind a relay gets an address out of 198.18.0.0/15, which is set aside for
//! benchmarks (RFC 2544) and never routed; [`relay`] translates on the way out and in.

mod candidate;
mod locals;
mod relay;
mod stun;
mod turn;
mod ways;

use crate::call::Quality;
use crate::key::Role;
use crate::message::{Fingerprint, InitialSetup, MediaState};
use crate::negotiation::{DYNAMIC, EXTENSIONS, OPUS};
use crate::server::Server;
use rand::RngCore;
use relay::Relays;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use str0m::channel::{ChannelConfig, ChannelId};
use str0m::format::{Codec, FormatParams};
use str0m::media::{Frequency, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, ExtensionMap, RtpHeader, RtpWrite, Ssrc};
use str0m::{Candidate, IceCreds, Input, Output, Rtc, RtcConfig, RtcError};
use stun::Questions;
use turn::Allocations;
use ways::{MAX_TOLD, Told, Way, Ways};

/// As many packets of sound are kept for sending again, which does not happen for sound.
const SEND_BUFFER: usize = 4;

/// A pair of addresses is tried for so long that it outlives a network that is gone for [`crate::call::CONNECT_TIMEOUT`]:
/// a pair that was given up does not come back.
const STUN_RETRANSMITS: usize = 18;

/// A pair is checked at least this often: what died is known soon, and what is back is found soon.
const STUN_INTERVAL: Duration = Duration::from_millis(1500);

/// Loss and round trip are learned this often.
const MEASURED_EVERY: Duration = Duration::from_secs(1);

/// As many streams of the far side are heard, the last; a call has one, and another after each new offer.
const MAX_STREAMS: usize = 16;

/// A datagram to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// The local socket to send from: one that was given to the call.
    pub source: SocketAddr,
    /// Where to.
    pub destination: SocketAddr,
    /// The bytes.
    pub contents: Vec<u8>,
}

/// What came of the transport.
#[derive(Debug)]
pub(crate) enum Happened {
    /// ICE and DTLS are up.
    Connected,
    /// The far side was heard from: something came that can only be its.
    Heard,
    /// The far side ended DTLS.
    Closed,
    /// The transport is broken beyond repair, for this reason.
    Broken(String),
    /// A packet of sound; an empty payload is padding, which only counts.
    Sound { stream: u32, sequence: u64, timestamp: u32, marker: bool, payload: Arc<[u8]> },
    /// A text on the data channel.
    Text(Vec<u8>),
    /// A way to reach us, as the far side is to be told.
    Candidate(String),
}

/// One end's transport.
pub(crate) struct Transport {
    rtc: Rtc,
    role: Role,
    mid: Mid,
    ssrc: u32,
    p2p: bool,
    local: Vec<SocketAddr>,
    /// How many there were in all.
    locals: usize,
    /// Our candidates.
    told: Vec<Candidate>,
    ways: Ways,
    relays: Relays,
    questions: Questions,
    allocations: Allocations,
    waiting: VecDeque<String>,
    /// What the far side says of DTLS (`setup`), once its InitialSetup is there.
    far_setup: Option<String>,
    /// The far side's streams with the payload type of each, the latest last.
    expected: VecDeque<(u32, u8)>,
    was_connected: bool,
    channel: Option<ChannelId>,
    muted: bool,
    /// Added to the shell's numbers.
    first_sequence: u64,
    quality: Quality,
    ufrag: String,
    now: Instant,
    transmits: VecDeque<Transmit>,
    happened: VecDeque<Happened>,
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transport").field("role", &self.role).field("p2p", &self.p2p).finish_non_exhaustive()
    }
}

impl Transport {
    /// A transport that sends sound from `ssrc`. Without `p2p` no address of ours is shown to the far side, or used.
    pub(crate) fn new(
        role: Role,
        ssrc: u32,
        p2p: bool,
        servers: &[Server],
        now: Instant,
        random: &mut dyn RngCore,
    ) -> Self {
        let mut extensions = ExtensionMap::empty();
        extensions.set(EXTENSIONS[0].0, Extension::AbsoluteSendTime);
        extensions.set(EXTENSIONS[1].0, Extension::TransportSequenceNumber);
        let mut config = RtcConfig::new()
            .set_crypto_provider(Arc::new(str0m::crypto::from_feature_flags()))
            .clear_codecs()
            .enable_opus(true, false)
            .set_extension_map(extensions)
            .set_rtp_mode(true)
            .set_send_buffer_audio(SEND_BUFFER)
            .set_stats_interval(Some(MEASURED_EVERY))
            .set_local_ice_credentials(credentials(random))
            .set_sctp_max_message_size(262_144);
        config.set_max_stun_retransmits(STUN_RETRANSMITS);
        config.set_max_stun_rto(STUN_INTERVAL);
        // The far side chooses the number under which it sends Opus.
        for number in DYNAMIC.filter(|it| *it != OPUS) {
            let (clock, format) = (Frequency::FORTY_EIGHT_KHZ, FormatParams::default());
            config.codec_config().add_config(number.into(), None, Codec::Opus, clock, Some(2), format);
        }
        let mut rtc = config.build(now);
        let mid = Mid::from("audio");
        let mut direct = rtc.direct_api();
        direct.set_ice_controlling(role == Role::Caller);
        direct.enable_twcc_feedback();
        direct.declare_media(mid, MediaKind::Audio);
        direct.declare_stream_tx(Ssrc::from(ssrc), None, mid, None);
        let ufrag = direct.local_ice_credentials().ufrag;
        Self {
            rtc,
            role,
            mid,
            ssrc,
            p2p,
            local: Vec::new(),
            locals: 0,
            told: Vec::new(),
            ways: Ways::default(),
            relays: Relays::new(servers, random),
            questions: Questions::new(servers),
            allocations: Allocations::new(servers, now),
            waiting: VecDeque::new(),
            far_setup: None,
            expected: VecDeque::new(),
            was_connected: false,
            channel: None,
            muted: false,
            // Far from the end of the 16 bits, so that SRTP's rollover counter is not needed at the start.
            first_sequence: u64::from(random.next_u32() % 0x7fff) + 1,
            quality: Quality::default(),
            ufrag,
            now,
            transmits: VecDeque::new(),
            happened: VecDeque::new(),
        }
    }

    /// Our InitialSetup.
    pub(crate) fn setup(&mut self) -> InitialSetup {
        let setup = match (self.role, self.far_setup.as_deref()) {
            (Role::Caller, _) => "actpass",
            (Role::Callee, Some("passive")) => "active",
            (Role::Callee, _) => "passive",
        };
        let direct = self.rtc.direct_api();
        let IceCreds { ufrag, pass } = direct.local_ice_credentials();
        let printed = direct.local_dtls_fingerprint().to_string();
        let (hash, fingerprint) = printed.split_once(' ').unwrap_or(("sha-256", &printed));
        let fingerprint =
            Fingerprint { hash: hash.into(), setup: setup.into(), fingerprint: fingerprint.into() };
        InitialSetup { ufrag, pwd: pass, renomination: false, fingerprints: vec![fingerprint] }
    }

    /// Takes the far side's InitialSetup, once: from here on DTLS can begin.
    ///
    /// # Errors
    ///
    /// Words for the log: there is no fingerprint, or no credentials, that can be used.
    pub(crate) fn set_remote(&mut self, setup: &InitialSetup) -> Result<(), String> {
        if self.far_setup.is_some() {
            return Ok(());
        }
        setup.check_credentials().map_err(|fault| fault.to_string())?;
        let usable = setup.fingerprints.iter().find_map(|it| {
            let printed = format!("{} {}", it.hash.to_ascii_lowercase(), it.fingerprint);
            Some((it, printed.parse().ok()?))
        });
        let Some((chosen, fingerprint)) = usable else {
            return Err("no fingerprint that can be used".to_owned());
        };
        self.far_setup = Some(chosen.setup.clone());
        let is_caller = self.role == Role::Caller;
        let mut direct = self.rtc.direct_api();
        direct.set_remote_fingerprint(fingerprint);
        direct.set_remote_ice_credentials(IceCreds { ufrag: setup.ufrag.clone(), pass: setup.pwd.clone() });
        direct.start_dtls(is_dtls_client(&chosen.setup, self.role)).map_err(|error| error.to_string())?;
        direct.start_sctp(is_caller);
        if is_caller {
            direct.create_data_channel(ChannelConfig { label: "data".to_owned(), ..Default::default() });
        }
        for line in std::mem::take(&mut self.waiting) {
            self.try_remote_candidate(&line);
        }
        Ok(())
    }

    /// A way to reach the far side. It waits until the far side's InitialSetup is there.
    pub(crate) fn add_remote_candidate(&mut self, line: &str) {
        if self.far_setup.is_some() {
            self.try_remote_candidate(line);
            return;
        }
        if self.waiting.len() >= MAX_TOLD {
            tracing::debug!("more candidates wait than are kept; the oldest is let go");
            self.waiting.pop_front();
        }
        self.waiting.push_back(line.to_owned());
    }

    fn try_remote_candidate(&mut self, line: &str) {
        // Without peer-to-peer only what lies behind a relay is tried: a check of any other would show our address.
        let Some(candidate) = candidate::read(line, self.p2p, &mut self.relays) else {
            tracing::debug!("a candidate is not of use, or can't be read");
            return;
        };
        match self.ways.tell(&candidate) {
            Told::TooMany => tracing::debug!("the far side tells more candidates than a call has"),
            Told::Try { instead_of } => {
                if let Some(oldest) = instead_of {
                    tracing::debug!("more candidates are there than are tried; the oldest is let go");
                    self.rtc.direct_api().invalidate_candidate(&oldest);
                }
                self.rtc.add_remote_candidate(candidate);
            }
        }
    }

    /// Leaves a way that has died, and comes back to those that were left long ago.
    fn mind_ways(&mut self) {
        for candidate in self.ways.leave(self.now) {
            self.rtc.direct_api().invalidate_candidate(&candidate);
        }
        for candidate in self.ways.try_again(self.now) {
            self.rtc.add_remote_candidate(candidate);
        }
    }

    /// Sound will come from this source, as this payload type, or came to be wanted anew.
    pub(crate) fn expect(&mut self, ssrc: u32, payload_type: u8) {
        if let Some(known) = self.expected.iter_mut().find(|(known, _)| *known == ssrc) {
            known.1 = payload_type;
            return;
        }
        if self.expected.len() >= MAX_STREAMS
            && let Some((oldest, _)) = self.expected.pop_front()
        {
            tracing::debug!("the far side has offered more streams than are heard; the oldest is let go");
            self.rtc.direct_api().remove_stream_rx(Ssrc::from(oldest));
        }
        self.expected.push_back((ssrc, payload_type));
        self.rtc.direct_api().expect_stream_rx(Ssrc::from(ssrc), None, self.mid, None);
    }

    /// Whether a source is one that sound will come from.
    #[cfg(test)]
    pub(crate) fn expects(&self, ssrc: u32) -> bool {
        self.expected.iter().any(|(known, _)| *known == ssrc)
    }

    /// Sends a packet of sound.
    pub(crate) fn send_sound(
        &mut self,
        payload: &[u8],
        sequence: u64,
        timestamp: u32,
        marker: bool,
        now: Instant,
    ) {
        let sequence = self.first_sequence.saturating_add(sequence);
        if let Some(stream) = self.rtc.direct_api().stream_tx(&Ssrc::from(self.ssrc)) {
            let packet = RtpWrite::new(OPUS.into(), sequence.into(), timestamp, now, payload);
            stream.write_rtp(packet.marker(marker));
        }
    }

    /// Tells the far side whether our microphone is on, now or as soon as there is a channel.
    pub(crate) fn set_muted(&mut self, muted: bool) {
        self.muted = muted;
        let text = serde_json::to_vec(&crate::message::Message::MediaState(MediaState::voice(muted)));
        let (Some(id), Ok(text)) = (self.channel, text) else { return };
        if let Some(mut channel) = self.rtc.channel(id) {
            // A channel that takes no more at this moment will be told at the next change.
            let _ = channel.write(false, &text);
        }
    }

    /// Says good-bye to the far side.
    pub(crate) fn close(&mut self) {
        // Where DTLS was never up, there is nobody to tell.
        let _ = self.rtc.close();
    }

    /// How well it does.
    pub(crate) fn quality(&self) -> Quality {
        self.quality
    }

    /// Whether a datagram is of this call.
    pub(crate) fn accepts(&self, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) -> bool {
        self.relays.accepts(source, datagram)
            || self.allocations.knows(source)
            || datagram.try_into().is_ok_and(|contents| {
                let received = Receive { proto: Protocol::Udp, source, destination, contents };
                self.rtc.accepts(&Input::Receive(self.now, received))
            })
    }

    /// Takes a datagram that came to one of our sockets. What is not understood is dropped: anybody can send anything.
    pub(crate) fn receive(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        datagram: &[u8],
        now: Instant,
    ) {
        self.now = self.now.max(now);
        // One server may answer questions and relay; answers are told apart by the question that they name.
        if let Some((public, local)) = self.questions.receive(source, datagram) {
            self.announce(Candidate::server_reflexive(public, local, Protocol::Udp).ok());
        } else if self.allocations.knows(source) {
            if let Some(it) = self.allocations.receive(source, datagram, now) {
                self.take(it.from, it.to, &it.payload);
            }
        } else {
            match self.relays.receive(source, datagram) {
                Some(relay::Received::Ready(port)) => self.announce_reflector(&port),
                Some(relay::Received::Data { from, to, payload, ready }) => {
                    ready.iter().for_each(|port| self.announce_reflector(port));
                    self.take(from, to, payload);
                }
                Some(relay::Received::Nothing) => {}
                None if self.p2p => self.take(source, destination, datagram),
                None => {}
            }
        }
        self.settle();
    }

    /// Sends what relays want to be sent, and tells of addresses that they have given.
    fn settle(&mut self) {
        self.transmits.extend(self.allocations.handle_timeout(self.now));
        while let Some((relayed, local)) = self.allocations.poll_allocated() {
            self.announce(Candidate::relayed(relayed, local, Protocol::Udp).ok());
        }
        self.drain();
    }

    /// The far side may reach us at one more address.
    fn announce(&mut self, candidate: Option<Candidate>) {
        if let Some(line) = candidate.and_then(|it| self.add_candidate(it)) {
            self.happened.push_back(Happened::Candidate(line));
        }
    }

    fn take(&mut self, source: SocketAddr, destination: SocketAddr, datagram: &[u8]) {
        if let Ok(contents) = datagram.try_into() {
            let received = Receive { proto: Protocol::Udp, source, destination, contents };
            let input = Input::Receive(self.now, received);
            if !self.rtc.accepts(&input) {
                self.quality.refused += 1;
                return;
            }
            // A packet that can't be decrypted or parsed is none of ours; the call goes on.
            match self.rtc.handle_input(input) {
                Ok(()) => {
                    self.ways.hear(Way { ours: destination, theirs: source }, self.now);
                    self.happened.push_back(Happened::Heard);
                }
                Err(error) => {
                    self.quality.refused += 1;
                    tracing::trace!(%error, "a datagram was dropped");
                }
            }
        } else {
            self.quality.refused += 1;
        }
    }

    /// A reflector has answered: the far side may reach us through it.
    fn announce_reflector(&mut self, port: &relay::Ready) {
        let Ok(candidate) = Candidate::relayed(port.own, port.local, Protocol::Udp) else { return };
        let line = candidate::reflector_line(&candidate, port, &self.ufrag);
        if self.add_candidate(candidate).is_some() {
            self.happened.push_back(Happened::Candidate(line));
        }
    }

    /// Moves time forward.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.now = self.now.max(now);
        self.transmits.extend(self.relays.handle_timeout(now));
        self.transmits.extend(self.questions.handle_timeout(now));
        if let Err(error) = self.rtc.handle_input(Input::Timeout(self.now)) {
            self.fail(&error);
        }
        self.mind_ways();
        self.settle();
    }

    /// Once the two ends were connected, an error comes of a far side that has gone: it may end DTLS while we still speak.
    fn fail(&mut self, error: &RtcError) {
        tracing::debug!(%error, "the transport has failed");
        let broken = || Happened::Broken(error.to_string());
        self.happened.push_back(if self.was_connected { Happened::Closed } else { broken() });
    }

    /// When [`Transport::handle_timeout`] is wanted.
    pub(crate) fn poll_timeout(&mut self) -> Option<Instant> {
        let next = self.drain();
        let relays = [self.relays.poll_timeout(), self.questions.poll_timeout()];
        let allocations = self.allocations.poll_timeout(self.now);
        relays.into_iter().chain([next, allocations]).flatten().min()
    }

    /// The next datagram to be sent.
    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// What happened next.
    pub(crate) fn poll_happened(&mut self) -> Option<Happened> {
        self.happened.pop_front()
    }

    /// Takes everything out of `str0m`, which every change of it asks for; returns when it wants to be woken.
    pub(crate) fn drain(&mut self) -> Option<Instant> {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(at)) => return Some(at),
                Ok(Output::Transmit(it)) => self.transmit(it.source, it.destination, it.contents.to_vec()),
                Ok(Output::Event(event)) => self.notice(event),
                Err(error) => {
                    self.fail(&error);
                    return None;
                }
            }
        }
    }

    /// ICE tries every pair of candidates; those that mix relays, or a relay and a host address, lead nowhere.
    fn transmit(&mut self, source: SocketAddr, destination: SocketAddr, contents: Vec<u8>) {
        if !is_check(&contents) {
            self.ways.choose(Way { ours: source, theirs: destination });
        }
        if let Some(wrapped) = self.relays.wrap(source, destination, &contents) {
            self.transmits.push_back(wrapped);
        } else if self.allocations.is_relayed(source) {
            let wrapped = self.allocations.wrap(source, destination, &contents, self.now);
            self.transmits.extend(wrapped.filter(|_| !relay::is_ours(destination)));
        } else if self.p2p && self.local.contains(&source) && !relay::is_ours(destination) {
            self.transmits.push_back(Transmit { source, destination, contents });
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "of str0m's events only these concern a voice call")]
    fn notice(&mut self, event: str0m::Event) {
        use str0m::Event;
        let happened = match event {
            Event::Connected => {
                self.was_connected = true;
                Happened::Connected
            }
            Event::RtpPacket(packet) if !self.is_agreed(&packet.header) => return,
            Event::RtpPacket(packet) => Happened::Sound {
                stream: *packet.header.ssrc,
                sequence: *packet.seq_no,
                timestamp: packet.header.timestamp,
                marker: packet.header.marker,
                payload: packet.payload.clone(),
            },
            Event::ChannelOpen(id, _) => {
                self.channel = Some(id);
                return self.set_muted(self.muted);
            }
            Event::ChannelData(data) if !data.binary => Happened::Text(data.data),
            Event::MediaEgressStats(stats) => {
                self.quality.loss_reported = stats.loss.unwrap_or(self.quality.loss_reported);
                self.quality.round_trip = stats.rtt.or(self.quality.round_trip);
                return;
            }
            Event::PeerStats(stats) => {
                let path = stats.selected_candidate_pair.and_then(|pair| pair.current_round_trip_time);
                self.quality.round_trip = path.or(stats.rtt).or(self.quality.round_trip);
                return;
            }
            Event::Closed => Happened::Closed,
            _ => return,
        };
        self.happened.push_back(happened);
    }

    /// Whether a packet has the payload type that was agreed for its stream: under another it is not Opus.
    fn is_agreed(&self, header: &RtpHeader) -> bool {
        self.expected.contains(&(*header.ssrc, *header.payload_type))
    }
}

/// Credentials for ICE (RFC 8839, 5.4): 48 random bits of name, 144 of password.
fn credentials(random: &mut dyn RngCore) -> IceCreds {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = |length: usize| {
        let mut bytes = vec![0; length];
        random.fill_bytes(&mut bytes);
        bytes.into_iter().map(|byte| char::from(ALPHABET[usize::from(byte % 64)])).collect()
    };
    IceCreds { ufrag: text(8), pass: text(24) }
}

/// Which side begins DTLS, by what the far side says it will do (RFC 4145, 4); if it leaves that open, the caller.
fn is_dtls_client(far_setup: &str, role: Role) -> bool {
    match far_setup {
        "active" => false,
        "passive" => true,
        _ => role == Role::Caller,
    }
}

/// Whether a datagram is STUN: those try all ways, and everything else goes the one that is chosen (RFC 7983, 7).
fn is_check(contents: &[u8]) -> bool {
    contents.first().is_some_and(|first| *first < 4)
}

#[cfg(test)]
mod tests;
