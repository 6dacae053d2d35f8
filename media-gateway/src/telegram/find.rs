//! Which service account can call a person, and by which access hash.

use super::api::Api;
use super::call::Trouble;
use super::store::{AccountId, Met, Store};
use domain::ids::UserId;
use event_store::log::Fault;
use grammers_tl_types as tl;
use secrecy::ExposeSecret as _;
use std::collections::BTreeSet;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This account can call them; `is_new`: it has just looked them up.
    Account { met: Met, is_new: bool },
    /// None of those that may be asked now. These have met the person.
    Nobody { acquainted: Vec<AccountId> },
}

/// Who is looked for, and by whom.
pub(super) struct Search {
    pub(super) user: UserId,
    /// The accounts that may call now, those first that know the fewest people.
    pub(super) accounts: Vec<(AccountId, Api)>,
    /// Accounts that have met the person so lately that it may not be stored yet.
    pub(super) fresh: Vec<Met>,
    /// Accounts that the person was not to be called by: they have tried.
    pub(super) tried: BTreeSet<AccountId>,
}

impl Search {
    /// Looks: first among those who have met the person, the first to meet them first, so that a person always knows
    /// the caller; then by the user name under which the bot knows them.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub(super) async fn run(self, store: &Store) -> Result<Found, Fault> {
        let mut known = store.acquaintances(self.user).await?;
        known.extend(self.fresh.iter().filter(|met| !self.tried.contains(&met.account)));
        let usable = |account: AccountId| {
            !self.tried.contains(&account) && self.accounts.iter().any(|(id, _)| *id == account)
        };
        if let Some(met) = known.iter().find(|met| usable(met.account)) {
            return Ok(Found::Account { met: *met, is_new: false });
        }
        if let Some(username) = store.username(self.user).await? {
            for (account, api) in self.accounts.iter().filter(|(account, _)| usable(*account)) {
                if let Some(access_hash) = resolve(api, username.expose_secret(), self.user).await {
                    store.meet(*account, self.user, access_hash).await?;
                    let met = Met { account: *account, access_hash };
                    return Ok(Found::Account { met, is_new: true });
                }
            }
        }
        Ok(Found::Nobody { acquainted: known.iter().map(|met| met.account).collect() })
    }
}

/// The access hash of the person who has this user name now, if that is still the same person.
async fn resolve(api: &Api, username: &str, user: UserId) -> Option<i64> {
    let request = tl::functions::contacts::ResolveUsername {
        username: username.trim_start_matches('@').to_owned(),
        referer: None,
    };
    match api.ask(&request).await {
        Ok(tl::enums::contacts::ResolvedPeer::Peer(peer)) => {
            super::wire::met(&peer.users).into_iter().find(|(id, _)| *id == user.0).map(|(_, hash)| hash)
        }
        // A limit of looking people up is none of calling those who are known.
        Err(Trouble::Flood(wait)) => {
            tracing::warn!(seconds = wait.as_secs(), "Telegram limits how many people are looked up");
            None
        }
        Err(trouble @ (Trouble::Refused { .. } | Trouble::Unreachable | Trouble::Nonsense)) => {
            tracing::debug!(?trouble, "a user name is not found");
            None
        }
    }
}
