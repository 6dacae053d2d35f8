//! What goes into a jitter buffer, and what comes out of it.

use std::time::Duration;

/// How a buffer is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Ticks per second of the RTP clock.
    pub clock_rate: u32,
    /// Packets wait at least so long, however even they come.
    pub min_delay: Duration,
    /// So much is aimed at until the network is known.
    pub start_delay: Duration,
    /// The first packet of all waits so long. Where that is less than `start_delay`, the first sounds are stretched until as
    /// much is held: who has just been put through is heard sooner.
    pub first_delay: Duration,
    /// They never wait longer; what is older is dropped.
    pub max_delay: Duration,
    /// Packets that fit; beyond it the oldest is dropped.
    pub capacity: usize,
    /// Bytes of the largest payload; longer ones are refused.
    pub max_payload: usize,
}

impl Config {
    /// What suits a call, for an RTP clock of `clock_rate` ticks per second.
    #[must_use]
    pub const fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            min_delay: Duration::from_millis(15),
            start_delay: Duration::from_millis(40),
            first_delay: Duration::from_millis(40),
            max_delay: Duration::from_millis(400),
            capacity: 64,
            max_payload: 1500,
        }
    }
}

/// A packet of sound, as far as the buffer cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// RTP sequence number.
    pub sequence: u16,
    /// RTP timestamp.
    pub timestamp: u32,
    /// How long the payload plays, in ticks of the RTP clock: [`Codec::ticks`](crate::codec::Codec::ticks). Nought for packets
    /// that take a sequence number and are not played: padding, telephone events.
    pub ticks: u32,
    /// RTP payload type, handed back as it came.
    pub payload_type: u8,
    /// The payload.
    pub payload: &'a [u8],
}

/// What became of a packet that came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It waits for its moment.
    Kept,
    /// The stream jumped to new sequence numbers or timestamps; all begins anew with this packet.
    Restarted,
    /// It has been here before.
    Duplicate,
    /// Its moment is over.
    Late,
    /// Its sequence number is far from the others. If the next one follows it, the stream is taken to begin anew.
    Stray,
    /// Its payload is larger than [`Config::max_payload`].
    TooLarge,
}

/// What to play next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// This packet.
    Play(Packet<'a>),
    /// The packet before `next` is lost: play `ticks` out of the spare copy in `next`, if it has one. `next` itself comes with the
    /// next call.
    Recover {
        /// The packet that follows the lost one.
        next: Packet<'a>,
        /// How long the lost one would have played.
        ticks: u32,
    },
    /// A packet is missing: make up this much.
    Conceal {
        /// How much.
        ticks: u32,
    },
    /// The sender pauses between two talkspurts: comfort noise or silence for this much.
    Pause {
        /// How much.
        ticks: u32,
    },
    /// Nothing has come yet, or nothing for long: silence.
    Empty,
}

/// Whether the player should change its speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pace {
    /// Less is held than the network needs: stretch some sound.
    Linger,
    /// All is well.
    Keep,
    /// More is held than needed: shorten some sound, best where nobody speaks.
    Hurry,
    /// Far more is held than needed: shorten wherever it is possible.
    Rush,
}

/// What a call card and an RTCP report want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statistics {
    /// Packets that came, without duplicates.
    pub received: u64,
    /// Packets that never came: expected less received.
    pub lost: u64,
    /// Packets that came too late to be heard.
    pub late: u64,
    /// Packets that came again.
    pub duplicated: u64,
    /// Packets dropped because too much was held.
    pub dropped: u64,
    /// Sound that was made up.
    pub concealed: Duration,
    /// Interarrival jitter (RFC 3550 section 6.4.1).
    pub jitter: Duration,
    /// How long a packet that comes as fast as any waits until it is heard.
    pub delay: Duration,
    /// How long it should.
    pub wanted_delay: Duration,
}
