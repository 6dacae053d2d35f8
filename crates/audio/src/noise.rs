//! Comfort noise, RFC 3389: what the room sounds like while nobody speaks.
//!
//! A payload holds a level, and up to eleven reflection coefficients that colour the noise.

/// Reflection coefficients that we write and understand; more are left aside.
const ORDER: usize = 10;
/// Room for a payload.
pub const MAX_PAYLOAD: usize = 1 + ORDER;

/// Measures a room and writes it as a payload.
///
/// `pcm` is 20 ms or so of the room without speech. It allocates nothing.
#[must_use]
pub fn describe(pcm: &[i16]) -> [u8; MAX_PAYLOAD] {
    let mut payload = [127; MAX_PAYLOAD];
    // Silence is 127 below full.
    payload[0] = (-crate::level::dbov(pcm)).round().clamp(0.0, 127.0) as u8;
    for (byte, reflection) in payload[1..].iter_mut().zip(reflections(pcm)) {
        *byte = (127.0 + 127.0 * reflection).round().clamp(0.0, 254.0) as u8;
    }
    payload
}

/// Makes noise like a description.
#[derive(Debug, Clone)]
pub struct ComfortNoise {
    /// Root mean square.
    level: f32,
    reflections: [f32; ORDER],
    /// What the filter adds to the level.
    gain: f32,
    lattice: [f32; ORDER],
    seed: u32,
}

impl ComfortNoise {
    /// Silent until there is a description. `seed` makes two generators differ.
    #[must_use]
    pub const fn new(seed: u32) -> Self {
        Self {
            level: 0.0,
            reflections: [0.0; ORDER],
            gain: 1.0,
            lattice: [0.0; ORDER],
            seed: seed.wrapping_mul(2_654_435_761).wrapping_add(1),
        }
    }

    /// Takes a payload. `false` if it is empty and nothing changed.
    pub fn update(&mut self, payload: &[u8]) -> bool {
        let Some((&level, coefficients)) = payload.split_first() else { return false };
        self.level = 32768.0 * crate::level::gain(-f32::from(level & 0x7F));
        self.reflections = [0.0; ORDER];
        for (reflection, &byte) in self.reflections.iter_mut().zip(coefficients) {
            // Kept off ±1, where the filter would not fade.
            *reflection = ((f32::from(byte) - 127.0) / 127.0).clamp(-0.97, 0.97);
        }
        // White noise through the filter becomes louder by this much.
        self.gain = self.reflections.iter().map(|k| 1.0 - k * k).product::<f32>().sqrt();
        true
    }

    /// Fills `pcm` with noise.
    pub fn fill(&mut self, pcm: &mut [i16]) {
        for sample in pcm {
            // Even numbers between −√3 and √3 have a mean square of one.
            self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let even = (self.seed >> 8) as f32 / 8_388_608.0 - 1.0;
            let white = even * 1.732_050_8 * self.level * self.gain;
            *sample = self.colour(white) as i16;
        }
    }

    /// The all-pole lattice filter of the coefficients.
    fn colour(&mut self, white: f32) -> f32 {
        let mut forward = white;
        for stage in (0..ORDER).rev() {
            forward -= self.reflections[stage] * self.lattice[stage];
            if stage + 1 < ORDER {
                self.lattice[stage + 1] = self.lattice[stage] + self.reflections[stage] * forward;
            }
        }
        self.lattice[0] = forward;
        forward
    }
}

/// Reflection coefficients of a piece of sound, by the recursion of Levinson and Durbin.
fn reflections(pcm: &[i16]) -> [f32; ORDER] {
    let mut correlation = [0.0_f64; ORDER + 1];
    for (lag, sum) in correlation.iter_mut().enumerate() {
        let pairs = pcm.iter().zip(pcm.iter().skip(lag));
        *sum = pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    }
    let mut error = correlation[0] * 1.0001 + 1.0;
    let mut predictor = [0.0_f64; ORDER];
    let mut reflections = [0.0_f32; ORDER];
    for i in 0..ORDER {
        let mut sum = correlation[i + 1];
        for j in 0..i {
            sum += predictor[j] * correlation[i - j];
        }
        let k = (-sum / error).clamp(-0.999, 0.999);
        reflections[i] = k as f32;
        let before = predictor;
        for j in 0..i {
            predictor[j] = before[j] + k * before[i - 1 - j];
        }
        predictor[i] = k;
        error *= 1.0 - k * k;
    }
    reflections
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;
    use crate::spectrum::level_at;

    fn noise(payload: &[u8]) -> Vec<i16> {
        let mut comfort = ComfortNoise::new(7);
        assert!(comfort.update(payload));
        let mut pcm = vec![0; 8000];
        comfort.fill(&mut pcm);
        pcm
    }

    #[test]
    fn noise_is_as_loud_as_described() {
        for level in [20, 40, 60] {
            let made = dbov(&noise(&[level]));
            assert!((made + f32::from(level)).abs() < 1.0, "{made} for {level}");
        }
    }

    #[test]
    fn the_colour_of_a_room_is_kept() {
        // Noise through a simple low pass.
        let mut last = 0;
        let room: Vec<i16> = noise(&[25])
            .into_iter()
            .map(|sample| {
                last = (i32::from(sample) + 7 * last) / 8;
                last as i16
            })
            .collect();
        let described = describe(&room);
        let made = noise(&described);
        assert!((dbov(&made) - dbov(&room)).abs() < 1.5, "{} and {}", dbov(&made), dbov(&room));
        let band = |pcm: &[i16], hz: [f32; 8]| {
            let pieces = pcm.chunks_exact(200);
            pieces.flat_map(|piece| hz.map(|hz| 10f32.powf(level_at(piece, hz, 8000) / 10.0))).sum::<f32>()
        };
        let low = [80.0, 120.0, 160.0, 200.0, 240.0, 280.0, 320.0, 360.0];
        let high = low.map(|hz| hz + 3000.0);
        let slope = |pcm: &[i16]| 10.0 * (band(pcm, low) / band(pcm, high)).log10();
        assert!(
            slope(&room) > 15.0 && (slope(&made) - slope(&room)).abs() < 4.0,
            "{} {}",
            slope(&made),
            slope(&room)
        );
    }

    #[test]
    fn a_silent_room_is_silent() {
        let payload = describe(&[0; 160]);
        assert_eq!(payload[0], 127);
        assert!(noise(&payload).iter().all(|sample| sample.abs() < 2));
        assert!(!ComfortNoise::new(0).update(&[]));
    }

    proptest::proptest! {
        #[test]
        fn no_description_is_louder_than_it_says(payload in proptest::collection::vec(0u8.., 1..30)) {
            let level = dbov(&noise(&payload));
            proptest::prop_assert!(level <= -f32::from(payload[0] & 0x7F).min(126.0) + 9.0 || level < -80.0);
        }
    }
}
