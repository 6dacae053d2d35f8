//! Telephone sound, without the telephone: what stands between RTP payloads and samples.
//!
//! This crate opens no socket, asks no clock and starts no thread. Payloads, samples and moments are handed in; payloads, samples and
//! decisions come back. Whatever takes part in every packet allocates when it is made and never after, takes any input without
//! panicking, and is bounded. Sound is mono, 16 bits, at 8 to 48 kHz.
//!
//! # Code map
//!
//! | module | what it holds |
//! |---|---|
//! | [`codec`] | Opus, G.722, G.711, GSM, L16 and, behind a feature, G.729: names, clocks, [`Encoder`](codec::Encoder), [`Decoder`](codec::Decoder) |
//! | [`playout`] | one incoming stream, from packets to sound: what most callers want |
//! | [`jitter`] | the jitter buffer inside it, and its statistics |
//! | [`conceal`] | what might have been said in a lost packet |
//! | [`stretch`] | sound made shorter or longer at the same pitch |
//! | [`noise`], [`voice`] | comfort noise (RFC 3389), and whether somebody speaks |
//! | [`quality`] | how a call probably sounds, as a mean opinion score |
//! | [`dtmf`] | keys as RTP events, as INFO bodies and as tones, in and out |
//! | [`tone`] | sine, ringing, busy, music to wait by |
//! | [`level`], [`spectrum`] | how loud, and which tone: for meters and for tests that listen |
//! | [`mix`], [`resample`] | sounds together; other sample rates |
//! | [`record`] | Ogg/Opus as it came over the wire, WAV |
//! | [`workload`] | typical work, to be timed |
//!
//! # A bridge between two codecs
//!
//! Opus is opened at the rate of the far side: that costs a third, and nothing has to be resampled.
//!
//! ```
//! use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
//! use audio::playout::Playout;
//! use std::time::Duration;
//!
//! let mut from_alaw = Playout::new(Codec::Pcma, 8000)?;
//! let mut to_opus = Encoder::new(Codec::Opus, &EncoderOptions { fec: true, ..EncoderOptions::at(8000) })?;
//!
//! let (mut sound, mut payload) = ([0i16; 160], [0u8; MAX_PAYLOAD]);
//! for tick in 0..50u16 {
//!     let now = Duration::from_millis(20) * u32::from(tick);
//!     // A packet came: sequence number, timestamp, payload type, payload.
//!     from_alaw.put(tick, u32::from(tick) * 160, 8, &[0xD5; 160], now);
//!     // Every 20 ms, whether one came or not:
//!     from_alaw.pull(&mut sound, now);
//!     let length = to_opus.encode(&sound, &mut payload)?;
//!     if length > 0 {
//!         // send `payload[..length]` as 960 ticks of the RTP clock
//!     }
//! }
//! assert_eq!(from_alaw.statistics().lost, 0);
//! # Ok::<(), audio::codec::CodecError>(())
//! ```
//!
//! # Features
//!
//! `g729` links the system's libbcg729, which is under the GPL; it is off by default. Without it [`Codec::G729`](codec::Codec::G729) has its
//! name and its facts, and cannot be opened.

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
pub mod workload;
