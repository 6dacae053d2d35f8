//! What people dial: numbers, and digits during a call.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The longest number or SIP address, in characters.
pub const MAX_NUMBER: usize = 256;

/// A far end's number, name part or SIP address as it is dialled or shown: 1 to [`MAX_NUMBER`] characters on one line.
///
/// It is personal: it shows dots where it is debugged, and is sealed before it becomes part of an event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(String);

/// The text is not a number that could be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a number has 1 to {MAX_NUMBER} characters on one line")]
pub struct BadNumber;

impl Number {
    /// The number itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Number {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, BadNumber> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= MAX_NUMBER;
        (fits && !text.chars().any(char::is_control)).then(|| Self(text.to_owned())).ok_or(BadNumber)
    }
}

impl TryFrom<String> for Number {
    type Error = BadNumber;

    fn try_from(text: String) -> Result<Self, BadNumber> {
        text.parse()
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number(••••)")
    }
}

/// One key of a telephone: `0` to `9`, `*`, `#`, `A` to `D` (RFC 4733 section 3.2).
///
/// It may be part of a card's number: it shows a dot where it is debugged, has no `Display`, and is never in the log.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct Digit(char);

/// The character is on no telephone's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digit is 0 to 9, *, #, or A to D")]
pub struct NotADigit;

impl Digit {
    /// The twelve keys of a keypad in their order, row by row.
    pub const KEYPAD: [Self; 12] = [
        Self('1'),
        Self('2'),
        Self('3'),
        Self('4'),
        Self('5'),
        Self('6'),
        Self('7'),
        Self('8'),
        Self('9'),
        Self('*'),
        Self('0'),
        Self('#'),
    ];

    /// The key's character.
    #[must_use]
    pub fn get(self) -> char {
        self.0
    }
}

impl TryFrom<char> for Digit {
    type Error = NotADigit;

    fn try_from(key: char) -> Result<Self, NotADigit> {
        let key = key.to_ascii_uppercase();
        matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(Self(key)).ok_or(NotADigit)
    }
}

impl From<Digit> for char {
    fn from(digit: Digit) -> Self {
        digit.0
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digit(•)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_may_be_a_sip_address_and_shows_itself_to_nobody() {
        let number: Number = " sip:petr@pbx.example ".parse().expect("a number");
        assert_eq!(number.as_str(), "sip:petr@pbx.example");
        assert_eq!(format!("{number:?}"), "Number(••••)");
        for bad in ["", "  ", "12\r\n34"] {
            assert_eq!(bad.parse::<Number>(), Err(BadNumber));
        }
        assert_eq!("1".repeat(MAX_NUMBER + 1).parse::<Number>(), Err(BadNumber));
    }

    #[test]
    fn a_digit_is_a_key_of_a_telephone_and_shows_itself_to_nobody() {
        assert_eq!(Digit::try_from('d').map(Digit::get), Ok('D'));
        assert_eq!(Digit::try_from('e'), Err(NotADigit));
        assert_eq!(Digit::try_from('１'), Err(NotADigit));
        assert_eq!(format!("{:?}", Digit::KEYPAD[4]), "Digit(•)");
        assert!(Digit::KEYPAD.iter().all(|digit| Digit::try_from(digit.get()) == Ok(*digit)));
    }
}
