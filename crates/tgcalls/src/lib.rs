//! Telegram one-to-one voice calls, without I/O.

pub mod exchange;
pub mod framing;
pub mod group;
pub mod key;
pub mod message;
pub mod packet;
pub mod reflector;
pub mod version;
