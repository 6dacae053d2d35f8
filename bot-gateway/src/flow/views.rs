//! What screens need, out of states.
//!
//! A card is drawn from the account itself, so it always shows what was just done; only lists come from read models.

use super::Flow;
use super::talk::Talk;
use crate::office::Office;
use crate::view::{AccountCard, Health, OfferFate, OfferView, OpenOffer, Standing};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::settings::Settings;
use domain::sip_account::{
    Fate, Found, Grant, Holder, Offer, OfferKind, Ownership, Registration, SipAccount,
};
use event_store::log::Fault;

/// The name, else `login@server`, else whatever there is; empty for a new account.
pub(crate) fn title(settings: &Settings) -> String {
    if let Some(name) = &settings.name {
        return name.to_string();
    }
    let server = settings.domain.as_ref().or(settings.proxy.as_ref());
    match (&settings.login, server) {
        (Some(login), Some(server)) => format!("{login}@{server}"),
        (Some(login), None) => login.to_string(),
        (None, Some(server)) => server.to_string(),
        (None, None) => String::new(),
    }
}

/// The server of an account, as people name it.
pub(crate) fn server(settings: &Settings) -> Option<String> {
    settings.domain.as_ref().or(settings.proxy.as_ref()).map(ToString::to_string)
}

/// How an account is doing.
pub(crate) fn health(is_complete: bool, is_on: bool, registration: &Registration) -> Health {
    if !is_complete {
        return Health::Incomplete;
    }
    if !is_on {
        return Health::Off;
    }
    match registration {
        Registration::Unknown => Health::NotRegisteredYet,
        Registration::Registered { .. } => Health::Active,
        Registration::Failed { code, reason, .. } => Health::Failed { code: *code, reason: reason.clone() },
    }
}

impl Flow {
    /// The card of an account as its owner or user sees it; none for anybody else.
    pub(super) async fn card(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        state: &SipAccount,
    ) -> Result<Option<AccountCard>, Fault> {
        let Some(owned) = state.owned() else { return Ok(None) };
        let Some(standing) = self.standing(talk, &owned.ownership).await? else { return Ok(None) };
        let settings = &owned.settings.current;
        let template = settings.template.as_ref().and_then(|code| self.office.catalogue().find(code));
        let applies_at = if owned.settings.waits() { self.office.applies_at(account).await? } else { None };
        let recording_chat = match settings.recording.chat {
            Some(chat) => self.office.recording_chat_title(account, chat).await?,
            None => None,
        };
        let write_first = match standing {
            Standing::Own | Standing::Used { .. } | Standing::Borrowed { .. } => {
                self.cards.write_first(talk.errand.by).await?
            }
            Standing::OwnAssigned { .. } | Standing::OwnLent { .. } => None,
        };
        Ok(Some(AccountCard {
            account,
            title: title(settings),
            name: settings.name.as_ref().map(ToString::to_string),
            login: settings.login.as_ref().map(ToString::to_string),
            has_password: settings.password.is_some(),
            domain: settings.domain.as_ref().map(ToString::to_string),
            proxy: settings.proxy.as_ref().map(ToString::to_string),
            template: template.map(|template| template.name().to_owned()),
            transport: settings.transport,
            codecs: settings.codecs.clone(),
            dtmf: settings.dtmf.clone(),
            rules: settings.rules.as_str().to_owned(),
            recording: settings.recording.clone(),
            recording_chat,
            health: health(settings.is_complete(), owned.settings.on, &owned.registration),
            standing,
            applies_at,
            offers: my_offers(talk, state),
            list_page: self.page_of(talk, account).await?,
            write_first,
        }))
    }

    /// What the person is to an account; none for a third party.
    pub(super) async fn standing(
        &self,
        talk: &Talk<'_>,
        ownership: &Ownership,
    ) -> Result<Option<Standing>, Fault> {
        let me = talk.errand.by;
        let owner = ownership.owner();
        Ok(match ownership.holder() {
            Holder::Owner => (owner == me).then_some(Standing::Own),
            Holder::Assigned { to } if owner == me => {
                Some(Standing::OwnAssigned { user: self.office.person_view(to).await? })
            }
            Holder::Lent { to, until } if owner == me => {
                Some(Standing::OwnLent { user: self.office.person_view(to).await?, until })
            }
            Holder::Assigned { to } if to == me => {
                Some(Standing::Used { owner: self.office.person_view(owner).await? })
            }
            // A loan that lapsed a moment ago is over, also before it is tidied up.
            Holder::Lent { to, until } if to == me && until > talk.errand.at => {
                Some(Standing::Borrowed { owner: self.office.person_view(owner).await?, until })
            }
            Holder::Assigned { .. } | Holder::Lent { .. } => None,
        })
    }

    /// An offer about an account that is there, before its message is sent.
    pub(super) async fn offer_to_be(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        settings: &Settings,
        drafted: Drafted,
    ) -> Result<OfferView, Fault> {
        let to = match drafted.to {
            Some(to) => Some(self.office.person_view(to).await?),
            None => None,
        };
        Ok(OfferView {
            kind: drafted.kind,
            grant: drafted.grant,
            account,
            offer: drafted.token,
            title: title(settings),
            server: server(settings),
            from: talk.me.clone(),
            to,
            until: drafted.until,
        })
    }
}

impl Office {
    /// An offer that an account knows, and what became of it.
    pub(crate) async fn offer_view(
        &self,
        account: AccountNumber,
        state: &SipAccount,
        token: &OfferToken,
        now: DateTime<Utc>,
    ) -> Result<Option<(OfferView, Option<OfferFate>)>, Fault> {
        let Some(found) = state.offer(token) else { return Ok(None) };
        let (offer, fate) = match found {
            Found::Open(offer) if offer.until <= now => (offer, Some(OfferFate::Expired)),
            Found::Open(offer) => (offer, None),
            Found::Closed(closed) => (&closed.offer, Some(self.fate(closed.fate).await?)),
        };
        Ok(Some((self.view_of(account, state, offer).await?, fate)))
    }

    async fn view_of(
        &self,
        account: AccountNumber,
        state: &SipAccount,
        offer: &Offer,
    ) -> Result<OfferView, Fault> {
        let to = match offer.to {
            Some(to) => Some(self.person_view(to).await?),
            None => None,
        };
        // An offer that is over may be all that is left of its account.
        let settings = match state.settings() {
            Some(settings) => Some(settings.clone()),
            None => self.last_settings(account).await?,
        };
        Ok(OfferView {
            kind: offer.kind,
            grant: grant_of(state, offer),
            account,
            offer: offer.token.clone(),
            title: settings.as_ref().map(title).unwrap_or_default(),
            server: settings.as_ref().and_then(server),
            from: self.person_view(offer.by).await?,
            to,
            until: offer.until,
        })
    }

    async fn fate(&self, fate: Fate) -> Result<OfferFate, Fault> {
        Ok(match fate {
            Fate::Taken { by } => OfferFate::Taken { by: self.person_view(by).await? },
            Fate::Undone => OfferFate::Undone,
            Fate::Cancelled => OfferFate::Cancelled,
            Fate::Expired => OfferFate::Expired,
        })
    }
}

/// The offers of an account that this person can still call back.
fn my_offers(talk: &Talk<'_>, state: &SipAccount) -> Vec<OpenOffer> {
    let mine = |offer: &&Offer| offer.by == talk.errand.by && offer.until > talk.errand.at;
    let open = state.offers().filter(mine);
    open.map(|offer| OpenOffer { offer: offer.token.clone(), kind: offer.kind }).collect()
}

/// What is known of an offer that is still a draft.
pub(super) struct Drafted {
    pub(super) token: OfferToken,
    pub(super) kind: OfferKind,
    pub(super) grant: Option<Grant>,
    pub(super) to: Option<UserId>,
    pub(super) until: DateTime<Utc>,
}

/// For shared settings: what the Take makes, or has made, of the taker.
fn grant_of(state: &SipAccount, offer: &Offer) -> Option<Grant> {
    match (offer.kind, state) {
        (OfferKind::Settings, SipAccount::Offered(offered)) => Some(offered.grant),
        (OfferKind::Settings, SipAccount::Owned(account)) => {
            let stayed = account.ownership.owner() == offer.by;
            Some(if stayed { Grant::Assign } else { Grant::Give })
        }
        (OfferKind::Settings, SipAccount::Absent | SipAccount::Deleted(_))
        | (OfferKind::Assignment | OfferKind::Transfer | OfferKind::Return | OfferKind::TakeAway, _) => None,
    }
}
