//! A SIP password in clear, on its way from the person who typed it to the vault that seals it.

use crate::settings::{BadSetting, MAX_PASSWORD};
use std::fmt;
use std::str::FromStr;

/// A SIP password in clear: 1 to [`MAX_PASSWORD`] bytes on one line, without blanks at its ends.
///
/// It has no `Display`, cannot be serialised, and shows dots where it is debugged, so that it reaches no log, event or
/// chat by accident. Comparing a typed password with a stored one in constant time is the vault's work, not `==`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The password itself, for the vault.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Password {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadSetting::Empty);
        }
        if text.len() > MAX_PASSWORD {
            return Err(BadSetting::TooLong { max: MAX_PASSWORD });
        }
        if text.chars().any(char::is_control) {
            return Err(BadSetting::Blanks);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(••••)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_does_not_show_itself_when_debugged() {
        let password: Password = "correct-horse".parse().expect("it is a password");
        assert_eq!(format!("{password:?}"), "Password(••••)");
        assert_eq!(password.expose(), "correct-horse");
    }

    #[test]
    fn a_password_is_one_line_of_bounded_length() {
        assert_eq!("".parse::<Password>(), Err(BadSetting::Empty));
        assert_eq!("two\nlines".parse::<Password>(), Err(BadSetting::Blanks));
        assert_eq!("p".repeat(257).parse::<Password>(), Err(BadSetting::TooLong { max: MAX_PASSWORD }));
        assert!("two words".parse::<Password>().is_ok());
    }
}
