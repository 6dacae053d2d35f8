//! Reading and writing messages: headers by name, addresses in headers, fresh tokens.
//!
//! The message types are those of `rsipstack`; nothing outside this crate sees them.

mod name_addr;

pub(crate) use name_addr::{NameAddr, format as name_addr, split_list};
pub(crate) use rsipstack::sip::{Header, Headers, Method, Request, Response, SipMessage, StatusCode};

use crate::uri::Uri;
use rand::Rng;
use rsipstack::sip::headers::make_header;
use std::str::FromStr;

/// Header names with a compact form (RFC 3261 section 7.3.3, RFC 3515, RFC 3892, RFC 4028).
const COMPACT: [(&str, &str); 15] = [
    ("Call-ID", "i"),
    ("Contact", "m"),
    ("Content-Encoding", "e"),
    ("Content-Length", "l"),
    ("Content-Type", "c"),
    ("Event", "o"),
    ("From", "f"),
    ("Refer-To", "r"),
    ("Referred-By", "b"),
    ("Session-Expires", "x"),
    ("Subject", "s"),
    ("Supported", "k"),
    ("To", "t"),
    ("Via", "v"),
    ("Allow-Events", "u"),
];

/// Parses a message as it came. Bytes that are not UTF-8 in its head are replaced instead of losing the header: old
/// PBXs write names in the code page of their country.
pub(crate) fn parse(bytes: &[u8]) -> Option<SipMessage> {
    let head = bytes.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    if std::str::from_utf8(&bytes[..head]).is_ok() {
        return SipMessage::try_from(bytes).ok();
    }
    let mut readable = String::from_utf8_lossy(&bytes[..head]).into_owned().into_bytes();
    readable.extend_from_slice(&bytes[head..]);
    SipMessage::try_from(readable.as_slice()).ok()
}

/// The first header of that name.
pub(crate) fn text<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    all(headers, name).next()
}

/// Every header of that name, in order.
pub(crate) fn all<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a str> {
    let compact = COMPACT.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, c)| *c);
    let name = name.to_owned();
    headers.iter().filter_map(move |h| {
        let its = h.name();
        let same = its.eq_ignore_ascii_case(&name) || its.eq_ignore_ascii_case(compact);
        same.then(|| h.value().trim())
    })
}

/// The option tags or methods in every header of that name, in lower case.
pub(crate) fn tokens(headers: &Headers, name: &str) -> Vec<String> {
    let values = all(headers, name).flat_map(|v| v.split(','));
    values.map(|t| t.trim().to_ascii_lowercase()).filter(|t| !t.is_empty()).collect()
}

/// Whether a list header names this token.
pub(crate) fn lists(headers: &Headers, name: &str, token: &str) -> bool {
    tokens(headers, name).iter().any(|t| t == token)
}

/// The number that a header begins with, as in `Retry-After: 120 (busy);duration=3600`.
pub(crate) fn number<T: FromStr>(headers: &Headers, name: &str) -> Option<T> {
    let value = text(headers, name)?;
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    value[..end].parse().ok()
}

/// The address in a From, To, Contact or the like.
pub(crate) fn address(headers: &Headers, name: &str) -> Option<NameAddr> {
    NameAddr::parse(split_list(text(headers, name)?).first()?)
}

/// The tag of From or To.
pub(crate) fn tag(headers: &Headers, name: &str) -> Option<String> {
    NameAddr::tag_of(text(headers, name)?)
}

/// The number in CSeq.
pub(crate) fn cseq(headers: &Headers) -> Option<u32> {
    number(headers, "CSeq")
}

/// The method in CSeq.
pub(crate) fn cseq_method(headers: &Headers) -> Option<&str> {
    text(headers, "CSeq")?.split_ascii_whitespace().nth(1)
}

/// A header from its name and value.
pub(crate) fn header(name: &str, value: impl Into<String>) -> Header {
    make_header(name, value.into())
}

/// Replaces every header of that name.
pub(crate) fn set(headers: &mut Headers, name: &str, value: impl Into<String>) {
    headers.retain(|h| !h.name().eq_ignore_ascii_case(name));
    headers.push(header(name, value));
}

/// A body as text; what is not UTF-8 is replaced.
pub(crate) fn body_text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// Whether the body is a session description; without a type a body beginning with `v=` is taken for one.
pub(crate) fn sdp_of(headers: &Headers, body: &[u8]) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let kind = text(headers, "Content-Type").unwrap_or("").to_ascii_lowercase();
    if kind.starts_with("application/sdp") || (kind.is_empty() && body.starts_with(b"v=")) {
        return Some(body_text(body));
    }
    kind.starts_with("multipart/").then(|| sdp_in_multipart(body)).flatten()
}

/// The SDP part of a multipart body, found by its own content type: gateways put ISUP or location beside it.
fn sdp_in_multipart(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let boundary = text.lines().find(|l| l.starts_with("--"))?.trim_end().to_owned();
    text.split(boundary.as_str()).find_map(|part| {
        let (head, content) = part.split_once("\r\n\r\n")?;
        let described = head.to_ascii_lowercase().contains("application/sdp");
        described.then(|| content.trim_end_matches("\r\n").to_owned() + "\r\n")
    })
}

/// The words of a status line, or the standard ones of its code.
pub(crate) fn reason_of(response: &Response) -> String {
    response.reason_phrase().map_or_else(|| response.status_code.text().to_owned(), str::to_owned)
}

/// A status with these words, or the standard words where there are none.
pub(crate) fn status(code: u16, words: &str) -> StatusCode {
    let known = StatusCode::from(code);
    if words.is_empty() || words.eq_ignore_ascii_case(known.text()) || words.chars().any(char::is_control) {
        return known;
    }
    match code {
        // The stack tells these apart by their own names.
        100..=299 => known,
        _ => StatusCode::Other(code, words.to_owned()),
    }
}

/// Our address type as the stack's; an address that the stack cannot read becomes one that leads nowhere.
pub(crate) fn request_uri(uri: &Uri) -> rsipstack::sip::Uri {
    // Headers have no place in a Request-URI (RFC 3261 section 19.1.1).
    let plain = Uri { headers: Vec::new(), ..uri.clone() };
    rsipstack::sip::Uri::try_from(plain.to_string()).unwrap_or_default()
}

/// The user part as it is written.
pub(crate) fn uri_user(uri: &Uri) -> String {
    uri.user.clone().unwrap_or_default()
}

/// A token nobody can guess: tags, branches, Call-IDs.
pub(crate) fn fresh(length: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_an_old_code_page_does_not_end_the_head() {
        let mut bytes = b"INVITE sip:1@h.test SIP/2.0\r\nFrom: \"".to_vec();
        bytes.extend([0xcf, 0xe5, 0xf2, 0xf0]);
        bytes.extend(b"\" <sip:2@h.test>;tag=1\r\nCall-ID: a\r\nContent-Length: 3\r\n\r\n\xffab");
        let Some(SipMessage::Request(request)) = parse(&bytes) else { panic!("not read") };
        assert_eq!(tag(&request.headers, "From").as_deref(), Some("1"));
        assert_eq!(text(&request.headers, "Call-ID"), Some("a"));
        assert_eq!(request.body, b"\xffab");
    }

    #[test]
    fn compact_names_are_the_long_ones() {
        let bytes = b"REFER sip:1@h.test SIP/2.0\r\nr: <sip:2@h.test>\r\nk: timer, 100rel\r\nx: 90;refresher=uac\r\n\r\n";
        let Some(SipMessage::Request(request)) = parse(bytes) else { panic!("not read") };
        assert_eq!(text(&request.headers, "Refer-To"), Some("<sip:2@h.test>"));
        assert!(lists(&request.headers, "Supported", "100rel"));
        assert_eq!(number::<u32>(&request.headers, "Session-Expires"), Some(90));
    }

    #[test]
    fn a_description_is_found_among_other_parts() {
        let body = b"--x\r\nContent-Type: application/isup\r\n\r\nabc\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--x--\r\n";
        let headers: Headers = vec![header("Content-Type", "multipart/mixed;boundary=x")].into();
        assert_eq!(sdp_of(&headers, body).as_deref(), Some("v=0\r\n"));
    }
}
