//! One way to one peer: what the transactions send through, and what Via and Contact say about us on it.

use crate::account::Transport;
use crate::call::Hop;
use rsipstack::transport::{SipAddr, SipConnection};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A way to a peer. Clones are the same way.
#[derive(Clone)]
pub(crate) struct Flow(Arc<Inner>);

struct Inner {
    hop: Hop,
    advertised: SocketAddr,
    connection: SipConnection,
    broken: CancellationToken,
}

impl Flow {
    pub(super) fn new(
        hop: Hop,
        advertised: SocketAddr,
        connection: SipConnection,
        broken: CancellationToken,
    ) -> Self {
        Flow(Arc::new(Inner { hop, advertised, connection, broken }))
    }

    /// How it travels.
    pub(crate) fn transport(&self) -> Transport {
        self.0.hop.transport
    }

    /// The far side.
    pub(crate) fn peer(&self) -> SocketAddr {
        self.0.hop.address
    }

    /// The far side with the transport.
    pub(crate) fn hop(&self) -> Hop {
        self.0.hop
    }

    /// Our address as the peer should see it.
    pub(crate) fn advertised(&self) -> SocketAddr {
        self.0.advertised
    }

    /// Whether the connection is gone.
    pub(crate) fn is_broken(&self) -> bool {
        self.0.broken.is_cancelled()
    }

    /// Resolves when the connection is gone.
    pub(crate) async fn broken(&self) {
        self.0.broken.cancelled().await;
    }

    pub(crate) fn connection(&self) -> &SipConnection {
        &self.0.connection
    }

    pub(crate) fn destination(&self) -> SipAddr {
        destination(self.0.hop)
    }
}

/// The hop as the stack names it.
pub(super) fn destination(hop: Hop) -> SipAddr {
    SipAddr { r#type: Some(stack_transport(hop.transport)), addr: hop.address.into() }
}

pub(super) fn stack_transport(transport: Transport) -> rsipstack::sip::Transport {
    match transport {
        Transport::Udp => rsipstack::sip::Transport::Udp,
        Transport::Tcp => rsipstack::sip::Transport::Tcp,
        Transport::Tls => rsipstack::sip::Transport::Tls,
    }
}
