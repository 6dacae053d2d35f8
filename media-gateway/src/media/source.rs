//! What can be played to a port.

use std::sync::Arc;

/// Something to be heard on a port, from its own queue of one: a new source replaces the old one.
#[derive(Debug, Clone)]
pub enum Source {
    /// Nothing: stops what plays, and the port hears what it is joined to again.
    None,
    /// Silence that covers what the port is joined to.
    Silence,
    /// Sine tones summed, for a time in milliseconds or for ever.
    Tone {
        /// One or two frequencies in Hz; 0 is none.
        hertz: [u16; 2],
        /// How long; `None` for ever.
        milliseconds: Option<u32>,
    },
    /// What a caller hears while it rings far away (425 Hz, 1 s on, 4 s off).
    Ringback,
    /// Busy (425 Hz, 0.5 s on, 0.5 s off).
    Busy,
    /// Congestion: the network is the fault (425 Hz, 0.25 s on, 0.25 s off).
    Congestion,
    /// Music for one who waits, for ever.
    HoldMusic,
    /// Speech or another sound, once: 16-bit samples at 8000 Hz.
    Prompt(Arc<[i16]>),
    /// As [`Source::Prompt`], for ever.
    Loop(Arc<[i16]>),
    /// A short tone *mixed into* the conversation, as recordings need in some countries.
    Beep,
}
