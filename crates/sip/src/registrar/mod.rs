//! A registrar (RFC 3261 section 10): users, where they are reached, and who may call through us.
//!
//! [`Registrar`] is pure: a request and the time in, a [`ServerReply`](crate::ServerReply) out.
//! [`RegistrarServer`] puts it behind the user agent's [`Server`](crate::Server) hook, with a clock handed in.

mod binding;
mod contact;
mod core;
mod server;
#[cfg(test)]
mod tests;

pub use binding::{Binding, Change};
pub use core::{Registrar, Settings};
pub use server::RegistrarServer;
