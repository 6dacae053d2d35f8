//! What a SIP account is set to, and the values that its fields may take.
//!
//! Every value is checked when it is parsed and never again (product reference 3.2).

mod lists;
mod rules;
mod text;

pub use lists::{Codec, Codecs, DtmfMethod, DtmfMethods};
pub use rules::DialRulesText;
pub use text::{AccountName, HostPort, Login, MAX_PASSWORD, TemplateCode};

use crate::dial_rules::WhyBadRule;
use crate::ids::ChatId;
use crate::sealed::Sealed;
use serde::{Deserialize, Serialize};
use std::fmt;

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
