//! A person's Telegram account for tests: who may call, and the calls that go on.

use super::{Answer, Body, Shared};
use crate::{
    mtproto::srp::Verifier,
    telegram::Telegram,
    world::chat::{ActError, refused},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
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
    let mut view = telegram.look(|world, _| world.calls.view(user, |id| world.title(id)));
    let keys = telegram.keys();
    view["password"] = keys.has_password(user).into();
    view["sessions"] = keys.of_user(user).len().into();
    if let Some(code) = keys.login_code(user) {
        view["login_code"] = code.into();
    }
    view
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WhoMayCall {
    Everybody,
    Nobody,
}

/// A person scans a token and lets its client in. <https://core.telegram.org/api/qr-login>
fn accept(telegram: &Telegram, user: i64, token: &str) -> Result<(), ActError> {
    let token = token.strip_prefix("tg://login?token=").unwrap_or(token).trim_end_matches('=');
    let token = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| refused("the token is not base64url"))?;
    telegram.look(|_, now| telegram.keys().accept_login(&token, user, now)).map_err(|why| refused(why.name))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    calls: Option<WhoMayCall>,
    p2p: Option<bool>,
    /// The two-step password; empty for none.
    password: Option<String>,
    /// A token to accept, as it is scanned.
    accept_login: Option<String>,
    /// Signs out all clients.
    #[serde(default)]
    end_sessions: bool,
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
    if let Some(password) = body.password {
        let verifier = Some(password).filter(|password| !password.is_empty()).map(|p| Verifier::new(&p));
        telegram.keys().set_password(user, verifier);
    }
    if let Some(token) = body.accept_login {
        accept(&telegram, user, &token)?;
    }
    if body.end_sessions {
        let keys = telegram.keys().of_user(user);
        for key in keys {
            telegram.sign_out(key);
        }
    }
    Ok(Json(view(&telegram, user)))
}
