//! From sound to packets: one port's way out.

use super::FRAME;
use crate::media::peer::{Packet, Payload, Peer, Received, Wanted};
use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
use audio::resample::Resampler;
use std::time::{Duration, Instant};

/// Room for the longest packet: 120 ms of L16 at 48 kHz would not fit a datagram, 60 ms of anything else does.
const ROOM: usize = MAX_PAYLOAD * 3;

/// A pause of a far side that passes through is filled after this; Opus's own pauses (DTX) are shorter.
const PAUSE: Duration = Duration::from_secs(1);

/// The way out: encoder, packets not yet full, and the place in sequence and time.
pub(in crate::media) struct Speaking {
    encoder: Option<Encoding>,
    /// Sound at the encoder's rate that does not fill a packet yet.
    waiting: Vec<i16>,
    sequence: u64,
    /// The frame that comes next, counted since the port opened: time goes on also while nothing is sent.
    frame: u64,
    /// The next packet is the first after a pause.
    fresh: bool,
    through: Option<Through>,
    forwarded: Option<Instant>,
    payload: Box<[u8; ROOM]>,
}

struct Encoding {
    encoder: Encoder,
    resampler: Option<Resampler>,
    rate: u32,
    complexity: u8,
    loss: u8,
    pauses: bool,
}

/// How the far side's numbers become ours while packets pass through.
struct Through {
    stream: u32,
    /// Ours minus theirs.
    sequence: u64,
    timestamp: u32,
    highest: u16,
    rollovers: u64,
    first: u64,
    /// Places of theirs that held nothing, and the last of them: what is late from before it has no place any more.
    empty: u64,
    last_empty: Option<u64>,
}

impl Speaking {
    pub(in crate::media) fn new() -> Self {
        Self {
            encoder: None,
            waiting: Vec::with_capacity(FRAME * 8),
            sequence: 0,
            frame: 0,
            fresh: true,
            through: None,
            forwarded: None,
            payload: Box::new([0; ROOM]),
        }
    }

    /// 20 ms went by.
    pub(in crate::media) fn pass(&mut self) {
        self.frame += 1;
    }

    /// Frames were left out because the thread could not run: time stamps tell the far side.
    pub(in crate::media) fn skip(&mut self, frames: u64) {
        self.frame += frames;
        self.fresh = true;
    }

    /// Nothing is sent now: the next packet begins anew.
    pub(in crate::media) fn pause(&mut self) {
        self.fresh = true;
        self.waiting.clear();
        self.through = None;
    }

    /// Takes 20 ms of sound at `rate`, and sends what packets are full.
    pub(in crate::media) fn say(
        &mut self,
        frame: &[i16],
        rate: u32,
        wanted: &Wanted,
        complexity: u8,
        now: Instant,
        peer: &mut dyn Peer,
    ) {
        self.through = None;
        if !self.prepare(rate, wanted, complexity, peer.takes_pauses()) {
            return;
        }
        let Some(encoding) = &mut self.encoder else { return };
        encoding.feed(frame, &mut self.waiting);
        let samples = (wanted.packet_time.as_millis() as usize * encoding.encoder.rate() as usize) / 1000;
        let mut sent = 0;
        while samples > 0 && self.waiting.len() - sent >= samples {
            let piece = &self.waiting[sent..sent + samples];
            // What is in the packet began before this frame's end by what still waits.
            let behind = self.waiting.len() - sent;
            sent += samples;
            let length = match encoding.encoder.encode(piece, &mut *self.payload) {
                Ok(0) | Err(_) => {
                    self.fresh = true;
                    continue;
                }
                Ok(length) => length,
            };
            let clock = u64::from(wanted.codec.clock_rate());
            let end = (self.frame + 1) * clock / 50;
            let back = behind as u64 * clock / u64::from(encoding.encoder.rate());
            let packet = Packet {
                kind: Payload::Sound(wanted.codec),
                sequence: self.sequence,
                timestamp: end.wrapping_sub(back) as u32,
                marker: std::mem::take(&mut self.fresh),
                payload: &self.payload[..length],
            };
            self.sequence += 1;
            peer.send(now, packet);
        }
        self.waiting.drain(..sent);
    }

    /// Sends a telephone-event in place of sound.
    pub(in crate::media) fn signal(
        &mut self,
        event: audio::dtmf::event::Transmit,
        now: Instant,
        peer: &mut dyn Peer,
    ) {
        self.through = None;
        self.waiting.clear();
        let packet = Packet {
            kind: Payload::TelephoneEvent,
            sequence: self.sequence,
            timestamp: event.timestamp,
            marker: event.marker,
            payload: &event.payload,
        };
        self.sequence += 1;
        self.fresh = true;
        peer.send(now, packet);
    }

    /// The time stamp of the frame that comes next, in a clock.
    pub(in crate::media) fn timestamp(&self, clock: u32) -> u32 {
        (self.frame * u64::from(clock) / 50) as u32
    }

    /// Lets a packet of the same codec through, untouched but for its numbers. Gaps and order stay, so that the far side
    /// can conceal and repair as if it heard the other itself.
    pub(in crate::media) fn forward(
        &mut self,
        packet: &Received,
        codec: Codec,
        now: Instant,
        peer: &mut dyn Peer,
    ) {
        self.waiting.clear();
        let started = self.through.as_ref().is_some_and(|through| through.stream == packet.stream);
        if !started {
            self.through = Some(Through {
                stream: packet.stream,
                sequence: self.sequence,
                timestamp: self.timestamp(codec.clock_rate()).wrapping_sub(packet.timestamp),
                highest: packet.sequence,
                rollovers: 0,
                first: u64::from(packet.sequence),
                empty: 0,
                last_empty: None,
            });
        }
        let Some(through) = &mut self.through else { return };
        let Some(place) = through.filled_place(packet.sequence) else { return };
        let sequence = through.sequence + place;
        let packet = Packet {
            kind: packet.kind,
            sequence,
            timestamp: packet.timestamp.wrapping_add(through.timestamp),
            marker: packet.marker || !started,
            payload: &packet.payload,
        };
        self.sequence = self.sequence.max(sequence + 1);
        self.fresh = false;
        self.forwarded = Some(now);
        peer.send(now, packet);
    }

    /// A packet of the stream that passes through holds nothing: the far side sees no gap there.
    pub(in crate::media) fn leave_out(&mut self, packet: &Received) {
        if let Some(through) = self.through.as_mut().filter(|through| through.stream == packet.stream) {
            through.leave_out(packet.sequence);
        }
    }

    /// A packet passed through lately.
    pub(in crate::media) fn has_forwarded(&self, now: Instant) -> bool {
        self.forwarded.is_some_and(|at| now.saturating_duration_since(at) < PAUSE)
    }

    /// Opens an encoder, or keeps the one that fits.
    fn prepare(&mut self, rate: u32, wanted: &Wanted, complexity: u8, pauses: bool) -> bool {
        let fits = self.encoder.as_ref().is_some_and(|encoding| {
            encoding.rate == rate && encoding.pauses == pauses && encoding.encoder.codec() == wanted.codec
        });
        if !fits {
            self.waiting.clear();
            self.encoder = Encoding::open(rate, wanted.codec, complexity, pauses);
        }
        let Some(encoding) = &mut self.encoder else { return false };
        encoding.tune(complexity, wanted.loss_percent);
        true
    }
}

impl Encoding {
    fn open(rate: u32, codec: Codec, complexity: u8, pauses: bool) -> Option<Self> {
        let own = if codec.opens_at(rate) { rate } else { codec.native_rate() };
        let bitrate = Some(own * 3 / 2);
        let options =
            EncoderOptions { complexity, fec: true, bitrate, dtx: pauses, ..EncoderOptions::at(own) };
        match Encoder::new(codec, &options) {
            Ok(encoder) => {
                let resampler = (own != rate).then(|| Resampler::new(rate, own));
                Some(Self { encoder, resampler, rate, complexity, loss: 0, pauses })
            }
            Err(error) => {
                tracing::warn!(%error, "a call is silent one way");
                None
            }
        }
    }

    fn tune(&mut self, complexity: u8, loss: u8) {
        if complexity != self.complexity {
            self.complexity = complexity;
            self.encoder.set_complexity(complexity);
        }
        if loss != self.loss {
            self.loss = loss;
            self.encoder.set_expected_loss(loss);
            // At its usual rates Opus has no bits to spare for copies, and makes none.
            self.encoder.set_bitrate(if loss > 0 {
                self.encoder.rate() * 2
            } else {
                self.encoder.rate() * 3 / 2
            });
        }
    }

    fn feed(&mut self, frame: &[i16], waiting: &mut Vec<i16>) {
        match &mut self.resampler {
            None => waiting.extend_from_slice(frame),
            Some(resampler) => {
                let mut piece = [0; FRAME + 1];
                let length = resampler.resample(frame, &mut piece);
                waiting.extend_from_slice(&piece[..length]);
            }
        }
    }
}

impl Through {
    /// As [`Through::place`], with empty places left out. Numbers must never come twice: they are part of what encrypts.
    fn filled_place(&mut self, sequence: u16) -> Option<u64> {
        let place = self.place(sequence)?;
        let is_past = self.last_empty.is_some_and(|last| place <= last);
        (!is_past).then(|| place - self.empty)
    }

    fn leave_out(&mut self, sequence: u16) {
        let before = self.highest;
        // A late one would change numbers that are given already.
        if let Some(place) = self.place(sequence)
            && self.highest != before
        {
            self.empty += 1;
            self.last_empty = Some(place);
        }
    }

    /// How many places after the first packet of this passage, lost ones counted; `None` for one from before.
    fn place(&mut self, sequence: u16) -> Option<u64> {
        let ahead = sequence.wrapping_sub(self.highest).cast_signed();
        if ahead > 0 {
            if sequence < self.highest {
                self.rollovers += 1;
            }
            self.highest = sequence;
        }
        // A late packet may be from before the last rollover.
        let late = ahead < 0 && sequence > self.highest;
        let rollovers = self.rollovers.checked_sub(u64::from(late))?;
        (rollovers << 16 | u64::from(sequence)).checked_sub(self.first)
    }
}

/// A packet of 20 ms, as most are.
pub(in crate::media) const FRAME_TIME: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn passage(first: u16) -> Through {
        let first_place = u64::from(first);
        Through {
            stream: 1,
            sequence: 0,
            timestamp: 0,
            highest: first,
            rollovers: 0,
            first: first_place,
            empty: 0,
            last_empty: None,
        }
    }

    #[test]
    fn padding_leaves_no_gap_behind_and_a_lost_packet_does() {
        let mut through = passage(65_534);
        assert_eq!(through.filled_place(65_534), Some(0));
        through.leave_out(65_535);
        through.leave_out(0);
        assert_eq!(through.filled_place(1), Some(1));
        assert_eq!(through.filled_place(3), Some(3));
        assert_eq!(through.filled_place(2), Some(2), "late is not too late");
        assert_eq!(through.filled_place(65_535), None, "from before the padding: its number may be taken");
    }

    proptest! {
        #[test]
        fn no_number_is_given_twice(order in proptest::collection::vec((0_u16..40, any::<bool>()), 1..80)) {
            let mut through = passage(65_520);
            let (mut given, mut seen) = (std::collections::HashSet::new(), std::collections::HashSet::new());
            for (step, is_padding) in order {
                let sequence = 65_520_u16.wrapping_add(step);
                // Whoever decrypts refuses the same packet twice.
                if !seen.insert(sequence) {
                    continue;
                }
                if is_padding {
                    through.leave_out(sequence);
                } else if let Some(place) = through.filled_place(sequence) {
                    prop_assert!(given.insert(place), "{place} twice");
                }
            }
        }
    }
}
