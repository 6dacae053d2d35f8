//! Why the engine refuses.

use std::io;

/// A verb of [`Engine`](super::Engine) that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No such port, or it is closed.
    #[error("there is no such port")]
    NoSuchPort,
    /// The engine carries as much as it may.
    #[error("the engine is full")]
    Full,
    /// A media thread does not keep up with its commands, or has ended.
    #[error("the media thread does not answer")]
    Busy,
    /// No two neighbouring UDP ports were free in the range.
    #[error("no free RTP ports")]
    NoFreePorts,
    /// The two ports live on different threads and neither can move.
    #[error("the ports cannot be joined")]
    CannotJoin,
    /// The browser's SDP, candidate, or what a peer was handed, cannot be used.
    #[error("the offer cannot be used: {0}")]
    BadOffer(String),
    /// The system refused a socket or a thread.
    #[error("the system refused a socket or thread")]
    Io(#[from] io::Error),
}
