//! Two sides over a network that loses, doubles and reorders, with time handed in.

use super::*;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// A clock that begins somewhere; only differences matter.
#[expect(clippy::disallowed_methods, reason = "a test needs a first instant; all others are counted from it")]
fn start() -> Instant {
    Instant::now()
}

fn pair() -> (V2, V2) {
    let key = CallKey::new([42; 256]);
    (V2::new(key.clone(), Role::Caller), V2::new(key, Role::Callee))
}

/// What arrives over a perfect network at this moment.
fn pass(from: &mut V2, to: &mut V2, now: Instant) -> Vec<String> {
    let mut arrived = Vec::new();
    while let Some(packet) = from.poll_transmit() {
        let (fresh, done) = to.receive(&packet, now);
        done.expect("a packet of the far side");
        arrived.extend(fresh.into_iter().map(|it| String::from_utf8(it).expect("text")));
    }
    arrived
}

#[test]
fn a_message_arrives_and_is_acknowledged_at_once() {
    let (now, (mut caller, mut callee)) = (start(), pair());
    caller.send(b"one", now).expect("short");
    assert!(!caller.is_settled());
    assert_eq!(pass(&mut caller, &mut callee, now), ["one"]);
    assert_eq!(pass(&mut callee, &mut caller, now), [""; 0]);
    assert!(caller.is_settled());
    assert_eq!(caller.poll_timeout(), None, "nothing waits");
}

#[test]
fn a_new_message_travels_behind_all_that_is_unacknowledged() {
    let (now, (mut caller, mut callee)) = (start(), pair());
    caller.send(b"answer", now).expect("short");
    caller.poll_transmit().expect("the packet that is lost");
    caller.send(b"offer", now).expect("short");
    assert_eq!(pass(&mut caller, &mut callee, now), ["answer", "offer"]);
}

#[test]
fn what_is_not_acknowledged_is_sent_again_soon_and_then_every_three_seconds() {
    let (begin, (mut caller, mut callee)) = (start(), pair());
    caller.send(b"one", begin).expect("short");
    caller.poll_transmit().expect("the packet that is lost");
    let mut at = begin;
    let mut waited = Vec::new();
    for _ in 0..5 {
        let due = caller.poll_timeout().expect("it is not acknowledged");
        caller.handle_timeout(due - Duration::from_millis(1));
        assert_eq!(caller.outgoing.len(), 0);
        caller.handle_timeout(due);
        assert_eq!(caller.outgoing.len(), 1);
        waited.push((due - at).as_millis());
        at = due;
        if waited.len() < 5 {
            caller.outgoing.clear();
        }
    }
    assert_eq!(waited, [500, 1000, 2000, 3000, 3000]);
    assert_eq!(pass(&mut caller, &mut callee, at), ["one"]);
}

#[test]
fn what_travels_because_another_message_does_has_not_waited_in_vain() {
    let (now, (mut caller, _)) = (start(), pair());
    for word in ["one", "two", "three"] {
        caller.send(word.as_bytes(), now).expect("short");
    }
    assert_eq!(caller.poll_timeout(), Some(now + FIRST_RESEND));
}

#[test]
fn a_repeat_is_given_once_and_acknowledged_again() {
    let (now, (mut caller, mut callee)) = (start(), pair());
    caller.send(b"one", now).expect("short");
    pass(&mut caller, &mut callee, now);
    callee.poll_transmit().expect("the acknowledgement that is lost");
    let later = now + FIRST_RESEND;
    caller.handle_timeout(later);
    assert_eq!(pass(&mut caller, &mut callee, later), [""; 0], "not a second time");
    assert_eq!(callee.poll_transmit(), None, "a repeat alone does not hurry");
    callee.handle_timeout(later + ACK_AGAIN);
    pass(&mut callee, &mut caller, later + ACK_AGAIN);
    assert!(caller.is_settled());
}

#[test]
fn what_waits_is_not_printed() {
    let (now, (mut caller, _)) = (start(), pair());
    caller.send(b"winter", now).expect("short");
    let printed = format!("{caller:?}");
    assert!(!printed.contains("winter") && !printed.contains("119, 105"), "{printed}");
}

#[test]
fn the_same_packet_twice_counts_once() {
    let (now, (mut caller, mut callee)) = (start(), pair());
    caller.send(b"one", now).expect("short");
    let packet = caller.poll_transmit().expect("a packet");
    assert_eq!(callee.receive(&packet, now).0.len(), 1);
    assert_eq!(callee.receive(&packet, now), (Vec::new(), Ok(())));
}

#[test]
fn a_packet_stays_within_its_size_and_the_rest_follows() {
    let (now, (mut caller, mut callee)) = (start(), pair());
    for _ in 0..8 {
        caller.send(&[b'x'; 5_000], now).expect("short");
    }
    let mut arrived = 0;
    let mut at = now;
    while arrived < 8 {
        while let Some(packet) = caller.poll_transmit() {
            assert!(packet.len() <= MAX_FILL + 16, "{} bytes", packet.len());
            arrived += callee.receive(&packet, at).0.len();
        }
        while let Some(packet) = callee.poll_transmit() {
            caller.receive(&packet, at).1.expect("a packet of the far side");
        }
        at = caller.poll_timeout().unwrap_or(at);
        caller.handle_timeout(at);
        assert!(at < now + Duration::from_secs(60), "all messages arrive");
    }
}

#[test]
fn a_far_side_that_never_acknowledges_is_noticed() {
    let (now, (mut caller, _)) = (start(), pair());
    for _ in 0..MAX_UNACKED {
        caller.send(b"x", now).expect("there is room");
        caller.outgoing.clear();
    }
    assert_eq!(caller.send(b"x", now), Err(BadFrame::TooManyUnacknowledged));
}

#[test]
fn what_is_not_built_of_messages_is_refused() {
    let key = CallKey::new([42; 256]);
    for plaintext in [
        &[0, 0, 0, 1, 0x11][..],
        &[0, 0, 0, 2, ACK],
        &[0x40, 0, 0, 3, MESSAGE, 0, 0, 0, 9],
        &[0, 0, 0, 4, EMPTY, 1],
        &[0, 0, 0, 5, EMPTY, 0, 0, 0, 6, EMPTY],
    ] {
        let (_, mut callee) = pair();
        let packet = packet::seal(&key, Role::Caller, plaintext);
        assert_eq!(callee.receive(&packet, start()), (Vec::new(), Err(BadFrame::Malformed)), "{plaintext:?}");
    }
    let (_, mut callee) = pair();
    let packet = packet::seal(&key, Role::Caller, &[0x40, 0, 0, 1, MESSAGE, 0xff, 0, 0, 0]);
    assert_eq!(callee.receive(&packet, start()).1, Err(BadFrame::TooLong));
}

/// A packet under way.
struct Flying {
    at: Instant,
    to_callee: bool,
    packet: Vec<u8>,
}

/// Thirty messages each way over a network of this quality; returns what each side got, in order.
fn over_a_bad_network(seed: u64) -> [Vec<String>; 2] {
    let mut random = StdRng::seed_from_u64(seed);
    let (begin, (mut caller, mut callee)) = (start(), pair());
    let mut now = begin;
    let mut flying: Vec<Flying> = Vec::new();
    let mut got = [Vec::new(), Vec::new()];
    for round in 0..2_000_u32 {
        if round < 300 && round % 10 == 0 {
            let text = format!("{}", round / 10);
            caller.send(text.as_bytes(), now).expect("short");
            callee.send(text.as_bytes(), now).expect("short");
        }
        for (side, to_callee) in [(&mut caller, true), (&mut callee, false)] {
            side.handle_timeout(now);
            while let Some(packet) = side.poll_transmit() {
                let copies =
                    if random.random_bool(0.3) { 0 } else { 1 + usize::from(random.random_bool(0.2)) };
                for _ in 0..copies {
                    let at = now + Duration::from_millis(random.random_range(5..120));
                    flying.push(Flying { at, to_callee, packet: packet.clone() });
                }
            }
        }
        let landed: Vec<Flying> = flying.extract_if(.., |it| it.at <= now).collect();
        for Flying { to_callee, packet, .. } in landed {
            let (side, box_of) = if to_callee { (&mut callee, 1) } else { (&mut caller, 0) };
            let (fresh, done) = side.receive(&packet, now);
            done.expect("a packet of the far side");
            got[box_of].extend(fresh.into_iter().map(|it| String::from_utf8(it).expect("text")));
        }
        now += Duration::from_millis(20);
    }
    got
}

#[test]
fn with_thirty_percent_loss_and_repeats_everything_arrives_once() {
    for seed in 0..20 {
        let [mut caller, mut callee] = over_a_bad_network(seed);
        for got in [&mut caller, &mut callee] {
            got.sort_by_key(|it| it.parse::<u32>().expect("a number"));
            let expected: Vec<String> = (0..30).map(|it| it.to_string()).collect();
            assert_eq!(*got, expected, "seed {seed}");
        }
    }
}

fn framed(messages: impl IntoIterator<Item = (u32, Vec<u8>)>) -> Vec<u8> {
    let mut plaintext = Vec::new();
    for (seq, message) in messages {
        plaintext.extend(seq.to_be_bytes());
        plaintext.push(MESSAGE);
        plaintext.extend(u32::try_from(message.len()).expect("short").to_be_bytes());
        plaintext.extend(message);
    }
    packet::seal(&CallKey::new([42; 256]), Role::Caller, &plaintext)
}

#[test]
fn many_packed_messages_of_one_packet_may_not_grow_beyond_what_one_may() {
    let (_, mut callee) = pair();
    let bomb = gzip::pack(&vec![b' '; MAX_UNPACKED - 1]);
    let packet = framed((1..=100).map(|counter| (counter | WANTS_ACK, bomb.clone())));
    let (fresh, done) = callee.receive(&packet, start());
    assert_eq!((fresh.len(), done), (1, Err(BadFrame::TooLong)));
}

#[test]
fn of_a_packet_full_of_tiny_messages_only_some_are_read() {
    let (_, mut callee) = pair();
    let packet = framed((1..=10_000).map(|counter| (counter | WANTS_ACK, Vec::new())));
    let (fresh, done) = callee.receive(&packet, start());
    assert_eq!((fresh.len(), done), (MAX_READ, Err(BadFrame::TooLong)));
}

#[test]
fn repeats_of_all_that_ever_was_do_not_pile_up_acknowledgements() {
    let (now, (_, mut callee)) = (start(), pair());
    callee.receive(&framed([(COUNTER / 2, Vec::new())]), now).1.expect("a message");
    for round in 0..100 {
        let old = (0..200).map(|at| ((round * 200 + at) | WANTS_ACK, Vec::new()));
        let newest = (COUNTER / 2 + 1 + round, Vec::new());
        callee.receive(&framed(std::iter::once(newest).chain(old)), now).1.expect("messages");
    }
    assert_eq!(callee.acks.len(), MAX_ACKS);
}
