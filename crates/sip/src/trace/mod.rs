//! The messages of one call, kept on demand for whoever has to find out what went wrong: redacted, and never more than fits.

mod redact;

pub use redact::{Redaction, redact};

use std::collections::VecDeque;
use std::fmt;
use std::net::SocketAddr;
use std::time::SystemTime;

/// Bytes of one kept message; longer ones are cut.
const LONGEST: usize = 8192;

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It came to us.
    In,
    /// We sent it.
    Out,
}

/// One message, already redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: SystemTime,
    /// Which way.
    pub way: Way,
    /// The other side.
    pub peer: SocketAddr,
    /// Its text.
    pub text: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = match self.way {
            Way::In => "<--",
            Way::Out => "-->",
        };
        let since = self.at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        write!(f, "{}.{:03} {arrow} {}\n{}", since.as_secs(), since.subsec_millis(), self.peer, self.text)
    }
}

/// The last messages of one call.
#[derive(Debug, Clone)]
pub struct Trace {
    most: usize,
    redaction: Redaction,
    entries: VecDeque<Entry>,
    dropped: u64,
}

impl Trace {
    /// Keeps the last `most` messages, redacted so.
    #[must_use]
    pub fn new(most: usize, redaction: Redaction) -> Self {
        Self { most: most.max(1), redaction, entries: VecDeque::new(), dropped: 0 }
    }

    /// Keeps a message as it was on the wire; what is secret is left out before anything is stored.
    pub fn keep(&mut self, way: Way, peer: SocketAddr, message: &[u8], at: SystemTime) {
        if self.entries.len() == self.most {
            self.entries.pop_front();
            self.dropped += 1;
        }
        let cut = &message[..message.len().min(LONGEST)];
        let text = redact(&String::from_utf8_lossy(cut), self.redaction);
        self.entries.push_back(Entry { at, way, peer, text });
    }

    /// The messages that are kept, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// How many older ones had to go.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_messages_are_kept() {
        let mut trace = Trace::new(2, Redaction::Secrets);
        for n in 0..5 {
            trace.keep(
                Way::In,
                "192.0.2.1:5060".parse().unwrap(),
                format!("m{n}").as_bytes(),
                SystemTime::UNIX_EPOCH,
            );
        }
        let kept: Vec<&str> = trace.entries().map(|entry| entry.text.as_str()).collect();
        assert_eq!((kept, trace.dropped()), (vec!["m3", "m4"], 3));
        assert_eq!(trace.entries().next().unwrap().to_string(), "0.000 <-- 192.0.2.1:5060\nm3");
    }

    #[test]
    fn a_huge_message_is_cut() {
        let mut trace = Trace::new(1, Redaction::Secrets);
        trace.keep(Way::Out, "192.0.2.1:5060".parse().unwrap(), &[b'a'; 100_000], SystemTime::UNIX_EPOCH);
        assert_eq!(trace.entries().next().unwrap().text.len(), LONGEST);
    }
}
