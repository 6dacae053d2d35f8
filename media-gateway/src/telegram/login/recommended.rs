//! The settings that a service account should have (product reference 7.2).

use super::error::{LoginError, refused};
use crate::telegram::api::Api;
use crate::telegram::call::Trouble;
use grammers_tl_types as tl;

/// One setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recommendation {
    /// Other devices of the account don't ring; they stay for chat.
    OnlyTandemRings,
    /// Strangers' calls come through.
    CallsFromEverybody,
    /// Sound goes directly where it can, with less delay.
    DirectSound,
    /// Nobody adds the account to groups.
    NoGroups,
}

/// All of them.
pub const RECOMMENDED: [Recommendation; 4] = [
    Recommendation::OnlyTandemRings,
    Recommendation::CallsFromEverybody,
    Recommendation::DirectSound,
    Recommendation::NoGroups,
];

impl Recommendation {
    /// What it does, in a few words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OnlyTandemRings => "disable calls on other devices",
            Self::CallsFromEverybody => "allow calls from all users",
            Self::DirectSound => "allow direct (P2P) calls with everybody",
            Self::NoGroups => "disallow adding to groups",
        }
    }
}

/// What became of a setting. Some can be changed only a day after the login; then try again later.
#[derive(Debug)]
pub struct Applied {
    /// Which.
    pub setting: Recommendation,
    /// How it went.
    pub result: Result<(), LoginError>,
}

/// Applies all of them, each for itself.
pub(super) async fn apply(api: &Api) -> Vec<Applied> {
    let mut applied = Vec::new();
    for setting in RECOMMENDED {
        let done = match setting {
            Recommendation::OnlyTandemRings => silence_others(api).await,
            Recommendation::CallsFromEverybody => {
                allow(api, tl::enums::InputPrivacyKey::PhoneCall, true).await
            }
            Recommendation::DirectSound => allow(api, tl::enums::InputPrivacyKey::PhoneP2P, true).await,
            Recommendation::NoGroups => allow(api, tl::enums::InputPrivacyKey::ChatInvite, false).await,
        };
        applied.push(Applied { setting, result: done.map_err(refused) });
    }
    applied
}

async fn silence_others(api: &Api) -> Result<(), Trouble> {
    let tl::enums::account::Authorizations::Authorizations(sessions) =
        api.ask(&tl::functions::account::GetAuthorizations {}).await?;
    for session in sessions.authorizations {
        let tl::enums::Authorization::Authorization(session) = session;
        if session.current || session.call_requests_disabled {
            continue;
        }
        let request = tl::functions::account::ChangeAuthorizationSettings {
            confirmed: false,
            hash: session.hash,
            encrypted_requests_disabled: None,
            call_requests_disabled: Some(true),
        };
        api.ask(&request).await?;
    }
    Ok(())
}

async fn allow(api: &Api, key: tl::enums::InputPrivacyKey, everybody: bool) -> Result<(), Trouble> {
    let rule = if everybody {
        tl::enums::InputPrivacyRule::InputPrivacyValueAllowAll
    } else {
        tl::enums::InputPrivacyRule::InputPrivacyValueDisallowAll
    };
    api.ask(&tl::functions::account::SetPrivacy { key, rules: vec![rule] }).await?;
    Ok(())
}
