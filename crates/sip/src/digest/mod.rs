//! Digest authentication, both sides, as pure functions (RFC 3261 section 22, RFC 7616, RFC 8760).
//!
//! A client reads [`Challenge`]s, [`choose`]s one and answers with a [`Session`], which counts the uses of the nonce.
//! A server is a [`Verifier`]: its nonces need no store, and it answers an unknown user exactly as a wrong password.
//! Time and random numbers are handed in. Passwords, HA1 values and responses never show in Debug.

mod algorithm;
mod challenge;
mod credentials;
mod nonce;
mod parameters;
mod replay;
mod session;
mod verifier;

pub use algorithm::{Algorithm, Ha1, Qop};
pub use challenge::{Challenge, choose};
pub use credentials::Authorization;
pub use parameters::HeaderError;
pub use session::{Login, Request, Session};
pub use verifier::{Verdict, Verifier};
