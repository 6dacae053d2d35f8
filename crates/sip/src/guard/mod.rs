//! What stands between the wire and everything else: who is not heard at all, and which messages are refused before anyone acts on them.
//!
//! - [`Guard::hears`] looks at a source before a byte is parsed: banned sources meet silence.
//! - [`screen`] reads a raw message and refuses what the RFCs want refused (400, 405, 406, 415, 416, 420, 483, 501, 505),
//!   answers included. It works on bytes, so that it also answers what the stack's parser can't read.
//! - [`Merges`] finds requests that came twice by different ways (482).
//! - [`Trusted`] networks call without a password; [`Rates`] bound how fast anyone calls.
//!
//! Everything is pure: time is handed in, and memory is bounded whatever strangers send.

mod answer;
mod bans;
mod head;
mod merge;
mod rate;
mod scanners;
mod screen;
mod tidy;
mod trust;
mod values;

pub use bans::{BanPolicy, Guard};
pub use merge::Merges;
pub use rate::Rates;
pub use scanners::is_scanner;
pub use screen::{Rules, Screened, Source, screen};
pub use tidy::tidy;
pub use trust::{Network, NetworkError, Trusted};
