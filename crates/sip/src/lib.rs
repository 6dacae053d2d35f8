#![doc = include_str!("../README.md")]

mod account;
mod acks;
mod agent;
mod auth;
mod call;
mod calls;
mod config;
pub mod digest;
mod event;
mod farewell;
pub mod guard;
mod inbound;
mod register;
pub mod registrar;
pub mod sdp;
mod server;
mod session;
mod stack;
mod taps;
pub mod trace;
mod transport;
mod uri;
mod wire;

pub use account::{Account, AccountKey, TlsPolicy, Transport};
pub use agent::{AccountError, Load, StartError, UserAgent};
pub use call::{Call, CallError, CallId, Digit, Hop, Invitation, Invite, Replaces};
pub use config::{Config, TlsListen};
pub use event::{CallEvent, EndedBy, Event, RegistrationState};
pub use farewell::{Farewell, NotAFarewell};
pub use server::{Server, ServerReply, ServerRequest};
pub use uri::{Scheme, Uri, UriError};

#[cfg(test)]
mod tests;
