//! How loud sound is.

/// Root mean square of the samples, 0.0 to 32768.0.
#[must_use]
pub fn rms(pcm: &[i16]) -> f32 {
    if pcm.is_empty() {
        return 0.0;
    }
    let energy: i64 = pcm.iter().map(|&sample| i64::from(sample) * i64::from(sample)).sum();
    (energy as f64 / pcm.len() as f64).sqrt() as f32
}

/// Level in dBov: 0 is a square wave that fills the whole range, a sine that does is −3. Silence is −127, as in RFC 6464.
#[must_use]
pub fn dbov(pcm: &[i16]) -> f32 {
    (20.0 * (rms(pcm) / 32768.0).log10()).clamp(-127.0, 0.0)
}

/// The factor that makes sound louder by `db` decibels, or quieter where it is negative.
#[must_use]
pub fn gain(db: f32) -> f32 {
    10.0_f32.powf(db / 20.0)
}

/// Multiplies every sample, staying within the range.
pub fn amplify(pcm: &mut [i16], factor: f32) {
    for sample in pcm {
        // `as` saturates.
        *sample = (f32::from(*sample) * factor) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_at_the_bottom_and_a_full_square_wave_at_the_top() {
        assert_eq!(dbov(&[0; 160]), -127.0);
        assert_eq!(dbov(&[]), -127.0);
        assert_eq!(dbov(&[i16::MIN; 160]), 0.0);
    }

    #[test]
    fn half_the_amplitude_is_six_decibels_less() {
        let mut pcm = [20000; 160];
        let before = dbov(&pcm);
        amplify(&mut pcm, gain(-6.0206));
        assert!((before - dbov(&pcm) - 6.02).abs() < 0.01);
    }

    #[test]
    fn too_much_gain_stops_at_the_edge() {
        let mut pcm = [20000, -20000];
        amplify(&mut pcm, 3.0);
        assert_eq!(pcm, [i16::MAX, i16::MIN]);
    }
}
