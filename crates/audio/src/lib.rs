//! Telephone sound: codecs, jitter buffer, concealment, tones, mixing and recording containers.

pub mod codec;
pub mod conceal;
pub mod dtmf;
pub mod level;
pub mod mix;
pub mod resample;
pub mod spectrum;
pub mod tone;
