//! Two ends, and between them somebody who drops, doubles, delays and changes SCTP packets and mends their checksums:
//! nothing panics, and what arrives was sent, in order.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tgcalls::framing::V3;
use tgcalls::key::{CallKey, Role};

#[derive(Debug, Arbitrary)]
enum Step {
    Send(bool, Vec<u8>),
    /// The next packet towards this end arrives.
    Deliver(bool),
    Drop(bool),
    Double(bool),
    /// The next packet towards this end arrives with these bytes changed: place and value.
    Change(bool, Vec<(u16, u8)>),
    /// It arrives cut off, or with more behind it.
    Resize(bool, u16, Vec<u8>),
    /// Chunks of somebody's making, with the header of the last packet that came to this end.
    Chunks(bool, Vec<u8>),
    /// Anything.
    Packet(bool, Vec<u8>),
    /// Milliseconds.
    Wait(u16),
}

struct World {
    now: Instant,
    ends: [V3; 2],
    flying: [VecDeque<Vec<u8>>; 2],
    last: [Vec<u8>; 2],
    sent: [VecDeque<Vec<u8>>; 2],
    is_honest: bool,
}

fuzz_target!(|steps: Vec<Step>| {
    let key = CallKey::new(std::array::from_fn(|at| at as u8));
    let mut world = World {
        now: Instant::now(),
        ends: [V3::new(key.clone(), Role::Caller), V3::new(key, Role::Callee)],
        flying: Default::default(),
        last: Default::default(),
        sent: Default::default(),
        is_honest: true,
    };
    for step in steps {
        world.run(step);
        world.collect();
    }
});

impl World {
    fn run(&mut self, step: Step) {
        match step {
            Step::Send(from, text) => {
                // gunzipped again, what looks packed would come out otherwise
                let from = usize::from(from);
                if self.ends[from].send(&text, self.now).is_ok() {
                    self.sent[from].push_back(text);
                }
            }
            Step::Deliver(to) => self.next(to, |_| {}),
            Step::Drop(to) => {
                self.flying[usize::from(to)].pop_front();
            }
            Step::Double(to) => {
                let flying = &mut self.flying[usize::from(to)];
                if let Some(packet) = flying.front().cloned() {
                    flying.push_back(packet);
                }
            }
            Step::Change(to, changes) => {
                self.is_honest = false;
                self.next(to, |packet| {
                    for (at, value) in changes {
                        let length = packet.len().max(1);
                        if let Some(byte) = packet.get_mut(usize::from(at) % length) {
                            *byte = value;
                        }
                    }
                });
            }
            Step::Resize(to, length, more) => {
                self.is_honest = false;
                self.next(to, |packet| {
                    packet.truncate(usize::from(length));
                    packet.extend(more);
                });
            }
            Step::Chunks(to, chunks) => {
                self.is_honest = false;
                let mut packet = self.last[usize::from(to)].clone();
                packet.truncate(12);
                packet.extend(chunks);
                self.arrive(to, packet);
            }
            Step::Packet(to, packet) => {
                self.is_honest = false;
                self.arrive(to, packet);
            }
            Step::Wait(milliseconds) => {
                self.now += Duration::from_millis(milliseconds.into());
                for end in &mut self.ends {
                    end.handle_timeout(self.now);
                }
            }
        }
    }

    fn next(&mut self, to: bool, change: impl FnOnce(&mut Vec<u8>)) {
        if let Some(mut packet) = self.flying[usize::from(to)].pop_front() {
            self.last[usize::from(to)] = packet.clone();
            change(&mut packet);
            self.arrive(to, packet);
        }
    }

    fn arrive(&mut self, to: bool, mut packet: Vec<u8>) {
        let to = usize::from(to);
        mend(&mut packet);
        let (messages, _) = self.ends[to].receive(&packet, self.now);
        for message in messages {
            if self.is_honest {
                assert_eq!(self.sent[1 - to].pop_front(), Some(message), "in order, and once");
            }
        }
    }

    fn collect(&mut self) {
        for from in 0..2 {
            while let Some(packet) = self.ends[from].poll_transmit() {
                if self.flying[1 - from].len() < 1_000 {
                    self.flying[1 - from].push_back(packet);
                }
            }
        }
    }
}

/// The checksum of an SCTP packet: CRC32c, little-endian, over the packet with zeros in its place (RFC 9260, appendix A).
fn mend(packet: &mut [u8]) {
    if packet.len() < 12 {
        return;
    }
    packet[8..12].fill(0);
    let crc = packet.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg()))
    });
    packet[8..12].copy_from_slice(&(!crc).to_le_bytes());
}
