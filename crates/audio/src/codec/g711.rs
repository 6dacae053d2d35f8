//! G.711: one byte a sample, on a curve of eight segments. After ITU-T G.711 and the arithmetic of G.191.

const ALAW: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = expand_alaw(code as u8);
        code += 1;
    }
    table
};

const ULAW: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = expand_ulaw(code as u8);
        code += 1;
    }
    table
};

/// The sample behind an A-law byte.
pub(crate) const fn decode_alaw(code: u8) -> i16 {
    ALAW[code as usize]
}

/// The sample behind a µ-law byte.
pub(crate) const fn decode_ulaw(code: u8) -> i16 {
    ULAW[code as usize]
}

/// The A-law byte for a sample; its lowest three bits are lost.
pub(super) const fn encode_alaw(sample: i16) -> u8 {
    // One's complement of a negative sample, as G.191 has it, then 12 bits of magnitude.
    let magnitude = (if sample < 0 { !sample } else { sample }) >> 4;
    let code = if magnitude > 15 {
        let segment = 12 - (magnitude as u16).leading_zeros() as i16;
        // The leading one is implied, and the four bits below it are kept.
        let mantissa = (magnitude >> (segment - 1)) - 16;
        (mantissa + (segment << 4)) as u8
    } else {
        magnitude as u8
    };
    let code = if sample >= 0 { code | 0x80 } else { code };
    code ^ 0x55
}

/// The µ-law byte for a sample; its lowest two bits are lost.
pub(super) const fn encode_ulaw(sample: i16) -> u8 {
    const BIAS: i16 = 33;
    const CLIP: i16 = 0x1FFF;
    let magnitude = ((if sample < 0 { !sample } else { sample }) >> 2) + BIAS;
    let magnitude = if magnitude > CLIP { CLIP } else { magnitude };
    let segment = 11 - (magnitude as u16).leading_zeros() as i16;
    let high = 8 - segment;
    let low = 0xF - ((magnitude >> segment) & 0xF);
    let code = (high << 4 | low) as u8;
    if sample >= 0 { code | 0x80 } else { code }
}

const fn expand_alaw(code: u8) -> i16 {
    let code = code ^ 0x55;
    let segment = (code & 0x70) >> 4;
    let mantissa = ((code & 0x0F) as i16) << 4;
    let magnitude = match segment {
        0 => mantissa + 8,
        _ => (mantissa + 0x108) << (segment - 1),
    };
    if code & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn expand_ulaw(code: u8) -> i16 {
    const BIAS: i16 = 0x84;
    let code = !code;
    let magnitude = (((code & 0x0F) as i16) << 3) + BIAS;
    let magnitude = (magnitude << ((code & 0x70) >> 4)) - BIAS;
    if code & 0x80 != 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_decoding_and_encoding() {
        for code in 0..=255u8 {
            assert_eq!(encode_alaw(decode_alaw(code)), code);
            // µ-law has two zeros; both decode to nothing, and one of them is used.
            let again = encode_ulaw(decode_ulaw(code));
            assert!(again == code || code == 0x7F && again == 0xFF, "{code:#x} became {again:#x}");
        }
    }

    #[test]
    fn the_ends_of_the_curve_are_those_of_the_standard() {
        assert_eq!((decode_alaw(0xAA), decode_alaw(0x2A)), (32256, -32256));
        assert_eq!((decode_ulaw(0x80), decode_ulaw(0x00)), (32124, -32124));
        assert_eq!((encode_alaw(0), encode_ulaw(0)), (0xD5, 0xFF));
        assert_eq!((encode_alaw(i16::MIN), encode_alaw(i16::MAX)), (0x2A, 0xAA));
        assert_eq!((encode_ulaw(i16::MIN), encode_ulaw(i16::MAX)), (0x00, 0x80));
    }

    #[test]
    fn a_sample_moves_by_no_more_than_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let step = (i32::from(sample).abs() / 16).max(16);
            for decoded in [decode_alaw(encode_alaw(sample)), decode_ulaw(encode_ulaw(sample))] {
                let off = (i32::from(decoded) - i32::from(sample)).abs();
                assert!(
                    off <= step.max(if sample.unsigned_abs() > 32000 { 700 } else { 0 }),
                    "{sample} {decoded}"
                );
            }
        }
    }
}
