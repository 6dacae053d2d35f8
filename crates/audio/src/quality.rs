//! How a call probably sounds: the E-model of ITU-T G.107, as far as delay, loss and codec decide it.

use crate::codec::Codec;
use std::time::Duration;

/// The mean opinion score, 1.0 (bad) to 4.5 (as good as a telephone gets).
///
/// `delay` is from mouth to ear, one way: half the round trip, and the jitter buffer, and the packet time. `loss` is the part of
/// packets that could not be played, 0.0 to 1.0, late ones included.
#[must_use]
pub fn mean_opinion_score(codec: Codec, delay: Duration, loss: f32) -> f32 {
    score(rating(codec, delay, loss))
}

/// The rating R, 0.0 to 93.2.
#[must_use]
pub fn rating(codec: Codec, delay: Duration, loss: f32) -> f32 {
    // G.107 with all other parameters at their defaults.
    const BEST: f32 = 93.2;
    let (equipment, robustness) = impairment(codec);
    let percent = if loss.is_finite() { loss.clamp(0.0, 1.0) * 100.0 } else { 0.0 };
    let lost = equipment + (95.0 - equipment) * percent / (percent + robustness);
    (BEST - delayed(delay) - lost).clamp(0.0, BEST)
}

/// What delay takes away (Cole and Rosenbluth's fit to G.107).
fn delayed(delay: Duration) -> f32 {
    let ms = delay.as_secs_f32() * 1000.0;
    0.024 * ms + 0.11 * (ms - 177.3).max(0.0)
}

/// What the codec takes away, and how well it bears loss: Ie and Bpl of ITU-T G.113 appendix I. Opus and G.722 stand as G.711
/// with concealment does, though they sound better; for Opus bearing loss with in-band copies it is an estimate.
const fn impairment(codec: Codec) -> (f32, f32) {
    match codec {
        Codec::Opus => (0.0, 30.0),
        Codec::G722 | Codec::Pcma | Codec::Pcmu | Codec::L16 { .. } => (0.0, 25.1),
        Codec::Gsm => (20.0, 43.0),
        Codec::G729 => (11.0, 19.0),
    }
}

/// From R to a score (G.107 annex B).
fn score(rating: f32) -> f32 {
    if rating <= 0.0 {
        return 1.0;
    }
    (1.0 + 0.035 * rating + rating * (rating - 60.0) * (100.0 - rating) * 7e-6).clamp(1.0, 4.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUNDRED_MS: Duration = Duration::from_millis(100);

    #[test]
    fn a_good_line_scores_as_g711_does_in_the_standard() {
        assert!((mean_opinion_score(Codec::Pcma, Duration::ZERO, 0.0) - 4.41).abs() < 0.01);
        assert!((rating(Codec::G729, Duration::ZERO, 0.0) - 82.2).abs() < 0.01);
    }

    #[test]
    fn loss_and_delay_make_it_worse_and_never_leave_the_scale() {
        let mut last = 5.0;
        for percent in 0..=100 {
            let now = mean_opinion_score(Codec::Pcmu, HUNDRED_MS, percent as f32 / 100.0);
            assert!(now < last + 1e-6 && (1.0..=4.5).contains(&now), "{percent} %: {now}");
            last = now;
        }
        assert_eq!(mean_opinion_score(Codec::Opus, Duration::from_secs(60), 1.0), 1.0);
        assert!(mean_opinion_score(Codec::Opus, HUNDRED_MS, f32::NAN) > 4.0);
    }
}
