//! The card of each call: one message that follows the call from the first ring to the finish code.
//!
//! A card is always drawn from the call as it is now, so events that come late or twice, or from another process, only draw
//! it again. Which message it is, the outbox remembers under [`slot`].
//!
//! Where a service account knows the person, the card belongs into its chat with them, beside the call: the account asks the
//! bot for the card by an inline query and sends it, and from then on the bot edits that message. Until the bot is told
//! which one it is, it holds the card back for [`PLACE_WITHIN`]; if it is told nothing, the card goes into the bot's own
//! chat (product reference 8.2).

use crate::flow::views::title;
use crate::office::Office;
use crate::office::calls::CallStory;
use crate::outbox::{Outbox, Priority};
use crate::outgoing::{Outgoing, Screen};
use crate::screen::call::{self as drawn, card};
use crate::service_accounts::{ServiceAccount, ServiceAccounts};
use crate::view::Reader;
use crate::view::call::{CallCard, Ending, OtherLine, Phone, RecordingKey, Stage};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::Event;
use domain::call::{self, Phase, RecordingState};
use domain::ids::{CallId, ChatId, UserId};
use domain::log::Recorded;
use event_store::log::Fault;
use event_store::reactor::Reactor;
use event_store::sql::{Database, Statement, Type};
use std::sync::Arc;

/// How long after its beginning a call's card is remembered.
const KEPT: TimeDelta = TimeDelta::days(3);

/// How long after a call's beginning its card waits for a place in the chat of the service account.
pub const PLACE_WITHIN: TimeDelta = TimeDelta::seconds(2);

/// The name under which the outbox keeps the message of a call's card.
#[must_use]
pub fn slot(call: CallId) -> String {
    format!("call/{call}")
}

/// Draws cards. Clones share everything.
#[derive(Clone)]
pub struct Cards {
    office: Arc<Office>,
    database: Arc<dyn Database>,
    outbox: Outbox,
    service: ServiceAccounts,
    bot: String,
    phone: Phone,
}

/// A card for the chat of a service account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineCard {
    /// The far end.
    pub title: String,
    /// The card.
    pub screen: Screen,
}

impl Cards {
    /// Draws from what the office knows. `bot` is the bot's user name, without the `@`.
    #[must_use]
    pub fn new(
        office: Arc<Office>,
        database: Arc<dyn Database>,
        outbox: Outbox,
        bot: String,
        phone: Phone,
    ) -> Self {
        Self { office, service: ServiceAccounts::new(Arc::clone(&database)), database, outbox, bot, phone }
    }

    /// Where a person talks: as the operator has set it up, with the service account that rings this person.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn phone_of(&self, person: UserId) -> Result<Phone, Fault> {
        let account = self.service_of(person).await?.and_then(|account| account.username);
        Ok(Phone { account, ..self.phone.clone() })
    }

    /// The service account that a person has still to write to, so that it may ring them.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn write_first(&self, person: UserId) -> Result<Option<String>, Fault> {
        let account = self.service_of(person).await?.filter(|account| !account.has_met);
        Ok(account.and_then(|account| account.username))
    }

    /// A call whose card this Telegram user may ask for: a service account, of somebody whom it has met.
    ///
    /// # Errors
    ///
    /// The log, the vault or the database can't be used.
    pub async fn served(&self, account: UserId, call: CallId) -> Result<Option<CallStory>, Fault> {
        let Some(story) = self.office.call_story(call).await? else { return Ok(None) };
        Ok(self.service.serves(account, story.user).await?.then_some(story))
    }

    /// The card for the chat of the service account.
    ///
    /// # Errors
    ///
    /// The log, the vault or the database can't be used.
    pub async fn for_service_chat(&self, story: &CallStory) -> Result<InlineCard, Fault> {
        let other = self.other(story.user, story.call).await?;
        let view = self.view(story, recording_key(story), other.as_ref()).await?;
        let reader = self.reader(story.user).await?;
        Ok(InlineCard { title: drawn::who(&reader, &view), screen: card(&reader, &view).for_service_chat() })
    }

    /// From now on the card stands in this inline message, and the service account leaves it there.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn stands_in(&self, story: &CallStory, inline_message: &str) -> Result<(), Fault> {
        self.outbox.keep_inline(ChatId(story.user.0), &slot(story.call), inline_message).await?;
        self.service.leaves_card(story.call).await
    }

    /// The same, unless it stands in one already.
    ///
    /// # Errors
    ///
    /// The database can't be used.
    pub async fn seen_in(&self, story: &CallStory, inline_message: &str) -> Result<(), Fault> {
        match self.outbox.inline(ChatId(story.user.0), &slot(story.call)).await? {
            Some(_) => Ok(()),
            None => self.stands_in(story, inline_message).await,
        }
    }

    /// Until when the card waits for its place in the chat of the service account; none where it has one, or needs none.
    async fn waits(&self, story: &CallStory) -> Result<Option<DateTime<Utc>>, Fault> {
        let until = story.began_at + PLACE_WITHIN;
        if !story.is_open() || until <= self.office.now() {
            return Ok(None);
        }
        Ok(self.service_of(story.user).await?.filter(|account| account.has_met).map(|_| until))
    }

    /// The service account of a person; none while the operator has them switched off.
    async fn service_of(&self, person: UserId) -> Result<Option<ServiceAccount>, Fault> {
        if self.phone.telegram { self.service.of(person).await } else { Ok(None) }
    }

    async fn reader(&self, person: UserId) -> Result<Reader<'_>, Fault> {
        let language = self.office.language_of(person).await?;
        Ok(Reader { language, now: self.office.now(), bot: &self.bot })
    }

    /// What shows the card of a call as it is now; none where the bot may not write to the person.
    ///
    /// # Errors
    ///
    /// The log, the vault or the database can't be used.
    pub async fn show(&self, story: &CallStory) -> Result<Option<Outgoing>, Fault> {
        self.show_with(story, recording_key(story)).await
    }

    /// The same with another word on the recording button.
    pub(crate) async fn show_with(
        &self,
        story: &CallStory,
        recording: RecordingKey,
    ) -> Result<Option<Outgoing>, Fault> {
        let other = self.other(story.user, story.call).await?;
        self.drawn(story, recording, other.as_ref()).await
    }

    async fn drawn(
        &self,
        story: &CallStory,
        recording: RecordingKey,
        other: Option<&CallStory>,
    ) -> Result<Option<Outgoing>, Fault> {
        let (chat, slot) = (ChatId(story.user.0), slot(story.call));
        let placed = self.outbox.inline(chat, &slot).await?.is_some();
        if !placed && !self.office.reaches(story.user).await? {
            return Ok(None);
        }
        let not_before = if placed { None } else { self.waits(story).await? };
        let view = self.view(story, recording, other).await?;
        let screen = card(&self.reader(story.user).await?, &view);
        Ok(Some(Outgoing::Show { chat, slot, screen, not_before, version: story.version }))
    }

    /// The person's other call that goes on, if there is one.
    ///
    /// # Errors
    ///
    /// The log, the vault or the database can't be used.
    pub async fn other(&self, person: UserId, than: CallId) -> Result<Option<CallStory>, Fault> {
        let select = Statement::new(
            "SELECT call FROM call_cards WHERE person = $1 AND ended_at IS NULL AND call <> $2
             ORDER BY opened_at DESC, call",
            [person.0.into(), than.to_string().into()],
        );
        for row in self.database.query(select, &[Type::Text]).await? {
            let Ok(call) = row.text(0)?.parse::<CallId>() else { continue };
            let story = self.office.call_story(call).await?;
            if let Some(story) = story.filter(CallStory::is_open) {
                return Ok(Some(story));
            }
        }
        Ok(None)
    }

    async fn view(
        &self,
        story: &CallStory,
        recording: RecordingKey,
        other: Option<&CallStory>,
    ) -> Result<CallCard, Fault> {
        let account = self.office.account(story.account).await?;
        let stage = match &story.end {
            None => stage(story),
            Some(end) => Stage::Ended(Ending {
                cause: end.cause,
                code: end.code,
                reason: end.reason.clone(),
                talked: end.talked,
                at: end.at,
                dialled: story.phase >= Phase::Dialling,
                again: story.number.is_some() && account.user() == Some(story.user),
            }),
        };
        Ok(CallCard {
            call: story.call,
            direction: story.direction,
            line: account.settings().map(title).unwrap_or_default(),
            number: story.number.as_ref().map(|number| number.as_str().to_owned()),
            name: story.name.clone(),
            stage,
            recording,
            other: other.map(|other| OtherLine { who: other.who(), answered: other.is_answered() }),
            phone: self.phone_of(story.user).await?,
        })
    }

    /// Forgets the cards of calls that began long ago.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let before = now - KEPT;
        let statements = vec![
            Statement::new(
                "DELETE FROM bot_messages WHERE slot LIKE 'call/%' AND sent_at < $1",
                [before.into()],
            ),
            Statement::new(
                "DELETE FROM bot_inline_messages WHERE slot LIKE 'call/%' AND sent_at < $1",
                [before.into()],
            ),
            Statement::new(
                "DELETE FROM bot_shown WHERE slot LIKE 'call/%' AND shown_at < $1",
                [before.into()],
            ),
            Statement::new("DELETE FROM call_cards WHERE opened_at < $1", [before.into()]),
        ];
        crate::lease::transact(&*self.database, statements, "forget old cards").await.map(drop)
    }
}

fn stage(story: &CallStory) -> Stage {
    let since = story.answered_at.unwrap_or_default();
    match story.phase {
        Phase::Requested => Stage::Asked,
        Phase::CallingUser => Stage::CallingYou,
        Phase::AwaitingUser => match story.awaited {
            Some(awaiting) => Stage::AwaitingYou(awaiting),
            None => Stage::CallingYou,
        },
        Phase::Dialling => Stage::Dialling,
        Phase::Ringing | Phase::Offered => Stage::Ringing,
        Phase::Talking => Stage::Talking { since },
        Phase::Held => Stage::Held { since },
    }
}

fn recording_key(story: &CallStory) -> RecordingKey {
    match story.recording {
        RecordingState::Off => RecordingKey::Start,
        RecordingState::On => RecordingKey::Stop,
        RecordingState::Locked => RecordingKey::Locked,
        RecordingState::Saving => RecordingKey::Saving,
        RecordingState::Failed => RecordingKey::Failed,
    }
}

/// Follows the log and shows the card of each call as the call goes on.
pub struct CallCards {
    cards: Cards,
    office: Arc<Office>,
    outbox: Outbox,
}

impl CallCards {
    /// Shows cards through this outbox.
    #[must_use]
    pub fn new(cards: Cards, outbox: Outbox) -> Self {
        Self { office: Arc::clone(&cards.office), cards, outbox }
    }
}

/// Which cards an event changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Changes {
    /// The call's own.
    Own,
    /// The call's own, and that of the person's other line.
    Both,
}

fn changes(happened: &call::Event) -> Changes {
    use call::Event as Happened;
    match happened {
        Happened::CallRequested { .. }
        | Happened::CallOffered { .. }
        | Happened::CallAnswered
        | Happened::CallEnded { .. } => Changes::Both,
        Happened::CallTaken { .. }
        | Happened::UserAwaited { .. }
        | Happened::CallDialled
        | Happened::CallRang
        | Happened::CallHeld
        | Happened::CallResumed
        | Happened::CallTransferred { .. }
        | Happened::RecordingStarted { .. }
        | Happened::RecordingStopped
        | Happened::RecordingSaved { .. }
        | Happened::RecordingFailed { .. } => Changes::Own,
    }
}

/// Notes that a call goes on, or when it ended.
fn note(story: &CallStory, began: DateTime<Utc>) -> Statement {
    let ended_at = story.end.as_ref().map(|end| end.at);
    Statement::new(
        "INSERT INTO call_cards (call, person, opened_at, ended_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (call) DO UPDATE SET ended_at = excluded.ended_at",
        [story.call.to_string().into(), story.user.0.into(), began.into(), ended_at.into()],
    )
}

#[async_trait]
impl Reactor for CallCards {
    const NAME: &'static str = "call_cards";

    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault> {
        let Some((call, happened)) = about_a_call(event) else { return Ok(Vec::new()) };
        let Some(story) = self.office.call_story(call).await? else { return Ok(Vec::new()) };
        let mut says: Vec<Outgoing> = self.cards.show(&story).await?.into_iter().collect();
        if changes(happened) == Changes::Both
            && let Some(other) = self.cards.other(story.user, call).await?
        {
            // What this event says of the call may not be noted yet.
            let beside = Some(&story).filter(|story| story.is_open());
            says.extend(self.cards.drawn(&other, recording_key(&other), beside).await?);
        }
        let batch = self.outbox.batch(&format!("card:{}", event.id), Priority::Reply, says);
        Ok(std::iter::once(note(&story, event.context.at)).chain(batch.statements()).collect())
    }

    fn committed(&self) {
        self.outbox.look_again();
    }
}

/// The call that an event is about, and what happened to it.
pub(crate) fn about_a_call(event: &Recorded<Event>) -> Option<(CallId, &call::Event)> {
    match &event.event {
        Event::Call(happened) => event.stream.parse().ok().map(|call| (call, happened)),
        Event::SipAccount(_) | Event::Person(_) => None,
    }
}
