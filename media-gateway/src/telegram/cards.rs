//! Cards that nobody brings up to date are taken away: the bot was not told which message they are, so they would show a
//! call's first moment for ever. What was sent is kept in the database, so whoever works the account next does it too.

use super::call::Trouble;
use super::chat::Apis;
use super::store::{StaleCard, Store};
use event_store::log::Fault;
use grammers_tl_types as tl;
use std::time::Duration;

/// How long Telegram may take to delete one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks once, and takes away what is left.
pub(super) async fn take_stale_away(store: Store, apis: Apis) {
    if let Err(error) = look(&store, &apis).await {
        tracing::warn!(%error, "cards that nobody brings up to date can't be looked up");
    }
}

async fn look(store: &Store, apis: &Apis) -> Result<(), Fault> {
    for StaleCard { call, account, message } in store.stale_cards().await? {
        let Some(message) = message else {
            store.card_gone(&call).await?;
            continue;
        };
        // An account that is not connected is asked later.
        let Some(api) = apis.get(account) else { continue };
        let request = tl::functions::messages::DeleteMessages { revoke: true, id: vec![message] };
        match api.ask_for(PATIENCE, &request).await {
            Ok(_) | Err(Trouble::Refused { .. }) => {
                tracing::debug!(%account, "the bot was not told of a card, so it is taken away");
                store.card_gone(&call).await?;
            }
            Err(trouble @ (Trouble::Flood(_) | Trouble::Unreachable | Trouble::Nonsense)) => {
                tracing::debug!(?trouble, %account, "a card can't be taken away at the moment");
            }
        }
    }
    Ok(())
}
