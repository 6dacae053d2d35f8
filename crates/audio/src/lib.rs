//! Telephone sound: codecs, jitter buffer, concealment, tones, mixing and recording containers.

pub mod codec;
pub mod conceal;
pub mod dtmf;
pub mod jitter;
pub mod level;
pub mod mix;
pub mod noise;
pub mod playout;
pub mod quality;
pub mod record;
pub mod resample;
pub mod spectrum;
pub mod stretch;
pub mod tone;
pub mod voice;
