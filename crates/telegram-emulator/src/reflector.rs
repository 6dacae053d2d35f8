//! Telegram's UDP reflector: media of calls whose ends cannot or may not reach each other.
//!
//! Each port of a client announces a tag of its own; a datagram that begins with a tag goes to whoever announced it.
//! `docs/tgcalls.md` describes the datagrams.

use crate::telegram::Telegram;
use rand::{Rng, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::UdpSocket, time::Instant};

/// Largest datagram of a client, with the reflector's own words before it.
const DATAGRAM: usize = 2048;
/// A client that says nothing for so long is forgotten; clients say hello every ten seconds.
const IDLE: Duration = Duration::from_secs(60);
/// Clients at a time, two for each port of a call.
const CLIENTS: usize = 10_000;
/// What names the call in a tag; the last four bytes name the port.
const PREFIX: usize = 12;
/// Stands where a datagram of a client has its sender's tag.
const SERVICE: [u8; 12] = [0xff; 12];
/// "reflector_self_info"
const SELF_INFO: u32 = 0xc015_72c7;

type Tag = [u8; 16];

/// Who announced which tag.
#[derive(Debug, Default)]
struct Table {
    clients: BTreeMap<Tag, (SocketAddr, Instant)>,
}

/// What a datagram is to the reflector.
#[derive(Debug, PartialEq, Eq)]
enum Does {
    /// Goes back to where it came from.
    Answer(Vec<u8>),
    /// Goes on as it is.
    Forward(SocketAddr),
    Nothing,
}

impl Table {
    /// Reads a datagram. `known` says whether a call has this prefix.
    fn take(
        &mut self,
        from: SocketAddr,
        datagram: &[u8],
        known: impl Fn(&[u8]) -> bool,
        now: Instant,
    ) -> Does {
        let Some((tag, rest)) = datagram.split_first_chunk::<16>() else { return Does::Nothing };
        if rest.starts_with(&SERVICE) {
            return if self.hello(*tag, from, known, now) {
                Does::Answer(self_info(tag, rest, from))
            } else {
                Does::Nothing
            };
        }
        let Some(sender) = rest.first_chunk::<4>() else { return Does::Nothing };
        let mut own = *tag;
        own[PREFIX..].copy_from_slice(sender);
        // Only who has announced a tag may send under it.
        match self.clients.get_mut(&own) {
            Some((address, seen)) if *address == from => *seen = now,
            Some(_) | None => return Does::Nothing,
        }
        self.clients.get(tag).map_or(Does::Nothing, |(to, _)| Does::Forward(*to))
    }

    fn hello(&mut self, tag: Tag, from: SocketAddr, known: impl Fn(&[u8]) -> bool, now: Instant) -> bool {
        if !self.clients.contains_key(&tag) {
            if !known(&tag[..PREFIX]) {
                return false;
            }
            self.clients.retain(|_, (_, seen)| now.duration_since(*seen) < IDLE);
            if self.clients.len() >= CLIENTS {
                return false;
            }
        }
        self.clients.insert(tag, (from, now));
        true
    }
}

/// Tells a client that its tag is announced, and from where it was seen.
fn self_info(tag: &Tag, hello: &[u8], from: SocketAddr) -> Vec<u8> {
    let query = hello.get(16..24).unwrap_or(&[0; 8]);
    let ip = match from.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    let mut out = [&tag[..], &SERVICE].concat();
    out.extend(SELF_INFO.to_le_bytes());
    // The date, which nobody reads.
    out.extend([0; 4]);
    out.extend(query);
    out.extend(ip.octets());
    out.extend(u32::from(from.port()).to_le_bytes());
    out
}

/// Loses a part of what goes through; the same seed loses the same.
struct Luck {
    loss: f64,
    seed: u64,
    rng: StdRng,
}

impl Luck {
    fn new(loss: f64, seed: u64) -> Self {
        Self { loss, seed, rng: StdRng::seed_from_u64(seed) }
    }

    /// Whether a datagram is lost, by the switches as they are now.
    fn loses(&mut self, loss: f64, seed: u64) -> bool {
        let same = self.loss.total_cmp(&loss).is_eq() && self.seed == seed;
        if !same {
            *self = Self::new(loss, seed);
        }
        self.loss > 0.0 && self.rng.random_bool(self.loss.min(1.0))
    }
}

/// Reflects until the emulator stops.
pub(crate) async fn run(telegram: Arc<Telegram>, socket: UdpSocket) {
    let (mut table, mut luck) = (Table::default(), Luck::new(0.0, 0));
    let mut buffer = [0; DATAGRAM];
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut buffer) => received,
            () = telegram.stop.cancelled() => return,
        };
        // A client that is gone may be told of in place of a datagram.
        let Ok((length, from)) = received else { continue };
        let datagram = &buffer[..length];
        let known = |prefix: &[u8]| telegram.look(|world, _| world.calls.has_tag(prefix));
        let sent = match table.take(from, datagram, known, Instant::now()) {
            Does::Answer(answer) => socket.send_to(&answer, from).await,
            Does::Forward(to) if !lost(&telegram, &mut luck) => socket.send_to(datagram, to).await,
            Does::Forward(_) | Does::Nothing => continue,
        };
        if let Err(error) = sent {
            tracing::trace!(%error, "a datagram could not be sent");
        }
    }
}

/// Whether a datagram is lost; either way it is counted.
fn lost(telegram: &Telegram, luck: &mut Luck) -> bool {
    telegram.look(|world, _| {
        let settings = &world.meta().settings;
        let is_lost = luck.loses(settings.reflector_loss, settings.signalling_seed);
        let traffic = &mut world.calls.traffic;
        *(if is_lost { &mut traffic.reflector_lost } else { &mut traffic.reflected }) += 1;
        is_lost
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    fn tag(port: u8) -> Tag {
        let mut tag = [7; 16];
        tag[15] = port;
        tag
    }

    /// `docs/tgcalls.md`: the tag, twelve bytes of ones, a word, and a number.
    fn hello(port: u8) -> Vec<u8> {
        [&tag(port)[..], &SERVICE, &[0xfe, 0xff, 0xff, 0xff], &123_u64.to_be_bytes()].concat()
    }

    fn data(to: u8, from: u8) -> Vec<u8> {
        [&tag(to)[..], &tag(from)[12..], &4_u32.to_be_bytes(), b"ping"].concat()
    }

    #[test]
    fn what_two_ends_send_reaches_the_other() {
        let (mut table, now) = (Table::default(), Instant::now());
        let known = |prefix: &[u8]| prefix == [7; 12];
        for port in [1, 2] {
            let Does::Answer(answer) = table.take(address(port.into()), &hello(port), known, now) else {
                panic!("no answer")
            };
            assert!(answer.starts_with(&tag(port)) && answer[16..28] == SERVICE);
        }
        assert_eq!(table.take(address(1), &data(2, 1), known, now), Does::Forward(address(2)));
        assert_eq!(table.take(address(2), &data(1, 2), known, now), Does::Forward(address(1)));
        assert_eq!(table.take(address(9), &data(1, 2), known, now), Does::Nothing, "not who announced it");
        assert_eq!(table.take(address(1), &data(3, 1), known, now), Does::Nothing, "nobody announced it");
    }

    #[test]
    fn a_tag_of_no_call_is_not_served() {
        let taken = Table::default().take(address(1), &hello(1), |_| false, Instant::now());
        assert_eq!(taken, Does::Nothing);
    }

    #[test]
    fn a_part_is_lost_and_the_same_part_for_the_same_seed() {
        let run = || {
            let mut luck = Luck::new(0.0, 0);
            (0..1000).map(|_| luck.loses(0.1, 5)).collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        assert!((50..150).contains(&run().iter().filter(|lost| **lost).count()));
    }
}
