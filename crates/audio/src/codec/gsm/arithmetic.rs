//! Saturating arithmetic on 16 bits, by the names of the standard (section 5.1).

/// Sum, held within the range.
pub(super) const fn add(a: i16, b: i16) -> i16 {
    a.saturating_add(b)
}

/// Difference, held within the range.
pub(super) const fn sub(a: i16, b: i16) -> i16 {
    a.saturating_sub(b)
}

/// Product of two numbers between −1 and 1.
pub(super) const fn mult(a: i16, b: i16) -> i16 {
    if a == i16::MIN && b == i16::MIN { i16::MAX } else { ((a as i32 * b as i32) >> 15) as i16 }
}

/// The same, rounded.
pub(super) const fn mult_r(a: i16, b: i16) -> i16 {
    if a == i16::MIN && b == i16::MIN { i16::MAX } else { ((a as i32 * b as i32 + 16384) >> 15) as i16 }
}

/// Magnitude, held within the range.
pub(super) const fn abs(a: i16) -> i16 {
    a.saturating_abs()
}

/// By how many bits a number can be shifted to the left; it is not nought.
pub(super) const fn norm(a: i32) -> i16 {
    let magnitude = if a < 0 { !a } else { a };
    // The sign's bit stays free.
    magnitude.leading_zeros() as i16 - 1
}

/// Quotient of two numbers, 0 ≤ `num` ≤ `denum`, as 15 bits.
pub(super) const fn div(num: i16, denum: i16) -> i16 {
    let (mut rest, mut quotient, mut bits) = (num as i32, 0_i32, 0);
    while bits < 15 {
        quotient <<= 1;
        rest <<= 1;
        if rest >= denum as i32 {
            rest -= denum as i32;
            quotient += 1;
        }
        bits += 1;
    }
    quotient as i16
}

/// The largest magnitude.
pub(super) fn largest(samples: &[i16]) -> i16 {
    samples.iter().map(|&sample| abs(sample)).max().unwrap_or(0)
}
