//! GSM 06.10 full rate.

/// Samples of a frame: 20 ms at 8 kHz.
pub const FRAME_SAMPLES: usize = 160;
/// Bytes of a frame (RFC 3551 section 4.5.8).
pub const FRAME_BYTES: usize = 33;
