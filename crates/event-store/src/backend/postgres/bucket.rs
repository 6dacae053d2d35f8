//! Which partition a stream lives in. It is a function of the stream's name, so a stream never straddles two, and the
//! unique key over (bucket, stream, version) holds for the whole log.

use crate::log::StreamId;
use chrono::{DateTime, Datelike};
use uuid::Uuid;

/// The partition of long-lived streams.
const LONG_LIVED: i32 = 0;

/// Categories with one short stream for each thing that happens, named by UUIDv7: a partition a month, so that old
/// months can be moved away whole.
const MONTHLY: &[&str] = &["call"];

/// The partition of this stream: 0, or year and month as in 202601.
pub(super) fn bucket(stream: &StreamId) -> i32 {
    if MONTHLY.contains(&stream.category.as_str()) {
        month(&stream.id).unwrap_or(LONG_LIVED)
    } else {
        LONG_LIVED
    }
}

fn month(id: &str) -> Option<i32> {
    let (seconds, _) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    let born = DateTime::from_timestamp(seconds.try_into().ok()?, 0)?;
    Some(born.year() * 100 + i32::try_from(born.month()).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_lives_in_the_month_it_began() {
        let id = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 1_767_225_600, 0)).to_string();
        assert_eq!(bucket(&StreamId::new("call", &id)), 202_601);
        assert_eq!(bucket(&StreamId::new("sip-account", &id)), 0);
        assert_eq!(bucket(&StreamId::new("call", "not a uuid")), 0);
    }
}
