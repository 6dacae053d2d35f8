//! Telegram one-to-one voice calls, without I/O.

pub mod call;
pub mod emoji;
pub mod exchange;
pub mod framing;
pub mod group;
pub mod key;
pub mod message;
mod negotiation;
pub mod packet;
pub mod reflector;
pub mod server;
mod transport;
pub mod version;

pub use transport::Transmit;
