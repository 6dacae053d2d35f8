//! What tests do to the world and read of it: faults, the clock, switches, records.

use super::{Answer, Body, Shared};
use crate::{
    fault::{Fault, LineFault},
    world::{Settings, World, chat::refused},
};
use axum::{
    Json,
    extract::{Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest wait for the clock, in seconds.
const LONGEST_WAIT: u64 = 60;

/// `GET /sim/fault`
pub(crate) async fn faults(State(telegram): Shared) -> Json<Value> {
    Json(json!(telegram.faults().armed()))
}

/// `POST /sim/fault`
pub(crate) async fn arm(State(telegram): Shared, Body(fault): Body<Fault>) -> Json<Value> {
    if let Some(kind) = fault.kind {
        let down = match kind {
            LineFault::MtprotoDrop => 0,
            LineFault::MtprotoDown => fault.seconds.unwrap_or(1),
        };
        telegram.cut_mtproto(Duration::from_secs(down));
        return Json(json!(telegram.faults().armed()));
    }
    let mut faults = telegram.faults();
    faults.arm(fault);
    Json(json!(faults.armed()))
}

/// `DELETE /sim/fault`
pub(crate) async fn disarm(State(telegram): Shared) -> Json<Value> {
    telegram.faults().disarm();
    Json(json!([]))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Waiting {
    after: Option<u64>,
    wait: Option<u64>,
}

fn clock_view(world: &World, now: i64) -> Json<Value> {
    let meta = world.meta();
    Json(json!({"now": now, "now_offset_seconds": meta.clock_offset, "version": meta.clock_version}))
}

/// `GET /sim/clock`
pub(crate) async fn clock(State(telegram): Shared, Query(query): Query<Waiting>) -> Json<Value> {
    if let Some(after) = query.after {
        let longest = Duration::from_secs(query.wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
        let moved = |world: &mut World, _| (world.meta().clock_version > after).then_some(());
        // A clock that was not moved in time is told as it is.
        let _ = telegram.wait_for(longest, moved).await;
    }
    telegram.look(|world, now| clock_view(world, now))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    seconds: u32,
}

/// `POST /sim/clock/advance`
pub(crate) async fn advance(State(telegram): Shared, Body(body): Body<Advance>) -> Json<Value> {
    telegram.act(|world, now| {
        let seconds = i64::from(body.seconds);
        let meta = world.meta_mut();
        meta.clock_offset += seconds;
        meta.clock_version += 1;
        world.expire(now + seconds);
        clock_view(world, now + seconds)
    })
}

/// `GET /sim/settings`
pub(crate) async fn settings(State(telegram): Shared) -> Json<Value> {
    Json(telegram.look(|world, _| json!(world.meta().settings)))
}

/// `POST /sim/settings`
pub(crate) async fn change_settings(State(telegram): Shared, Body(body): Body<Value>) -> Answer {
    telegram.act(|world, now| {
        let mut merged = json!(world.meta().settings);
        let Value::Object(changes) = body else { return Err(refused("settings are an object").into()) };
        for (name, value) in changes {
            merged[name] = value;
        }
        let settings: Settings = serde_json::from_value(merged).map_err(|why| refused(why.to_string()))?;
        if let Some(wrong) = settings.wrong() {
            return Err(refused(wrong).into());
        }
        if !settings.chosen_result_after_next_press {
            world.release_held(now);
        }
        world.set_settings(settings);
        Ok(Json(json!(world.meta().settings)))
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    after: u64,
    method: Option<String>,
}

/// `GET /sim/calls`
pub(crate) async fn calls(State(telegram): Shared, Query(query): Query<Which>) -> Json<Value> {
    Json(json!(telegram.records().calls(query.after, query.method.as_deref())))
}

/// `GET /sim/violations`
pub(crate) async fn violations(State(telegram): Shared) -> Json<Value> {
    Json(json!(telegram.records().violations()))
}

/// `GET /sim/traffic`
pub(crate) async fn traffic(State(telegram): Shared) -> Json<Value> {
    Json(telegram.look(|world, _| json!(world.calls.traffic)))
}

/// `GET /sim/pending`
pub(crate) async fn pending(State(telegram): Shared) -> Json<Value> {
    Json(telegram.look(|world, now| {
        world.expire(now);
        let row = |((bot, id), pending): (&(i64, i64), &crate::world::updates::Pending)| {
            json!({"bot": bot, "update_id": id, "kind": pending.kind, "expires": pending.expires})
        };
        world.pending.iter().map(row).collect()
    }))
}
