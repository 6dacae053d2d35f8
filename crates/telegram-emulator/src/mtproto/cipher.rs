//! MTProto 2.0 encryption with a key that both sides have, as the server does it.
//! <https://core.telegram.org/mtproto/description#defining-aes-key-and-initialization-vector>

use grammers_crypto::aes::{ige_decrypt, ige_encrypt};
use rand::Rng;
use sha2::{Digest, Sha256};

/// The name of a key: the last eight bytes of its SHA-1.
pub(crate) type KeyId = [u8; 8];

/// A key of 2048 bits that a client signs in with.
#[derive(Clone)]
pub(crate) struct AuthKey {
    bytes: [u8; 256],
    id: KeyId,
}

impl std::fmt::Debug for AuthKey {
    /// Leaves the key out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthKey").finish_non_exhaustive()
    }
}

/// Which of the two directions; the number is Telegram's `x`.
#[derive(Debug, Clone, Copy)]
enum From {
    Client = 0,
    Server = 8,
}

impl AuthKey {
    pub(crate) fn new(bytes: [u8; 256]) -> Self {
        let digest = sha1::Sha1::digest(bytes);
        let mut id = KeyId::default();
        id.copy_from_slice(&digest[12..20]);
        Self { bytes, id }
    }

    pub(crate) fn random() -> Self {
        let mut bytes = [0; 256];
        rand::rng().fill(&mut bytes[..]);
        Self::new(bytes)
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    /// The key in hexadecimal, for whoever is to sign in with it.
    pub(crate) fn hex(&self) -> String {
        self.bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Decrypts a client's message; none where it was not made with this key.
    pub(super) fn open(&self, payload: &[u8]) -> Option<Vec<u8>> {
        let (key_id, rest) = payload.split_at_checked(8)?;
        let (message_key, encrypted) = rest.split_at_checked(16)?;
        if key_id != self.id || encrypted.is_empty() || !encrypted.len().is_multiple_of(16) {
            return None;
        }
        let (key, iv) = self.derive(message_key, From::Client);
        let mut plain = encrypted.to_vec();
        ige_decrypt(&mut plain, &key, &iv);
        (self.message_key(&plain, From::Client) == *message_key).then_some(plain)
    }

    /// Encrypts a message to the client, with padding.
    pub(super) fn seal(&self, mut plain: Vec<u8>) -> Vec<u8> {
        // At least twelve bytes, up to a multiple of sixteen.
        let padding = 12 + (16 - (plain.len() + 12) % 16) % 16;
        let mut random = [0; 28];
        rand::rng().fill(&mut random[..]);
        plain.extend(&random[..padding]);
        let message_key = self.message_key(&plain, From::Server);
        let (key, iv) = self.derive(&message_key, From::Server);
        ige_encrypt(&mut plain, &key, &iv);
        [&self.id[..], &message_key, &plain].concat()
    }

    fn message_key(&self, plain: &[u8], from: From) -> [u8; 16] {
        let x = from as usize;
        let large = sha256(&[&self.bytes[88 + x..120 + x], plain]);
        let mut key = [0; 16];
        key.copy_from_slice(&large[8..24]);
        key
    }

    fn derive(&self, message_key: &[u8], from: From) -> ([u8; 32], [u8; 32]) {
        let x = from as usize;
        let a = sha256(&[message_key, &self.bytes[x..x + 36]]);
        let b = sha256(&[&self.bytes[40 + x..76 + x], message_key]);
        let mix = |a: &[u8; 32], b: &[u8; 32]| {
            let mut out = *a;
            out[8..24].copy_from_slice(&b[8..24]);
            out
        };
        (mix(&a, &b), mix(&b, &a))
    }
}

/// SHA-256 of the parts, one after the other.
pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use grammers_crypto::{AuthKey as Theirs, DequeBuffer, decrypt_data_v2, encrypt_data_v2};

    #[test]
    fn a_client_and_the_server_read_each_other() {
        let bytes = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let (ours, theirs) = (AuthKey::new(bytes), Theirs::from_bytes(bytes));
        let mut buffer = DequeBuffer::with_capacity(64, 64);
        buffer.extend(b"a message of the client");
        encrypt_data_v2(&mut buffer, &theirs);
        assert!(ours.open(&buffer[..]).unwrap().starts_with(b"a message of the client"));
        let mut sealed = ours.seal(b"a message of the server".to_vec());
        assert!(decrypt_data_v2(&mut sealed, &theirs).unwrap().starts_with(b"a message of the server"));
    }

    #[test]
    fn a_message_of_another_key_is_not_read() {
        let sealed = AuthKey::random().seal(vec![1; 32]);
        assert!(AuthKey::random().open(&sealed).is_none());
    }
}
