//! The registrar behind a user agent: a lock, a clock, and nothing more.

use super::core::Registrar;
use crate::server::{Server, ServerReply, ServerRequest};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Gives a user agent's REGISTER and INVITE requests to a [`Registrar`]. Clones share it.
#[derive(Clone)]
pub struct RegistrarServer {
    registrar: Arc<Mutex<Registrar>>,
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl RegistrarServer {
    /// A server whose clock is `now`.
    #[must_use]
    pub fn new(registrar: Registrar, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { registrar: Arc::new(Mutex::new(registrar)), now: Arc::new(now) }
    }

    /// The registrar, to add users, look up places and take changes. Hold it briefly: requests wait meanwhile.
    pub fn registrar(&self) -> MutexGuard<'_, Registrar> {
        self.registrar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RegistrarServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrarServer")
    }
}

impl Server for RegistrarServer {
    fn hears(&self, source: IpAddr) -> bool {
        self.registrar().hears(source, (self.now)())
    }

    fn register(&self, request: &ServerRequest) -> ServerReply {
        self.registrar().register(request, (self.now)())
    }

    fn invite(&self, request: &ServerRequest) -> ServerReply {
        self.registrar().admit(request, (self.now)()).0
    }
}
