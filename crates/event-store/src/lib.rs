//! The log: append, load, follow, seal; on SQLite, PostgreSQL and in memory.
//!
//! | module | what it holds |
//! |---|---|
//! | [`log`] | the port every backend implements: append, load, read |
//! | [`sql`] | portable statements and values, for read models and the gateways' own tables |
//! | [`clock`] | what time it is, handed in |
//! | [`projection`] | the shape of a read model: a fold from events to rows |

pub mod clock;
pub mod log;
pub mod projection;
pub mod sql;
