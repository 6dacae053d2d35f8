//! L16: samples as they are, in network byte order (RFC 3551 section 4.5.11).

/// Writes samples; `out` holds two bytes for each.
pub(super) fn encode(pcm: &[i16], out: &mut [u8]) {
    for (bytes, sample) in out.chunks_exact_mut(2).zip(pcm) {
        bytes.copy_from_slice(&sample.to_be_bytes());
    }
}

/// Reads samples; `out` holds one for each two bytes.
pub(super) fn decode(payload: &[u8], out: &mut [i16]) {
    for (sample, bytes) in out.iter_mut().zip(payload.chunks_exact(2)) {
        *sample = i16::from_be_bytes([bytes[0], bytes[1]]);
    }
}
