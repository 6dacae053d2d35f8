//! Taking a datagram from a socket together with the moment at which it came.
//!
//! Sockets are read once a frame, and how uneven a path is must be told to the millisecond: where the system can, it
//! stamps each datagram. Elsewhere it counts as come when it is read.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// A datagram's length, who sent it, and when it came by the system's clock.
pub(super) type Arrival = (usize, SocketAddr, Option<Duration>);

#[cfg(target_os = "linux")]
mod system {
    use super::{Arrival, UdpSocket, io};
    use nix::cmsg_space;
    use nix::sys::socket::{
        ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
    };
    use nix::sys::time::TimeSpec;
    use std::io::IoSliceMut;
    use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6};
    use std::os::fd::AsRawFd as _;
    use std::time::Duration;

    /// Room for what the system says beside a datagram.
    pub(in super::super) struct Room(Vec<u8>);

    impl Room {
        pub(in super::super) fn new() -> Self {
            Self(cmsg_space!(TimeSpec))
        }
    }

    /// Asks for stamps. Without them a datagram counts as come when it is read.
    pub(in super::super) fn stamp(socket: &UdpSocket) {
        if let Err(error) = setsockopt(socket, ReceiveTimestampns, &true) {
            tracing::debug!(%error, "datagrams are not stamped");
        }
    }

    /// Takes a datagram.
    pub(in super::super) fn take(
        socket: &UdpSocket,
        buffer: &mut [u8],
        room: &mut Room,
    ) -> io::Result<Arrival> {
        room.0.resize(room.0.capacity(), 0);
        let mut pieces = [IoSliceMut::new(buffer)];
        let fd = socket.as_raw_fd();
        let message = recvmsg::<SockaddrStorage>(fd, &mut pieces, Some(&mut room.0), MsgFlags::empty())?;
        let from = message.address.as_ref().and_then(address).ok_or(io::ErrorKind::InvalidData)?;
        let came = message.cmsgs()?.find_map(|word| {
            let ControlMessageOwned::ScmTimestampns(time) = word else { return None };
            let (seconds, nanos) = (time.tv_sec(), time.tv_nsec());
            Some(Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?))
        });
        Ok((message.bytes, from, came))
    }

    fn address(address: &SockaddrStorage) -> Option<SocketAddr> {
        let four = address.as_sockaddr_in().map(|it| SocketAddr::V4(SocketAddrV4::from(*it)));
        four.or_else(|| address.as_sockaddr_in6().map(|it| SocketAddr::V6(SocketAddrV6::from(*it))))
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Arrival, UdpSocket, io};

    /// Nothing is said beside a datagram here.
    pub(in super::super) struct Room;

    impl Room {
        pub(in super::super) fn new() -> Self {
            Self
        }
    }

    /// There are no stamps here.
    pub(in super::super) fn stamp(_: &UdpSocket) {}

    /// Takes a datagram.
    pub(in super::super) fn take(socket: &UdpSocket, buffer: &mut [u8], _: &mut Room) -> io::Result<Arrival> {
        socket.recv_from(buffer).map(|(length, from)| (length, from, None))
    }
}

pub(super) use system::{Room, stamp, take};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::wall;

    /// How old the system says that a datagram is which has lain in its socket for so long.
    fn age(sender: &UdpSocket, socket: &UdpSocket, lain: Duration) -> Option<Duration> {
        sender.send_to(b"hello", socket.local_addr().unwrap()).unwrap();
        let begin = wall();
        while wall() < begin + lain {
            std::thread::yield_now();
        }
        let mut buffer = [0; 100];
        let (length, from, came) = take(socket, &mut buffer, &mut Room::new()).unwrap();
        assert_eq!((&buffer[..length], from), (&b"hello"[..], sender.local_addr().unwrap()));
        Some(wall().saturating_sub(came?))
    }

    #[test]
    fn a_datagram_is_as_old_as_it_has_lain_there() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        stamp(&socket);
        let lain = Duration::from_millis(30);
        // Linux begins to stamp some moments after the first socket of the machine has asked for it; until then it tells when
        // the datagram was taken.
        let mut ages = (0..100).map(|_| age(&sender, &socket, lain));
        let is_right =
            |age: Option<Duration>| age.is_none_or(|age| age >= lain && age < Duration::from_secs(20));
        assert!(ages.any(is_right), "none of a hundred");
    }
}
