//! Concealment of lost sound for codecs that have none of their own: the last pitch period goes on and fades.
//!
//! Modelled on ITU-T G.711 Appendix I, without its 3.75 ms of added delay: where the appendix looks back, this fades over
//! from the mirrored last samples.

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
            sample = faded(self.real[self.real.len() - 1 - self.made_up], sample, self.made_up, quarter);
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
