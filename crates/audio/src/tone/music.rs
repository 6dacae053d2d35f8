//! Music while one waits: soft plucked chords, composed by calculation and belonging to nobody.

use super::Sine;

/// Voices that may sound at once; the oldest gives way.
const VOICES: usize = 8;
/// One step of the rhythm, in milliseconds.
const STEP_MS: u32 = 300;

/// Chords as notes above A2 (110 Hz), in semitones: a calm round of Am, F, C, G and their neighbours.
const CHORDS: [[u8; 4]; 8] = [
    [0, 7, 12, 15],
    [8, 12, 15, 20],
    [3, 10, 15, 19],
    [10, 14, 17, 22],
    [5, 12, 15, 20],
    [0, 12, 15, 19],
    [8, 15, 17, 20],
    [7, 11, 14, 19],
];
/// Which note of the chord each of the eight steps of a bar plucks.
const PATTERNS: [[u8; 8]; 2] = [[0, 1, 2, 3, 2, 1, 3, 2], [0, 2, 1, 3, 1, 2, 3, 1]];
/// Notes of the melody above, one each half bar; 255 rests.
const MELODY: [u8; 16] = [31, 27, 255, 24, 27, 31, 34, 255, 32, 31, 27, 255, 24, 26, 23, 255];

/// Music that goes on for ever, as a stream of sound. It allocates nothing.
#[derive(Debug, Clone)]
pub struct Music {
    rate: u32,
    voices: [Option<Voice>; VOICES],
    next_voice: usize,
    step: usize,
    left: u32,
}

#[derive(Debug, Clone)]
struct Voice {
    tone: Sine,
    overtone: Sine,
    loudness: f32,
    decay: f32,
    /// Rises from nought to one within a few milliseconds, so that nothing clicks.
    attack: f32,
    attack_step: f32,
}

impl Music {
    /// At `rate` samples per second, from the beginning.
    #[must_use]
    pub fn new(rate: u32) -> Self {
        let rate = rate.clamp(8000, 48000);
        Self { rate, voices: [const { None }; VOICES], next_voice: 0, step: 0, left: 0 }
    }

    /// Fills `pcm` with what comes next.
    pub fn fill(&mut self, pcm: &mut [i16]) {
        for sample in pcm {
            if self.left == 0 {
                self.play_step();
                self.left = self.rate * STEP_MS / 1000;
            }
            self.left -= 1;
            let sum: f32 = self.voices.iter_mut().flatten().map(Voice::next).sum();
            *sample = (sum * 32767.0) as i16;
        }
    }

    fn play_step(&mut self) {
        let (bar, beat) = (self.step / 8, self.step % 8);
        let chord = CHORDS[bar % CHORDS.len()];
        let note = chord[usize::from(PATTERNS[bar / 2 % 2][beat])];
        self.pluck(note, 0.055, 1.1);
        if beat == 0 {
            // The ground note stays longer.
            self.pluck(chord[0], 0.06, 2.2);
        }
        if beat % 4 == 2 {
            let melody = MELODY[(bar * 2 + beat / 4) % MELODY.len()];
            if melody != 255 {
                self.pluck(melody, 0.05, 1.6);
            }
        }
        self.step = (self.step + 1) % (8 * CHORDS.len() * 2);
    }

    /// `seconds` until the note has faded to a thousandth.
    fn pluck(&mut self, semitones: u8, loudness: f32, seconds: f32) {
        let hz = 110.0 * 2.0_f32.powf(f32::from(semitones) / 12.0);
        self.voices[self.next_voice] = Some(Voice {
            tone: Sine::new(hz, self.rate),
            overtone: Sine::new(hz * 2.0, self.rate),
            loudness,
            decay: 0.001_f32.powf(1.0 / (seconds * self.rate as f32)),
            attack: 0.0,
            attack_step: 1.0 / (0.012 * self.rate as f32),
        });
        self.next_voice = (self.next_voice + 1) % VOICES;
    }
}

impl Voice {
    fn next(&mut self) -> f32 {
        self.attack = (self.attack + self.attack_step).min(1.0);
        self.loudness *= self.decay;
        // The overtone fades sooner than its tone, as a string's does.
        let colour = self.loudness * 6.0;
        (self.tone.next_sample() + self.overtone.next_sample() * colour) * self.loudness * self.attack
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;
    use crate::spectrum::dominant;

    #[test]
    fn it_is_soft_and_never_silent_for_long() {
        for rate in [8000, 48000] {
            let mut music = Music::new(rate);
            let mut second = vec![0; rate as usize];
            for _ in 0..80 {
                music.fill(&mut second);
                let level = dbov(&second);
                assert!((-45.0..-15.0).contains(&level), "{level} at {rate}");
                assert!(second.iter().all(|sample| sample.unsigned_abs() < 20000));
            }
        }
    }

    #[test]
    fn notes_change_and_nothing_clicks() {
        let mut music = Music::new(16000);
        let mut pcm = vec![0; 16000 * 20];
        music.fill(&mut pcm);
        let mut notes: Vec<u32> =
            pcm.chunks(4800).filter_map(|step| Some(dominant(step, 16000)?.hz.round() as u32 / 10)).collect();
        notes.sort_unstable();
        notes.dedup();
        assert!(notes.len() >= 6, "{notes:?}");
        let steepest = pcm.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max().unwrap();
        assert!(steepest < 3000, "a step of {steepest}");
    }
}
