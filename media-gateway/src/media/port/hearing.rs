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

/// The way in. It decodes only while somebody listens.
pub(in crate::media) struct Hearing {
    start: Instant,
    codec: Option<Codec>,
    stream: Option<u32>,
    listening: bool,
    decoding: Option<Decoding>,
}

struct Decoding {
    playout: Playout,
    resampler: Option<Resampler>,
    rate: u32,
}

impl Hearing {
    pub(in crate::media) const fn new(start: Instant) -> Self {
        Self { start, codec: None, stream: None, listening: false, decoding: None }
    }

    /// What the far side sends, once it has sent something.
    pub(in crate::media) const fn codec(&self) -> Option<Codec> {
        self.codec
    }

    /// A packet of sound.
    pub(in crate::media) fn put(&mut self, packet: &Received, codec: Codec) {
        if self.codec.replace(codec) != Some(codec) {
            self.decoding = None;
        }
        if self.stream.replace(packet.stream) != Some(packet.stream)
            && let Some(decoding) = &mut self.decoding
        {
            decoding.playout.restart();
        }
        let at = self.since(packet.at);
        if let Some(decoding) = self.decoding.as_mut().filter(|_| self.listening) {
            decoding.playout.put(packet.sequence, packet.timestamp, 0, &packet.payload, at);
        }
    }

    /// A packet of the same stream that is no sound.
    pub(in crate::media) fn skip(&mut self, packet: &Received) {
        let at = self.since(packet.at);
        if let Some(decoding) = self.decoding.as_mut().filter(|_| self.listening) {
            decoding.playout.skip(packet.sequence, packet.timestamp, at);
        }
    }

    /// A packet of comfort noise.
    pub(in crate::media) fn put_noise(&mut self, packet: &Received) {
        let at = self.since(packet.at);
        if let Some(decoding) = self.decoding.as_mut().filter(|_| self.listening) {
            decoding.playout.put_noise(packet.sequence, packet.timestamp, &packet.payload, at);
        }
    }

    /// Fills a frame of 20 ms at a rate; silence while nothing came.
    pub(in crate::media) fn pull(&mut self, rate: u32, now: Instant, frame: &mut [i16]) {
        self.listening = true;
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
        if std::mem::take(&mut self.listening)
            && let Some(decoding) = &mut self.decoding
        {
            decoding.playout.restart();
        }
    }

    /// What only the jitter buffer knows.
    pub(in crate::media) fn fill(&self, statistics: &mut Statistics) {
        if let Some(decoding) = self.decoding.as_ref().filter(|_| self.listening) {
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
        let config =
            Config { min_delay: MIN_DELAY, start_delay: START_DELAY, ..Config::new(codec.clock_rate()) };
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
