//! The hook for a server side: clients that register with us and call through us.

use crate::account::Transport;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// Answers clients that are no account of ours: a registrar with its users, or a set of trunks.
///
/// Called on the receiving task, so all functions must be quick and must not wait.
pub trait Server: Send + Sync + 'static {
    /// Whether a source is heard at all. Asked before a byte is parsed; what is not heard is not answered.
    fn hears(&self, _source: IpAddr) -> bool {
        true
    }

    /// Decides about a REGISTER.
    fn register(&self, request: &ServerRequest) -> ServerReply;

    /// Decides whether an INVITE outside any call may come in.
    fn invite(&self, request: &ServerRequest) -> ServerReply;
}

/// A request of a client, as it stood on the wire.
#[derive(Clone)]
pub struct ServerRequest {
    /// `REGISTER` or `INVITE`.
    pub method: String,
    /// The Request-URI.
    pub uri: String,
    /// Headers in order, with full names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Where it came from.
    pub source: SocketAddr,
    /// How it came.
    pub transport: Transport,
}

impl ServerRequest {
    /// The first header of that name, without regard to case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

impl fmt::Debug for ServerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerRequest({} from {} {})", self.method, self.transport, self.source)
    }
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerReply {
    /// It is answered so: for REGISTER the whole answer, for INVITE a refusal or a challenge.
    Respond {
        /// The SIP code.
        code: u16,
        /// Headers to add.
        headers: Vec<(String, String)>,
    },
    /// The INVITE comes in as [`Event::Incoming`](crate::Event::Incoming).
    Admit,
    /// Nothing is answered at all: a scanner learns nothing.
    Silence,
}
