//! Reads a raw message and decides whether it goes on, is refused at once, or is not worth an answer.

use super::answer::{self, Refusal};
use super::head::{Head, is_token};
use super::scanners::is_scanner;
use super::values;
use std::net::SocketAddr;

/// Methods that some RFC defines: known, though perhaps not ours (405, not 501).
const KNOWN: [&str; 14] = [
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "REGISTER",
    "INFO",
    "UPDATE",
    "PRACK",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "MESSAGE",
    "PUBLISH",
];

/// Headers that may stand once (RFC 3261 section 7.3.1).
const ONCE: [&str; 7] = ["from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type"];

/// What this side speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The methods that are answered, in the order of the Allow header.
    pub allow: Vec<&'static str>,
    /// The extensions that a request may require.
    pub supported: Vec<&'static str>,
    /// Whether requests go on to somebody else. Only then is `Max-Forwards: 0` refused (RFC 3261 section 16.3):
    /// where a request has arrived, it has arrived.
    pub forwards: bool,
}

impl Default for Rules {
    /// A user agent that takes calls.
    fn default() -> Self {
        Self {
            allow: vec![
                "INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER", "INFO", "UPDATE", "PRACK", "REFER",
                "NOTIFY",
            ],
            supported: vec!["100rel", "timer", "replaces", "norefersub", "path", "outbound"],
            forwards: false,
        }
    }
}

/// Where a message came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The sender's address.
    pub address: SocketAddr,
    /// Whether the message was one datagram, whose end is the message's end (RFC 3261 section 18.3).
    pub datagram: bool,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screened {
    /// It goes on.
    Pass,
    /// It is answered with these bytes, and goes nowhere.
    Answer(Vec<u8>),
    /// It is no message, an answer that fits nothing, or from a scanner: silence.
    Drop,
}

/// Screens one message.
#[must_use]
pub fn screen(message: &[u8], source: Source, rules: &Rules) -> Screened {
    let Some(head) = Head::read(message) else { return Screened::Drop };
    if head.start.starts_with("SIP/") {
        return if is_sound_response(&head, source) { Screened::Pass } else { Screened::Drop };
    }
    if head.first("user-agent").is_some_and(is_scanner) {
        return Screened::Drop;
    }
    let Some(line) = RequestLine::read(&head.start) else { return Screened::Drop };
    match refusal(&line, &head, source, rules) {
        None => Screened::Pass,
        // Nobody answers an ACK.
        Some(_) if line.method == "ACK" => Screened::Drop,
        Some(refusal) => answer::write(&head, &refusal, source).map_or(Screened::Drop, Screened::Answer),
    }
}

/// The first line of a request. Odd spacing is kept, to be refused.
struct RequestLine<'a> {
    method: &'a str,
    uri: &'a str,
    version: &'a str,
    odd: bool,
}

impl<'a> RequestLine<'a> {
    /// `None` where the line does not even end in a SIP version.
    fn read(line: &'a str) -> Option<Self> {
        let trimmed = line.trim();
        let (method, rest) = trimmed.split_once(' ')?;
        let (uri, version) = rest.rsplit_once(' ')?;
        if !version.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
            return None;
        }
        let odd = trimmed != line || uri.contains([' ', '\t']) || !is_token(method);
        Some(Self { method, uri: uri.trim(), version, odd })
    }
}

fn refusal(line: &RequestLine<'_>, head: &Head, source: Source, rules: &Rules) -> Option<Refusal> {
    if !line.version.eq_ignore_ascii_case("SIP/2.0") {
        return Some(Refusal::new(505, "Version Not Supported"));
    }
    malformed(line, head, source)
        .map(|words| Refusal::new(400, words))
        .or_else(|| unknown_method(line.method, rules))
        .or_else(|| odd_target(line.uri))
        .or_else(|| cseq_mismatch(line, head))
        .or_else(|| spent(head, rules))
        .or_else(|| required(line.method, head, rules))
        .or_else(|| odd_content(line.method, head))
}

/// What is wrong with the form of a request, in the words of the answer.
fn malformed(line: &RequestLine<'_>, head: &Head, source: Source) -> Option<&'static str> {
    if line.odd {
        return Some("Bad Request Line");
    }
    if head.has_odd_line {
        return Some("Bad Header Line");
    }
    for (name, words) in [
        ("via", "Missing Via"),
        ("from", "Missing From"),
        ("to", "Missing To"),
        ("call-id", "Missing Call-ID"),
        ("cseq", "Missing CSeq"),
    ] {
        if head.first(name).is_none_or(str::is_empty) {
            return Some(words);
        }
    }
    if ONCE.iter().any(|name| head.all(name).nth(1).is_some()) {
        return Some("Repeated Header");
    }
    let addresses = ["from", "to"].into_iter().filter_map(|name| head.first(name));
    if !addresses.into_iter().all(values::is_address) {
        return Some("Bad From or To");
    }
    let places = || head.all("contact");
    if head.all("via").chain(places()).any(values::has_gap) || places().any(values::is_ambiguous) {
        return Some("Bad Via or Contact");
    }
    bad_number(head, source)
}

fn bad_number(head: &Head, source: Source) -> Option<&'static str> {
    let number = head.first("cseq").and_then(|value| value.split_ascii_whitespace().next());
    // The number must fit 31 bits (RFC 3261 section 8.1.1.5).
    if number.and_then(digits).is_none_or(|number| number >= 1 << 31) {
        return Some("Bad CSeq");
    }
    if head.first("max-forwards").is_some_and(|value| digits(value).is_none_or(|hops| hops > 255)) {
        return Some("Bad Max-Forwards");
    }
    match head.first("content-length").map(digits) {
        None => None,
        Some(None) => Some("Bad Content-Length"),
        Some(Some(length)) if source.datagram && length > head.body as u64 => {
            Some("Content-Length Beyond Datagram")
        }
        Some(Some(_)) => None,
    }
}

/// A number written in digits and nothing else.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn unknown_method(method: &str, rules: &Rules) -> Option<Refusal> {
    if rules.allow.contains(&method) {
        return None;
    }
    let refusal = if KNOWN.contains(&method) {
        Refusal::new(405, "Method Not Allowed")
    } else {
        Refusal::new(501, "Not Implemented")
    };
    Some(refusal.with("Allow", rules.allow.join(", ")))
}

fn odd_target(uri: &str) -> Option<Refusal> {
    match values::request_uri_fault(uri)? {
        416 => Some(Refusal::new(416, "Unsupported URI Scheme")),
        _ => Some(Refusal::new(400, "Bad Request-URI")),
    }
}

fn cseq_mismatch(line: &RequestLine<'_>, head: &Head) -> Option<Refusal> {
    let named = head.first("cseq").and_then(|value| value.split_ascii_whitespace().nth(1));
    (named != Some(line.method)).then(|| Refusal::new(400, "CSeq Names Another Method"))
}

fn spent(head: &Head, rules: &Rules) -> Option<Refusal> {
    let hops = head.first("max-forwards").and_then(digits);
    (rules.forwards && hops == Some(0)).then(|| Refusal::new(483, "Too Many Hops"))
}

/// Extensions that the sender can't do without and we don't know (RFC 3261 section 8.2.2.3).
fn required(method: &str, head: &Head, rules: &Rules) -> Option<Refusal> {
    if matches!(method, "ACK" | "CANCEL") {
        return None;
    }
    let known = |option: &&str| rules.supported.iter().any(|one| one.eq_ignore_ascii_case(option));
    let unknown: Vec<&str> = head.list("require").filter(|option| !known(option)).collect();
    let refusal = || Refusal::new(420, "Bad Extension").with("Unsupported", unknown.join(", "));
    (!unknown.is_empty()).then(refusal)
}

/// Bodies that we can't read (415), and answers that the sender could not (406).
fn odd_content(method: &str, head: &Head) -> Option<Refusal> {
    if method != "INVITE" {
        return None;
    }
    let kind = head.first("content-type").map(media_type).filter(|_| head.body > 0);
    let readable = |kind: &String| kind == "application/sdp" || kind.starts_with("multipart/");
    if kind.as_ref().is_some_and(|kind| !readable(kind)) {
        return Some(
            Refusal::new(415, "Unsupported Media Type").with("Accept", "application/sdp".to_owned()),
        );
    }
    let encoded = head.list("content-encoding").any(|encoding| !encoding.eq_ignore_ascii_case("identity"));
    if encoded {
        return Some(
            Refusal::new(415, "Unsupported Encoding").with("Accept-Encoding", "identity".to_owned()),
        );
    }
    let takes = |kind: &str| matches!(media_type(kind).as_str(), "application/sdp" | "application/*" | "*/*");
    let mut accepted = head.list("accept").peekable();
    let refuses = accepted.peek().is_some() && !accepted.any(takes);
    refuses.then(|| Refusal::new(406, "Not Acceptable"))
}

fn media_type(value: &str) -> String {
    let kind = value.split(';').next().unwrap_or_default();
    kind.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

/// Whether an answer can belong to a request of ours; others are dropped without a word (RFC 3261 section 18.1.2).
fn is_sound_response(head: &Head, source: Source) -> bool {
    let mut words = head.start.splitn(3, ' ');
    let (version, code) = (words.next(), words.next().unwrap_or_default());
    let code_fits = code.len() == 3 && digits(code).is_some_and(|code| (100..700).contains(&code));
    let complete =
        ["via", "from", "to", "call-id", "cseq"].into_iter().all(|name| head.first(name).is_some());
    let once = ONCE.iter().all(|name| head.all(name).nth(1).is_none());
    version == Some("SIP/2.0") && code_fits && complete && once && bad_number(head, source).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &str = "OPTIONS sip:pbx.test SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5062;rport;branch=z9hG4bKa\r\n\
        From: <sip:ivan@pbx.test>;tag=1\r\nTo: <sip:pbx.test>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\
        Content-Length: 0\r\n\r\n";

    fn source() -> Source {
        Source { address: "198.51.100.1:40000".parse().unwrap(), datagram: true }
    }

    fn answer(message: &str) -> String {
        match screen(message.as_bytes(), source(), &Rules::default()) {
            Screened::Answer(bytes) => String::from_utf8(bytes).unwrap(),
            Screened::Pass => "pass".to_owned(),
            Screened::Drop => "drop".to_owned(),
        }
    }

    fn code(message: &str) -> String {
        let answer = answer(message);
        answer.strip_prefix("SIP/2.0 ").map_or(answer.clone(), |rest| rest[..3].to_owned())
    }

    #[test]
    fn a_sound_request_passes() {
        assert_eq!(answer(OPTIONS), "pass");
        assert_eq!(answer(&OPTIONS.replace("\r\n", "\n")), "pass");
    }

    #[test]
    fn a_refusal_repeats_the_request_and_goes_to_where_it_came_from() {
        let refused = answer(&OPTIONS.replace("Max-Forwards: 70", "Require: nothing, 100rel, more"));
        let expected = "SIP/2.0 420 Bad Extension\r\n\
            Via: SIP/2.0/UDP 192.0.2.9:5062;rport=40000;branch=z9hG4bKa;received=198.51.100.1\r\n\
            From: <sip:ivan@pbx.test>;tag=1\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nTo: <sip:pbx.test>;tag=";
        assert!(refused.starts_with(expected), "{refused}");
        assert!(refused.ends_with("Unsupported: nothing, more\r\nContent-Length: 0\r\n\r\n"), "{refused}");
        assert_eq!(refused, answer(&OPTIONS.replace("Max-Forwards: 70", "Require: nothing, 100rel, more")));
    }

    #[test]
    fn what_is_missing_malformed_or_unknown_is_refused_by_name() {
        for (from, to, expected) in [
            ("Call-ID: c\r\n", "", "400"),
            ("From: <sip:ivan@pbx.test>;tag=1\r\n", "", "400"),
            ("CSeq: 1 OPTIONS\r\n", "", "400"),
            ("CSeq: 1 OPTIONS", "CSeq: 1 INVITE", "400"),
            ("CSeq: 1 OPTIONS", "CSeq: 99999999999 OPTIONS", "400"),
            ("Content-Length: 0", "Content-Length: 1", "400"),
            ("Content-Length: 0", "Content-Length: -1", "400"),
            ("Call-ID: c", "Call-ID: c\r\ni: d", "400"),
            ("Max-Forwards: 70", "Max-Forwards: 256", "400"),
            ("Max-Forwards: 70", "no header", "400"),
            ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia", "505"),
            ("OPTIONS sip:pbx.test", "OPTIONS soap:pbx.test", "416"),
            ("OPTIONS sip:pbx.test", "OPTIONS  sip:pbx.test", "400"),
            ("User", "User", "pass"),
        ] {
            assert_eq!(code(&OPTIONS.replacen(from, to, 1)), expected, "{to}");
        }
        assert_eq!(code(&OPTIONS.replace("OPTIONS", "DANCE")), "501");
        assert!(answer(&OPTIONS.replace("OPTIONS", "PUBLISH")).contains("\r\nAllow: INVITE, ACK"));
    }

    #[test]
    fn only_whoever_forwards_counts_hops() {
        let last = OPTIONS.replace("Max-Forwards: 70", "Max-Forwards: 0");
        assert_eq!(code(&last), "pass");
        let proxy = Rules { forwards: true, ..Rules::default() };
        let Screened::Answer(bytes) = screen(last.as_bytes(), source(), &proxy) else { panic!("passed") };
        assert!(bytes.starts_with(b"SIP/2.0 483 "));
    }

    #[test]
    fn scanners_strangers_to_sip_and_bad_acknowledgements_meet_silence() {
        assert_eq!(answer(&OPTIONS.replace("Max-Forwards: 70", "User-Agent: friendly-scanner")), "drop");
        assert_eq!(answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "drop");
        assert_eq!(answer("hello\r\n\r\n"), "drop");
        assert_eq!(answer(&OPTIONS.replace("OPTIONS", "ACK").replace("Call-ID: c\r\n", "")), "drop");
        assert_eq!(answer(&OPTIONS.replace("Via: ", "X-Via: ")), "drop", "nobody says where to answer");
    }

    #[test]
    fn an_unreadable_body_is_refused() {
        let invite = OPTIONS
            .replace("OPTIONS", "INVITE")
            .replace("Content-Length: 0\r\n\r\n", "Content-Type: application/x\r\n\r\nbody");
        assert_eq!(code(&invite), "415");
        assert_eq!(code(&invite.replace("application/x", "Application / SDP;charset=x")), "pass");
        assert_eq!(code(&invite.replace("application/x", "application/sdp\r\nAccept: text/x")), "406");
        assert_eq!(
            code(&invite.replace("application/x", "application/sdp\r\nContent-Encoding: gzip")),
            "415"
        );
    }

    #[test]
    fn answers_with_impossible_numbers_are_dropped() {
        let response = OPTIONS.replace("OPTIONS sip:pbx.test SIP/2.0", "SIP/2.0 200 OK");
        assert_eq!(answer(&response), "pass");
        assert_eq!(answer(&response.replace("200 OK", "200 ")), "pass");
        assert_eq!(answer(&response.replace("200 OK", "4294967301 x")), "drop");
        assert_eq!(answer(&response.replace("CSeq: 1 ", "CSeq: 9292394834772304023312 ")), "drop");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_screen_panic(mut bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60), at in 0..300_usize) {
            let mut message = OPTIONS.as_bytes().to_vec();
            let at = at.min(message.len());
            let tail = message.split_off(at);
            message.append(&mut bytes);
            message.extend(tail);
            let _ = screen(&message, source(), &Rules::default());
        }
    }
}
