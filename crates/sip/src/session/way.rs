//! Where a request inside a call goes (RFC 3261 section 12.2.1.1), with regard to translators in between.

use super::Session;
use crate::account::Transport;
use crate::agent::Shared;
use crate::call::Hop;
use crate::register::Line;
use crate::transport::Flow;
use crate::uri::Uri;
use std::net::{IpAddr, SocketAddr};

impl Session {
    /// The way for the next request.
    pub(super) async fn way(&self) -> Flow {
        way(&self.shared, self.line.as_deref(), &self.dialog.next_hop(), &self.flow).await
    }
}

/// The way to the first route or the far side; the one that the call came by where that leads nowhere.
pub(super) async fn way(shared: &Shared, line: Option<&Line>, next: &Uri, flow: &Flow) -> Flow {
    // A connection is the way for as long as it stands: behind a translator there is no other.
    if flow.transport() != Transport::Udp && !flow.is_broken() {
        return flow.clone();
    }
    let transport = next.param("transport").and_then(|t| t.parse().ok()).unwrap_or(flow.transport());
    let Some(hop) = hop(shared, next, transport, flow).await else { return flow.clone() };
    let tls = line.map(Line::tls);
    shared.stack.transports.flow(hop, tls.as_ref()).await.unwrap_or_else(|_| flow.clone())
}

async fn hop(shared: &Shared, next: &Uri, transport: Transport, flow: &Flow) -> Option<Hop> {
    if let Ok(ip) = next.host.trim_matches(['[', ']']).parse::<IpAddr>() {
        // A far side that names an address of its own house, seen from outside: answer where it came from.
        if inside(ip) && !inside(flow.peer().ip()) {
            return Some(flow.hop());
        }
        let address = SocketAddr::new(ip, next.port.unwrap_or(transport.default_port()));
        return Some(Hop { address, transport });
    }
    let hops = shared.stack.names.hops(&next.host_port(), transport).await;
    hops.ok()?.first().copied()
}

/// Whether an address means something only in its own network.
fn inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => {
            ip.is_loopback() || ip.is_unspecified() || matches!(ip.segments()[0], 0xfc00..=0xfeff)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_house_are_told_from_those_of_the_world() {
        for text in ["10.1.2.3", "192.168.0.1", "127.0.0.1", "::1", "fe80::1", "fd00::1"] {
            assert!(inside(text.parse().unwrap()), "{text}");
        }
        for text in ["192.0.2.1", "2001:db8::1"] {
            assert!(!inside(text.parse().unwrap()), "{text}");
        }
    }
}
