//! How a bot gets its updates: getUpdates, and the methods about webhooks.

use super::params::Params;
use crate::{
    error::{self, ApiError},
    limits,
    telegram::Telegram,
    world::{people::Webhook, updates::Pending},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{sync::watch, time::sleep_until};

/// Long polling. API, getUpdates; clamps as `Client.h`:1610.
pub(super) async fn get_updates(
    telegram: &Arc<Telegram>,
    bot: i64,
    params: &Params,
) -> Result<Value, ApiError> {
    if has_webhook(telegram, bot) {
        return Err(error::CONFLICT_WEBHOOK_ACTIVE);
    }
    let allowed = allowed_updates(params)?;
    let (mut newest, mine) = telegram.begin_poll(bot);
    let limit = params.int("limit").filter(|limit| (1..=limits::POLL_LIMIT).contains(limit));
    let limit = limit.unwrap_or(limits::POLL_LIMIT);
    let offset = params.int("offset").unwrap_or(0);
    let seconds = params.int("timeout").unwrap_or(0).clamp(0, limits::POLL_TIMEOUT);
    let batch = telegram.act(|world, now| {
        if let (Some(allowed), Some(bot)) = (allowed, world.bots.get_mut(&bot)) {
            bot.allowed = allowed;
        }
        world.take_updates(bot, offset, limit, now)
    });
    let batch = telegram.faults().spoil(bot, batch);
    if !batch.is_empty() || seconds == 0 {
        return Ok(shown(&batch));
    }
    let seconds = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    let found = telegram.wait_for(seconds, |world, now| {
        if world.bots.get(&bot).is_some_and(|bot| bot.webhook.is_some()) {
            return Some(Err(error::CONFLICT_SET_WEBHOOK));
        }
        let batch = world.take_updates(bot, 0, limit, now);
        let again = telegram.faults().has_again(bot);
        (!batch.is_empty() || again).then_some(Ok(batch))
    });
    tokio::select! {
        biased;
        () = outdone(&mut newest, mine) => {
            let told = telegram.conflict_at(bot);
            sleep_until(told).await;
            Err(error::CONFLICT_OTHER_POLL)
        }
        found = found => match found {
            None => Ok(json!([])),
            Some(Err(conflict)) => Err(conflict),
            Some(Ok(batch)) => Ok(shown(&telegram.faults().spoil(bot, batch))),
        },
    }
}

/// Waits until a newer getUpdates has begun.
async fn outdone(newest: &mut watch::Receiver<u64>, mine: u64) {
    // The sender lives as long as the server, so there is no other end to the wait.
    let _ = newest.wait_for(|count| *count > mine).await;
}

fn shown(batch: &[(i64, Pending)]) -> Value {
    batch.iter().map(|(id, pending)| pending.json(*id)).collect()
}

fn has_webhook(telegram: &Telegram, bot: i64) -> bool {
    telegram.look(|world, _| world.bots.get(&bot).is_some_and(|bot| bot.webhook.is_some()))
}

/// `allowed_updates`: none when it is not given; an empty list asks for the usual kinds again.
fn allowed_updates(params: &Params) -> Result<Option<Option<BTreeSet<String>>>, ApiError> {
    let Some(given) = params.json("allowed_updates")? else { return Ok(None) };
    let kinds: BTreeSet<String> = serde_json::from_value(given)
        .map_err(|_| ApiError::new(400, "Bad Request: can't parse allowed_updates JSON array"))?;
    Ok(Some((!kinds.is_empty()).then_some(kinds)))
}

/// API, setWebhook. Telegram wants HTTPS; this one also takes plain HTTP on the loopback address.
pub(super) fn set_webhook(telegram: &Telegram, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let url = params.text("url").unwrap_or_default().trim().to_owned();
    let allowed = allowed_updates(params)?;
    let secret = params.text("secret_token").filter(|secret| !secret.is_empty()).map(str::to_owned);
    if let Some(secret) = &secret {
        if secret.len() > limits::SECRET_TOKEN {
            return Err(error::WEBHOOK_SECRET_LENGTH);
        }
        if !secret.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            return Err(error::WEBHOOK_SECRET_CHARACTERS);
        }
    }
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|p| url.starts_with(p));
    if !url.is_empty() && !url.starts_with("https://") && !local {
        return Err(error::WEBHOOK_HTTPS);
    }
    let (most, usual) = limits::WEBHOOK_CONNECTIONS;
    let max_connections = params.int("max_connections").unwrap_or(usual).clamp(1, most);
    telegram.act(|world, _| {
        if params.flag("drop_pending_updates") {
            world.drop_pending(bot);
        }
        let Some(bot) = world.bots.get_mut(&bot) else { return };
        if let Some(allowed) = allowed {
            bot.allowed = allowed;
        }
        bot.webhook = (!url.is_empty()).then_some(Webhook { url, secret, max_connections, last_error: None });
    });
    Ok(true.into())
}

/// API, deleteWebhook.
pub(super) fn delete_webhook(telegram: &Telegram, bot: i64, params: &Params) -> Result<Value, ApiError> {
    telegram.act(|world, _| {
        if params.flag("drop_pending_updates") {
            world.drop_pending(bot);
        }
        if let Some(bot) = world.bots.get_mut(&bot) {
            bot.webhook = None;
        }
    });
    Ok(true.into())
}

/// API, getWebhookInfo.
pub(super) fn webhook_info(telegram: &Telegram, bot: i64) -> Result<Value, ApiError> {
    telegram.look(|world, now| {
        world.expire(now);
        let pending = world.queue_of(bot).count();
        let row = world.bots.get(&bot).ok_or(error::UNAUTHORIZED)?;
        let mut info = json!({
            "url": row.webhook.as_ref().map_or("", |hook| hook.url.as_str()),
            "has_custom_certificate": false, "pending_update_count": pending,
        });
        if let Some(hook) = &row.webhook {
            info["max_connections"] = hook.max_connections.into();
            info["ip_address"] = "127.0.0.1".into();
            if let Some((at, why)) = &hook.last_error {
                info["last_error_date"] = (*at).into();
                info["last_error_message"] = why.clone().into();
            }
        }
        if let Some(allowed) = &row.allowed {
            info["allowed_updates"] = json!(allowed);
        }
        Ok(info)
    })
}

/// API, logOut: the bot is gone from this server until it is installed again.
pub(super) fn log_out(telegram: &Telegram, bot: i64) -> Result<Value, ApiError> {
    telegram.act(|world, _| {
        if let Some(bot) = world.bots.get_mut(&bot) {
            bot.logged_out = true;
            bot.webhook = None;
        }
    });
    Ok(true.into())
}
