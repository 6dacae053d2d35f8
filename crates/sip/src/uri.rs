//! SIP and tel addresses: what people type, what goes into headers, and the parameters that steer a request.

use std::fmt;
use std::str::FromStr;

/// A `sip:`, `sips:` or `tel:` URI (RFC 3261 section 19.1, RFC 3966).
///
/// User and host are kept as written, percent-escapes included, so that a URI of a peer goes back to it unchanged.
/// `Debug` hides the user part: it is mostly a person's telephone number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Uri {
    /// How the address is reached.
    pub scheme: Scheme,
    /// Who is meant; of a `tel:` URI the number.
    pub user: Option<String>,
    /// Host name or literal address, IPv6 in brackets; empty in a `tel:` URI.
    pub host: String,
    /// Port, where one is written.
    pub port: Option<u16>,
    /// Parameters in order, such as `transport=tcp` or `lr`.
    pub params: Vec<(String, Option<String>)>,
    /// Headers after `?`, unescaped, such as `Replaces` in a `Refer-To`.
    pub headers: Vec<(String, String)>,
}

/// The scheme of a [`Uri`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`: TLS on every hop.
    Sips,
    /// `tel:`: a telephone number.
    Tel,
}

/// Why a text is no address that can be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UriError {
    /// Neither `sip:`, `sips:` nor `tel:`.
    #[error("the scheme is neither sip, sips nor tel")]
    Scheme,
    /// No host where one is needed.
    #[error("the host is missing or malformed")]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    Port,
    /// White space, control or delimiting characters where none may be.
    #[error("there are characters in it that must be escaped")]
    Characters,
}

impl Uri {
    /// `sip:user@host`, where `host` may carry a port (`pbx.example:5070`). The user is escaped as RFC 3261 asks.
    ///
    /// # Errors
    /// [`UriError`] where `host` is no host with an optional port.
    pub fn sip(user: &str, host: &str) -> Result<Self, UriError> {
        let mut uri: Uri = format!("sip:{host}").parse()?;
        uri.user = (!user.is_empty()).then(|| escape(user));
        Ok(uri)
    }

    /// The value of a parameter, by name without regard to case; `Some("")` for one without a value.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        Some(found.1.as_deref().unwrap_or(""))
    }

    /// The user part with its percent-escapes resolved.
    #[must_use]
    pub fn user_text(&self) -> String {
        unescape(self.user.as_deref().unwrap_or(""))
    }

    /// The same address without parameters and headers: what From and To carry.
    #[must_use]
    pub fn bare(&self) -> Self {
        Uri { params: Vec::new(), headers: Vec::new(), ..self.clone() }
    }

    /// Host with the port where one is written.
    #[must_use]
    pub fn host_port(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scheme {
            Scheme::Tel => write!(f, "tel:{}", self.user.as_deref().unwrap_or(""))?,
            Scheme::Sip => f.write_str("sip:")?,
            Scheme::Sips => f.write_str("sips:")?,
        }
        if self.scheme != Scheme::Tel {
            if let Some(user) = &self.user {
                write!(f, "{user}@")?;
            }
            f.write_str(&self.host_port())?;
        }
        for (name, value) in &self.params {
            match value {
                Some(value) => write!(f, ";{name}={value}")?,
                None => write!(f, ";{name}")?,
            }
        }
        for (i, (name, value)) in self.headers.iter().enumerate() {
            write!(f, "{}{}={}", if i == 0 { '?' } else { '&' }, escape(name), escape(value))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uri({:?} …@{})", self.scheme, self.host)
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':').ok_or(UriError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "sip" => Scheme::Sip,
            "sips" => Scheme::Sips,
            "tel" => Scheme::Tel,
            _ => return Err(UriError::Scheme),
        };
        if rest.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"')) {
            return Err(UriError::Characters);
        }
        match scheme {
            Scheme::Tel => tel(rest),
            Scheme::Sip | Scheme::Sips => sip(scheme, rest),
        }
    }
}

fn tel(rest: &str) -> Result<Uri, UriError> {
    let (number, params) = rest.split_once(';').unwrap_or((rest, ""));
    if number.is_empty() {
        return Err(UriError::Host);
    }
    Ok(Uri {
        scheme: Scheme::Tel,
        user: Some(number.to_owned()),
        host: String::new(),
        port: None,
        params: parameters(params),
        headers: Vec::new(),
    })
}

fn sip(scheme: Scheme, rest: &str) -> Result<Uri, UriError> {
    // The user part may hold ';' and '?', so the last '@' before any header decides.
    let (user, rest) = match rest.rfind('@') {
        Some(at) => (Some(rest[..at].to_owned()), &rest[at + 1..]),
        None => (None, rest),
    };
    let (rest, headers) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, params) = rest.split_once(';').unwrap_or((rest, ""));
    let (host, port) = host_and_port(host)?;
    Ok(Uri { scheme, user, host, port, params: parameters(params), headers: header_list(headers) })
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), UriError> {
    let (host, port) = match text.rfind(':') {
        Some(colon) if !text.ends_with(']') => (&text[..colon], Some(&text[colon + 1..])),
        Some(_) | None => (text, None),
    };
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let literal = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let sound = match literal {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => plain && !host.is_empty(),
    };
    if !sound {
        return Err(UriError::Host);
    }
    let port = port.map(|p| p.parse::<u16>().ok().filter(|p| *p > 0).ok_or(UriError::Port)).transpose()?;
    Ok((host.to_owned(), port))
}

fn parameters(text: &str) -> Vec<(String, Option<String>)> {
    let parts = text.split(';').filter(|p| !p.is_empty());
    parts
        .map(|p| match p.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (p.to_owned(), None),
        })
        .collect()
}

fn header_list(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|p| !p.is_empty());
    parts
        .map(|p| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            (unescape(name), unescape(value))
        })
        .collect()
}

/// Percent-escapes everything but RFC 3261's `unreserved` and the few reserved characters that numbers need.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' | b'+' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Resolves percent-escapes; what is no escape stays as it is.
pub(crate) fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            Some(_) | None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was_written() {
        for text in [
            "sip:1001@pbx.test",
            "sips:olga%20k@pbx.test:5071;transport=tls;lr",
            "sip:[2001:db8::1]:5070;transport=tcp",
            "tel:+79000000001;phone-context=+7",
            "sip:601@h.test?Replaces=abc%40h%3Bto-tag%3D1%3Bfrom-tag%3D2",
            "sip:a;b=c@host.test",
        ] {
            assert_eq!(text.parse::<Uri>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_headers_of_a_referral_are_unescaped() {
        let uri: Uri = "sip:1@h?Replaces=abc%40h%3Bto-tag%3D1".parse().unwrap();
        assert_eq!(uri.headers, [("Replaces".to_owned(), "abc@h;to-tag=1".to_owned())]);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        assert_eq!("1001@pbx".parse::<Uri>(), Err(UriError::Scheme));
        assert_eq!("sip:".parse::<Uri>(), Err(UriError::Host));
        assert_eq!("sip:1@host:99999".parse::<Uri>(), Err(UriError::Port));
        assert_eq!("sip:1@ho st".parse::<Uri>(), Err(UriError::Characters));
        assert_eq!("sip:1@[::g]".parse::<Uri>(), Err(UriError::Host));
    }

    #[test]
    fn a_user_with_odd_characters_is_escaped() {
        let uri = Uri::sip("12#34 @", "pbx.test:5070").unwrap();
        assert_eq!(uri.to_string(), "sip:12%2334%20%40@pbx.test:5070");
        assert_eq!(uri.user_text(), "12#34 @");
    }

    #[test]
    fn a_number_stays_out_of_debug_output() {
        assert!(!format!("{:?}", Uri::sip("79001234567", "pbx.test").unwrap()).contains("7900"));
    }
}
