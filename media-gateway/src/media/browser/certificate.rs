//! The engine's DTLS certificate: self-signed, one for its whole life, told to browsers by its fingerprint.

use std::{fmt, io};
use str0m::config::DtlsCert;

/// A certificate with its key. One for all browsers saves making a key for each connection.
#[derive(Clone)]
pub(in crate::media) struct Certificate(pub(super) DtlsCert);

impl Certificate {
    /// Makes a fresh one.
    ///
    /// # Errors
    ///
    /// The crypto library cannot make one.
    pub(in crate::media) fn make() -> io::Result<Self> {
        let provider = str0m::crypto::from_feature_flags();
        let certificate = provider.dtls_provider.generate_certificate();
        certificate.map(Self).ok_or_else(|| io::Error::other("no DTLS certificate can be made"))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(…)")
    }
}
