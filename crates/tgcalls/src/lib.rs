#![doc = include_str!("../README.md")]
//!
//! # Code map
//!
//! | module | what it holds |
//! |---|---|
//! | [`call`] | one call: the four verbs |
//! | [`group`], [`exchange`], [`key`], [`emoji`] | the key of a call, and how both ends come to it |
//! | [`packet`], [`framing`], [`message`] | signalling, from the outside in: encryption, order, meaning |
//! | `negotiation` | offers and answers, also when they cross |
//! | `transport`, [`reflector`], [`server`] | the way that sound takes |
//! | [`version`] | which calls can be carried |

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
