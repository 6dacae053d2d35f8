//! What a user agent is started with: sockets, limits and the face it shows.

use crate::server::Server;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Settings of a [`UserAgent`](crate::UserAgent).
#[derive(Clone)]
pub struct Config {
    /// UDP sockets to listen on and send from; one per address family is enough. Port 0 takes a free one.
    pub udp: Vec<SocketAddr>,
    /// TCP addresses to listen on. Outgoing connections need none.
    pub tcp: Vec<SocketAddr>,
    /// TLS addresses to listen on. Outgoing connections need none.
    pub tls: Vec<TlsListen>,
    /// The address that peers see where it differs from the sockets' own (a server behind one-to-one NAT).
    pub public: Option<IpAddr>,
    /// The `User-Agent` header.
    pub product: String,
    /// Calls at one time; past this an incoming call is answered 503 with `Retry-After`.
    pub max_calls: usize,
    /// How often an idle connection, or the way to a registrar over UDP, is kept open with a CRLF (RFC 5626 section 4.4.1).
    pub keepalive: Duration,
    /// How long a server may take for its first answer before the next one of its domain is tried, or the failure reported.
    pub server_timeout: Duration,
    /// REGISTER requests under way at one time, over all accounts.
    pub registrations_at_once: usize,
    /// The session interval that calls ask for (RFC 4028); `None` asks for none and still honours the peer's.
    pub session_interval: Option<Duration>,
    /// Who answers REGISTER, and admits INVITE, of clients that no account of ours stands for. Without one they meet 404.
    pub server: Option<Arc<dyn Server>>,
}

/// A TLS listener with its identity.
#[derive(Clone)]
pub struct TlsListen {
    /// Where to listen.
    pub address: SocketAddr,
    /// Certificate chain, PEM.
    pub certificate: Vec<u8>,
    /// Private key, PEM.
    pub key: Vec<u8>,
}

impl Config {
    /// Free ports on 127.0.0.1, UDP and TCP: for tests and demonstrations.
    #[must_use]
    pub fn loopback() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Config { udp: vec![any], tcp: vec![any], ..Config::default() }
    }
}

impl Default for Config {
    /// UDP and TCP on port 5060 of every IPv4 interface.
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060));
        Config {
            udp: vec![any],
            tcp: vec![any],
            tls: Vec::new(),
            public: None,
            product: concat!("tandem-sip/", env!("CARGO_PKG_VERSION")).to_owned(),
            max_calls: 1000,
            keepalive: Duration::from_secs(25),
            server_timeout: Duration::from_secs(5),
            registrations_at_once: 128,
            session_interval: Some(Duration::from_secs(1800)),
            server: None,
        }
    }
}
