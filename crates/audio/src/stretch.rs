//! Sound made a little shorter or longer without changing its pitch: a pitch period is taken out or put in, faded over.

/// How alike two neighbouring periods have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Nobody will notice.
    High,
    /// Better noticed than late.
    Low,
}

/// Below this root mean square nobody notices anything.
const QUIET: f32 = 60.0;

/// Takes one pitch period out of `pcm` where it can be done, and says how many samples are left. 20 ms are enough to find one.
pub fn shorten(pcm: &mut [i16], rate: u32, care: Care) -> usize {
    let Some(lag) = find_lag(pcm, rate, care) else { return pcm.len() };
    for i in 0..lag {
        pcm[i] = faded(pcm[i], pcm[i + lag], i, lag);
    }
    pcm.copy_within(2 * lag.., lag);
    pcm.len() - lag
}

/// Repeats one pitch period of the first `length` samples of `pcm` where it can be done and there is room, and says how many
/// there are then.
pub fn lengthen(pcm: &mut [i16], length: usize, rate: u32) -> usize {
    let length = length.min(pcm.len());
    let Some(lag) = find_lag(&pcm[..length], rate, Care::High) else { return length };
    if length + lag > pcm.len() {
        return length;
    }
    pcm.copy_within(lag..length, 2 * lag);
    // Now both periods stand twice: the second and the third place hold the second one.
    for i in 0..lag {
        pcm[lag + i] = faded(pcm[2 * lag + i], pcm[i], i, lag);
    }
    length + lag
}

/// The distance, 2.5 to 12.5 ms, at which the beginning of `pcm` is most like what follows.
fn find_lag(pcm: &[i16], rate: u32, care: Care) -> Option<usize> {
    let shortest = rate as usize / 400;
    let longest = (rate as usize / 80).min(pcm.len() / 2);
    if shortest < 2 || longest <= shortest {
        return None;
    }
    if crate::level::rms(pcm) < QUIET {
        return Some(longest);
    }
    let every = (rate as usize / 8000).max(1);
    let coarse = best(pcm, (shortest..=longest).step_by(every), every)?;
    let (lag, likeness) =
        best(pcm, coarse.0.saturating_sub(every).max(shortest)..=(coarse.0 + every).min(longest), every)?;
    let enough = match care {
        Care::High => 0.9,
        Care::Low => 0.4,
    };
    (likeness > enough).then_some(lag)
}

fn best(pcm: &[i16], lags: impl Iterator<Item = usize>, every: usize) -> Option<(usize, f32)> {
    lags.map(|lag| (lag, likeness(pcm, lag, every))).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Correlation of the first `lag` samples with the next, −1 to 1.
fn likeness(pcm: &[i16], lag: usize, every: usize) -> f32 {
    let (mut product, mut first, mut second) = (0.0_f32, 1.0_f32, 1.0_f32);
    for (a, b) in pcm[..lag].iter().step_by(every).zip(pcm[lag..2 * lag].iter().step_by(every)) {
        let (a, b) = (f32::from(*a), f32::from(*b));
        product += a * b;
        first += a * a;
        second += b * b;
    }
    product / (first * second).sqrt()
}

/// Step `i` of `steps` on the way from one sound to another.
fn faded(from: i16, to: i16, i: usize, steps: usize) -> i16 {
    let (weight, all) = (i as i32 + 1, steps as i32 + 1);
    ((i32::from(from) * (all - weight) + i32::from(to) * weight) / all) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::dominant;
    use crate::tone::Sine;

    fn tone(hz: f32, samples: usize) -> Vec<i16> {
        let mut pcm = vec![0; samples];
        Sine::new(hz, 8000).fill(&mut pcm, 0.3);
        pcm
    }

    #[test]
    fn a_tone_keeps_its_pitch_and_its_smoothness() {
        for hz in [150.0, 200.0, 440.0, 1000.0] {
            let pcm = tone(hz, 4000);
            let steepest = pcm.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max().unwrap();
            let (mut shorter, mut longer) = (Vec::new(), Vec::new());
            for piece in pcm.chunks(200) {
                let mut short = piece.to_vec();
                let left = shorten(&mut short, 8000, Care::High);
                assert!((100..200).contains(&left), "{left}");
                shorter.extend_from_slice(&short[..left]);
                let mut long = piece.to_vec();
                long.resize(400, 0);
                let length = lengthen(&mut long, 200, 8000);
                assert!((201..=300).contains(&length), "{length}");
                longer.extend_from_slice(&long[..length]);
            }
            for changed in [shorter, longer] {
                let heard = dominant(&changed, 8000).unwrap();
                assert!((heard.hz - hz).abs() < hz * 0.03, "{hz} became {heard:?}");
                let step = changed.windows(2).map(|pair| pair[1].abs_diff(pair[0])).max().unwrap();
                assert!(
                    step < steepest + steepest / 2 + 400,
                    "a step of {step} at {hz} Hz, {steepest} before"
                );
            }
        }
    }

    #[test]
    fn noise_is_left_alone_with_care() {
        let mut seed = 1_u32;
        let mut noise: Vec<i16> = (0..320)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 16) as i16
            })
            .collect();
        assert_eq!(shorten(&mut noise, 8000, Care::High), 320);
    }

    #[test]
    fn silence_gives_way_at_once() {
        assert_eq!(shorten(&mut [0; 160], 8000, Care::High), 80);
    }

    #[test]
    fn too_little_sound_is_left_alone() {
        assert_eq!(shorten(&mut [500; 30], 8000, Care::Low), 30);
        assert_eq!(lengthen(&mut [500; 30], 30, 8000), 30);
        assert_eq!(lengthen(&mut [], 5, 8000), 0);
    }
}
