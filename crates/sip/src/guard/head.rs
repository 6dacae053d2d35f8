//! The head of a raw message: first line and headers, read so leniently that a refusal can be written for nearly anything.

/// Most header lines that we look at.
const MOST_LINES: usize = 512;

/// Compact names and what they stand for (RFC 3261 section 7.3.3 and later RFCs).
const COMPACT: [(&str, &str); 12] = [
    ("v", "via"),
    ("f", "from"),
    ("t", "to"),
    ("i", "call-id"),
    ("m", "contact"),
    ("l", "content-length"),
    ("c", "content-type"),
    ("e", "content-encoding"),
    ("k", "supported"),
    ("s", "subject"),
    ("o", "event"),
    ("r", "refer-to"),
];

/// First line and headers; names in lower case and in full, folded lines joined.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) start: String,
    headers: Vec<(String, String)>,
    /// Whether some line was no header at all.
    pub(super) has_odd_line: bool,
    /// Bytes behind the empty line that ends the head.
    pub(super) body: usize,
}

impl Head {
    /// Reads a message. `None` where there is no empty line, so no end of the head.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let leading = message.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let message = &message[leading..];
        let (head, body) = split(message)?;
        let text = String::from_utf8_lossy(head);
        let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let start = lines.next()?.to_owned();
        let mut this = Self { start, headers: Vec::new(), has_odd_line: false, body };
        for line in lines.take(MOST_LINES) {
            this.line(line);
        }
        Some(this)
    }

    fn line(&mut self, line: &str) {
        if line.starts_with([' ', '\t']) {
            match self.headers.last_mut() {
                Some((_, value)) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                None => self.has_odd_line = true,
            }
            return;
        }
        match line.split_once(':') {
            Some((name, value)) if is_token(name.trim_end()) => {
                let name = name.trim_end().to_ascii_lowercase();
                let full =
                    COMPACT.iter().find(|(short, _)| *short == name).map(|(_, full)| (*full).to_owned());
                self.headers.push((full.unwrap_or(name), value.trim().to_owned()));
            }
            Some(_) | None => self.has_odd_line |= !line.is_empty(),
        }
    }

    /// Every value of a header, in order; `name` in lower case.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a header.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// The elements of a header that is a list, over all its lines.
    pub(super) fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.all(name).flat_map(|value| value.split(',')).map(str::trim).filter(|element| !element.is_empty())
    }
}

/// Splits at the first empty line; lines may end in CRLF or LF.
fn split(message: &[u8]) -> Option<(&[u8], usize)> {
    let mut at = 0;
    while let Some(step) = message[at..].iter().position(|byte| *byte == b'\n') {
        let rest = &message[at + step + 1..];
        let empty = if rest.starts_with(b"\r\n") { Some(2) } else { rest.starts_with(b"\n").then_some(1) };
        if let Some(length) = empty {
            return Some((&message[..at + step], rest.len() - length));
        }
        at += step + 1;
    }
    None
}

/// Whether every character may stand in a token (RFC 3261 section 25.1).
pub(super) fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_compact_names_and_bare_line_feeds_are_read() {
        let head = Head::read(
            b"\r\n\r\nOPTIONS sip:a SIP/2.0\nv : SIP/2.0/UDP x\r\nTO:\r\n  sip:b;\r\n\ttag = 1\nl: 3\n\nabc",
        )
        .unwrap();
        assert_eq!(head.start, "OPTIONS sip:a SIP/2.0");
        assert_eq!(head.first("to"), Some(" sip:b; tag = 1"));
        assert_eq!(
            (head.first("via"), head.first("content-length"), head.body),
            (Some("SIP/2.0/UDP x"), Some("3"), 3)
        );
        assert!(!head.has_odd_line);
    }

    #[test]
    fn a_head_without_an_end_is_none() {
        assert!(Head::read(b"OPTIONS sip:a SIP/2.0\r\nTo: b\r\n").is_none());
    }
}
