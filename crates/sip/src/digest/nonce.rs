//! A server's nonces: time and a seal, so that none has to be remembered.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use subtle::ConstantTimeEq;

/// Milliseconds since 1970 (8 bytes) and a running number (4) that keeps two nonces of one millisecond apart.
const OPEN: usize = 12;

/// Bytes of the seal: half of an HMAC-SHA-256.
const SEAL: usize = 16;

/// Makes and recognises nonces.
pub(super) struct Nonces {
    secret: SecretBox<[u8; 32]>,
    made: u32,
}

/// What a nonce turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Not ours, or made for another address.
    Foreign,
    /// Ours, made at this time.
    Ours(SystemTime),
}

impl Nonces {
    pub(super) fn new(secret: SecretBox<[u8; 32]>) -> Self {
        Self { secret, made: 0 }
    }

    /// Makes a nonce for this address.
    pub(super) fn make(&mut self, source: IpAddr, now: SystemTime) -> String {
        self.made = self.made.wrapping_add(1);
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut bytes = [0; OPEN + SEAL];
        bytes[..8].copy_from_slice(&(since.as_millis() as u64).to_be_bytes());
        bytes[8..OPEN].copy_from_slice(&self.made.to_be_bytes());
        let seal = self.seal(&bytes[..OPEN], source);
        bytes[OPEN..].copy_from_slice(&seal);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Tells whether a nonce is ours, and when it was made.
    pub(super) fn recognise(&self, nonce: &str, source: IpAddr) -> Origin {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(nonce) else { return Origin::Foreign };
        let Ok(bytes) = <[u8; OPEN + SEAL]>::try_from(bytes) else { return Origin::Foreign };
        if !bool::from(self.seal(&bytes[..OPEN], source).ct_eq(&bytes[OPEN..])) {
            return Origin::Foreign;
        }
        let mut millis = [0; 8];
        millis.copy_from_slice(&bytes[..8]);
        Origin::Ours(UNIX_EPOCH + Duration::from_millis(u64::from_be_bytes(millis)))
    }

    /// A key for a user whom nobody knows: made up, but the same each time.
    pub(super) fn made_up_key(&self, username: &str) -> String {
        let tag = self.mac(&[b"nobody", username.as_bytes()]);
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn seal(&self, open: &[u8], source: IpAddr) -> [u8; SEAL] {
        let tag = match source.to_canonical() {
            IpAddr::V4(ip) => self.mac(&[open, &ip.octets()]),
            IpAddr::V6(ip) => self.mac(&[open, &ip.octets()]),
        };
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&tag[..SEAL]);
        seal
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        // A key of 32 bytes always fits, and so does any other length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret()) else { return [0; 32] };
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonces(secret: u8) -> Nonces {
        Nonces::new(SecretBox::new(Box::new([secret; 32])))
    }

    #[test]
    fn a_nonce_is_recognised_from_its_address_only() {
        let now = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
        let (here, there) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let nonce = nonces(1).make(here, now);
        assert_eq!(
            nonces(1).recognise(&nonce, here),
            Origin::Ours(now),
            "another process with the same secret knows it"
        );
        assert_eq!(nonces(1).recognise(&nonce, "::ffff:192.0.2.1".parse().unwrap()), Origin::Ours(now));
        assert_eq!(nonces(1).recognise(&nonce, there), Origin::Foreign);
        assert_eq!(nonces(2).recognise(&nonce, here), Origin::Foreign);
        assert_eq!(nonces(1).recognise("x", here), Origin::Foreign);
    }

    #[test]
    fn no_two_nonces_are_alike() {
        let mut nonces = nonces(1);
        let here = "192.0.2.1".parse().unwrap();
        assert_ne!(nonces.make(here, UNIX_EPOCH), nonces.make(here, UNIX_EPOCH));
    }
}
