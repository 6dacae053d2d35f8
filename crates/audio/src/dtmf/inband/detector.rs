//! Digits out of the sound.
//!
//! Blocks of 12.75 ms go through a Goertzel filter for each of the eight tones. A block is a digit's if one row and one column
//! stand out, neither much louder than the other (twist), if together they are nearly all of the energy, and if the tones
//! have no second harmonic, which voices have. A digit is told when two blocks in a row agree, and again only after a pause.

use super::{COLUMNS, Digit, KEYS, ROWS};
use std::f32::consts::TAU;

/// Samples of a block at 8 kHz: it keeps neighbouring tones apart and fits twice into the shortest digit.
const BLOCK: usize = 102;
/// How much louder the column may be than the row, as power: 4 dB are asked for (ITU-T Q.24), lines do worse.
const NORMAL_TWIST: f32 = 6.3;
/// How much louder the row may be than the column, as power: 8 dB are asked for, and some.
const REVERSE_TWIST: f32 = 7.9;
/// How far the best tone of a group stands above the others, as power.
const RELATIVE: f32 = 4.0;
/// How much of a block's energy the two tones have to be.
const PURITY: f32 = 0.76;
/// The weakest tone: −42 dBov as mean square.
const THRESHOLD: f32 = 32768.0 * 32768.0 * 6.3e-5;
/// A second harmonic of the column above this part of it is a voice.
const HARMONIC: f32 = 0.1;
/// Blocks without the digit that end it: a gap of 10 ms does not (ITU-T Q.24), a pause of 40 ms does.
const PAUSE: u8 = 3;

/// Finds the digits in a stream of sound. It allocates nothing.
#[derive(Debug, Clone)]
pub struct Detector {
    rows: [Goertzel; 4],
    columns: [Goertzel; 4],
    harmonics: [Goertzel; 4],
    block: usize,
    filled: usize,
    energy: f32,
    /// What the last block was.
    before: Option<Digit>,
    /// The digit that sounds, until a pause.
    told: Option<Digit>,
    /// Blocks in a row without the digit told.
    misses: u8,
}

impl Detector {
    /// For sound at `rate` samples per second, 8000 to 48000.
    #[must_use]
    pub fn new(rate: u32) -> Self {
        let rate = rate.clamp(8000, 48000);
        let filter = |hz: f32| Goertzel::new(hz, rate);
        Self {
            rows: ROWS.map(filter),
            columns: COLUMNS.map(filter),
            harmonics: COLUMNS.map(|hz| filter(2.0 * hz)),
            block: BLOCK * rate as usize / 8000,
            filled: 0,
            energy: 0.0,
            before: None,
            told: None,
            misses: 0,
        }
    }

    /// Listens to `pcm` and calls `pressed` for each digit, once, some 30 ms after it began.
    pub fn listen(&mut self, mut pcm: &[i16], mut pressed: impl FnMut(Digit)) {
        while !pcm.is_empty() {
            let (now, later) = pcm.split_at(pcm.len().min(self.block - self.filled));
            self.add(now);
            pcm = later;
            if self.filled == self.block {
                let found = self.judge();
                if let Some(digit) = self.after(found) {
                    pressed(digit);
                }
                self.clear();
            }
        }
    }

    fn add(&mut self, pcm: &[i16]) {
        let filters = self.rows.iter_mut().chain(&mut self.columns).chain(&mut self.harmonics);
        for filter in filters {
            filter.add(pcm);
        }
        self.energy += pcm.iter().map(|&sample| f32::from(sample) * f32::from(sample)).sum::<f32>();
        self.filled += pcm.len();
    }

    fn clear(&mut self) {
        for filter in self.rows.iter_mut().chain(&mut self.columns).chain(&mut self.harmonics) {
            filter.clear();
        }
        self.energy = 0.0;
        self.filled = 0;
    }

    /// Which digit the block is, if it is one.
    fn judge(&self) -> Option<Digit> {
        let samples = self.block as f32;
        // A filter's power as the mean square of its tone.
        let mean_square = |filter: &Goertzel| 2.0 * filter.power() / (samples * samples);
        let (row, low) = loudest(self.rows.each_ref().map(mean_square))?;
        let (column, high) = loudest(self.columns.each_ref().map(mean_square))?;
        let loud_enough = low >= THRESHOLD && high >= THRESHOLD;
        let balanced = high <= low * NORMAL_TWIST && low <= high * REVERSE_TWIST;
        let pure = (low + high) * samples >= self.energy * PURITY;
        let plain = mean_square(&self.harmonics[column]) <= high * HARMONIC;
        (loud_enough && balanced && pure && plain).then(|| Digit::from_char(KEYS[row][column]))?
    }

    fn after(&mut self, found: Option<Digit>) -> Option<Digit> {
        let twice = found.filter(|_| found == self.before);
        self.before = found;
        if self.told.is_some() && found == self.told {
            self.misses = 0;
            return None;
        }
        self.misses = self.misses.saturating_add(1);
        if self.misses >= PAUSE {
            self.told = None;
        }
        if twice.is_some() && twice != self.told {
            self.told = twice;
            self.misses = 0;
            return twice;
        }
        None
    }
}

/// The loudest of four, if it stands out.
fn loudest(powers: [f32; 4]) -> Option<(usize, f32)> {
    let best = (0..4).max_by(|&a, &b| powers[a].total_cmp(&powers[b]))?;
    let stands_out = (0..4).all(|other| other == best || powers[other] * RELATIVE < powers[best]);
    stands_out.then_some((best, powers[best]))
}

/// One line of a Fourier transform, sample by sample.
#[derive(Debug, Clone, Copy)]
struct Goertzel {
    factor: f32,
    last: f32,
    before: f32,
}

impl Goertzel {
    fn new(hz: f32, rate: u32) -> Self {
        Self { factor: 2.0 * (TAU * hz / rate as f32).cos(), last: 0.0, before: 0.0 }
    }

    fn add(&mut self, pcm: &[i16]) {
        let (factor, mut last, mut before) = (self.factor, self.last, self.before);
        for &sample in pcm {
            (last, before) = (factor * last - before + f32::from(sample), last);
        }
        (self.last, self.before) = (last, before);
    }

    fn power(&self) -> f32 {
        self.last * self.last + self.before * self.before - self.factor * self.last * self.before
    }

    fn clear(&mut self) {
        (self.last, self.before) = (0.0, 0.0);
    }
}
