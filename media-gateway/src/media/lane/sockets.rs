//! A media thread's sockets: which have something, and taking it.
//!
//! Readiness comes from the system edge-triggered, once a tick for all sockets together, so that thousands of silent
//! sockets cost nothing. A socket is read until it is empty; a flood is read away but not listened to.

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::time::Duration;

/// Sockets of one port at most; RTP has two.
const EACH: usize = 8;
/// Datagrams that one socket of a port is listened to in a tick: 10 ms of sound is one, or a few after a stall.
const PER_TICK: usize = 64;
/// The same for the socket that browsers share.
const SHARED_PER_TICK: usize = 8192;
/// The socket that browsers share.
const SHARED: Token = Token(usize::MAX);

/// Where a datagram came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// On a port's own socket.
    Own { place: usize, socket: usize },
    /// On the socket that browsers share.
    Shared,
}

/// See the [module](self).
pub(super) struct Sockets {
    poll: Poll,
    events: Events,
    shared: Arc<UdpSocket>,
    /// By place; then by the port's own count.
    own: Vec<Vec<Arc<UdpSocket>>>,
    buffer: Box<[u8; 2048]>,
}

impl Sockets {
    pub(super) fn new(shared: Arc<UdpSocket>) -> io::Result<Self> {
        let poll = Poll::new()?;
        poll.registry().register(&mut SourceFd(&shared.as_raw_fd()), SHARED, Interest::READABLE)?;
        let buffer = Box::new([0; 2048]);
        Ok(Self { poll, events: Events::with_capacity(1024), shared, own: Vec::new(), buffer })
    }

    /// Watches the sockets of the port at a place.
    pub(super) fn watch(&mut self, place: usize, sockets: Vec<Arc<UdpSocket>>) -> io::Result<()> {
        if self.own.len() <= place {
            self.own.resize_with(place + 1, Vec::new);
        }
        for (number, socket) in sockets.iter().take(EACH).enumerate() {
            let token = Token(place * EACH + number);
            self.poll.registry().register(&mut SourceFd(&socket.as_raw_fd()), token, Interest::READABLE)?;
        }
        self.own[place] = sockets;
        Ok(())
    }

    /// Watches them no more.
    pub(super) fn forget(&mut self, place: usize) {
        for socket in self.own.get_mut(place).map(std::mem::take).unwrap_or_default() {
            // It was never watched if watching it failed.
            let _ = self.poll.registry().deregister(&mut SourceFd(&socket.as_raw_fd()));
        }
    }

    /// Hands over all that has come.
    pub(super) fn take(&mut self, mut each: impl FnMut(Where, SocketAddr, &mut [u8])) {
        loop {
            if self.poll.poll(&mut self.events, Some(Duration::ZERO)).is_err() {
                return;
            }
            let mut count = 0;
            for event in &self.events {
                count += 1;
                match event.token() {
                    SHARED => {
                        read(&self.shared, SHARED_PER_TICK, &mut *self.buffer, |from, bytes| {
                            each(Where::Shared, from, bytes);
                        });
                    }
                    Token(number) => {
                        let (place, socket) = (number / EACH, number % EACH);
                        let Some(own) = self.own.get(place).and_then(|own| own.get(socket)) else { continue };
                        read(own, PER_TICK, &mut *self.buffer, |from, bytes| {
                            each(Where::Own { place, socket }, from, bytes);
                        });
                    }
                }
            }
            if count < 1024 {
                return;
            }
        }
    }
}

/// Reads until there is nothing more, which edge-triggering demands; what is beyond the bound is thrown away.
fn read(socket: &UdpSocket, bound: usize, buffer: &mut [u8], mut each: impl FnMut(SocketAddr, &mut [u8])) {
    let mut taken = 0;
    // A sender as fast as we read must not keep the thread here for ever.
    for _ in 0..bound * 16 {
        match socket.recv_from(buffer) {
            Ok((length, from)) => {
                taken += 1;
                if taken <= bound {
                    each(from, &mut buffer[..length]);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            // An ICMP answer to something sent: the next read goes on.
            Err(_) => {}
        }
    }
}
