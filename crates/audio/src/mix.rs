//! Sounds heard together. Sums stop at the edge of the range.

/// Adds `from` to `into`, as far as both reach.
pub fn add(into: &mut [i16], from: &[i16]) {
    for (sum, &sample) in into.iter_mut().zip(from) {
        *sum = sum.saturating_add(sample);
    }
}

/// A conference of a moment: everybody hears all but himself. It allocates when it is made and never after.
///
/// ```
/// let mut mix = audio::mix::Mix::new(160);
/// mix.clear();
/// let (olga, ivan) = ([100i16; 160], [20i16; 160]);
/// mix.add(&olga);
/// mix.add(&ivan);
/// let mut heard = [0i16; 160];
/// mix.all_but(&olga, &mut heard);
/// assert_eq!(heard, ivan);
/// ```
#[derive(Debug, Clone)]
pub struct Mix {
    sum: Box<[i32]>,
}

impl Mix {
    /// For pieces of `samples` samples.
    #[must_use]
    pub fn new(samples: usize) -> Self {
        Self { sum: vec![0; samples].into() }
    }

    /// Begins a new piece.
    pub fn clear(&mut self) {
        self.sum.fill(0);
    }

    /// Adds a voice.
    pub fn add(&mut self, voice: &[i16]) {
        for (sum, &sample) in self.sum.iter_mut().zip(voice) {
            *sum += i32::from(sample);
        }
    }

    /// All voices together: for a recording.
    pub fn all(&self, out: &mut [i16]) {
        for (out, &sum) in out.iter_mut().zip(&self.sum) {
            *out = clipped(sum);
        }
    }

    /// All voices but one that was added: for the person whose voice it is.
    pub fn all_but(&self, voice: &[i16], out: &mut [i16]) {
        for ((out, &sum), &own) in out.iter_mut().zip(&self.sum).zip(voice) {
            *out = clipped(sum - i32::from(own));
        }
    }
}

fn clipped(sum: i32) -> i16 {
    sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loud_voices_stop_at_the_edge_and_come_back_whole() {
        let mut mix = Mix::new(2);
        let (olga, ivan, anna) = ([30000, -30000], [30000, -30000], [-20000, 20000]);
        for voice in [&olga, &ivan, &anna] {
            mix.add(voice);
        }
        let mut heard = [0; 2];
        mix.all_but(&anna, &mut heard);
        assert_eq!(heard, [i16::MAX, i16::MIN]);
        mix.all_but(&olga, &mut heard);
        assert_eq!(heard, [10000, -10000]);
        mix.all(&mut heard);
        assert_eq!(heard, [i16::MAX, i16::MIN]);
    }

    #[test]
    fn adding_two_voices_stops_at_the_edge() {
        let mut sum = [i16::MAX, -5];
        add(&mut sum, &[1, 2]);
        assert_eq!(sum, [i16::MAX, -3]);
    }
}
