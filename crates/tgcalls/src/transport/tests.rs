//! Two transports that are told of each other without signalling, over a network without loss.

use super::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use stun_types::attribute::XorMappedAddress;
use stun_types::message::{Message as StunMessage, MessageWriteVec};
use stun_types::prelude::{MessageWrite as _, MessageWriteExt as _};

#[expect(clippy::disallowed_methods, reason = "a test needs a first instant; all others are counted from it")]
fn start() -> Instant {
    Instant::now()
}

fn socket(end: usize) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, if end == 0 { 1 } else { 2 }], 40_000))
}

fn transport(role: Role, servers: &[Server], now: Instant) -> Transport {
    let mut random = StdRng::seed_from_u64(if role == Role::Caller { 1 } else { 2 });
    Transport::new(role, random.next_u32(), true, servers, now, &mut random)
}

/// What became of the two ends.
struct Ends {
    now: Instant,
    ends: [Transport; 2],
    is_connected: [bool; 2],
    broken: Vec<String>,
    is_closed: bool,
    heard: Vec<Vec<u8>>,
}

impl Ends {
    /// Each end is told of the other, and of its setup as `change` makes it.
    fn with(change: impl Fn(Role, &mut InitialSetup)) -> Self {
        let now = start();
        let mut ends = [Role::Caller, Role::Callee].map(|role| transport(role, &[], now));
        let candidates = [0, 1].map(|at| ends[at].add_local(socket(at), now).expect("may be told"));
        let mut setup = ends[0].setup();
        change(Role::Caller, &mut setup);
        ends[1].set_remote(&setup).expect("usable");
        let mut setup = ends[1].setup();
        change(Role::Callee, &mut setup);
        ends[0].set_remote(&setup).expect("usable");
        ends[0].add_remote_candidate(&candidates[1]);
        ends[1].add_remote_candidate(&candidates[0]);
        let (broken, heard) = (Vec::new(), Vec::new());
        Self { now, ends, is_connected: [false; 2], broken, is_closed: false, heard }
    }

    /// Two ends that have found each other.
    fn connected() -> Self {
        let mut ends = Self::with(|_, _| {});
        ends.connect();
        ends
    }

    fn connect(&mut self) {
        for _ in 0..10 {
            self.run(Duration::from_secs(1));
            if self.is_connected == [true; 2] {
                return;
            }
        }
        panic!("no connection: {:?}", self.broken);
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            for at in 0..2 {
                self.ends[at].handle_timeout(self.now);
                while let Some(it) = self.ends[at].poll_transmit() {
                    self.ends[1 - at].receive(it.source, it.destination, &it.contents, self.now);
                }
                while let Some(happened) = self.ends[at].poll_happened() {
                    match happened {
                        Happened::Connected => self.is_connected[at] = true,
                        Happened::Broken(reason) => self.broken.push(reason),
                        Happened::Closed => self.is_closed = true,
                        Happened::Sound { payload, .. } => self.heard.push(payload.to_vec()),
                        Happened::Heard | Happened::Text(_) | Happened::Candidate(_) => {}
                    }
                }
            }
            self.now += Duration::from_millis(5);
        }
    }
}

#[test]
fn a_callee_begins_where_its_caller_will_not_and_says_so() {
    for (heard, said) in
        [("actpass", "passive"), ("active", "passive"), ("passive", "active"), ("", "passive")]
    {
        let mut ends = Ends::with(|role, setup| match role {
            Role::Caller => setup.fingerprints[0].setup = heard.to_owned(),
            Role::Callee => assert_eq!(setup.fingerprints[0].setup, said, "to {heard:?}"),
        });
        ends.connect();
    }
}

#[test]
fn a_far_side_whose_certificate_is_another_is_not_one_that_hung_up() {
    let mut ends = Ends::with(|_, setup| {
        let fingerprint = &mut setup.fingerprints[0].fingerprint;
        let last = if fingerprint.ends_with('0') { "1" } else { "0" };
        fingerprint.replace_range(fingerprint.len() - 1.., last);
    });
    ends.run(Duration::from_secs(10));
    assert!(!ends.broken.is_empty() && !ends.is_closed, "{:?}", ends.broken);
    assert!(ends.broken[0].contains("fingerprint"), "{:?}", ends.broken);
}

#[test]
fn credentials_that_ice_can_t_work_with_are_refused_and_harm_nobody() {
    let now = start();
    let mut ends = [Role::Caller, Role::Callee].map(|role| transport(role, &[], now));
    ends[0].add_local(socket(0), now);
    let setup = InitialSetup { ufrag: "u".repeat(200), ..ends[1].setup() };
    let refused = ends[0].set_remote(&setup);
    ends[0].add_remote_candidate("candidate:1 1 udp 2122260223 192.0.2.2 40000 typ host");
    for milliseconds in 0..1_000 {
        ends[0].handle_timeout(now + Duration::from_millis(milliseconds));
    }
    assert_eq!(refused, Err("an ICE user name fragment of 200 bytes".to_owned()));
    let longest = InitialSetup { ufrag: "u".repeat(100), ..ends[1].setup() };
    assert_eq!(ends[0].set_remote(&longest), Ok(()), "a later one may be good");
    for milliseconds in 1_000..2_000 {
        ends[0].handle_timeout(now + Duration::from_millis(milliseconds));
    }
    assert!(std::iter::from_fn(|| ends[0].poll_transmit()).count() > 0, "and the far side is sought");
}

#[test]
fn sound_is_heard_under_the_number_that_was_agreed_and_no_other() {
    for (agreed, sent, is_heard) in [(111, 111, true), (100, 100, true), (127, 127, true), (111, 110, false)]
    {
        let mut ends = Ends::connected();
        let ssrc = ends.ends[0].ssrc;
        ends.ends[1].expect(ssrc, agreed);
        let now = ends.now;
        let mut direct = ends.ends[0].rtc.direct_api();
        let stream = direct.stream_tx(&Ssrc::from(ssrc)).expect("it sends");
        stream.write_rtp(RtpWrite::new(sent.into(), 7.into(), 960, now, *b"sound"));
        ends.run(Duration::from_millis(100));
        let expected: &[&[u8]] = if is_heard { &[b"sound"] } else { &[] };
        assert_eq!(ends.heard, expected, "{agreed} {sent}");
    }
}

#[test]
fn a_server_that_answers_questions_and_relays_does_both() {
    let now = start();
    let address = SocketAddr::from(([192, 0, 2, 9], 3478));
    let public = SocketAddr::from(([203, 0, 113, 7], 51_000));
    let turn = Server::Turn { address, username: "u".into(), password: "p".into() };
    let mut end = transport(Role::Caller, &[turn, Server::Stun { address }], now);
    end.add_local(socket(0), now);
    end.handle_timeout(now);
    let (mut asked, mut wished) = (0, 0);
    while let Some(it) = end.poll_transmit() {
        assert_eq!(it.destination, address);
        let request = StunMessage::from_bytes(&it.contents).expect("STUN");
        if request.method() != stun_types::message::BINDING {
            wished += 1;
            continue;
        }
        asked += 1;
        let mut answer = StunMessage::builder_success(&request, MessageWriteVec::new());
        answer.add_attribute(&XorMappedAddress::new(public, request.transaction_id())).expect("fits");
        end.receive(address, socket(0), &answer.finish(), now);
    }
    assert_eq!((asked, wished), (1, 1));
    let told: Vec<String> = std::iter::from_fn(|| end.poll_happened()).map(|it| format!("{it:?}")).collect();
    assert!(told.iter().any(|it| it.contains("203.0.113.7 51000 typ srflx")), "{told:?}");
}

#[test]
fn a_call_remembers_the_streams_that_came_last() {
    let mut ends = Ends::connected();
    let ssrc = ends.ends[0].ssrc;
    for other in 1..=100 {
        ends.ends[1].expect(ssrc.wrapping_add(other), OPUS);
    }
    ends.ends[1].expect(ssrc, OPUS);
    assert_eq!(ends.ends[1].expected.len(), MAX_STREAMS);
    let now = ends.now;
    ends.ends[0].send_sound(b"sound", 1, 960, true, now);
    ends.run(Duration::from_millis(100));
    assert_eq!(ends.heard, [b"sound"]);
}

#[test]
fn of_candidates_that_wait_the_last_are_kept() {
    let mut end = transport(Role::Caller, &[], start());
    for number in 0..200 {
        end.add_remote_candidate(&format!("candidate:1 1 udp 1 192.0.2.2 {} typ host", 1_000 + number));
    }
    assert_eq!(end.waiting.len(), MAX_TOLD);
    assert!(end.waiting.back().is_some_and(|it| it.contains(" 1199 ")));
}

#[test]
fn credentials_come_from_the_source_of_chance_that_was_handed_in() {
    let now = start();
    let setup = || transport(Role::Caller, &[], now).setup();
    let (one, other) = (setup(), setup());
    assert_eq!((&one.ufrag, &one.pwd), (&other.ufrag, &other.pwd), "the same seed");
    assert_ne!(one.ufrag, transport(Role::Callee, &[], now).setup().ufrag);
    one.check_credentials().expect("as they should be");
    assert_eq!((one.ufrag.len(), one.pwd.len()), (8, 24));
}

#[test]
fn without_peer_to_peer_an_address_at_a_relay_is_told_without_the_one_behind_it() {
    let now = start();
    let address = SocketAddr::from(([192, 0, 2, 9], 3478));
    let turn = Server::Turn { address, username: "u".into(), password: "p".into() };
    let servers = [turn, Server::Stun { address }];
    let mut end = Transport::new(Role::Caller, 1, false, &servers, now, &mut StdRng::seed_from_u64(1));
    assert_eq!(end.add_local(socket(0), now), None);
    end.announce(
        Candidate::relayed(SocketAddr::from(([192, 0, 2, 9], 50_000)), socket(0), Protocol::Udp).ok(),
    );
    let far = transport(Role::Callee, &[], now).setup();
    end.set_remote(&far).expect("usable");
    end.add_remote_candidate("candidate:1 1 udp 2122260223 192.0.2.2 40000 typ host");
    for milliseconds in 0..1_000 {
        end.handle_timeout(now + Duration::from_millis(milliseconds));
    }
    let sent: Vec<SocketAddr> = std::iter::from_fn(|| end.poll_transmit()).map(|it| it.destination).collect();
    assert!(!sent.is_empty() && sent.iter().all(|it| *it == address), "{sent:?}");
    let told: Vec<String> = std::iter::from_fn(|| end.poll_happened()).map(|it| format!("{it:?}")).collect();
    assert!(told.len() == 1 && !told[0].contains("192.0.2.1 "), "{told:?}");
}
