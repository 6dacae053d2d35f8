//! The sockets of one Telegram call: one for each family of addresses, and what the far side is told of them.

use super::addresses::Addresses;
use crate::media::error::EngineError;
use crate::media::rtp::pair;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

/// Where a Telegram call sends and receives sound.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where its sockets are bound. Any address, of whichever family, means both: apps on mobile networks often have
    /// nothing but IPv6.
    pub listen: IpAddr,
    /// UDP ports that may be used; a call takes one for each family.
    pub ports: RangeInclusive<u16>,
    /// Addresses that the far side is told, which may be the public ones of a NAT. Those of a family that is not
    /// listened to are left out.
    pub addresses: Addresses,
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
pub(super) fn open(setup: &Setup, now: Instant) -> Result<Vec<Way>, EngineError> {
    let mut addresses = setup.addresses.at(now);
    if addresses.is_empty() {
        // A machine without any network still reaches itself.
        addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let mut ways = Vec::new();
    for listen in families(setup.listen) {
        let told: Vec<_> = addresses.iter().copied().filter(|it| it.is_ipv4() == listen.is_ipv4()).collect();
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
    if listen.is_unspecified() {
        vec![IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)]
    } else {
        vec![listen]
    }
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

/// How the addresses of a way have changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) new: Vec<SocketAddr>,
    pub(super) gone: Vec<SocketAddr>,
}

impl Way {
    fn told(mut self, addresses: Vec<IpAddr>) -> Self {
        self.tell(&addresses);
        self
    }

    /// The machine is reached under these addresses from now on. Where none is of this way's family the network is gone,
    /// and may come back as it was.
    pub(super) fn tell(&mut self, addresses: &[IpAddr]) -> Change {
        let Ok(bound) = self.socket.local_addr() else { return Change::default() };
        let mut told: Vec<SocketAddr> = Vec::new();
        for ip in addresses.iter().filter(|it| it.is_ipv4() == bound.is_ipv4()) {
            let address = SocketAddr::new(*ip, bound.port());
            if !told.contains(&address) {
                told.push(address);
            }
        }
        if told.is_empty() {
            return Change::default();
        }
        let missing = |from: &[SocketAddr], of: &[SocketAddr]| {
            of.iter().copied().filter(|it| !from.contains(it)).collect::<Vec<_>>()
        };
        let change = Change { new: missing(&self.told, &told), gone: missing(&told, &self.told) };
        self.told = told;
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::now;

    fn addresses(of: &[&str]) -> Vec<IpAddr> {
        of.iter().map(|ip| ip.parse().unwrap()).collect()
    }

    fn setup(listen: &str, told: &[&str]) -> Setup {
        let addresses = Addresses::fixed(addresses(told));
        Setup { listen: listen.parse().unwrap(), ports: 42_000..=42_999, addresses }
    }

    #[test]
    fn the_far_side_is_told_public_addresses_with_the_port_of_the_socket() {
        let ways = open(&setup("127.0.0.1", &["203.0.113.7", "127.0.0.1", "127.0.0.1"]), now()).unwrap();
        let port = ways[0].socket.local_addr().unwrap().port();
        assert_eq!(ways.len(), 1);
        let told: Vec<String> = ways[0].told.iter().map(ToString::to_string).collect();
        assert_eq!(told, [format!("203.0.113.7:{port}"), format!("127.0.0.1:{port}")]);
    }

    #[test]
    fn each_family_has_a_socket_where_any_address_is_listened_to() {
        for listen in ["::", "0.0.0.0"] {
            let ways = open(&setup(listen, &["127.0.0.1", "::1"]), now()).unwrap();
            assert!(ways[0].told[0].is_ipv4());
            // Machines without IPv6 have one.
            assert!(ways.get(1).is_none_or(|way| way.told[0].is_ipv6()));
        }
    }

    #[test]
    fn addresses_that_are_not_listened_to_are_not_told() {
        let ways = open(&setup("127.0.0.1", &["127.0.0.1", "::1"]), now()).unwrap();
        assert_eq!(ways.len(), 1);
        assert!(open(&setup("127.0.0.1", &["::1"]), now()).is_err());
    }

    #[test]
    fn a_way_knows_what_has_changed_and_waits_while_there_is_no_network() {
        let mut ways = open(&setup("0.0.0.0", &["192.0.2.1", "192.0.2.2"]), now()).unwrap();
        let port = ways[0].socket.local_addr().unwrap().port();
        let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), port);
        assert_eq!(ways[0].tell(&[]), Change::default());
        assert_eq!(ways[0].tell(&addresses(&["2001:db8::1"])), Change::default(), "of another family");
        assert_eq!(ways[0].tell(&addresses(&["192.0.2.2", "192.0.2.1"])), Change::default());
        let change = ways[0].tell(&addresses(&["192.0.2.2", "198.51.100.3"]));
        assert_eq!(change, Change { new: vec![at("198.51.100.3")], gone: vec![at("192.0.2.1")] });
    }
}
