//! Concealment of lost sound for codecs that have none of their own: the last pitch period goes on and fades.
//!
//! Modelled on ITU-T G.711 Appendix I, without its 3.75 ms of added delay: where the appendix fades over before the loss, this
//! lets the step between the last sample and the repeated ones fade away after it.

/// Pitch is looked for from 5 ms (200 Hz)…
const SHORTEST_PITCH: usize = 40;
/// … to 15 ms (66 Hz), in samples at 8 kHz.
const LONGEST_PITCH: usize = 120;
/// What is compared: 20 ms.
const TEMPLATE: usize = 160;
/// What is remembered: three of the longest pitch periods and a quarter, as in the appendix.
const HISTORY: usize = 390;

/// Remembers the last sound of one direction and goes on with it where the next is missing.
pub struct Concealer {
    rate: u32,
    history: Box<[i16]>,
    /// The history as it was when the loss began.
    real: Box<[i16]>,
    /// What is repeated: the last one to three pitch periods, the end faded into what came before the beginning.
    cycle: Box<[i16]>,
    cycle_length: usize,
    pitch: usize,
    /// Where in the cycle the next sample is.
    at: usize,
    /// How many samples were made up since the last real one.
    made_up: usize,
}

impl Concealer {
    /// For sound at `rate` samples per second, 8000 to 48000.
    #[must_use]
    pub fn new(rate: u32) -> Self {
        let rate = rate.clamp(8000, 48000);
        let history = scaled(HISTORY, rate);
        Self {
            rate,
            history: vec![0; history].into(),
            real: vec![0; history].into(),
            cycle: vec![0; history].into(),
            cycle_length: 1,
            pitch: 1,
            at: 0,
            made_up: 0,
        }
    }

    /// Takes note of real sound. After a loss its beginning is faded over from what was made up.
    pub fn heard(&mut self, pcm: &mut [i16]) {
        if self.made_up > 0 {
            self.fade_back(pcm);
            self.made_up = 0;
        }
        self.remember(pcm);
    }

    /// Makes up sound for all of `out`: a tenth of it at most is worth listening to, after 60 ms it is silent.
    pub fn conceal(&mut self, out: &mut [i16]) {
        if self.made_up == 0 {
            self.begin();
        }
        let ten_ms = scaled(80, self.rate);
        for piece in out.chunks_mut(ten_ms) {
            // One period alone would sound like a buzzer: after 10 and 20 ms more of them take turns.
            let periods = self.made_up / ten_ms + 1;
            if self.made_up > 0 && (2..=3).contains(&periods) {
                self.take_periods(periods);
            }
            for sample in &mut *piece {
                *sample = self.next();
            }
        }
        self.remember(out);
    }

    fn remember(&mut self, pcm: &[i16]) {
        let length = self.history.len();
        if pcm.len() >= length {
            self.history.copy_from_slice(&pcm[pcm.len() - length..]);
        } else {
            self.history.copy_within(pcm.len().., 0);
            self.history[length - pcm.len()..].copy_from_slice(pcm);
        }
    }

    fn begin(&mut self) {
        self.pitch = self.find_pitch().max(1);
        self.real.copy_from_slice(&self.history);
        self.cycle_length = 0;
        self.at = 0;
        self.take_periods(1);
    }

    /// Makes the cycle `periods` long, going on in the last of them.
    fn take_periods(&mut self, periods: usize) {
        let quarter = self.pitch / 4;
        let end = self.real.len();
        let length = periods * self.pitch;
        if length <= self.cycle_length || length + quarter > end {
            return;
        }
        let from = end - length;
        self.cycle[..length].copy_from_slice(&self.real[from..]);
        for i in 0..quarter {
            let last = self.cycle[length - quarter + i];
            self.cycle[length - quarter + i] = faded(last, self.real[from - quarter + i], i, quarter);
        }
        self.at += length - self.cycle_length.max(self.pitch);
        self.cycle_length = length;
    }

    /// The next made-up sample, fading by a fifth each 10 ms after the first 10 ms.
    fn next(&mut self) -> i16 {
        let ten_ms = scaled(80, self.rate);
        let mut sample = self.cycle[self.at];
        self.at = (self.at + 1) % self.cycle_length.max(1);
        let quarter = self.pitch / 4;
        if self.made_up < quarter {
            // From the last real sample into the cycle without a step.
            let last = self.real.len() - 1;
            let step = i32::from(self.real[last]) - i32::from(self.real[last - self.pitch]);
            let left = (quarter - self.made_up) as i32;
            let smooth = i32::from(sample) + step * left / quarter as i32;
            sample = smooth.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        }
        let fading = self.made_up.saturating_sub(ten_ms);
        let left = (5 * ten_ms).saturating_sub(fading);
        self.made_up = self.made_up.saturating_add(1);
        (i32::from(sample) * left as i32 / (5 * ten_ms) as i32) as i16
    }

    /// Fades from made-up sound into `pcm`, over 4 ms and longer after a longer loss, 10 ms at most.
    fn fade_back(&mut self, pcm: &mut [i16]) {
        let lost_ms = self.made_up * 1000 / self.rate as usize;
        let length = scaled(8, self.rate) * (4 + 4 * (lost_ms / 10)).min(10);
        let length = length.min(pcm.len());
        for (i, sample) in pcm[..length].iter_mut().enumerate() {
            *sample = faded(self.next(), *sample, i, length);
        }
    }

    /// The lag at which the last 20 ms look most like what was before: first every second sample at 8 kHz, then every one
    /// around the best.
    fn find_pitch(&self) -> usize {
        let step = scaled(2, self.rate);
        let (shortest, longest) = (scaled(SHORTEST_PITCH, self.rate), scaled(LONGEST_PITCH, self.rate));
        let coarse = self.best_lag(shortest, longest, step);
        self.best_lag(coarse.saturating_sub(step).max(shortest), (coarse + step).min(longest), 1)
    }

    fn best_lag(&self, from: usize, to: usize, step: usize) -> usize {
        let mut best = (f32::MIN, to);
        for lag in (from..=to).step_by(step) {
            let likeness = self.likeness(lag);
            if likeness > best.0 {
                best = (likeness, lag);
            }
        }
        best.1
    }

    /// Correlation at `lag`, by the energy of what it is compared with.
    fn likeness(&self, lag: usize) -> f32 {
        let template = scaled(TEMPLATE, self.rate);
        let end = self.history.len();
        let now = &self.history[end - template..];
        let then = &self.history[end - template - lag..end - lag];
        let every = (self.rate / 8000).max(1) as usize;
        let (mut product, mut energy) = (0.0_f32, 1.0_f32);
        for (a, b) in now.iter().step_by(every).zip(then.iter().step_by(every)) {
            let (a, b) = (f32::from(*a), f32::from(*b));
            product += a * b;
            energy += b * b;
        }
        product / energy.sqrt()
    }
}

/// Step `i` of `steps` on the way from one sound to another.
fn faded(from: i16, to: i16, i: usize, steps: usize) -> i16 {
    let (weight, all) = (i as i32 + 1, steps as i32 + 1);
    ((i32::from(from) * (all - weight) + i32::from(to) * weight) / all) as i16
}

/// So many samples at 8 kHz, at another rate.
const fn scaled(samples: usize, rate: u32) -> usize {
    samples * rate as usize / 8000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;
    use crate::tone::Sine;

    /// A voice of sorts: a tone with overtones.
    fn voice(hz: f32, rate: u32, samples: usize) -> Vec<i16> {
        let mut pcm = vec![0; samples];
        for overtone in 1..5 {
            let mut sine = Sine::new(hz * overtone as f32, rate);
            for sample in &mut pcm {
                *sample += (sine.next_sample() * 3000.0 / overtone as f32) as i16;
            }
        }
        pcm
    }

    fn steepest(pcm: &[i16]) -> u16 {
        pcm.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max().unwrap_or(0)
    }

    #[test]
    fn a_lost_piece_of_a_steady_voice_is_hardly_missed() {
        for rate in [8000, 16000, 44100] {
            for hz in [80.0, 120.0, 180.0] {
                let piece = rate as usize / 50;
                let mut pcm = voice(hz, rate, piece * 10);
                let original = pcm.clone();
                let mut concealer = Concealer::new(rate);
                for (i, pcm) in pcm.chunks_mut(piece).enumerate() {
                    if i == 5 {
                        concealer.conceal(&mut pcm[..piece / 2]);
                        concealer.conceal(&mut pcm[piece / 2..]);
                    } else {
                        concealer.heard(pcm);
                    }
                }
                let made_up = &pcm[piece * 5..piece * 6];
                let energy: f64 = original[piece * 5..piece * 6].iter().map(|s| f64::from(*s).powi(2)).sum();
                let off = original[piece * 5..piece * 6].iter().zip(made_up);
                let noise: f64 = off.map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
                let ratio = 10.0 * (energy / noise).log10();
                assert!(ratio > 8.0, "{hz} at {rate}: {ratio:.1} dB");
                assert!(steepest(&pcm) < 2 * steepest(&original) + 200, "{hz} at {rate}: a click");
                assert_eq!(pcm[piece * 7..], original[piece * 7..], "what comes later is untouched");
            }
        }
    }

    #[test]
    fn a_long_loss_fades_to_silence() {
        let mut concealer = Concealer::new(8000);
        concealer.heard(&mut voice(150.0, 8000, 800));
        let mut levels = Vec::new();
        for _ in 0..6 {
            let mut piece = [0; 160];
            concealer.conceal(&mut piece);
            levels.push(dbov(&piece));
        }
        assert!(levels[0] > -25.0 && levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
        assert_eq!(levels[4..], [-127.0, -127.0]);
    }

    #[test]
    fn nothing_said_means_nothing_made_up() {
        let mut piece = [5; 160];
        Concealer::new(8000).conceal(&mut piece);
        assert_eq!(piece, [0; 160]);
    }

    proptest::proptest! {
        #[test]
        fn no_sound_makes_it_panic(
            rate in 1u32..100_000,
            pieces in proptest::collection::vec((proptest::bool::ANY, proptest::collection::vec(proptest::num::i16::ANY, 0..900)), 0..12),
        ) {
            let mut concealer = Concealer::new(rate);
            for (lost, mut piece) in pieces {
                if lost { concealer.conceal(&mut piece) } else { concealer.heard(&mut piece) }
            }
        }
    }
}
