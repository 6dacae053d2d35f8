//! Leaves out of a message what nobody who reads a trace may learn: passwords' proofs, keys, pressed digits.

/// How much is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redaction {
    /// Secrets only.
    Secrets,
    /// Secrets, and the middle of telephone numbers.
    #[default]
    Numbers,
}

/// Headers whose value proves a password.
const PROOFS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "authentication-info",
    "proxy-authentication-info",
    "identity",
    "cookie",
];

/// A message without its secrets. Lines keep their places, so it can be read beside another trace.
#[must_use]
pub fn redact(message: &str, redaction: Redaction) -> String {
    let mut hidden = false;
    let mut shown = String::with_capacity(message.len());
    let digits = is_digits(message);
    let mut in_body = false;
    for line in message.split_inclusive('\n') {
        let (text, end) = split_end(line);
        in_body |= text.is_empty();
        let folded = text.starts_with([' ', '\t']) && !in_body;
        hidden = if folded { hidden } else { is_proof(text) && !in_body };
        let kept = match (in_body, folded, hidden) {
            (false, true, true) => " …".to_owned(),
            (false, false, true) => format!("{}: …", name(text)),
            (true, ..) => body_line(text, digits),
            (false, _, false) => text.to_owned(),
        };
        match redaction {
            Redaction::Secrets => shown.push_str(&kept),
            Redaction::Numbers => shown.push_str(&shorten(&kept)),
        }
        shown.push_str(end);
    }
    shown
}

fn split_end(line: &str) -> (&str, &str) {
    let text = line.trim_end_matches(['\r', '\n']);
    (text, &line[text.len()..])
}

fn name(line: &str) -> &str {
    line.split(':').next().unwrap_or_default().trim_end()
}

fn is_proof(line: &str) -> bool {
    PROOFS.iter().any(|proof| name(line).eq_ignore_ascii_case(proof))
}

/// Whether the body is a pressed key (INFO).
fn is_digits(message: &str) -> bool {
    message.lines().take_while(|line| !line.is_empty()).any(|line| {
        let kind = matches!(name(line).to_ascii_lowercase().as_str(), "content-type" | "c");
        kind && line.to_ascii_lowercase().contains("dtmf")
    })
}

fn body_line(line: &str, digits: bool) -> String {
    let lower = line.to_ascii_lowercase();
    if digits && !line.is_empty() {
        return if lower.starts_with("duration") { line.to_owned() } else { "…".to_owned() };
    }
    for secret in ["a=crypto:", "a=ice-pwd:", "k="] {
        if lower.starts_with(secret) {
            return format!("{}…", &line[..secret.len()]);
        }
    }
    line.to_owned()
}

/// Shortens what looks like a telephone number in an address: seven digits or more before an `@` or behind `tel:`.
fn shorten(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = ["sip:", "sips:", "tel:"]
        .iter()
        .filter_map(|scheme| rest.find(scheme).map(|at| at + scheme.len()))
        .min()
    {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.()".contains(c))).unwrap_or(rest.len());
        shown.push_str(&short(&rest[..end]));
        rest = &rest[end..];
    }
    shown.push_str(rest);
    quoted_numbers(&shown)
}

fn short(number: &str) -> String {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    // An IPv4 address has dots between its digits, and no plus.
    let is_address = number.matches('.').count() == 3 && !number.starts_with('+');
    if digits < 7 || is_address {
        number.to_owned()
    } else {
        format!("{}…{}", &number[..3], &number[number.len() - 2..])
    }
}

/// Display names are often the number again.
fn quoted_numbers(line: &str) -> String {
    let parts = line.split('"').enumerate();
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || b"+-() .".contains(&byte));
    let shown: Vec<String> =
        parts
            .map(|(place, part)| {
                if place % 2 == 1 && !part.is_empty() && number(part) { short(part) } else { part.to_owned() }
            })
            .collect();
    shown.join("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:+79001234567@pbx.test SIP/2.0\r\nFrom: \"79007654321\" <sip:79007654321@192.168.100.200:5060>;tag=1\r\n\
        Authorization: Digest username=\"ivan\",\r\n response=\"abcdef\"\r\nproxy-authorization : Digest response=\"98fe76\"\r\n\
        Call-ID: 1\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:geheim\r\nm=audio 4000 RTP/SAVP 8\r\n";

    #[test]
    fn proofs_and_keys_are_left_out_and_the_rest_stays() {
        let shown = redact(INVITE, Redaction::Secrets);
        for secret in ["abcdef", "98fe76", "geheim", "ivan"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("sip:+79001234567@pbx.test") && shown.contains("m=audio 4000"));
        assert_eq!(shown.lines().count(), INVITE.lines().count());
    }

    #[test]
    fn numbers_are_shortened_and_addresses_are_not() {
        let shown = redact(INVITE, Redaction::Numbers);
        assert!(
            shown.contains("sip:+79…67@pbx.test")
                && shown.contains("\"790…21\" <sip:790…21@192.168.100.200:5060>"),
            "{shown}"
        );
        assert_eq!(
            shorten("Contact: <sip:1001@10.0.0.1>, <sip:192.168.100.200>"),
            "Contact: <sip:1001@10.0.0.1>, <sip:192.168.100.200>"
        );
    }

    #[test]
    fn pressed_keys_are_left_out() {
        let info =
            "INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\nDuration=160\r\n";
        let shown = redact(info, Redaction::Secrets);
        assert!(!shown.contains('5') && shown.contains("Duration=160"), "{shown}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_redaction_panic(text in "(sip:|tel:|\"|[0-9+.()-]{0,9}|\\PC{0,3}|\r\n|authorization: x){0,20}") {
            let _ = redact(&text, Redaction::Numbers);
        }
    }
}
