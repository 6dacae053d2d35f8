//! The keypad: digits as RTP events (RFC 4733), as SIP INFO bodies, and as tones within the sound.
//!
//! | module | way | in | out |
//! |---|---|---|---|
//! | [`event`] | RFC 4733 payloads | [`event::Receiver`] | [`event::Sender`] |
//! | [`info`] | `application/dtmf-relay`, `application/dtmf` | [`info::parse`] | [`info::relay`], [`info::plain`] |
//! | [`inband`] | tones | [`inband::Detector`] | [`inband::Generator`] |
//!
//! Digits can be card numbers. [`Digit`] therefore keeps its value out of `Debug`.

pub mod event;
pub mod inband;
pub mod info;

use std::fmt;

/// A key: 0 to 9, `*`, `#`, A to D. `Debug` hides which.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digit(u8);

impl Digit {
    /// All sixteen, by event code.
    pub const ALL: [Self; 16] = {
        let mut all = [Self(0); 16];
        let mut code = 0;
        while code < 16 {
            all[code as usize] = Self(code);
            code += 1;
        }
        all
    };

    /// By its event code, 0 to 15 (RFC 4733 table 7).
    #[must_use]
    pub const fn from_event(code: u8) -> Option<Self> {
        if code < 16 { Some(Self(code)) } else { None }
    }

    /// By what stands on the key; letters in either case.
    #[must_use]
    pub const fn from_char(key: char) -> Option<Self> {
        match key {
            '0'..='9' => Some(Self(key as u8 - b'0')),
            '*' => Some(Self(10)),
            '#' => Some(Self(11)),
            'A'..='D' => Some(Self(key as u8 - b'A' + 12)),
            'a'..='d' => Some(Self(key as u8 - b'a' + 12)),
            _ => None,
        }
    }

    /// Its event code.
    #[must_use]
    pub const fn event(self) -> u8 {
        self.0
    }

    /// What stands on the key.
    #[must_use]
    pub const fn as_char(self) -> char {
        (match self.0 {
            10 => b'*',
            11 => b'#',
            code @ 12.. => b'A' + code - 12,
            code => b'0' + code,
        }) as char
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digit(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_found_again_by_its_sign_and_by_its_code() {
        let keys: String = Digit::ALL.into_iter().map(Digit::as_char).collect();
        assert_eq!(keys, "0123456789*#ABCD");
        for digit in Digit::ALL {
            assert_eq!(Digit::from_char(digit.as_char()), Some(digit));
            assert_eq!(Digit::from_char(digit.as_char().to_ascii_lowercase()), Some(digit));
            assert_eq!(Digit::from_event(digit.event()), Some(digit));
        }
        assert_eq!(Digit::from_event(16), None);
        assert_eq!(Digit::from_char('E'), None);
    }

    #[test]
    fn debug_does_not_tell_which_key_it_was() {
        assert_eq!(format!("{:?}", Digit::ALL[7]), format!("{:?}", Digit::ALL[8]));
    }
}
