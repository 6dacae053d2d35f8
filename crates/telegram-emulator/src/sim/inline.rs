//! A person types `@bot …` in a chat, and sends one of the results.

use super::{Answer, Body, Shared, Who, sent};
use crate::{limits, world::inline::Typed};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typing {
    chat: Who,
    query: String,
    bot: Option<Who>,
    #[serde(default)]
    offset: String,
}

/// `POST inline`
pub(crate) async fn typed(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<Typing>,
) -> Answer {
    let bot = body.bot.as_ref().map(Who::text);
    let (query, typed) = telegram.act(|world, now| {
        let person = world.person(&id)?;
        let chat = world.chat_of(person, &body.chat.text())?;
        let (bot, query) = world.inline_bot(&body.query, bot.as_deref())?;
        let typed = world.inline_typed((person, chat), (bot, query.clone()), body.offset.clone(), now)?;
        Ok::<_, crate::world::chat::ActError>((query, typed))
    })?;
    let mut shown = match typed {
        Typed::Cached(shown) => shown,
        Typed::Asked(asked) => {
            let longest = Duration::from_secs(limits::INLINE_WAIT);
            // A query that has expired will not be answered any more.
            let found = telegram.wait_for(longest, |world, _| {
                let expired = !world.inline_queries.contains(&asked);
                let shown = world.inline_results(&asked);
                (shown.is_some() || expired).then_some(shown)
            });
            found.await.flatten().unwrap_or_else(
                || json!({"results": [], "cached": false, "timed_out": true, "next_offset": ""}),
            )
        }
    };
    shown["query"] = query.into();
    Ok(Json(shown))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choose {
    chat: Who,
    query: String,
    result_id: String,
    bot: Option<Who>,
}

/// `POST choose`
pub(crate) async fn choose(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<Choose>,
) -> Answer {
    let bot = body.bot.as_ref().map(Who::text);
    let message = telegram.act(|world, now| {
        let person = world.person(&id)?;
        let chat = world.chat_of(person, &body.chat.text())?;
        let named = world.inline_bot(&body.query, bot.as_deref())?;
        world.choose((person, chat), named, &body.result_id, now)
    })?;
    Ok(sent(message))
}
