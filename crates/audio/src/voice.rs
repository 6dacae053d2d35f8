//! Is somebody speaking? A simple answer by loudness above the room.

/// Tells speech from the noise of the room. It follows the room's level and holds on a little after a word.
#[derive(Debug, Clone)]
pub struct VoiceDetector {
    /// The room's level in dBov.
    floor: f32,
    /// Pieces that still count as speech.
    hangover: u8,
}

/// How much louder than the room speech is.
const ABOVE: f32 = 9.0;
/// Below this level nobody speaks.
const LEAST: f32 = -55.0;
/// Pieces of 20 ms after a word.
const HANGOVER: u8 = 10;

impl VoiceDetector {
    /// Knows nothing of the room yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { floor: 0.0, hangover: 0 }
    }

    /// Listens to the next 20 ms.
    pub fn listen(&mut self, pcm: &[i16]) -> bool {
        let level = crate::level::dbov(pcm);
        // Down at once, up by 3 dB a second.
        self.floor = if level < self.floor { level.max(-90.0) } else { self.floor + 0.06 };
        self.floor = self.floor.min(-25.0);
        if level > (self.floor + ABOVE).max(LEAST) {
            self.hangover = HANGOVER;
            return true;
        }
        self.hangover = self.hangover.saturating_sub(1);
        self.hangover > 0
    }
}

impl Default for VoiceDetector {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::noise::ComfortNoise;
    use crate::tone::Sine;

    #[test]
    fn a_word_stands_out_of_the_room_and_the_room_does_not() {
        let mut room = ComfortNoise::new(1);
        room.update(&[50]);
        let mut voice = Sine::new(300.0, 8000);
        let mut detector = VoiceDetector::new();
        let mut heard = Vec::new();
        for piece in 0..200 {
            let mut pcm = [0; 160];
            if (100..120).contains(&piece) {
                voice.fill(&mut pcm, 0.2);
            }
            let mut noise = [0; 160];
            room.fill(&mut noise);
            crate::mix::add(&mut pcm, &noise);
            heard.push(detector.listen(&pcm));
        }
        assert!(!heard[20..100].contains(&true), "the room alone");
        assert!(!heard[100..129].contains(&false), "the word and a moment more");
        assert!(!heard[131..].contains(&true), "the room again");
    }
}
