//! Our aggregates in postgres-es, beside our own log: same commands, same events.
//!
//! postgres-es is the yardstick and not a part of the platform: docs/adr says why. Its known defects are held as tests
//! that expect them, so that a release which mends one is noticed.

pub mod database;
pub mod hosted;
pub mod ours;
pub mod script;
pub mod tally;
