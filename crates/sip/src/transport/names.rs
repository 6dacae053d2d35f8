//! From a domain to the servers behind it, best first: SRV, then A and AAAA (RFC 3263).

use crate::account::Transport;
use crate::call::Hop;
use crate::transport::flow::stack_transport;
use rsipstack::resolver::sip_resolver::{LookupSource, SipResolver, Target, resolve_logic};
use rsipstack::sip::{Domain, Port};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// The longest a name service may take; a resolver tries several servers within.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whom to ask for addresses.
#[derive(Clone)]
pub(crate) enum Names {
    /// The system's name servers.
    System(Arc<SipResolver>),
    /// Somebody else, in tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests answer for name servers that do not exist"))]
    Other(Arc<dyn LookupSource>),
}

impl Names {
    pub(crate) fn system() -> Self {
        Names::System(Arc::new(SipResolver::new()))
    }

    /// The servers behind `host[:port]`, in the order to try them. Literal addresses ask nobody.
    pub(crate) async fn hops(&self, place: &str, transport: Transport) -> Result<Vec<Hop>, String> {
        let (host, port) = split(place);
        if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            let address = SocketAddr::new(ip, port.unwrap_or(transport.default_port()));
            return Ok(vec![Hop { address, transport }]);
        }
        let looked_up = tokio::time::timeout(PATIENCE, self.look_up(host, port, transport)).await;
        let mut hops: Vec<Hop> = looked_up
            .unwrap_or_else(|_| Err("the name service does not answer".into()))?
            .into_iter()
            .map(|t| Hop { address: t.addr, transport })
            .collect();
        let mut seen = std::collections::HashSet::new();
        hops.retain(|h| seen.insert(h.address));
        Ok(hops)
    }

    async fn look_up(
        &self,
        host: &str,
        port: Option<u16>,
        transport: Transport,
    ) -> Result<Vec<Target>, String> {
        let (domain, port) = (Domain::from(host), port.map(Port::from));
        let (how, secure) = (Some(stack_transport(transport)), transport == Transport::Tls);
        match self {
            Names::System(resolver) => resolver.lookup(&domain, port, how, secure).await,
            Names::Other(source) => resolve_logic(source.as_ref(), &domain, port, how, secure).await,
        }
    }
}

/// `host:port` apart; an IPv6 address stands in brackets.
pub(crate) fn split(place: &str) -> (&str, Option<u16>) {
    match place.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        Some(_) | None => (place, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use rsipstack::resolver::sip_resolver::SrvRecord;

    struct Zone;

    #[async_trait]
    impl LookupSource for Zone {
        async fn lookup_srv(&self, name: &str) -> Result<Vec<SrvRecord>, String> {
            let record =
                |target: &str, priority| SrvRecord { target: target.into(), port: 5070, priority, weight: 1 };
            match name {
                "_sip._udp.pbx.test" => Ok(vec![record("b.pbx.test", 20), record("a.pbx.test", 10)]),
                _ => Err("no such name".into()),
            }
        }

        async fn lookup_a_aaaa(&self, name: &str) -> Result<Vec<IpAddr>, String> {
            match name {
                "a.pbx.test" => Ok(vec![[192, 0, 2, 1].into()]),
                "b.pbx.test" => Ok(vec![[192, 0, 2, 2].into()]),
                "pbx.test" => Ok(vec![[192, 0, 2, 9].into()]),
                _ => Err("no such name".into()),
            }
        }
    }

    async fn hops(place: &str, transport: Transport) -> Vec<String> {
        let hops = Names::Other(Arc::new(Zone)).hops(place, transport).await;
        hops.unwrap_or_default().iter().map(|h| h.address.to_string()).collect()
    }

    #[tokio::test]
    async fn servers_come_in_the_order_of_their_priority() {
        assert_eq!(hops("pbx.test", Transport::Udp).await, ["192.0.2.1:5070", "192.0.2.2:5070"]);
    }

    #[tokio::test]
    async fn a_port_means_no_service_records() {
        assert_eq!(hops("pbx.test:5080", Transport::Udp).await, ["192.0.2.9:5080"]);
        assert_eq!(hops("pbx.test", Transport::Tls).await, ["192.0.2.9:5061"]);
    }

    #[tokio::test]
    async fn literal_addresses_ask_nobody() {
        assert_eq!(hops("[::1]:5080", Transport::Tcp).await, ["[::1]:5080"]);
        assert_eq!(hops("127.0.0.1", Transport::Tls).await, ["127.0.0.1:5061"]);
    }
}
