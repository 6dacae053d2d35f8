//! The address of this machine that far ends are told to send sound to.

use crate::config::MediaConfig;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The public address where one is set, else the one that is listened at, else that of the way out of this machine.
#[must_use]
pub(crate) fn of(config: &MediaConfig) -> IpAddr {
    if let Some(public) = config.public_address {
        return public;
    }
    if !config.address.is_unspecified() {
        return config.address;
    }
    way_out().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
}

/// Which address a packet to the outside would have. None is sent: connecting a datagram socket only looks up the route.
/// The far address is one of those kept for documentation (RFC 5737).
fn way_out() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(SocketAddr::from(([192, 0, 2, 1], 9))).ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}
