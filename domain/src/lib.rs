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
//! | [`template`] | what is known of providers and PBXes |
//! | [`inline`] | what a person means who types after the bot's name |
//! | [`share`] | settings typed on one line |
//! | [`link`] | settings, offers and referrals in a link |
//! | [`bulk`] | a list of accounts |
//! | [`password`] | a password in clear, which shows itself nowhere |
//! | [`sip_account`] | the aggregate: ownership, offers, settings |
//! | [`person`] | the aggregate: language, callback mode, whether the bot reaches them |
//! | [`process`] | what happens by itself when its time comes |
//! | [`scenario`] | given, when, then: tests that read as sentences |
//! | [`event`] | any event of any aggregate, as the log gives it back |
//! | [`sealed`] | a secret as it may be stored |

pub mod bulk;
pub mod decider;
pub mod dial_rules;
pub mod event;
pub mod ids;
pub mod inline;
pub mod link;
pub mod log;
pub mod password;
pub mod person;
pub mod process;
pub mod scenario;
pub mod sealed;
pub mod settings;
pub mod share;
pub mod sip_account;
pub mod template;

pub use event::Event;
