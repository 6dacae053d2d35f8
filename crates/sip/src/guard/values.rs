//! Whether header values are well formed, as far as acting on a malformed one would do harm.

use super::head::is_token;
use std::net::Ipv6Addr;

/// The status to refuse a Request-URI with, if any.
pub(super) fn request_uri_fault(uri: &str) -> Option<u16> {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("", uri));
    let alphabetic = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !alphabetic || !is_token(scheme) || uri.contains(['<', '>', '"', ' ', '\t']) {
        return Some(400);
    }
    match scheme.to_ascii_lowercase().as_str() {
        "sip" | "sips" => (!is_place(rest)).then_some(400),
        "tel" => None,
        _ => Some(416),
    }
}

/// `user@host:port;parameters` of a request's address: a host that can be one, and no headers (RFC 3261 section 19.1.1).
fn is_place(rest: &str) -> bool {
    let host = rest.rfind('@').map_or(rest, |at| &rest[at + 1..]);
    if host.contains('?') {
        return false;
    }
    is_host_port(host.split(';').next().unwrap_or_default())
}

/// `name`, `name:5060`, `192.0.2.1`, `[2001:db8::1]:5060`.
fn is_host_port(text: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, after)) = rest.split_once(']') else { return false };
        let after_fits = after.is_empty() || after.strip_prefix(':').is_some_and(is_port);
        return address.parse::<Ipv6Addr>().is_ok() && after_fits;
    }
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !host.is_empty() && host.bytes().all(name) && port.is_none_or(is_port)
}

/// Whether From or To (or one Contact) is an address that can be read in one way only.
pub(super) fn is_address(value: &str) -> bool {
    let Some(shape) = outside_quotes(value) else { return false };
    let Some(open) = shape.find('<') else {
        return !shape.trim().is_empty() && !shape.contains(['>', ',', '"']) && !shape.contains(";;");
    };
    let Some(close) = shape.find('>') else { return false };
    if close < open {
        return false;
    }
    let (name, uri, after) = (&shape[..open], &shape[open + 1..close], shape[close + 1..].trim());
    let spaced = uri.starts_with(char::is_whitespace) || uri.ends_with(char::is_whitespace);
    let parameters = after.is_empty() || after.starts_with(';');
    !name.contains([',', ';', ':']) && !spaced && !uri.contains('<') && parameters && !has_gap(after)
}

/// Whether a list of values has empty parts, such as `;;` or `,,`.
pub(super) fn has_gap(list: &str) -> bool {
    let Some(shape) = outside_quotes(list) else { return true };
    let bare: String = shape.chars().filter(|letter| !letter.is_whitespace()).collect();
    let gap = |pair: &[u8]| matches!(pair, [b';' | b',', b',' | b';']);
    bare.as_bytes().windows(2).any(gap) || bare.ends_with([',', ';'])
}

/// Whether an address without brackets has headers: nobody can tell whether they are the URI's (RFC 3261 section 20.10).
pub(super) fn is_ambiguous(contact: &str) -> bool {
    outside_quotes(contact).is_none_or(|shape| !shape.contains('<') && shape.contains('?'))
}

/// The text with what stands in quotes blanked out; `None` when a quote does not end.
pub(super) fn outside_quotes(text: &str) -> Option<String> {
    let mut shape = String::with_capacity(text.len());
    let mut letters = text.chars();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => {
                letters.next()?;
            }
            _ if quoted => (),
            other => shape.push(other),
        }
    }
    (!quoted).then_some(shape)
}

/// A `tag` parameter of From or To.
pub(super) fn tag(value: &str) -> Option<String> {
    let shape = outside_quotes(value)?;
    let parameters = shape.rfind('>').map_or_else(|| shape.clone(), |end| shape[end..].to_owned());
    let parameter = |part: &str| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("tag").then(|| value.trim().to_owned())
    };
    parameters.split(';').skip(1).find_map(parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_and_pbxes_are_fine() {
        for fine in [
            "sip:a@b;tag=1",
            "<sip:a@b>",
            "\"Bell, \\\"Alexander\\\" >\" <sip:a@b;x=1>;tag=2",
            "Иван Петров <sip:a@b>;tag=3",
            "Anna (sales) <sip:a@b>",
            "<tel:+79000000001>",
        ] {
            assert!(is_address(fine), "{fine}");
        }
    }

    #[test]
    fn addresses_that_read_in_two_ways_are_not() {
        for bad in [
            "\"Mr. Watson <sip:a@b>",
            "Bell, A <sip:a@b>",
            "< sip:a@b >",
            "<sip:a@b",
            "<sip:a@b>;;;;",
            "",
            "<sip:a@b> x",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn hosts_are_checked() {
        for fine in [
            "sip:b",
            "sip:a@b:5060;x=y",
            "sips:a;b?c@[2001:db8::1]:5061",
            "tel:+1",
            "sip:[::1]",
            "sip:1_2.example",
        ] {
            assert_eq!(request_uri_fault(fine), None, "{fine}");
        }
        for bad in
            ["<sip:a@b>", "sip:2001:db8::10", "sip:a@b?Route=%3Cx%3E", "sip:a@", "sip:a@b:x", "a", "sip:[::1"]
        {
            assert_eq!(request_uri_fault(bad), Some(400), "{bad}");
        }
        assert_eq!(request_uri_fault("nobody:x"), Some(416));
    }

    #[test]
    fn tags_are_found_behind_the_address_only() {
        assert_eq!(tag("\";tag=no\" <sip:a;tag=no@b>;x=1; TAG = yes").as_deref(), Some("yes"));
        assert_eq!(tag("sip:a@b"), None);
    }
}
