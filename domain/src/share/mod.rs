//! Settings typed on one line, to be shared: `login password template|server [domain] [codecs] [dtmf] [rules]`
//! (product reference 4.1).
//!
//! [`parse`] understands every text: as shares, or as one hint that says what to type next or what is wrong.

mod hint;
mod parse;
#[cfg(test)]
mod tests;

pub use hint::Hint;
pub use parse::{MAX_TEXT, parse};

use crate::password::Password;
use crate::sealed::Sealed;
use crate::settings::{Codecs, DialRulesText, DtmfMethods, HostPort, Login, Settings, TemplateCode};
use crate::template::Catalogue;

/// What a typed line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understood {
    /// One share; or one for each template that fits, at least one and at most [`Catalogue::MAX_FOUND`].
    Shares(Vec<Share>),
    /// Nothing to share yet.
    Hint(Hint),
}

/// Settings ready to be shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// SIP user and authentication user.
    pub login: Login,
    /// The password, in clear.
    pub password: Password,
    /// Where the account is.
    pub server: Server,
    /// Audio codecs; without them the template's, or the usual ones.
    pub codecs: Option<Codecs>,
    /// DTMF methods; without them the template's, or the usual ones.
    pub dtmf: Option<DtmfMethods>,
    /// Dial rules; when empty the template's.
    pub rules: DialRulesText,
}

/// Where a shared account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Server {
    /// As a template of the catalogue says.
    Template {
        /// Which one.
        code: TemplateCode,
        /// The person's own server, where the template knows none.
        server: Option<HostPort>,
    },
    /// As typed.
    Typed {
        /// The server to register at.
        registrar: HostPort,
        /// The domain of SIP addresses, where it differs from the registrar.
        domain: Option<HostPort>,
    },
}

impl Share {
    /// The settings that a Take brings, with the password as the vault has sealed it.
    #[must_use]
    pub fn settings(&self, catalogue: &Catalogue, password: Sealed) -> Settings {
        let mut settings = match &self.server {
            Server::Template { code, server } => {
                let mut settings = Settings { template: Some(code.clone()), ..Settings::default() };
                if let Some(template) = catalogue.find(code) {
                    settings.domain.clone_from(&template.domain);
                    settings.proxy.clone_from(&template.proxy);
                    settings.transport = template.transport;
                    settings.codecs.clone_from(&template.codecs);
                    settings.dtmf.clone_from(&template.dtmf);
                    settings.rules.clone_from(&template.rules);
                }
                if server.is_some() {
                    settings.domain.clone_from(server);
                }
                settings
            }
            Server::Typed { registrar, domain: None } => {
                Settings { domain: Some(registrar.clone()), ..Settings::default() }
            }
            Server::Typed { registrar, domain } => {
                Settings { domain: domain.clone(), proxy: Some(registrar.clone()), ..Settings::default() }
            }
        };
        settings.login = Some(self.login.clone());
        settings.password = Some(password);
        if let Some(codecs) = &self.codecs {
            settings.codecs.clone_from(codecs);
        }
        if let Some(dtmf) = &self.dtmf {
            settings.dtmf.clone_from(dtmf);
        }
        if !self.rules.is_empty() {
            settings.rules.clone_from(&self.rules);
        }
        settings
    }

    /// The share as it would be typed, **with the password in clear**: for a link that carries it, and for nothing else.
    #[must_use]
    pub fn typed_with_password(&self) -> String {
        let mut words = vec![self.login.to_string(), self.password.expose().to_owned()];
        match &self.server {
            Server::Template { code, server } => {
                words.push(code.to_string());
                words.extend(server.as_ref().map(HostPort::to_string));
            }
            Server::Typed { registrar, domain } => {
                words.push(registrar.to_string());
                words.extend(domain.as_ref().map(HostPort::to_string));
            }
        }
        words.extend(self.codecs.as_ref().map(Codecs::to_string));
        words.extend(self.dtmf.as_ref().map(DtmfMethods::to_string));
        if !self.rules.is_empty() {
            // A `=` alone says nothing and begins the rules: without it the first might be read as a domain.
            let first = self.rules.as_str().split(' ').next().unwrap_or_default();
            if parse::is_host(first) {
                words.push("=".to_owned());
            }
            words.push(self.rules.to_string());
        }
        words.join(" ")
    }
}
