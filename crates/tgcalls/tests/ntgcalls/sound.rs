//! What was heard, each packet in its place, and the frequency of it.

use std::f64::consts::TAU;

pub(crate) const RATE: usize = 48_000;

/// Sound is looked at with fewer samples: the tones lie far below half of this.
const THINNED: usize = RATE / 8;

/// Sound by the time stamps of its packets: what is lost is silence, so that what comes after it keeps its place.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    pub(crate) pcm: Vec<i16>,
    stream: Option<u32>,
    /// The time stamp of the first sample.
    first: u32,
}

impl Sound {
    pub(crate) fn put(&mut self, stream: u32, timestamp: u32, samples: &[i16]) {
        if self.stream.replace(stream) != Some(stream) {
            // Another stream goes on where this one ends.
            self.first = timestamp.wrapping_sub(u32::try_from(self.pcm.len()).expect("short"));
        }
        let place = timestamp.wrapping_sub(self.first) as usize;
        // What is from before the beginning, or from hours later, is nobody's sound.
        if place < RATE * 600 {
            self.pcm.resize(self.pcm.len().max(place + samples.len()), 0);
            self.pcm[place..place + samples.len()].copy_from_slice(samples);
        }
    }
}

/// The loudest frequency of the last two seconds: the peak of the spectrum, found between its lines.
pub(crate) fn loudest(pcm: &[i16]) -> f64 {
    let Some(from) = pcm.len().checked_sub(2 * RATE) else { return 0.0 };
    let thinned: Vec<f64> =
        pcm[from..].chunks(RATE / THINNED).map(|few| few.iter().map(|it| f64::from(*it)).sum()).collect();
    let length = thinned.len() as f64;
    let windowed: Vec<f64> = thinned
        .iter()
        .enumerate()
        .map(|(at, it)| it * (0.5 - 0.5 * (TAU * at as f64 / length).cos()))
        .collect();
    let level = |hz: f64| {
        // A turn by a fixed angle for each sample: no sine has to be looked up.
        let (sin, cos) = (TAU * hz / THINNED as f64).sin_cos();
        let (mut re, mut im, mut turn_re, mut turn_im) = (0.0, 0.0, 1.0, 0.0);
        for sample in &windowed {
            re += sample * turn_re;
            im += sample * turn_im;
            (turn_re, turn_im) = (turn_re * cos - turn_im * sin, turn_re * sin + turn_im * cos);
        }
        re.hypot(im).max(1e-9).ln()
    };
    let lines: Vec<f64> = (100..2_000_u32).map(|hz| level(f64::from(hz))).collect();
    let peak = (1..lines.len() - 1).max_by(|one, two| lines[*one].total_cmp(&lines[*two])).unwrap_or(1);
    let (left, top, right) = (lines[peak - 1], lines[peak], lines[peak + 1]);
    let bend = left - 2.0 * top + right;
    let aside = if bend < 0.0 { 0.5 * (left - right) / bend } else { 0.0 };
    100.0 + peak as f64 + aside
}

#[test]
fn a_tone_with_gaps_is_found_where_it_is() {
    let mut sound = Sound::default();
    let tone = |from: usize, length: usize| -> Vec<i16> {
        (from..from + length)
            .map(|at| ((TAU * 440.3 * at as f64 / RATE as f64).sin() * 9_000.0) as i16)
            .collect()
    };
    for packet in (0..60).filter(|packet| packet % 7 != 3) {
        let at = packet * RATE / 1000 * 60;
        sound.put(5, (u32::MAX - 1_000).wrapping_add(at as u32), &tone(at, RATE / 1000 * 60));
    }
    let heard = loudest(&sound.pcm);
    assert!((heard - 440.3).abs() < 0.1, "{heard}");
}
