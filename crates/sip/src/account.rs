//! A SIP account as its provider hands it out: who one is, where one registers, and whom one trusts there.

use secrecy::SecretString;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The application's own name for an account; it comes back in every event about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountKey(pub u64);

/// How messages travel to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams, port 5060.
    Udp,
    /// A stream, port 5060.
    Tcp,
    /// A stream over TLS, port 5061.
    Tls,
}

impl Transport {
    /// The port that is meant where none is written (RFC 3261 section 19.1.2).
    #[must_use]
    pub fn default_port(self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
        }
    }

    /// The name as Via headers write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Transport {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().as_str() {
            "udp" => Ok(Transport::Udp),
            "tcp" => Ok(Transport::Tcp),
            "tls" => Ok(Transport::Tls),
            _ => Err(()),
        }
    }
}

/// Which certificate a server must show. The name in it is always checked against the domain (or the proxy) of the
/// account, except for a pinned certificate, which is trusted as it is (RFC 5922).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum TlsPolicy {
    /// Issued by an authority that this machine trusts.
    #[default]
    System,
    /// Issued by this authority (PEM, one or several certificates) or by one that this machine trusts.
    Authority(Vec<u8>),
    /// Exactly the certificate with this SHA-256 fingerprint.
    Pinned([u8; 32]),
}

/// A SIP account: credentials, server, and how to reach it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user part of the account's address, `sip:<login>@<domain>`.
    pub login: String,
    /// The name used for authentication where it differs from the login.
    pub auth_name: Option<String>,
    /// The password; `Debug` does not show it.
    pub password: SecretString,
    /// The name shown to people who are called.
    pub display_name: Option<String>,
    /// The SIP domain, also the server where no proxy is given; may carry a port (`pbx.example:5070`).
    pub domain: String,
    /// The server that registers and routes where it differs from the domain; may carry a port.
    pub proxy: Option<String>,
    /// How the server is reached.
    pub transport: Transport,
    /// Which certificate it must show over TLS.
    pub tls: TlsPolicy,
    /// How long a registration is asked for; the server may grant less or more.
    pub expires: Duration,
    /// Whether to register at all: a trunk by network address makes calls without.
    pub register: bool,
}

impl Account {
    /// An account that registers over UDP for an hour at its domain.
    #[must_use]
    pub fn new(login: impl Into<String>, password: SecretString, domain: impl Into<String>) -> Self {
        Account {
            login: login.into(),
            auth_name: None,
            password,
            display_name: None,
            domain: domain.into(),
            proxy: None,
            transport: Transport::Udp,
            tls: TlsPolicy::System,
            expires: Duration::from_secs(3600),
            register: true,
        }
    }
}
