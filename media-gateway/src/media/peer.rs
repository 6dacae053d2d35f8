//! The one thing that the engine knows about a far side: a [`Peer`].
//!
//! SIP's RTP, a browser's WebRTC and Telegram's calls differ in how packets are protected and paths are found. Behind
//! this trait they all give encoded sound and take encoded sound. A peer is driven by the media thread that owns it:
//! it never blocks, never keeps a clock, and sends its datagrams itself on sockets that do not block.

use super::event::Failure;
use super::rtp_media::RtpMedia;
use super::statistics::Statistics;
use audio::codec::Codec;
use audio::dtmf::Digit;
use bytes::Bytes;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One far side, from the socket up to encoded sound.
pub trait Peer: Send {
    /// Sockets that the media thread shall watch for this peer, none blocking. The place in the list is what
    /// [`Peer::receive`] is told. The list never changes.
    fn sockets(&self) -> Vec<Arc<UdpSocket>>;

    /// A datagram came. The peer may decrypt it in place.
    fn receive(&mut self, datagram: Datagram<'_>, heard: &mut Heard);

    /// Time went on: called every 20 ms, after datagrams and before sound is sent; while the peer [hurries](Peer::hurries),
    /// every 10 ms and after each datagram and command.
    fn tick(&mut self, now: Instant, heard: &mut Heard);

    /// What to send, or `None` while nothing may be sent: no path, on hold, nothing agreed. Asked before each packet.
    fn wants(&self) -> Option<Wanted>;

    /// Whether the far side likes pauses to be left out (Opus only): then next to nothing is sent while nobody speaks.
    fn takes_pauses(&self) -> bool {
        false
    }

    /// Sends one packet of sound.
    fn send(&mut self, now: Instant, packet: Packet<'_>);

    /// A message of the far side's signalling, or `a=candidate` line, given to [`Engine::signal`](super::Engine::signal).
    fn signal(&mut self, _now: Instant, _message: Bytes, _heard: &mut Heard) {}

    /// What SIP's offer and answer agreed on, given to [`Engine::set_rtp`](super::Engine::set_rtp).
    fn agree(&mut self, _media: RtpMedia) {}

    /// A later SDP offer, given to [`Engine::reoffer`](super::Engine::reoffer); gives the answer.
    ///
    /// # Errors
    ///
    /// Words for the log: this peer takes no offers, or not this one.
    fn offer(&mut self, _now: Instant, _offer: &str, _heard: &mut Heard) -> Result<String, String> {
        Err("this far side takes no offers".to_owned())
    }

    /// Whether a path is being sought: each step of that waits for a datagram, so they are taken as they come.
    fn hurries(&self) -> bool {
        false
    }

    /// Whether the far side should be heard now: else its silence is no event.
    fn expects_sound(&self) -> bool;

    /// For a peer on the socket that a thread's browsers share: our part of the STUN user name by which its datagrams
    /// are known. Such a peer stays on its thread. Asked when it opens, and after each offer.
    fn shared_user(&mut self) -> Option<String> {
        None
    }

    /// Fills in what only the peer knows: packets, loss reported, round trip, refused.
    fn fill(&self, statistics: &mut Statistics);

    /// Says good-bye to the far side, if its protocol has one.
    fn close(&mut self, now: Instant);
}

/// A datagram as it came.
#[derive(Debug)]
pub struct Datagram<'a> {
    /// When it was taken from the socket.
    pub now: Instant,
    /// When it came, which the system knows: sockets are read once a frame.
    pub came: Instant,
    /// Which of the peer's sockets.
    pub socket: usize,
    /// From whom.
    pub from: SocketAddr,
    /// What.
    pub bytes: &'a mut [u8],
}

/// How the peer wants its sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The codec.
    pub codec: Codec,
    /// Sound in one packet.
    pub packet_time: Duration,
    /// Digits may go as telephone-events with this clock; `None`: only as tones.
    pub telephone_event_clock: Option<u32>,
    /// Silence is sent where there is nothing to say: it keeps NATs open and far sides patient.
    pub fills: bool,
    /// Opus only: share of packets lost on the way to the far side, in percent, for forward error correction.
    pub loss_percent: u8,
}

/// One packet to send.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// What the payload is.
    pub kind: Payload,
    /// Counted from zero, with rollovers; the peer adds its own random start. Where packets pass through, it may skip
    /// what was lost and go back for what was late.
    pub sequence: u64,
    /// Time stamp in the codec's RTP clock; the engine counts from zero, the peer adds its own random start.
    pub timestamp: u32,
    /// First packet after silence.
    pub marker: bool,
    /// Encoded sound, or a telephone-event's four bytes.
    pub payload: &'a [u8],
}

/// What a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    /// Sound in this codec.
    Sound(Codec),
    /// `telephone-event` (RFC 4733).
    TelephoneEvent,
    /// Comfort noise (RFC 3389).
    ComfortNoise,
    /// Nothing: the packet only uses up a sequence number. Received, never sent.
    Padding,
}

/// Collects what a peer heard and learned while it was called.
#[derive(Debug, Default)]
pub struct Heard {
    /// Packets in the order they came.
    pub packets: Vec<Received>,
    /// What else happened.
    pub happenings: Vec<Happening>,
}

impl Heard {
    /// Moves in what another has.
    pub fn take(&mut self, other: &mut Self) {
        self.packets.append(&mut other.packets);
        self.happenings.append(&mut other.happenings);
    }
}

/// One packet of the far side, checked and decrypted.
#[derive(Debug, Clone)]
pub struct Received {
    /// When it came.
    pub at: Instant,
    /// What the payload is.
    pub kind: Payload,
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP time stamp in the codec's RTP clock.
    pub timestamp: u32,
    /// Changes when the far side started over (new SSRC): the jitter buffer starts over too.
    pub stream: u32,
    /// RTP marker bit.
    pub marker: bool,
    /// Encoded sound.
    pub payload: Bytes,
}

/// What a peer tells besides sound.
#[derive(Debug, Clone)]
pub enum Happening {
    /// Sound can flow.
    Connected,
    /// The path is lost; the peer tries to find it again.
    Disconnected,
    /// Over.
    Failed(Failure),
    /// A digit that came by the peer's own protocol.
    Digit(Digit),
    /// A message for the far side's signalling.
    Signal(Bytes),
}
