//! What follows `/start`: our own links, links that carry settings, referrals.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::incoming::{MessageRef, Place};
use crate::office::Denied;
use crate::outgoing::Outgoing;
use crate::screen::alert::{Toast, Trouble};
use crate::screen::{card, home, link};
use crate::typed::Payload;
use crate::view::LinkedAccount;
use domain::ids::{AccountNumber, OfferToken};
use domain::link::Link;
use domain::share::Share;
use domain::sip_account::Refusal;
use event_store::log::Fault;
use projections::offer_board;

impl Flow {
    pub(super) async fn start(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        payload: &str,
    ) -> Result<Vec<Outgoing>, Fault> {
        if payload.is_empty() {
            return self.welcome(talk).await;
        }
        match payload.parse::<Payload>() {
            Ok(Payload::Account(account)) => return self.card_anew(talk, account).await,
            Ok(Payload::Offer { account, offer }) => return self.show_offer(talk, account, &offer).await,
            Ok(Payload::Share) => {
                return self.show_anew(talk, home::share_help(&talk.reader())).await;
            }
            Err(_) => {}
        }
        match domain::link::parse(payload, self.office.catalogue()) {
            Ok(found) => self.follow(talk, message, found).await,
            Err(_) => {
                // Whatever it was meant to be, it may hold a password.
                Ok(vec![Outgoing::Delete { message }, talk.trouble_message(Trouble::BadLink)])
            }
        }
    }

    async fn follow(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        found: Link,
    ) -> Result<Vec<Outgoing>, Fault> {
        match found {
            Link::Offer(token) => match self.account_of(&token).await? {
                Some(account) => self.show_offer(talk, account, &token).await,
                None => Ok(vec![talk.trouble_message(Trouble::DraftOver)]),
            },
            Link::Kept(_) => Ok(vec![talk.trouble_message(Trouble::BadLink)]),
            Link::Share(share) => self.share_in_a_link(talk, message, &share).await,
            Link::Referral { partner: _, then } => match then {
                Some(then) => Box::pin(self.follow(talk, message, *then)).await,
                None => self.welcome(talk).await,
            },
        }
    }

    /// Settings in a link: the message that carried them goes, and the person is asked. The link may come from anybody.
    async fn share_in_a_link(
        &self,
        talk: &Talk<'_>,
        message: MessageRef,
        share: &Share,
    ) -> Result<Vec<Outgoing>, Fault> {
        let draft = self.office.draft_link(&talk.errand, share).await?;
        let settings = self.office.settings(share);
        let template = settings.template.as_ref().and_then(|code| self.office.catalogue().find(code));
        let linked = LinkedAccount {
            draft: draft.token,
            login: share.login.to_string(),
            server: super::views::server(&settings).unwrap_or_default(),
            template: template.map(|template| template.name().to_owned()),
        };
        let mut says = vec![Outgoing::Delete { message }];
        says.extend(self.show_anew(talk, link::confirm(&talk.reader(), &linked)).await?);
        Ok(says)
    }

    pub(super) async fn add_from_link(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        draft: &OfferToken,
    ) -> Result<Reply, Fault> {
        match self.office.add_from_link(&talk.errand, draft).await {
            Ok((account, done)) => {
                let shown = self.card_screen(talk, place, account, &done, card::card).await?;
                Ok(Reply::toast(talk, Toast::Added).and(shown))
            }
            Err(Denied::Refused(Refusal::NoSuchOffer)) => Ok(Reply::trouble(talk, Trouble::InputOver)),
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    pub(super) async fn drop_link(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        draft: &OfferToken,
    ) -> Result<Reply, Fault> {
        self.office.drop_link(&talk.errand, draft).await?;
        let screen = home::home(&talk.reader());
        Ok(Reply::toast(talk, Toast::Dropped).and([Self::show(place, screen)]))
    }

    /// How links to an account's settings are made. No link with a password in it is ever shown.
    pub(super) async fn links(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
    ) -> Result<Reply, Fault> {
        let view = match self.own_card(talk, account).await? {
            Ok(view) => view,
            Err(reply) => return Ok(reply),
        };
        let template = self.settings_of(account).await?.and_then(|settings| settings.template);
        let screen = link::links(&talk.reader(), &view, template.as_ref());
        Ok(Reply::shows([Self::show(place, screen)]))
    }

    /// The account that an offer is about, be it a draft or made already.
    pub(super) async fn account_of(&self, token: &OfferToken) -> Result<Option<AccountNumber>, Fault> {
        if let Some(draft) = self.office.draft(token, self.office.now()).await? {
            return Ok(draft.account);
        }
        Ok(offer_board::one(&*self.database, token).await?.map(|row| row.account))
    }

    async fn welcome(&self, talk: &Talk<'_>) -> Result<Vec<Outgoing>, Fault> {
        self.show_anew(talk, home::home(&talk.reader())).await
    }
}
