//! Sockets of the shell that come and go while a call lasts.

use super::Transport;
use std::net::SocketAddr;
use std::time::Instant;
use str0m::Candidate;
use str0m::net::Protocol;

/// As many sockets are taken in one call, those that have gone counted: a network that changes this often is none.
const MAX_LOCALS: usize = 64;

impl Transport {
    /// Begins to use a local socket; returns how the far side is to be told, if it may know.
    pub(crate) fn add_local(&mut self, socket: SocketAddr, now: Instant) -> Option<String> {
        if self.local.contains(&socket) || self.locals >= MAX_LOCALS {
            return None;
        }
        self.locals += 1;
        self.local.push(socket);
        self.relays.add_local(socket, now);
        self.allocations.add_local(socket);
        if !self.p2p {
            return None;
        }
        self.questions.add_local(socket, now);
        let candidate = Candidate::host(socket, Protocol::Udp).ok()?;
        self.add_candidate(candidate)
    }

    /// Uses a local socket no more. What went through it to relays goes through another of its family.
    pub(crate) fn remove_local(&mut self, socket: SocketAddr, now: Instant) {
        self.local.retain(|it| *it != socket);
        self.questions.remove_local(socket);
        self.relays.remove_local(socket);
        self.allocations.remove_local(socket);
        let Self { told, relays, rtc, .. } = self;
        // A port behind a reflector keeps its name there, whichever socket it is reached by.
        for candidate in told.extract_if(.., |it| it.local() == socket && !relays.is_own(it.addr())) {
            rtc.direct_api().invalidate_candidate(&candidate);
        }
        for other in self.local.clone() {
            self.relays.add_local(other, now);
            self.allocations.add_local(other);
        }
    }

    /// Seeks the far side anew where that can be done without it: relays are greeted, since our address may have changed
    /// on the way to them.
    pub(crate) fn seek(&mut self, now: Instant) {
        self.relays.greet(now);
    }

    /// The far side may reach us at one more address; returns how it is to be told.
    pub(super) fn add_candidate(&mut self, candidate: Candidate) -> Option<String> {
        let line = self.rtc.add_local_candidate(candidate.clone()).map(Candidate::to_sdp_string)?;
        self.told.push(candidate);
        Some(line)
    }
}
