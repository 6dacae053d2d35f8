//! The payload of a link `https://t.me/<bot>?start=<payload>` (product reference 4.3 and 4.4).
//!
//! | form | example | holds |
//! |---|---|---|
//! | offer | `t_…` | the token of an offer to take |
//! | kept settings | `s_…` | a token of settings that the server keeps, since most do not fit |
//! | referral | `utm_partner`, `utm_partner=…` | who sent the person, and another payload |
//! | encoded | base64url of `login password server …` | everything that the inline form may hold, in at most 48 bytes |
//! | plain | `login=password=code` | three values of letters, digits, `_` and `-` |
//!
//! They are tried in this order. Telegram allows 64 letters, digits, `_` and `-`; the `=` works in some clients only,
//! and so the links made here for people are encoded ones where both would do.

use crate::ids::OfferToken;
use crate::password::Password;
use crate::settings::{DialRulesText, Login, TemplateCode};
use crate::share::{self, Hint, Server, Share, Understood};
use crate::template::Catalogue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The longest payload, in bytes (Bot API, "Deep linking").
pub const MAX_PAYLOAD: usize = 64;

/// What a payload means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// Go and take this offer.
    Offer(OfferToken),
    /// Add the account of settings that the server keeps under this token.
    Kept(OfferToken),
    /// Add this account.
    Share(Box<Share>),
    /// Somebody sent the person here.
    Referral {
        /// Who.
        partner: String,
        /// What else the link asked for.
        then: Option<Box<Link>>,
    },
}

/// Why a payload means nothing. Holds no password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// No payload.
    #[error("the link is empty")]
    Empty,
    /// Longer than [`MAX_PAYLOAD`].
    #[error("the link is longer than {MAX_PAYLOAD} characters")]
    TooLong,
    /// Something else than letters, digits, `_`, `-` and `=`.
    #[error("the link has characters that no link may have")]
    BadCharacters,
    /// `t_` or `s_` with something that is no token after it.
    #[error("the link has no whole token")]
    BadToken,
    /// `utm_` with nothing after it, or with another `utm_` inside.
    #[error("the link names no partner")]
    BadReferral,
    /// None of the forms.
    #[error("the link has none of the known forms")]
    NoForm,
    /// Values joined by `=`, but not login, password and template code.
    #[error("the link does not have three values")]
    NotThreeValues,
    /// The values or the encoded line cannot be shared.
    #[error("the settings in the link are not complete: {0:?}")]
    NoShare(Hint),
    /// The name in an encoded line begins the names of several templates.
    #[error("the link fits {found} templates")]
    SeveralTemplates {
        /// How many.
        found: usize,
    },
}

/// Understands a payload.
///
/// # Errors
///
/// It has none of the forms, or what it holds is not complete.
pub fn parse(payload: &str, catalogue: &Catalogue) -> Result<Link, BadLink> {
    if payload.is_empty() {
        return Err(BadLink::Empty);
    }
    if payload.len() > MAX_PAYLOAD {
        return Err(BadLink::TooLong);
    }
    if !payload.bytes().all(|byte| is_plain(byte) || byte == b'=') {
        return Err(BadLink::BadCharacters);
    }
    match payload.strip_prefix("utm_") {
        Some(referral) => self::referral(referral, catalogue),
        None => direct(payload, catalogue),
    }
}

fn referral(referral: &str, catalogue: &Catalogue) -> Result<Link, BadLink> {
    let (partner, then) = match referral.split_once('=') {
        Some((partner, then)) => (partner, Some(then).filter(|then| !then.is_empty())),
        None => (referral, None),
    };
    if partner.is_empty() || then.is_some_and(|then| then.starts_with("utm_")) {
        return Err(BadLink::BadReferral);
    }
    let then = then.map(|then| direct(then, catalogue).map(Box::new)).transpose()?;
    Ok(Link::Referral { partner: partner.to_owned(), then })
}

/// A payload without a referral.
fn direct(payload: &str, catalogue: &Catalogue) -> Result<Link, BadLink> {
    let token = |prefix| payload.strip_prefix(prefix).map(|token| token.parse::<OfferToken>());
    match (token("t_"), token("s_")) {
        (Some(Ok(token)), _) => return Ok(Link::Offer(token)),
        (_, Some(Ok(token))) => return Ok(Link::Kept(token)),
        // A login may begin so too: `t_1001=secret=code`.
        (Some(Err(_)), _) | (_, Some(Err(_))) if !payload.contains('=') => return Err(BadLink::BadToken),
        (Some(Err(_)) | None, Some(Err(_)) | None) => {}
    }
    let share = match encoded_line(payload) {
        Some(line) => line_share(&line, catalogue)?,
        None => values_share(payload, catalogue)?,
    };
    Ok(Link::Share(Box::new(share)))
}

/// The line that a base64url payload holds. A blank in it tells it from plain values that happen to decode.
fn encoded_line(payload: &str) -> Option<String> {
    let decoded = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let line = String::from_utf8(decoded).ok()?;
    (line.contains(' ') && !line.chars().any(char::is_control)).then_some(line)
}

fn line_share(line: &str, catalogue: &Catalogue) -> Result<Share, BadLink> {
    match share::parse(line, catalogue) {
        Understood::Hint(hint) => Err(BadLink::NoShare(hint)),
        Understood::Shares(mut shares) => match shares.len() {
            1 => shares.pop().ok_or(BadLink::NoForm),
            found => Err(BadLink::SeveralTemplates { found }),
        },
    }
}

fn values_share(payload: &str, catalogue: &Catalogue) -> Result<Share, BadLink> {
    if !payload.contains('=') {
        return Err(BadLink::NoForm);
    }
    let values: Vec<&str> = payload.split('=').collect();
    let [login, password, code] = values[..] else { return Err(BadLink::NotThreeValues) };
    if login.is_empty() || password.is_empty() || code.is_empty() {
        return Err(BadLink::NotThreeValues);
    }
    let no_share = BadLink::NoShare;
    let no_template = || no_share(Hint::NoSuchTemplate { typed: code.to_owned() });
    let template: TemplateCode = code.parse().map_err(|_| no_template())?;
    let template = catalogue.find(&template).ok_or_else(no_template)?;
    if template.needs_server() {
        let (code, name) = (template.code.clone(), template.name().to_owned());
        return Err(no_share(Hint::TemplateNeedsServer { template: code, name }));
    }
    Ok(Share {
        login: login.parse().map_err(|bad| no_share(Hint::BadLogin(bad)))?,
        password: password.parse().map_err(|bad| no_share(Hint::BadPassword(bad)))?,
        server: Server::Template { code: template.code.clone(), server: None },
        codecs: None,
        dtmf: None,
        rules: DialRulesText::default(),
    })
}

/// Why a payload cannot be made; the settings can be kept on the server and linked by a token then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotFit {
    /// It would be longer than [`MAX_PAYLOAD`].
    #[error("the link would have {length} characters, and {MAX_PAYLOAD} is the most")]
    TooLong {
        /// How long it would be.
        length: usize,
    },
    /// Plain values are letters, digits, `_` and `-`, and the login has something else.
    #[error("the login has characters that no plain link may have")]
    LoginCharacters,
    /// Plain values are letters, digits, `_` and `-`, and the password has something else.
    #[error("the password has characters that no plain link may have")]
    PasswordCharacters,
    /// A plain link that begins with `utm_` would be read as a referral.
    #[error("a login that begins with utm_ cannot stand in a plain link")]
    LooksLikeReferral,
    /// A password with a blank cannot stand in a line of words.
    #[error("a password with a blank cannot stand in a link")]
    BlankInPassword,
}

/// The payload `login=password=code`.
///
/// # Errors
///
/// It is too long, or a value has characters that may not stand there.
pub fn plain(login: &Login, password: &Password, code: &TemplateCode) -> Result<String, DoesNotFit> {
    if !login.as_str().bytes().all(is_plain) {
        return Err(DoesNotFit::LoginCharacters);
    }
    if !password.expose().bytes().all(is_plain) {
        return Err(DoesNotFit::PasswordCharacters);
    }
    if login.as_str().starts_with("utm_") {
        return Err(DoesNotFit::LooksLikeReferral);
    }
    fitting(format!("{login}={}={code}", password.expose()))
}

/// The payload that encodes a whole share. Only clients that allow nothing but Telegram's alphabet need it,
/// and they are the majority.
///
/// # Errors
///
/// The share has more than 48 bytes, or its password a blank.
pub fn base64(share: &Share) -> Result<String, DoesNotFit> {
    if share.password.expose().contains(char::is_whitespace) {
        return Err(DoesNotFit::BlankInPassword);
    }
    fitting(URL_SAFE_NO_PAD.encode(share.typed_with_password()))
}

/// The payload that leads to an offer.
#[must_use]
pub fn offer(token: &OfferToken) -> String {
    format!("t_{token}")
}

/// The payload that leads to settings kept on the server.
#[must_use]
pub fn kept(token: &OfferToken) -> String {
    format!("s_{token}")
}

fn fitting(payload: String) -> Result<String, DoesNotFit> {
    let length = payload.len();
    if length > MAX_PAYLOAD { Err(DoesNotFit::TooLong { length }) } else { Ok(payload) }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests;
