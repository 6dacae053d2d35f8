//! SIP user agent and registrar.

mod account;
mod call;
mod config;
mod event;
pub mod sdp;
mod server;
mod uri;

pub use account::{Account, AccountKey, TlsPolicy, Transport};
pub use call::{Call, CallError, CallId, Digit, Hop, Invitation, Invite, Replaces};
pub use config::{Config, TlsListen};
pub use event::{CallEvent, EndedBy, Event, RegistrationState};
pub use server::{Server, ServerReply, ServerRequest};
pub use uri::{Scheme, Uri, UriError};
