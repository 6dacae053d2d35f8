//! Telegram's side of sound: a call of [`tgcalls`] as a far side of the engine, one UDP port a call.
//!
//! Signalling passes through the engine both ways: what a call wants to say comes as
//! [`Event::Signal`](super::Event::Signal), and what the far side said goes in by
//! [`Engine::signal`](super::Engine::signal).

mod addresses;
mod peer;
mod sockets;

pub use addresses::Addresses;
pub use peer::TelegramPeer;
pub use sockets::Setup;
