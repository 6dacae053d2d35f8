//! What to tell a person whose line cannot be shared yet. The bot has the words, in each language.

use crate::dial_rules::WhyBadRule;
use crate::settings::{BadSetting, TemplateCode};

/// Why a typed line is no share yet: what to type next, or what is wrong. Holds no password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Nothing but blanks: tell the whole form.
    NothingTyped,
    /// Only a login so far.
    PasswordMissing,
    /// Login and password so far: a template or a server comes next.
    ServerMissing,
    /// The line is longer than this many characters.
    TooLong {
        /// The greatest length in characters.
        max: usize,
    },
    /// The first word is not a login.
    BadLogin(BadSetting),
    /// The second word is not a password.
    BadPassword(BadSetting),
    /// The third word begins no template's name and is no server.
    NoSuchTemplate {
        /// What was typed.
        typed: String,
    },
    /// The third word looks like a server and is none.
    BadServer {
        /// What was typed.
        typed: String,
        /// What is wrong.
        why: BadSetting,
    },
    /// The template knows no server: the person's own one comes next.
    TemplateNeedsServer {
        /// The template's code.
        template: TemplateCode,
        /// The template's name.
        name: String,
    },
    /// A domain was typed after a template that has a server already: a domain goes only with a registrar.
    DomainNeedsRegistrar {
        /// What was typed.
        typed: String,
    },
    /// A list of codecs with something else in it, or with one of them twice.
    BadCodecs(BadSetting),
    /// A second list of codecs.
    CodecsTwice,
    /// A list of DTMF methods with something else in it, or with one of them twice.
    BadDtmf(BadSetting),
    /// A second list of DTMF methods.
    DtmfTwice,
    /// Codecs or DTMF methods after a rule: rules come last.
    RulesComeLast {
        /// What was typed after the rules.
        typed: String,
    },
    /// A rule does not compile.
    BadRule {
        /// The rule as typed.
        rule: String,
        /// What is wrong.
        why: WhyBadRule,
    },
    /// The rules are wrong as a whole: too many, or too long.
    BadRules(BadSetting),
}
