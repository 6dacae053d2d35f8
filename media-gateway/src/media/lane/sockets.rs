//! A media thread's sockets: which have something, and taking it.
//!
//! Readiness comes from the system edge-triggered, for all sockets together, so that thousands of silent sockets cost
//! nothing. A socket is read until it is empty; a flood is read away but not listened to. All are read when a port is due;
//! the *keen* ones, where a path is sought or first sound awaited, also wake the thread.

use super::arrival::{self, Room};
use crate::media::clock::wall;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Sockets of one port at most; RTP has two.
const EACH: usize = 8;
/// Datagrams that one socket of a port is listened to at once: a frame of sound is one, or a few after a stall.
const AT_ONCE: usize = 64;
/// The same for the socket that browsers share.
const SHARED_AT_ONCE: usize = 8192;
/// The socket that browsers share.
const SHARED: Token = Token(usize::MAX);
/// Commands have come.
const BELL: Token = Token(usize::MAX - 1);

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
    /// By place.
    own: Vec<Own>,
    /// What wakes the thread.
    keen: Poll,
    /// How many places are keen.
    keen_places: usize,
    last: Instant,
    buffer: Box<[u8; 2048]>,
    room: Room,
}

/// The sockets of the port at a place, by the port's own count.
#[derive(Default)]
struct Own {
    sockets: Vec<Arc<UdpSocket>>,
    is_keen: bool,
}

impl Sockets {
    pub(super) fn new(shared: Arc<UdpSocket>, now: Instant) -> io::Result<(Self, Waker)> {
        let (poll, keen) = (Poll::new()?, Poll::new()?);
        poll.registry().register(&mut SourceFd(&shared.as_raw_fd()), SHARED, Interest::READABLE)?;
        arrival::stamp(&shared);
        let bell = Waker::new(keen.registry(), BELL)?;
        let sockets = Self {
            poll,
            events: Events::with_capacity(1024),
            shared,
            own: Vec::new(),
            keen,
            keen_places: 0,
            last: now,
            buffer: Box::new([0; 2048]),
            room: Room::new(),
        };
        Ok((sockets, bell))
    }

    /// Watches the sockets of the port at a place.
    pub(super) fn watch(&mut self, place: usize, sockets: Vec<Arc<UdpSocket>>) -> io::Result<()> {
        if self.own.len() <= place {
            self.own.resize_with(place + 1, Own::default);
        }
        sockets.iter().for_each(|socket| arrival::stamp(socket));
        register(self.poll.registry(), place, &sockets)?;
        self.own[place] = Own { sockets, is_keen: false };
        Ok(())
    }

    /// Watches them no more.
    pub(super) fn forget(&mut self, place: usize) {
        self.set_keen(place, false);
        let own = self.own.get_mut(place).map(std::mem::take).unwrap_or_default();
        deregister(self.poll.registry(), &own.sockets);
    }

    /// Whether what comes for the port at a place shall wake the thread. Those that share a socket can't.
    pub(super) fn set_keen(&mut self, place: usize, is_keen: bool) {
        let Some(own) = self.own.get_mut(place) else { return };
        if own.sockets.is_empty() || own.is_keen == is_keen {
            return;
        }
        own.is_keen = is_keen;
        if is_keen {
            self.keen_places += 1;
            if let Err(error) = register(self.keen.registry(), place, &own.sockets) {
                tracing::debug!(%error, "a path is sought at the pace of frames");
            }
        } else {
            self.keen_places -= 1;
            deregister(self.keen.registry(), &own.sockets);
        }
    }

    /// Whether what comes for the port at a place wakes the thread.
    pub(super) fn wakes(&self, place: usize) -> bool {
        self.own.get(place).is_some_and(|own| own.is_keen)
    }

    /// Whether any socket wakes the thread: then [`Sockets::wait`] is the way to sleep.
    pub(super) fn is_keen(&self) -> bool {
        self.keen_places > 0
    }

    /// Sleeps until a keen socket has something, or a command has come, for so many whole milliseconds at most.
    pub(super) fn wait(&mut self, time: Duration) {
        // What woke it is seen by whoever reads next.
        let _ = self.keen.poll(&mut self.events, Some(time));
    }

    /// Hands over all that has come, and when it came.
    pub(super) fn take(&mut self, now: Instant, mut each: impl FnMut(Where, SocketAddr, Instant, &mut [u8])) {
        let (since, today) = (std::mem::replace(&mut self.last, now), wall());
        // Since it was not there the last time, it came after that.
        let came = |stamp: Option<Duration>| {
            let age = stamp.map_or(Duration::ZERO, |stamp| today.saturating_sub(stamp));
            now.checked_sub(age).map_or(since, |at| at.max(since))
        };
        let Self { poll, events, shared, own, buffer, room, .. } = self;
        loop {
            if poll.poll(events, Some(Duration::ZERO)).is_err() {
                return;
            }
            let mut count = 0;
            for event in &*events {
                count += 1;
                let (place, socket, bound) = match event.token() {
                    SHARED => (Where::Shared, &*shared, SHARED_AT_ONCE),
                    Token(number) => {
                        let (place, socket) = (number / EACH, number % EACH);
                        let found = own.get(place).and_then(|own| own.sockets.get(socket));
                        let Some(found) = found else { continue };
                        (Where::Own { place, socket }, found, AT_ONCE)
                    }
                };
                read(socket, bound, &mut **buffer, room, |from, stamp, bytes| {
                    each(place, from, came(stamp), bytes);
                });
            }
            if count < 1024 {
                return;
            }
        }
    }
}

fn register(registry: &Registry, place: usize, sockets: &[Arc<UdpSocket>]) -> io::Result<()> {
    for (number, socket) in sockets.iter().take(EACH).enumerate() {
        let token = Token(place * EACH + number);
        registry.register(&mut SourceFd(&socket.as_raw_fd()), token, Interest::READABLE)?;
    }
    Ok(())
}

fn deregister(registry: &Registry, sockets: &[Arc<UdpSocket>]) {
    for socket in sockets {
        // It was never watched if watching it failed.
        let _ = registry.deregister(&mut SourceFd(&socket.as_raw_fd()));
    }
}

/// Reads until there is nothing more, which edge-triggering demands; what is beyond the bound is thrown away.
fn read(
    socket: &UdpSocket,
    bound: usize,
    buffer: &mut [u8],
    room: &mut Room,
    mut each: impl FnMut(SocketAddr, Option<Duration>, &mut [u8]),
) {
    let mut taken = 0;
    // A sender as fast as we read must not keep the thread here for ever.
    for _ in 0..bound * 16 {
        match arrival::take(socket, buffer, room) {
            Ok((length, from, stamp)) => {
                taken += 1;
                if taken <= bound {
                    each(from, stamp, &mut buffer[..length]);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            // An ICMP answer to something sent: the next read goes on.
            Err(_) => {}
        }
    }
}
