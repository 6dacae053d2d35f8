//! Encryption of one signalling packet: what `phone.sendSignalingData` carries.
//!
//! As MTProto 2.0, with AES-256 in counter mode and no padding: `msg_key(16) || AES256-CTR(plaintext)`.

use crate::key::{CallKey, Role};
use aes::Aes256;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The least size of a packet: a message key and the head of one message.
pub const MIN_PACKET: usize = 21;

/// The greatest size of a packet that is looked at.
pub const MAX_PACKET: usize = 131_072;

/// How many bytes of a packet are its message key.
const MSG_KEY: usize = 16;

/// The packet is not of this call, was changed on its way, or has an impossible size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPacket {
    /// The size is out of range.
    #[error("a packet has {MIN_PACKET} to {MAX_PACKET} bytes, not {0}")]
    Size(usize),
    /// The message key does not fit.
    #[error("the packet is not of this call, or was changed on its way")]
    Forged,
}

/// Encrypts what `sender` sends.
#[must_use]
pub fn seal(key: &CallKey, sender: Role, plaintext: &[u8]) -> Vec<u8> {
    let key = Half::new(key, sender);
    let msg_key = key.msg_key(plaintext);
    let mut packet = Vec::with_capacity(MSG_KEY + plaintext.len());
    packet.extend_from_slice(&msg_key);
    packet.extend_from_slice(plaintext);
    key.cipher(&msg_key).apply_keystream(&mut packet[MSG_KEY..]);
    packet
}

/// Decrypts what `sender` has sent.
///
/// # Errors
///
/// See [`BadPacket`]; the packet is to be dropped.
pub fn open(key: &CallKey, sender: Role, packet: &[u8]) -> Result<Vec<u8>, BadPacket> {
    if !(MIN_PACKET..=MAX_PACKET).contains(&packet.len()) {
        return Err(BadPacket::Size(packet.len()));
    }
    let (head, body) = packet.split_at(MSG_KEY);
    let msg_key: [u8; MSG_KEY] = head.try_into().map_err(|_| BadPacket::Forged)?;
    let key = Half::new(key, sender);
    let mut plaintext = body.to_vec();
    key.cipher(&msg_key).apply_keystream(&mut plaintext);
    let fits = key.msg_key(&plaintext).ct_eq(&msg_key);
    bool::from(fits).then_some(plaintext).ok_or(BadPacket::Forged)
}

/// The part of the key that one direction uses.
struct Half<'a> {
    key: &'a [u8; CallKey::LEN],
    x: usize,
}

impl<'a> Half<'a> {
    /// Signalling adds 128 to the offset of media, and the callee eight to that of the caller.
    fn new(key: &'a CallKey, sender: Role) -> Self {
        let x = match sender {
            Role::Caller => 128,
            Role::Callee => 136,
        };
        Self { key: key.as_bytes(), x }
    }

    fn msg_key(&self, plaintext: &[u8]) -> [u8; MSG_KEY] {
        let large = sha256(&self.key[88 + self.x..120 + self.x], plaintext);
        let mut msg_key = [0_u8; MSG_KEY];
        msg_key.copy_from_slice(&large[8..24]);
        msg_key
    }

    fn cipher(&self, msg_key: &[u8; MSG_KEY]) -> ctr::Ctr128BE<Aes256> {
        let a = sha256(msg_key, &self.key[self.x..self.x + 36]);
        let b = sha256(&self.key[40 + self.x..76 + self.x], msg_key);
        let (mut key, mut iv) = ([0_u8; 32], [0_u8; 16]);
        key[..8].copy_from_slice(&a[..8]);
        key[8..24].copy_from_slice(&b[8..24]);
        key[24..].copy_from_slice(&a[24..]);
        iv[..4].copy_from_slice(&b[..4]);
        iv[4..12].copy_from_slice(&a[8..16]);
        iv[12..].copy_from_slice(&b[24..28]);
        ctr::Ctr128BE::<Aes256>::new(&key.into(), &iv.into())
    }
}

fn sha256(one: &[u8], two: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(one).chain_update(two).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> CallKey {
        let mut bytes = [0_u8; 256];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::try_from(at).expect("below 256");
        }
        CallKey::new(bytes)
    }

    #[test]
    fn each_direction_has_keys_of_its_own() {
        let packet = seal(&key(), Role::Caller, b"hello");
        assert_eq!(open(&key(), Role::Caller, &packet).as_deref(), Ok(&b"hello"[..]));
        assert_eq!(open(&key(), Role::Callee, &packet), Err(BadPacket::Forged));
    }

    #[test]
    fn a_packet_as_other_clients_make_it() {
        // Made with hashlib and a plain AES-CTR, for the key 00 01 02 … ff.
        let packet = seal(&key(), Role::Caller, &[0x40, 0, 0, 1, 0x7f]);
        assert_eq!(hex(&packet), EXPECTED_CALLER);
        let packet = seal(&key(), Role::Callee, &[0x40, 0, 0, 1, 0x7f]);
        assert_eq!(hex(&packet), EXPECTED_CALLEE);
    }

    const EXPECTED_CALLER: &str = "4cce81a8b2ff4d593c6d174fd1e407151ae5eddcc0";
    const EXPECTED_CALLEE: &str = "1f993729fce24d5b46062408d1e8c4e5967f0a020f";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    proptest! {
        #[test]
        fn nothing_that_was_changed_is_taken(text in prop::collection::vec(any::<u8>(), 5..200), at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
            let mut packet = seal(&key(), Role::Callee, &text);
            let at = at.index(packet.len());
            packet[at] ^= flip;
            prop_assert_eq!(open(&key(), Role::Callee, &packet), Err(BadPacket::Forged));
        }

        #[test]
        fn any_bytes_are_refused_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(open(&key(), Role::Caller, &bytes).is_err());
        }
    }
}
