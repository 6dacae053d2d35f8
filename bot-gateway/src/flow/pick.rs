//! People and chats out of Telegram's own picker.

use super::Flow;
use super::menu::bound_transfer;
use super::talk::Talk;
use crate::conversation::{Awaited, Pending};
use crate::incoming::{MessageRef, SharedUser};
use crate::office::{Denied, DoneAccount};
use crate::outgoing::{Outgoing, Posted, Screen};
use crate::screen::people::{PickFor, picked};
use crate::screen::{prompt, settings};
use crate::view::PersonView;
use chrono::TimeDelta;
use domain::ids::{AccountNumber, ChatId, UserId};
use domain::settings::Recording;
use domain::sip_account::Change;
use event_store::log::Fault;

impl Flow {
    pub(super) async fn users_shared(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        request: i32,
        users: &[SharedUser],
    ) -> Result<Vec<Outgoing>, Fault> {
        let pending =
            self.conversations.open(talk.errand.by, request, talk.errand.update, talk.errand.at).await?;
        let (Some(pending), Some(user)) = (pending, users.first()) else {
            return Ok(vec![self.too_late(talk)]);
        };
        if let Some(name) = &user.name {
            self.office.introduce(&talk.errand, user.id, name, user.username.as_deref()).await?;
        }
        let who = self.office.person_view(user.id).await?;
        let says = match pending.awaited {
            Awaited::User(account) => {
                let done = self.office.assign(&talk.errand, account, user.id).await;
                self.handed(talk, account, done, PickFor::User, &who).await?
            }
            Awaited::Borrower(account, hours) => {
                let until = talk.errand.at + TimeDelta::hours(i64::from(hours));
                let done = self.office.lend(&talk.errand, account, user.id, until).await;
                self.handed(talk, account, done, PickFor::Loan { hours }, &who).await?
            }
            Awaited::BorrowerUntil(account, until) => {
                let done = self.office.lend(&talk.errand, account, user.id, until).await;
                self.handed(talk, account, done, PickFor::LoanUntil { until }, &who).await?
            }
            Awaited::Heir(account) => self.bound(talk, account, &who).await?,
            Awaited::Value(..) | Awaited::List(_) | Awaited::RecordingChat(_) | Awaited::TransferTo(_) => {
                return Ok(vec![self.too_late(talk)]);
            }
        };
        self.picked_and_gone(talk, message, &pending, says).await
    }

    pub(super) async fn chat_shared(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        request: i32,
        chat: ChatId,
        title: Option<&str>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let pending =
            self.conversations.open(talk.errand.by, request, talk.errand.update, talk.errand.at).await?;
        let Some(pending) = pending else { return Ok(vec![self.too_late(talk)]) };
        let Awaited::RecordingChat(account) = pending.awaited else {
            return Ok(vec![self.too_late(talk)]);
        };
        let Some(current) = self.settings_of(account).await? else {
            return Ok(vec![self.too_late(talk)]);
        };
        let recording = Recording { chat: Some(chat), ..current.recording.clone() };
        let says = match self.office.change(&talk.errand, account, Change::Recording(recording)).await {
            Ok(_) => {
                let title = title.unwrap_or_default();
                if !title.is_empty() {
                    self.office.name_recording_chat(account, chat, title).await?;
                }
                let (reader, by) = (&talk.reader(), talk.errand.by);
                let to_me = |screen| vec![Outgoing::to(by, screen)];
                let account_title = super::views::title(&current);
                let test = settings::recording_chat_test(reader, &account_title, &talk.me);
                let mut says = to_me(settings::recording_chat_trying(reader, title));
                says.push(Outgoing::Post {
                    chat,
                    post: Posted::Words(test),
                    done: to_me(settings::recording_chat_saved(reader, title, true)),
                    failed: to_me(settings::recording_chat_saved(reader, title, false)),
                });
                says.extend(self.card_anew(talk, account).await?);
                says
            }
            Err(denied) => vec![talk.denied_message(denied)?],
        };
        self.picked_and_gone(talk, message, &pending, says).await
    }

    /// What came of a pick; the question, its answer and the picker's keyboard go.
    async fn picked_and_gone(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        pending: &Pending,
        says: Vec<Outgoing>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let mut all: Vec<Outgoing> = self.delete_prompt(talk, &pending.slot()).await?.into_iter().collect();
        all.push(Outgoing::Delete { message });
        self.conversations.forget(talk.errand.by, talk.errand.update).await?;
        all.extend(says);
        Ok(all)
    }

    async fn handed(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        done: Result<DoneAccount, Denied>,
        what_for: PickFor,
        who: &PersonView,
    ) -> Result<Vec<Outgoing>, Fault> {
        let done = match done {
            Ok(done) => done,
            Err(denied) => return Ok(vec![talk.denied_message(denied)?]),
        };
        let Some(view) = self.card(talk, account, &done.state).await? else {
            return Ok(vec![self.too_late(talk)]);
        };
        let reachable = self.reaches(talk, who.id).await?;
        let told = picked(&talk.reader(), &view, what_for, who, reachable);
        self.told_with_card(talk, account, told).await
    }

    async fn bound(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        who: &PersonView,
    ) -> Result<Vec<Outgoing>, Fault> {
        let view = match self.own_card(talk, account).await? {
            Ok(view) => view,
            Err(_) => return Ok(vec![self.too_late(talk)]),
        };
        let reachable = self.reaches(talk, who.id).await?;
        let reader = &talk.reader();
        let told = Outgoing::to(talk.errand.by, picked(reader, &view, PickFor::Offer, who, reachable));
        let mut says = vec![told];
        says.extend(self.show_anew(talk, bound_transfer(reader, &view, who)).await?);
        Ok(says)
    }

    async fn told_with_card(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        told: Screen,
    ) -> Result<Vec<Outgoing>, Fault> {
        let mut says = vec![Outgoing::to(talk.errand.by, told)];
        says.extend(self.card_anew(talk, account).await?);
        Ok(says)
    }

    async fn reaches(&self, talk: &Talk<'_>, user: UserId) -> Result<bool, Fault> {
        if user == talk.errand.by { Ok(true) } else { self.office.reaches(user).await }
    }

    /// A pick after the bot has stopped waiting: it is said so, and the picker's keyboard goes.
    fn too_late(&self, talk: &Talk<'_>) -> Outgoing {
        Outgoing::to(talk.errand.by, prompt::cancelled(&talk.reader()))
    }

    /// A text while a pick is awaited: `Cancel` on the picker's keyboard, or something else that ends the pick too.
    pub(super) async fn typed_in_place_of_a_pick(
        &self,
        talk: &Talk<'_>,
        text: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let mut says = self.forget_questions(talk).await?;
        says.push(Outgoing::to(talk.errand.by, prompt::cancelled(&talk.reader())));
        if !prompt::is_cancel(text) {
            says.extend(self.other_text(talk, text).await?);
        }
        Ok(says)
    }
}
