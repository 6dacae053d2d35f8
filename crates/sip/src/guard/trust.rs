//! Networks that call without a password: trunks of providers who know us by address.

use crate::account::Transport;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// A range of addresses, such as `198.51.100.0/24` or `2001:db8::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a network: write an address, or an address, a slash and the number of fixed bits")]
pub struct NetworkError;

impl Network {
    /// Whether an address lies within. An IPv4 address inside IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let free = 32 - u32::from(self.prefix);
                u64::from(ours.to_bits() ^ theirs.to_bits()) >> free == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let difference = ours.to_bits() ^ theirs.to_bits();
                difference.checked_shr(128 - u32::from(self.prefix)).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| NetworkError)?;
        let address = address.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), str::parse).map_err(|_| NetworkError)?;
        if prefix > most { Err(NetworkError) } else { Ok(Self { address, prefix }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// A network whose requests need no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    /// The addresses.
    pub network: Network,
    /// The only port that it sends from, where it is known.
    pub port: Option<u16>,
    /// The only transport that it uses, where it is known.
    pub transport: Option<Transport>,
}

impl Trusted {
    /// Whether a request from there is trusted.
    #[must_use]
    pub fn covers(&self, source: SocketAddr, transport: Transport) -> bool {
        self.network.contains(source.ip())
            && self.port.is_none_or(|port| port == source.port())
            && self.transport.is_none_or(|one| one == transport)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses_and_no_others() {
        for (network, inside, outside) in [
            ("198.51.100.0/24", "198.51.100.255", "198.51.101.0"),
            ("198.51.100.7", "::ffff:198.51.100.7", "198.51.100.8"),
            ("0.0.0.0/0", "203.0.113.1", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::1"),
            ("::/0", "2001:db8::1", "203.0.113.1"),
            ("2001:db8::1/128", "2001:db8::1", "2001:db8::2"),
        ] {
            let network: Network = network.parse().unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{network} {inside}");
            assert!(!network.contains(outside.parse().unwrap()), "{network} {outside}");
        }
        for bad in ["", "x", "1.2.3.4/33", "::/129", "1.2.3.4/x"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad}");
        }
    }

    #[test]
    fn port_and_transport_narrow_the_trust() {
        let network = "198.51.100.7".parse().unwrap();
        let trusted = Trusted { network, port: Some(5060), transport: Some(Transport::Udp) };
        assert!(trusted.covers("198.51.100.7:5060".parse().unwrap(), Transport::Udp));
        assert!(!trusted.covers("198.51.100.7:5062".parse().unwrap(), Transport::Udp));
        assert!(!trusted.covers("198.51.100.7:5060".parse().unwrap(), Transport::Tcp));
    }
}
