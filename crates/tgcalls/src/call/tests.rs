//! Whole calls between two ends of ours, over a simulated network, in simulated time.
//!
//! The network, the keys, the credentials of ICE and all that is said come from a seed. `str0m` and `sctp-proto` draw tags,
//! transaction ids and certificates by themselves, so two runs of a seed are alike and not the same.

mod hostile;
mod shown;
mod world;

use super::*;
use crate::version::Signalling;
use world::{Network, World};

#[test]
fn two_ends_hear_each_other_in_every_version() {
    for signalling in [Signalling::V2, Signalling::V3] {
        let mut world = World::new(1, signalling, Network::perfect());
        world.run(Duration::from_secs(4));
        for (name, end) in ["caller", "callee"].iter().zip(&world.ends) {
            assert!(end.connected_after.is_some_and(|it| it < Duration::from_millis(800)), "{name} {end:?}");
            assert!(end.heard > 140, "{name} heard {} packets with {signalling:?}", end.heard);
            assert_eq!(end.failures, []);
        }
    }
}

#[test]
fn a_bad_signalling_channel_delays_a_call_and_no_more() {
    for seed in 0..12 {
        let network = Network { signal_loss: 0.3, signal_doubling: 0.2, jitter: 15, ..Network::perfect() };
        let mut world = World::new(seed, Signalling::V2, network);
        world.run(Duration::from_secs(15));
        assert!(world.ends.iter().all(|end| end.heard > 20), "seed {seed}: {:?}", world.ends);
    }
}

#[test]
fn a_bad_signalling_channel_delays_a_call_over_sctp_and_no_more() {
    for seed in 0..12 {
        let network = Network { signal_loss: 0.2, signal_doubling: 0.2, jitter: 15, ..Network::perfect() };
        let mut world = World::new(seed, Signalling::V3, network);
        world.run(Duration::from_secs(18));
        assert!(world.ends.iter().all(|end| end.heard > 20), "seed {seed}: {:?}", world.ends);
    }
}

#[test]
fn a_far_side_that_comes_late_is_waited_for() {
    for signalling in [Signalling::V2, Signalling::V3] {
        for late in [0, 1] {
            let mut world = World::new(13, signalling, Network::perfect());
            world.sleeps(late, Duration::from_secs(9));
            world.run(Duration::from_secs(15));
            let heard = world.hears_within(Duration::from_secs(2));
            assert!(heard.iter().all(|it| *it >= 90), "{late} late with {signalling:?}: {:?}", world.ends);
            assert!(world.ends.iter().all(|end| end.failures.is_empty()), "{:?}", world.ends);
        }
    }
}

#[test]
fn ten_percent_loss_of_datagrams_does_not_keep_two_ends_apart() {
    for seed in 0..6 {
        let network = Network { media_loss: 0.1, jitter: 15, ..Network::perfect() };
        let mut world = World::new(seed, Signalling::V2, network);
        // DTLS repeats a lost flight after one second, then two, then four.
        for _ in 0..30 {
            world.run(Duration::from_secs(1));
        }
        assert!(world.ends.iter().all(|end| end.heard > 500), "seed {seed}: {:?}", world.ends);
    }
}

#[test]
fn without_peer_to_peer_all_goes_through_the_relay_and_no_address_is_shown() {
    for signalling in [Signalling::V2, Signalling::V3] {
        let mut world = World::relayed(3, signalling);
        world.run(Duration::from_secs(5));
        assert!(world.ends.iter().all(|end| end.heard > 100), "{:?}", world.ends);
        assert_eq!(world.direct_datagrams, 0, "nothing goes past the relay");
        assert_eq!(world.addresses_shown(), [""; 0]);
        assert_eq!(world.candidates_told(), 2, "one port of each end with {signalling:?}");
    }
}

#[test]
fn a_call_without_a_far_side_fails_after_twenty_seconds() {
    let network = Network { signal_loss: 1.0, ..Network::perfect() };
    let mut world = World::new(1, Signalling::V2, network);
    world.run(Duration::from_secs(19));
    assert!(world.ends.iter().all(|end| end.failures.is_empty()));
    world.run(Duration::from_secs(2));
    assert!(world.ends.iter().all(|end| end.failures == [Failure::Timeout]), "{:?}", world.ends);
}

#[test]
fn a_network_that_is_gone_for_some_seconds_interrupts_a_call_and_does_not_end_it() {
    let mut world = World::new(5, Signalling::V2, Network::perfect());
    world.run(Duration::from_secs(3));
    world.network.media_loss = 1.0;
    world.run(Duration::from_secs(12));
    assert!(world.ends.iter().all(|end| end.interrupted > 0 && end.failures.is_empty()), "{:?}", world.ends);
    world.network.media_loss = 0.0;
    let before: Vec<usize> = world.ends.iter().map(|end| end.heard).collect();
    world.run(Duration::from_secs(6));
    for (end, before) in world.ends.iter().zip(before) {
        assert!(end.heard > before + 100, "{end:?}");
    }
}

/// Both ends hear the other again, and all of it, within this time after one of them has moved.
const FOUND_AGAIN: Duration = Duration::from_secs(8);

#[track_caller]
fn hear_each_other_soon_and_wholly(world: &mut World, what: &str) {
    world.run(FOUND_AGAIN);
    let heard = world.hears_within(Duration::from_secs(2));
    assert!(heard.iter().all(|it| *it >= 98), "{what}: {heard:?} {:?}", world.ends);
    assert!(world.ends.iter().all(|end| end.failures.is_empty()), "{what}: {:?}", world.ends);
}

#[test]
fn an_end_that_comes_into_another_network_is_found_again() {
    for (at, signalling) in
        [(0, Signalling::V2), (1, Signalling::V2), (0, Signalling::V3), (1, Signalling::V3)]
    {
        let mut world = World::new(8, signalling, Network::perfect());
        world.run(Duration::from_secs(3));
        for time in ["the first time", "the second time"] {
            world.moves(at);
            hear_each_other_soon_and_wholly(&mut world, &format!("{at} moved {time} with {signalling:?}"));
        }
    }
}

#[test]
fn an_end_whose_address_changes_on_the_way_is_found_again() {
    for at in 0..2 {
        let mut world = World::new(9, Signalling::V2, Network::perfect());
        world.run(Duration::from_secs(3));
        world.is_seen_elsewhere(at);
        hear_each_other_soon_and_wholly(&mut world, &format!("{at}"));
    }
}

#[test]
fn behind_a_reflector_an_end_that_moves_is_found_again_and_shows_no_address() {
    for at in 0..2 {
        let mut world = World::relayed(10, Signalling::V2);
        world.run(Duration::from_secs(3));
        world.moves(at);
        hear_each_other_soon_and_wholly(&mut world, &format!("{at} moved"));
        world.is_seen_elsewhere(at);
        hear_each_other_soon_and_wholly(&mut world, &format!("{at} is seen elsewhere"));
        assert_eq!(world.direct_datagrams, 0);
        assert_eq!(world.addresses_shown(), [""; 0]);
    }
}

#[test]
fn an_end_that_moves_while_the_network_is_gone_is_found_when_it_is_back() {
    for at in 0..2 {
        let mut world = World::new(11, Signalling::V2, Network::perfect());
        world.run(Duration::from_secs(3));
        (world.network.media_loss, world.network.signal_loss) = (1.0, 1.0);
        world.run(Duration::from_secs(4));
        world.moves(at);
        world.run(Duration::from_secs(4));
        world.network = Network::perfect();
        hear_each_other_soon_and_wholly(&mut world, &format!("{at}"));
    }
}

#[test]
fn a_network_that_was_gone_for_ten_seconds_is_used_again_within_two() {
    for relayed in [false, true] {
        let mut world = if relayed {
            World::relayed(12, Signalling::V2)
        } else {
            World::new(12, Signalling::V2, Network::perfect())
        };
        world.run(Duration::from_secs(3));
        world.network.media_loss = 1.0;
        world.run(Duration::from_secs(10));
        world.network.media_loss = 0.0;
        world.run(Duration::from_secs(2));
        let heard = world.hears_within(Duration::from_secs(1));
        assert!(heard.iter().all(|it| *it >= 49), "relayed {relayed}: {heard:?}");
    }
}

#[test]
fn the_far_side_is_told_of_a_microphone_that_is_off() {
    let mut world = World::new(2, Signalling::V2, Network::perfect());
    world.run(Duration::from_secs(2));
    world.mute(0);
    world.run(Duration::from_secs(1));
    assert_eq!(world.ends[1].far_muted, Some(true));
}

#[test]
fn an_end_that_says_good_bye_is_known_to_be_gone_at_once() {
    let mut world = World::new(6, Signalling::V2, Network::perfect());
    world.run(Duration::from_secs(2));
    world.close(0);
    world.run(Duration::from_millis(100));
    assert_eq!(world.ends[1].failures, [Failure::Closed]);
    assert_eq!(world.ends[0].failures, [], "whoever hangs up knows");
}

#[test]
fn each_end_learns_how_it_is_heard_and_how_far_the_other_is() {
    let network = Network { media_loss: 0.1, ..Network::perfect() };
    let mut world = World::new(7, Signalling::V2, network);
    world.run(Duration::from_secs(20));
    for at in 0..2 {
        let quality = world.quality(at);
        assert!(quality.loss_reported > 0.01 && quality.loss_reported < 0.4, "{quality:?}");
        let round_trip = quality.round_trip.expect("measured");
        assert!(
            round_trip > Duration::from_millis(15) && round_trip < Duration::from_millis(60),
            "{quality:?}"
        );
    }
}

#[test]
fn hostile_input_is_taken_without_harm() {
    use rand::Rng as _;
    let mut world = World::new(4, Signalling::V2, Network::perfect());
    world.run(Duration::from_secs(2));
    let mut random = StdRng::seed_from_u64(4);
    for _ in 0..2_000 {
        let length = random.random_range(0..200);
        let bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
        world.throw(&bytes);
    }
    let before = world.ends[0].heard;
    world.run(Duration::from_secs(2));
    assert!(world.ends[0].heard > before + 80, "the call goes on");
}
