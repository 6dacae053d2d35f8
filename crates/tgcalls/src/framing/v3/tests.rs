//! Two sides over a network that loses, doubles and reorders, with time handed in.

use super::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::time::Duration;

#[expect(clippy::disallowed_methods, reason = "a test needs a first instant; all others are counted from it")]
fn start() -> Instant {
    Instant::now()
}

/// What each side got, and after how long all of it was there.
struct Run {
    got: [Vec<String>; 2],
    took: Duration,
}

/// Ten messages each way; each packet is lost or doubled with these chances.
fn run(seed: u64, loss: f64, doubling: f64) -> Run {
    let mut random = StdRng::seed_from_u64(seed);
    let key = CallKey::new([42; 256]);
    let mut sides = [V3::new(key.clone(), Role::Caller), V3::new(key, Role::Callee)];
    let begin = start();
    let mut flying: Vec<(Instant, usize, Vec<u8>)> = Vec::new();
    let mut got = [Vec::new(), Vec::new()];
    for number in 0..10 {
        for side in &mut sides {
            side.send(number.to_string().as_bytes(), begin).expect("short");
        }
    }
    let mut now = begin;
    while now < begin + Duration::from_secs(60) && got.iter().any(|it: &Vec<String>| it.len() < 10) {
        for (from, side) in sides.iter_mut().enumerate() {
            side.handle_timeout(now);
            while let Some(packet) = side.poll_transmit() {
                let copies =
                    usize::from(!random.random_bool(loss)) + usize::from(random.random_bool(doubling));
                for _ in 0..copies {
                    flying.push((
                        now + Duration::from_millis(random.random_range(5..60)),
                        1 - from,
                        packet.clone(),
                    ));
                }
            }
        }
        let landed: Vec<_> = flying.extract_if(.., |(at, ..)| *at <= now).collect();
        for (_, to, packet) in landed {
            let (fresh, done) = sides[to].receive(&packet, now);
            done.expect("a message of the far side");
            got[to].extend(fresh.into_iter().map(|it| String::from_utf8(it).expect("text")));
        }
        now += Duration::from_millis(5);
    }
    Run { got, took: now - begin }
}

fn all() -> Vec<String> {
    (0..10).map(|it| it.to_string()).collect()
}

#[test]
fn messages_arrive_in_order_although_both_sides_begin() {
    let Run { got, took } = run(1, 0.0, 0.0);
    assert_eq!(got, [all(), all()]);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_bad_network_delays_but_loses_nothing() {
    for seed in 0..10 {
        let Run { got, .. } = run(seed, 0.2, 0.2);
        assert_eq!(got, [all(), all()], "seed {seed}");
    }
}

#[test]
fn any_bytes_are_taken_without_harm() {
    let mut side = V3::new(CallKey::new([1; 256]), Role::Callee);
    for length in 0..200 {
        let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at).unwrap_or(0)).collect();
        assert_eq!(side.receive(&bytes, start()), (Vec::new(), Ok(())));
    }
}
