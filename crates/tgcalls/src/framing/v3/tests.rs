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

fn pair() -> [V3; 2] {
    let key = CallKey::new([42; 256]);
    [V3::new(key.clone(), Role::Caller), V3::new(key, Role::Callee)]
}

/// Passes packets without loss until there are none.
fn settle(sides: &mut [V3; 2], now: Instant) {
    sides.iter_mut().for_each(|side| side.handle_timeout(now));
    for from in [0, 1].into_iter().cycle().take(20) {
        while let Some(packet) = sides[from].poll_transmit() {
            sides[1 - from].receive(&packet, now).1.expect("a packet of the far side");
        }
    }
}

/// Two sides whose association is up, and what the caller's first message came in.
fn connected(now: Instant) -> ([V3; 2], Vec<u8>) {
    let mut sides = pair();
    settle(&mut sides, now);
    assert!(sides.iter().all(V3::is_up));
    sides[0].send(b"first", now).expect("short");
    let first = sides[0].poll_transmit().expect("a packet");
    assert_eq!(first[12], 0, "a DATA chunk");
    assert_eq!(sides[1].receive(&first, now).0, [b"first"]);
    settle(&mut sides, now);
    (sides, first)
}

/// One packet with as many messages, which go on where the packet `first` has ended (RFC 9260, 3.3.1).
fn crowded(first: &[u8], messages: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let tsn = u32::from_be_bytes([first[16], first[17], first[18], first[19]]);
    let mut packet = first[..12].to_vec();
    for (message, number) in messages.into_iter().zip(1_u16..) {
        let plaintext = [&[0, 0, 0, 0][..], &message].concat();
        let payload = packet::seal(&CallKey::new([42; 256]), Role::Caller, &plaintext);
        packet.extend([0, 3]);
        packet.extend(u16::try_from(payload.len() + 16).expect("short").to_be_bytes());
        packet.extend(tsn.wrapping_add(u32::from(number)).to_be_bytes());
        packet.extend([0, 0]);
        packet.extend(number.to_be_bytes());
        packet.extend(53_u32.to_be_bytes());
        packet.extend(&payload);
        packet.resize(packet.len().next_multiple_of(4), 0);
    }
    mend(&mut packet);
    packet
}

/// The checksum of an SCTP packet: CRC32c over the packet with zeros in its place (RFC 9260, appendix A).
fn mend(packet: &mut [u8]) {
    packet[8..12].fill(0);
    let crc = packet.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    });
    packet[8..12].copy_from_slice(&(!crc).to_le_bytes());
}

#[test]
fn many_packed_messages_of_one_packet_may_not_grow_beyond_what_one_may() {
    let now = start();
    let ([_, mut callee], first) = connected(now);
    let bomb = gzip::pack(&vec![b' '; MAX_UNPACKED - 1]);
    let (fresh, done) = callee.receive(&crowded(&first, vec![bomb; 100]), now);
    assert_eq!((fresh.len(), done), (1, Err(BadFrame::TooLong)));
}

#[test]
fn of_a_packet_full_of_tiny_messages_the_first_are_read_and_the_others_later() {
    let now = start();
    let ([mut caller, mut callee], first) = connected(now);
    let texts = (0..1_000_u32).map(|number| gzip::pack(number.to_string().as_bytes()));
    let packet = crowded(&first, texts);
    let mut got = Vec::new();
    for _ in 0..4 {
        let (fresh, done) = callee.receive(&packet, now);
        assert_eq!((fresh.len() <= MAX_READ, done), (true, Ok(())));
        got.extend(fresh);
    }
    let all: Vec<Vec<u8>> = (0..1_000_u32).map(|number| number.to_string().into_bytes()).collect();
    assert_eq!(got, all);
    while let Some(packet) = callee.poll_transmit() {
        caller.receive(&packet, now).1.expect("an acknowledgement of what it never sent does no harm");
    }
}

#[test]
fn one_message_that_can_t_be_read_does_not_cost_the_next() {
    let now = start();
    let ([_, mut callee], first) = connected(now);
    let packet = crowded(&first, [vec![0x1f, 0x8b, 0, 0], gzip::pack(b"second")]);
    assert_eq!(callee.receive(&packet, now), (vec![b"second".to_vec()], Err(BadFrame::Malformed)));
}

#[test]
fn a_packet_that_is_too_long_is_not_looked_at() {
    let packet = vec![0; packet::MAX_PACKET + 1];
    let refused = Err(BadFrame::Packet(packet::BadPacket::Size(packet.len())));
    assert_eq!(pair()[1].receive(&packet, start()), (Vec::new(), refused));
}

/// How many of a hundred far sides that say INIT get an answer.
fn answered(callee: &mut V3, now: Instant) -> usize {
    while callee.poll_transmit().is_some() {}
    let says = |_| {
        let mut other = V3::new(CallKey::new([7; 256]), Role::Caller);
        other.handle_timeout(now);
        let init = other.poll_transmit().expect("an INIT");
        callee.receive(&init, now).1.expect("it is let go in silence");
        std::iter::from_fn(|| callee.poll_transmit()).any(|it| it.get(12) == Some(&INIT_ACK))
    };
    (0..100).map(says).filter(|was_answered| *was_answered).count()
}

const INIT_ACK: u8 = 2;

#[test]
fn who_begins_again_and_again_is_soon_not_answered() {
    let [_, mut callee] = pair();
    assert_eq!(answered(&mut callee, start()), MAX_BEGUN);
}

#[test]
fn nobody_can_begin_anew_what_is_up() {
    let now = start();
    let (mut sides, _) = connected(now);
    assert_eq!(answered(&mut sides[1], now), 0);
    sides[0].send(b"more", now).expect("short");
    let packet = sides[0].poll_transmit().expect("a packet");
    assert_eq!(sides[1].receive(&packet, now), (vec![b"more".to_vec()], Ok(())));
}
