//! Buttons under a call's card. What is pressed reaches the gateway as a signal, which nobody keeps; what came of it returns
//! as an event, and the card is drawn anew.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::button::OnCall;
use crate::conversation::{Awaited, Pending, request, slot};
use crate::incoming::{MessageRef, Place};
use crate::office::calls::{CallStory, GivenUp};
use crate::outbox::Priority;
use crate::outgoing::Outgoing;
use crate::screen::alert::{CallTrouble, Toast, Trouble, call_trouble};
use crate::screen::{dial, prompt};
use crate::view::call::RecordingKey;
use domain::call::{Action, Direction, Phase, RecordingState, Signal};
use domain::ids::{AccountNumber, CallId, UserId};
use event_store::log::Fault;

impl Flow {
    pub(super) async fn on_call(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        call: CallId,
        what: OnCall,
    ) -> Result<Reply, Fault> {
        let story = self.office.call_story(call).await?.filter(|story| story.user == talk.errand.by);
        let Some(story) = story else { return Ok(Reply::trouble(talk, Trouble::StaleMenu)) };
        if let Place::Inline(inline_message) = place {
            // Where Telegram does not tell that the card was sent, a press does.
            self.cards.seen_in(&story, inline_message).await?;
        }
        if what == OnCall::Redial {
            return match &story.number {
                Some(number) => self.redial(talk, story.account, number).await,
                None => Ok(Reply::trouble(talk, Trouble::StaleMenu)),
            };
        }
        if what == OnCall::HangUp && self.office.has_given_up(&talk.errand).await? {
            return Ok(Reply::toast(talk, Toast::Cancelling));
        }
        if !story.is_open() {
            // Whatever the card shows, it is old.
            let shown = self.cards.show(&story).await?;
            return Ok(Self::not_so(talk, CallTrouble::Over).and(shown));
        }
        let answered = story.is_answered();
        match what {
            OnCall::LostKey | OnCall::Redial => Ok(Reply::default()),
            OnCall::Key(digit) if answered => self.tell(talk, call, Action::Digit(digit)).await,
            OnCall::Hold if answered => self.tell(talk, call, Action::Hold).await,
            OnCall::Resume if answered => self.tell(talk, call, Action::Resume).await,
            OnCall::HangUp => self.hang_up(talk, &story).await,
            OnCall::Decline if story.phase == Phase::Offered => self.tell(talk, call, Action::Decline).await,
            OnCall::Switch if answered || story.direction == Direction::In => {
                self.tell(talk, call, Action::Switch).await
            }
            OnCall::EndOther => self.end_other(talk, &story).await,
            OnCall::Connect if answered => self.tell(talk, call, Action::Transfer { to: None }).await,
            OnCall::Transfer if answered => self.ask_transfer(talk, place, &story).await,
            OnCall::Record(on) if answered => self.record(talk, &story, on).await,
            OnCall::RecordingLocked => Ok(Self::not_so(talk, CallTrouble::RecordingLocked)),
            OnCall::Key(_)
            | OnCall::Hold
            | OnCall::Resume
            | OnCall::Decline
            | OnCall::Switch
            | OnCall::Connect
            | OnCall::Transfer
            | OnCall::Record(_) => Ok(Self::not_so(talk, CallTrouble::NotNow)),
        }
    }

    fn not_so(talk: &Talk<'_>, why: CallTrouble) -> Reply {
        Reply::alert(call_trouble(&talk.reader(), why))
    }

    /// Tells the gateway, and only stops the spinner: the card shows what came of it.
    async fn tell(&self, talk: &Talk<'_>, call: CallId, action: Action) -> Result<Reply, Fault> {
        self.signal(talk, Signal::on(call, talk.errand.by, action)).await;
        Ok(Reply::default())
    }

    /// Sends a signal. One that may have been heard already is not sent again where twice is not once; one that is lost is
    /// pressed again.
    async fn signal(&self, talk: &Talk<'_>, signal: Signal) {
        if talk.errand.redelivered && !is_same_twice(&signal.action) {
            return;
        }
        if let Err(fault) = self.signals.send(signal).await {
            tracing::warn!(%fault, "other processes may not have heard what was pressed");
        }
    }

    async fn hang_up(&self, talk: &Talk<'_>, story: &CallStory) -> Result<Reply, Fault> {
        // The far end has nothing to lose yet, and no gateway may ever come.
        let given_up = match story.carried {
            false => self.office.give_up(&talk.errand, story.call).await?,
            true => GivenUp::Carried,
        };
        if given_up == GivenUp::Carried {
            self.signal(talk, Signal::on(story.call, talk.errand.by, Action::HangUp)).await;
        }
        Ok(if story.is_answered() { Reply::default() } else { Reply::toast(talk, Toast::Cancelling) })
    }

    /// Takes this call, and ends the one on the other line, which is on hold by then.
    async fn end_other(&self, talk: &Talk<'_>, story: &CallStory) -> Result<Reply, Fault> {
        let by = talk.errand.by;
        self.signal(talk, Signal::on(story.call, by, Action::Switch)).await;
        if let Some(other) = self.cards.other(by, story.call).await? {
            self.signal(talk, Signal::on(other.call, by, Action::HangUp)).await;
        }
        Ok(Reply::default())
    }

    async fn record(&self, talk: &Talk<'_>, story: &CallStory, on: bool) -> Result<Reply, Fault> {
        match story.recording {
            RecordingState::Locked => return Ok(Self::not_so(talk, CallTrouble::RecordingLocked)),
            RecordingState::Saving => return Ok(Self::not_so(talk, CallTrouble::RecordingSaving)),
            RecordingState::Off | RecordingState::On | RecordingState::Failed => {}
        }
        if on && !story.recording.is_on() {
            // Shown before the gateway hears of it, so that what came of it is drawn later.
            let says = self.cards.show_with(story, RecordingKey::Starting).await?.into_iter().collect();
            let cause = format!("update:{}:record", talk.errand.update);
            self.outbox.enqueue(&cause, Priority::Reply, says).await?;
        }
        self.signal(talk, Signal::on(story.call, talk.errand.by, Action::Record(on))).await;
        Ok(Reply::toast(talk, Toast::Recording { on }))
    }

    async fn ask_transfer(&self, talk: &Talk<'_>, place: &Place, story: &CallStory) -> Result<Reply, Fault> {
        let number = request(talk.errand.update);
        let awaited = Awaited::TransferTo(story.call);
        self.conversations.await_answer(talk.errand.by, number, &awaited, talk.errand.at).await?;
        let screen = prompt::transfer(&talk.reader(), &story.who());
        let reply = match place {
            Place::Chat(_) => Reply::default(),
            Place::Inline(_) => Reply::toast(talk, Toast::AskedInBotChat),
        };
        Ok(reply.and([Outgoing::Send { chat: talk.chat(), screen, remember: Some(slot(number)) }]))
    }

    /// Takes a text as the number that a call goes to.
    pub(super) async fn transfer_to(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        pending: &Pending,
        call: CallId,
        text: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let story = self.office.call_story(call).await?.filter(|story| story.user == talk.errand.by);
        let Some(story) = story.filter(CallStory::is_answered) else {
            self.conversations.answered(talk.errand.by, pending.request, talk.errand.update).await?;
            let words = call_trouble(&talk.reader(), CallTrouble::Over);
            let html = crate::text::escaped(&words, 200);
            return Ok(vec![Outgoing::to(talk.errand.by, crate::screen::parts::Page::new(html).screen())]);
        };
        let number = match self.transfer_number(talk, call, text).await? {
            Ok(number) => number,
            Err(screen) => return Ok(vec![Outgoing::to(talk.errand.by, screen)]),
        };
        self.conversations.answered(talk.errand.by, pending.request, talk.errand.update).await?;
        let told = prompt::transferring(&talk.reader(), &story.who(), number.as_str());
        let action = Action::Transfer { to: Some(number) };
        self.signal(talk, Signal::on(call, talk.errand.by, action)).await;
        let mut says: Vec<Outgoing> = self.delete_prompt(talk, &pending.slot()).await?.into_iter().collect();
        says.push(Outgoing::Delete { message });
        says.push(Outgoing::to(talk.errand.by, told));
        Ok(says)
    }

    /// Registers an account anew. Its owner may, and whoever uses it.
    pub(super) async fn reconnect(&self, talk: &Talk<'_>, account: AccountNumber) -> Result<Reply, Fault> {
        let state = self.office.account(account).await?;
        let mine = |user: Option<UserId>| user == Some(talk.errand.by);
        if !mine(state.owner()) && !mine(state.user()) {
            let refusal = domain::sip_account::Refusal::NoSuchAccount;
            return Reply::denied(talk, crate::office::Denied::Refused(refusal));
        }
        self.signal(talk, Signal::reconnect(account, talk.errand.by)).await;
        Ok(Reply::toast(talk, Toast::Reconnecting))
    }

    /// The phone, and help where it does not ring.
    pub(super) async fn show_phone(&self, talk: &Talk<'_>) -> Result<Vec<Outgoing>, Fault> {
        let phone = self.cards.phone_of(talk.errand.by).await?;
        self.show_anew(talk, dial::phone(&talk.reader(), &phone)).await
    }

    pub(super) async fn call_help(&self, talk: &Talk<'_>) -> Result<Reply, Fault> {
        let phone = self.cards.phone_of(talk.errand.by).await?;
        Ok(Reply::shows([Outgoing::to(talk.errand.by, dial::help(&talk.reader(), &phone))]))
    }
}

/// Whether hearing it twice is hearing it once.
fn is_same_twice(action: &Action) -> bool {
    match action {
        Action::HangUp
        | Action::Decline
        | Action::Hold
        | Action::Resume
        | Action::Record(_)
        | Action::Reconnect { .. } => true,
        Action::Digit(_) | Action::Switch | Action::Transfer { .. } => false,
    }
}
