//! One update in hand: who, when, in which language; and the small things that every flow says.

use super::Flow;
use crate::acquaintances::{Acquaintance, language};
use crate::incoming::{Act, Incoming, MessageRef, Place};
use crate::office::{Denied, Errand};
use crate::outgoing::{Outgoing, Screen};
use crate::screen::alert::{Trouble, trouble, trouble_screen};
use crate::screen::refusal::refused;
use crate::view::{PersonView, Reader};
use domain::ids::ChatId;
use domain::person::Language;
use event_store::log::Fault;

/// The name under which the outbox remembers a person's live menu.
pub(super) const MENU: &str = "menu";

/// One update in hand.
pub(super) struct Talk<'a> {
    pub(super) errand: Errand,
    pub(super) language: Language,
    pub(super) me: PersonView,
    /// Whether the person has opened the chat with the bot.
    pub(super) opened: bool,
    bot: &'a str,
}

impl Talk<'_> {
    /// For whom screens are drawn.
    pub(super) fn reader(&self) -> Reader<'_> {
        self.reader_in(self.language)
    }

    /// The same in another language.
    pub(super) fn reader_in(&self, language: Language) -> Reader<'_> {
        Reader { language, now: self.errand.at, bot: self.bot }
    }

    /// The person's chat with the bot.
    pub(super) fn chat(&self) -> ChatId {
        ChatId(self.errand.by.0)
    }

    /// Why something was not done, in the words of an alert. What broke is no answer but a fault.
    pub(super) fn denied(&self, denied: Denied) -> Result<String, Fault> {
        match denied {
            Denied::Refused(refusal) => Ok(refused(&self.reader(), &refusal)),
            Denied::Full { limit } => {
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                Ok(trouble(&self.reader(), Trouble::LimitReached { limit }))
            }
            Denied::Fault(fault) => Err(fault),
        }
    }

    /// The same as a message.
    pub(super) fn denied_message(&self, denied: Denied) -> Result<Outgoing, Fault> {
        let html = crate::text::escaped(&self.denied(denied)?, 200);
        Ok(Outgoing::to(self.errand.by, crate::screen::parts::Page::new(html).screen()))
    }

    /// Trouble as a message.
    pub(super) fn trouble_message(&self, which: Trouble) -> Outgoing {
        Outgoing::to(self.errand.by, trouble_screen(&self.reader(), which))
    }
}

impl Flow {
    /// Takes an update in hand: notes who is there, and finds out their language.
    pub(super) async fn talk(&self, incoming: &Incoming, redelivered: bool) -> Result<Talk<'_>, Fault> {
        let from = &incoming.from;
        let errand = Errand { by: from.id, at: self.office.now(), update: incoming.update, redelivered };
        let known = self.office.acquaintance(from.id).await?;
        let seen = Acquaintance {
            app_language: language(from.language_code.as_deref().unwrap_or_default()),
            opened: known.is_some_and(|known| known.opened) || is_in_private(&incoming.act),
        };
        if known != Some(seen) {
            self.office.note(from.id, seen).await?;
        }
        self.office.meet(&errand, &from.name, from.username.as_deref()).await?;
        let person = self.office.person(from.id).await?;
        let me = PersonView { id: from.id, name: from.name.clone(), username: from.username.clone() };
        let language = person.language.unwrap_or(seen.app_language);
        Ok(Talk { errand, language, me, opened: seen.opened, bot: &self.bot })
    }

    /// A screen as the person's live menu: in place of the one whose button was pressed.
    pub(super) fn show(place: &Place, screen: Screen) -> Outgoing {
        match place {
            Place::Chat(message) => {
                Outgoing::Edit { message: *message, screen, remember: Some(MENU.to_owned()) }
            }
            Place::Inline(inline_message) => {
                Outgoing::EditInline { inline_message: inline_message.clone(), screen }
            }
        }
    }

    /// A screen as a new live menu below everything else; the old one goes.
    pub(super) async fn show_anew(&self, talk: &Talk<'_>, screen: Screen) -> Result<Vec<Outgoing>, Fault> {
        let old = self.outbox.remembered(talk.chat(), MENU).await?;
        let delete = old.map(|message| Outgoing::Delete { message });
        let send = Outgoing::Send { chat: talk.chat(), screen, remember: Some(MENU.to_owned()) };
        Ok(delete.into_iter().chain([send]).collect())
    }

    /// A screen in the live menu where it is, or as a new one where there is none.
    pub(super) async fn refresh(&self, talk: &Talk<'_>, screen: Screen) -> Result<Outgoing, Fault> {
        let menu = self.outbox.remembered(talk.chat(), MENU).await?;
        let remember = Some(MENU.to_owned());
        Ok(match menu {
            Some(message) => Outgoing::Edit { message, screen, remember },
            None => Outgoing::Send { chat: talk.chat(), screen, remember },
        })
    }

    /// Deletes the message of a question, where the bot still knows it.
    pub(super) async fn delete_prompt(&self, talk: &Talk<'_>, slot: &str) -> Result<Option<Outgoing>, Fault> {
        let prompt = self.outbox.remembered(talk.chat(), slot).await?;
        Ok(prompt.map(|message| Outgoing::Delete { message }))
    }
}

/// Whether this happens in the person's own chat with the bot: then the bot may write to them.
fn is_in_private(act: &Act) -> bool {
    match act {
        Act::Text { .. }
        | Act::Contact { .. }
        | Act::TextFile { .. }
        | Act::UsersShared { .. }
        | Act::ChatShared { .. }
        | Act::Press { place: Place::Chat(MessageRef { .. }), .. } => true,
        Act::Reach { reachable } => *reachable,
        Act::Press { place: Place::Inline(_), .. }
        | Act::InlineQuery { .. }
        | Act::ChosenInline { .. }
        | Act::Other => false,
    }
}
