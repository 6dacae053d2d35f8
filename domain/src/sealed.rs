//! A secret as it may be stored.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A secret that only a holder of the operator's key can read: `v1.<subject>.<generation>.<base64url(nonce ‖ ciphertext)>`.
///
/// The domain moves it about and compares it, and cannot open it (reference: event-store 4.5).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Takes what a vault has sealed.
    #[must_use]
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    /// The sealed text.
    #[must_use]
    pub fn as_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}
