//! One data key: XChaCha20-Poly1305 with a random nonce of 24 bytes for each value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, OsRng, Payload, rand_core::RngCore as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::sealed::Sealed;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

const NONCE: usize = 24;

/// 32 random bytes, wiped when dropped.
#[derive(Clone)]
pub(super) struct DataKey(Zeroizing<[u8; 32]>);

/// The parts of a sealed text.
pub(super) struct Parts<'t> {
    pub(super) subject: &'t str,
    pub(super) generation: u32,
    nonce_and_ciphertext: Vec<u8>,
}

impl<'t> Parts<'t> {
    /// Takes `v1.<subject>.<generation>.<base64url(nonce ‖ ciphertext)>` apart.
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.strip_prefix("v1.")?.splitn(3, '.');
        let (subject, generation, body) = (parts.next()?, parts.next()?, parts.next()?);
        let nonce_and_ciphertext = BASE64.decode(body).ok()?;
        let long_enough = nonce_and_ciphertext.len() >= NONCE;
        long_enough.then_some(Self { subject, generation: generation.parse().ok()?, nonce_and_ciphertext })
    }
}

impl DataKey {
    pub(super) fn random() -> Self {
        let mut key = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(&mut *key);
        Self(key)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &*self.0
    }

    pub(super) fn seal(&self, subject: &str, generation: u32, purpose: &str, clear: &[u8]) -> Sealed {
        let body = self.encrypt(&aad(subject, generation, purpose), clear);
        Sealed::from_text(format!("v1.{subject}.{generation}.{}", BASE64.encode(body)))
    }

    pub(super) fn open(&self, parts: &Parts<'_>, purpose: &str) -> Option<Vec<u8>> {
        self.decrypt(&aad(parts.subject, parts.generation, purpose), &parts.nonce_and_ciphertext)
    }

    pub(super) fn encrypt(&self, aad: &[u8], clear: &[u8]) -> Vec<u8> {
        let mut body = vec![0; NONCE];
        OsRng.fill_bytes(&mut body);
        let payload = Payload { msg: clear, aad };
        let ciphertext = self.cipher().encrypt(XNonce::from_slice(&body), payload);
        // The cipher refuses only messages of more than 256 GiB.
        body.extend(ciphertext.unwrap_or_default());
        body
    }

    pub(super) fn decrypt(&self, aad: &[u8], nonce_and_ciphertext: &[u8]) -> Option<Vec<u8>> {
        let (nonce, msg) = nonce_and_ciphertext.split_at_checked(NONCE)?;
        self.cipher().decrypt(XNonce::from_slice(nonce), Payload { msg, aad }).ok()
    }

    pub(super) fn fingerprint(&self, purpose: &str, text: &str) -> String {
        let mac = <Hmac<Sha256> as hmac::Mac>::new_from_slice(self.as_bytes());
        // HMAC takes keys of any length.
        let Ok(mut mac) = mac else { return String::new() };
        mac.update(&(purpose.len() as u64).to_be_bytes());
        mac.update(purpose.as_bytes());
        mac.update(text.as_bytes());
        BASE64.encode(mac.finalize().into_bytes())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.as_bytes().into())
    }
}

fn aad(subject: &str, generation: u32, purpose: &str) -> Vec<u8> {
    format!("{subject}|{generation}|{purpose}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_for_one_purpose_opens_for_no_other() {
        let key = DataKey::random();
        let sealed = key.seal("account/123456789", 1, "password", b"parrot");
        let parts = Parts::parse(sealed.as_text()).expect("a sealed text");

        assert_eq!(key.open(&parts, "password").as_deref(), Some(&b"parrot"[..]));
        assert_eq!(key.open(&parts, "name"), None);
    }

    #[test]
    fn a_sealed_text_that_was_changed_does_not_open() {
        let key = DataKey::random();
        let sealed = key.seal("account/123456789", 1, "password", b"parrot");
        let moved = sealed.as_text().replace("123456789", "987654321");
        let parts = Parts::parse(&moved).expect("still of that form");
        assert_eq!(key.open(&parts, "password"), None);
    }

    #[test]
    fn the_same_text_is_sealed_differently_each_time_and_fingerprinted_alike() {
        let key = DataKey::random();
        assert_ne!(key.seal("person/1", 1, "name", b"Ivan"), key.seal("person/1", 1, "name", b"Ivan"));
        assert_eq!(key.fingerprint("name", "Ivan"), key.fingerprint("name", "Ivan"));
        assert_ne!(key.fingerprint("name", "Ivan"), key.fingerprint("name", "Petr"));
    }

    #[test]
    fn garbage_is_not_a_sealed_text() {
        for garbage in ["", "v1", "v1.a", "v1.a.1", "v1.a.1.!!", "v1.a.x.AAAA", "v2.a.1.AAAA", "v1.a.1.AAAA"]
        {
            assert!(Parts::parse(garbage).is_none(), "{garbage}");
        }
    }
}
