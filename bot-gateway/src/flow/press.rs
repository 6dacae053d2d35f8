//! Buttons, and what each leads to. A button says what is meant; whether it is allowed is decided here again, by who
//! pressed it.

use super::Flow;
use super::talk::Talk;
use crate::button::Button;
use crate::incoming::Place;
use crate::office::Denied;
use crate::outgoing::Outgoing;
use crate::screen::alert::{Toast, Trouble, toast, trouble};
use crate::screen::{home, list};
use event_store::log::Fault;

/// What a press leads to: an answer to the press itself, and what is shown.
#[derive(Default)]
pub(super) struct Reply {
    say: Option<String>,
    alert: bool,
    url: Option<String>,
    then: Vec<Outgoing>,
}

impl Reply {
    /// Shows this, and only stops the spinner.
    pub(super) fn shows(then: impl IntoIterator<Item = Outgoing>) -> Self {
        Self { then: then.into_iter().collect(), ..Self::default() }
    }

    /// It went well.
    pub(super) fn toast(talk: &Talk<'_>, which: Toast) -> Self {
        Self { say: Some(toast(&talk.reader(), which)), ..Self::default() }
    }

    /// It did not go, for reasons of ours.
    pub(super) fn trouble(talk: &Talk<'_>, which: Trouble) -> Self {
        Self::alert(trouble(&talk.reader(), which))
    }

    /// It did not go.
    pub(super) fn denied(talk: &Talk<'_>, denied: Denied) -> Result<Self, Fault> {
        Ok(Self::alert(talk.denied(denied)?))
    }

    /// It went well, in these words.
    pub(super) fn saying(text: String) -> Self {
        Self { say: Some(text), ..Self::default() }
    }

    /// It did not go, in these words.
    pub(super) fn alert(text: String) -> Self {
        Self { say: Some(text), alert: true, ..Self::default() }
    }

    /// And shows this.
    pub(super) fn and(mut self, then: impl IntoIterator<Item = Outgoing>) -> Self {
        self.then.extend(then);
        self
    }

    /// And opens the chat with the bot.
    pub(super) fn opening(mut self, url: String) -> Self {
        self.url = Some(url);
        self
    }

    /// The answer to the press first: it is all that stops the spinner.
    fn into_outgoing(self, press: &str) -> Vec<Outgoing> {
        let answer =
            Outgoing::AnswerPress { id: press.to_owned(), text: self.say, alert: self.alert, url: self.url };
        std::iter::once(answer).chain(self.then).collect()
    }
}

impl Flow {
    pub(super) async fn press(
        &self,
        talk: &Talk<'_>,
        id: &str,
        place: &Place,
        data: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        let button = data.parse::<Button>();
        // Whoever goes on in the menu has left what they were asked: their next text is no answer to it. A card of a call
        // is no menu: people press keys while they are asked for a number.
        let in_a_call = matches!(&button, Ok(Button::Call(..)));
        let left = match place {
            Place::Chat(_) if !in_a_call => self.forget_questions(talk).await?,
            Place::Chat(_) | Place::Inline(_) => Vec::new(),
        };
        let reply = match button {
            Ok(button) => self.pressed(talk, place, button).await?,
            Err(_) => self.stale(talk, place).await?,
        };
        Ok(reply.and(left).into_outgoing(id))
    }

    /// A button of an older menu: the list is drawn in its place. An inline message is left as it is.
    async fn stale(&self, talk: &Talk<'_>, place: &Place) -> Result<Reply, Fault> {
        match place {
            Place::Chat(_) => {
                let accounts = self.account_list(talk, 0).await?;
                let screen = list::list(&talk.reader(), &accounts);
                Ok(Reply::toast(talk, Toast::MenuUpdated).and([Self::show(place, screen)]))
            }
            Place::Inline(_) => Ok(Reply::trouble(talk, Trouble::StaleMenu)),
        }
    }

    async fn pressed(&self, talk: &Talk<'_>, place: &Place, button: Button) -> Result<Reply, Fault> {
        let reader = &talk.reader();
        let show = |screen| Ok(Reply::shows([Self::show(place, screen)]));
        match button {
            Button::Home => show(home::home(reader)),
            Button::Help => show(home::help(reader)),
            Button::ShareHelp => show(home::share_help(reader)),
            Button::Languages => show(home::languages(reader)),
            Button::ChooseLanguage(language) => self.choose_language(talk, place, language).await,
            Button::Accounts(page) => self.show_list(talk, place, page).await,
            Button::New => self.create(talk, place).await,
            Button::CallbackMode { on } => self.callback_mode(talk, place, on).await,
            Button::Account(account) => self.show_card(talk, place, account).await,
            Button::Ask(account, ask) => self.ask(talk, place, account, ask).await,
            Button::Clear(account, ask) => self.clear(talk, place, account, ask).await,
            Button::Transport(account, to) => self.transport(talk, place, account, to).await,
            Button::Codecs(account) => self.show_codecs(talk, place, account).await,
            Button::Codec(account, how, codec) => self.codec(talk, place, account, how, codec).await,
            Button::Dtmf(account) => self.show_dtmf(talk, place, account).await,
            Button::DtmfMethod(account, how, method) => {
                self.dtmf_method(talk, place, account, how, method).await
            }
            Button::Templates(account, page) => self.show_templates(talk, place, account, page).await,
            Button::Template(account, code) => self.template(talk, place, account, &code).await,
            Button::Rules(account) => self.show_rules(talk, place, account).await,
            Button::Worker(account) => self.show_worker(talk, place, account).await,
            Button::Recording { account, on } => self.recording(talk, place, account, on).await,
            Button::RecordingChat(account) => self.pick_recording_chat(talk, place, account).await,
            Button::ClearRecordingChat(account) => self.clear_recording_chat(talk, place, account).await,
            Button::User(account) => self.show_user(talk, place, account).await,
            Button::PickUser(account) => self.pick_user(talk, account).await,
            Button::Unlink(account) => self.unlink(talk, place, account).await,
            Button::Lend(account) => self.show_lend(talk, place, account).await,
            Button::LendFor { account, hours } => self.pick_borrower(talk, account, hours).await,
            Button::Transfer(account) => self.show_transfer(talk, place, account).await,
            Button::BindTransfer(account) => self.pick_heir(talk, account).await,
            Button::Apply(account) => self.apply(talk, place, account).await,
            Button::Switch { account, on } => self.switch(talk, place, account, on).await,
            Button::Delete(account) => self.ask_delete(talk, place, account).await,
            Button::DeleteYes(account) => self.delete(talk, place, account).await,
            Button::Links(account) => self.links(talk, place, account).await,
            Button::Take { account, offer } => self.take(talk, place, account, &offer).await,
            Button::CancelOffer { account, offer } => self.cancel_offer(talk, place, account, &offer).await,
            Button::Undo { account, offer } => self.undo(talk, place, account, &offer).await,
            Button::AddFromLink(draft) => self.add_from_link(talk, place, &draft).await,
            Button::DropLink(draft) => self.drop_link(talk, place, &draft).await,
            Button::CancelInput => self.cancel_input(talk, place).await,
            Button::Bulk => self.show_bulk(talk, place).await,
            Button::BulkPreview(batch, page) => self.bulk_preview(talk, place, &batch, page).await,
            Button::BulkGrant(batch, grant) => self.bulk_grant(talk, place, &batch, grant).await,
            Button::BulkMake(batch) => self.bulk_make(talk, place, &batch).await,
            Button::BulkDrop(batch) => self.bulk_drop(talk, place, &batch).await,
            Button::BulkBoard(batch, page) => self.bulk_board(talk, place, &batch, page).await,
            Button::Reconnect(account) => self.reconnect(talk, account).await,
            Button::CallHelp => self.call_help(talk).await,
            Button::DialNumber(choice, at) => self.dial_chosen(talk, place, choice, at).await,
            Button::DialOn(choice, at, account) => self.dial_on(talk, place, choice, at, account).await,
            Button::Call(call, what) => self.on_call(talk, place, call, what).await,
        }
    }
}
