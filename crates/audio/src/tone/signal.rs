//! What an exchange lets its callers hear, in the cadences of ITU-T E.180.

use super::Sine;
use crate::level::gain;

/// Whose signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Country {
    /// 425 Hz, ringing for one second in five: most of Europe.
    #[default]
    Europe,
    /// 425 Hz, ringing for 0.8 seconds in four.
    Russia,
    /// 440 and 480 Hz, ringing for two seconds in six.
    NorthAmerica,
    /// 400 and 450 Hz, ringing twice.
    UnitedKingdom,
}

/// A signal of an exchange, as a stream of sound. It allocates nothing.
#[derive(Debug, Clone)]
pub struct Signal {
    low: Sine,
    high: Option<Sine>,
    /// Samples of sound, of silence, of sound and so on; none is a tone that goes on.
    cadence: [u32; 4],
    phase: usize,
    left: u32,
    amplitude: f32,
}

/// Each tone's loudness: −15 dBov together, as exchanges send them.
const LOUDNESS: f32 = -15.0;

impl Signal {
    /// The far phone rings.
    #[must_use]
    pub fn ringback(country: Country, rate: u32) -> Self {
        match country {
            Country::Europe => Self::new(425.0, None, [1000, 4000, 0, 0], rate),
            Country::Russia => Self::new(425.0, None, [800, 3200, 0, 0], rate),
            Country::NorthAmerica => Self::new(440.0, Some(480.0), [2000, 4000, 0, 0], rate),
            Country::UnitedKingdom => Self::new(400.0, Some(450.0), [400, 200, 400, 2000], rate),
        }
    }

    /// The far end is busy.
    #[must_use]
    pub fn busy(country: Country, rate: u32) -> Self {
        match country {
            Country::Europe => Self::new(425.0, None, [500, 500, 0, 0], rate),
            Country::Russia => Self::new(425.0, None, [400, 400, 0, 0], rate),
            Country::NorthAmerica => Self::new(480.0, Some(620.0), [500, 500, 0, 0], rate),
            Country::UnitedKingdom => Self::new(400.0, None, [375, 375, 0, 0], rate),
        }
    }

    /// There is no way through.
    #[must_use]
    pub fn congestion(country: Country, rate: u32) -> Self {
        match country {
            Country::Europe | Country::Russia => Self::new(425.0, None, [200, 200, 0, 0], rate),
            Country::NorthAmerica => Self::new(480.0, Some(620.0), [250, 250, 0, 0], rate),
            Country::UnitedKingdom => Self::new(400.0, None, [400, 350, 225, 525], rate),
        }
    }

    /// The exchange waits for a number.
    #[must_use]
    pub fn dial(country: Country, rate: u32) -> Self {
        match country {
            Country::Europe | Country::Russia => Self::new(425.0, None, [0; 4], rate),
            Country::NorthAmerica => Self::new(350.0, Some(440.0), [0; 4], rate),
            Country::UnitedKingdom => Self::new(350.0, Some(450.0), [0; 4], rate),
        }
    }

    /// Somebody else calls: a short tone each four seconds.
    #[must_use]
    pub fn call_waiting(rate: u32) -> Self {
        Self::new(425.0, None, [150, 150, 150, 4000], rate)
    }

    /// A beep of 0.2 seconds, then silence: the recording begins, an unknown key was pressed.
    #[must_use]
    pub fn beep(rate: u32) -> Self {
        // The silence is as long as a number can say: a day at 48 kHz.
        let mut beep = Self::new(880.0, None, [200, 0, 0, 0], rate);
        beep.cadence[1] = u32::MAX;
        beep
    }

    fn new(low: f32, high: Option<f32>, cadence_ms: [u32; 4], rate: u32) -> Self {
        let samples = |ms: u32| (u64::from(ms) * u64::from(rate) / 1000) as u32;
        let cadence = cadence_ms.map(samples);
        let peak = std::f32::consts::SQRT_2 * gain(LOUDNESS);
        Self {
            low: Sine::new(low, rate),
            high: high.map(|hz| Sine::new(hz, rate)),
            cadence,
            phase: 0,
            left: cadence[0],
            // Two tones share the loudness.
            amplitude: if high.is_some() { peak * gain(-3.01) } else { peak },
        }
    }

    /// Fills `pcm` with what comes next.
    pub fn fill(&mut self, pcm: &mut [i16]) {
        for sample in pcm {
            let tone = self.low.next_sample() + self.high.as_mut().map_or(0.0, Sine::next_sample);
            let sounds = self.phase.is_multiple_of(2);
            *sample = if sounds { (tone * self.amplitude * 32767.0) as i16 } else { 0 };
            self.step();
        }
    }

    fn step(&mut self) {
        if self.cadence == [0; 4] {
            return;
        }
        self.left = self.left.saturating_sub(1);
        while self.left == 0 {
            self.phase = (self.phase + 1) % 4;
            self.left = self.cadence[self.phase];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;
    use crate::spectrum::dominant;

    fn seconds(mut signal: Signal, rate: u32, seconds: u32) -> Vec<i16> {
        let mut pcm = vec![0; (rate * seconds) as usize];
        signal.fill(&mut pcm);
        pcm
    }

    #[test]
    fn ringing_sounds_for_a_second_and_is_silent_for_four() {
        for rate in [8000, 16000, 48000] {
            let pcm = seconds(Signal::ringback(Country::Europe, rate), rate, 10);
            for (second, pcm) in pcm.chunks(rate as usize).enumerate() {
                if second % 5 == 0 {
                    let heard = dominant(pcm, rate).unwrap();
                    assert!((heard.hz - 425.0).abs() < 2.0 && (heard.dbov + 15.0).abs() < 0.5, "{heard:?}");
                } else {
                    assert_eq!(dbov(pcm), -127.0, "second {second}");
                }
            }
        }
    }

    #[test]
    fn busy_sounds_half_of_the_time() {
        let pcm = seconds(Signal::busy(Country::Europe, 8000), 8000, 10);
        assert!((dbov(&pcm) + 18.0).abs() < 0.5);
    }

    #[test]
    fn a_dial_tone_never_ends_and_a_beep_never_returns() {
        let dial = seconds(Signal::dial(Country::NorthAmerica, 8000), 8000, 4);
        assert!(dial.chunks(800).all(|pcm| (dbov(pcm) + 15.0).abs() < 2.0));
        let beep = seconds(Signal::beep(8000), 8000, 4);
        assert!(dbov(&beep[..1600]) > -16.0 && dbov(&beep[1600..]) == -127.0);
    }
}
