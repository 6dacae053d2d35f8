//! What the bot does about an update: who speaks, what they want, what the office does about it, and what is shown.
//!
//! | module | what it holds |
//! |---|---|
//! | `talk` | one update in hand: who, when, in which language |
//! | `commands` | `/start`, `/softphone` and the other commands |
//! | `links` | what follows `/start` |
//! | `press` | buttons, and what each leads to |
//! | `menu` | the lists and cards that buttons show |
//! | `edit` | settings that buttons change |
//! | `hand` | users, loans, deletion |
//! | `take` | Take, Undo and calling an offer back |
//! | `answer` | values typed in answer to a question |
//! | `pick` | people and chats out of Telegram's own picker |
//! | `dial`, `number` | numbers and contacts, and the lines that dial them |
//! | `call` | buttons under a call's card |
//! | `inline` | inline queries, and results that were sent |
//! | `bulk` | many accounts at once |
//! | `views` | what screens need, out of states and rows |

mod answer;
mod bulk;
mod call;
mod commands;
mod dial;
mod edit;
mod hand;
mod inline;
mod links;
mod menu;
mod pick;
mod press;
mod take;
mod talk;
#[cfg(test)]
mod tests;
pub(crate) mod views;

use crate::acquaintances::language;
use crate::cards::Cards;
use crate::conversation::Conversations;
use crate::dials::Dials;
use crate::handler::{Handler, TurnedAway};
use crate::incoming::{Act, Incoming};
use crate::office::Office;
use crate::outbox::Outbox;
use crate::outgoing::Outgoing;
use crate::rate_limit::RateLimit;
use crate::screen::alert::{self, Trouble};
use crate::view::Reader;
use crate::view::call::Phone;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use event_store::log::Fault;
use event_store::runner::Followers;
use event_store::signals::SignalBus;
use event_store::sql::Database;
use std::sync::{Arc, Mutex};

/// What the flows work with.
pub struct Parts {
    /// Does what is asked for.
    pub office: Arc<Office>,
    /// Holds the read models and the bot's own tables.
    pub database: Arc<dyn Database>,
    /// Knows how far the read models are.
    pub followers: Followers,
    /// Knows which messages the bot has in a chat.
    pub outbox: Outbox,
    /// Carries what is pressed during a call to whoever carries the call.
    pub signals: Arc<dyn SignalBus>,
    /// Where people talk.
    pub phone: Phone,
    /// The bot's user name, without the `@`.
    pub bot: String,
}

/// The flows: the bot's [`Handler`].
pub struct Flow {
    office: Arc<Office>,
    database: Arc<dyn Database>,
    followers: Followers,
    conversations: Conversations,
    dials: Dials,
    cards: Cards,
    signals: Arc<dyn SignalBus>,
    limits: Mutex<RateLimit>,
    outbox: Outbox,
    bot: String,
}

impl Flow {
    /// The flows over these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            conversations: Conversations::new(Arc::clone(&parts.database)),
            dials: Dials::new(Arc::clone(&parts.database), Arc::clone(&parts.office.vault)),
            cards: Cards::new(
                Arc::clone(&parts.office),
                Arc::clone(&parts.database),
                parts.outbox.clone(),
                parts.bot.clone(),
                parts.phone,
            ),
            signals: parts.signals,
            limits: Mutex::new(RateLimit::new()),
            office: parts.office,
            database: parts.database,
            followers: parts.followers,
            outbox: parts.outbox,
            bot: parts.bot,
        }
    }

    /// Forgets drafts, questions and tries that are over. Call it every minute or so.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        self.conversations.purge(now).await?;
        self.dials.purge(now).await?;
        self.cards.purge(now).await?;
        self.office.purge(now).await
    }
}

#[async_trait]
impl Handler for Flow {
    async fn handle(&self, incoming: &Incoming, redelivered: bool) -> Result<Vec<Outgoing>, Fault> {
        let talk = self.talk(incoming, redelivered).await?;
        match &incoming.act {
            Act::Text { message, text, reply_to } => self.text(&talk, *message, text, *reply_to).await,
            Act::Contact { message, phones } => self.contact(&talk, *message, phones).await,
            Act::TextFile { message, name: _, content } => {
                self.file(&talk, *message, content.as_deref()).await
            }
            Act::Press { id, place, data } => self.press(&talk, id, place, data).await,
            Act::InlineQuery { id, query, chat } => self.inline_query(&talk, id, query, *chat).await,
            Act::ChosenInline { result, inline_message } => {
                self.chosen(&talk, result, inline_message.as_deref()).await
            }
            Act::UsersShared { message, request, users } => {
                self.users_shared(&talk, *message, *request, users).await
            }
            Act::ChatShared { message, request, chat, title } => {
                self.chat_shared(&talk, *message, *request, *chat, title.as_deref()).await
            }
            Act::Reach { reachable } => {
                self.office.report_reach(&talk.errand, *reachable).await?;
                Ok(Vec::new())
            }
            Act::Other => Ok(Vec::new()),
        }
    }

    fn turned_away(&self, incoming: &Incoming, why: TurnedAway) -> Vec<Outgoing> {
        let tag = incoming.from.language_code.as_deref().unwrap_or_default();
        let reader = Reader { language: language(tag), now: self.office.now(), bot: &self.bot };
        let trouble = match why {
            TurnedAway::TooFast => Trouble::TooFast,
            TurnedAway::Broken => Trouble::SomethingWrong,
        };
        let say = || Outgoing::to(incoming.from.id, alert::trouble_screen(&reader, trouble));
        match &incoming.act {
            Act::Press { id, .. } => {
                let text = Some(alert::trouble(&reader, trouble));
                vec![Outgoing::AnswerPress { id: id.clone(), text, alert: true, url: None }]
            }
            Act::InlineQuery { id, .. } => {
                vec![Outgoing::AnswerInline { id: id.clone(), results: Vec::new(), button: None }]
            }
            // To answer each of too many messages would be one more flood.
            Act::Text { .. }
            | Act::Contact { .. }
            | Act::TextFile { .. }
            | Act::UsersShared { .. }
            | Act::ChatShared { .. } => match why {
                TurnedAway::TooFast => Vec::new(),
                TurnedAway::Broken => vec![say()],
            },
            Act::ChosenInline { .. } | Act::Reach { .. } | Act::Other => Vec::new(),
        }
    }

    async fn unreachable(&self, user: UserId) -> Result<(), Fault> {
        self.office.unreachable(user).await
    }
}
