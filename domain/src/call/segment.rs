//! The parts that all users are divided into, so that media processes can share them.

use crate::ids::UserId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many segments there are.
pub const SEGMENTS: u8 = 64;

/// A part of all users: their Telegram ids modulo [`SEGMENTS`]. All lines, registrations and phones of one user are in the
/// media process that holds the user's segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Segment(u8);

/// The number is of no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a segment is 0 to 63")]
pub struct NotASegment;

impl Segment {
    /// The first segment. Whoever holds it works what only one process may work.
    pub const FIRST: Self = Self(0);

    /// The segment that a user is in.
    #[must_use]
    pub fn of(user: UserId) -> Self {
        // The remainder of a division by 64 is 0 to 63.
        Self(u8::try_from(user.0.rem_euclid(i64::from(SEGMENTS))).unwrap_or_default())
    }

    /// Its number, 0 to 63.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }

    /// All segments, the lowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..SEGMENTS).map(Self)
    }
}

impl TryFrom<u8> for Segment {
    type Error = NotASegment;

    fn try_from(number: u8) -> Result<Self, NotASegment> {
        (number < SEGMENTS).then_some(Self(number)).ok_or(NotASegment)
    }
}

impl From<Segment> for u8 {
    fn from(segment: Segment) -> Self {
        segment.0
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_is_in_one_segment() {
        assert_eq!(Segment::of(UserId(64)), Segment(0));
        assert_eq!(Segment::of(UserId(7_000_000_063)), Segment::of(UserId(7_000_000_063 + 64)));
        assert_eq!(Segment::of(UserId(-1)).get(), 63);
        assert_eq!(Segment::all().count(), usize::from(SEGMENTS));
        assert_eq!(Segment::try_from(64), Err(NotASegment));
    }
}
