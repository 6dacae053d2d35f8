//! messages.sendMessage, editMessage, deleteMessages: what a client does in private chats.

use super::{Caller, NOT_IMPLEMENTED};
use crate::{
    calls::refused::Refused,
    limits,
    mtproto::{
        delivery::{self, int},
        keys::updates,
        mailbox::Mail,
        objects::{message, user},
    },
    text::Formatted,
    world::{
        World,
        chat::ChatKey,
        message::{Content, Message},
        sending::Draft,
    },
};
use grammers_tl_types as tl;
use tl::{enums::MessageEntity, functions::messages};

type Answer<T> = Result<T, Refused>;

const EMPTY: Refused = Refused::new(400, "MESSAGE_EMPTY");
const TOO_LONG: Refused = Refused::new(400, "MESSAGE_TOO_LONG");
const ID_INVALID: Refused = Refused::new(400, "MESSAGE_ID_INVALID");
const NOT_MODIFIED: Refused = Refused::new(400, "MESSAGE_NOT_MODIFIED");
const NOT_AUTHOR: Refused = Refused::new(403, "MESSAGE_AUTHOR_REQUIRED");
const DUPLICATE: Refused = Refused::new(500, "RANDOM_ID_DUPLICATE");
const BLOCKED: Refused = Refused::new(400, "YOU_BLOCKED_USER");

/// The text that a client gives.
fn text(caller: &Caller, words: String, entities: Option<Vec<MessageEntity>>) -> Answer<Formatted> {
    let Some(entities) = message::read_entities(&entities.unwrap_or_default()) else {
        caller.violation("messages", "an entity that is not emulated");
        return Err(NOT_IMPLEMENTED);
    };
    let text = Formatted { text: words, entities }.finished();
    match limits::utf16(&text.text) {
        0 => Err(EMPTY),
        length if length > limits::TEXT => Err(TOO_LONG),
        _ => Ok(text),
    }
}

/// Uses up a client's number for a message.
pub(super) fn use_random_id(caller: &Caller, user: i64, random_id: i64) -> Answer<()> {
    let is_new = caller.telegram.keys().mailbox(user).is_none_or(|mailbox| mailbox.is_new(random_id));
    if is_new { Ok(()) } else { Err(DUPLICATE) }
}

pub(super) fn send(caller: &Caller, asked: messages::SendMessage) -> Answer<tl::enums::Updates> {
    let viewer = caller.user()?;
    let text = text(caller, asked.message, asked.entities)?;
    if asked.reply_markup.is_some() || asked.schedule_date.is_some() {
        caller.violation("messages.sendMessage", "buttons are for bots, and scheduling is not emulated");
        return Err(Refused::new(400, "REPLY_MARKUP_INVALID"));
    }
    let reply = match asked.reply_to {
        Some(tl::enums::InputReplyTo::Message(reply)) => Some(i64::from(reply.reply_to_msg_id)),
        Some(
            tl::enums::InputReplyTo::Story(_)
            | tl::enums::InputReplyTo::MonoForum(_)
            | tl::enums::InputReplyTo::EphemeralMessage(_),
        ) => return Err(NOT_IMPLEMENTED),
        None => None,
    };
    let chat = caller.telegram.look(|world, _| user::chat(world, viewer, &asked.peer))?;
    use_random_id(caller, viewer, asked.random_id)?;
    let id = caller.telegram.act(|world, now| {
        world.made_by = Some(caller.line);
        write(world, viewer, chat, text, reply, now)
    })?;
    Ok(sent(caller, viewer, id, asked.random_id))
}

fn write(
    world: &mut World,
    viewer: i64,
    chat: ChatKey,
    text: Formatted,
    reply: Option<i64>,
    now: i64,
) -> Answer<i64> {
    if world.bot_in(chat).is_some() {
        // Commands to bots have rules of their own, such as Start.
        return world.write(viewer, chat, &text.text, None, None, now).map_err(|_| BLOCKED);
    }
    let reply_to = reply.and_then(|id| world.replied(chat, id));
    Ok(world.post(chat, viewer, Draft { reply_to, ..Draft::new(Content::Text(text)) }, now))
}

/// What a client is told of the message that it sent.
pub(super) fn sent(caller: &Caller, viewer: i64, id: i64, random_id: i64) -> tl::enums::Updates {
    let named = tl::types::UpdateMessageId { id: int(id), random_id }.into();
    caller.telegram.look(|world, now| {
        let (own, people) = own_update(caller, world, viewer, Mail::New(id));
        updates([named].into_iter().chain(own).collect(), user::users(world, viewer, people), int(now))
    })
}

/// The update of a client's own doing, with its number.
fn own_update(
    caller: &Caller,
    world: &World,
    viewer: i64,
    mail: Mail,
) -> (Option<tl::enums::Update>, Vec<i64>) {
    let pts = caller.telegram.keys().mailbox(viewer).and_then(|mailbox| mailbox.number_of(mail));
    let own = pts.and_then(|pts| delivery::update(world, viewer, mail, pts));
    own.map_or((None, Vec::new()), |(update, people)| (Some(update), people))
}

pub(super) fn edit(caller: &Caller, asked: messages::EditMessage) -> Answer<tl::enums::Updates> {
    let viewer = caller.user()?;
    let words = asked.message.ok_or(EMPTY)?;
    let text = text(caller, words, asked.entities)?;
    let id = i64::from(asked.id);
    caller.telegram.act(|world, now| {
        let chat = user::chat(world, viewer, &asked.peer)?;
        let found = world.messages.get(&id).filter(|found| found.chat == chat).ok_or(ID_INVALID)?;
        check_own(viewer, found)?;
        let content = Content::Text(text);
        if found.content == content {
            return Err(NOT_MODIFIED);
        }
        world.made_by = Some(caller.line);
        world.change_message(id, content, None, Some(now));
        Ok(())
    })?;
    Ok(caller.telegram.look(|world, now| {
        let (own, people) = own_update(caller, world, viewer, Mail::Edited(id));
        updates(own.into_iter().collect(), user::users(world, viewer, people), int(now))
    }))
}

/// What was sent through a bot is the bot's to edit.
fn check_own(viewer: i64, found: &Message) -> Answer<()> {
    match found.content {
        _ if found.from != viewer || found.via_bot.is_some() => Err(NOT_AUTHOR),
        Content::Text(_) => Ok(()),
        Content::File { .. }
        | Content::Contact(_)
        | Content::UsersShared { .. }
        | Content::ChatShared { .. } => Err(ID_INVALID),
    }
}

/// Deletes for both sides; deleting for oneself alone is not emulated. Numbers that name nothing are passed over.
pub(super) fn delete(
    caller: &Caller,
    asked: messages::DeleteMessages,
) -> Answer<tl::enums::messages::AffectedMessages> {
    let viewer = caller.user()?;
    if !asked.revoke {
        caller.violation("messages.deleteMessages", "deleting for oneself alone is not emulated");
        return Err(NOT_IMPLEMENTED);
    }
    let deleted = caller.telegram.act(|world, _| {
        world.made_by = Some(caller.line);
        let ids = asked.id.iter().map(|id| i64::from(*id));
        let own: Vec<i64> = ids.filter(|id| is_private(world, viewer, *id)).collect();
        for id in &own {
            world.delete(*id);
        }
        own
    });
    let mut keys = caller.telegram.keys();
    let mailbox = keys.mailbox(viewer);
    let last = deleted.last().map(|id| Mail::Deleted(*id));
    let pts =
        mailbox.map_or(1, |mailbox| last.and_then(|mail| mailbox.number_of(mail)).unwrap_or(mailbox.pts));
    let pts_count = i32::try_from(deleted.len()).unwrap_or(i32::MAX);
    Ok(tl::types::messages::AffectedMessages { pts, pts_count }.into())
}

fn is_private(world: &World, viewer: i64, id: i64) -> bool {
    let private =
        |found: &Message| matches!(found.chat, ChatKey::Pair(..)) && world.is_in(found.chat, viewer);
    world.messages.get(&id).is_some_and(private)
}
