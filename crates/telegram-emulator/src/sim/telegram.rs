//! A person's Telegram account for tests: who may call, and the calls that go on.

use super::{Answer, Body, Shared};
use crate::{telegram::Telegram, world::chat::ActError};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// Longest wait for a change, in seconds.
const LONGEST_WAIT: u64 = 60;

#[derive(Debug, Deserialize)]
pub(crate) struct Waiting {
    after: Option<u64>,
    wait: Option<u64>,
}

/// `GET /sim/users/{id}/telegram`
pub(crate) async fn see(
    State(telegram): Shared,
    Path(id): Path<String>,
    Query(query): Query<Waiting>,
) -> Answer {
    let user = telegram.look(|world, _| world.person(&id))?;
    if let Some(after) = query.after {
        let longest = Duration::from_secs(query.wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
        // Without a change in time it is told as it is.
        let _ = telegram.wait_for(longest, |world, _| (world.calls.version > after).then_some(())).await;
    }
    Ok(Json(view(&telegram, user)))
}

fn view(telegram: &Telegram, user: i64) -> Value {
    telegram.look(|world, _| world.calls.view(user, |id| world.title(id)))
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhoMayCall {
    Everybody,
    Nobody,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    calls: Option<WhoMayCall>,
    p2p: Option<bool>,
}

/// `POST /sim/users/{id}/telegram`
pub(crate) async fn change(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<Change>,
) -> Answer {
    let user = telegram.act(|world, _| {
        let user = world.person(&id)?;
        let mut privacy = world.calls.privacy(user);
        match body.calls {
            Some(WhoMayCall::Everybody) => privacy.calls = true,
            Some(WhoMayCall::Nobody) => privacy.calls = false,
            None => (),
        }
        privacy.p2p = body.p2p.unwrap_or(privacy.p2p);
        world.calls.set_privacy(user, privacy);
        Ok::<_, ActError>(user)
    })?;
    Ok(Json(view(&telegram, user)))
}
