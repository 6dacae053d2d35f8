//! The contract suite on every backend, and what each of them does beyond it.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test stops it")]

mod killed;
#[cfg(feature = "kurrentdb")]
mod kurrentdb;
mod memory;
mod migrating;
mod moving;
mod postgres;
mod sqlite;
