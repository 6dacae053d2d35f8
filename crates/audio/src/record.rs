//! Recordings: Opus in Ogg as it came over the wire, and WAV.
//!
//! A leg that speaks Opus is recorded without encoding it again: its packets go into the file. Two such legs become a stereo
//! file, one in each ear, still without encoding. A leg in another codec is encoded once with
//! [`Encoder`](crate::codec::Encoder), and so is a mix of both.
//!
//! | type | writes |
//! |---|---|
//! | [`OpusFile`] | one stream of Opus packets |
//! | [`OpusPair`] | two, left and right |
//! | [`wav`] | samples, or A-law or µ-law as they are |

mod head;
mod ogg;
mod pair;
mod single;
pub mod wav;

pub use head::Tags;
pub use pair::{OpusPair, Side};
pub use single::OpusFile;

/// The pre-skip that fits libopus at its usual settings: 6.5 ms, in samples at 48 kHz.
pub const PRE_SKIP: u16 = 312;
