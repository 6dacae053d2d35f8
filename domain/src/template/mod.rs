//! Settings templates: what is known of providers and PBXes, so that a person types a name instead of servers.

mod builtin;
mod catalogue;

pub use catalogue::Catalogue;

use crate::settings::{Codecs, DialRulesText, DtmfMethods, HostPort, TemplateCode, Transport};
use crate::sip_account::Change;
use serde::{Deserialize, Serialize};

/// The connection settings of one provider or PBX.
///
/// Operators add their own in the configuration, in the same form; only `code` and `names` are needed there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stands in links and names the template for good.
    pub code: TemplateCode,
    /// Names by which people find it, in any script. The first is shown.
    pub names: Vec<String>,
    /// The SIP domain and server, with a port where it is not the usual one.
    /// None where everybody has a server of their own, as with a PBX: then people type it.
    #[serde(default)]
    pub domain: Option<HostPort>,
    /// The registrar, where it differs from the domain.
    #[serde(default)]
    pub proxy: Option<HostPort>,
    /// How SIP messages travel.
    #[serde(default)]
    pub transport: Transport,
    /// Audio codecs.
    #[serde(default)]
    pub codecs: Codecs,
    /// DTMF methods.
    #[serde(default)]
    pub dtmf: DtmfMethods,
    /// Dial rules.
    #[serde(default)]
    pub rules: DialRulesText,
    /// Where these settings come from: a public page, and what it says.
    #[serde(default)]
    pub source: String,
}

impl Template {
    /// The name that is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        self.names.first().map_or(self.code.as_str(), String::as_str)
    }

    /// Whether a person must type a server too, because the template knows none.
    #[must_use]
    pub fn needs_server(&self) -> bool {
        self.domain.is_none() && self.proxy.is_none()
    }

    /// What choosing this template changes in an account.
    #[must_use]
    pub fn change(&self) -> Change {
        Change::Template {
            code: self.code.clone(),
            domain: self.domain.clone(),
            proxy: self.proxy.clone(),
            transport: self.transport,
            codecs: self.codecs.clone(),
            dtmf: self.dtmf.clone(),
            rules: self.rules.clone(),
        }
    }
}
