//! Keys for SRTP inside a session description: `a=crypto` (RFC 4568). Keys never show in Debug.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use secrecy::zeroize::Zeroize;
use std::fmt;

/// A master key of 16 bytes followed by a master salt of 14 (RFC 4568 section 6.2).
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; Self::LENGTH]);

impl MasterKey {
    /// Bytes of key and salt together.
    pub const LENGTH: usize = 30;

    /// Draws a new one.
    pub fn draw(random: &mut impl rand::CryptoRng) -> Self {
        let mut key = [0; Self::LENGTH];
        random.fill_bytes(&mut key);
        Self(key)
    }

    /// Takes key and salt as they are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes of the key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.0[..16]
    }

    /// The 14 bytes of the salt.
    #[must_use]
    pub fn salt(&self) -> &[u8] {
        &self.0[16..]
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([hidden])")
    }
}

/// The ciphers that providers use: AES-128 in counter mode, with a long or a short tag (RFC 4568 section 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CryptoSuite {
    /// `AES_CM_128_HMAC_SHA1_80`.
    AesCm128HmacSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32`.
    AesCm128HmacSha1_32,
}

impl CryptoSuite {
    /// Both, the better one first.
    pub const ALL: [Self; 2] = [Self::AesCm128HmacSha1_80, Self::AesCm128HmacSha1_32];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// Bytes of the authentication tag of an RTP packet.
    #[must_use]
    pub fn tag_length(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 => 10,
            Self::AesCm128HmacSha1_32 => 4,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }
}

/// One `a=crypto` line: the key by which its sender encrypts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crypto {
    /// The line's number; an answer repeats the number of the line that it chose.
    pub tag: u32,
    /// The cipher.
    pub suite: CryptoSuite,
    /// The sender's key.
    pub key: MasterKey,
}

/// The keys of an agreed call, one a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Srtp {
    /// The cipher of both directions.
    pub suite: CryptoSuite,
    /// What we encrypt with.
    pub send: MasterKey,
    /// What the far side encrypts with.
    pub receive: MasterKey,
}

impl Crypto {
    /// Reads what stands behind `a=crypto:`. `None` for a cipher or a parameter that we can't follow:
    /// such a line must be passed over (RFC 4568 section 5.1.2).
    pub(super) fn read(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let suite = CryptoSuite::named(words.next()?)?;
        let key = read_key(words.next()?)?;
        let followable = |word: &str| word.len() > 3 && word[..3].eq_ignore_ascii_case("WSH");
        words.all(|word| word.is_char_boundary(3) && followable(word)).then_some(Self { tag, suite, key })
    }
}

/// Reads `inline:<base64>|lifetime|mki:length`. Several keys, or an MKI in every packet, are not for us.
fn read_key(parameter: &str) -> Option<MasterKey> {
    let (method, key) = parameter.split_once(':')?;
    if !method.eq_ignore_ascii_case("inline") || key.contains(';') {
        return None;
    }
    let mut parts = key.split('|');
    let text = parts.next()?;
    if parts.any(|part| part.contains(':')) {
        return None;
    }
    let mut bytes = STANDARD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    let key = <[u8; MasterKey::LENGTH]>::try_from(bytes.as_slice()).ok().map(MasterKey);
    bytes.zeroize();
    key
}

impl fmt::Display for Crypto {
    /// Prints the key: this is the line that goes on the wire.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} inline:{}", self.tag, self.suite.name(), STANDARD.encode(self.key.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn a_line_reads_and_prints_the_same() {
        assert_eq!(Crypto::read(LINE).unwrap().to_string(), LINE);
    }

    #[test]
    fn a_lifetime_is_passed_over_but_an_mki_or_an_unencrypted_stream_is_not_for_us() {
        assert!(Crypto::read(&format!("{LINE}|2^20")).is_some());
        assert!(Crypto::read(&format!("{LINE} WSH=64")).is_some());
        assert!(Crypto::read(&format!("{LINE}|2^20|1:4")).is_none());
        assert!(Crypto::read(&format!("{LINE} UNENCRYPTED_SRTP")).is_none());
        assert!(Crypto::read(&format!("{LINE} é")).is_none());
        assert!(Crypto::read("1 AES_256_CM_HMAC_SHA1_80 inline:WVNfX19z").is_none());
    }

    #[test]
    fn a_key_of_the_wrong_length_is_no_key() {
        assert!(Crypto::read("1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19z").is_none());
    }

    #[test]
    fn debug_hides_the_key() {
        let shown = format!("{:?}", Crypto::read(LINE).unwrap());
        assert!(!shown.contains("89") && shown.contains("[hidden]"), "{shown}");
    }
}
