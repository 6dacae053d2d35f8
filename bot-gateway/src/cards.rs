//! The card of each call: one message in the person's chat with the bot, that follows the call from the first ring to the
//! finish code.
//!
//! A card is always drawn from the call as it is now, so events that come late or twice, or from another process, only draw
//! it again. Which message it is, the outbox remembers under [`slot`].

use crate::flow::views::title;
use crate::office::Office;
use crate::office::calls::CallStory;
use crate::outbox::{Outbox, Priority};
use crate::outgoing::Outgoing;
use crate::screen::call::card;
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
    bot: String,
    phone: Phone,
}

impl Cards {
    /// Draws from what the office knows. `bot` is the bot's user name, without the `@`.
    #[must_use]
    pub fn new(office: Arc<Office>, database: Arc<dyn Database>, bot: String, phone: Phone) -> Self {
        Self { office, database, bot, phone }
    }

    /// Where people talk.
    #[must_use]
    pub fn phone(&self) -> &Phone {
        &self.phone
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
        if !self.office.reaches(story.user).await? {
            return Ok(None);
        }
        let view = self.view(story, recording, other).await?;
        let language = self.office.language_of(story.user).await?;
        let reader = Reader { language, now: self.office.now(), bot: &self.bot };
        let chat = ChatId(story.user.0);
        Ok(Some(Outgoing::Show { chat, slot: slot(story.call), screen: card(&reader, &view) }))
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
            phone: self.phone.clone(),
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
            Some((until, why)) => Stage::AwaitingYou { until, why },
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
