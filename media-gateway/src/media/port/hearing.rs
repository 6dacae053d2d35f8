//! From packets to sound: one port's way in.

use super::FRAME;
use crate::media::peer::Received;
use crate::media::statistics::Statistics;
use audio::codec::Codec;
use audio::jitter::Config;
use audio::playout::Playout;
use audio::resample::Resampler;
use std::time::{Duration, Instant};

/// Waiting for the next frame of the thread is delay enough on an even path; an uneven one is learned within a second.
const MIN_DELAY: Duration = Duration::from_millis(5);
/// Until the path is known.
const START_DELAY: Duration = Duration::from_millis(20);
/// The first packet of all waits so long before it is heard.
pub(in crate::media) const FIRST_DELAY: Duration = MIN_DELAY;

/// The way in. It decodes only while somebody listens.
pub(in crate::media) struct Hearing {
    start: Instant,
    codec: Option<Codec>,
    stream: Option<u32>,
    /// Samples per second that somebody listens at.
    listening: Option<u32>,
    /// Since somebody listens, a packet has come.
    begun: bool,
    decoding: Option<Decoding>,
}

struct Decoding {
    playout: Playout,
    resampler: Option<Resampler>,
    rate: u32,
}

impl Hearing {
    pub(in crate::media) const fn new(start: Instant) -> Self {
        Self { start, codec: None, stream: None, listening: None, begun: false, decoding: None }
    }

    /// What the far side sends, once it has sent something.
    pub(in crate::media) const fn codec(&self) -> Option<Codec> {
        self.codec
    }

    /// A packet of sound. `true`: it is the first since somebody listens, and to be heard [`FIRST_DELAY`] later.
    pub(in crate::media) fn put(&mut self, packet: &Received, codec: Codec) -> bool {
        match self.codec.replace(codec) {
            // The first packet of all is to be heard too: it may be the longest that there are.
            None => self.decoding = self.listening.and_then(|rate| Decoding::open(codec, rate)),
            Some(before) if before != codec => self.decoding = None,
            Some(_) => {}
        }
        if self.stream.replace(packet.stream) != Some(packet.stream)
            && let Some(decoding) = &mut self.decoding
        {
            decoding.playout.restart();
        }
        let at = self.since(packet.at);
        if let Some(decoding) = self.decoding.as_mut().filter(|_| self.listening.is_some()) {
            decoding.playout.put(packet.sequence, packet.timestamp, 0, &packet.payload, at);
            return !std::mem::replace(&mut self.begun, true);
        }
        false
    }

    /// How much more is held than the path needs; `None` while nothing is played.
    pub(in crate::media) fn spare(&self) -> Option<Duration> {
        self.decoding.as_ref().filter(|_| self.listening.is_some())?.playout.spare()
    }

    /// A packet of the same stream that is no sound.
    pub(in crate::media) fn skip(&mut self, packet: &Received) {
        let at = self.since(packet.at);
        if let Some(decoding) = self.decoding.as_mut().filter(|_| self.listening.is_some()) {
            decoding.playout.skip(packet.sequence, packet.timestamp, at);
        }
    }

    /// A packet of comfort noise.
    pub(in crate::media) fn put_noise(&mut self, packet: &Received) {
        let at = self.since(packet.at);
        if let Some(decoding) = self.decoding.as_mut().filter(|_| self.listening.is_some()) {
            decoding.playout.put_noise(packet.sequence, packet.timestamp, &packet.payload, at);
        }
    }

    /// Fills a frame of 20 ms at a rate; silence while nothing came.
    pub(in crate::media) fn pull(&mut self, rate: u32, now: Instant, frame: &mut [i16]) {
        self.listening = Some(rate);
        let at = self.since(now);
        if self.decoding.as_ref().is_none_or(|decoding| decoding.rate != rate) {
            self.decoding = self.codec.and_then(|codec| Decoding::open(codec, rate));
        }
        match &mut self.decoding {
            Some(decoding) => decoding.pull(at, frame),
            None => frame.fill(0),
        }
    }

    /// Nobody listens any more: what waits is stale when somebody does again.
    pub(in crate::media) fn rest(&mut self) {
        self.begun = false;
        if self.listening.take().is_some()
            && let Some(decoding) = &mut self.decoding
        {
            decoding.playout.restart();
        }
    }

    /// What only the jitter buffer knows.
    pub(in crate::media) fn fill(&self, statistics: &mut Statistics) {
        if let Some(decoding) = self.decoding.as_ref().filter(|_| self.listening.is_some()) {
            let known = decoding.playout.statistics();
            statistics.buffered = known.delay;
            statistics.lost += known.late;
        }
    }

    fn since(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.start)
    }
}

impl Decoding {
    fn open(codec: Codec, rate: u32) -> Option<Self> {
        let own = if codec.opens_at(rate) { rate } else { codec.native_rate() };
        let config = Config {
            min_delay: MIN_DELAY,
            start_delay: START_DELAY,
            first_delay: FIRST_DELAY,
            ..Config::new(codec.clock_rate())
        };
        match Playout::with(codec, own, config) {
            Ok(playout) => {
                let resampler = (own != rate).then(|| Resampler::new(own, rate));
                Some(Self { playout, resampler, rate })
            }
            Err(error) => {
                tracing::warn!(%error, "a far side is not heard");
                None
            }
        }
    }

    fn pull(&mut self, at: Duration, frame: &mut [i16]) {
        let Some(resampler) = &mut self.resampler else {
            self.playout.pull(frame, at);
            return;
        };
        let mut samples = [0; FRAME];
        let own = &mut samples[..(self.playout.rate() as usize / 50).min(FRAME)];
        self.playout.pull(own, at);
        let written = resampler.resample(own, frame).min(frame.len());
        frame[written..].fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::now;
    use crate::media::peer::Payload;
    use bytes::Bytes;

    #[test]
    fn who_is_listened_to_is_heard_from_the_first_packet_on() {
        let start = now();
        let mut hearing = Hearing::new(start);
        let mut frame = [0; 160];
        hearing.pull(8000, start, &mut frame);
        // Nothing follows that could be heard in its place.
        let packet = Received {
            at: start,
            kind: Payload::Sound(Codec::Pcma),
            sequence: 1,
            timestamp: 0,
            stream: 1,
            marker: true,
            payload: Bytes::from_static(&[0x35; 160]),
        };
        hearing.put(&packet, Codec::Pcma);
        let loud = (1..5).any(|frames| {
            hearing.pull(8000, start + Duration::from_millis(20) * frames, &mut frame);
            audio::level::rms(&frame) > 500.0
        });
        assert!(loud, "it was heard");
    }
}
