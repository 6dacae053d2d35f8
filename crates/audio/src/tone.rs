//! Tones made by calculation: the sine, the signals of a telephone exchange, music while one waits.

mod music;
mod signal;

pub use music::Music;
pub use signal::{Country, Signal};

/// A sine of amplitude one, as a stream.
#[derive(Debug, Clone)]
pub struct Sine {
    cos: f64,
    sin: f64,
    step_cos: f64,
    step_sin: f64,
}

impl Sine {
    /// `hz` cycles in `rate` samples.
    #[must_use]
    pub fn new(hz: f32, rate: u32) -> Self {
        let (step_sin, step_cos) = (std::f64::consts::TAU * f64::from(hz) / f64::from(rate.max(1))).sin_cos();
        Self { cos: 1.0, sin: 0.0, step_cos, step_sin }
    }

    /// The next sample, −1.0 to 1.0.
    pub fn next_sample(&mut self) -> f32 {
        let now = self.sin;
        // Turning a vector costs less than a sine, and is off by a billionth after a day.
        (self.cos, self.sin) = (
            self.cos * self.step_cos - self.sin * self.step_sin,
            self.sin * self.step_cos + self.cos * self.step_sin,
        );
        now as f32
    }

    /// Fills `pcm` at an amplitude of 0.0 to 1.0.
    pub fn fill(&mut self, pcm: &mut [i16], amplitude: f32) {
        for sample in pcm {
            *sample = (self.next_sample() * amplitude * 32767.0) as i16;
        }
    }
}
