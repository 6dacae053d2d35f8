//! Refusals written without a stack: the headers of the request that an answer repeats, as they stood.

use super::head::Head;
use super::screen::Source;
use super::values;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// A refusal: status, words, and headers to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: u16,
    pub(super) words: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(super) fn new(code: u16, words: &'static str) -> Self {
        Self { code, words, headers: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Writes the answer; `None` where the request says not even where it came from (RFC 3261 section 18.2.2).
pub(super) fn write(head: &Head, refusal: &Refusal, source: Source) -> Option<Vec<u8>> {
    let mut text = format!("SIP/2.0 {} {}\r\n", refusal.code, refusal.words);
    let mut vias = head.all("via");
    let top = vias.next()?;
    let _ = write!(text, "Via: {}\r\n", stamped(top, source));
    for via in vias {
        let _ = write!(text, "Via: {via}\r\n");
    }
    for (name, key) in [("From", "from"), ("Call-ID", "call-id"), ("CSeq", "cseq")] {
        if let Some(value) = head.first(key) {
            let _ = write!(text, "{name}: {value}\r\n");
        }
    }
    if let Some(to) = head.first("to") {
        let tag = if values::tag(to).is_some() { String::new() } else { format!(";tag={}", own_tag(head)) };
        let _ = write!(text, "To: {to}{tag}\r\n");
    }
    for (name, value) in &refusal.headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    text.push_str("Content-Length: 0\r\n\r\n");
    Some(text.into_bytes())
}

/// The topmost Via with the address that the request really came from (RFC 3261 section 18.2.1, RFC 3581 section 4).
fn stamped(via: &str, source: Source) -> String {
    let end = via.find(',').unwrap_or(via.len());
    let (first, rest) = via.split_at(end);
    let lower = first.to_ascii_lowercase();
    let asked = lower
        .match_indices(";rport")
        .map(|(at, word)| at + word.len())
        .find(|at| lower[*at..].trim_start().is_empty() || lower[*at..].trim_start().starts_with(';'));
    let stamped = match asked {
        Some(at) => format!("{}={}{}", &first[..at], source.address.port(), &first[at..]),
        None => first.to_owned(),
    };
    if lower.contains(";received=") {
        return format!("{stamped}{rest}");
    }
    format!("{};received={}{rest}", stamped.trim_end(), source.address.ip().to_canonical())
}

/// A tag that a repeated request gets again: the refusal keeps no state, but the sender must see one answer.
fn own_tag(head: &Head) -> String {
    let mut hash = Sha256::new();
    for name in ["via", "from", "call-id", "cseq"] {
        hash.update(head.first(name).unwrap_or_default());
        hash.update([0]);
    }
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
