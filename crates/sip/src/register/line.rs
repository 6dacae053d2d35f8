//! An account as it runs: where it is registered, with which nonce, and under which address it is known.

use super::policy::Policy;
use crate::account::{Account, AccountKey, Transport};
use crate::auth::Memory;
use crate::call::Hop;
use crate::digest::Login;
use crate::event::RegistrationState;
use crate::transport::{Flow, TlsPeer, names};
use crate::uri::{Scheme, Uri, UriError};
use crate::wire;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One account in this process.
pub(crate) struct Line {
    pub(crate) key: AccountKey,
    pub(crate) account: Account,
    /// Tells our Contact from that of every other account, also where two have one login.
    pub(crate) token: String,
    /// `sip:login@domain`.
    pub(crate) address: Uri,
    state: Mutex<LineState>,
}

/// What changes.
pub(crate) struct LineState {
    pub(crate) memory: Memory,
    /// What was asked for calls: mostly by a proxy, with nonces of its own.
    pub(crate) calls: Memory,
    pub(crate) call_id: String,
    pub(crate) tag: String,
    pub(crate) cseq: u32,
    pub(crate) policy: Policy,
    /// The last state that was told.
    pub(crate) told: Option<RegistrationState>,
    /// The server that answered last; the others are tried when it fails.
    pub(crate) hop: Option<Hop>,
    /// Our address as the server sees it.
    pub(crate) seen: Option<SocketAddr>,
    /// The Contact that the registrar has.
    pub(crate) contact: Option<Uri>,
    /// Where the registrar wants calls to go through (RFC 3608).
    pub(crate) service_route: Vec<String>,
    /// The shortest registration it takes, learned by 423.
    pub(crate) min_expires: u32,
}

impl Line {
    pub(crate) fn new(key: AccountKey, account: Account) -> Result<Self, UriError> {
        let address = Uri::sip(&account.login, &account.domain)?;
        let state = LineState {
            memory: Memory::default(),
            calls: Memory::default(),
            call_id: wire::fresh(20),
            tag: wire::fresh(10),
            cseq: 0,
            policy: Policy::default(),
            told: None,
            hop: None,
            seen: None,
            contact: None,
            service_route: Vec::new(),
            min_expires: 0,
        };
        Ok(Line { key, account, token: wire::fresh(10), address, state: Mutex::new(state) })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, LineState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server that requests of this account go to: the proxy where there is one.
    pub(crate) fn place(&self) -> &str {
        self.account.proxy.as_deref().filter(|p| !p.is_empty()).unwrap_or(&self.account.domain)
    }

    /// Whom that server must prove to be over TLS.
    pub(crate) fn tls(&self) -> TlsPeer {
        TlsPeer { name: names::split(self.place()).0.to_owned(), policy: self.account.tls.clone() }
    }

    /// Whether calls for this account may come from there: its server, or anybody for a trunk that does not register.
    pub(crate) fn is_served_by(&self, source: IpAddr) -> bool {
        !self.account.register || self.state().hop.is_some_and(|hop| hop.address.ip() == source)
    }

    pub(crate) fn login(&self) -> Login {
        let name = self.account.auth_name.as_ref().unwrap_or(&self.account.login);
        Login { username: name.clone(), password: self.account.password.clone() }
    }

    /// The Request-URI of REGISTER: the domain alone.
    pub(crate) fn registrar(&self) -> Uri {
        Uri { user: None, ..self.address.clone() }
    }

    /// Where we are to be called on this way.
    pub(crate) fn contact(&self, flow: &Flow) -> Uri {
        let seen = self.state().seen.filter(|_| flow.transport() == Transport::Udp);
        let mut contact = contact(&wire::uri_user(&self.address), flow, seen);
        contact.params.push(("line".into(), Some(self.token.clone())));
        contact
    }
}

/// `sip:user@our-address`, with the transport where it is not UDP.
pub(crate) fn contact(user: &str, flow: &Flow, seen: Option<SocketAddr>) -> Uri {
    let at = seen.unwrap_or(flow.advertised());
    let host = if at.is_ipv6() { format!("[{}]", at.ip()) } else { at.ip().to_string() };
    let params = match flow.transport() {
        Transport::Udp => Vec::new(),
        Transport::Tcp => vec![("transport".to_owned(), Some("tcp".to_owned()))],
        Transport::Tls => vec![("transport".to_owned(), Some("tls".to_owned()))],
    };
    let user = (!user.is_empty()).then(|| user.to_owned());
    Uri { scheme: Scheme::Sip, user, host, port: Some(at.port()), params, headers: Vec::new() }
}
