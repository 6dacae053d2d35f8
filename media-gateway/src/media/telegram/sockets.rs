//! The sockets of one Telegram call: one for each family of addresses, and what the far side is told of them.

use crate::media::error::EngineError;
use crate::media::rtp::pair;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Where a Telegram call sends and receives sound.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where its sockets are bound. `::` means both families, `0.0.0.0` only IPv4.
    pub listen: IpAddr,
    /// UDP ports that may be used; a call takes one for each family.
    pub ports: RangeInclusive<u16>,
    /// Addresses that the far side is told, which may be the public ones of a NAT. Those of a family that is not
    /// listened to are left out.
    pub addresses: Vec<IpAddr>,
}

/// One socket, and the addresses under which the far side knows it.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) socket: Arc<UdpSocket>,
    pub(super) told: Vec<SocketAddr>,
}

/// Opens what the setup asks for.
///
/// # Errors
///
/// No address is left, no port is free, or the system refuses sockets.
pub(super) fn open(setup: &Setup) -> Result<Vec<Way>, EngineError> {
    let mut ways = Vec::new();
    for listen in families(setup.listen) {
        let told: Vec<_> =
            setup.addresses.iter().copied().filter(|it| it.is_ipv4() == listen.is_ipv4()).collect();
        if told.is_empty() {
            continue;
        }
        match bind(listen, &setup.ports) {
            Ok(way) => ways.push(way.told(told)),
            // A machine without IPv6 is no reason to refuse a call.
            Err(error) if listen.is_ipv6() && setup.listen.is_unspecified() => {
                tracing::debug!(%error, "a Telegram call goes without IPv6");
            }
            Err(error) => return Err(error),
        }
    }
    if ways.is_empty() {
        let error = io::Error::new(ErrorKind::AddrNotAvailable, "no address for a Telegram call");
        return Err(error.into());
    }
    Ok(ways)
}

/// IPv4 first: relays of Telegram are mostly reached by it.
fn families(listen: IpAddr) -> Vec<IpAddr> {
    let any = |ip: IpAddr| ip == IpAddr::V6(Ipv6Addr::UNSPECIFIED);
    if any(listen) { vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED), listen] } else { vec![listen] }
}

fn bind(listen: IpAddr, ports: &RangeInclusive<u16>) -> Result<Way, EngineError> {
    let socket = pair::in_turn(ports, |port| exact(SocketAddr::new(listen, port)))?;
    Ok(Way { socket: Arc::new(socket), told: Vec::new() })
}

/// A socket of one family alone, so that the other may have the same port.
fn exact(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

impl Way {
    fn told(mut self, addresses: Vec<IpAddr>) -> Self {
        let port = self.socket.local_addr().map_or(0, |bound| bound.port());
        for ip in addresses {
            let address = SocketAddr::new(ip, port);
            if !self.told.contains(&address) {
                self.told.push(address);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setup(listen: &str, addresses: &[&str]) -> Setup {
        let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
        Setup { listen: listen.parse().unwrap(), ports: 42_000..=42_999, addresses }
    }

    #[test]
    fn the_far_side_is_told_public_addresses_with_the_port_of_the_socket() {
        let ways = open(&setup("127.0.0.1", &["203.0.113.7", "127.0.0.1", "127.0.0.1"])).unwrap();
        let port = ways[0].socket.local_addr().unwrap().port();
        assert_eq!(ways.len(), 1);
        let told: Vec<String> = ways[0].told.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("203.0.113.7:{port}"), format!("127.0.0.1:{port}")]);
    }

    #[test]
    fn each_family_has_a_socket_where_all_addresses_are_listened_to() {
        let ways = open(&setup("::", &["127.0.0.1", "::1"])).unwrap();
        assert!(ways[0].told[0].is_ipv4());
        // Machines without IPv6 have one.
        assert!(ways.get(1).is_none_or(|way| way.told[0].is_ipv6()));
    }

    #[test]
    fn addresses_that_are_not_listened_to_are_not_told() {
        let ways = open(&setup("0.0.0.0", &["127.0.0.1", "::1"])).unwrap();
        assert_eq!(ways.len(), 1);
        assert!(open(&setup("127.0.0.1", &["::1"])).is_err());
    }
}
