//! The servers that a call may use: what the `connections` of `phoneCall` say.

use std::fmt;
use std::net::SocketAddr;

/// One server of `phoneCall.connections`. Leave out entries with the `tcp` flag: they are not spoken here.
#[derive(Clone, PartialEq, Eq)]
pub enum Server {
    /// `phoneConnection`: a relay of Telegram's own ([`crate::reflector`]).
    Reflector {
        /// `id` of the connection: the server's number in candidates follows from the order of ids.
        id: i64,
        /// Where it is. Port 0 in the connection means [`crate::reflector::DEFAULT_PORT`].
        address: SocketAddr,
        /// `peer_tag`.
        peer_tag: [u8; 16],
    },
    /// `phoneConnectionWebrtc` with `stun`: tells us our public address (RFC 8489).
    Stun {
        /// Where it is.
        address: SocketAddr,
    },
    /// `phoneConnectionWebrtc` with `turn`: a standard relay (RFC 8656).
    Turn {
        /// Where it is.
        address: SocketAddr,
        /// User name.
        username: String,
        /// Password; never printed.
        password: String,
    },
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reflector { id, address, .. } => {
                f.debug_struct("Reflector").field("id", id).field("address", address).finish_non_exhaustive()
            }
            Self::Stun { address } => f.debug_struct("Stun").field("address", address).finish(),
            Self::Turn { address, .. } => {
                f.debug_struct("Turn").field("address", address).finish_non_exhaustive()
            }
        }
    }
}

/// The reflectors among these servers, each with its number: one more than its place among all ids, in ascending order.
pub(crate) fn reflectors(servers: &[Server]) -> Vec<(u8, SocketAddr, [u8; 16])> {
    let mut found: Vec<(i64, SocketAddr, [u8; 16])> = servers
        .iter()
        .filter_map(|server| match server {
            Server::Reflector { id, address, peer_tag } => Some((*id, *address, *peer_tag)),
            Server::Stun { .. } | Server::Turn { .. } => None,
        })
        .collect();
    found.sort_by_key(|(id, ..)| *id);
    let mut numbers: Vec<i64> = found.iter().map(|(id, ..)| *id).collect();
    numbers.dedup();
    let number = |id| numbers.iter().position(|it| *it == id).and_then(|at| u8::try_from(at + 1).ok());
    found.into_iter().filter_map(|(id, address, tag)| Some((number(id)?, address, tag))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reflector(id: i64, port: u16) -> Server {
        Server::Reflector { id, address: SocketAddr::from(([192, 0, 2, 1], port)), peer_tag: [0; 16] }
    }

    #[test]
    fn reflectors_are_numbered_by_their_ids() {
        let stun = Server::Stun { address: SocketAddr::from(([192, 0, 2, 9], 3478)) };
        let numbered = reflectors(&[reflector(7003, 3), stun, reflector(7001, 1), reflector(7001, 2)]);
        let short: Vec<(u8, u16)> = numbered.iter().map(|(number, at, _)| (*number, at.port())).collect();
        assert_eq!(short, [(1, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn no_password_is_printed() {
        let turn = Server::Turn {
            address: SocketAddr::from(([192, 0, 2, 1], 3478)),
            username: "u".into(),
            password: "winter".into(),
        };
        assert!(!format!("{turn:?}").contains("winter"));
    }
}
