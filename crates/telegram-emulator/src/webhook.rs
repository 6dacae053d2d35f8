//! Delivers updates to webhooks: one after the other within a queue, queues side by side, again until taken or too old.

use crate::{
    api::{self, params::Params},
    fault::UpdateFault,
    limits,
    telegram::Telegram,
    world::{people::Webhook, updates::Pending},
};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// Queues that a delivery works on: bot, person, kind.
type Busy = Arc<Mutex<BTreeSet<(i64, (i64, u8))>>>;

/// Starts a delivery for each queue that has something and is idle.
pub(crate) async fn deliver(telegram: Arc<Telegram>) {
    let busy = Busy::default();
    let mut changed = telegram.changes();
    loop {
        changed.borrow_and_update();
        for (bot, hook, update, pending) in ready(&telegram, &busy) {
            let busy = Arc::clone(&busy);
            let shared = Arc::clone(&telegram);
            telegram.tasks.spawn(async move {
                let queue = pending.queue;
                deliver_one(&shared, bot, &hook, update, &pending).await;
                busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&(bot, queue));
                shared.nudge();
            });
        }
        tokio::select! {
            changed = changed.changed() => if changed.is_err() { return },
            () = telegram.stop.cancelled() => return,
        }
    }
}

/// The oldest update of each idle queue, as many as the webhook's connections allow; they count as busy from here on.
fn ready(telegram: &Telegram, busy: &Busy) -> Vec<(i64, Webhook, i64, Pending)> {
    let mut busy = busy.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = Vec::new();
    telegram.look(|world, now| {
        world.expire(now);
        let hooks: Vec<_> =
            world.bots.values().filter_map(|bot| bot.webhook.clone().map(|hook| (bot.id, hook))).collect();
        for (bot, hook) in hooks {
            let working = busy.iter().filter(|(owner, _)| *owner == bot).count();
            let mut free = usize::try_from(hook.max_connections).unwrap_or(1).saturating_sub(working);
            for (update, pending) in world.queue_of(bot) {
                if free > 0 && busy.insert((bot, pending.queue)) {
                    free -= 1;
                    out.push((bot, hook.clone(), update, pending.clone()));
                }
            }
        }
    });
    if out.len() > 1 && telegram.faults().take_update_fault(UpdateFault::Reorder) {
        out.reverse();
    }
    out
}

/// Tries until the webhook takes the update, the update is gone, or the webhook is another.
async fn deliver_one(telegram: &Arc<Telegram>, bot: i64, hook: &Webhook, update: i64, pending: &Pending) {
    let mut pause = Duration::from_secs(1);
    loop {
        let wait = match attempt(telegram, bot, hook, update, pending).await {
            Ok(()) => {
                if telegram.faults().take_update_fault(UpdateFault::Duplicate) {
                    // The second delivery counts as little as a retry whose answer was lost.
                    let _ = attempt(telegram, bot, hook, update, pending).await;
                }
                return telegram.act(|world, _| world.confirm(bot, update));
            }
            Err((why, asked)) => {
                telegram.act(|world, now| note_failure(world, bot, now, why));
                asked.unwrap_or(pause).min(Duration::from_secs(limits::WEBHOOK_PAUSE))
            }
        };
        pause *= 2;
        let again = Instant::now() + wait;
        tokio::select! {
            () = sleep_until(again) => (),
            () = telegram.stop.cancelled() => return,
        }
        let still = telegram.look(|world, now| {
            world.expire(now);
            let same =
                world.bots.get(&bot).and_then(|bot| bot.webhook.as_ref()).is_some_and(|h| h.url == hook.url);
            same && world.pending.contains(&(bot, update))
        });
        if !still {
            return;
        }
    }
}

fn note_failure(world: &mut crate::world::World, bot: i64, now: i64, why: String) {
    if let Some(hook) = world.bots.get_mut(&bot).and_then(|bot| bot.webhook.as_mut()) {
        hook.last_error = Some((now, why));
    }
}

/// One request; a method in the answer is carried out, as "Making requests when getting updates" of the API says.
async fn attempt(
    telegram: &Arc<Telegram>,
    bot: i64,
    hook: &Webhook,
    update: i64,
    pending: &Pending,
) -> Result<(), (String, Option<Duration>)> {
    let mut request = telegram.http.post(&hook.url).json(&pending.json(update));
    if let Some(secret) = &hook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let sent = tokio::select! {
        sent = request.send() => sent,
        () = telegram.stop.cancelled() => return Err(("the server stops".to_owned(), None)),
    };
    let response = sent.map_err(|_| ("Connection refused or timed out".to_owned(), None))?;
    let status = response.status();
    if !status.is_success() {
        let asked = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let why = format!("Wrong response from the webhook: {status}");
        return Err((why, asked.map(Duration::from_secs)));
    }
    let body = response.bytes().await.unwrap_or_default();
    if let Ok(serde_json::Value::Object(mut call)) = serde_json::from_slice(&body)
        && let Some(method) = call.remove("method").and_then(|method| method.as_str().map(str::to_owned))
    {
        // A refusal is recorded; a webhook has nobody to tell it to.
        let _ = api::carry_out(telegram, bot, &method, Params::from_map(call)).await;
    }
    Ok(())
}
