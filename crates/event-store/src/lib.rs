#![doc = include_str!("../README.md")]
//!
//! # Code map
//!
//! | module | what it holds |
//! |---|---|
//! | [`log`] | the port every backend implements: append, load, read |
//! | [`sql`] | portable statements and values, for read models and the gateways' own tables |
//! | [`backend`] | SQLite, PostgreSQL, memory, KurrentDB |
//! | [`open`](mod@open) | opens a log by its address |
//! | [`migrations`] | the list that every new table is added to |
//! | [`copy`](mod@copy) | moves a log up from SQLite to PostgreSQL |
//! | [`verify`](mod@verify) | looks whether a log is in itself right |
//! | [`clock`] | what time it is, handed in |
//! | [`codec`] | events as JSON and back, through upcasters |
//! | [`dispatcher`] | commands in, events in the log |
//! | [`cqrs`] | our aggregates and our log as cqrs-es knows them |
//! | [`import`] | a log that postgres-es wrote, taken in |
//! | [`vault`] | secrets sealed under keys that can be shredded |
//! | [`projection`] | the shape of a read model: a fold from events to rows |
//! | [`signals`] | what must be fast and is never kept: keys pressed during a call |
//! | [`segments`] | which process has which part of all users |
//! | [`blobs`] | recordings, sealed, on their way to a chat |
//! | [`reactor`] | the shape of a follower that writes what others are to do |
//! | [`runner`] | following the log: read models, reactors, parked events, rebuilds |

pub mod backend;
pub mod blobs;
pub mod clock;
pub mod codec;
#[doc(hidden)]
pub mod contract;
pub mod copy;
pub mod cqrs;
pub mod dispatcher;
pub mod import;
pub mod log;
mod migrate;
pub mod migrations;
pub mod open;
pub mod projection;
pub mod reactor;
pub mod runner;
pub mod segments;
pub mod signals;
pub mod sql;
pub mod vault;
pub mod verify;
