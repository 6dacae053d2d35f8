//! Settings that are a piece of text: names, logins, hosts, codes.

use super::BadSetting;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The value as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadSetting;

            fn from_str(text: &str) -> Result<Self, BadSetting> {
                let check: fn(&str) -> Result<String, BadSetting> = $check;
                check(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadSetting;

            fn try_from(text: String) -> Result<Self, BadSetting> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text!(
    /// The label of an account: 1 to 64 characters on one line.
    AccountName, |text| one_line(text, 64)
);
checked_text!(
    /// SIP user name: 1 to 128 characters without blanks, `@`, or control characters.
    Login, |text| token(text, 128)
);
checked_text!(
    /// A host name or address with an optional `:port`; IPv6 in brackets. Lower case.
    HostPort, host_port
);
checked_text!(
    /// The code of a settings template: 1 to 32 lower-case Latin letters, digits, `-` and `_`; it stands in links.
    TemplateCode, template_code
);

/// The greatest length of a password, in bytes.
pub const MAX_PASSWORD: usize = 256;

fn one_line(text: &str, max: usize) -> Result<String, BadSetting> {
    let text = text.trim();
    if text.is_empty() {
        return Err(BadSetting::Empty);
    }
    if text.chars().count() > max {
        return Err(BadSetting::TooLong { max });
    }
    if text.chars().any(char::is_control) {
        return Err(BadSetting::Blanks);
    }
    Ok(text.to_owned())
}

fn token(text: &str, max: usize) -> Result<String, BadSetting> {
    let text = one_line(text, max)?;
    if text.chars().any(|c| c.is_whitespace() || c == '@') {
        return Err(BadSetting::Blanks);
    }
    Ok(text)
}

fn template_code(text: &str) -> Result<String, BadSetting> {
    let code = token(text, 32)?.to_lowercase();
    let fits = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if fits { Ok(code) } else { Err(BadSetting::NotACode(code)) }
}

fn host_port(text: &str) -> Result<String, BadSetting> {
    let text = token(text, 253)?.to_lowercase();
    let not_a_host = || BadSetting::NotAHost(text.clone());
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']').ok_or_else(not_a_host)?;
            address.parse::<std::net::Ipv6Addr>().map_err(|_| not_a_host())?;
            if !after.is_empty() && !after.starts_with(':') {
                return Err(not_a_host());
            }
            (None, after.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(text.as_str()), None),
        },
    };
    if let Some(host) = host {
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if !host.split('.').all(label) {
            return Err(not_a_host());
        }
    }
    if let Some(port) = port {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || port.parse::<u16>().unwrap_or_default() == 0 {
            return Err(BadSetting::NotAPort(port.to_owned()));
        }
    }
    Ok(text)
}

impl HostPort {
    /// The host without the port; an IPv6 address in its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        match self.port_at() {
            Some(colon) => &self.0[..colon],
            None => &self.0,
        }
    }

    /// The port, where one is given.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port_at().and_then(|colon| self.0[colon + 1..].parse().ok())
    }

    fn port_at(&self) -> Option<usize> {
        let address_ends = self.0.rfind(']').unwrap_or(0);
        self.0[address_ends..].rfind(':').map(|colon| address_ends + colon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_digits_after_a_colon_and_nothing_else() {
        for good in ["pbx.example:5060", "[::1]:5060", "[::1]", "10.0.0.1", "localhost"] {
            assert_eq!(good.parse::<HostPort>().map(|host| host.to_string()), Ok(good.to_owned()));
        }
        for bad in
            ["pbx.example:+5060", "[::1]5060", "pbx.example:0", "pbx.example:65536", "pbx.example:", "::1"]
        {
            assert!(bad.parse::<HostPort>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_template_code_fits_into_a_link() {
        assert_eq!(
            "MultiFon".parse::<TemplateCode>().map(|code| code.to_string()),
            Ok("multifon".to_owned())
        );
        assert_eq!("муль".parse::<TemplateCode>(), Err(BadSetting::NotACode("муль".to_owned())));
    }

    #[test]
    fn a_host_is_kept_in_lower_case_and_its_parts_are_told_apart() {
        let host: HostPort = "PBX.Example:5061".parse().expect("a host");
        assert_eq!(
            (host.as_str(), host.host(), host.port()),
            ("pbx.example:5061", "pbx.example", Some(5061))
        );

        let host: HostPort = "[2001:db8::1]:5070".parse().expect("a host");
        assert_eq!((host.host(), host.port()), ("[2001:db8::1]", Some(5070)));

        let host: HostPort = "pbx.example".parse().expect("a host");
        assert_eq!((host.host(), host.port()), ("pbx.example", None));
    }

    #[test]
    fn what_is_not_a_host_is_refused() {
        for bad in [
            "",
            " ",
            "pbx..example",
            "-pbx.example",
            "a b",
            "user@pbx.example",
            "[::1",
            "[nonsense]",
            "pbx/1",
        ] {
            assert!(bad.parse::<HostPort>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_login_has_no_blanks_and_no_at_sign() {
        assert_eq!(" 1001 ".parse::<Login>().map(String::from), Ok("1001".to_owned()));
        for bad in ["", "10 01", "1001@pbx", "10\t01", "10\u{0}01"] {
            assert!(bad.parse::<Login>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_one_line_of_at_most_64_characters() {
        assert!("Приёмная, 2 этаж".parse::<AccountName>().is_ok());
        assert!("я".repeat(64).parse::<AccountName>().is_ok());
        assert_eq!("я".repeat(65).parse::<AccountName>(), Err(BadSetting::TooLong { max: 64 }));
        assert_eq!("two\nlines".parse::<AccountName>(), Err(BadSetting::Blanks));
    }
}
