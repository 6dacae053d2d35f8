//! The long term: the pitch of the voice (sections 5.2.11, 5.2.12 and 5.3.2).

use super::arithmetic::{add, largest, mult, mult_r, norm, sub};
use super::frame::SubFrame;

/// Where gains are told apart, and what they stand for: tables 5.3a and 5.3b.
const DLB: [i16; 3] = [6554, 16384, 26214];
const QLB: [i16; 4] = [3277, 11469, 21299, 32767];

/// 5.2.11: lag and coded gain of a sub-frame `d`, by the 120 samples before it.
pub(super) fn parameters(d: &[i16; 40], past: &[i16]) -> (i16, i16) {
    let dmax = largest(d);
    let headroom = if dmax == 0 { 0 } else { norm(i32::from(dmax) << 16) };
    let scal = (6 - headroom).max(0);
    let wt = d.map(|sample| sample >> scal);
    let (mut nc, mut l_max) = (40, 0);
    for lambda in 40..=120 {
        let past = &past[past.len() - lambda..];
        let product = |(&a, &b): (&i16, &i16)| i32::from(a) * i32::from(b);
        let l_result: i32 = wt.iter().zip(past).map(product).sum();
        if l_result > l_max {
            (nc, l_max) = (lambda, l_result);
        }
    }
    let l_max = (l_max << 1) >> (6 - scal);
    let square = |&sample: &i16| (i32::from(sample) >> 3).pow(2);
    let l_power = past[past.len() - nc..][..40].iter().map(square).sum::<i32>() << 1;
    // A lag is at most 120.
    (nc as i16, gain(l_max, l_power))
}

fn gain(l_max: i32, l_power: i32) -> i16 {
    if l_max <= 0 {
        return 0;
    }
    if l_max >= l_power {
        return 3;
    }
    let shift = norm(l_power);
    let r = ((l_max << shift) >> 16) as i16;
    let s = ((l_power << shift) >> 16) as i16;
    DLB.iter().position(|&limit| r <= mult(s, limit)).map_or(3, |bc| bc as i16)
}

/// 5.2.12: what the pitch does not explain of `d`, and what it does. `before` ends where the sub-frame begins.
pub(super) fn analyse(bc: i16, nc: i16, d: &[i16; 40], before: &[i16]) -> ([i16; 40], [i16; 40]) {
    let bp = QLB[usize::from(bc.cast_unsigned() & 3)];
    let past = &before[before.len() - usize::from(nc.cast_unsigned())..];
    let (mut e, mut dpp) = ([0; 40], [0; 40]);
    for k in 0..40 {
        dpp[k] = mult_r(bp, past[k]);
        e[k] = sub(d[k], dpp[k]);
    }
    (e, dpp)
}

/// 5.3.2: puts the pitch back. `drp` is 120 past samples and room for the sub-frame. Gives the lag used, for a lag that cannot
/// be is replaced by the last one.
pub(super) fn synthesise(sub_frame: &SubFrame, nrp: i16, erp: &[i16; 40], drp: &mut [i16; 160]) -> i16 {
    let nr = if (40..=120).contains(&sub_frame.nc) { sub_frame.nc } else { nrp };
    let brp = QLB[usize::from(sub_frame.bc.cast_unsigned() & 3)];
    let lag = usize::from(nr.cast_unsigned());
    for k in 0..40 {
        drp[120 + k] = add(erp[k], mult_r(brp, drp[120 + k - lag]));
    }
    nr
}
