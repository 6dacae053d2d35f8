//! Sending, copying, editing and deleting.

use super::params::{Given, Params};
use crate::{
    error::{self, ApiError},
    limits,
    telegram::Telegram,
    text::Formatted,
    world::{
        Happening, World,
        editing::{Edit, Target},
        message::{Contact, Content, FileKind, Message},
        sending::Draft,
    },
};
use serde_json::{Value, json};

/// The methods of this file; none when it is not one of them.
pub(super) fn dispatch(
    telegram: &Telegram,
    bot: i64,
    method: &str,
    params: &Params,
) -> Option<Result<Value, ApiError>> {
    let act = |act: &dyn Fn(&mut World, i64) -> Result<Value, ApiError>| Some(telegram.act(act));
    let send_file = |kind| {
        act(&move |world, now| {
            let content = file_content(world, kind, params);
            send(world, bot, params, content, now)
        })
    };
    match method {
        "sendMessage" => act(&|world, now| send(world, bot, params, text_content(params), now)),
        "sendDocument" => send_file(FileKind::Document),
        "sendPhoto" => send_file(FileKind::Photo),
        "sendAudio" => send_file(FileKind::Audio),
        "sendVoice" => send_file(FileKind::Voice),
        "sendContact" => act(&|world, now| send(world, bot, params, contact_content(params), now)),
        "sendChatAction" => act(&|world, _| chat_action(world, bot, params)),
        "copyMessage" => act(&|world, now| copy(world, bot, params, now)),
        "editMessageText" => act(&|world, now| {
            let text = checked_text(params, error::EDITED_TEXT_TOO_LONG)?;
            world.bot_edits(bot, target(params)?, Edit::Text(text), params.inline()?, now)
        }),
        "editMessageCaption" => act(&|world, now| {
            let caption = checked_caption(params)?;
            world.bot_edits(bot, target(params)?, Edit::Caption(caption), params.inline()?, now)
        }),
        "editMessageReplyMarkup" => {
            act(&|world, now| world.bot_edits(bot, target(params)?, Edit::Markup, params.inline()?, now))
        }
        "deleteMessage" => act(&|world, now| {
            let message = params.int("message_id").ok_or(error::MESSAGE_ID_MISSING)?;
            world.bot_deletes(bot, params.chat("chat_id")?, message, now).map(|()| true.into())
        }),
        "deleteMessages" => act(&|world, now| delete_many(world, bot, params, now)),
        _ => None,
    }
}

fn send(
    world: &mut World,
    bot: i64,
    params: &Params,
    content: Result<Content, ApiError>,
    now: i64,
) -> Result<Value, ApiError> {
    let chat = params.chat("chat_id")?;
    let draft = draft(world, bot, chat, params, content?)?;
    let message = world.bot_sends(bot, chat, draft, now)?;
    Ok(world.message_json(bot, &message))
}

fn draft(world: &World, bot: i64, chat: i64, params: &Params, content: Content) -> Result<Draft, ApiError> {
    let key = world.reachable(bot, chat)?;
    let reply_to = match params.json("reply_parameters")? {
        None => None,
        Some(reply) => {
            let id = reply.get("message_id").and_then(Value::as_i64).ok_or(error::REPLY_NOT_FOUND)?;
            let anyway = reply.get("allow_sending_without_reply").and_then(Value::as_bool).unwrap_or(false);
            if reply.get("chat_id").is_some_and(|other| other.as_i64() != Some(chat)) {
                return Err(ApiError::not_emulated("replies to another chat"));
            }
            match world.replied(key, id) {
                None if !anyway => return Err(error::REPLY_NOT_FOUND),
                found => found,
            }
        }
    };
    let markup = params.markup()?;
    Ok(Draft { markup, reply_to, protected: params.flag("protect_content"), ..Draft::new(content) })
}

fn checked_text(params: &Params, too_long: ApiError) -> Result<Formatted, ApiError> {
    let text = params.formatted("text", "entities")?;
    match limits::utf16(&text.text) {
        0 => Err(error::TEXT_EMPTY),
        length if length > limits::TEXT => Err(too_long),
        _ => Ok(text),
    }
}

fn checked_caption(params: &Params) -> Result<Formatted, ApiError> {
    let caption = params.formatted("caption", "caption_entities")?;
    if limits::utf16(&caption.text) > limits::CAPTION { Err(error::CAPTION_TOO_LONG) } else { Ok(caption) }
}

fn text_content(params: &Params) -> Result<Content, ApiError> {
    checked_text(params, error::TEXT_TOO_LONG).map(Content::Text)
}

fn file_content(world: &mut World, kind: FileKind, params: &Params) -> Result<Content, ApiError> {
    let caption = checked_caption(params)?;
    let file = match params.file(kind)? {
        Given::Known(id) if world.files.contains(&id.to_owned()) => id.to_owned(),
        Given::Known(_) => return Err(error::FILE_IDENTIFIER),
        Given::Upload(upload) => {
            let mut upload = upload.clone();
            upload.duration = params.int("duration").unwrap_or(0);
            world.store(kind, upload)?
        }
    };
    Ok(Content::File { kind, file, caption })
}

fn contact_content(params: &Params) -> Result<Content, ApiError> {
    let phone = params.text("phone_number").filter(|phone| !phone.is_empty()).ok_or(error::CONTACT_PHONE)?;
    let first_name = params.text("first_name").filter(|name| !name.is_empty());
    Ok(Content::Contact(Contact {
        phone: phone.to_owned(),
        first_name: first_name.ok_or_else(|| ApiError::parameter("first_name"))?.to_owned(),
        last_name: params.text("last_name").filter(|name| !name.is_empty()).map(str::to_owned),
        user: None,
        vcard: params.text("vcard").filter(|card| !card.is_empty()).map(str::to_owned),
    }))
}

/// `Client.cpp`, `get_chat_action`.
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

fn chat_action(world: &mut World, bot: i64, params: &Params) -> Result<Value, ApiError> {
    let action = params.text("action").filter(|action| ACTIONS.contains(action)).ok_or(error::CHAT_ACTION)?;
    let chat = world.reachable(bot, params.chat("chat_id")?)?;
    world.happened.push(Happening::Typing { chat, bot, action: action.to_owned() });
    Ok(true.into())
}

fn copy(world: &mut World, bot: i64, params: &Params, now: i64) -> Result<Value, ApiError> {
    let chat = params.chat("chat_id")?;
    let source = params.chat("from_chat_id")?;
    let message = params.int("message_id").ok_or(error::MESSAGE_ID_MISSING)?;
    let frame = draft(world, bot, chat, params, Content::Text(Formatted::default()))?;
    let caption = params.text("caption").is_some().then(|| checked_caption(params)).transpose()?;
    let make = |original: &Message| {
        let content = match (&original.content, caption) {
            (Content::File { kind, file, .. }, Some(caption)) => {
                Content::File { kind: *kind, file: file.clone(), caption }
            }
            (other, _) => other.clone(),
        };
        Ok(Draft { content, ..frame })
    };
    let copied = world.bot_copies(bot, (source, message), chat, make, now)?;
    Ok(json!({"message_id": copied.id}))
}

fn target(params: &Params) -> Result<Target, ApiError> {
    if let Some(inline) = params.text("inline_message_id").filter(|id| !id.is_empty()) {
        return Ok(Target::Inline(inline.to_owned()));
    }
    let chat = params.chat("chat_id")?;
    let message = params.int("message_id").ok_or(error::MESSAGE_ID_MISSING)?;
    Ok(Target::Chat { chat, message })
}

/// API, deleteMessages: what cannot be found or deleted is passed over.
fn delete_many(world: &mut World, bot: i64, params: &Params, now: i64) -> Result<Value, ApiError> {
    let chat = params.chat("chat_id")?;
    world.reachable(bot, chat)?;
    let ids = params.json("message_ids")?.ok_or(error::MESSAGE_ID_MISSING)?;
    let ids: Vec<i64> = serde_json::from_value(ids).map_err(|_| error::MESSAGE_ID_MISSING)?;
    match ids.len() {
        0 => return Err(error::MESSAGE_ID_MISSING),
        count if count > limits::DELETE_MESSAGES => return Err(error::TOO_MANY_IDS),
        _ => (),
    }
    for id in ids {
        match world.bot_deletes(bot, chat, id, now) {
            Ok(()) | Err(_) => (),
        }
    }
    Ok(true.into())
}
