//! Whose datagram is it: many browsers reach one socket, told apart by the user name of their STUN requests.

use crate::media::PortId;
use std::collections::HashMap;
use std::net::SocketAddr;

/// Sources kept for one port: a browser has a few addresses, and an attacker must not fill the table.
const SOURCES: usize = 16;

const MAGIC: [u8; 4] = [0x21, 0x12, 0xA4, 0x42];
const USERNAME: u16 = 0x0006;

/// Who owns a user name, and who was heard from which source.
#[derive(Debug, Default)]
pub(in crate::media) struct Demux {
    users: HashMap<String, PortId>,
    sources: HashMap<SocketAddr, PortId>,
}

impl Demux {
    /// Our part of STUN's user name (the local ICE fragment) belongs to a port, besides those that already do.
    pub(in crate::media) fn add(&mut self, user: String, port: PortId) {
        self.users.insert(user, port);
    }

    /// A port is closed.
    pub(in crate::media) fn remove(&mut self, port: PortId) {
        self.users.retain(|_, owner| *owner != port);
        self.sources.retain(|_, owner| *owner != port);
    }

    /// Whose it is. A STUN request speaks for itself; anything else belongs to whoever was heard from that source.
    pub(in crate::media) fn owner(&mut self, from: SocketAddr, datagram: &[u8]) -> Option<PortId> {
        let Some(user) = user(datagram) else { return self.sources.get(&from).copied() };
        let port = *self.users.get(user)?;
        if self.sources.get(&from) != Some(&port) {
            if self.sources.values().filter(|owner| **owner == port).count() >= SOURCES {
                return None;
            }
            self.sources.insert(from, port);
        }
        Some(port)
    }
}

/// Our fragment in the user name of a STUN request (RFC 8445 7.2.2: `ours:theirs`); `None` for anything else.
fn user(datagram: &[u8]) -> Option<&str> {
    let head: &[u8; 20] = datagram.first_chunk()?;
    if head[0] & 0xC0 != 0 || head[4..8] != MAGIC {
        return None;
    }
    let mut attributes = &datagram[20..];
    while let Some((&[a, b, c, d], rest)) = attributes.split_first_chunk::<4>() {
        let length = usize::from(u16::from_be_bytes([c, d]));
        if u16::from_be_bytes([a, b]) == USERNAME {
            let name = std::str::from_utf8(rest.get(..length)?).ok()?;
            return name.split_once(':').map(|(ours, _)| ours);
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OLGA: PortId = PortId(1);
    const IVAN: PortId = PortId(2);

    fn request(name: &str) -> Vec<u8> {
        let mut datagram = vec![0, 1, 0, 0];
        datagram.extend_from_slice(&MAGIC);
        datagram.extend_from_slice(&[7; 12]);
        // An attribute of another kind stands before the name.
        datagram.extend_from_slice(&[0x80, 0x22, 0, 1, b'x', 0, 0, 0]);
        datagram.extend_from_slice(&[0, 6, 0, u8::try_from(name.len()).unwrap()]);
        datagram.extend_from_slice(name.as_bytes());
        datagram.resize(datagram.len().next_multiple_of(4), 0);
        datagram
    }

    fn source(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn demux() -> Demux {
        let mut demux = Demux::default();
        demux.add("olga".to_owned(), OLGA);
        demux.add("ivan".to_owned(), IVAN);
        demux
    }

    #[test]
    fn sound_belongs_to_whom_a_request_came_for_from_that_source() {
        let mut demux = demux();
        let sound = [0x80, 111, 0, 1];
        assert_eq!(demux.owner(source(1), &sound), None, "nobody spoke from there yet");
        assert_eq!(demux.owner(source(1), &request("olga:xyz")), Some(OLGA));
        assert_eq!(demux.owner(source(2), &request("ivan:xyz")), Some(IVAN));
        assert_eq!(demux.owner(source(1), &sound), Some(OLGA));
        assert_eq!(demux.owner(source(2), &sound), Some(IVAN));
    }

    #[test]
    fn a_port_that_is_closed_hears_no_more() {
        let mut demux = demux();
        demux.owner(source(1), &request("olga:xyz"));
        demux.remove(OLGA);
        assert_eq!(demux.owner(source(1), &[0x80]), None);
        assert_eq!(demux.owner(source(1), &request("olga:xyz")), None);
    }

    #[test]
    fn one_port_cannot_fill_the_table() {
        let mut demux = demux();
        for port in 0..1000 {
            demux.owner(source(port), &request("olga:xyz"));
        }
        assert_eq!(demux.sources.len(), SOURCES);
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = user(&bytes);
            if bytes.len() > 8 {
                bytes[0] = 0;
                bytes[4..8].copy_from_slice(&MAGIC);
                let _ = user(&bytes);
            }
        }
    }
}
