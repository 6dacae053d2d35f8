//! What a person says: a tone, a recording, or nothing.

use anyhow::{Result, bail, ensure};
use audio::{level, resample::Resampler, tone::Sine};
use serde_json::{Value, json};

/// Samples per second of everything a phone says and hears.
pub(super) const RATE: u32 = 48_000;

/// Samples of one packet: 20 ms.
pub(super) const FRAME: usize = RATE as usize / 50;

/// How loud a tone is unless it is said otherwise.
pub(super) const USUAL_DBOV: f32 = -12.0;

/// The longest recording that can be said, in seconds.
const LONGEST: usize = 60;

/// A source of sound that never ends; past its end it is silent.
#[derive(Debug, Clone, Default)]
pub(super) enum Voice {
    #[default]
    Silent,
    Tone {
        hz: f32,
        sine: Sine,
        /// 0.0 to 1.0.
        amplitude: f32,
    },
    Recording {
        samples: Vec<i16>,
        at: usize,
    },
}

impl Voice {
    /// A tone; 0 Hz is silence.
    ///
    /// # Errors
    ///
    /// A frequency that a call does not carry, or a level that does not exist.
    pub(super) fn tone(hz: f32, dbov: f32) -> Result<Self> {
        ensure!((0.0..=8000.0).contains(&hz), "A tone has 0 to 8000 Hz.");
        ensure!((-127.0..=-3.0).contains(&dbov), "A tone's level_dbov is -127 to -3.");
        if hz == 0.0 {
            return Ok(Self::Silent);
        }
        // A sine's effective value is 3 dB below its peak, which is 1.
        let amplitude = level::gain(dbov) * std::f32::consts::SQRT_2;
        Ok(Self::Tone { hz, sine: Sine::new(hz, RATE), amplitude: amplitude.min(1.0) })
    }

    /// A recording, said once.
    ///
    /// # Errors
    ///
    /// A file that is no WAV of 16 bit PCM, mono, 8 to 48 kHz, at most a minute.
    pub(super) fn wav(bytes: &[u8]) -> Result<Self> {
        let (rate, samples) = read_wav(bytes)?;
        ensure!(
            (8000..=48_000).contains(&rate),
            "The WAV has {rate} samples a second; 8000 to 48000 can be said."
        );
        ensure!(samples.len() <= LONGEST * rate as usize, "The WAV is longer than a minute.");
        if rate == RATE {
            return Ok(Self::Recording { samples, at: 0 });
        }
        let mut resampler = Resampler::new(rate, RATE);
        let mut out = Vec::new();
        let piece = rate as usize / 50;
        let mut room = vec![0; FRAME * 2];
        for samples in samples.chunks(piece) {
            let made = resampler.resample(samples, &mut room);
            out.extend_from_slice(&room[..made]);
        }
        Ok(Self::Recording { samples: out, at: 0 })
    }

    /// Says the next 20 ms.
    pub(super) fn fill(&mut self, frame: &mut [i16; FRAME]) {
        match self {
            Self::Silent => frame.fill(0),
            Self::Tone { sine, amplitude, .. } => {
                frame.fill(0);
                sine.fill(frame, *amplitude);
            }
            Self::Recording { samples, at } => {
                let rest = &samples[(*at).min(samples.len())..];
                let here = rest.len().min(FRAME);
                frame[..here].copy_from_slice(&rest[..here]);
                frame[here..].fill(0);
                *at += here;
            }
        }
    }

    /// What it is, for scripts.
    pub(super) fn view(&self) -> Value {
        match self {
            Self::Silent => json!({"hz": 0}),
            Self::Tone { hz, .. } => json!({"hz": hz}),
            Self::Recording { samples, at } => {
                json!({"wav_seconds_left": (samples.len() - (*at).min(samples.len())) as f32 / RATE as f32})
            }
        }
    }
}

/// Sample rate and samples of a WAV file.
fn read_wav(bytes: &[u8]) -> Result<(u32, Vec<i16>)> {
    ensure!(bytes.len() > 12 && &bytes[..4] == b"RIFF" && &bytes[8..12] == b"WAVE", "This is no WAV file.");
    let (mut rest, mut rate) = (&bytes[12..], None);
    while let Some((head, body)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let chunk = &body[..length.min(body.len())];
        if &head[..4] == b"fmt " {
            rate = Some(read_format(chunk)?);
        } else if &head[..4] == b"data" {
            let Some(rate) = rate else { bail!("The WAV has sound before its format.") };
            return Ok((
                rate,
                chunk.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]])).collect(),
            ));
        }
        rest = body.get(length + length % 2..).unwrap_or_default();
    }
    bail!("The WAV has no sound in it.")
}

/// The sample rate of a `fmt ` chunk of 16 bit PCM, mono.
fn read_format(chunk: &[u8]) -> Result<u32> {
    let Some(format) = chunk.first_chunk::<16>() else { bail!("The WAV's format is cut off.") };
    let two = |at: usize| u16::from_le_bytes([format[at], format[at + 1]]);
    ensure!((two(0), two(2), two(14)) == (1, 1, 16), "The WAV has to be 16 bit PCM, mono.");
    Ok(u32::from_le_bytes([format[4], format[5], format[6], format[7]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(rate: u32, samples: &[i16]) -> Vec<u8> {
        let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let mut out = b"RIFF....WAVEfmt ".to_vec();
        out.extend(16u32.to_le_bytes());
        for two in [1u16, 1] {
            out.extend(two.to_le_bytes());
        }
        out.extend(rate.to_le_bytes());
        out.extend((rate * 2).to_le_bytes());
        out.extend(2u16.to_le_bytes());
        out.extend(16u16.to_le_bytes());
        out.extend(b"data");
        out.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        out.extend(data);
        out
    }

    fn second(voice: &mut Voice) -> Vec<i16> {
        let mut frame = [0; FRAME];
        (0..50)
            .flat_map(|_| {
                voice.fill(&mut frame);
                frame
            })
            .collect()
    }

    #[test]
    fn a_tone_is_as_high_and_as_loud_as_it_was_asked_for() {
        let mut voice = Voice::tone(440.0, -20.0).unwrap();
        let heard = audio::spectrum::dominant(&second(&mut voice), RATE).unwrap();
        assert!((heard.hz - 440.0).abs() < 2.0 && (heard.dbov + 20.0).abs() < 0.5, "{heard:?}");
    }

    #[test]
    fn a_recording_is_said_once_at_its_own_pitch() {
        let mut tone = [0; 8000];
        Sine::new(500.0, 8000).fill(&mut tone, 0.25);
        let mut voice = Voice::wav(&wav(8000, &tone)).unwrap();
        let heard = audio::spectrum::dominant(&second(&mut voice), RATE).unwrap();
        assert!((heard.hz - 500.0).abs() < 3.0, "{heard:?}");
        second(&mut voice);
        assert_eq!(audio::spectrum::dominant(&second(&mut voice), RATE), None);
    }

    #[test]
    fn what_is_no_speech_is_refused_in_words() {
        assert_eq!(Voice::wav(b"hello").unwrap_err().to_string(), "This is no WAV file.");
        assert!(Voice::wav(&wav(96_000, &[0])).unwrap_err().to_string().contains("96000"));
        assert!(Voice::tone(20_000.0, -10.0).is_err());
    }
}
