//! Who opens a phone: Telegram's signature over what a Mini App was started with.
//!
//! The secret is `HMAC-SHA256("WebAppData", token)`; the signature is over all fields but `hash`, sorted, one a line
//! (<https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app>).

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::UserId;
use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// How old the data may be.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// How far the clock of Telegram may be ahead of ours.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// The longest init data that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;

/// Who opens the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Telegram's user id.
    pub user: UserId,
    /// First name, fit to be shown.
    pub name: String,
    /// The language of their app: `en`, `ru`, and others.
    pub language: Option<String>,
}

/// The data lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotLetIn {
    /// It is not what Telegram makes.
    #[error("this is not what Telegram gives a Mini App")]
    Malformed,
    /// It is not signed with the bot's token.
    #[error("the signature does not fit")]
    Forged,
    /// It is older than a day, or from the future.
    #[error("it is too old")]
    Stale,
}

#[derive(Deserialize)]
struct SignedUser {
    id: i64,
    #[serde(default)]
    first_name: String,
    language_code: Option<String>,
}

/// Looks whether the bot's token signed it, and how long ago.
///
/// # Errors
///
/// See [`NotLetIn`]. Nothing of the data is believed before the signature fits.
pub fn check(init_data: &str, token: &SecretString, now: DateTime<Utc>) -> Result<Visitor, NotLetIn> {
    if init_data.len() > LONGEST {
        return Err(NotLetIn::Malformed);
    }
    let mut fields = parse(init_data)?;
    fields.sort();
    let twice = fields.windows(2).any(|pair| pair[0].0 == pair[1].0);
    let hash = fields.iter().position(|(name, _)| name == "hash").filter(|_| !twice);
    let (_, hash) = fields.remove(hash.ok_or(NotLetIn::Malformed)?);
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let expected = signature(&lines.join("\n"), token);
    if !bool::from(expected.as_bytes().ct_eq(hash.to_ascii_lowercase().as_bytes())) {
        return Err(NotLetIn::Forged);
    }
    let field =
        |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let signed_at = field("auth_date").and_then(|at| at.parse().ok()).ok_or(NotLetIn::Malformed)?;
    let signed_at = DateTime::from_timestamp(signed_at, 0).ok_or(NotLetIn::Malformed)?;
    if now - signed_at > FRESH || signed_at - now > AHEAD {
        return Err(NotLetIn::Stale);
    }
    let user = field("user").ok_or(NotLetIn::Malformed)?;
    let user: SignedUser = serde_json::from_str(user).map_err(|_| NotLetIn::Malformed)?;
    let name = crate::call::caller::name(&user.first_name).unwrap_or_default();
    Ok(Visitor { user: UserId(user.id), name, language: user.language_code })
}

fn signature(lines: &str, token: &SecretString) -> String {
    let secret = hmac(b"WebAppData", token.expose_secret().as_bytes());
    hmac(&secret, lines.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as hmac::Mac>::new_from_slice(key).unwrap_or_else(|_| unreachable!("any key fits"));
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn parse(query: &str) -> Result<Vec<(String, String)>, NotLetIn> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        Some((decode(name)?, decode(value)?))
    };
    query.split('&').map(pair).collect::<Option<Vec<_>>>().ok_or(NotLetIn::Malformed)
}

/// `application/x-www-form-urlencoded`.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex = [rest.next()?, rest.next()?];
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let value = digit(hex[0])? * 16 + digit(hex[1])?;
                bytes.push(u8::try_from(value).ok()?);
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> SecretString {
        SecretString::from("123456:TEST-token")
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000, 0).expect("a moment")
    }

    /// What Telegram would give Ivan at this moment.
    fn signed(auth_date: i64, user: &str) -> String {
        let lines = format!("auth_date={auth_date}\nquery_id=AA+B\nuser={user}");
        let escaped: String = user.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let hash = signature(&lines, &token());
        format!("query_id=AA%2BB&user={escaped}&auth_date={auth_date}&hash={hash}")
    }

    const IVAN: &str = r#"{"id":10002,"first_name":"Иван","language_code":"ru"}"#;

    #[test]
    fn who_was_signed_for_is_let_in() {
        let visitor = check(&signed(now().timestamp() - 60, IVAN), &token(), now()).expect("let in");
        assert_eq!(visitor.user, UserId(10_002));
        assert_eq!((visitor.name.as_str(), visitor.language.as_deref()), ("Иван", Some("ru")));
    }

    #[test]
    fn a_known_signature_of_another_implementation_fits() {
        // Made with Python's hmac module.
        let expected = "1d4f3f339ca526add44a1ff7bc2bb4be5ce93c1e45d3032a7ba3a255306bd88e";
        assert_eq!(signature("auth_date=1\nuser={\"id\":7}", &token()), expected);
    }

    #[test]
    fn a_changed_field_another_token_and_a_field_given_twice_are_refused() {
        let good = signed(now().timestamp(), IVAN);
        let other = good.replace("10002", "10003").replace("%31%30%30%30%32", "%31%30%30%30%33");
        assert_eq!(check(&other, &token(), now()), Err(NotLetIn::Forged));
        assert_eq!(check(&good, &SecretString::from("x"), now()), Err(NotLetIn::Forged));
        assert_eq!(check(&format!("{good}&a=b"), &token(), now()), Err(NotLetIn::Forged));
        let twice = format!("{good}&auth_date={}", now().timestamp());
        assert_eq!(check(&twice, &token(), now()), Err(NotLetIn::Malformed));
    }

    #[test]
    fn data_is_good_for_a_day() {
        let at = |seconds| check(&signed(now().timestamp() + seconds, IVAN), &token(), now());
        assert!(at(-24 * 3600).is_ok());
        assert_eq!(at(-24 * 3600 - 1), Err(NotLetIn::Stale));
        assert_eq!(at(600), Err(NotLetIn::Stale), "from the future");
    }

    #[test]
    fn what_is_no_init_data_is_refused() {
        for bad in ["", "hash", "hash=", "user=%zz&hash=1", "a=%ff&hash=1"] {
            assert!(check(bad, &token(), now()).is_err(), "{bad}");
        }
    }
}
