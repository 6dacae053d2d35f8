//! A far side that has the key and says what it likes: nothing panics, little is said in return, and the call comes to rest.

use super::framing::Framing;
use super::*;
use crate::key::CallKey;
use crate::server::Server;
use rand::Rng as _;

const FINGERPRINT: &str =
    "B5:1B:32:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:7D";

const OURS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)), 40_000);

/// One call of ours, and what is said to it.
struct Scene {
    call: Call,
    far: Framing,
    random: StdRng,
    now: Instant,
    events: Vec<Event>,
    signals: usize,
}

impl Scene {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs a first instant; all others are counted from it"
    )]
    fn new(seed: u64, signalling: Signalling, role: Role) -> Self {
        let now = Instant::now();
        let mut random = StdRng::seed_from_u64(seed);
        let key = CallKey::new([9; 256]);
        let address = |last| SocketAddr::from(([192, 0, 2, last], 3478));
        let servers = vec![
            Server::Reflector { id: 1, address: address(9), peer_tag: [7; 16] },
            Server::Stun { address: address(10) },
            Server::Turn { address: address(10), username: "u".into(), password: "p".into() },
        ];
        let config = Config { role, key: key.clone(), signalling, servers, p2p: true };
        let mut call = Call::new(config, &mut random, now);
        call.add_local(OURS, now);
        let far = Framing::new(signalling, key, role.other());
        Self { call, far, random, now, events: Vec::new(), signals: 0 }
    }

    fn say(&mut self, text: &[u8]) {
        // A far side that says too much at once may have to wait.
        let _ = self.far.send(text, self.now);
        self.pass();
    }

    /// Both ends' packets arrive; datagrams lead nowhere.
    fn pass(&mut self) {
        for _ in 0..4 {
            while let Some(packet) = self.far.poll_transmit() {
                self.call.handle_input(Input::Signal(&packet), self.now);
            }
            while let Some(output) = self.call.poll_output() {
                match output {
                    Output::Signal(packet) => {
                        self.signals += 1;
                        let _ = self.far.receive(&packet, self.now);
                    }
                    Output::Event(event) => self.events.push(event),
                    Output::Transmit(_) => {}
                }
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
        self.far.handle_timeout(self.now);
        self.call.handle_timeout(self.now);
        self.pass();
    }

    /// A word of a kind that somebody may try.
    fn word(&mut self) -> String {
        match self.random.random_range(0..6) {
            0 => String::new(),
            1 => "x".repeat(self.random.random_range(1..300)),
            2 => self.random.random::<u64>().to_string(),
            3 => "-1".to_owned(),
            4 => ["actpass", "passive", "active", "opus", "audio", "sha-256"][self.random.random_range(0..6)]
                .to_owned(),
            _ => (0..self.random.random_range(0..40)).map(|_| self.random.random::<char>()).collect(),
        }
    }

    fn message(&mut self) -> String {
        let words: Vec<String> = (0..6).map(|_| self.word()).collect();
        let word = |at: usize| serde_json::Value::from(words[at].as_str());
        let (ip, port, kind) =
            (self.random.random::<[u8; 4]>(), self.random.random::<u16>(), self.random.random_range(0..4));
        let kind = ["host", "srflx", "relay", "prflx"][kind];
        let [a, b, c, d] = ip;
        let (ssrc, number) = (self.random.random::<i32>(), self.random.random_range(0..200));
        let fingerprint = if self.random.random() { FINGERPRINT } else { "B5:1B" };
        let message = match self.random.random_range(0..8) {
            0 => {
                serde_json::json!({"@type": "InitialSetup", "ufrag": word(0), "pwd": word(1), "fingerprints":
                [{"hash": word(2), "setup": word(3), "fingerprint": word(4)}]})
            }
            1 => {
                serde_json::json!({"@type": "InitialSetup", "ufrag": "u".repeat(number), "pwd": "p".repeat(24 + number),
                "fingerprints": [{"hash": "sha-256", "setup": word(0), "fingerprint": fingerprint}]})
            }
            2 => serde_json::json!({"@type": "Candidates", "candidates": [
                {"sdpString": format!("candidate:1 1 udp {port} {a}.{b}.{c}.{d} {port} typ {kind}")},
                {"sdpString": format!("candidate:1 1 udp {port} reflector-1-{ssrc}.reflector 3478 typ relay")},
                {"sdpString": word(1)}]}),
            3 | 4 => serde_json::json!({"@type": "NegotiateChannels", "exchangeId": ssrc, "contents": [
                {"type": "audio", "ssrc": ssrc, "payloadTypes": [{"id": number, "name": "opus"}, {"id": 111, "name": word(0)}],
                    "rtpExtensions": [{"uri": word(1), "id": number}]},
                {"type": word(2), "ssrc": 0}]}),
            5 => serde_json::json!({"@type": "MediaState", "muted": number % 2 == 0, "videoState": word(0)}),
            6 => serde_json::json!({"@type": word(0), word(1).to_string(): word(2)}),
            _ => return words.concat(),
        };
        message.to_string()
    }
}

#[test]
fn a_far_side_with_the_key_that_says_what_it_likes_does_no_harm() {
    for seed in 0..24 {
        for signalling in [Signalling::V2, Signalling::V3] {
            let role = if seed % 2 == 0 { Role::Caller } else { Role::Callee };
            let mut scene = Scene::new(seed, signalling, role);
            for _ in 0..60 {
                let message = scene.message();
                scene.say(message.as_bytes());
                let pause = Duration::from_millis(scene.random.random_range(0..200));
                scene.wait(pause);
            }
            let what =
                format!("seed {seed} with {signalling:?}: {} signals, {:?}", scene.signals, scene.events);
            assert!(scene.signals < 60 * 8, "{what}");
            let failed = scene.events.iter().filter(|it| matches!(it, Event::Failed(_))).count();
            assert!(failed <= 1, "{what}");
            comes_to_rest(&mut scene, &what);
        }
    }
}

/// Nothing more comes: the call asks to be woken some times a second, and no more often.
#[track_caller]
fn comes_to_rest(scene: &mut Scene, what: &str) {
    let end = scene.now + Duration::from_secs(30);
    for _ in 0..20_000 {
        let Some(at) = scene.call.poll_timeout().filter(|at| *at <= end) else { return };
        scene.wait(at.saturating_duration_since(scene.now));
    }
    panic!("it does not come to rest: {what}");
}

#[test]
fn a_setup_that_can_t_be_used_is_named() {
    for (signalling, role) in [(Signalling::V2, Role::Caller), (Signalling::V3, Role::Callee)] {
        let mut scene = Scene::new(1, signalling, role);
        scene.pass();
        let setup = format!(
            r#"{{"@type":"InitialSetup","ufrag":"{}","pwd":"CLfgFQGUDLFlD8ttvdVjDptg","fingerprints":[{{"hash":"sha-256","setup":"actpass","fingerprint":"{FINGERPRINT}"}}]}}"#,
            "u".repeat(200)
        );
        scene.say(setup.as_bytes());
        for _ in 0..20 {
            scene.wait(Duration::from_millis(100));
        }
        let reason = "an ICE user name fragment of 200 bytes".to_owned();
        assert!(scene.events.contains(&Event::Failed(Failure::Setup(reason))), "{:?}", scene.events);
    }
}

/// A callee that offers before it has answered: official callers ignore such an offer, and so does ours; the one that it
/// makes after its answer is taken.
#[test]
fn offers_that_cross_make_a_call_all_the_same() {
    for signalling in [Signalling::V2, Signalling::V3] {
        let mut scene = Scene::new(2, signalling, Role::Caller);
        let mut callee = Negotiation::new(Role::Callee, 77);
        let now = scene.now;
        for _ in 0..20 {
            scene.wait(Duration::from_millis(100));
        }
        let Step::Send(early) = callee.offer(now, &mut scene.random) else { panic!("an offer") };
        scene.say(&Message::NegotiateChannels(early).to_bytes());
        assert!(!scene.call.may_send, "its offer is no answer");
        let Step::Send(ours) = scene.call.negotiation.offer(now, &mut scene.random) else {
            panic!("an offer")
        };
        for step in callee.receive(&ours, now, &mut scene.random.clone()) {
            if let Step::Send(message) = step {
                scene.say(&Message::NegotiateChannels(message).to_bytes());
            }
        }
        for _ in 0..20 {
            scene.wait(Duration::from_millis(100));
        }
        assert!(scene.call.may_send, "its answer counts, with {signalling:?}");
        assert!(scene.call.transport.expects(77), "and so does its second offer");
    }
}
