//! How a message comes into a chat, from a bot or from a person.

use super::{
    World,
    chat::ChatKey,
    markup::Markup,
    message::{Content, Message},
};
use crate::{
    error::{self, ApiError},
    mtproto::mailbox::Mail,
};

/// A message that a bot or a person wants to send.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) content: Content,
    pub(crate) markup: Option<Markup>,
    pub(crate) reply_to: Option<i64>,
    pub(crate) protected: bool,
    pub(crate) via_bot: Option<i64>,
}

impl Draft {
    pub(crate) fn new(content: Content) -> Self {
        Self { content, markup: None, reply_to: None, protected: false, via_bot: None }
    }
}

impl World {
    /// A bot sends a message.
    ///
    /// # Errors
    ///
    /// A chat out of reach, a pace too fast, a reply to nothing, a picker outside of a private chat.
    pub(crate) fn bot_sends(
        &mut self,
        bot: i64,
        chat: i64,
        draft: Draft,
        now: i64,
    ) -> Result<Message, ApiError> {
        let key = self.reachable(bot, chat)?;
        if let (ChatKey::Group(_), Some(Markup::Keyboard(keyboard))) = (key, &draft.markup)
            && keyboard.rows.iter().flatten().any(|b| b.does != super::markup::Requests::Text)
        {
            return Err(error::BUTTON_PRIVATE_ONLY);
        }
        if let (ChatKey::Group(_), Some(Markup::Inline(inline))) = (key, &draft.markup)
            && inline.opens_app()
        {
            return Err(error::BUTTON_PRIVATE_ONLY);
        }
        self.keep_pace(bot, key, now)?;
        let id = self.post(key, bot, draft, now);
        self.messages.get(&id).cloned().ok_or(error::INTERNAL)
    }

    /// The message that a reply names, if it is in this chat.
    pub(crate) fn replied(&self, chat: ChatKey, id: i64) -> Option<i64> {
        self.messages.get(&id).filter(|message| message.chat == chat).map(|message| message.id)
    }

    /// Puts a message into a chat and tells everybody in it.
    pub(crate) fn post(&mut self, chat: ChatKey, from: i64, draft: Draft, now: i64) -> i64 {
        let id = self.next_id();
        let inline_id = (draft.via_bot.is_some() && draft.markup.is_some()).then(|| inline_id(id));
        let message = Message {
            id,
            chat,
            from,
            date: now,
            edited: None,
            content: draft.content,
            via_bot: draft.via_bot,
            inline_id,
            reply_to: draft.reply_to,
            protected: draft.protected,
            markup: draft.markup,
        };
        self.show_keyboard(&message);
        let (people, bots) = self.members(chat);
        let dialog = self.dialogs.entry(chat);
        dialog.last = id;
        for person in people.into_iter().filter(|person| *person != from) {
            *dialog.unread.entry(person).or_default() += 1;
        }
        self.messages.insert(id, message.clone());
        self.touch(chat);
        self.tell_clients(chat, Mail::New(id));
        let hearing: Vec<i64> =
            bots.into_iter().filter(|bot| *bot != from && self.hears(*bot, &message)).collect();
        for bot in hearing {
            let body = self.message_json(bot, &message);
            self.enqueue(bot, "message", from, body, now);
        }
        id
    }

    /// What a message does to the keyboards on the screen of the chat.
    fn show_keyboard(&mut self, message: &Message) {
        let from_person = self.people.contains(&message.from);
        let dialog = self.dialogs.entry(message.chat);
        match &message.markup {
            Some(Markup::Keyboard(_)) => dialog.keyboard = Some(message.id),
            Some(Markup::Remove) => dialog.keyboard = None,
            Some(Markup::ForceReply { .. }) => dialog.force_reply = Some(message.id),
            Some(Markup::Inline(_)) | None => (),
        }
        if from_person {
            dialog.force_reply = None;
        }
    }

    /// Whether a bot gets this message: everything in private; in groups commands, replies to it and what was sent
    /// through it. <https://core.telegram.org/bots/features#privacy-mode>
    fn hears(&self, bot: i64, message: &Message) -> bool {
        let ChatKey::Group(_) = message.chat else {
            return !self.dialogs.get(&message.chat).is_some_and(|dialog| dialog.blocked);
        };
        let replied = message.reply_to.and_then(|id| self.messages.get(&id)).is_some_and(|m| m.from == bot);
        let name = self.bots.get(&bot).map_or("", |bot| bot.username.as_str());
        let command = message.text().is_some_and(|text| {
            let word = text.text.split_whitespace().next().unwrap_or_default();
            word.starts_with('/') && word.split_once('@').is_none_or(|(_, to)| to.eq_ignore_ascii_case(name))
        });
        replied || command || message.via_bot == Some(bot)
    }

    /// Telegram's published courtesy, when the switch is on: one message a second and chat with bursts of three, thirty a
    /// second in all. <https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>
    fn keep_pace(&mut self, bot: i64, chat: ChatKey, now: i64) -> Result<(), ApiError> {
        if !self.meta().settings.pacing {
            return Ok(());
        }
        let mut full = false;
        for (key, burst, rate) in [((bot, Some(chat)), 3.0, 1.0), ((bot, None), 30.0, 30.0)] {
            let (left, at) = self.paces.entry(key).or_insert((burst, now));
            let elapsed = i32::try_from(now - *at).unwrap_or(i32::MAX);
            *left = (*left + f64::from(elapsed) * rate).min(burst);
            *at = now;
            full |= *left < 1.0;
        }
        if full {
            return Err(ApiError::too_many_requests(1));
        }
        for key in [(bot, Some(chat)), (bot, None)] {
            if let Some((left, _)) = self.paces.get_mut(&key) {
                *left -= 1.0;
            }
        }
        Ok(())
    }
}

/// The opaque name of an inline message, as unguessable to look at as Telegram's.
fn inline_id(message: i64) -> String {
    format!("AgAA{:08x}{message:08x}", (message.wrapping_mul(2_654_435_761)) & 0xffff_ffff)
}
