//! Which service account can call a person, and by which access hash.

use super::api::Api;
use super::call::Trouble;
use super::store::{AccountId, Met, Store};
use domain::ids::UserId;
use event_store::log::Fault;
use grammers_tl_types as tl;
use secrecy::ExposeSecret as _;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// This account can call them; `is_new`: it has just looked them up.
    Account { met: Met, is_new: bool },
    /// None of those that may be asked now. These have met the person; `trouble`: whether somebody could be found by
    /// their user name is not known, for this reason.
    Nobody { acquainted: Vec<AccountId>, trouble: Option<Trouble> },
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
        let mut trouble = None;
        if let Some(username) = store.username(self.user).await? {
            let accounts = self.accounts.iter().filter(|(account, _)| usable(*account));
            match look_up(accounts, username.expose_secret(), self.user, LOOK_UP).await {
                Ok(Some(met)) => {
                    store.meet(met.account, self.user, met.access_hash).await?;
                    return Ok(Found::Account { met, is_new: true });
                }
                Ok(None) => {}
                Err(why) => trouble = Some(why),
            }
        }
        Ok(Found::Nobody { acquainted: known.iter().map(|met| met.account).collect(), trouble })
    }
}

/// How long all accounts together may take to look somebody up: a caller waits.
const LOOK_UP: Duration = Duration::from_secs(20);

/// How long one of them waits for a connection that is made anew.
const PATIENCE: Duration = Duration::from_secs(5);

/// The first account that finds the person under their user name.
///
/// # Errors
///
/// None found them, and one of them could not look.
async fn look_up(
    accounts: impl Iterator<Item = &(AccountId, Api)>,
    username: &str,
    user: UserId,
    at_most: Duration,
) -> Result<Option<Met>, Trouble> {
    let end = Instant::now() + at_most;
    let mut trouble = None;
    for (account, api) in accounts {
        let answer = timeout_at(end, resolve(api, username, user)).await;
        match answer.unwrap_or(Err(Trouble::Unreachable)) {
            Ok(Some(access_hash)) => return Ok(Some(Met { account: *account, access_hash })),
            Ok(None) => {}
            Err(why) => trouble = Some(sooner(trouble, why)),
        }
    }
    trouble.map_or(Ok(None), Err)
}

/// Of two reasons, the one that tells more: the limit that ends first, or else the newer one.
fn sooner(one: Option<Trouble>, other: Trouble) -> Trouble {
    match (one, other) {
        (Some(Trouble::Flood(one)), Trouble::Flood(other)) => Trouble::Flood(one.min(other)),
        (Some(limit @ Trouble::Flood(_)), _) => limit,
        (_, other) => other,
    }
}

/// The access hash of the person who has this user name now, if that is still the same person.
///
/// # Errors
///
/// Telegram could not be asked, or did not say whether there is such a name.
async fn resolve(api: &Api, username: &str, user: UserId) -> Result<Option<i64>, Trouble> {
    let request = tl::functions::contacts::ResolveUsername {
        username: username.trim_start_matches('@').to_owned(),
        referer: None,
    };
    match api.ask_for(PATIENCE, &request).await {
        Ok(tl::enums::contacts::ResolvedPeer::Peer(peer)) => {
            let found = super::wire::met(&peer.users).into_iter().find(|(id, _)| *id == user.0);
            Ok(found.map(|(_, access_hash)| access_hash))
        }
        Err(trouble) if trouble.says("USERNAME_NOT_OCCUPIED") || trouble.says("USERNAME_INVALID") => Ok(None),
        Err(trouble) => {
            tracing::warn!(?trouble, "a person can't be looked up");
            Err(trouble)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telegram::api;
    use crate::telegram::session::Session;
    use grammers_mtsender::{SenderPool, SenderPoolRunner};
    use std::sync::Arc;

    const IVAN: UserId = UserId(2);

    #[tokio::test]
    async fn telegram_that_does_not_answer_holds_a_caller_up_no_longer_than_it_may() {
        let (accounts, _runners): (Vec<(AccountId, Api)>, Vec<SenderPoolRunner>) = (1..5).map(silent).unzip();
        let limit = Duration::from_millis(50);
        let asked = timeout_at(
            Instant::now() + Duration::from_secs(20),
            look_up(accounts.iter(), "ivan", IVAN, limit),
        );
        assert_eq!(asked.await.expect("it ends"), Err(Trouble::Unreachable));
    }

    /// An account with a connection on which nobody takes requests.
    fn silent(number: i64) -> ((AccountId, Api), SenderPoolRunner) {
        let session = Arc::new(Session::new());
        let pool = SenderPool::with_configuration(session.clone(), 1, api::connection());
        let api = Api::new(session);
        api.set_connection(Some(pool.handle.thin));
        ((AccountId(number), api), pool.runner)
    }

    #[test]
    fn a_limit_says_more_than_a_lost_connection_and_the_one_that_ends_first_most() {
        let flood = |seconds| Trouble::Flood(Duration::from_secs(seconds));
        assert_eq!(sooner(Some(flood(9)), Trouble::Unreachable), flood(9));
        assert_eq!(sooner(Some(Trouble::Unreachable), flood(9)), flood(9));
        assert_eq!(sooner(Some(flood(9)), flood(3)), flood(3));
    }
}
