//! Symmetric RTP with guarded latching: where to send, when the far side sits behind a NAT (RFC 4961, RFC 7362).
//!
//! SDP says where the far side believes it listens. The first believable packet shows where it truly is, and packets go
//! there from then on. Whoever guesses our port must not be able to steal a call by one datagram, so a *change* of
//! source is believed only when the old one has been silent, or when the source in SDP takes over, and not often.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A source must be silent for this long before another one is believed.
const SILENCE: Duration = Duration::from_millis(1500);
/// Packets that another source has to send, in order, before it is believed.
const STEADY: u8 = 5;
/// At most one change in this time.
const PAUSE: Duration = Duration::from_secs(5);

/// Where packets of one kind (RTP or RTCP) go, and whose packets are taken.
#[derive(Debug)]
pub(crate) struct Latch {
    told: Option<SocketAddr>,
    latched: Option<Source>,
    candidate: Option<Candidate>,
    changed: Option<Instant>,
}

#[derive(Debug)]
struct Source {
    address: SocketAddr,
    last: Instant,
}

#[derive(Debug)]
struct Candidate {
    address: SocketAddr,
    stream: u32,
    steady: u8,
}

impl Latch {
    /// Nothing told, nothing seen.
    pub(crate) const fn new() -> Self {
        Self { told: None, latched: None, candidate: None, changed: None }
    }

    /// SDP told an address. A new one starts over: the far side moved its media on purpose.
    pub(crate) fn told(&mut self, address: SocketAddr) {
        if self.told != Some(address) {
            *self = Self { told: Some(address), ..Self::new() };
        }
    }

    /// Where to send.
    pub(crate) fn target(&self) -> Option<SocketAddr> {
        self.latched.as_ref().map(|source| source.address).or(self.told).filter(|address| address.port() != 0)
    }

    /// A packet of `stream` (its SSRC) came, and is authentic as far as that can be told. Is it the far side's?
    pub(crate) fn accepts(&mut self, from: SocketAddr, stream: u32, now: Instant) -> bool {
        let Some(latched) = &mut self.latched else {
            self.latched = Some(Source { address: from, last: now });
            return true;
        };
        if latched.address == from {
            latched.last = now;
            // The candidate of SDP goes on counting, or a stranger who was first could hold the call for ever.
            if self.candidate.as_ref().is_some_and(|candidate| self.told != Some(candidate.address)) {
                self.candidate = None;
            }
            return true;
        }
        let silent = now.saturating_duration_since(latched.last) >= SILENCE;
        let rested = self.changed.is_none_or(|at| now.saturating_duration_since(at) >= PAUSE);
        // The address in SDP speaks for itself, even while whoever was first goes on sending.
        let believable = silent || self.told == Some(from);
        if !(believable && rested && self.is_steady(from, stream)) {
            return false;
        }
        self.latched = Some(Source { address: from, last: now });
        self.candidate = None;
        self.changed = Some(now);
        true
    }

    fn is_steady(&mut self, address: SocketAddr, stream: u32) -> bool {
        let steady = match &self.candidate {
            Some(before) if before.address == address && before.stream == stream => before.steady + 1,
            Some(_) | None => 1,
        };
        self.candidate = Some(Candidate { address, stream, steady: steady.min(STEADY) });
        steady >= STEADY
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::now;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn told(port: u16) -> Latch {
        let mut latch = Latch::new();
        latch.told(address(port));
        latch
    }

    #[test]
    fn before_any_packet_sound_goes_where_sdp_says() {
        assert_eq!(told(4000).target(), Some(address(4000)));
        assert_eq!(told(0).target(), None, "port 0 is a refused stream");
    }

    #[test]
    fn the_first_packet_shows_where_the_far_side_is() {
        let mut latch = told(4000);
        assert!(latch.accepts(address(6000), 1, now()));
        assert_eq!(latch.target(), Some(address(6000)));
    }

    #[test]
    fn a_stranger_cannot_take_a_call_that_is_heard() {
        let (mut latch, start) = (told(4000), now());
        for packet in 0..500 {
            let at = start + Duration::from_millis(20) * packet;
            assert!(latch.accepts(address(6000), 1, at));
            assert!(!latch.accepts(address(7000), 2, at));
        }
        assert_eq!(latch.target(), Some(address(6000)));
    }

    #[test]
    fn a_far_side_whose_nat_changed_is_found_again() {
        let (mut latch, start) = (told(4000), now());
        assert!(latch.accepts(address(6000), 1, start));
        let later = start + Duration::from_secs(2);
        let heard = (0..10).filter(|_| latch.accepts(address(6001), 1, later)).count();
        assert_eq!(heard, 6, "believed at its fifth packet");
        assert_eq!(latch.target(), Some(address(6001)));
    }

    #[test]
    fn many_streams_from_many_places_do_not_move_it() {
        let (mut latch, start) = (told(4000), now());
        assert!(latch.accepts(address(6000), 1, start));
        let later = start + Duration::from_secs(2);
        for storm in 0..1000 {
            assert!(!latch.accepts(address(7000 + (storm % 7) as u16), storm, later));
        }
        assert_eq!(latch.target(), Some(address(6000)));
    }

    #[test]
    fn the_address_in_sdp_wins_over_whoever_was_first() {
        let (mut latch, start) = (told(4000), now());
        assert!(latch.accepts(address(6666), 9, start));
        let mut heard = 0;
        for packet in 1..=10 {
            let at = start + Duration::from_millis(20) * packet;
            latch.accepts(address(6666), 9, at);
            heard += u32::from(latch.accepts(address(4000), 1, at));
        }
        assert_eq!(heard, 6, "believed at its fifth packet");
        assert_eq!(latch.target(), Some(address(4000)));
    }

    #[test]
    fn it_does_not_change_often() {
        let (mut latch, start) = (told(4000), now());
        assert!(latch.accepts(address(6000), 1, start));
        let later = start + Duration::from_secs(2);
        (0..5).for_each(|_| {
            latch.accepts(address(6001), 1, later);
        });
        let again = later + Duration::from_secs(2);
        assert!((0..20).all(|_| !latch.accepts(address(6002), 1, again)));
        let rested = later + Duration::from_secs(6);
        assert!((0..20).any(|_| latch.accepts(address(6002), 1, rested)));
    }

    #[test]
    fn a_new_address_in_sdp_starts_over() {
        let (mut latch, start) = (told(4000), now());
        assert!(latch.accepts(address(6000), 1, start));
        latch.told(address(4000));
        assert_eq!(latch.target(), Some(address(6000)), "the same address again changes nothing");
        latch.told(address(5000));
        assert_eq!(latch.target(), Some(address(5000)));
    }
}
