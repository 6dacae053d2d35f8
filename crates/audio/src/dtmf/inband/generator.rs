//! Digits into the sound.

use super::tones;
use crate::dtmf::Digit;
use crate::dtmf::event::{Options, QueueFull};
use crate::tone::Sine;
use std::collections::VecDeque;

const QUEUE: usize = 64;

/// Puts the tones of digits in the place of sound. It allocates when it is made and never after.
#[derive(Debug)]
pub struct Generator {
    rate: u32,
    on: u32,
    off: u32,
    amplitude: f32,
    waiting: VecDeque<Digit>,
    sounding: Option<(Sine, Sine)>,
    /// Samples left of the tone and its pause.
    left: u32,
}

impl Generator {
    /// For sound at `rate` samples per second. The loudness of each tone is `options.volume` dB below full, at most −3.
    #[must_use]
    pub fn new(rate: u32, options: Options) -> Self {
        let samples = |time: std::time::Duration| (time.as_millis() as u64 * u64::from(rate) / 1000) as u32;
        let least = std::time::Duration::from_millis(40);
        Self {
            rate,
            on: samples(options.duration.max(least).min(std::time::Duration::from_secs(10))),
            off: samples(options.pause.max(least).min(std::time::Duration::from_secs(10))),
            // A volume is dBm0 of the sum (RFC 4733 section 2.3.3); a full sine stands for +3 dBm0.
            amplitude: 32767.0 * crate::level::gain(-f32::from(options.volume.max(4)) - 3.0),
            waiting: VecDeque::with_capacity(QUEUE),
            sounding: None,
            left: 0,
        }
    }

    /// Puts a digit at the end of the queue.
    ///
    /// # Errors
    ///
    /// 64 digits are waiting already.
    pub fn press(&mut self, digit: Digit) -> Result<(), QueueFull> {
        if self.waiting.len() == QUEUE {
            return Err(QueueFull);
        }
        self.waiting.push_back(digit);
        Ok(())
    }

    /// Whether nothing sounds or waits, pauses included.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.left == 0 && self.waiting.is_empty()
    }

    /// Overwrites `pcm` where a tone or the silence around it belongs, and leaves the rest as it is.
    pub fn overlay(&mut self, pcm: &mut [i16]) {
        for sample in pcm {
            if self.left == 0 {
                let Some(digit) = self.waiting.pop_front() else { return };
                let (low, high) = tones(digit);
                self.sounding = Some((Sine::new(low, self.rate), Sine::new(high, self.rate)));
                self.left = self.on + self.off;
            }
            self.left -= 1;
            *sample = match &mut self.sounding {
                Some((low, high)) if self.left >= self.off => {
                    ((low.next_sample() + high.next_sample()) * self.amplitude) as i16
                }
                Some(_) | None => 0,
            };
        }
    }
}
