//! The key of one call, and who made the call.

use sha1::{Digest as _, Sha1};
use std::fmt;
use zeroize::Zeroize;

/// Which end of the call this is. It decides the half of the key that each direction uses, ICE and DTLS roles, and who
/// gives way when two offers cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Made the call (`admin_id`): ICE controlling, DTLS client, opens the data channel.
    Caller,
    /// Was called: ICE controlled, DTLS server.
    Callee,
}

impl Role {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Caller => Self::Callee,
            Self::Callee => Self::Caller,
        }
    }
}

/// The secret that both ends of a call have agreed on: 256 bytes, big-endian, padded with zeros on the left.
///
/// It is wiped from memory when dropped, and never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct CallKey(Box<[u8; Self::LEN]>);

impl CallKey {
    /// How many bytes a key has.
    pub const LEN: usize = 256;

    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(Box::new(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// `key_fingerprint` of `phone.confirmCall` and `phoneCall`: the last eight bytes of SHA-1 of the key, little-endian.
    #[must_use]
    pub fn fingerprint(&self) -> i64 {
        let digest = Sha1::digest(self.0.as_slice());
        let mut last = [0_u8; 8];
        last.copy_from_slice(&digest[12..20]);
        i64::from_le_bytes(last)
    }
}

impl Drop for CallKey {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

impl fmt::Debug for CallKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", CallKey::new([7; 256])), "CallKey(hidden)");
    }

    #[test]
    fn the_fingerprint_is_the_end_of_sha1_read_as_little_endian() {
        // SHA-1 of 256 zero bytes is b376885ac8452b6cbf9ced81b1080bfd570d9b91.
        let expected = i64::from_le_bytes([0xb1, 0x08, 0x0b, 0xfd, 0x57, 0x0d, 0x9b, 0x91]);
        assert_eq!(CallKey::new([0; 256]).fingerprint(), expected);
    }
}
