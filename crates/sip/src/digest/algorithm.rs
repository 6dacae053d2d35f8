//! The hashes of digest authentication and the values that are made of them.

use md5::Md5;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// A hash, and whether the key is bound to the first nonce of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// `MD5`, which every provider speaks.
    Md5,
    /// `MD5-sess`.
    Md5Sess,
    /// `SHA-256` (RFC 8760).
    Sha256,
    /// `SHA-256-sess`.
    Sha256Sess,
}

impl Algorithm {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Md5Sess => "MD5-sess",
            Self::Sha256 => "SHA-256",
            Self::Sha256Sess => "SHA-256-sess",
        }
    }

    /// The algorithm of that name; some PBXes leave the hyphen of SHA-256 out.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "MD5" => Some(Self::Md5),
            "MD5-SESS" => Some(Self::Md5Sess),
            "SHA-256" | "SHA256" => Some(Self::Sha256),
            "SHA-256-SESS" | "SHA256-SESS" => Some(Self::Sha256Sess),
            _ => None,
        }
    }

    /// The hash without the session: what HA1 values are kept for.
    #[must_use]
    pub fn hash_only(self) -> Self {
        match self {
            Self::Md5 | Self::Md5Sess => Self::Md5,
            Self::Sha256 | Self::Sha256Sess => Self::Sha256,
        }
    }

    fn is_session(self) -> bool {
        matches!(self, Self::Md5Sess | Self::Sha256Sess)
    }

    /// Hashes the parts with colons between them, as lower-case hexadecimal.
    pub(super) fn hash(self, parts: &[&[u8]]) -> String {
        let joined = parts.join(&b':');
        match self.hash_only() {
            Self::Md5 | Self::Md5Sess => hex(&Md5::digest(&joined)),
            Self::Sha256 | Self::Sha256Sess => hex(&Sha256::digest(&joined)),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How much of a request a response vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Qop {
    /// Method and address.
    Auth,
    /// The body too.
    AuthInt,
}

impl Qop {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Auth, Self::AuthInt].into_iter().find(|qop| qop.name().eq_ignore_ascii_case(name))
    }
}

/// `H(user:realm:password)`: all that a server needs to know of a password, and as secret as the password itself.
#[derive(Clone)]
pub struct Ha1 {
    algorithm: Algorithm,
    hex: SecretString,
}

impl Ha1 {
    /// Hashes a password.
    #[must_use]
    pub fn of(algorithm: Algorithm, user: &str, realm: &str, password: &SecretString) -> Self {
        let secret = password.expose_secret().as_bytes();
        let hex = algorithm.hash(&[user.as_bytes(), realm.as_bytes(), secret]);
        Self { algorithm: algorithm.hash_only(), hex: hex.into() }
    }

    /// Takes a value that was hashed before, in hexadecimal.
    #[must_use]
    pub fn from_hex(algorithm: Algorithm, hex: SecretString) -> Self {
        let hex = hex.expose_secret().to_ascii_lowercase().into();
        Self { algorithm: algorithm.hash_only(), hex }
    }

    /// Which hash made it.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The value in hexadecimal, to keep in a safe place.
    #[must_use]
    pub fn to_hex(&self) -> SecretString {
        self.hex.clone()
    }

    /// The response that proves this value (RFC 7616 section 3.4.1).
    pub(super) fn response(&self, proof: &Proof<'_>) -> String {
        let hash = |parts: &[&[u8]]| proof.algorithm.hash(parts);
        let key = self.hex.expose_secret().as_bytes();
        let session = hash(&[key, proof.nonce.as_bytes(), proof.cnonce.as_bytes()]);
        let key = if proof.algorithm.is_session() { session.as_bytes() } else { key };
        let (method, uri) = (proof.method.as_bytes(), proof.uri.as_bytes());
        let request = match proof.qop {
            Some((Qop::AuthInt, _)) => hash(&[method, uri, hash(&[proof.body]).as_bytes()]),
            Some((Qop::Auth, _)) | None => hash(&[method, uri]),
        };
        let (nonce, request) = (proof.nonce.as_bytes(), request.as_bytes());
        match proof.qop {
            Some((qop, count)) => {
                let count = format!("{count:08x}");
                let cnonce = proof.cnonce.as_bytes();
                hash(&[key, nonce, count.as_bytes(), cnonce, qop.name().as_bytes(), request])
            }
            None => hash(&[key, nonce, request]),
        }
    }
}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ha1({}, [hidden])", self.algorithm.name())
    }
}

impl PartialEq for Ha1 {
    /// Takes the same time wherever the values differ.
    fn eq(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.hex.expose_secret(), other.hex.expose_secret());
        self.algorithm == other.algorithm && bool::from(ours.as_bytes().ct_eq(theirs.as_bytes()))
    }
}

impl Eq for Ha1 {}

/// Everything beside the key that goes into a response.
pub(super) struct Proof<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) nonce: &'a str,
    pub(super) cnonce: &'a str,
    /// The quality and the nonce count; `None` for servers and clients of RFC 2069.
    pub(super) qop: Option<(Qop, u32)>,
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) body: &'a [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(algorithm: Algorithm, qop: Option<(Qop, u32)>) -> Proof<'static> {
        Proof {
            algorithm,
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            qop,
            method: "GET",
            uri: "/dir/index.html",
            body: b"",
        }
    }

    fn mufasa(algorithm: Algorithm) -> Ha1 {
        Ha1::of(algorithm, "Mufasa", "http-auth@example.org", &"Circle of Life".to_owned().into())
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        let once = Some((Qop::Auth, 1));
        assert_eq!(
            mufasa(Algorithm::Md5).response(&proof(Algorithm::Md5, once)),
            "8ca523f5e9506fed4657c9700eebdbec"
        );
        assert_eq!(
            mufasa(Algorithm::Sha256).response(&proof(Algorithm::Sha256, once)),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn the_example_of_rfc_2617_comes_out() {
        let ha1 =
            Ha1::of(Algorithm::Md5, "Mufasa", "testrealm@host.com", &"Circle Of Life".to_owned().into());
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        let proof = Proof { nonce, cnonce: "0a4f113b", ..proof(Algorithm::Md5, Some((Qop::Auth, 1))) };
        assert_eq!(ha1.response(&proof), "6629fae49393a05397450978507c4ef1");
    }

    #[test]
    fn the_corrected_example_of_rfc_2069_comes_out() {
        let ha1 = Ha1::of(Algorithm::Md5, "Mufasa", "testrealm@host.com", &"CircleOfLife".to_owned().into());
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        assert_eq!(
            ha1.response(&Proof { nonce, ..proof(Algorithm::Md5, None) }),
            "1949323746fe6a43ef61f9606e7febea"
        );
    }

    #[test]
    fn a_session_key_and_a_body_change_the_response() {
        let plain = mufasa(Algorithm::Md5).response(&proof(Algorithm::Md5, Some((Qop::Auth, 1))));
        let session = mufasa(Algorithm::Md5).response(&proof(Algorithm::Md5Sess, Some((Qop::Auth, 1))));
        let whole = |body| Proof { body, ..proof(Algorithm::Md5, Some((Qop::AuthInt, 1))) };
        let empty = mufasa(Algorithm::Md5).response(&whole(b""));
        let full = mufasa(Algorithm::Md5).response(&whole(b"v=0"));
        let all = std::collections::HashSet::from([plain, session, empty, full]);
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn names_are_read_with_and_without_the_hyphen() {
        assert_eq!(Algorithm::named("sha256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::named("SHA-256"), Some(Algorithm::Sha256));
        assert_eq!(Algorithm::named("SHA-512-256"), None);
    }

    #[test]
    fn debug_hides_the_value() {
        let ha1 = mufasa(Algorithm::Md5);
        assert_eq!(format!("{ha1:?}"), "Ha1(MD5, [hidden])");
        assert_ne!(ha1, mufasa(Algorithm::Sha256));
        assert_eq!(ha1, Ha1::from_hex(Algorithm::Md5, ha1.to_hex()));
    }
}
