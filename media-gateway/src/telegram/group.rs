//! The Diffie-Hellman group that Telegram gives, checked once for each of its versions.

use super::api::Api;
use super::call::Trouble;
use grammers_tl_types as tl;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tgcalls::group::Group;

/// How many random bytes Telegram is asked for.
const RANDOM: i32 = 256;

/// How long a call waits for the group while Telegram can't be reached.
const PATIENCE: Duration = Duration::from_secs(10);

/// The group and its version. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups(Arc<Mutex<Option<(i32, Group)>>>);

impl Groups {
    /// The group, and Telegram's random bytes for one key.
    ///
    /// # Errors
    ///
    /// Telegram refuses, can't be reached, or gives a weak group.
    pub(super) async fn fetch(&self, api: &Api) -> Result<(Group, Vec<u8>), Trouble> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let version = known.as_ref().map_or(0, |(version, _)| *version);
        let request = tl::functions::messages::GetDhConfig { version, random_length: RANDOM };
        match api.ask_for(PATIENCE, &request).await? {
            tl::enums::messages::DhConfig::NotModified(same) => {
                let (_, group) = known.ok_or(Trouble::Nonsense)?;
                Ok((group, same.random))
            }
            tl::enums::messages::DhConfig::Config(config) => {
                let (g, p) = (config.g, config.p);
                // A prime that is not the usual one takes a while to be checked.
                let checked = tokio::task::spawn_blocking(move || Group::new(g, &p)).await;
                let group = checked.map_err(|_| Trouble::Nonsense)?.map_err(|error| {
                    tracing::error!(%error, "Telegram gave a weak group for keys of calls");
                    Trouble::Nonsense
                })?;
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some((config.version, group.clone()));
                Ok((group, config.random))
            }
        }
    }
}
