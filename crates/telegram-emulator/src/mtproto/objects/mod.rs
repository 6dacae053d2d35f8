//! What is in the world, as TL objects: people, messages, calls, the configuration. Access hashes are those of the viewer.

pub(super) mod call;
pub(super) mod config;
pub(super) mod message;
pub(super) mod user;
