//! UDP: datagrams up to 64 kB, keepalives, and a probe that notices at once when nothing listens at a server.

use super::Surroundings;
use super::door::Entry;
use super::flow::Flow;
use crate::account::Transport;
use crate::call::Hop;
use async_trait::async_trait;
use rsipstack::transport::SipConnection;
use rsipstack::transport::udp::UdpConnection;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The largest datagram there is.
const DATAGRAM: usize = 65_535;
/// A keepalive and the answer to it (RFC 5626 section 3.5.1).
pub(super) const PING: &[u8] = b"\r\n\r\n";
pub(super) const PONG: &[u8] = b"\r\n";
/// Receive buffer of the socket: a burst of some thousand requests waits here, not on the floor.
const RECEIVE_BUFFER: usize = 4 << 20;

/// A bound socket.
pub(super) struct Socket {
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    connection: SipConnection,
    /// Our own address by peer, for a socket on every interface.
    faces: Mutex<HashMap<IpAddr, IpAddr>>,
}

impl Socket {
    pub(super) async fn bind(address: SocketAddr, around: &Surroundings) -> io::Result<Self> {
        let domain = socket2::Domain::for_address(address);
        let raw = socket2::Socket::new(domain, socket2::Type::DGRAM, Some(socket2::Protocol::UDP))?;
        raw.set_nonblocking(true)?;
        if address.is_ipv6() {
            raw.set_only_v6(true)?;
        }
        // The system may grant less; then bursts are shorter, and nothing is wrong.
        let _ = raw.set_recv_buffer_size(RECEIVE_BUFFER);
        raw.bind(&address.into())?;
        let socket = Arc::new(UdpSocket::from_std(raw.into())?);
        let local = socket.local_addr()?;
        let front = Arc::new(Front(Arc::clone(&socket)));
        let connection =
            UdpConnection::from_socket(front, Some(local), None).await.map_err(io::Error::other)?;
        let connection = SipConnection::Udp(connection);
        let this = Socket { socket, local, connection, faces: Mutex::default() };
        this.read(around);
        Ok(this)
    }

    pub(super) fn local(&self) -> SocketAddr {
        self.local
    }

    pub(super) fn flow(&self, peer: SocketAddr, around: &Surroundings) -> Flow {
        let ip = around.public.unwrap_or_else(|| self.face(peer));
        let advertised = SocketAddr::new(ip, self.local.port());
        let hop = Hop { address: peer, transport: Transport::Udp };
        Flow::new(hop, advertised, self.connection.clone(), CancellationToken::new())
    }

    pub(super) async fn ping(&self, peer: SocketAddr) {
        // A ping that cannot be sent is noticed by the next request on that way.
        let _ = self.socket.send_to(PING, peer).await;
    }

    fn face(&self, peer: SocketAddr) -> IpAddr {
        if !self.local.ip().is_unspecified() {
            return self.local.ip();
        }
        let mut faces = self.faces.lock().unwrap_or_else(PoisonError::into_inner);
        if faces.len() > 4096 {
            faces.clear();
        }
        *faces.entry(peer.ip()).or_insert_with(|| face_towards(peer).unwrap_or(self.local.ip()))
    }

    fn read(&self, around: &Surroundings) {
        let (socket, around, connection) =
            (Arc::clone(&self.socket), around.clone(), self.connection.clone());
        let reader = Reader { local: self.local, public: around.public, connection };
        around.tracker.clone().spawn(async move {
            let mut buffer = vec![0; DATAGRAM];
            loop {
                let received = tokio::select! {
                    () = around.stop.cancelled() => return,
                    received = socket.recv_from(&mut buffer) => received,
                };
                // An error belongs to an earlier send (ICMP) and says nothing about the next datagram.
                let Ok((length, peer)) = received else { continue };
                let datagram = &buffer[..length];
                if !around.door.hears(peer.ip()) || datagram == PONG {
                    continue;
                }
                if datagram == PING {
                    let _ = socket.send_to(PONG, peer).await;
                    continue;
                }
                match around.door.look(datagram, reader.flow(peer)) {
                    Entry::Come(arrival) => {
                        if around.arrivals.send(*arrival).await.is_err() {
                            return;
                        }
                    }
                    Entry::Stay => (),
                    // An answer that cannot be sent is one that the peer must do without.
                    Entry::Answer(answer) => drop(socket.send_to(&answer, peer).await),
                }
            }
        });
    }
}

struct Reader {
    local: SocketAddr,
    public: Option<IpAddr>,
    connection: SipConnection,
}

impl Reader {
    fn flow(&self, peer: SocketAddr) -> Flow {
        let own = if self.local.ip().is_unspecified() { face_towards(peer) } else { None };
        let ip = self.public.or(own).unwrap_or(self.local.ip());
        let hop = Hop { address: peer, transport: Transport::Udp };
        Flow::new(
            hop,
            SocketAddr::new(ip, self.local.port()),
            self.connection.clone(),
            CancellationToken::new(),
        )
    }
}

/// The address that this machine has on the way to a peer.
fn face_towards(peer: SocketAddr) -> Option<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = std::net::UdpSocket::bind(any).ok()?;
    socket.connect(peer).ok()?;
    socket.local_addr().ok().map(|a| a.ip())
}

/// What the stack sends through; it never reads.
struct Front(Arc<UdpSocket>);

#[async_trait]
impl rsipstack::platform::net::UdpSocket for Front {
    async fn recv_from(&self, _: &mut [u8]) -> rsipstack::Result<(usize, SocketAddr)> {
        std::future::pending().await
    }

    async fn send_to(&self, bytes: &[u8], peer: SocketAddr) -> rsipstack::Result<usize> {
        Ok(self.0.send_to(bytes, peer).await?)
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }
}

/// Asks a server that stays silent whether anything listens there at all.
///
/// Only a connected socket hears of "port unreachable", and the sockets that we serve on cannot be connected. One probe
/// a peer serves everybody who waits for it.
pub(super) struct Prober {
    waiting: Mutex<HashMap<SocketAddr, CancellationToken>>,
    at_once: Arc<Semaphore>,
}

impl Default for Prober {
    fn default() -> Self {
        Prober { waiting: Mutex::default(), at_once: Arc::new(Semaphore::new(64)) }
    }
}

/// How long a server may be silent before it is probed: longer than most answers take.
const PATIENCE: Duration = Duration::from_millis(600);

impl Prober {
    /// Resolves when the peer's machine refuses datagrams; otherwise never.
    pub(super) async fn refused(&self, peer: SocketAddr) {
        let until = tokio::time::Instant::now() + PATIENCE;
        tokio::time::sleep_until(until).await;
        let (verdict, first) = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            match waiting.get(&peer) {
                Some(verdict) => (verdict.clone(), false),
                None => {
                    let verdict = CancellationToken::new();
                    waiting.insert(peer, verdict.clone());
                    (verdict, true)
                }
            }
        };
        if !first {
            return verdict.cancelled().await;
        }
        let _forget = Forget { prober: self, peer };
        let _permit = self.at_once.acquire().await;
        match probe(peer).await {
            true => verdict.cancel(),
            false => std::future::pending().await,
        }
    }
}

/// Takes the probe off the list also when the one who asked has stopped waiting.
struct Forget<'a> {
    prober: &'a Prober,
    peer: SocketAddr,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.prober.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.peer);
    }
}

async fn probe(peer: SocketAddr) -> bool {
    let any: SocketAddr = if peer.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let Ok(socket) = UdpSocket::bind(any).await else { return false };
    if socket.connect(peer).await.is_err() || socket.send(PING).await.is_err() {
        return false;
    }
    let mut answer = [0; 64];
    let answered = tokio::time::timeout(Duration::from_secs(2), socket.recv(&mut answer)).await;
    matches!(answered, Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused)
}
