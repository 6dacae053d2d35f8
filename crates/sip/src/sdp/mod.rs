//! Session descriptions (RFC 8866) and what two sides agree on (RFC 3264): text in, text out, and one state between them.
//!
//! [`SessionDescription`] reads what real PBXes send, in any order and with parts missing, and prints what all of them read.
//! [`Negotiation`] is a pure state: [`Capabilities`] in, offers and answers out, [`Media`] once both sides agree.
//! Nothing here opens a socket or asks what time it is; random numbers are handed in.

mod capabilities;
mod crypto;
mod description;
mod negotiation;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use capabilities::{Capabilities, Codec, Order, SrtpPolicy};
pub use crypto::{Crypto, CryptoSuite, MasterKey, Srtp};
pub use description::{
    Attribute, Direction, Format, Host, MediaDescription, Origin, Protocol, Rtcp, SessionDescription,
};
pub use negotiation::{AgreedCodec, AgreedDtmf, Media, Negotiation, Refusal};
pub use parse::ParseError;
