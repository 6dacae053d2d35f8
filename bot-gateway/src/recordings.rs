//! Follows the log and posts finished recordings: in the chat that the account's owner chose, else in the chat of whoever
//! talked. Where the chosen chat can't be posted to any more, the recording falls back to whoever talked, and the owner is
//! told (product reference 10).

use crate::cards::about_a_call;
use crate::flow::views::title;
use crate::office::Office;
use crate::office::calls::CallStory;
use crate::outbox::{Outbox, Priority};
use crate::outgoing::{Outgoing, Posted};
use crate::screen::recording::{self, Recorded as Shown};
use crate::view::Reader;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::Event;
use domain::call;
use domain::ids::{ChatId, UserId};
use domain::log::Recorded;
use event_store::log::Fault;
use event_store::reactor::Reactor;
use event_store::sql::Statement;
use std::sync::Arc;

/// Posts recordings.
pub struct Recordings {
    office: Arc<Office>,
    outbox: Outbox,
    bot: String,
}

impl Recordings {
    /// Posts through this outbox. `bot` is the bot's user name, without the `@`.
    #[must_use]
    pub fn new(office: Arc<Office>, outbox: Outbox, bot: String) -> Self {
        Self { office, outbox, bot }
    }

    async fn saved(
        &self,
        story: &CallStory,
        reference: &str,
        seconds: u32,
        at: DateTime<Utc>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let account = self.office.account(story.account).await?;
        let chosen = account.settings().and_then(|settings| settings.recording.chat);
        let shown = Shown {
            direction: story.direction,
            who: story.who(),
            title: account.settings().map(title).unwrap_or_default(),
            at: story.answered_at.unwrap_or(at),
            seconds,
        };
        let own = ChatId(story.user.0);
        let reader = self.reader(story.user, at).await?;
        let sound = |screen| Posted::Sound { reference: reference.to_owned(), seconds, screen };
        let gone = vec![Outgoing::to(
            story.user,
            recording::lost(&reader, &shown.who, "it could not be posted in any chat"),
        )];
        let Some(chat) = chosen else {
            let post = sound(recording::recorded(&reader, &shown, None));
            return Ok(vec![Outgoing::Post { chat: own, post, done: Vec::new(), failed: gone }]);
        };
        let owner = account.owner().unwrap_or(story.owner);
        let chat_title = self.office.recording_chat_title(story.account, chat).await?;
        let here = sound(recording::fallen_back(&reader, &shown, chat_title.as_deref()));
        let mut failed = vec![Outgoing::Post { chat: own, post: here, done: Vec::new(), failed: gone }];
        if owner != story.user && self.office.reaches(owner).await? {
            let told = recording::owner_told(&self.reader(owner, at).await?, story.account, &shown.title);
            failed.push(Outgoing::to(owner, told));
        }
        // In the words of the owner, whose chat it is.
        let reader = self.reader(owner, at).await?;
        let who = self.office.person_view(story.user).await?;
        let post = sound(recording::recorded(&reader, &shown, Some(&who)));
        Ok(vec![Outgoing::Post { chat, post, done: Vec::new(), failed }])
    }

    async fn failed(
        &self,
        story: &CallStory,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let mut says = Vec::new();
        let people = [story.user, story.owner];
        let people = if story.user == story.owner { &people[..1] } else { &people[..] };
        for person in people {
            if self.office.reaches(*person).await? {
                let reader = self.reader(*person, at).await?;
                says.push(Outgoing::to(*person, recording::lost(&reader, &story.who(), reason)));
            }
        }
        Ok(says)
    }

    async fn reader(&self, who: UserId, now: DateTime<Utc>) -> Result<Reader<'_>, Fault> {
        Ok(Reader { language: self.office.language_of(who).await?, now, bot: &self.bot })
    }
}

#[async_trait]
impl Reactor for Recordings {
    const NAME: &'static str = "recordings";

    async fn react(&self, event: &Recorded<Event>) -> Result<Vec<Statement>, Fault> {
        let Some((call, happened)) = about_a_call(event) else { return Ok(Vec::new()) };
        let at = event.context.at;
        let (saved, failed) = match happened {
            call::Event::RecordingSaved { reference, seconds } => (Some((reference, *seconds)), None),
            call::Event::RecordingFailed { reason } => (None, Some(reason)),
            call::Event::CallRequested { .. }
            | call::Event::CallOffered { .. }
            | call::Event::CallTaken { .. }
            | call::Event::UserAwaited { .. }
            | call::Event::CallDialled
            | call::Event::CallRang
            | call::Event::CallAnswered
            | call::Event::CallHeld
            | call::Event::CallResumed
            | call::Event::CallTransferred { .. }
            | call::Event::RecordingStarted { .. }
            | call::Event::RecordingStopped
            | call::Event::CallEnded { .. } => return Ok(Vec::new()),
        };
        let Some(story) = self.office.call_story(call).await? else { return Ok(Vec::new()) };
        let says = match (saved, failed) {
            (Some((reference, seconds)), _) => self.saved(&story, reference, seconds, at).await?,
            (None, Some(reason)) => self.failed(&story, reason, at).await?,
            (None, None) => Vec::new(),
        };
        Ok(self.outbox.batch(&format!("recording:{}", event.id), Priority::Notice, says).statements())
    }

    fn committed(&self) {
        self.outbox.look_again();
    }
}
