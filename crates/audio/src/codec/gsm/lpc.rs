//! Linear prediction: from samples to coded log area ratios (sections 5.2.4 to 5.2.7).

use super::FRAME_SAMPLES;
use super::arithmetic::{abs, add, div, largest, mult, mult_r, norm};

/// Analyses a frame. Its samples lose their lowest bits where they had to be scaled, as in the standard.
pub(super) fn analyse(s: &mut [i16; FRAME_SAMPLES]) -> [i16; 8] {
    let l_acf = autocorrelation(s);
    quantise(reflection_coefficients(&l_acf).map(log_area_ratio))
}

/// 5.2.4
fn autocorrelation(s: &mut [i16; FRAME_SAMPLES]) -> [i32; 9] {
    let smax = largest(s);
    let scalauto = if smax == 0 { 0 } else { 4 - norm(i32::from(smax) << 16) };
    if scalauto > 0 {
        for sample in s.iter_mut() {
            *sample = mult_r(*sample, 16384 >> (scalauto - 1));
        }
    }
    let mut l_acf = [0_i32; 9];
    for (k, sum) in l_acf.iter_mut().enumerate() {
        let products = s[k..].iter().zip(s.iter()).map(|(&a, &b)| i32::from(a) * i32::from(b));
        *sum = products.sum::<i32>() << 1;
    }
    if scalauto > 0 {
        for sample in s.iter_mut() {
            *sample <<= scalauto;
        }
    }
    l_acf
}

/// 5.2.5, the recursion of Schur.
fn reflection_coefficients(l_acf: &[i32; 9]) -> [i16; 8] {
    let mut r = [0; 8];
    if l_acf[0] == 0 {
        return r;
    }
    let shift = norm(l_acf[0]);
    let acf = l_acf.map(|value| ((value << shift) >> 16) as i16);
    let mut k = acf;
    let mut p = acf;
    for n in 0..8 {
        let temp = abs(p[1]);
        if p[0] < temp {
            return r;
        }
        r[n] = div(temp, p[0]);
        if p[1] > 0 {
            r[n] = -r[n];
        }
        if n == 7 {
            return r;
        }
        p[0] = add(p[0], mult_r(p[1], r[n]));
        for m in 1..8 - n {
            let next = p[m + 1];
            p[m] = add(next, mult_r(k[m], r[n]));
            k[m] = add(k[m], mult_r(next, r[n]));
        }
    }
    r
}

/// 5.2.6
fn log_area_ratio(r: i16) -> i16 {
    let magnitude = match abs(r) {
        small @ ..22118 => small >> 1,
        middle @ 22118..31130 => middle - 11059,
        large => (large - 26112) << 2,
    };
    if r < 0 { -magnitude } else { magnitude }
}

/// 5.2.7
fn quantise(lar: [i16; 8]) -> [i16; 8] {
    /// A, B, and the largest and smallest value, of table 5.1.
    const TABLE: [(i16, i16, i16, i16); 8] = [
        (20480, 0, 31, -32),
        (20480, 0, 31, -32),
        (20480, 2048, 15, -16),
        (20480, -2560, 15, -16),
        (13964, 94, 7, -8),
        (15360, -1792, 7, -8),
        (8534, -341, 3, -4),
        (9036, -1144, 3, -4),
    ];
    let mut larc = [0; 8];
    for ((coded, lar), (a, b, mac, mic)) in larc.iter_mut().zip(lar).zip(TABLE) {
        let value = add(add(mult(a, lar), b), 256) >> 9;
        *coded = value.clamp(mic, mac) - mic;
    }
    larc
}
