//! Agreeing on the key of a call: Diffie-Hellman with a commitment, so that nobody between the two can choose a key that
//! shows both the same emoji (<https://core.telegram.org/api/end-to-end/voice-calls#key-generation>).
//!
//! The caller commits to `g_a` by its hash, learns `g_b`, then shows `g_a`. Each side is a type for each step, so that no
//! step can be left out or taken twice.

use crate::group::{Group, WeakGroup};
use crate::key::CallKey;
use crypto_bigint::U2048;
use rand::RngCore;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

/// A public value, `g_a` or `g_b`: 256 bytes, big-endian.
pub type PublicValue = [u8; 256];

/// What both ends know once they have agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The key of the call.
    pub key: CallKey,
    /// The caller's public value: with the key it makes the emoji.
    pub g_a: PublicValue,
}

/// Why the two can't agree. In each case the call is ended as disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// The group or the other side's value is weak.
    #[error(transparent)]
    Weak(#[from] WeakGroup),
    /// The caller showed another value than it had committed to.
    #[error("the caller showed another value than the one it had committed to")]
    Commitment,
    /// The two sides have come to different keys.
    #[error("the fingerprints of the key differ")]
    Fingerprint,
}

/// A secret exponent.
struct Exponent(U2048);

impl Exponent {
    /// Our random bits mixed with the server's: a weak random source on one side alone does no harm.
    fn draw(group: &Group, servers: &[u8], random: &mut dyn RngCore) -> (Self, U2048) {
        loop {
            let mut bytes = [0_u8; 256];
            random.fill_bytes(&mut bytes);
            for (ours, theirs) in bytes.iter_mut().zip(servers) {
                *ours ^= theirs;
            }
            let exponent = Self(U2048::from_be_slice(&bytes));
            bytes.zeroize();
            let public = group.public_value(&exponent.0);
            if group.is_public(&public) {
                return (exponent, public);
            }
        }
    }
}

impl Drop for Exponent {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hidden")
    }
}

/// The caller's side, from `phone.requestCall` to `phoneCallAccepted`.
#[derive(Debug)]
pub struct Caller {
    group: Group,
    a: Exponent,
    g_a: PublicValue,
}

impl Caller {
    /// Draws a secret. `servers_random` is the `random` of `messages.dhConfig`.
    #[must_use]
    pub fn new(group: Group, servers_random: &[u8], random: &mut dyn RngCore) -> Self {
        let (a, g_a) = Exponent::draw(&group, servers_random, random);
        Self { group, a, g_a: bytes_of(&g_a) }
    }

    /// `g_a_hash` of `phone.requestCall`.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        Sha256::digest(self.g_a).into()
    }

    /// The key, out of the `g_b` of `phoneCallAccepted`. Send `g_a` and the key's fingerprint with `phone.confirmCall`.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Weak`].
    pub fn accept(self, g_b: &[u8]) -> Result<Agreed, ExchangeError> {
        let g_b = self.group.read(g_b)?;
        let key = CallKey::new(bytes_of(&self.group.power(&g_b, &self.a.0)));
        Ok(Agreed { key, g_a: self.g_a })
    }
}

/// The callee's side, from `phone.acceptCall` to `phoneCall`.
#[derive(Debug)]
pub struct Callee {
    group: Group,
    b: Exponent,
    g_b: PublicValue,
    commitment: [u8; 32],
}

impl Callee {
    /// Draws a secret. `commitment` is the `g_a_hash` of `phoneCallRequested`, `servers_random` the `random` of
    /// `messages.dhConfig`.
    #[must_use]
    pub fn new(group: Group, servers_random: &[u8], commitment: [u8; 32], random: &mut dyn RngCore) -> Self {
        let (b, g_b) = Exponent::draw(&group, servers_random, random);
        Self { group, b, g_b: bytes_of(&g_b), commitment }
    }

    /// `g_b` of `phone.acceptCall`.
    #[must_use]
    pub fn public_value(&self) -> PublicValue {
        self.g_b
    }

    /// The key, out of the `g_a_or_b` and `key_fingerprint` of `phoneCall`.
    ///
    /// # Errors
    ///
    /// The value is weak or not the one committed to, or the fingerprint is another.
    pub fn confirm(self, g_a: &[u8], fingerprint: i64) -> Result<Agreed, ExchangeError> {
        let shown: [u8; 32] = Sha256::digest(g_a).into();
        if !bool::from(shown.ct_eq(&self.commitment)) {
            return Err(ExchangeError::Commitment);
        }
        let value = self.group.read(g_a)?;
        let key = CallKey::new(bytes_of(&self.group.power(&value, &self.b.0)));
        if key.fingerprint() != fingerprint {
            return Err(ExchangeError::Fingerprint);
        }
        Ok(Agreed { key, g_a: bytes_of(&value) })
    }
}

fn bytes_of(value: &U2048) -> [u8; 256] {
    let mut bytes = [0_u8; 256];
    bytes.copy_from_slice(value.to_be_bytes().as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::tests::group;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    fn both() -> (Caller, Callee) {
        let mut random = StdRng::seed_from_u64(1);
        let caller = Caller::new(group(), &[1; 256], &mut random);
        let callee = Callee::new(group(), &[2; 256], caller.commitment(), &mut random);
        (caller, callee)
    }

    #[test]
    fn caller_and_callee_come_to_one_key() {
        let (caller, callee) = both();
        let callers = caller.accept(&callee.public_value()).expect("a strong value");
        let callees = callee.confirm(&callers.g_a, callers.key.fingerprint()).expect("the committed value");
        assert_eq!(callers, callees);
    }

    #[test]
    fn a_caller_that_shows_another_value_than_it_committed_to_is_refused() {
        let (caller, callee) = both();
        let other = Caller::new(group(), &[3; 256], &mut StdRng::seed_from_u64(9));
        let key = caller.accept(&callee.public_value()).expect("a strong value").key;
        assert_eq!(callee.confirm(&other.g_a, key.fingerprint()), Err(ExchangeError::Commitment));
    }

    #[test]
    fn another_fingerprint_ends_the_call() {
        let (caller, callee) = both();
        let agreed = caller.accept(&callee.public_value()).expect("a strong value");
        assert_eq!(callee.confirm(&agreed.g_a, 1), Err(ExchangeError::Fingerprint));
    }

    #[test]
    fn a_weak_value_of_the_callee_is_refused() {
        let (caller, _) = both();
        assert_eq!(caller.accept(&[1]), Err(ExchangeError::Weak(WeakGroup::PublicValue)));
    }

    #[test]
    fn no_secret_is_printed() {
        let (caller, callee) = both();
        for text in [format!("{caller:?}"), format!("{callee:?}")] {
            assert!(text.contains("hidden"), "{text}");
        }
    }
}
