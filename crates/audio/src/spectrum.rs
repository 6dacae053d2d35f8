//! Which tones are in a sound: for level meters, and for tests that listen.

use std::f32::consts::TAU;

/// The loudest tone of a piece of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// Its frequency.
    pub hz: f32,
    /// The level of the whole piece, in dBov.
    pub dbov: f32,
}

/// Sound below this level has no tone worth naming.
pub const SILENCE_DBOV: f32 = -60.0;

/// The loudest tone in `pcm`, to about 1 Hz for half a second of it; `None` if all is silent or `pcm` shorter than 16 samples.
/// It allocates.
#[must_use]
pub fn dominant(pcm: &[i16], rate: u32) -> Option<Heard> {
    let mut spectrum = Spectrum::new(pcm.len());
    spectrum.dominant(pcm, rate)
}

/// Mean square of the part of `pcm` that is a sine of `hz`, as a level in dBov: is this tone in there?
#[must_use]
pub fn level_at(pcm: &[i16], hz: f32, rate: u32) -> f32 {
    let (mut re, mut im) = (0.0_f64, 0.0_f64);
    let step = std::f64::consts::TAU * f64::from(hz) / f64::from(rate.max(1));
    for (i, &sample) in pcm.iter().enumerate() {
        let (sin, cos) = (step * i as f64).sin_cos();
        re += f64::from(sample) * cos;
        im += f64::from(sample) * sin;
    }
    let samples = pcm.len().max(1) as f64;
    let mean_square = 2.0 * (re * re + im * im) / (samples * samples);
    ((10.0 * (mean_square / (32768.0 * 32768.0)).log10()) as f32).clamp(-127.0, 0.0)
}

/// A Fourier transform with its memory, for repeated use without allocating.
#[derive(Debug, Clone)]
pub struct Spectrum {
    re: Box<[f32]>,
    im: Box<[f32]>,
}

impl Spectrum {
    /// For pieces of up to `samples` samples: it looks at the largest power of two within them, at most 65536.
    #[must_use]
    pub fn new(samples: usize) -> Self {
        let size = match samples.min(65536) {
            0 => 1,
            samples => 1 << samples.ilog2(),
        };
        Self { re: vec![0.0; size].into(), im: vec![0.0; size].into() }
    }

    /// The loudest tone at the end of `pcm`; `None` if all is silent, or `pcm` too short.
    pub fn dominant(&mut self, pcm: &[i16], rate: u32) -> Option<Heard> {
        let size = self.re.len();
        let dbov = crate::level::dbov(pcm);
        if pcm.len() < size || size < 16 || dbov < SILENCE_DBOV {
            return None;
        }
        let pcm = &pcm[pcm.len() - size..];
        for (i, &sample) in pcm.iter().enumerate() {
            // Hann's window keeps the tones apart.
            let window = 0.5 - 0.5 * (TAU * i as f32 / size as f32).cos();
            self.re[i] = f32::from(sample) * window;
            self.im[i] = 0.0;
        }
        transform(&mut self.re, &mut self.im);
        let power = |bin: usize| self.re[bin].powi(2) + self.im[bin].powi(2);
        // Neither a constant nor the end of the band.
        let peak = (2..size / 2 - 1).max_by(|&a, &b| power(a).total_cmp(&power(b)))?;
        let (left, top, right) =
            (power(peak - 1).max(1.0).ln(), power(peak).max(1.0).ln(), power(peak + 1).max(1.0).ln());
        let bend = left - 2.0 * top + right;
        let off = if bend < 0.0 { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) } else { 0.0 };
        Some(Heard { hz: (peak as f32 + off) * rate as f32 / size as f32, dbov })
    }
}

/// Keeps the last second of a stream and tells what is heard in it.
#[derive(Debug, Clone)]
pub struct Ear {
    rate: u32,
    ring: Box<[i16]>,
    straight: Box<[i16]>,
    at: usize,
    filled: usize,
    spectrum: Spectrum,
}

impl Ear {
    /// For sound at `rate` samples per second.
    #[must_use]
    pub fn new(rate: u32) -> Self {
        let second = rate.clamp(1000, 48000) as usize;
        Self {
            rate,
            ring: vec![0; second].into(),
            straight: vec![0; second].into(),
            at: 0,
            filled: 0,
            spectrum: Spectrum::new(second),
        }
    }

    /// Listens.
    pub fn listen(&mut self, pcm: &[i16]) {
        for &sample in pcm {
            self.ring[self.at] = sample;
            self.at = (self.at + 1) % self.ring.len();
        }
        self.filled = (self.filled + pcm.len()).min(self.ring.len());
    }

    /// The level of the last second in dBov, −127 if it was silent.
    #[must_use]
    pub fn dbov(&self) -> f32 {
        crate::level::dbov(&self.ring)
    }

    /// The loudest tone of the last second; `None` if it was silent or has not been heard whole.
    pub fn dominant(&mut self) -> Option<Heard> {
        if self.filled < self.ring.len() {
            return None;
        }
        let (newest, oldest) = self.ring.split_at(self.at);
        let (first, second) = self.straight.split_at_mut(oldest.len());
        first.copy_from_slice(oldest);
        second.copy_from_slice(newest);
        self.spectrum.dominant(&self.straight, self.rate)
    }
}

/// The transform of Cooley and Tukey, in place; the length is a power of two.
fn transform(re: &mut [f32], im: &mut [f32]) {
    let size = re.len();
    let mut j = 0;
    for i in 1..size {
        let mut bit = size >> 1;
        while j & bit != 0 {
            j ^= bit;
            bit >>= 1;
        }
        j ^= bit;
        if i < j {
            re.swap(i, j);
            im.swap(i, j);
        }
    }
    let mut length = 2;
    while length <= size {
        let step = -std::f64::consts::TAU / length as f64;
        for k in 0..length / 2 {
            let (sin, cos) = (step * k as f64).sin_cos();
            let (sin, cos) = (sin as f32, cos as f32);
            for even in (k..size).step_by(length) {
                let odd = even + length / 2;
                let (r, i) = (re[odd] * cos - im[odd] * sin, re[odd] * sin + im[odd] * cos);
                (re[odd], im[odd]) = (re[even] - r, im[even] - i);
                (re[even], im[even]) = (re[even] + r, im[even] + i);
            }
        }
        length *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::Sine;

    fn tone(hz: f32, rate: u32, samples: usize) -> Vec<i16> {
        let mut pcm = vec![0; samples];
        Sine::new(hz, rate).fill(&mut pcm, 0.25);
        pcm
    }

    #[test]
    fn a_tone_is_found_to_the_hertz() {
        for (rate, samples) in [(8000, 8000), (8000, 4000), (16000, 16000), (48000, 48000)] {
            for hz in [120.0, 425.0, 1004.3, 2777.0, 3400.0] {
                let heard = dominant(&tone(hz, rate, samples), rate).unwrap();
                assert!((heard.hz - hz).abs() < 1.0, "{hz} at {rate}: {heard:?}");
                assert!((heard.dbov + 15.05).abs() < 0.1, "{heard:?}");
            }
        }
    }

    #[test]
    fn silence_has_no_tone() {
        assert_eq!(dominant(&[3; 8000], 8000), None);
        assert_eq!(dominant(&[], 8000), None);
        assert_eq!(dominant(&[9999; 5], 8000), None);
    }

    #[test]
    fn a_tone_is_measured_also_where_another_is_louder() {
        let mut pcm = tone(425.0, 8000, 8000);
        let quiet: Vec<i16> = tone(1000.0, 8000, 8000).iter().map(|sample| sample / 10).collect();
        crate::mix::add(&mut pcm, &quiet);
        assert!((level_at(&pcm, 1000.0, 8000) + 35.05).abs() < 0.2);
        assert!(level_at(&pcm, 2000.0, 8000) < -80.0);
    }

    #[test]
    fn an_ear_hears_the_last_second_only() {
        let mut ear = Ear::new(8000);
        ear.listen(&tone(500.0, 8000, 8000));
        assert!((ear.dominant().unwrap().hz - 500.0).abs() < 1.0);
        for piece in tone(1200.0, 8000, 8000).chunks(160) {
            ear.listen(piece);
        }
        assert!((ear.dominant().unwrap().hz - 1200.0).abs() < 1.0);
        ear.listen(&[0; 8000]);
        assert_eq!((ear.dominant(), ear.dbov()), (None, -127.0));
    }
}
