//! Settings that buttons change: every press is one change of one setting.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::button::{Arrange, Ask};
use crate::incoming::Place;
use crate::office::DoneAccount;
use crate::outgoing::Outgoing;
use crate::screen::alert::{Toast, Trouble};
use crate::screen::{audio, card, rules, settings};
use domain::ids::AccountNumber;
use domain::settings::{
    BadSetting, Codec, Codecs, DialRulesText, DtmfMethod, DtmfMethods, Recording, Settings, TemplateCode,
    Transport,
};
use domain::sip_account::Change;
use event_store::log::Fault;

impl Flow {
    /// Changes a setting, and shows what became of it.
    async fn changed(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        change: Change,
        shows: fn(&crate::view::Reader<'_>, &crate::view::AccountCard) -> crate::outgoing::Screen,
    ) -> Result<Reply, Fault> {
        match self.office.change(&talk.errand, account, change).await {
            Ok(done) => {
                let shown = self.card_screen(talk, place, account, &done, shows).await?;
                Ok(Reply::toast(talk, Toast::Saved).and(shown))
            }
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    /// A screen about an account after something was done to it; none when the account is no longer the person's.
    pub(super) async fn card_screen(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        done: &DoneAccount,
        shows: fn(&crate::view::Reader<'_>, &crate::view::AccountCard) -> crate::outgoing::Screen,
    ) -> Result<Option<Outgoing>, Fault> {
        let view = self.card(talk, account, &done.state).await?;
        Ok(view.map(|view| Self::show(place, shows(&talk.reader(), &view))))
    }

    pub(super) async fn clear(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        ask: Ask,
    ) -> Result<Reply, Fault> {
        let change = match ask {
            Ask::Name => Change::Name(None),
            Ask::Domain => Change::Domain(None),
            Ask::Proxy => Change::Proxy(None),
            Ask::Rules => Change::Rules(DialRulesText::default()),
            Ask::Codecs => Change::Codecs(Codecs::default()),
            Ask::Dtmf => Change::Dtmf(DtmfMethods::default()),
            Ask::Login | Ask::Password | Ask::TryNumber | Ask::FindTemplate | Ask::LoanEnd => {
                return Ok(Reply::trouble(talk, Trouble::StaleMenu));
            }
        };
        let shows = if ask == Ask::Rules { rules::rules } else { card::card };
        self.changed(talk, place, account, change, shows).await
    }

    pub(super) async fn transport(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        to: Transport,
    ) -> Result<Reply, Fault> {
        self.changed(talk, place, account, Change::Transport(to), card::card).await
    }

    pub(super) async fn codec(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        how: Arrange,
        codec: Codec,
    ) -> Result<Reply, Fault> {
        let Some(settings) = self.settings_of(account).await? else {
            return Ok(Reply::trouble(talk, Trouble::StaleMenu));
        };
        match Codecs::new(arranged(settings.codecs.as_slice(), how, codec)) {
            Ok(codecs) => self.changed(talk, place, account, Change::Codecs(codecs), audio::codecs).await,
            Err(why) => Ok(self.last_one(talk, &why)),
        }
    }

    pub(super) async fn dtmf_method(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        how: Arrange,
        method: DtmfMethod,
    ) -> Result<Reply, Fault> {
        let Some(settings) = self.settings_of(account).await? else {
            return Ok(Reply::trouble(talk, Trouble::StaleMenu));
        };
        match DtmfMethods::new(arranged(settings.dtmf.as_slice(), how, method)) {
            Ok(methods) => self.changed(talk, place, account, Change::Dtmf(methods), audio::dtmf).await,
            Err(why) => Ok(self.last_one(talk, &why)),
        }
    }

    /// The last entry of a list can't be taken out.
    fn last_one(&self, talk: &Talk<'_>, why: &BadSetting) -> Reply {
        Reply::alert(crate::screen::wrong::bad_setting_line(&talk.reader(), why))
    }

    pub(super) async fn template(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        code: &TemplateCode,
    ) -> Result<Reply, Fault> {
        let Some(template) = self.office.catalogue().find(code) else {
            return Ok(Reply::trouble(talk, Trouble::StaleMenu));
        };
        self.changed(talk, place, account, template.change(), card::card).await
    }

    pub(super) async fn recording(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        on: bool,
    ) -> Result<Reply, Fault> {
        let Some(settings) = self.settings_of(account).await? else {
            return Ok(Reply::trouble(talk, Trouble::StaleMenu));
        };
        let recording = Recording { automatic: on, ..settings.recording };
        self.changed(talk, place, account, Change::Recording(recording), card::card).await
    }

    pub(super) async fn clear_recording_chat(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        let Some(found) = self.settings_of(account).await? else {
            return Ok(Reply::trouble(talk, Trouble::StaleMenu));
        };
        let recording = Recording { chat: None, ..found.recording };
        self.changed(talk, place, account, Change::Recording(recording), settings::recording_chat).await
    }

    pub(super) async fn apply(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        match self.office.apply(&talk.errand, account).await {
            Ok(done) => {
                let nothing = done.events.is_empty() && done.position.is_none();
                let toast = if nothing { Toast::NothingToApply } else { Toast::Applied };
                let shown = self.card_screen(talk, place, account, &done, card::card).await?;
                Ok(Reply::toast(talk, toast).and(shown))
            }
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    pub(super) async fn switch(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        on: bool,
    ) -> Result<Reply, Fault> {
        match self.office.switch(&talk.errand, account, on).await {
            Ok(done) => {
                let shown = self.card_screen(talk, place, account, &done, card::card).await?;
                Ok(Reply::toast(talk, Toast::Switched { on }).and(shown))
            }
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    pub(super) async fn settings_of(&self, account: AccountNumber) -> Result<Option<Settings>, Fault> {
        let state = self.office.account(account).await?;
        Ok(state.owned().map(|owned| owned.settings.current.clone()))
    }
}

/// A list after one change. What is there already, or is not there, changes nothing.
fn arranged<T: Copy + PartialEq>(list: &[T], how: Arrange, item: T) -> Vec<T> {
    let mut list = list.to_vec();
    let place = list.iter().position(|other| *other == item);
    match (how, place) {
        (Arrange::Add, None) => list.push(item),
        (Arrange::Drop, Some(place)) => {
            list.remove(place);
        }
        (Arrange::Up, Some(place)) if place > 0 => list.swap(place, place - 1),
        (Arrange::Down, Some(place)) if place + 1 < list.len() => list.swap(place, place + 1),
        (Arrange::Add | Arrange::Up | Arrange::Down, Some(_))
        | (Arrange::Drop | Arrange::Up | Arrange::Down, None) => {}
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_arranged_one_step_at_a_time() {
        assert_eq!(arranged(&[1, 2, 3], Arrange::Up, 3), [1, 3, 2]);
        assert_eq!(arranged(&[1, 2, 3], Arrange::Down, 1), [2, 1, 3]);
        assert_eq!(arranged(&[1, 2], Arrange::Add, 3), [1, 2, 3]);
        assert_eq!(arranged(&[1, 2], Arrange::Drop, 1), [2]);
    }

    #[test]
    fn a_change_that_is_so_already_changes_nothing() {
        assert_eq!(arranged(&[1, 2], Arrange::Add, 2), [1, 2]);
        assert_eq!(arranged(&[1, 2], Arrange::Drop, 3), [1, 2]);
        assert_eq!(arranged(&[1, 2], Arrange::Up, 1), [1, 2]);
        assert_eq!(arranged(&[1, 2], Arrange::Down, 2), [1, 2]);
    }
}
