//! What a SIP account is set to, and the values that its fields may take.
//!
//! Every value is checked when it is parsed and never again (product reference 3.2).

use crate::dial_rules::{DialRules, WhyBadRule};
use crate::ids::ChatId;
use crate::sealed::Sealed;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// All settings of one SIP account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The label in lists; without one, people see `login@domain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<AccountName>,
    /// SIP user and authentication user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
    /// The password, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Sealed>,
    /// The SIP domain and server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<HostPort>,
    /// The registrar, where it differs from the domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<HostPort>,
    /// The catalogue entry these settings were filled from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateCode>,
    /// How SIP messages travel.
    #[serde(default)]
    pub transport: Transport,
    /// Audio codecs, the wanted ones first.
    #[serde(default)]
    pub codecs: Codecs,
    /// DTMF methods, tried in order.
    #[serde(default)]
    pub dtmf: DtmfMethods,
    /// Rules on a dialled number, as typed; empty means none.
    #[serde(default)]
    pub rules: DialRulesText,
    /// Who registers the account and carries its media.
    #[serde(default)]
    pub worker: WorkerChoice,
    /// Whether and where calls are recorded.
    #[serde(default)]
    pub recording: Recording,
}

impl Settings {
    /// Whether a gateway could register with them: login, password, and a domain or a proxy are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.login.is_some() && self.password.is_some() && (self.domain.is_some() || self.proxy.is_some())
    }

    /// What people see in lists: the name, else `login@domain`, else the login; none for an empty draft.
    #[must_use]
    pub fn label(&self) -> Option<String> {
        if let Some(name) = &self.name {
            return Some(name.to_string());
        }
        let login = self.login.as_ref()?;
        match self.domain.as_ref().or(self.proxy.as_ref()) {
            Some(host) => Some(format!("{login}@{host}")),
            None => Some(login.to_string()),
        }
    }
}

/// The text is not a value of this setting; the variant says why, in the domain's own words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// Nothing was given.
    #[error("the value is empty")]
    Empty,
    /// Too many characters.
    #[error("the value is longer than {max} characters")]
    TooLong {
        /// The greatest length in characters.
        max: usize,
    },
    /// Blanks or control characters where none may be.
    #[error("the value has blanks or control characters")]
    Blanks,
    /// Not a host with an optional port.
    #[error("`{0}` is not a host or host:port")]
    NotAHost(String),
    /// The port is not 1 to 65535.
    #[error("`{0}` is not a port from 1 to 65535")]
    NotAPort(String),
    /// Not the name of a codec.
    #[error("`{0}` is not a known codec")]
    UnknownCodec(String),
    /// Not the name of a DTMF method.
    #[error("`{0}` is not a DTMF method")]
    UnknownDtmf(String),
    /// The same entry twice.
    #[error("`{0}` is listed twice")]
    Twice(String),
    /// Not the code of a template.
    #[error("`{0}` is not a template code: letters, digits, `-` and `_`")]
    NotACode(String),
    /// A dial rule does not compile.
    #[error("the rule `{rule}` is no rule: {why}")]
    BadRule {
        /// The rule as typed.
        rule: String,
        /// What is wrong with it.
        why: WhyBadRule,
    },
    /// Too many dial rules.
    #[error("there are more than {max} rules")]
    TooManyRules {
        /// The greatest number.
        max: usize,
    },
}

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

/// How SIP messages travel. The button cycles through them in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Datagrams; the default.
    #[default]
    Udp,
    /// A stream.
    Tcp,
    /// An encrypted stream.
    Tls,
}

impl Transport {
    /// All of them, in the order of the button.
    pub const ALL: [Self; 3] = [Self::Udp, Self::Tcp, Self::Tls];

    /// What one press of the button leads to.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Udp => Self::Tcp,
            Self::Tcp => Self::Tls,
            Self::Tls => Self::Udp,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        })
    }
}

macro_rules! ordered_list {
    ($(#[$doc:meta])* $list:ident of $(#[$item_doc:meta])* $item:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal $(| $alias:literal)*),+ $(,)? } default [$($default:ident),+] else $unknown:ident) => {
        $(#[$item_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $item { $($(#[$variant_doc])* $variant),+ }

        impl $item {
            /// All of them, in the order in which pickers show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as people type it and providers print it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $item {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $item {
            type Err = BadSetting;

            fn from_str(text: &str) -> Result<Self, BadSetting> {
                match text.trim().to_lowercase().as_str() {
                    $($name $(| $alias)* => Ok(Self::$variant),)+
                    _ => Err(BadSetting::$unknown(text.trim().to_owned())),
                }
            }
        }

        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $list(Vec<$item>);

        impl $list {
            /// These entries in this order.
            ///
            /// # Errors
            ///
            /// The list is empty or names an entry twice.
            pub fn new(items: impl IntoIterator<Item = $item>) -> Result<Self, BadSetting> {
                let mut list = Vec::new();
                for item in items {
                    if list.contains(&item) {
                        return Err(BadSetting::Twice(item.to_string()));
                    }
                    list.push(item);
                }
                if list.is_empty() { Err(BadSetting::Empty) } else { Ok(Self(list)) }
            }

            /// The entries, the wanted ones first.
            #[must_use]
            pub fn as_slice(&self) -> &[$item] {
                &self.0
            }
        }

        impl Default for $list {
            fn default() -> Self {
                Self(vec![$($item::$default),+])
            }
        }

        impl FromStr for $list {
            type Err = BadSetting;

            fn from_str(text: &str) -> Result<Self, BadSetting> {
                let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
                Self::new(names.map(str::parse).collect::<Result<Vec<_>, _>>()?)
            }
        }

        impl TryFrom<String> for $list {
            type Error = BadSetting;

            fn try_from(text: String) -> Result<Self, BadSetting> {
                text.parse()
            }
        }

        impl From<$list> for String {
            fn from(list: $list) -> String {
                list.to_string()
            }
        }

        impl fmt::Display for $list {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let names: Vec<&str> = self.0.iter().map(|item| item.name()).collect();
                f.write_str(&names.join(","))
            }
        }
    };
}

ordered_list!(
    /// Audio codecs in order of priority: the order of the SDP offer. Written `opus,g722,alaw,mulaw`.
    Codecs of
    /// An audio codec.
    Codec {
        /// Opus, 48 kHz (RFC 6716).
        Opus = "opus",
        /// G.722, 16 kHz.
        G722 = "g722" | "g722/16000" | "g722/8000",
        /// G.711 A-law.
        Alaw = "alaw" | "pcma",
        /// G.711 µ-law.
        Mulaw = "mulaw" | "ulaw" | "pcmu",
        /// G.729.
        G729 = "g729",
        /// GSM 06.10 full rate.
        Gsm = "gsm",
    } default [Opus, G722, Alaw, Mulaw] else UnknownCodec
);

ordered_list!(
    /// DTMF methods in the order in which they are tried. Written `rfc2833,info`.
    DtmfMethods of
    /// A way to send a pressed key.
    DtmfMethod {
        /// Telephone events in RTP (RFC 4733, once RFC 2833).
        Rfc2833 = "rfc2833" | "rfc4733",
        /// SIP INFO.
        Info = "info",
        /// Tones in the sound.
        Inband = "inband",
    } default [Rfc2833, Info] else UnknownDtmf
);

/// Dial rules as a person typed them, one blank between two; every one of them compiles. Empty means none.
///
/// What they do to a number is told by [`crate::dial_rules`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DialRulesText(String);

impl DialRulesText {
    /// The rules as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no rule at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules, ready for numbers.
    #[must_use]
    pub fn compiled(&self) -> DialRules {
        self.into()
    }
}

impl FromStr for DialRulesText {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        DialRules::parse(text).map(|rules| Self(rules.to_string()))
    }
}

impl TryFrom<String> for DialRulesText {
    type Error = BadSetting;

    fn try_from(text: String) -> Result<Self, BadSetting> {
        text.parse()
    }
}

impl From<DialRulesText> for String {
    fn from(rules: DialRulesText) -> String {
        rules.0
    }
}

impl fmt::Display for DialRulesText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who registers an account and carries its media.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkerChoice {
    /// The platform chooses.
    #[default]
    Auto,
}

/// Whether and where the calls of an account are recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Recording {
    /// Every call is recorded from its beginning.
    #[serde(default)]
    pub automatic: bool,
    /// Where recordings go; without one, to the user's chat with the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatId>,
}

#[cfg(test)]
mod text_tests {
    use super::*;

    #[test]
    fn dial_rules_are_kept_as_typed_with_one_blank_between_them() {
        let rules: DialRulesText = "  ^8=7   ^79 ".parse().expect("they compile");
        assert_eq!(rules.as_str(), "^8=7 ^79");
        assert_eq!(serde_json::to_string(&rules).expect("it is text"), r#""^8=7 ^79""#);
    }

    #[test]
    fn dial_rules_that_do_not_compile_are_refused_from_people_and_from_storage_alike() {
        assert!("(8".parse::<DialRulesText>().is_err());
        assert!(serde_json::from_str::<DialRulesText>(r#""(8""#).is_err());
    }

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
}
