//! Digits out of the sound.
//!
//! Blocks of 12.75 ms are measured at each of the eight tones. A block is a digit's if one row and one column
//! stand out, neither much louder than the other (twist), if together they are nearly all of the energy, and if the tones
//! have no second harmonic, which voices have. A digit is told when two blocks in a row agree, and again only after a pause.

use super::{COLUMNS, Digit, KEYS, ROWS};
use std::f32::consts::TAU;

/// Samples of a block at 8 kHz: it keeps neighbouring tones apart and fits twice into the shortest digit.
const BLOCK: usize = 102;
/// How much louder the column may be than the row, as power: 4 dB are asked for (ITU-T Q.24), lines do worse.
const NORMAL_TWIST: f32 = 6.3;
/// How much louder the row may be than the column, as power: 8 dB are asked for, and some.
const REVERSE_TWIST: f32 = 11.0;
/// How far the best tone of a group stands above the others, as power.
const RELATIVE: f32 = 4.0;
/// How much of a block's energy the two tones have to be, at first sight…
const LIKELY: f32 = 0.6;
/// … and when they are measured at the frequencies that they really have. Voices have been seen at 0.83.
const PURITY: f32 = 0.89;
/// Tones may be off by 1.5 % (ITU-T Q.24), so they are looked for beside their places too.
const BESIDE: [f32; 3] = [0.987, 1.0, 1.013];
/// The weakest tone: −42 dBov as mean square.
const THRESHOLD: f32 = 32768.0 * 32768.0 * 6.3e-5;
/// A second harmonic of the column above this part of it is a voice.
const HARMONIC: f32 = 0.1;
/// Blocks without the digit that end it: a gap of 10 ms does not (ITU-T Q.24), a pause of 40 ms does.
const PAUSE: u8 = 3;

/// The longest block, at 48 kHz.
const LONGEST: usize = BLOCK * 6;

/// Finds the digits in a stream of sound. It allocates nothing.
#[derive(Clone)]
pub struct Detector {
    rate: u32,
    block: [i16; LONGEST],
    length: usize,
    filled: usize,
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
        Self {
            rate,
            block: [0; LONGEST],
            length: BLOCK * rate as usize / 8000,
            filled: 0,
            before: None,
            told: None,
            misses: 0,
        }
    }

    /// Listens to `pcm` and calls `pressed` for each digit, once, some 30 ms after it began.
    pub fn listen(&mut self, mut pcm: &[i16], mut pressed: impl FnMut(Digit)) {
        while !pcm.is_empty() {
            let (now, later) = pcm.split_at(pcm.len().min(self.length - self.filled));
            self.block[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            pcm = later;
            if self.filled == self.length {
                self.filled = 0;
                let found = judge(&self.block[..self.length], self.rate);
                if let Some(digit) = self.after(found) {
                    pressed(digit);
                }
            }
        }
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

/// Which digit the block is, if it is one.
fn judge(block: &[i16], rate: u32) -> Option<Digit> {
    let square = |&sample: &i16| f32::from(sample) * f32::from(sample);
    let energy = block.iter().map(square).sum::<f32>() / block.len() as f32;
    if energy < 2.0 * THRESHOLD {
        return None;
    }
    let tone = |hz: f32| mean_square(block, hz, rate);
    let (row, low) = loudest(ROWS.map(tone))?;
    let (column, high) = loudest(COLUMNS.map(tone))?;
    if low + high < energy * LIKELY {
        return None;
    }
    let best = |hz: f32| BESIDE.map(|beside| tone(hz * beside)).into_iter().fold(0.0, f32::max);
    let (low, high) = (best(ROWS[row]), best(COLUMNS[column]));
    let loud_enough = low >= THRESHOLD && high >= THRESHOLD;
    let balanced = high <= low * NORMAL_TWIST && low <= high * REVERSE_TWIST;
    let pure = low + high >= energy * PURITY;
    let plain = tone(2.0 * COLUMNS[column]) <= high * HARMONIC;
    (loud_enough && balanced && pure && plain).then(|| Digit::from_char(KEYS[row][column]))?
}

/// The loudest of four, if it stands out.
fn loudest(powers: [f32; 4]) -> Option<(usize, f32)> {
    let best = (0..4).max_by(|&a, &b| powers[a].total_cmp(&powers[b]))?;
    let stands_out = (0..4).all(|other| other == best || powers[other] * RELATIVE < powers[best]);
    stands_out.then_some((best, powers[best]))
}

/// One line of a Fourier transform, by Goertzel's filter: the mean square of a tone.
fn mean_square(block: &[i16], hz: f32, rate: u32) -> f32 {
    let factor = 2.0 * (TAU * hz / rate as f32).cos();
    let (mut last, mut before) = (0.0_f32, 0.0_f32);
    for &sample in block {
        (last, before) = (factor * last - before + f32::from(sample), last);
    }
    let samples = block.len() as f32;
    2.0 * (last * last + before * before - factor * last * before) / (samples * samples)
}

/// Neither the sound nor the digits show.
impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").field("rate", &self.rate).finish_non_exhaustive()
    }
}
