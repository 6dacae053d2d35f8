//! What a bot does to messages that are there: edit, copy, delete.

use super::{
    World,
    markup::{Inline, Markup},
    message::{Content, Message},
    sending::Draft,
};
use crate::{
    error::{self, ApiError},
    limits,
    mtproto::mailbox::Mail,
    text::Formatted,
};
use serde_json::Value;

/// Which message a bot means.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    Chat { chat: i64, message: i64 },
    Inline(String),
}

/// What is to be different.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Text(Formatted),
    Caption(Formatted),
    /// Only the buttons.
    Markup,
}

impl World {
    /// A bot edits a message; the buttons are replaced in any case, and go when there are none.
    ///
    /// # Errors
    ///
    /// A message that is not there, is another's, has a reply keyboard, or would not change.
    pub(crate) fn bot_edits(
        &mut self,
        bot: i64,
        target: Target,
        edit: Edit,
        inline: Option<Inline>,
        now: i64,
    ) -> Result<Value, ApiError> {
        let id = self.editable(bot, &target)?;
        let Some(old) = self.messages.get(&id) else { return Err(error::EDIT_NOT_FOUND) };
        let markup = inline.map(Markup::Inline);
        let content = match (edit, &old.content) {
            (Edit::Markup, content) => content.clone(),
            (Edit::Text(text), Content::Text(_)) => Content::Text(text),
            (Edit::Caption(caption), Content::File { kind, file, .. }) => {
                Content::File { kind: *kind, file: file.clone(), caption }
            }
            (Edit::Text(_), _) => return Err(error::NO_TEXT_TO_EDIT),
            (Edit::Caption(_), _) => return Err(error::NO_CAPTION_TO_EDIT),
        };
        if content == old.content && markup == old.markup {
            return Err(error::NOT_MODIFIED);
        }
        // Clients show no "edited" mark when only the buttons change.
        let edited = if content == old.content { old.edited } else { Some(now) };
        self.change_message(id, content, markup, edited);
        match (target, self.messages.get(&id)) {
            (Target::Chat { .. }, Some(message)) => Ok(self.message_json(bot, message)),
            (Target::Chat { .. } | Target::Inline(_), _) => Ok(true.into()),
        }
    }

    /// Puts something else into a message.
    pub(crate) fn change_message(
        &mut self,
        id: i64,
        content: Content,
        markup: Option<Markup>,
        edited: Option<i64>,
    ) {
        let Some(message) = self.messages.get_mut(&id) else { return };
        message.content = content;
        message.markup = markup;
        message.edited = edited;
        let chat = message.chat;
        self.touch(chat);
        self.tell_clients(chat, Mail::Edited(id));
    }

    fn editable(&self, bot: i64, target: &Target) -> Result<i64, ApiError> {
        match target {
            Target::Inline(name) => {
                let found = self.messages.values().rev().find(|m| m.inline_id.as_ref() == Some(name));
                let own = found.filter(|message| message.via_bot == Some(bot));
                own.map(|message| message.id).ok_or(error::INLINE_MESSAGE_INVALID)
            }
            Target::Chat { chat, message } => {
                let key = self.reachable(bot, *chat)?;
                let found = self.messages.get(message).filter(|found| found.chat == key);
                let found = found.ok_or(error::EDIT_NOT_FOUND)?;
                if found.from != bot || found.is_fixed() {
                    return Err(error::CANT_BE_EDITED);
                }
                Ok(found.id)
            }
        }
    }

    /// A bot deletes a message: its own, or a person's in private; not after 48 hours. API, deleteMessage.
    ///
    /// # Errors
    ///
    /// A message that is not there, too old, or another's in a group.
    pub(crate) fn bot_deletes(
        &mut self,
        bot: i64,
        chat: i64,
        message: i64,
        now: i64,
    ) -> Result<(), ApiError> {
        let key = self.reachable(bot, chat)?;
        let found = self.messages.get(&message).filter(|found| found.chat == key);
        let found = found.ok_or(error::DELETE_NOT_FOUND)?;
        let in_group = matches!(key, super::chat::ChatKey::Group(_));
        if now - found.date > limits::DELETE_AGE || (in_group && found.from != bot) {
            return Err(error::CANT_BE_DELETED);
        }
        self.delete(message);
        Ok(())
    }

    /// Takes a message out of its chat, for everybody.
    pub(crate) fn delete(&mut self, id: i64) {
        let Some(message) = self.messages.remove(&id) else { return };
        let newest = self.messages.values().rev().find(|m| m.chat == message.chat).map_or(0, |m| m.id);
        let dialog = self.dialogs.entry(message.chat);
        dialog.last = newest;
        dialog.keyboard = dialog.keyboard.filter(|keyboard| *keyboard != id);
        dialog.force_reply = dialog.force_reply.filter(|forced| *forced != id);
        self.touch(message.chat);
        self.tell_clients(message.chat, Mail::Deleted(id));
    }

    /// A bot sends a copy of a message that it can see.
    ///
    /// # Errors
    ///
    /// A message that is not there, or that cannot be copied.
    pub(crate) fn bot_copies(
        &mut self,
        bot: i64,
        (from, message): (i64, i64),
        chat: i64,
        draft: impl FnOnce(&Message) -> Result<Draft, ApiError>,
        now: i64,
    ) -> Result<Message, ApiError> {
        let source = self.reachable(bot, from)?;
        let found = self.messages.get(&message).filter(|found| found.chat == source);
        let found = found.ok_or(error::COPY_NOT_FOUND)?;
        if matches!(found.content, Content::UsersShared { .. } | Content::ChatShared { .. }) {
            return Err(error::CANT_BE_COPIED);
        }
        let draft = draft(found)?;
        self.bot_sends(bot, chat, draft, now)
    }
}
