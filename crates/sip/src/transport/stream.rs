//! TCP and TLS connections: one reader and one writer each, closed when they fall silent or cannot be understood.

use super::Surroundings;
use super::door::Entry;
use super::flow::{Flow, destination};
use super::frame::{self, Frame};
use super::udp::{PING, PONG};
use crate::account::Transport;
use crate::call::Hop;
use bytes::BytesMut;
use rsipstack::transport::connection::TransportEvent;
use rsipstack::transport::{SipConnection, channel::ChannelConnection};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// Messages waiting for one connection. A peer that reads this slowly makes its own calls wait, nobody else's.
const OUTBOX: usize = 256;
/// Keepalives and refusals waiting to be answered without a transaction.
const ANSWERS: usize = 8;
/// A connection that says nothing for so long, not even a keepalive, is closed.
const IDLE: Duration = Duration::from_secs(600);
/// How long a client may take for its TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that peers may hold open to us. Past this new ones are closed at once.
const INBOUND: usize = 8192;

pub(super) async fn bind(
    addresses: impl Iterator<Item = SocketAddr>,
) -> io::Result<Vec<(TcpListener, SocketAddr)>> {
    let mut bound = Vec::new();
    for address in addresses {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        bound.push((listener, address));
    }
    Ok(bound)
}

pub(super) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let io = TcpStream::connect(address).await?;
    io.set_nodelay(true)?;
    Ok(io)
}

pub(super) fn listen(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    around: &Surroundings,
    inbound: &Arc<Mutex<HashMap<Hop, Flow>>>,
) {
    let (around, inbound) = (around.clone(), Arc::clone(inbound));
    around.tracker.clone().spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = around.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            // Out of descriptors, or a peer that left before it was accepted: neither is the listener's end.
            let Ok((io, peer)) = accepted else {
                tokio::task::yield_now().await;
                continue;
            };
            if !around.door.hears(peer.ip()) {
                continue;
            }
            if inbound.lock().unwrap_or_else(PoisonError::into_inner).len() >= INBOUND {
                continue;
            }
            let (tls, around, inbound) = (tls.clone(), around.clone(), Arc::clone(&inbound));
            around.tracker.clone().spawn(async move { accept(io, peer, tls, around, inbound).await });
        }
    });
}

async fn accept(
    io: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    around: Surroundings,
    inbound: Arc<Mutex<HashMap<Hop, Flow>>>,
) {
    let Ok(local) = io.local_addr() else { return };
    let _ = io.set_nodelay(true);
    let flow = match tls {
        None => attach(io, local, Hop { address: peer, transport: Transport::Tcp }, &around),
        Some(acceptor) => {
            let Ok(Ok(io)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(io)).await else { return };
            attach(io, local, Hop { address: peer, transport: Transport::Tls }, &around)
        }
    };
    let hop = flow.hop();
    inbound.lock().unwrap_or_else(PoisonError::into_inner).insert(hop, flow.clone());
    flow.broken().await;
    inbound.lock().unwrap_or_else(PoisonError::into_inner).remove(&hop);
}

/// Makes a way of a connection and begins to read and write.
pub(super) fn attach<S>(io: S, local: SocketAddr, hop: Hop, around: &Surroundings) -> Flow
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let broken = around.stop.child_token();
    let (outbox, outgoing) = mpsc::channel(OUTBOX);
    let (raw, answers) = mpsc::channel(ANSWERS);
    let connection = SipConnection::Channel(channel(outbox, hop, &broken));
    let port = match hop.transport {
        Transport::Tls => around.tls_port,
        Transport::Tcp | Transport::Udp => around.tcp_port,
    };
    let advertised = SocketAddr::new(around.public.unwrap_or(local.ip()), port.unwrap_or(local.port()));
    let flow = Flow::new(hop, advertised, connection, broken.clone());
    let (reading, writing) = tokio::io::split(io);
    let (inside, way, end) = (around.clone(), flow.clone(), broken.clone());
    around.tracker.spawn(async move {
        let _close = end.clone().drop_guard();
        tokio::select! {
            () = end.cancelled() => (),
            () = read(reading, way, raw, inside) => (),
        }
    });
    let keepalive = around.keepalive;
    around.tracker.spawn(async move {
        let _close = broken.clone().drop_guard();
        write(writing, outgoing, answers, keepalive, broken.clone()).await;
    });
    flow
}

#[expect(
    clippy::disallowed_methods,
    reason = "the stack's type wants a receiver; nothing is ever sent to it"
)]
fn channel(outbox: mpsc::Sender<TransportEvent>, hop: Hop, broken: &CancellationToken) -> ChannelConnection {
    let (_, nothing) = mpsc::unbounded_channel();
    let made =
        ChannelConnection::create_connection_bounded(nothing, outbox, destination(hop), Some(broken.clone()));
    match futures_now(made) {
        Some(Ok(connection)) => connection,
        Some(Err(_)) | None => unreachable!("the stack only wraps its arguments"),
    }
}

/// Runs a future that has nothing to wait for.
fn futures_now<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

async fn read<S: AsyncRead>(
    mut io: ReadHalf<S>,
    flow: Flow,
    raw: mpsc::Sender<Vec<u8>>,
    inside: Surroundings,
) {
    let mut buffer = BytesMut::with_capacity(4096);
    loop {
        loop {
            match frame::next(&mut buffer) {
                Ok(Some(Frame::Message(bytes))) => match inside.door.look(&bytes, flow.clone()) {
                    Entry::Come(arrival) => {
                        if inside.arrivals.send(*arrival).await.is_err() {
                            return;
                        }
                    }
                    Entry::Stay => (),
                    // A peer that sends nonsense faster than it reads gets fewer answers.
                    Entry::Answer(answer) => drop(raw.try_send(answer)),
                },
                Ok(Some(Frame::Ping)) => drop(raw.try_send(PONG.to_vec())),
                Ok(None) => break,
                Err(frame::Unreadable) => return,
            }
        }
        match tokio::time::timeout(IDLE, io.read_buf(&mut buffer)).await {
            Ok(Ok(1..)) => (),
            Ok(Ok(0)) | Ok(Err(_)) | Err(_) => return,
        }
    }
}

async fn write<S: AsyncWrite>(
    mut io: WriteHalf<S>,
    mut outgoing: mpsc::Receiver<TransportEvent>,
    mut answers: mpsc::Receiver<Vec<u8>>,
    keepalive: Duration,
    broken: CancellationToken,
) {
    let mut ping = tokio::time::interval(keepalive.max(Duration::from_secs(1)));
    ping.tick().await;
    loop {
        let written = tokio::select! {
            () = broken.cancelled() => break,
            Some(event) = outgoing.recv() => match event {
                TransportEvent::Incoming(message, ..) => io.write_all(&message.to_bytes()).await,
                TransportEvent::New(_) | TransportEvent::Closed(_) => Ok(()),
            },
            Some(answer) = answers.recv() => io.write_all(&answer).await,
            _ = ping.tick() => io.write_all(PING).await,
        };
        let flushed = match written {
            Ok(()) => io.flush().await,
            Err(e) => Err(e),
        };
        if flushed.is_err() {
            return;
        }
    }
    // What was handed over before the end is still sent: a BYE, a REGISTER that signs off.
    while let Ok(TransportEvent::Incoming(message, ..)) = outgoing.try_recv() {
        if io.write_all(&message.to_bytes()).await.is_err() {
            return;
        }
    }
    let _ = io.shutdown().await;
}
