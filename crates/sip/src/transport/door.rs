//! What is looked at before a message is parsed: banned sources, malformed and unwelcome requests.

use super::Arrival;
use super::flow::{Flow, stack_transport};
use crate::account::Transport;
use crate::guard::{Rules, Screened, Source, screen, tidy};
use crate::server::Server;
use crate::wire;
use rsipstack::transport::SipConnection;
use std::net::IpAddr;
use std::sync::Arc;

/// The door of a user agent.
#[derive(Clone)]
pub(super) struct Door {
    rules: Arc<Rules>,
    server: Option<Arc<dyn Server>>,
}

/// What becomes of a message.
pub(super) enum Entry {
    Come(Box<Arrival>),
    /// It is answered so, and forgotten.
    Answer(Vec<u8>),
    Stay,
}

impl Door {
    pub(super) fn new(server: Option<Arc<dyn Server>>) -> Self {
        Door { rules: Arc::default(), server }
    }

    /// Whether a source is heard at all.
    pub(super) fn hears(&self, source: IpAddr) -> bool {
        self.server.as_ref().is_none_or(|s| s.hears(source))
    }

    /// Looks at one message.
    pub(super) fn look(&self, bytes: &[u8], flow: Flow) -> Entry {
        let source = Source { address: flow.peer(), datagram: flow.transport() == Transport::Udp };
        match screen(bytes, source, &self.rules) {
            Screened::Pass => (),
            Screened::Answer(answer) => return Entry::Answer(answer),
            Screened::Drop => return Entry::Stay,
        }
        let tidied = tidy(bytes);
        let stamped = wire::parse(tidied.as_deref().unwrap_or(bytes)).and_then(|message| {
            // Where an answer goes: `received` and `rport` (RFC 3581).
            SipConnection::update_msg_received(message, flow.peer(), stack_transport(flow.transport())).ok()
        });
        match stamped {
            Some(message) => Entry::Come(Box::new(Arrival { message, flow })),
            None => {
                tracing::trace!(peer = %flow.peer(), bytes = bytes.len(), "message could not be read");
                Entry::Stay
            }
        }
    }
}
