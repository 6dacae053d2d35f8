//! A peer around which a panic ends.
//!
//! A media thread carries hundreds of calls, and what their far sides send goes through libraries of others. If one of them
//! panics at the words of one far side, that call ends, and the others go on.

use super::event::Failure;
use super::peer::{Datagram, Happening, Heard, Packet, Peer, Wanted};
use super::rtp_media::RtpMedia;
use super::statistics::Statistics;
use bytes::Bytes;
use std::net::UdpSocket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

/// A peer that fails where the one inside panics; that one is not asked again.
pub(super) struct Guarded {
    peer: Box<dyn Peer>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    /// It has panicked, and nobody has been told.
    Broken,
    Told,
}

impl Guarded {
    pub(super) fn around(peer: Box<dyn Peer>) -> Box<dyn Peer> {
        Box::new(Self { peer, state: State::Whole })
    }

    /// What the peer says, or this in place of it.
    fn or<T>(&mut self, otherwise: T, does: impl FnOnce(&mut dyn Peer) -> T) -> T {
        if self.state != State::Whole {
            return otherwise;
        }
        // It may be left half done; nothing looks at it again but to let it go.
        let done = catch_unwind(AssertUnwindSafe(|| does(&mut *self.peer)));
        done.unwrap_or_else(|_| {
            tracing::error!("the protocol of a far side panicked, and its call ends");
            metrics::counter!("tandem_media_panics_total").increment(1);
            self.state = State::Broken;
            otherwise
        })
    }

    /// The same for what is only looked at: a panic there is seen again by the next thing it does.
    fn look<T>(&self, otherwise: T, looks: impl FnOnce(&dyn Peer) -> T) -> T {
        if self.state != State::Whole {
            return otherwise;
        }
        catch_unwind(AssertUnwindSafe(|| looks(&*self.peer))).unwrap_or(otherwise)
    }

    fn tell(&mut self, heard: &mut Heard) {
        if self.state == State::Broken {
            self.state = State::Told;
            heard.happenings.push(Happening::Failed(Failure::Protocol));
        }
    }
}

impl Peer for Guarded {
    fn sockets(&self) -> Vec<Arc<UdpSocket>> {
        self.look(Vec::new(), |peer| peer.sockets())
    }

    fn receive(&mut self, datagram: Datagram<'_>, heard: &mut Heard) {
        self.or((), |peer| peer.receive(datagram, heard));
        self.tell(heard);
    }

    fn tick(&mut self, now: Instant, heard: &mut Heard) {
        self.or((), |peer| peer.tick(now, heard));
        self.tell(heard);
    }

    fn wants(&self) -> Option<Wanted> {
        self.look(None, |peer| peer.wants())
    }

    fn takes_pauses(&self) -> bool {
        self.look(false, |peer| peer.takes_pauses())
    }

    fn send(&mut self, now: Instant, packet: Packet<'_>) {
        self.or((), |peer| peer.send(now, packet));
    }

    fn signal(&mut self, now: Instant, message: Bytes, heard: &mut Heard) {
        self.or((), |peer| peer.signal(now, message, heard));
        self.tell(heard);
    }

    fn agree(&mut self, media: RtpMedia) {
        self.or((), |peer| peer.agree(media));
    }

    fn offer(&mut self, now: Instant, offer: &str, heard: &mut Heard) -> Result<String, String> {
        let refused = Err("this far side's protocol is broken".to_owned());
        let answer = self.or(refused, |peer| peer.offer(now, offer, heard));
        self.tell(heard);
        answer
    }

    fn hurries(&self) -> bool {
        self.look(false, |peer| peer.hurries())
    }

    fn expects_sound(&self) -> bool {
        self.look(false, |peer| peer.expects_sound())
    }

    fn shared_user(&mut self) -> Option<String> {
        self.or(None, |peer| peer.shared_user())
    }

    fn fill(&self, statistics: &mut Statistics) {
        self.look((), |peer| peer.fill(statistics));
    }

    fn close(&mut self, now: Instant) {
        self.or((), |peer| peer.close(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A library that does not expect what it is told.
    struct Fragile;

    impl Peer for Fragile {
        fn sockets(&self) -> Vec<Arc<UdpSocket>> {
            Vec::new()
        }

        fn receive(&mut self, _datagram: Datagram<'_>, heard: &mut Heard) {
            heard.happenings.push(Happening::Connected);
        }

        fn tick(&mut self, _now: Instant, _heard: &mut Heard) {}

        fn wants(&self) -> Option<Wanted> {
            None
        }

        fn send(&mut self, _now: Instant, _packet: Packet<'_>) {}

        fn signal(&mut self, _now: Instant, message: Bytes, _heard: &mut Heard) {
            assert_ne!(message, "unheard of", "nobody says so");
        }

        fn expects_sound(&self) -> bool {
            true
        }

        fn fill(&self, _statistics: &mut Statistics) {}

        fn close(&mut self, _now: Instant) {}
    }

    fn receives(peer: &mut dyn Peer, now: Instant) -> Heard {
        let mut heard = Heard::default();
        let from = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
        peer.receive(Datagram { now, came: now, socket: 0, from, bytes: &mut [] }, &mut heard);
        heard
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "some moment, for a peer that does not look at it")]
    fn a_panic_fails_the_call_once_and_the_peer_is_left_alone_from_then_on() {
        let (now, mut heard) = (Instant::now(), Heard::default());
        let mut peer = Guarded::around(Box::new(Fragile));
        peer.signal(now, Bytes::from("usual"), &mut heard);
        assert!(heard.happenings.is_empty() && peer.expects_sound());

        peer.signal(now, Bytes::from("unheard of"), &mut heard);
        assert!(matches!(heard.happenings[..], [Happening::Failed(Failure::Protocol)]), "{heard:?}");
        assert!(!peer.expects_sound());
        assert!(receives(&mut *peer, now).happenings.is_empty(), "it would have connected");
    }
}
