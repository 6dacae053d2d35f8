//! Why a call ended, in the words of the network: the `Reason` header (RFC 3326) and Q.850 causes.

use crate::wire::{self, Headers};

/// What a `Reason` header says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Why {
    /// The Q.850 cause.
    pub(crate) cause: Option<u16>,
    /// The SIP code, as in a CANCEL for a call answered elsewhere.
    pub(crate) code: Option<u16>,
    /// The text beside either.
    pub(crate) text: Option<String>,
}

/// Reads every `Reason` header.
pub(crate) fn read(headers: &Headers) -> Why {
    let mut why = Why::default();
    for value in wire::all(headers, "Reason").flat_map(wire::split_list) {
        why.add(value);
    }
    why
}

/// Reads one header value.
pub(crate) fn read_value(value: &str) -> Why {
    let mut why = Why::default();
    for value in wire::split_list(value) {
        why.add(value);
    }
    why
}

impl Why {
    fn add(&mut self, value: &str) {
        let mut parts = value.split(';').map(str::trim);
        let protocol = parts.next().unwrap_or("").to_ascii_lowercase();
        let (mut cause, mut text) = (None, None);
        for (name, value) in parts.filter_map(|p| p.split_once('=')) {
            match name.trim().to_ascii_lowercase().as_str() {
                "cause" => cause = value.trim().parse().ok(),
                "text" => text = Some(value.trim().trim_matches('"').to_owned()),
                _ => (),
            }
        }
        match protocol.as_str() {
            "q.850" => self.cause = self.cause.or(cause),
            "sip" => self.code = self.code.or(cause),
            _ => return,
        }
        self.text = self.text.take().or(text.filter(|t| !t.is_empty()));
    }
}

/// A header value for a call that we end normally, or refuse with this code.
pub(crate) fn write(code: Option<u16>, words: &str) -> String {
    let words: String =
        words.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).take(120).collect();
    let cause = code.map_or(16, cause_of);
    match words.trim() {
        "" => format!("Q.850;cause={cause}"),
        words => format!("Q.850;cause={cause};text=\"{words}\""),
    }
}

/// The Q.850 cause that a SIP code stands for (RFC 3398 section 8.2.6.1, read from the other end).
pub(crate) fn cause_of(code: u16) -> u16 {
    match code {
        401 | 402 | 403 | 407 | 603 => 21,
        404 | 604 => 1,
        408 => 102,
        410 => 22,
        480 => 18,
        484 => 28,
        486 | 600 => 17,
        488 | 606 => 88,
        500 => 41,
        502 => 38,
        503 => 34,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_protocols_are_read_from_one_header() {
        let why = read_value(r#"Q.850;cause=17;text="User busy", SIP;cause=486"#);
        let expected = Why { cause: Some(17), code: Some(486), text: Some("User busy".into()) };
        assert_eq!(why, expected);
    }

    #[test]
    fn what_is_written_can_be_read() {
        let why = read_value(&write(Some(486), "said \"no\"\r\nX: 1"));
        assert_eq!((why.cause, why.text.as_deref()), (Some(17), Some("said noX: 1")));
        assert_eq!(read_value(&write(None, "")).cause, Some(16));
    }
}
