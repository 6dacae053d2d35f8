//! Two neighbouring UDP ports: an even one for RTP, the next for RTCP (RFC 3550 section 11).

use crate::media::error::EngineError;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the next search begins: ports are used in turn, so that late packets of one call do not meet the next.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// Binds a free pair in the range.
///
/// # Errors
///
/// No pair is free, or the system refuses sockets at all.
pub(crate) fn bind(
    listen: IpAddr,
    ports: &RangeInclusive<u16>,
) -> Result<(UdpSocket, UdpSocket), EngineError> {
    in_turn(ports, |even| both(listen, even, even + 1))
}

/// Opens something at the first even port of the range whose turn it is and that is free.
///
/// # Errors
///
/// None is free, or the system refuses sockets at all.
pub(crate) fn in_turn<T>(
    ports: &RangeInclusive<u16>,
    mut open: impl FnMut(u16) -> io::Result<T>,
) -> Result<T, EngineError> {
    let first = u32::from(*ports.start()).next_multiple_of(2);
    let pairs = (u32::from(*ports.end()) + 1).saturating_sub(first) / 2;
    for _ in 0..pairs {
        let turn = NEXT.fetch_add(1, Ordering::Relaxed) % pairs;
        // It fits: the last pair ends at the range's end.
        let Ok(even) = u16::try_from(first + 2 * turn) else { continue };
        match open(even) {
            Ok(opened) => return Ok(opened),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(EngineError::NoFreePorts)
}

fn both(listen: IpAddr, even: u16, odd: u16) -> io::Result<(UdpSocket, UdpSocket)> {
    let rtp = UdpSocket::bind(SocketAddr::new(listen, even))?;
    let rtcp = UdpSocket::bind(SocketAddr::new(listen, odd))?;
    rtp.set_nonblocking(true)?;
    rtcp.set_nonblocking(true)?;
    Ok((rtp, rtcp))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn rtp_has_an_even_port_and_rtcp_the_next() {
        let (rtp, rtcp) = bind(HERE, &(41_001..=41_099)).unwrap();
        let (rtp, rtcp) = (rtp.local_addr().unwrap().port(), rtcp.local_addr().unwrap().port());
        assert_eq!(rtp % 2, 0);
        assert_eq!(rtcp, rtp + 1);
    }

    #[test]
    fn a_full_range_is_told_and_a_freed_pair_is_used_again() {
        let ports = 41_100..=41_103;
        let first = bind(HERE, &ports).unwrap();
        let _second = bind(HERE, &ports).unwrap();
        assert!(matches!(bind(HERE, &ports), Err(EngineError::NoFreePorts)));
        drop(first);
        assert!(bind(HERE, &ports).is_ok());
    }
}
