//! What far ends say, and how they listen.

use super::super::media::speech;
use crate::tools::clock::now;
use anyhow::Result;
use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD, MAX_SAMPLES};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Packets from one burst of tone to the next.
const PERIOD: usize = 25;
/// Packets of a burst.
const BURST: usize = 5;
/// What counts as sound.
const LOUD: u16 = 2_000;

/// Moments at which something began.
pub(super) type Moments = Arc<Mutex<Vec<Instant>>>;

/// What a far end says.
pub(super) struct Mouth {
    payloads: Arc<Vec<Vec<u8>>>,
    place: usize,
    /// When each burst left.
    bursts: Option<Moments>,
}

/// How a far end listens.
pub(super) enum Ear {
    /// Counts milliseconds of sound.
    Counts(Arc<AtomicU64>),
    /// Notes when sound begins after silence.
    Onsets(Box<Onsets>),
}

pub(super) struct Onsets {
    decoder: Decoder,
    rate: u32,
    quiet: u32,
    heard: Moments,
}

/// Speech as payloads, to be shared.
pub(super) fn speech(codec: Codec) -> Arc<Vec<Vec<u8>>> {
    Arc::new(speech::payloads(codec))
}

impl Mouth {
    /// Speech, everybody at another place of it.
    pub(super) fn speech(payloads: &Arc<Vec<Vec<u8>>>, number: usize) -> Self {
        Self { payloads: Arc::clone(payloads), place: number * 37, bursts: None }
    }

    /// A tone without end.
    pub(super) fn tone(codec: Codec) -> Result<Self> {
        Ok(Self { payloads: Arc::new(squares(codec, |_| true)?), place: 0, bursts: None })
    }

    /// A tenth of a second of tone each half second.
    pub(super) fn bursts(codec: Codec, sent: &Moments) -> Result<Self> {
        let payloads = squares(codec, |packet| packet % PERIOD < BURST)?;
        Ok(Self { payloads: Arc::new(payloads), place: 0, bursts: Some(Arc::clone(sent)) })
    }

    /// The next 20 ms.
    pub(super) fn next(&mut self) -> &[u8] {
        if let Some(moments) = self.bursts.as_ref().filter(|_| self.place.is_multiple_of(PERIOD)) {
            moments.lock().unwrap_or_else(PoisonError::into_inner).push(now());
        }
        self.place += 1;
        &self.payloads[(self.place - 1) % self.payloads.len()]
    }
}

impl Ear {
    /// Notes when sound begins.
    pub(super) fn onsets(codec: Codec, heard: &Moments) -> Result<Self> {
        let rate = codec.native_rate();
        let decoder = Decoder::new(codec, rate)?;
        Ok(Self::Onsets(Box::new(Onsets { decoder, rate, quiet: rate, heard: Arc::clone(heard) })))
    }

    /// A packet came.
    pub(super) fn hear(&mut self, codec: Codec, payload: &[u8], at: Instant) {
        match self {
            Self::Counts(milliseconds) => {
                milliseconds.fetch_add(duration(codec, payload), Ordering::Relaxed);
            }
            Self::Onsets(onsets) => onsets.hear(payload, at),
        }
    }
}

impl Onsets {
    fn hear(&mut self, payload: &[u8], at: Instant) {
        let mut sound = [0; MAX_SAMPLES];
        let Ok(length) = self.decoder.decode(payload, &mut sound) else { return };
        for (place, sample) in sound[..length].iter().enumerate() {
            if sample.unsigned_abs() < LOUD {
                self.quiet += 1;
                continue;
            }
            // A pause of 100 ms, then the tone: it begins.
            if self.quiet > self.rate / 10 {
                let offset = Duration::from_secs_f64(place as f64 / f64::from(self.rate));
                self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(at + offset);
            }
            self.quiet = 0;
        }
    }
}

/// Two seconds, with a square of 500 Hz where there is to be tone: it is loud from its first sample.
fn squares(codec: Codec, sounds: impl Fn(usize) -> bool) -> Result<Vec<Vec<u8>>> {
    let rate = codec.native_rate();
    let mut encoder = Encoder::new(codec, &EncoderOptions::at(rate))?;
    let samples = rate as usize / 50;
    let half = rate as usize / 1000;
    let mut payload = [0; MAX_PAYLOAD];
    let encode = |packet| {
        let mut sound = vec![0_i16; samples];
        for (place, sample) in sound.iter_mut().enumerate().filter(|_| sounds(packet)) {
            *sample = if (place / half).is_multiple_of(2) { 12_000 } else { -12_000 };
        }
        let length = encoder.encode(&sound, &mut payload)?;
        Ok(payload[..length].to_vec())
    };
    (0..4 * PERIOD).map(encode).collect()
}

/// Milliseconds of sound in a payload.
fn duration(codec: Codec, payload: &[u8]) -> u64 {
    if codec != Codec::Opus {
        return payload.len() as u64 * 1000 / u64::from(codec.clock_rate().max(1));
    }
    let Some(head) = payload.first() else { return 0 };
    // RFC 6716, 3.1: the configuration says how long a frame is, in quarters of a millisecond here; the code, how many.
    let frame = match head >> 3 {
        config @ 0..=11 => [40, 80, 160, 240][usize::from(config % 4)],
        config @ 12..=15 => [40, 80][usize::from(config % 2)],
        config => [10, 20, 40, 80][usize::from(config % 4)],
    };
    let frames = match head & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u64::from(payload.get(1).copied().unwrap_or(0) & 63),
    };
    frame * frames / 4
}
