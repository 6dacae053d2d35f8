//! From one number of samples per second to another.
//!
//! A polyphase filter: a windowed sinc, cut where the slower side ends, sixteen zero crossings on either side of the middle,
//! so that nothing folds back when 48 kHz become 8.

use std::f64::consts::PI;

/// Zero crossings of the sinc on each side, at the slower rate.
const CROSSINGS: usize = 16;
/// How much of the slower side's band passes.
const PASS: f64 = 0.94;
/// Kaiser window: about 63 dB.
const BETA: f64 = 6.0;

/// Converts a stream from one rate to another. It allocates when it is made and never after.
///
/// Equal pieces of input give equal pieces of output wherever the rates allow it: 20 ms in, 20 ms out.
#[derive(Debug, Clone)]
pub struct Resampler {
    from: u32,
    to: u32,
    /// Phases: `to` by the common divisor. Steps of input in phases: `from` by it.
    up: usize,
    down: usize,
    taps: usize,
    /// `up` filters of `taps` coefficients, oldest sample first.
    filters: Box<[f32]>,
    /// The last `taps - 1` samples, then room for a block.
    window: Box<[f32]>,
    /// Phases from the next input sample to the next output sample.
    position: usize,
}

/// Input taken at once.
const BLOCK: usize = 480;

impl Resampler {
    /// From `from` to `to` samples per second; both are kept within 1000 and 192000.
    #[must_use]
    pub fn new(from: u32, to: u32) -> Self {
        let (from, to) = (from.clamp(1000, 192_000), to.clamp(1000, 192_000));
        let divisor = common_divisor(from, to);
        let (up, down) = ((to / divisor) as usize, (from / divisor) as usize);
        // At the slower rate's sample distance, in input samples.
        let spread = (down as f64 / up as f64).max(1.0);
        let taps = if from == to { 1 } else { ((2 * CROSSINGS) as f64 * spread).ceil() as usize };
        let filters = if from == to { vec![1.0].into() } else { filters(up, taps, spread) };
        let window = vec![0.0; taps - 1 + BLOCK].into();
        Self { from, to, up, down, taps, filters, window, position: 0 }
    }

    /// Samples per second that go in.
    #[must_use]
    pub const fn from_rate(&self) -> u32 {
        self.from
    }

    /// Samples per second that come out.
    #[must_use]
    pub const fn to_rate(&self) -> u32 {
        self.to
    }

    /// The most samples that come out for so many in.
    #[must_use]
    pub const fn most(&self, samples: usize) -> usize {
        samples * self.up / self.down + 1
    }

    /// Converts `pcm` and says how many samples were written. What does not fit in `out` is lost;
    /// [`most`](Self::most) says how much room is enough.
    pub fn resample(&mut self, pcm: &[i16], out: &mut [i16]) -> usize {
        let mut written = 0;
        for block in pcm.chunks(BLOCK) {
            written += self.resample_block(block, &mut out[written..]);
        }
        written
    }

    /// Forgets the past, for a stream that begins anew.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
        self.position = 0;
    }

    fn resample_block(&mut self, block: &[i16], out: &mut [i16]) -> usize {
        let past = self.taps - 1;
        for (sample, &new) in self.window[past..].iter_mut().zip(block) {
            *sample = f32::from(new);
        }
        let (mut index, mut phase) = (self.position / self.up, self.position % self.up);
        let (whole, rest) = (self.down / self.up, self.down % self.up);
        let mut written = 0;
        while index < block.len() {
            let filter = &self.filters[phase * self.taps..][..self.taps];
            if let Some(slot) = out.get_mut(written) {
                // `as` saturates.
                *slot = dot(filter, &self.window[index..][..self.taps]).round() as i16;
                written += 1;
            }
            index += whole;
            phase += rest;
            if phase >= self.up {
                phase -= self.up;
                index += 1;
            }
        }
        self.position = (index - block.len()) * self.up + phase;
        self.window.copy_within(block.len()..block.len() + past, 0);
        written
    }
}

/// The inner product, in eight sums so that the compiler can use vector registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a_whole, a_rest) = a.as_chunks::<8>();
    let (b_whole, b_rest) = b.as_chunks::<8>();
    for (a, b) in a_whole.iter().zip(b_whole) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

fn filters(up: usize, taps: usize, spread: f64) -> Box<[f32]> {
    let middle = (taps as f64 - 1.0) / 2.0;
    let mut filters = Vec::with_capacity(up * taps);
    for phase in 0..up {
        let begin = filters.len();
        for tap in 0..taps {
            // Distance from the output sample, in samples of the slower rate.
            let distance = (middle - tap as f64 + phase as f64 / up as f64) / spread;
            filters.push((sinc(PASS * distance) * window(distance)) as f32);
        }
        // Every phase lets a constant pass unchanged.
        let sum: f32 = filters[begin..].iter().sum();
        for coefficient in &mut filters[begin..] {
            *coefficient /= sum;
        }
    }
    filters.into()
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

fn window(distance: f64) -> f64 {
    let x = distance / (CROSSINGS as f64 + 0.5);
    if x.abs() >= 1.0 { 0.0 } else { bessel(BETA * (1.0 - x * x).sqrt()) / bessel(BETA) }
}

/// The modified Bessel function of order zero.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..30 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

const fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::level_at;
    use crate::tone::Sine;

    const RATES: [u32; 5] = [8000, 16000, 24000, 44100, 48000];

    fn resampled(hz: f32, from: u32, to: u32) -> Vec<i16> {
        let mut sine = Sine::new(hz, from);
        let mut resampler = Resampler::new(from, to);
        let mut pcm = vec![0; from as usize / 50];
        let mut out = vec![0; resampler.most(pcm.len())];
        let mut all = Vec::new();
        for _ in 0..60 {
            sine.fill(&mut pcm, 0.5);
            let written = resampler.resample(&pcm, &mut out);
            all.extend_from_slice(&out[..written]);
        }
        all
    }

    #[test]
    fn equal_pieces_in_give_equal_pieces_out() {
        for from in RATES {
            for to in RATES {
                let mut resampler = Resampler::new(from, to);
                let mut out = vec![0; 2000];
                for _ in 0..10 {
                    assert_eq!(
                        resampler.resample(&vec![0; from as usize / 50], &mut out),
                        to as usize / 50,
                        "{from} to {to}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_tone_keeps_its_level_and_nothing_is_added() {
        for from in RATES {
            for to in RATES {
                for hz in [300.0, 1000.0, 3300.0] {
                    let all = resampled(hz, from, to);
                    let settled = &all[all.len() - to as usize..];
                    let level = level_at(settled, hz, to);
                    assert!((level + 9.03).abs() < 0.3, "{hz} Hz, {from} to {to}: {level}");
                    let rest =
                        crate::level::rms(settled).powi(2) - 32768.0_f32.powi(2) * 10f32.powf(level / 10.0);
                    assert!(rest.max(0.0).sqrt() < 60.0, "{hz} Hz, {from} to {to}: {}", rest.sqrt());
                }
            }
        }
    }

    #[test]
    fn what_the_slower_side_cannot_hold_does_not_fold_back() {
        for (from, to, hz) in
            [(48000, 8000, 5000.0), (48000, 8000, 11000.0), (16000, 8000, 5500.0), (48000, 16000, 10000.0)]
        {
            let all = resampled(hz, from, to);
            let level = crate::level::dbov(&all[all.len() - to as usize / 2..]);
            assert!(level < -60.0, "{hz} Hz, {from} to {to}: {level}");
        }
    }

    #[test]
    fn too_little_room_loses_the_end_and_nothing_else() {
        let mut resampler = Resampler::new(8000, 48000);
        assert_eq!(resampler.resample(&[1000; 160], &mut [0; 100]), 100);
        assert_eq!(resampler.resample(&[1000; 160], &mut [0; 960]), 960);
    }
}
