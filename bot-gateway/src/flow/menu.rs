//! The lists and cards that buttons show.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::incoming::Place;
use crate::outgoing::{Outgoing, Screen};
use crate::screen::alert::{Toast, Trouble};
use crate::screen::{audio, card, home, list, people, rules, settings, template, transfer};
use crate::view::{AccountCard, AccountList, PersonView, Reader, TemplateLine, TemplatePage};
use domain::ids::AccountNumber;
use domain::person::Language;
use domain::template::Template;
use event_store::log::Fault;

impl Flow {
    pub(super) async fn show_list(&self, talk: &Talk<'_>, place: &Place, page: u16) -> Result<Reply, Fault> {
        let accounts = self.account_list(talk, page).await?;
        Ok(Reply::shows([Self::show(place, list::list(&talk.reader(), &accounts))]))
    }

    pub(super) async fn create(&self, talk: &Talk<'_>, place: &Place) -> Result<Reply, Fault> {
        match self.office.create(&talk.errand).await {
            Ok((account, done)) => {
                let shown = self.card_screen(talk, place, account, &done, card::card).await?;
                Ok(Reply::shows(shown))
            }
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    pub(super) async fn callback_mode(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        on: bool,
    ) -> Result<Reply, Fault> {
        self.office.switch_callback_mode(&talk.errand, on).await?;
        let accounts = self.account_list(talk, 0).await?;
        let screen = list::list(&talk.reader(), &AccountList { callback_mode: on, ..accounts });
        Ok(Reply::toast(talk, Toast::CallbackMode { on }).and([Self::show(place, screen)]))
    }

    pub(super) async fn choose_language(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        language: Language,
    ) -> Result<Reply, Fault> {
        self.office.choose_language(&talk.errand, language).await?;
        let reader = talk.reader_in(language);
        let toast = crate::screen::alert::toast(&reader, Toast::LanguageChosen);
        Ok(Reply::saying(toast).and([Self::show(place, home::home(&reader))]))
    }

    pub(super) async fn show_card(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about(talk, place, account, card::card).await
    }

    pub(super) async fn show_codecs(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about_own(talk, place, account, audio::codecs).await
    }

    pub(super) async fn show_dtmf(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about_own(talk, place, account, audio::dtmf).await
    }

    pub(super) async fn show_rules(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about(talk, place, account, rules::rules).await
    }

    pub(super) async fn show_worker(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about_own(talk, place, account, settings::worker).await
    }

    pub(super) async fn show_user(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about_own(talk, place, account, people::user).await
    }

    pub(super) async fn show_lend(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about_own(talk, place, account, people::lend).await
    }

    pub(super) async fn show_transfer(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        self.about_own(talk, place, account, open_transfer).await
    }

    pub(super) async fn show_templates(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        page: u16,
    ) -> Result<Reply, Fault> {
        match self.own_card(talk, account).await? {
            Ok(view) => {
                let all: Vec<&Template> = self.office.catalogue().all().iter().collect();
                let found = template_page(&all, page, None);
                let screen = template::templates(&talk.reader(), &view, &found);
                Ok(Reply::shows([Self::show(place, screen)]))
            }
            Err(reply) => Ok(reply),
        }
    }

    /// A screen about an account that the person owns or uses.
    async fn about(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        shows: fn(&Reader<'_>, &AccountCard) -> Screen,
    ) -> Result<Reply, Fault> {
        let state = self.office.account(account).await?;
        match self.card(talk, account, &state).await? {
            Some(view) => Ok(Reply::shows([Self::show(place, shows(&talk.reader(), &view))])),
            None => Ok(self.gone(talk, place)),
        }
    }

    /// A screen about an account that the person owns.
    async fn about_own(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        shows: fn(&Reader<'_>, &AccountCard) -> Screen,
    ) -> Result<Reply, Fault> {
        match self.own_card(talk, account).await? {
            Ok(view) => Ok(Reply::shows([Self::show(place, shows(&talk.reader(), &view))])),
            Err(reply) => Ok(reply),
        }
    }

    /// The card of an account that the person owns, or what to say to anybody else.
    pub(super) async fn own_card(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
    ) -> Result<Result<AccountCard, Reply>, Fault> {
        use domain::sip_account::Refusal;
        let state = self.office.account(account).await?;
        let denied = |refusal| Reply::denied(talk, crate::office::Denied::Refused(refusal));
        match self.card(talk, account, &state).await? {
            Some(view) if state.owner() == Some(talk.errand.by) => Ok(Ok(view)),
            Some(_) => Ok(Err(denied(Refusal::NotTheOwner)?)),
            None => Ok(Err(denied(Refusal::NoSuchAccount)?)),
        }
    }

    /// The account is not there for this person: whether it is somebody else's or nobody's is not told.
    fn gone(&self, talk: &Talk<'_>, place: &Place) -> Reply {
        let screen = card::gone(&talk.reader());
        match place {
            Place::Chat(_) => Reply::trouble(talk, Trouble::StaleMenu).and([Self::show(place, screen)]),
            Place::Inline(_) => Reply::trouble(talk, Trouble::StaleMenu),
        }
    }

    /// A card as a message of its own, below everything else.
    pub(super) async fn card_anew(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
    ) -> Result<Vec<Outgoing>, Fault> {
        let state = self.office.account(account).await?;
        let screen = match self.card(talk, account, &state).await? {
            Some(view) => card::card(&talk.reader(), &view),
            None => card::gone(&talk.reader()),
        };
        self.show_anew(talk, screen).await
    }
}

fn open_transfer(reader: &Reader<'_>, view: &AccountCard) -> Screen {
    transfer::transfer(reader, view, None)
}

/// The transfer screen of an offer that is for one person.
pub(super) fn bound_transfer(reader: &Reader<'_>, view: &AccountCard, to: &PersonView) -> Screen {
    transfer::transfer(reader, view, Some(to))
}

/// A page of templates.
pub(super) fn template_page(all: &[&Template], page: u16, search: Option<String>) -> TemplatePage {
    let lines = all
        .iter()
        .skip(usize::from(page) * TemplatePage::PAGE)
        .take(TemplatePage::PAGE)
        .map(|template| TemplateLine { code: template.code.clone(), name: template.name().to_owned() });
    TemplatePage { lines: lines.collect(), page, total: all.len(), search }
}
