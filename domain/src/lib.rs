//! What is true of a SIP account and what may happen to it.
//!
//! Pure: nothing here waits, fails for technical reasons, reads a clock or draws a random number.
//!
//! | module | what it holds |
//! |---|---|
//! | [`decider`] | the shape of an aggregate: decide, evolve, fold |
//! | [`log`] | how recorded events are read back: position, context, recorded |
//! | [`ids`] | a type of its own for every id |
//! | [`settings`] | what a SIP account is set to, and the values its fields may take |
//! | [`dial_rules`] | what is done to a dialled number, and the tracer that shows it |
//! | [`sip_account`] | the aggregate: ownership, offers, settings |
//! | [`person`] | the aggregate: language, callback mode, whether the bot reaches them |
//! | [`event`] | any event of any aggregate, as the log gives it back |
//! | [`sealed`] | a secret as it may be stored |

pub mod decider;
pub mod dial_rules;
pub mod event;
pub mod ids;
pub mod log;
pub mod person;
pub mod sealed;
pub mod settings;
pub mod sip_account;

pub use event::Event;
