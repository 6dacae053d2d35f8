//! The databases that can hold the log. Only the files below here speak SQL to them.

#[cfg(feature = "kurrentdb")]
pub mod kurrentdb;
pub mod memory;
mod meta;
pub mod postgres;
pub mod sqlite;
