//! Calls: registrations, call sessions and media.

pub mod call;
pub mod config;
pub mod media;
