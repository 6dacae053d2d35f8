//! Calls with the unmodified `ntgcalls` library at the other end, in a process of its own: both roles, every version,
//! directly and through a reflector, over signalling that loses packets. Sound is found by its frequency at both ends.
//!
//! The Python that has the library stands in `TANDEM_TEST_NTGCALLS`; without it the tests say so and pass, unless
//! `REQUIRE_CLIENTS=1`. The library gathers candidates only on interfaces that are not loopback; one with any address is
//! enough, and nothing leaves the machine:
//!
//! ```text
//! ip link add v0 type veth peer name v1; ip addr add 10.99.0.1/24 dev v0; ip link set v0 up; ip link set v1 up
//! ```
#![expect(
    clippy::disallowed_methods,
    reason = "the library at the other end runs by the wall clock, and sound is sent by it"
)]

mod peer;
mod reflector;
mod shell;
mod turn;

use peer::{Peer, Want};
use shell::{Heard, Losses, Shell};
use tgcalls::key::Role;
use tgcalls::version::Signalling;

/// What we speak, and what the library speaks, in Hz.
const OURS: f64 = 880.0;
const THEIRS: f64 = 440.0;

/// How well the two ends heard each other.
struct Call {
    we_heard: Heard,
    they_heard: peer::Heard,
}

fn call(want: &Want, losses: Losses) -> Option<Call> {
    let mut peer = Peer::start(want)?;
    let shell = Shell::new(want, peer.key, losses);
    let we_heard = shell.run(&mut peer, want.seconds);
    Some(Call { we_heard, they_heard: peer.result() })
}

#[track_caller]
fn both_hear_each_other(want: &Want, call: &Call) {
    let Call { we_heard, they_heard } = call;
    assert!((we_heard.hz - THEIRS).abs() < 5.0, "{want:?}: we heard {we_heard:?}; they heard {they_heard:?}");
    assert!(they_heard.purity > 0.99, "{want:?}: {they_heard:?}");
    assert!((they_heard.hz - OURS).abs() < 5.0, "{want:?}: they heard {they_heard:?}; we heard {we_heard:?}");
}

#[test]
fn both_ends_hear_each_other_in_either_role_and_every_version() {
    for signalling in [Signalling::V2, Signalling::V3] {
        for role in [Role::Caller, Role::Callee] {
            let want = Want::new(role, signalling);
            let Some(call) = call(&want, Losses::none()) else { return };
            both_hear_each_other(&want, &call);
        }
    }
}

#[test]
fn through_a_reflector_alone_both_ends_hear_each_other() {
    for role in [Role::Caller, Role::Callee] {
        let reflector = reflector::Reflector::start();
        let want = Want { reflector: Some(reflector.port), ..Want::new(role, Signalling::V2) };
        let Some(call) = call(&want, Losses::none()) else { return };
        both_hear_each_other(&want, &call);
        assert!(reflector.forwarded() > 200, "sound went through the reflector");
    }
}

#[test]
fn through_a_turn_server_alone_both_ends_hear_each_other() {
    let Some(server) = turn::TurnServer::start() else { return };
    for role in [Role::Caller, Role::Callee] {
        let want = Want { turn: Some(server.port), ..Want::new(role, Signalling::V2) };
        let Some(call) = call(&want, Losses::none()) else { return };
        both_hear_each_other(&want, &call);
    }
}

#[test]
fn signalling_that_loses_a_third_and_doubles_a_fifth_only_delays_a_call() {
    for (role, seed) in [(Role::Caller, 1), (Role::Callee, 2)] {
        // The library sends again after three to five seconds, and each of four messages may get lost more than once.
        let want = Want { seconds: 24, ..Want::new(role, Signalling::V2) };
        let Some(call) = call(&want, Losses { signals: 0.3, doubled: 0.2, media: 0.0, seed }) else { return };
        both_hear_each_other(&want, &call);
    }
}

#[test]
fn a_tenth_of_the_datagrams_lost_leaves_a_call_that_can_be_understood() {
    for role in [Role::Caller, Role::Callee] {
        let want = Want { seconds: 9, ..Want::new(role, Signalling::V2) };
        let Some(call) = call(&want, Losses { signals: 0.0, doubled: 0.0, media: 0.1, seed: 3 }) else {
            return;
        };
        // The spectrum has a line every 5 Hz, and gaps may move a tone's peak to the next one.
        assert!((call.we_heard.hz - THEIRS).abs() < 5.5, "{:?}", call.we_heard);
        assert!((call.they_heard.hz - OURS).abs() < 5.5, "{:?}", call.they_heard);
    }
}
