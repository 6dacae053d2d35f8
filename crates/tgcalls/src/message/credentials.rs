//! ICE credentials as the far side may choose them.

use super::InitialSetup;
use std::fmt;
use std::ops::RangeInclusive;

/// How long a user name fragment may be. RFC 8839, 5.4 allows up to 256; but checks carry both ends' fragments in one
/// STUN attribute, of which `str0m` sends no more than 128 bytes. Clients use 4 to 16.
const UFRAG: RangeInclusive<usize> = 4..=100;

/// How long a password may be (RFC 8839, 5.4).
const PASSWORD: RangeInclusive<usize> = 22..=256;

/// ICE credentials that can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCredentials {
    /// The user name fragment has this many bytes.
    #[error("an ICE user name fragment of {0} bytes")]
    Ufrag(usize),
    /// The password has this many bytes.
    #[error("an ICE password of {0} bytes")]
    Password(usize),
    /// A character is in one of them that ICE does not allow.
    #[error("a character that ICE credentials may not have")]
    Character,
}

impl InitialSetup {
    /// Whether ICE can work with the credentials.
    ///
    /// # Errors
    ///
    /// See [`BadCredentials`].
    pub fn check_credentials(&self) -> Result<(), BadCredentials> {
        let Self { ufrag, pwd, .. } = self;
        if !ufrag.bytes().chain(pwd.bytes()).all(is_ice_char) {
            return Err(BadCredentials::Character);
        }
        if !UFRAG.contains(&ufrag.len()) {
            return Err(BadCredentials::Ufrag(ufrag.len()));
        }
        if !PASSWORD.contains(&pwd.len()) {
            return Err(BadCredentials::Password(pwd.len()));
        }
        Ok(())
    }
}

/// Letters, digits, `+` and `/` (RFC 8839, 5.1); the other four are not allowed, and WebRTC takes them all the same.
fn is_ice_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-=#_".contains(&byte)
}

impl fmt::Debug for InitialSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ufrag, pwd: _, renomination, fingerprints } = self;
        let mut shown = f.debug_struct("InitialSetup");
        shown.field("ufrag", ufrag).field("renomination", renomination).field("fingerprints", fingerprints);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ufrag: &str, pwd: &str) -> Result<(), BadCredentials> {
        let (ufrag, pwd) = (ufrag.to_owned(), pwd.to_owned());
        InitialSetup { ufrag, pwd, renomination: false, fingerprints: Vec::new() }.check_credentials()
    }

    const PWD: &str = "CLfgFQGUDLFlD8ttvdVjDptg";

    #[test]
    fn credentials_as_clients_make_them_are_taken() {
        for ufrag in ["/Lsf", "eIda", "a+b/", "abcdefghijklmnop", "a-_#="] {
            assert_eq!(check(ufrag, PWD), Ok(()), "{ufrag}");
        }
        assert_eq!(check(&"u".repeat(100), &"p".repeat(256)), Ok(()));
        assert_eq!(check("abcd", &"p".repeat(22)), Ok(()));
    }

    #[test]
    fn what_ice_can_t_work_with_is_refused() {
        assert_eq!(check("abc", PWD), Err(BadCredentials::Ufrag(3)));
        assert_eq!(check(&"u".repeat(101), PWD), Err(BadCredentials::Ufrag(101)));
        assert_eq!(check("abcd", &"p".repeat(21)), Err(BadCredentials::Password(21)));
        assert_eq!(check("abcd", &"p".repeat(257)), Err(BadCredentials::Password(257)));
        for ufrag in ["ab:cd", "ab cd", "ab\ncd", "äbcd", "ab\0cd"] {
            assert_eq!(check(ufrag, PWD), Err(BadCredentials::Character), "{ufrag:?}");
        }
    }

    #[test]
    fn no_password_is_printed() {
        let (ufrag, pwd) = ("abcd".to_owned(), PWD.to_owned());
        let setup = InitialSetup { ufrag, pwd, renomination: false, fingerprints: Vec::new() };
        let printed = format!("{:?}", super::super::Message::InitialSetup(setup));
        assert!(printed.contains("abcd") && !printed.contains(PWD), "{printed}");
    }
}
