//! Who caused an event and why, as it is stored beside the event.

use crate::log::{Append, Fault};
use chrono::{DateTime, Utc};
use domain::log::{Actor, Context};
use serde::{Deserialize, Serialize};

/// NOTE: these names ARE the stored format.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Meta {
    by: Actor,
    at: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
}

impl Meta {
    /// What stands beside every event of this append, as JSON.
    pub(super) fn of(append: &Append) -> Result<String, Fault> {
        let Context { by, at } = append.context;
        serde_json::to_string(&Self { by, at, cause: append.cause.clone() })
            .map_err(|error| Fault::new("write down who caused an event", error))
    }

    /// Reads it back.
    pub(super) fn read(json: &str) -> Result<(Context, Option<String>), Fault> {
        let Self { by, at, cause } =
            serde_json::from_str(json).map_err(|error| Fault::new("read who caused an event", error))?;
        Ok((Context { by, at }, cause))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::StreamId;
    use domain::ids::UserId;

    #[test]
    fn who_caused_an_event_is_stored_in_these_words() {
        let at = "2026-01-01T00:05:00Z".parse().unwrap();
        let mut append =
            Append::new(StreamId::new("account", "1"), 0, Vec::new(), Context::person(UserId(7), at));
        append.cause = Some("update 12".to_owned());

        let json = Meta::of(&append).unwrap();
        assert_eq!(json, r#"{"by":{"person":7},"at":"2026-01-01T00:05:00Z","cause":"update 12"}"#);
        assert_eq!(Meta::read(&json).unwrap(), (append.context, append.cause));
    }
}
