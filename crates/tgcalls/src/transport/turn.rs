//! Standard relays (RFC 8656): an address at the relay for each of them, kept for as long as the call lasts.
//!
//! A relay tells allocations apart by the socket they come from, so each call needs a socket of its own.

use super::Transmit;
use crate::server::Server;
use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use stun_types::TransportType;
use turn_client_proto::api::{TurnClientApi as _, TurnConfig, TurnEvent, TurnPollRet, TurnRecvRet};
use turn_client_proto::stun::Instant as Moment;
use turn_client_proto::stun::agent::Transmit as Packet;
use turn_client_proto::types::TurnCredentials;
use turn_client_proto::udp::TurnClientUdp;

/// As many relays are used; a call gets one or two.
const MAX_ALLOCATIONS: usize = 4;

/// The standard relays of one call.
#[derive(Debug)]
pub(super) struct Allocations {
    begin: Instant,
    all: Vec<Allocation>,
}

/// An address at one relay, or the wish for it.
struct Allocation {
    server: SocketAddr,
    credentials: (String, String),
    client: Option<TurnClientUdp>,
    local: Option<SocketAddr>,
    relayed: Option<SocketAddr>,
}

impl fmt::Debug for Allocation {
    /// Without the credentials; the client has them too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { server, credentials: _, client: _, local, relayed } = self;
        let mut shown = f.debug_struct("Allocation");
        shown.field("server", server).field("local", local).field("relayed", relayed).finish_non_exhaustive()
    }
}

/// What came from a relay.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Relayed {
    /// Who sent it.
    pub(super) from: SocketAddr,
    /// Our address at the relay.
    pub(super) to: SocketAddr,
    /// What was sent.
    pub(super) payload: Vec<u8>,
}

impl Allocations {
    /// The relays among these servers.
    pub(super) fn new(servers: &[Server], begin: Instant) -> Self {
        let wish = |server: &Server| match server {
            Server::Turn { address, username, password } => Some(Allocation {
                server: *address,
                credentials: (username.clone(), password.clone()),
                client: None,
                local: None,
                relayed: None,
            }),
            Server::Reflector { .. } | Server::Stun { .. } => None,
        };
        Self { begin, all: servers.iter().filter_map(wish).take(MAX_ALLOCATIONS).collect() }
    }

    /// Asks the relays of a socket's family that were not asked yet for an address.
    pub(super) fn add_local(&mut self, socket: SocketAddr) {
        let fitting = |it: &&mut Allocation| it.client.is_none() && it.server.is_ipv4() == socket.is_ipv4();
        for allocation in self.all.iter_mut().filter(fitting) {
            let (username, password) = &allocation.credentials;
            let config = TurnConfig::new(TurnCredentials::new(username, password));
            allocation.client = Some(TurnClientUdp::allocate(socket, allocation.server, config));
            allocation.local = Some(socket);
        }
    }

    /// Lets go of what was allocated from a socket that has gone: a relay knows us by it.
    pub(super) fn remove_local(&mut self, socket: SocketAddr) {
        for allocation in self.all.iter_mut().filter(|it| it.local == Some(socket)) {
            (allocation.client, allocation.local, allocation.relayed) = (None, None, None);
        }
    }

    /// Whether a datagram comes from one of the relays.
    pub(super) fn knows(&self, source: SocketAddr) -> bool {
        self.all.iter().any(|it| it.server == source && it.client.is_some())
    }

    /// Takes a datagram of a relay; gives what somebody sent through it.
    pub(super) fn receive(&mut self, source: SocketAddr, datagram: &[u8], now: Instant) -> Option<Relayed> {
        let moment = self.moment(now);
        let allocation = self.all.iter_mut().find(|it| it.server == source)?;
        let (client, local) = (allocation.client.as_mut()?, allocation.local?);
        match client.recv(Packet::new(datagram, TransportType::Udp, source, local), moment) {
            TurnRecvRet::PeerData(data) => {
                Some(Relayed { from: data.peer, to: allocation.relayed?, payload: data.data().to_vec() })
            }
            TurnRecvRet::Handled | TurnRecvRet::Ignored(_) | TurnRecvRet::PeerIcmp { .. } => None,
        }
    }

    /// Sends from our address at a relay; nothing, if the source is none.
    pub(super) fn wrap(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        payload: &[u8],
        now: Instant,
    ) -> Option<Transmit> {
        let moment = self.moment(now);
        let allocation = self.all.iter_mut().find(|it| it.relayed == Some(source))?;
        let client = allocation.client.as_mut()?;
        if !client.have_permission(TransportType::Udp, destination.ip()) {
            // ICE repeats its checks, so what is sent before the permission is there is no loss.
            let _ = client.create_permission(TransportType::Udp, destination.ip(), moment);
            return None;
        }
        let packet = client.send_to(TransportType::Udp, destination, payload, moment).ok()??.build();
        Some(Transmit { source: packet.from, destination: packet.to, contents: packet.data })
    }

    /// Our address at this relay, once; with the socket behind it.
    pub(super) fn poll_allocated(&mut self) -> Option<(SocketAddr, SocketAddr)> {
        for allocation in &mut self.all {
            let (Some(client), Some(local)) = (&mut allocation.client, allocation.local) else { continue };
            while let Some(event) = client.poll_event() {
                if let TurnEvent::AllocationCreated(_, relayed) = event
                    && allocation.relayed.is_none()
                {
                    allocation.relayed = Some(relayed);
                    return Some((relayed, local));
                }
            }
        }
        None
    }

    /// Whether an address is ours at one of the relays.
    pub(super) fn is_relayed(&self, source: SocketAddr) -> bool {
        self.all.iter().any(|it| it.relayed == Some(source))
    }

    /// Moves time forward, and gives what is to be sent.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<Transmit> {
        let moment = self.moment(now);
        let mut transmits = Vec::new();
        for client in self.all.iter_mut().filter_map(|it| it.client.as_mut()) {
            let _ = client.poll(moment);
            while let Some(packet) = client.poll_transmit(moment) {
                let (source, destination) = (packet.from, packet.to);
                transmits.push(Transmit { source, destination, contents: packet.data.as_ref().to_vec() });
            }
        }
        transmits
    }

    /// When [`Allocations::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&mut self, now: Instant) -> Option<Instant> {
        let (begin, moment) = (self.begin, self.moment(now));
        let clients = self.all.iter_mut().filter_map(|it| it.client.as_mut());
        let times = clients.filter_map(|client| match client.poll(moment) {
            TurnPollRet::WaitUntil(at) => {
                Some(begin + Duration::from_nanos(at.as_nanos().max(0).cast_unsigned()))
            }
            TurnPollRet::AllocateTcpSocket { .. } | TurnPollRet::TcpClose { .. } | TurnPollRet::Closed => {
                None
            }
        });
        times.min()
    }

    /// The library counts time in nanoseconds from where it likes; here from the start of the call.
    fn moment(&self, now: Instant) -> Moment {
        let nanos = now.saturating_duration_since(self.begin).as_nanos();
        Moment::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs a first instant; all others are counted from it"
    )]
    fn no_password_is_printed() {
        let address = SocketAddr::from(([192, 0, 2, 9], 3478));
        let server = Server::Turn { address, username: "summer".into(), password: "winter".into() };
        let mut allocations = Allocations::new(&[server], Instant::now());
        allocations.add_local(SocketAddr::from(([192, 0, 2, 1], 40_000)));
        let printed = format!("{allocations:?}");
        assert!(printed.contains("192.0.2.9") && !printed.contains("winter"), "{printed}");
    }
}
