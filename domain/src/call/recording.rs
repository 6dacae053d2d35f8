//! Who may record a call, who may stop it, and for how long.

use crate::ids::UserId;
use crate::settings::Recording;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a recording that was begun by hand may be where the owner has not got the option (product reference 10).
pub const MANUAL_LIMIT: Duration = Duration::from_secs(15);

/// What a call's account says about recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingPolicy {
    /// Recording begins by itself when they talk.
    pub automatic: bool,
    /// The user can't stop it.
    pub locked: bool,
    /// The longest recording that was begun by hand; none means no limit.
    pub limit: Option<Duration>,
}

impl RecordingPolicy {
    /// The policy of an account with this setting. A recording is locked where the owner set automatic recording into a
    /// chat and somebody else uses the account (product reference 10). `option` says whether the owner may record by hand
    /// without limit.
    #[must_use]
    pub fn of(recording: &Recording, owner: UserId, user: UserId, option: bool) -> Self {
        Self {
            automatic: recording.automatic,
            locked: recording.automatic && recording.chat.is_some() && owner != user,
            limit: (!option).then_some(MANUAL_LIMIT),
        }
    }
}

/// Whether a call is being recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It is not.
    #[default]
    Off,
    /// It is, and the user may stop it.
    On,
    /// It is, and the user can't stop it.
    Locked,
    /// It was, and the file is not there yet.
    Saving,
    /// The last recording failed.
    Failed,
}

impl RecordingState {
    /// Whether sound is being recorded.
    #[must_use]
    pub fn is_on(self) -> bool {
        match self {
            Self::On | Self::Locked => true,
            Self::Off | Self::Saving | Self::Failed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ChatId;
    use crate::scenario::{IVAN, OLGA};

    #[test]
    fn an_assigned_user_cannot_stop_what_the_owner_records_into_a_chat() {
        let into_a_chat = Recording { automatic: true, chat: Some(ChatId(-100)) };
        assert!(RecordingPolicy::of(&into_a_chat, OLGA, IVAN, true).locked);
        assert!(!RecordingPolicy::of(&into_a_chat, OLGA, OLGA, true).locked);
        let to_the_user = Recording { automatic: true, chat: None };
        assert!(!RecordingPolicy::of(&to_the_user, OLGA, IVAN, true).locked);
    }

    #[test]
    fn without_the_option_a_recording_by_hand_lasts_fifteen_seconds() {
        let off = Recording::default();
        assert_eq!(RecordingPolicy::of(&off, OLGA, IVAN, false).limit, Some(MANUAL_LIMIT));
        assert_eq!(RecordingPolicy::of(&off, OLGA, IVAN, true).limit, None);
    }
}
