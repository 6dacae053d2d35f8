//! Mini Apps and phones: who a person is, as Telegram signs it, and where phones are.

use super::{Answer, Body, Shared, Who};
use crate::world::chat::missing;
use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
pub(crate) struct WhichBot {
    bot: Option<String>,
}

/// `GET init-data`
pub(crate) async fn init_data(
    State(telegram): Shared,
    Path(id): Path<String>,
    Query(query): Query<WhichBot>,
) -> Answer {
    telegram.look(|world, now| {
        let person = world.person(&id)?;
        let bot = match &query.bot {
            Some(name) => world.resolve(name).ok_or_else(|| missing(format!("there is no {name}")))?,
            None => world.bots.values().next().map(|bot| bot.id).ok_or_else(|| missing("there is no bot"))?,
        };
        Ok(Json(json!({"bot": bot, "user": person, "init_data": world.init_data(person, bot, now)?})))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Open {
    bot: Who,
}

/// `POST open`
pub(crate) async fn open(State(telegram): Shared, Path(id): Path<String>, Body(body): Body<Open>) -> Answer {
    telegram.look(|world, now| {
        let person = world.person(&id)?;
        let bot = world.resolve(&body.bot.text());
        let bot = bot.ok_or_else(|| missing(format!("there is no {}", body.bot.text())))?;
        Ok(Json(world.open_menu(person, bot, now)?))
    })
}
