//! The short term filter, whose coefficients glide from those of the last frame to those of this one (sections 5.2.8 to 5.2.10
//! and 5.3.3).

use super::FRAME_SAMPLES;
use super::arithmetic::{abs, add, mult_r, sub};

/// State of the filter, in either direction.
#[derive(Debug, Default)]
pub(super) struct ShortTerm {
    /// Decoded log area ratios of the last frame.
    larpp: [i16; 8],
    /// Of the analysis filter.
    u: [i16; 8],
    /// Of the synthesis filter.
    v: [i16; 9],
}

/// The four stretches of a frame: where each begins and ends.
const STRETCHES: [(usize, usize); 4] = [(0, 13), (13, 27), (27, 40), (40, FRAME_SAMPLES)];

impl ShortTerm {
    /// From samples to the residual, in place.
    pub(super) fn analyse(&mut self, larc: [i16; 8], s: &mut [i16; FRAME_SAMPLES]) {
        let rps = self.coefficients(larc);
        for ((begin, end), rp) in STRETCHES.into_iter().zip(rps) {
            for sample in &mut s[begin..end] {
                *sample = self.analyse_sample(&rp, *sample);
            }
        }
    }

    /// From the residual to samples, in place.
    pub(super) fn synthesise(&mut self, larc: [i16; 8], s: &mut [i16; FRAME_SAMPLES]) {
        let rps = self.coefficients(larc);
        for ((begin, end), rp) in STRETCHES.into_iter().zip(rps) {
            for sample in &mut s[begin..end] {
                *sample = self.synthesise_sample(&rp, *sample);
            }
        }
    }

    /// 5.2.10
    fn analyse_sample(&mut self, rp: &[i16; 8], sample: i16) -> i16 {
        let (mut di, mut sav) = (sample, sample);
        for (u, &rp) in self.u.iter_mut().zip(rp) {
            let before = *u;
            *u = sav;
            sav = add(before, mult_r(rp, di));
            di = add(di, mult_r(rp, before));
        }
        di
    }

    /// 5.3.3
    fn synthesise_sample(&mut self, rrp: &[i16; 8], sample: i16) -> i16 {
        let mut sri = sample;
        for i in (0..8).rev() {
            sri = sub(sri, mult_r(rrp[i], self.v[i]));
            self.v[i + 1] = add(self.v[i], mult_r(rrp[i], sri));
        }
        self.v[0] = sri;
        sri
    }

    /// 5.2.9: the reflection coefficients of each stretch.
    fn coefficients(&mut self, larc: [i16; 8]) -> [[i16; 8]; 4] {
        let last = self.larpp;
        let now = decode(larc);
        self.larpp = now;
        let glide = |weigh: fn(i16, i16) -> i16| {
            let mut rp = [0; 8];
            for (rp, (&last, &now)) in rp.iter_mut().zip(last.iter().zip(&now)) {
                *rp = reflection(weigh(last, now));
            }
            rp
        };
        [
            glide(|last, now| add(add(last >> 2, now >> 2), last >> 1)),
            glide(|last, now| add(last >> 1, now >> 1)),
            glide(|last, now| add(add(last >> 2, now >> 2), now >> 1)),
            glide(|_, now| now),
        ]
    }
}

/// 5.2.8
fn decode(larc: [i16; 8]) -> [i16; 8] {
    /// B, the smallest value and the inverse of A, of table 5.1.
    const TABLE: [(i16, i16, i16); 8] = [
        (0, -32, 13107),
        (0, -32, 13107),
        (2048, -16, 13107),
        (-2560, -16, 13107),
        (94, -8, 19223),
        (-1792, -8, 17476),
        (-341, -4, 31454),
        (-1144, -4, 29708),
    ];
    let mut larpp = [0; 8];
    for ((value, coded), (b, mic, inva)) in larpp.iter_mut().zip(larc).zip(TABLE) {
        let temp = mult_r(inva, sub(add(coded, mic) << 10, b << 1));
        *value = add(temp, temp);
    }
    larpp
}

/// 5.2.9.2
fn reflection(larp: i16) -> i16 {
    let magnitude = match abs(larp) {
        small @ ..11059 => small << 1,
        middle @ 11059..20070 => middle + 11059,
        large => add(large >> 2, 26112),
    };
    if larp < 0 { -magnitude } else { magnitude }
}
