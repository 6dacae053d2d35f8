//! A whole call with a far side that has the key and does what it likes: nothing panics, and a call that is let alone comes
//! to rest.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tgcalls::call::{Call, Config, Input, Output};
use tgcalls::framing::V2;
use tgcalls::key::{CallKey, Role};
use tgcalls::packet::seal;
use tgcalls::server::Server;
use tgcalls::version::Signalling;

/// Most of what a hostile far side can say, so that the fuzzer need not find JSON by itself.
#[derive(Debug, Arbitrary)]
enum Says<'a> {
    Setup { ufrag: &'a str, pwd: &'a str, hash: &'a str, setup: &'a str, fingerprint: &'a str },
    GoodSetup { setup: u8 },
    /// With a user name and a password as long as this.
    LongSetup { ufrag: u16, pwd: u16 },
    Candidate(&'a str),
    Address { ip: [u8; 4], port: u16, kind: u8, tag: u32 },
    Negotiate { exchange: i64, ssrcs: Vec<i64>, payload_type: u32, name: &'a str, extension: u32 },
    Muted(bool),
    Text(&'a str),
}

#[derive(Debug, Arbitrary)]
enum Step<'a> {
    Says(Says<'a>),
    /// A signalling packet that is sealed and not framed, or neither.
    Plaintext(&'a [u8]),
    Packet(&'a [u8]),
    /// A datagram from one of those whom the call knows.
    Datagram {
        from: u8,
        to: u8,
        contents: &'a [u8],
    },
    /// Behind the reflector, or through the relay.
    Reflected {
        tag: u32,
        contents: &'a [u8],
    },
    /// What the honest far side has sent, changed at these places.
    Honest {
        signal: bool,
        changes: Vec<(u16, u8)>,
    },
    Sound(&'a [u8], u64, u32),
    Muted(bool),
    Wait(u16),
    Close,
}

#[derive(Debug, Arbitrary)]
struct Plan<'a> {
    is_caller: bool,
    is_v3: bool,
    p2p: bool,
    steps: Vec<Step<'a>>,
}

const OURS: [SocketAddr; 2] = [address(1, 40_000), address(2, 40_002)];
const THEIRS: SocketAddr = address(9, 50_000);
const SERVERS: [SocketAddr; 3] = [address(100, 599), address(101, 3478), address(102, 3478)];
const PEER_TAG: [u8; 16] = *b"0123456789ab\0\0\0\0";

const fn address(last: u8, port: u16) -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, last)), port)
}

struct World {
    now: Instant,
    call: Call,
    /// An end of ours at the other side, for what honest packets look like.
    honest: Call,
    /// What a hostile far side says, framed as it should be.
    framing: V2,
    key: CallKey,
    far_role: Role,
    signals: VecDeque<Vec<u8>>,
    datagrams: VecDeque<(SocketAddr, SocketAddr, Vec<u8>)>,
}

fuzz_target!(|plan: Plan<'_>| {
    let now = Instant::now();
    let key = CallKey::new(std::array::from_fn(|at| at as u8));
    let role = if plan.is_caller { Role::Caller } else { Role::Callee };
    let signalling = if plan.is_v3 { Signalling::V3 } else { Signalling::V2 };
    let config = |role, servers| Config { role, key: key.clone(), signalling, servers, p2p: plan.p2p };
    let servers = vec![
        Server::Reflector { id: 7, address: SERVERS[0], peer_tag: PEER_TAG },
        Server::Stun { address: SERVERS[1] },
        Server::Turn { address: SERVERS[2], username: "u".to_owned(), password: "p".to_owned() },
    ];
    let mut random = StdRng::seed_from_u64(1);
    let mut call = Call::new(config(role, servers), &mut random, now);
    OURS.iter().for_each(|local| call.add_local(*local, now));
    let mut honest = Call::new(config(role.other(), Vec::new()), &mut random, now);
    honest.add_local(THEIRS, now);
    let framing = V2::new(key.clone(), role.other());
    let far_role = role.other();
    let (signals, datagrams) = Default::default();
    let mut world = World { now, call, honest, framing, key, far_role, signals, datagrams };
    for step in plan.steps {
        world.run(step);
        world.collect();
    }
    world.rest();
});

impl World {
    fn run(&mut self, step: Step<'_>) {
        let now = self.now;
        match step {
            Step::Says(says) => {
                let _ = self.framing.send(json(&says).as_bytes(), now);
                while let Some(packet) = self.framing.poll_transmit() {
                    self.call.handle_input(Input::Signal(&packet), now);
                }
            }
            Step::Plaintext(bytes) => {
                let packet = seal(&self.key, self.far_role, bytes);
                self.call.handle_input(Input::Signal(&packet), now);
            }
            Step::Packet(bytes) => self.call.handle_input(Input::Signal(bytes), now),
            Step::Datagram { from, to, contents } => {
                let known = [THEIRS, SERVERS[0], SERVERS[1], SERVERS[2], address(77, 7)];
                let source = known[usize::from(from) % known.len()];
                self.datagram(source, OURS[usize::from(to) % 2], contents);
            }
            Step::Reflected { tag, contents } => {
                let mut datagram = PEER_TAG[..12].to_vec();
                datagram.extend([0; 4]);
                datagram.extend(tag.to_le_bytes());
                datagram.extend(u32::try_from(contents.len()).unwrap_or(0).to_be_bytes());
                datagram.extend(contents);
                self.datagram(SERVERS[0], OURS[0], &datagram);
            }
            Step::Honest { signal: true, changes } => {
                if let Some(mut packet) = self.signals.pop_front() {
                    change(&mut packet, &changes);
                    self.call.handle_input(Input::Signal(&packet), now);
                }
            }
            Step::Honest { signal: false, changes } => {
                if let Some((source, destination, mut contents)) = self.datagrams.pop_front() {
                    change(&mut contents, &changes);
                    self.datagram(source, destination, &contents);
                }
            }
            Step::Sound(payload, sequence, timestamp) => {
                let sound = Input::Sound { payload, sequence, timestamp, marker: false };
                self.call.handle_input(sound, now);
            }
            Step::Muted(muted) => self.call.set_muted(muted, now),
            Step::Wait(milliseconds) => {
                self.now += Duration::from_millis(milliseconds.into());
                self.call.handle_timeout(self.now);
                self.honest.handle_timeout(self.now);
            }
            Step::Close => self.call.close(now),
        }
    }

    fn datagram(&mut self, source: SocketAddr, destination: SocketAddr, contents: &[u8]) {
        let _ = self.call.accepts(source, destination, contents);
        self.call.handle_input(Input::Datagram { source, destination, contents }, self.now);
    }

    /// Our end's outputs go to the honest far side, whose outputs wait until a step lets them arrive.
    fn collect(&mut self) {
        let now = self.now;
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Signal(packet) => self.honest.handle_input(Input::Signal(&packet), now),
                Output::Transmit(it) => {
                    let (source, destination) = (it.source, it.destination);
                    self.honest
                        .handle_input(Input::Datagram { source, destination, contents: &it.contents }, now);
                }
                Output::Event(_) => {}
            }
        }
        while let Some(output) = self.honest.poll_output() {
            match output {
                Output::Signal(packet) if self.signals.len() < 100 => self.signals.push_back(packet),
                Output::Transmit(it) if self.datagrams.len() < 100 => {
                    self.datagrams.push_back((it.source, it.destination, it.contents));
                }
                _ => {}
            }
        }
    }

    /// Nothing more comes: the call asks to be woken now and then, and each time has less to do.
    fn rest(&mut self) {
        let end = self.now + Duration::from_secs(30);
        for _ in 0..20_000 {
            let Some(at) = self.call.poll_timeout() else { return };
            self.now = self.now.max(at);
            if self.now > end {
                return;
            }
            self.call.handle_timeout(self.now);
            while self.call.poll_output().is_some() {}
        }
        panic!("a call that is let alone does not come to rest");
    }
}

fn change(bytes: &mut [u8], changes: &[(u16, u8)]) {
    let length = bytes.len().max(1);
    for (at, value) in changes {
        if let Some(byte) = bytes.get_mut(usize::from(*at) % length) {
            *byte = *value;
        }
    }
}

fn json(says: &Says<'_>) -> String {
    const FINGERPRINT: &str =
        "B5:1B:32:00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:7D";
    match says {
        Says::Setup { ufrag, pwd, hash, setup, fingerprint } => format!(
            r#"{{"@type":"InitialSetup","ufrag":{ufrag:?},"pwd":{pwd:?},"fingerprints":[{{"hash":{hash:?},"setup":{setup:?},"fingerprint":{fingerprint:?}}}]}}"#
        ),
        Says::GoodSetup { setup } => {
            let setup = ["active", "passive", "actpass", ""][usize::from(*setup) % 4];
            format!(
                r#"{{"@type":"InitialSetup","ufrag":"abcd","pwd":"CLfgFQGUDLFlD8ttvdVjDptg","fingerprints":[{{"hash":"sha-256","setup":"{setup}","fingerprint":"{FINGERPRINT}"}}]}}"#
            )
        }
        Says::LongSetup { ufrag, pwd } => {
            let (ufrag, pwd) = ("u".repeat(usize::from(*ufrag % 600)), "p".repeat(usize::from(*pwd % 600)));
            format!(
                r#"{{"@type":"InitialSetup","ufrag":"{ufrag}","pwd":"{pwd}","fingerprints":[{{"hash":"sha-256","setup":"actpass","fingerprint":"{FINGERPRINT}"}}]}}"#
            )
        }
        Says::Candidate(line) => {
            format!(r#"{{"@type":"Candidates","candidates":[{{"sdpString":{line:?}}}]}}"#)
        }
        Says::Address { ip: [a, b, c, d], port, kind, tag } => {
            let host = match kind % 3 {
                0 => format!("{a}.{b}.{c}.{d}"),
                1 => format!("reflector-{a}-{tag}.reflector"),
                _ => format!("fd00::{a:x}:{b:x}"),
            };
            let kind = ["host", "srflx", "relay", "prflx"][usize::from(*kind) / 3 % 4];
            format!(
                r#"{{"@type":"Candidates","candidates":[{{"sdpString":"candidate:1 1 udp {tag} {host} {port} typ {kind}"}}]}}"#
            )
        }
        Says::Negotiate { exchange, ssrcs, payload_type, name, extension } => {
            let contents: Vec<String> = ssrcs
                .iter()
                .map(|ssrc| {
                    format!(
                        r#"{{"type":"audio","ssrc":"{ssrc}","payloadTypes":[{{"id":{payload_type},"name":{name:?},"clockrate":48000,"channels":2}},{{"id":111,"name":"opus","clockrate":48000,"channels":2}}],"rtpExtensions":[{{"id":{extension},"uri":"x"}}]}}"#
                    )
                })
                .collect();
            format!(
                r#"{{"@type":"NegotiateChannels","exchangeId":"{exchange}","contents":[{}]}}"#,
                contents.join(",")
            )
        }
        Says::Muted(muted) => format!(r#"{{"@type":"MediaState","muted":{muted}}}"#),
        Says::Text(text) => (*text).to_owned(),
    }
}
