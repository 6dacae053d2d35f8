//! Ports behind Telegram's reflectors, and the addresses that stand for them.

use super::Transmit;
use crate::reflector::{HELLO_KEEP, HELLO_UNTIL_READY, Incoming, Prefix, Tag};
use crate::server::{Server, reflectors};
use rand::RngCore;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

/// As many ports of the far side are kept for one reflector; a client opens one for each of its networks.
const MAX_FAR: usize = 16;

/// As many reflectors are used; a call gets a handful.
const MAX_PORTS: usize = 16;

/// The relays of one call.
#[derive(Debug, Default)]
pub(crate) struct Relays {
    ports: Vec<Port>,
    addresses: u16,
}

/// Our port behind one reflector.
#[derive(Debug)]
struct Port {
    server: u8,
    address: SocketAddr,
    prefix: Prefix,
    tag: Tag,
    own: SocketAddr,
    /// Ports of the far side, the one that was used last at the end.
    far: Vec<(Tag, SocketAddr)>,
    local: Option<SocketAddr>,
    /// The reflector has answered from where we are now.
    is_ready: bool,
    /// It was told of.
    is_told: bool,
    hello_at: Option<Instant>,
}

/// A port that has become usable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ready {
    /// The reflector's number.
    pub(super) server: u8,
    /// The reflector's UDP port: both ends must name the same one.
    pub(super) server_port: u16,
    /// Our tag.
    pub(super) tag: Tag,
    /// The address that stands for our port.
    pub(super) own: SocketAddr,
    /// The socket behind it.
    pub(super) local: SocketAddr,
}

/// What came from a reflector.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received<'a> {
    /// A port has become usable.
    Ready(Ready),
    /// The far side speaks, as if from one address to another. It may be heard before the reflector itself is: then the
    /// port has become usable by that.
    Data { from: SocketAddr, to: SocketAddr, payload: &'a [u8], ready: Option<Ready> },
    /// Nothing to do.
    Nothing,
}

impl Relays {
    /// The reflectors among these servers; each gets a random tag.
    pub(crate) fn new(servers: &[Server], random: &mut dyn RngCore) -> Self {
        let mut relays = Self::default();
        for (server, address, peer_tag) in reflectors(servers).into_iter().take(MAX_PORTS) {
            let own = relays.next_address(address.port());
            relays.ports.push(Port {
                server,
                address,
                prefix: Prefix::new(&peer_tag),
                tag: Tag(random.next_u32().max(1)),
                own,
                far: Vec::new(),
                local: None,
                is_ready: false,
                is_told: false,
                hello_at: None,
            });
        }
        relays
    }

    /// An address that nobody else has in this call.
    fn next_address(&mut self, port: u16) -> SocketAddr {
        self.addresses += 1;
        let [high, low] = self.addresses.to_be_bytes();
        SocketAddr::from((Ipv4Addr::new(198, 18, high, low), port))
    }

    /// Begins to use a local socket for the reflectors of its family that have none. One that is reached by IPv4 is not
    /// reached by IPv6 besides.
    pub(crate) fn add_local(&mut self, socket: SocketAddr, now: Instant) {
        let by_v4 = |port: &Port| port.address.is_ipv4() && port.local.is_some();
        let reached: Vec<u8> = self.ports.iter().filter(|it| by_v4(it)).map(|it| it.server).collect();
        let fitting = |port: &&mut Port| {
            let is_spare = socket.is_ipv6() && reached.contains(&port.server);
            port.local.is_none() && port.address.is_ipv4() == socket.is_ipv4() && !is_spare
        };
        for port in self.ports.iter_mut().filter(fitting) {
            port.local = Some(socket);
            port.hello_at = Some(now);
        }
    }

    /// Lets go of a socket; [`Relays::add_local`] gives the ports behind it another. They keep their tags, so the far side
    /// need not know.
    pub(super) fn remove_local(&mut self, socket: SocketAddr) {
        for port in self.ports.iter_mut().filter(|it| it.local == Some(socket)) {
            (port.local, port.hello_at) = (None, None);
            port.is_ready = false;
        }
    }

    /// Says hello at once, and again until the reflectors answer: they know us by the address that it comes from.
    pub(super) fn greet(&mut self, now: Instant) {
        for port in self.ports.iter_mut().filter(|it| it.local.is_some()) {
            port.hello_at = Some(now);
            port.is_ready = false;
        }
    }

    /// Whether this is the address that stands for one of our ports.
    pub(super) fn is_own(&self, address: SocketAddr) -> bool {
        self.ports.iter().any(|it| it.own == address)
    }

    /// Whether a datagram is of this call.
    pub(super) fn accepts(&self, source: SocketAddr, datagram: &[u8]) -> bool {
        self.ports.iter().any(|it| it.address == source && it.prefix.unwrap(datagram).is_some())
    }

    /// Takes a datagram, if it comes from a reflector of this call.
    pub(super) fn receive<'a>(&mut self, source: SocketAddr, datagram: &'a [u8]) -> Option<Received<'a>> {
        let at =
            self.ports.iter().position(|it| it.address == source && it.prefix.unwrap(datagram).is_some())?;
        let incoming = self.ports[at].prefix.unwrap(datagram)?;
        self.ports[at].is_ready = true;
        let first = !std::mem::replace(&mut self.ports[at].is_told, true);
        let ready = self.ports[at].ready().filter(|_| first);
        Some(match incoming {
            Incoming::Service => ready.map_or(Received::Nothing, Received::Ready),
            Incoming::Data { from, payload } => {
                let (from, to) = (self.far(at, from), self.ports[at].own);
                Received::Data { from, to, payload, ready }
            }
        })
    }

    /// The address that stands for the far side's port behind the reflector of this number.
    pub(super) fn far_address(&mut self, server: u8, tag: Tag) -> Option<SocketAddr> {
        let with_socket = |it: &Port| it.server == server && it.local.is_some();
        let at = self.ports.iter().position(with_socket);
        let at = at.or_else(|| self.ports.iter().position(|it| it.server == server))?;
        Some(self.far(at, tag))
    }

    /// The address that stands for a port of the far side; where there are too many, in place of the one that was used
    /// longest ago.
    fn far(&mut self, at: usize, tag: Tag) -> SocketAddr {
        let known = self.ports[at].far.iter().position(|(known, _)| *known == tag);
        let address = match known {
            Some(place) => self.ports[at].far.remove(place).1,
            None if self.ports[at].far.len() >= MAX_FAR => {
                tracing::debug!(
                    "the far side has more ports behind a reflector than are kept; the oldest is let go"
                );
                self.ports[at].far.remove(0).1
            }
            None => self.next_address(self.ports[at].address.port()),
        };
        self.ports[at].far.push((tag, address));
        address
    }

    /// What is sent from our port to the far side's, as the reflector wants it; nothing for any other pair.
    pub(super) fn wrap(
        &self,
        source: SocketAddr,
        destination: SocketAddr,
        payload: &[u8],
    ) -> Option<Transmit> {
        let port = self.ports.iter().find(|it| it.own == source)?;
        let (to, _) = port.far.iter().find(|(_, address)| *address == destination)?;
        let mut contents = Vec::new();
        port.prefix.wrap(*to, port.tag, payload, &mut contents);
        Some(Transmit { source: port.local?, destination: port.address, contents })
    }

    /// Says hello where it is time.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Transmit> {
        self.ports.iter_mut().filter_map(|port| port.hello(now)).collect()
    }

    /// When [`Relays::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.ports.iter().filter_map(|port| port.hello_at).min()
    }
}

impl Port {
    fn ready(&self) -> Option<Ready> {
        let server_port = self.address.port();
        Some(Ready { server: self.server, server_port, tag: self.tag, own: self.own, local: self.local? })
    }

    fn hello(&mut self, now: Instant) -> Option<Transmit> {
        let source = self.local?;
        self.hello_at.filter(|at| *at <= now)?;
        self.hello_at = Some(now + if self.is_ready { HELLO_KEEP } else { HELLO_UNTIL_READY });
        Some(Transmit { source, destination: self.address, contents: self.prefix.hello(self.tag) })
    }
}

/// Whether an address stands for something behind a relay.
pub(super) fn is_ours(address: SocketAddr) -> bool {
    match address {
        SocketAddr::V4(address) => address.ip().octets()[..2] == [198, 18],
        SocketAddr::V6(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs a first instant; all others are counted from it"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn reflector(id: i64, address: &str) -> Server {
        Server::Reflector { id, address: address.parse().expect("an address"), peer_tag: [7; 16] }
    }

    fn greeted(servers: &[Server], locals: &[&str]) -> Vec<String> {
        let now = start();
        let mut relays = Relays::new(servers, &mut StdRng::seed_from_u64(1));
        locals.iter().for_each(|it| relays.add_local(it.parse().expect("an address"), now));
        relays.handle_timeout(now).iter().map(|it| it.destination.to_string()).collect()
    }

    #[test]
    fn reflectors_are_reached_by_ipv6_where_there_is_no_ipv4() {
        let both = [reflector(1, "192.0.2.1:599"), reflector(1, "[2001:db8::1]:599")];
        let other = reflector(2, "[2001:db8::2]:599");
        let servers = [both[0].clone(), both[1].clone(), other];
        let (v4, v6) = ("198.51.100.1:4000", "[2001:db8::9]:4000");
        assert_eq!(greeted(&servers, &[v4, v6]), ["192.0.2.1:599", "[2001:db8::2]:599"]);
        assert_eq!(greeted(&servers, &[v6]), ["[2001:db8::1]:599", "[2001:db8::2]:599"]);
        assert_eq!(greeted(&servers, &[v4]), ["192.0.2.1:599"]);
    }

    const PEER_TAG: [u8; 16] = *b"0123456789ab\0\0\0\0";

    fn address() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 9], 599))
    }

    fn relays() -> Relays {
        let server = Server::Reflector { id: 1, address: address(), peer_tag: PEER_TAG };
        let mut relays = Relays::new(&[server], &mut StdRng::seed_from_u64(1));
        relays.add_local(SocketAddr::from(([192, 0, 2, 1], 40_000)), start());
        relays
    }

    fn data(from: Tag) -> Vec<u8> {
        let mut datagram = Vec::new();
        Prefix::new(&PEER_TAG).wrap(Tag(7), from, b"sound", &mut datagram);
        datagram
    }

    #[test]
    fn who_hears_the_far_side_before_the_reflector_is_told_both() {
        let mut relays = relays();
        let datagram = data(Tag(9));
        let heard = relays.receive(address(), &datagram);
        assert!(matches!(heard, Some(Received::Data { payload: b"sound", ready: Some(_), .. })), "{heard:?}");
        let heard = relays.receive(address(), &datagram);
        assert!(matches!(heard, Some(Received::Data { ready: None, .. })), "{heard:?}");
        let hello = Prefix::new(&PEER_TAG).hello(Tag(7));
        assert_eq!(relays.receive(address(), &hello), Some(Received::Nothing), "once");
    }

    #[test]
    fn of_the_far_sides_ports_the_last_are_known_and_addresses_are_used_again() {
        let mut relays = relays();
        for number in 1..=100_000 {
            let datagram = data(Tag(number));
            relays.receive(address(), &datagram);
        }
        assert_eq!((relays.ports[0].far.len(), relays.addresses), (MAX_FAR, 1 + 16));
        let known = relays.far_address(1, Tag(100_000)).expect("the reflector is there");
        assert_eq!(relays.far_address(1, Tag(100_000)), Some(known));
        let wrapped = relays.wrap(relays.ports[0].own, known, b"sound").expect("a port that is known");
        assert_eq!(wrapped.contents[12..16], 100_000_u32.to_le_bytes());
    }
}
