//! What a person sees: chats, messages, files, and changes as they happen.

use super::{Answer, Shared};
use crate::{
    telegram::Telegram,
    world::{Happening, World, chat::missing},
};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::header,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures::{
    StreamExt,
    stream::{self, Stream},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// Longest wait for a change, in seconds.
const LONGEST_WAIT: u64 = 60;

/// `GET chats`
pub(crate) async fn chats(State(telegram): Shared, Path(id): Path<String>) -> Answer {
    telegram.look(|world, _| {
        let person = world.person(&id)?;
        Ok(Json(world.chats_view(person)))
    })
}

#[derive(Debug, Deserialize)]
pub(crate) struct Waiting {
    after: Option<u64>,
    wait: Option<u64>,
    limit: Option<usize>,
}

/// `GET chats/{chat}`
pub(crate) async fn chat(
    State(telegram): Shared,
    Path((id, chat)): Path<(String, String)>,
    Query(query): Query<Waiting>,
) -> Answer {
    let (person, chat) = telegram.look(|world, _| {
        let person = world.person(&id)?;
        Ok::<_, crate::world::chat::ActError>((person, world.chat_of(person, &chat)?))
    })?;
    if let Some(after) = query.after {
        let longest = Duration::from_secs(query.wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
        // A chat that did not change in time is shown as it is.
        let _ = telegram.wait_for(longest, |world, _| (world.chat_version(chat) > after).then_some(())).await;
    }
    let limit = query.limit.unwrap_or(usize::MAX);
    Ok(Json(telegram.look(|world, _| world.chat_view(person, chat, limit))))
}

/// `GET /sim/files/{file_id}`
pub(crate) async fn file(State(telegram): Shared, Path(file): Path<String>) -> Response {
    let found = telegram.look(|world, _| world.files.get(&file).cloned());
    let Some(found) = found else {
        return super::Refusal::from(missing(format!("there is no file {file}"))).into_response();
    };
    let safe: String =
        found.name.chars().filter(|c| c.is_ascii_alphanumeric() || "._- ".contains(*c)).collect();
    let disposition = format!("inline; filename=\"{safe}\"");
    let headers = [
        (header::CONTENT_TYPE, found.mime),
        (header::CONTENT_DISPOSITION, disposition),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        // What people send must not run in this page's name.
        (header::CONTENT_SECURITY_POLICY, "sandbox".to_owned()),
    ];
    (headers, found.bytes).into_response()
}

/// `GET events` of one person.
pub(crate) async fn events(
    State(telegram): Shared,
    Path(id): Path<String>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, super::Refusal> {
    let person = telegram.look(|world, _| world.person(&id))?;
    Ok(follow(telegram, Some(person)))
}

/// `GET /sim/events`: everybody's, over one connection.
pub(crate) async fn all_events(
    State(telegram): Shared,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    follow(telegram, None)
}

/// What happens to one person, or else to each.
fn follow(
    telegram: Arc<Telegram>,
    person: Option<i64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = telegram.happenings();
    let hello = telegram.look(|world, _| event("hello", &json!({"version": world.version})));
    let first = stream::once(async move { Ok(hello) });
    let rest = stream::unfold((telegram, receiver), move |(telegram, mut receiver)| async move {
        let events = next_events(&telegram, &mut receiver, person).await?;
        Some((stream::iter(events.into_iter().map(Ok)), (telegram, receiver)))
    });
    Sse::new(first.chain(rest.flatten())).keep_alive(KeepAlive::default())
}

async fn next_events(
    telegram: &Arc<Telegram>,
    receiver: &mut Receiver<Happening>,
    person: Option<i64>,
) -> Option<Vec<Event>> {
    let happening = tokio::select! {
        happening = receiver.recv() => happening,
        () = telegram.stop.cancelled() => return None,
    };
    match happening {
        Ok(happening) => Some(telegram.look(|world, _| shown(world, person, &happening))),
        // Too many changes at once: the page reads everything again.
        Err(RecvError::Lagged(_)) => {
            Some(vec![telegram.look(|world, _| event("change", &json!({"version": world.version})))])
        }
        Err(RecvError::Closed) => None,
    }
}

/// What this person's page, or the page of everybody, is told of it; nothing of chats that the person is not in.
fn shown(world: &World, person: Option<i64>, happening: &Happening) -> Vec<Event> {
    let (name, chat, about) = match happening {
        Happening::Change { version, chat: None } => {
            return vec![event("change", &json!({"version": version}))];
        }
        Happening::Change { version, chat: Some(chat) } => ("change", chat, json!({"version": version})),
        Happening::Typing { chat, bot, action } => ("typing", chat, json!({"bot": bot, "action": action})),
    };
    let everybody = world.people.values().map(|person| person.id);
    let told = everybody.filter(|id| person.is_none_or(|person| person == *id) && world.is_in(*chat, *id));
    told.map(|id| {
        let mut about = about.clone();
        about["chat"] = json!(chat.seen_by(id));
        if person.is_none() {
            about["user"] = json!(id);
        }
        event(name, &about)
    })
    .collect()
}

fn event(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
