//! A type of its own for every id, so that none is mistaken for another.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Telegram's user id. Not a chat id, although in a private chat the two numbers are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub i64);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Telegram's chat id: positive for private chats, negative for groups and channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChatId(pub i64);

/// The number of a SIP account: nine digits, the first not zero, drawn at random and never given twice.
///
/// It is the id of the account's stream, it is shown to people, and it is typed in `@bot <number> <password>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct AccountNumber(u32);

/// The text or number is not a number of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account number has nine digits and does not begin with 0")]
pub struct NotAnAccountNumber;

impl AccountNumber {
    /// The smallest number.
    pub const MIN: Self = Self(100_000_000);
    /// The greatest number.
    pub const MAX: Self = Self(999_999_999);

    /// The number as an integer.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for AccountNumber {
    type Error = NotAnAccountNumber;

    fn try_from(number: u32) -> Result<Self, NotAnAccountNumber> {
        (Self::MIN.0..=Self::MAX.0).contains(&number).then_some(Self(number)).ok_or(NotAnAccountNumber)
    }
}

impl From<AccountNumber> for u32 {
    fn from(number: AccountNumber) -> u32 {
        number.0
    }
}

impl FromStr for AccountNumber {
    type Err = NotAnAccountNumber;

    fn from_str(text: &str) -> Result<Self, NotAnAccountNumber> {
        let digits_only = text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = digits_only.then(|| text.parse().ok()).flatten().ok_or(NotAnAccountNumber)?;
        number.try_into()
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

/// Names one offer in a chat: 128 random bits, base64url, 22 characters. Whoever sees it may not guess another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OfferToken(String);

/// The text is not an offer's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an offer's token has 22 characters of base64url")]
pub struct NotAnOfferToken;

impl OfferToken {
    /// A token of these 128 random bits.
    #[must_use]
    pub fn from_bits(bits: [u8; 16]) -> Self {
        use base64::Engine as _;
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bits))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OfferToken {
    type Err = NotAnOfferToken;

    fn from_str(text: &str) -> Result<Self, NotAnOfferToken> {
        let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (text.len() == 22 && text.bytes().all(alphabet)).then(|| Self(text.to_owned())).ok_or(NotAnOfferToken)
    }
}

impl TryFrom<String> for OfferToken {
    type Error = NotAnOfferToken;

    fn try_from(text: String) -> Result<Self, NotAnOfferToken> {
        text.parse()
    }
}

impl From<OfferToken> for String {
    fn from(token: OfferToken) -> String {
        token.0
    }
}

impl fmt::Display for OfferToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names one list of accounts that an administrator made in one go. The same form as [`OfferToken`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BatchId(pub OfferToken);

/// How many times the settings of an account were changed. Gateways register the applied revision only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Revision(pub u32);

impl Revision {
    /// The revision after one more change.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// Names one call: a UUIDv7, in hyphenated text. It is the id of the call's stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallId(u128);

/// The text is not a call's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a call's id is a UUID like 01890a5d-ac96-774b-bcce-b302099a8057")]
pub struct NotACallId;

impl CallId {
    /// The id of these 128 bits.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Its 128 bits.
    #[must_use]
    pub fn bits(self) -> u128 {
        self.0
    }
}

impl FromStr for CallId {
    type Err = NotACallId;

    fn from_str(text: &str) -> Result<Self, NotACallId> {
        let id = u128::from_str_radix(&text.replace('-', ""), 16).map(Self).map_err(|_| NotACallId)?;
        // Only the one spelling, so that a stream has one name.
        if id.to_string() == text { Ok(id) } else { Err(NotACallId) }
    }
}

impl TryFrom<String> for CallId {
    type Error = NotACallId;

    fn try_from(text: String) -> Result<Self, NotACallId> {
        text.parse()
    }
}

impl From<CallId> for String {
    fn from(id: CallId) -> String {
        id.to_string()
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_number_is_nine_digits_that_do_not_begin_with_zero() {
        assert_eq!("123456789".parse::<AccountNumber>().map(AccountNumber::get), Ok(123_456_789));
        assert_eq!(AccountNumber::MAX.to_string().parse(), Ok(AccountNumber::MAX));
        for bad in ["", "12345678", "1234567890", "012345678", "+12345678", "12345678a", "１２３456789"] {
            assert_eq!(bad.parse::<AccountNumber>(), Err(NotAnAccountNumber), "{bad}");
        }
    }

    #[test]
    fn an_offers_token_is_22_characters_that_fit_into_a_link_and_a_button() {
        let token = OfferToken::from_bits([0xff; 16]);
        assert_eq!(token.as_str(), "_____________________w");
        assert_eq!(token.as_str().parse(), Ok(token));
        for bad in ["", "short", "_____________________w=", "____________________+w"] {
            assert_eq!(bad.parse::<OfferToken>(), Err(NotAnOfferToken), "{bad}");
        }
    }

    #[test]
    fn a_calls_id_has_one_spelling() {
        let id = CallId::from_bits(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057);
        assert_eq!(id.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "1", "01890A5D-ac96-774b-bcce-b302099a8057", "01890a5dac96774bbcceb302099a8057", "é"]
        {
            assert_eq!(bad.parse::<CallId>(), Err(NotACallId), "{bad}");
        }
    }

    #[test]
    fn an_id_is_stored_as_it_is_shown_and_checked_when_it_is_read() {
        assert_eq!(serde_json::to_string(&AccountNumber::MIN).expect("JSON"), "100000000");
        assert!(serde_json::from_str::<AccountNumber>("99").is_err());
        assert!(serde_json::from_str::<OfferToken>("\"no token\"").is_err());
    }
}
