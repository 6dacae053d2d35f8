//! Regular pulse excitation: what is left of the voice as a grid of thirteen pulses (sections 5.2.13 to 5.2.18 and 5.3.1).

use super::arithmetic::{add, largest, mult, mult_r};
use super::frame::SubFrame;

/// The inverse of the normalised mantissa, and the mantissa: tables 5.5 and 5.6.
const NRFAC: [i16; 8] = [29128, 26215, 23832, 21846, 20165, 18725, 17476, 16384];
const FAC: [i16; 8] = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];

/// Encodes the residual `e` into `sub` and gives it as the decoder will see it.
pub(super) fn encode(e: &[i16; 40], sub: &mut SubFrame) -> [i16; 40] {
    let x = weigh(e);
    let (mc, pulses) = select_grid(&x);
    sub.mc = mc;
    quantise(&pulses, sub);
    decode(sub)
}

/// 5.3.1: pulses and silence between them.
pub(super) fn decode(sub: &SubFrame) -> [i16; 40] {
    let (exp, mant) = exponent_and_mantissa(sub.xmaxc);
    let mut ep = [0; 40];
    let shift = 6 - exp;
    let round = shift_left(1, shift - 1);
    for (i, &coded) in sub.xmc.iter().enumerate() {
        let value = ((coded << 1) - 7) << 12;
        let value = add(mult_r(FAC[mant], value), round);
        // A grid begins at 0 to 3, so the last pulse is at 39 at most.
        ep[usize::from(sub.mc.cast_unsigned() & 3) + 3 * i] = shift_right(value, shift);
    }
    ep
}

/// 5.2.13
fn weigh(e: &[i16; 40]) -> [i16; 40] {
    const H: [i32; 11] = [-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134];
    let mut padded = [0_i16; 50];
    padded[5..45].copy_from_slice(e);
    let mut x = [0; 40];
    for (k, x) in x.iter_mut().enumerate() {
        let sum: i32 = padded[k..].iter().zip(H).map(|(&sample, h)| i32::from(sample) * h).sum();
        *x = ((sum + 4096) >> 13).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
    }
    x
}

/// 5.2.14: the grid with most energy.
fn select_grid(x: &[i16; 40]) -> (i16, [i16; 13]) {
    let (mut mc, mut em) = (0, 0);
    for m in 0..4 {
        let energy: i32 = (0..13).map(|i| (i32::from(x[m + 3 * i]) >> 2).pow(2)).sum();
        if energy > em {
            (mc, em) = (m, energy);
        }
    }
    let mut pulses = [0; 13];
    for (i, pulse) in pulses.iter_mut().enumerate() {
        *pulse = x[mc + 3 * i];
    }
    (mc as i16, pulses)
}

/// 5.2.15
fn quantise(pulses: &[i16; 13], sub: &mut SubFrame) {
    let xmax = largest(pulses);
    let mut exp = 0;
    let mut rest = xmax >> 9;
    while rest > 0 && exp < 6 {
        exp += 1;
        rest >>= 1;
    }
    sub.xmaxc = add(xmax >> (exp + 5), exp << 3);
    let (exp, mant) = exponent_and_mantissa(sub.xmaxc);
    for (coded, &pulse) in sub.xmc.iter_mut().zip(pulses) {
        // The word keeps its lower bits, as in the standard.
        let value = (i32::from(pulse) << (6 - exp)) as i16;
        *coded = (mult(value, NRFAC[mant]) >> 12) + 4;
    }
}

/// 5.2.16
fn exponent_and_mantissa(xmaxc: i16) -> (i16, usize) {
    let mut exp = if xmaxc > 15 { (xmaxc >> 3) - 1 } else { 0 };
    let mut mant = xmaxc - (exp << 3);
    if mant == 0 {
        return (-4, 7);
    }
    while mant <= 7 {
        mant = mant << 1 | 1;
        exp -= 1;
    }
    (exp, usize::from((mant - 8).cast_unsigned() & 7))
}

fn shift_left(value: i16, bits: i16) -> i16 {
    match bits {
        ..0 => shift_right(value, -bits),
        0..16 => value << bits,
        _ => 0,
    }
}

fn shift_right(value: i16, bits: i16) -> i16 {
    match bits {
        ..0 => shift_left(value, -bits),
        0..16 => value >> bits,
        _ => value >> 15,
    }
}
