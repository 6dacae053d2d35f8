//! Who there is.

use super::{Answer, Body, Shared, Who};
use crate::world::{chat::ChatKey, person_acts::NewPerson};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::Value;

/// `GET /sim/users`
pub(crate) async fn list(State(telegram): Shared) -> Json<Value> {
    Json(telegram.look(|world, _| world.people.values().map(|person| world.person_view(person.id)).collect()))
}

/// `GET /sim/bots`
pub(crate) async fn bots(State(telegram): Shared) -> Json<Value> {
    Json(telegram.look(|world, _| world.bots.values().map(|bot| world.bot_view(bot.id)).collect()))
}

/// `POST /sim/users`
pub(crate) async fn add(State(telegram): Shared, Body(new): Body<NewPerson>) -> Answer {
    let view = telegram.act(|world, _| world.add_person(new).map(|id| world.person_view(id)))?;
    Ok(Json(view))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Language {
    language_code: String,
}

/// `POST language`
pub(crate) async fn language(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<Language>,
) -> Answer {
    telegram.act(|world, _| {
        let person = world.person(&id)?;
        world.set_language(person, body.language_code);
        Ok(Json(world.person_view(person)))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGroup {
    title: String,
    #[serde(default)]
    members: Vec<Who>,
    #[serde(default)]
    bots: Vec<Who>,
}

/// `POST groups`
pub(crate) async fn group(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<NewGroup>,
) -> Answer {
    let names = |list: &[Who]| list.iter().map(Who::text).collect::<Vec<_>>();
    telegram.act(|world, _| {
        let person = world.person(&id)?;
        let group =
            world.make_group(person, body.title.clone(), &names(&body.members), &names(&body.bots))?;
        Ok(Json(world.chat_entry(person, ChatKey::Group(group))))
    })
}
