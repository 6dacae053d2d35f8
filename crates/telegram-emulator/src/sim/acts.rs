//! What a person does in a chat.

use super::{Answer, Body, Refusal, Shared, Who, sent};
use crate::{
    limits,
    world::{
        World,
        chat::{ActError, ChatKey, refused},
        files::Upload,
        person_acts::SharedContact,
        press::{Pressed, Pressing},
    },
};
use axum::{
    Json,
    extract::{Path, State},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMessage {
    chat: Who,
    #[serde(default)]
    text: String,
    reply_to: Option<String>,
    document: Option<NewDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewDocument {
    name: String,
    content: Option<String>,
    content_base64: Option<String>,
}

impl NewDocument {
    fn upload(self) -> Result<Upload, ActError> {
        let bytes = match (self.content, self.content_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(text)) => {
                BASE64_STANDARD.decode(text).map_err(|_| refused("content_base64 is not base64"))?
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err(refused("a document has either content or content_base64"));
            }
        };
        Ok(Upload { name: self.name, mime: None, bytes, duration: 0 })
    }
}

/// `POST message`
pub(crate) async fn message(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<NewMessage>,
) -> Answer {
    let document = body.document.map(NewDocument::upload).transpose()?;
    let message = telegram.act(|world, now| {
        let (person, chat) = place(world, &id, &body.chat)?;
        world.write(person, chat, &body.text, body.reply_to.as_deref(), document, now)
    })?;
    Ok(sent(message))
}

fn place(world: &World, person: &str, chat: &Who) -> Result<(i64, ChatKey), ActError> {
    let person = world.person(person)?;
    Ok((person, world.chat_of(person, &chat.text())?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewContact {
    chat: Who,
    user: Option<Who>,
    phone: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    vcard: Option<String>,
    reply_to: Option<String>,
}

/// `POST contact`
pub(crate) async fn contact(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<NewContact>,
) -> Answer {
    let message = telegram.act(|world, now| {
        let (person, chat) = place(world, &id, &body.chat)?;
        let user = body.user.as_ref().map(|user| world.person(&user.text())).transpose()?;
        let shared = SharedContact {
            user,
            phone: body.phone,
            first_name: body.first_name,
            last_name: body.last_name,
            vcard: body.vcard,
        };
        world.share_contact(person, chat, shared, body.reply_to.as_deref(), now)
    })?;
    Ok(sent(message))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    bot: Who,
    #[serde(default)]
    payload: String,
}

/// `POST start`
pub(crate) async fn start(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<Start>,
) -> Answer {
    let message = telegram.act(|world, now| {
        let (person, bot) = (world.person(&id)?, world.bot_named(&body.bot.text())?);
        world.start(person, bot, &body.payload, now)
    })?;
    Ok(sent(message))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TheBot {
    bot: Who,
}

/// `POST block`
pub(crate) async fn block(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<TheBot>,
) -> Answer {
    telegram.act(|world, now| {
        let (person, bot) = (world.person(&id)?, world.bot_named(&body.bot.text())?);
        world.block(person, bot, now);
        Ok(Json(json!({})))
    })
}

/// `POST unblock`
pub(crate) async fn unblock(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<TheBot>,
) -> Answer {
    telegram.act(|world, now| {
        let (person, bot) = (world.person(&id)?, world.bot_named(&body.bot.text())?);
        world.unblock(person, bot, now);
        Ok(Json(json!({})))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TheChat {
    chat: Who,
}

/// `POST read`
pub(crate) async fn read(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<TheChat>,
) -> Answer {
    telegram.act(|world, _| {
        let (person, chat) = place(world, &id, &body.chat)?;
        world.read_chat(person, chat);
        Ok(Json(json!({})))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TheMessage {
    message: String,
}

/// `POST delete`
pub(crate) async fn delete(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<TheMessage>,
) -> Answer {
    telegram.act(|world, _| {
        let person = world.person(&id)?;
        let message = world.visible(person, &body.message)?.id;
        world.delete(message);
        Ok(Json(json!({})))
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Press {
    message: String,
    button: Option<String>,
    data: Option<String>,
}

/// `POST press`
pub(crate) async fn press(
    State(telegram): Shared,
    Path(id): Path<String>,
    Body(body): Body<Press>,
) -> Answer {
    let pressing = match (body.button, body.data) {
        (Some(button), None) => Pressing::Button(button),
        (None, Some(data)) => Pressing::Data(data),
        (Some(_), Some(_)) | (None, None) => return Err(refused("give a button, or data").into()),
    };
    let pressed = telegram.act(|world, now| {
        let person = world.person(&id)?;
        world.press(person, &body.message, pressing, now)
    })?;
    let callback = match pressed {
        Pressed::Shown(shown) => return Ok(Json(shown)),
        Pressed::Asked(callback) => callback,
    };
    let longest = Duration::from_secs(limits::PRESS_WAIT);
    // A press that has expired will not be answered any more.
    let shown = telegram.wait_for(longest, |world, _| {
        let shown = world.shown_answer(&callback);
        (shown.is_some() || !world.callbacks.contains(&callback)).then_some(shown)
    });
    Ok(Json(shown.await.flatten().unwrap_or_else(|| json!({"shown": "timeout"}))))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pick {
    message: String,
    button: String,
    #[serde(default)]
    choice: Choice,
}

#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Choice {
    Many(Vec<Who>),
    One(Who),
    #[default]
    None,
}

/// `POST pick`
pub(crate) async fn pick(State(telegram): Shared, Path(id): Path<String>, Body(body): Body<Pick>) -> Answer {
    let choice = match body.choice {
        Choice::Many(many) => many,
        Choice::One(one) => vec![one],
        Choice::None => Vec::new(),
    };
    let shown: Result<Value, Refusal> = telegram.act(|world, now| {
        let person = world.person(&id)?;
        let message = world.visible(person, &body.message)?.clone();
        let mut ids = Vec::new();
        for who in &choice {
            let who = who.text();
            let id = world.resolve(&who);
            ids.push(id.ok_or_else(|| crate::world::chat::missing(format!("there is no {who}")))?);
        }
        let inline = message.inline().and_then(|inline| inline.find(&body.button)).cloned();
        if let Some(button) = inline {
            let [chat] = ids[..] else { return Err(refused("choose one chat").into()) };
            return Ok(world.switched(person, &message, &button, chat)?);
        }
        let picked = world.pick(person, &message, &body.button, &ids, now)?;
        Ok(json!({"message": format!("m{picked}")}))
    });
    shown.map(Json)
}
