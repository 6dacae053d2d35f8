//! How well a port hears and is heard.

use std::time::Duration;

/// What a call card and the metrics show about one port. Counted since the port opened unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Statistics {
    /// Packets that came from the far side.
    pub received: u64,
    /// Packets sent to the far side.
    pub sent: u64,
    /// Packets of the far side that never came or came too late.
    pub lost: u64,
    /// Share of packets lost on the way to us, lately: 0.0 to 1.0.
    pub loss: f32,
    /// Share of our packets that the far side reports lost, lately; 0.0 when it reports nothing.
    pub loss_reported: f32,
    /// Interarrival jitter (RFC 3550 6.4.1).
    pub jitter: Duration,
    /// Round trip by RTCP or ICE, when known.
    pub round_trip: Option<Duration>,
    /// How long sound waits in our jitter buffer now.
    pub buffered: Duration,
    /// Estimated delay from mouth to ear, one way: half the round trip, plus buffer and packet.
    pub delay: Duration,
    /// Mean opinion score estimated from loss and delay (ITU-T G.107), 1.0 to 4.5.
    pub mos: f32,
    /// Datagrams refused: not RTP, wrong source, not authentic, replayed.
    pub refused: u64,
    /// Loudness of what was heard lately: 0.0 silence to 1.0 full scale (root mean square). 0.0 while packets pass through.
    pub level: f32,
}

/// How busy the engine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Open ports.
    pub ports: usize,
    /// Most ports that it admits.
    pub capacity: usize,
    /// Ticks that took longer than a tick, since the start.
    pub overruns: u64,
    /// Pieces of sound dropped because there was no time or room, since the start.
    pub dropped: u64,
}
