//! What was signalled in a call, in clear, and what became of it: printed where a call over bad signalling fails.

use super::peer::Want;
use std::fmt;
use std::time::Instant;
use tgcalls::key::{CallKey, Role};
use tgcalls::packet;
use tgcalls::version::Signalling;

#[derive(Debug, Clone, Copy)]
pub(crate) enum From {
    Us,
    Them,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    Came,
    Lost,
}

/// One line for each packet.
#[derive(Default)]
pub(crate) struct Trace {
    about: Option<(Role, CallKey, Instant)>,
    lines: Vec<String>,
}

impl Trace {
    /// Only the framing of versions 8 and 9 can be read packet by packet.
    pub(crate) fn new(want: &Want, key: [u8; 256], begin: Instant) -> Self {
        let is_read = want.signalling == Signalling::V2;
        Self { about: is_read.then(|| (want.role, CallKey::new(key), begin)), lines: Vec::new() }
    }

    pub(crate) fn note(&mut self, from: From, packet: &[u8], fate: Fate) {
        let Some((role, key, begin)) = &self.about else { return };
        let sender = match from {
            From::Us => *role,
            From::Them => role.other(),
        };
        let Ok(plaintext) = packet::open(key, sender, packet) else { return };
        let at = begin.elapsed().as_secs_f64();
        self.lines.push(format!("{at:7.3} {from:4?} {fate:?}: {}", described(&plaintext)));
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            write!(f, "\n{line}")?;
        }
        Ok(())
    }
}

fn described(mut rest: &[u8]) -> String {
    let mut words = Vec::new();
    while let Some((head, body)) = rest.split_at_checked(5) {
        let number = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) & 0x3fff_ffff;
        rest = body;
        match head[4] {
            0xfe => words.push(format!("carrier#{number}")),
            0xff => words.push(format!("ack#{number}")),
            _ => {
                let length = body.first_chunk().map_or(0, |it| u32::from_be_bytes(*it)) as usize;
                let text = String::from_utf8_lossy(body.get(4..4 + length).unwrap_or_default()).into_owned();
                let word = |name: &str| {
                    let after = text.split_once(&format!("\"{name}\":\""))?.1;
                    Some(after.split_once('"')?.0.to_owned())
                };
                let exchange = word("exchangeId").map(|it| format!("({it})")).unwrap_or_default();
                words.push(format!("#{number} {}{exchange}", word("@type").unwrap_or_default()));
                rest = body.get(4 + length..).unwrap_or_default();
            }
        }
    }
    words.join(", ")
}
