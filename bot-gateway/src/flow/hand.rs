//! Users, loans, deletion, and the settings that are asked for in the next message.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::button::Ask;
use crate::conversation::{Awaited, request, slot};
use crate::incoming::Place;
use crate::office::Denied;
use crate::outgoing::{Outgoing, Screen};
use crate::screen::alert::{Toast, Trouble};
use crate::screen::people::{PickFor, pick};
use crate::screen::{card, delete, home, people, prompt, settings};
use domain::ids::AccountNumber;
use domain::sip_account::Refusal;
use event_store::log::Fault;

/// What tells the two requests of one update apart: a picker of groups and one of channels.
pub(super) const CHANNELS: i32 = 0x4000_0000;

impl Flow {
    /// Asks for a value in the next message.
    pub(super) async fn ask(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        ask: Ask,
    ) -> Result<Reply, Fault> {
        let Place::Chat(_) = place else { return Ok(Reply::trouble(talk, Trouble::StaleMenu)) };
        let view = match self.may_be_asked(talk, account, ask).await? {
            Ok(view) => view,
            Err(reply) => return Ok(reply),
        };
        let number = request(talk.errand.update);
        let awaited = Awaited::Value(account, ask);
        self.conversations.await_answer(talk.errand.by, number, &awaited, talk.errand.at).await?;
        let reader = &talk.reader();
        let question = Outgoing::Send {
            chat: talk.chat(),
            screen: prompt::prompt(reader, &view, ask),
            remember: Some(slot(number)),
        };
        let menu = Self::show(place, prompt::waiting(reader, &view, ask));
        Ok(Reply::shows([menu, question]))
    }

    /// Trying the rules is for the user too; the rest is the owner's.
    async fn may_be_asked(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        ask: Ask,
    ) -> Result<Result<crate::view::AccountCard, Reply>, Fault> {
        if ask != Ask::TryNumber {
            return self.own_card(talk, account).await;
        }
        let state = self.office.account(account).await?;
        match self.card(talk, account, &state).await? {
            Some(view) => Ok(Ok(view)),
            None => Ok(Err(Reply::denied(talk, Denied::Refused(Refusal::NoSuchAccount))?)),
        }
    }

    /// Leaves what is being typed: the card is drawn in place of the question.
    pub(super) async fn cancel_input(&self, talk: &Talk<'_>, place: &Place) -> Result<Reply, Fault> {
        let asked = self.conversations.asked(talk.errand.by, talk.errand.update).await?;
        let account = asked.iter().find_map(|pending| pending.awaited.account());
        let shown = match account {
            Some(account) => {
                let state = self.office.account(account).await?;
                self.card(talk, account, &state).await?.map(|view| card::card(&talk.reader(), &view))
            }
            None => None,
        };
        let screen = shown.unwrap_or_else(|| home::home(&talk.reader()));
        Ok(Reply::shows([Self::show(place, screen)]))
    }

    /// Waits for nothing any more; the messages that asked go.
    pub(super) async fn forget_questions(&self, talk: &Talk<'_>) -> Result<Vec<Outgoing>, Fault> {
        let mut gone = Vec::new();
        for pending in self.conversations.asked(talk.errand.by, talk.errand.update).await? {
            gone.extend(self.delete_prompt(talk, &pending.slot()).await?);
        }
        self.conversations.forget(talk.errand.by, talk.errand.update).await?;
        Ok(gone)
    }

    pub(super) async fn pick_user(&self, talk: &Talk<'_>, account: AccountNumber) -> Result<Reply, Fault> {
        self.pick(talk, account, PickFor::User, Awaited::User(account)).await
    }

    pub(super) async fn pick_borrower(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        hours: u16,
    ) -> Result<Reply, Fault> {
        self.pick(talk, account, PickFor::Loan { hours }, Awaited::Borrower(account, hours)).await
    }

    pub(super) async fn pick_heir(&self, talk: &Talk<'_>, account: AccountNumber) -> Result<Reply, Fault> {
        self.pick(talk, account, PickFor::Offer, Awaited::Heir(account)).await
    }

    /// Shows Telegram's own picker of people.
    async fn pick(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        what_for: PickFor,
        awaited: Awaited,
    ) -> Result<Reply, Fault> {
        let view = match self.own_card(talk, account).await? {
            Ok(view) => view,
            Err(reply) => return Ok(reply),
        };
        let number = request(talk.errand.update);
        let screen = pick(&talk.reader(), &view, what_for, number);
        self.question(talk, number, &awaited, screen).await
    }

    pub(super) async fn pick_recording_chat(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        let view = match self.own_card(talk, account).await? {
            Ok(view) => view,
            Err(reply) => return Ok(reply),
        };
        let number = request(talk.errand.update) & !CHANNELS;
        let awaited = Awaited::RecordingChat(account);
        let screen = settings::pick_recording_chat(&talk.reader(), number, number | CHANNELS);
        let reply = self.question(talk, number, &awaited, screen).await?;
        let by = talk.errand.by;
        self.conversations.await_answer(by, number | CHANNELS, &awaited, talk.errand.at).await?;
        Ok(reply.and([Self::show(place, settings::recording_chat(&talk.reader(), &view))]))
    }

    /// Waits for an answer to this message alone.
    async fn question(
        &self,
        talk: &Talk<'_>,
        number: i32,
        awaited: &Awaited,
        screen: Screen,
    ) -> Result<Reply, Fault> {
        self.conversations.await_answer(talk.errand.by, number, awaited, talk.errand.at).await?;
        let send = Outgoing::Send { chat: talk.chat(), screen, remember: Some(slot(number)) };
        Ok(Reply::shows([send]))
    }

    pub(super) async fn unlink(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        match self.office.unassign(&talk.errand, account).await {
            Ok(done) => {
                let shown = self.card_screen(talk, place, account, &done, people::user).await?;
                Ok(Reply::toast(talk, Toast::Unlinked).and(shown))
            }
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    pub(super) async fn ask_delete(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        let state = self.office.account(account).await?;
        match self.card(talk, account, &state).await? {
            Some(view) => Ok(Reply::shows([Self::show(place, delete::ask(&talk.reader(), &view))])),
            None => Reply::denied(talk, Denied::Refused(Refusal::NoSuchAccount)),
        }
    }

    /// The owner deletes; the user gives back.
    pub(super) async fn delete(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        let done = match self.office.delete(&talk.errand, account).await {
            Ok(done) => done,
            Err(denied) => return Reply::denied(talk, denied),
        };
        let settings = self.office.last_settings(account).await?;
        let title = settings.as_ref().map(super::views::title).unwrap_or_default();
        let reader = &talk.reader();
        match done.state.owner() {
            None => {
                let screen = delete::deleted(reader, &title);
                Ok(Reply::toast(talk, Toast::Deleted).and([Self::show(place, screen)]))
            }
            Some(owner) => {
                let owner = self.office.person_view(owner).await?;
                let screen = delete::given_back(reader, &title, &owner);
                Ok(Reply::toast(talk, Toast::GivenBack).and([Self::show(place, screen)]))
            }
        }
    }
}
