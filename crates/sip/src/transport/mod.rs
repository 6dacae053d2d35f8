//! Ways to peers: UDP sockets, TCP and TLS connections, opened, shared, kept open and given up.
//!
//! The transports of `rsipstack` are not used: they log whole messages, know one TLS identity, lose datagrams with
//! old code pages and give up on a broken TLS peer only after 32 seconds. Its transactions send through [`Flow`]s.

mod door;
mod flow;
mod frame;
pub(crate) mod names;
mod stream;
mod tls;
mod udp;

pub(crate) use flow::Flow;
pub(crate) use names::Names;

use crate::account::{TlsPolicy, Transport};
use crate::call::Hop;
use crate::config::Config;
use crate::wire::SipMessage;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A message that came, and the way back.
pub(crate) struct Arrival {
    pub(crate) message: SipMessage,
    pub(crate) flow: Flow,
}

/// Whom a TLS server must prove to be.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TlsPeer {
    pub(crate) name: String,
    pub(crate) policy: TlsPolicy,
}

/// Why no way to a peer could be opened. The words reach people.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("no socket of that address family")]
    Family,
    #[error("connection failed: {0}")]
    Io(String),
    #[error("no connection in time")]
    Late,
    #[error("TLS: {0}")]
    Tls(String),
}

/// A failed connection is not tried again for so long: accounts of one server wait for one attempt, not each for its own.
const FAILURE_HOLDS: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct StreamKey {
    hop: Hop,
    tls: Option<TlsPeer>,
}

#[derive(Default)]
enum Slot {
    #[default]
    Empty,
    Up(Flow),
    Down(Instant, ConnectError),
}

/// What every connection needs to know.
#[derive(Clone)]
struct Surroundings {
    arrivals: mpsc::Sender<Arrival>,
    tracker: TaskTracker,
    stop: CancellationToken,
    door: door::Door,
    keepalive: Duration,
    public: Option<IpAddr>,
    /// Where we listen for streams: what Via and Contact name on connections that we opened.
    tcp_port: Option<u16>,
    tls_port: Option<u16>,
}

/// All sockets of a user agent.
pub(crate) struct Transports {
    around: Surroundings,
    udp: Vec<udp::Socket>,
    tcp: Vec<SocketAddr>,
    tls: Vec<SocketAddr>,
    slots: Mutex<HashMap<StreamKey, Arc<tokio::sync::Mutex<Slot>>>>,
    inbound: Arc<Mutex<HashMap<Hop, Flow>>>,
    identities: tls::Identities,
    timeout: Duration,
    prober: udp::Prober,
}

impl Transports {
    /// Binds every socket and begins to read.
    pub(crate) async fn start(
        config: &Config,
        arrivals: mpsc::Sender<Arrival>,
        tracker: TaskTracker,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let tcp = stream::bind(config.tcp.iter().copied()).await?;
        let tls = stream::bind(config.tls.iter().map(|l| l.address)).await?;
        let around = Surroundings {
            arrivals,
            tracker,
            stop,
            door: door::Door::new(config.server.clone()),
            keepalive: config.keepalive,
            public: config.public,
            tcp_port: tcp.first().map(|(_, a)| a.port()),
            tls_port: tls.first().map(|(_, a)| a.port()),
        };
        let mut udp = Vec::new();
        for address in &config.udp {
            udp.push(udp::Socket::bind(*address, &around).await?);
        }
        let this = Transports {
            udp,
            tcp: tcp.iter().map(|(_, a)| *a).collect(),
            tls: tls.iter().map(|(_, a)| *a).collect(),
            slots: Mutex::default(),
            inbound: Arc::default(),
            identities: tls::Identities::default(),
            timeout: config.server_timeout,
            prober: udp::Prober::default(),
            around: around.clone(),
        };
        for (listener, _) in tcp {
            stream::listen(listener, None, &around, &this.inbound);
        }
        for ((listener, _), identity) in tls.into_iter().zip(&config.tls) {
            let acceptor = tls::acceptor(identity)?;
            stream::listen(listener, Some(acceptor), &around, &this.inbound);
        }
        Ok(this)
    }

    /// Where we listen, with the ports that were taken.
    pub(crate) fn listening(&self) -> impl Iterator<Item = (Transport, SocketAddr)> {
        let udp = self.udp.iter().map(|s| (Transport::Udp, s.local()));
        let tcp = self.tcp.iter().map(|a| (Transport::Tcp, *a));
        udp.chain(tcp).chain(self.tls.iter().map(|a| (Transport::Tls, *a)))
    }

    /// A way to this hop: the open one where there is one.
    pub(crate) async fn flow(&self, hop: Hop, tls: Option<&TlsPeer>) -> Result<Flow, ConnectError> {
        if hop.transport == Transport::Udp {
            let socket = self.udp.iter().find(|s| s.local().is_ipv4() == hop.address.is_ipv4());
            return Ok(socket.ok_or(ConnectError::Family)?.flow(hop.address, &self.around));
        }
        if let Some(flow) = self.opened_by_peer(hop) {
            return Ok(flow);
        }
        let key = StreamKey { hop, tls: tls.cloned().filter(|_| hop.transport == Transport::Tls) };
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(slots.entry(key.clone()).or_default())
        };
        let mut slot = slot.lock().await;
        match &*slot {
            Slot::Up(flow) if !flow.is_broken() => return Ok(flow.clone()),
            Slot::Down(since, error) if since.elapsed() < FAILURE_HOLDS => return Err(error.clone()),
            Slot::Up(_) | Slot::Down(..) | Slot::Empty => (),
        }
        let opened = tokio::time::timeout(self.timeout, self.open(&key)).await;
        let opened = opened.unwrap_or(Err(ConnectError::Late));
        *slot = match &opened {
            Ok(flow) => Slot::Up(flow.clone()),
            Err(error) => Slot::Down(Instant::now(), error.clone()),
        };
        opened
    }

    /// Resolves once the peer's machine says that nothing listens there (ICMP port unreachable); never for streams.
    pub(crate) async fn refused(&self, flow: &Flow) {
        match flow.transport() {
            Transport::Udp => self.prober.refused(flow.peer()).await,
            Transport::Tcp | Transport::Tls => std::future::pending().await,
        }
    }

    /// Keeps the way to a peer open through address translators (RFC 5626 section 4.4.1).
    pub(crate) async fn keep_open(&self, peer: SocketAddr) {
        if let Some(socket) = self.udp.iter().find(|s| s.local().is_ipv4() == peer.is_ipv4()) {
            socket.ping(peer).await;
        }
    }

    /// Forgets connections that are gone.
    pub(crate) fn sweep(&self) {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.retain(|_, slot| match slot.try_lock() {
            Ok(slot) => match &*slot {
                Slot::Up(flow) => !flow.is_broken(),
                Slot::Down(since, _) => since.elapsed() < FAILURE_HOLDS,
                Slot::Empty => false,
            },
            Err(_) => true,
        });
        let mut inbound = self.inbound.lock().unwrap_or_else(PoisonError::into_inner);
        inbound.retain(|_, flow| !flow.is_broken());
    }

    fn opened_by_peer(&self, hop: Hop) -> Option<Flow> {
        let inbound = self.inbound.lock().unwrap_or_else(PoisonError::into_inner);
        inbound.get(&hop).filter(|flow| !flow.is_broken()).cloned()
    }

    async fn open(&self, key: &StreamKey) -> Result<Flow, ConnectError> {
        let io = stream::connect(key.hop.address).await.map_err(|e| ConnectError::Io(e.to_string()))?;
        let local = io.local_addr().map_err(|e| ConnectError::Io(e.to_string()))?;
        match key.hop.transport {
            Transport::Tls => {
                let any = TlsPeer { name: key.hop.address.ip().to_string(), policy: TlsPolicy::System };
                let io = self.identities.connect(io, key.tls.as_ref().unwrap_or(&any)).await?;
                Ok(stream::attach(io, local, key.hop, &self.around))
            }
            Transport::Tcp | Transport::Udp => Ok(stream::attach(io, local, key.hop, &self.around)),
        }
    }
}
