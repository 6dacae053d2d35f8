//! Take, Undo and calling an offer back: the message that shows the offer changes for both sides.

use super::Flow;
use super::press::Reply;
use super::talk::Talk;
use crate::incoming::Place;
use crate::office::Denied;
use crate::outgoing::Outgoing;
use crate::screen::alert::{Toast, Trouble};
use crate::screen::{card, offer};
use crate::typed::Payload;
use crate::view::{OfferFate, OfferView};
use domain::ids::{AccountNumber, OfferToken};
use domain::sip_account::{OfferKind, Refusal, SipAccount};
use event_store::log::Fault;

impl Flow {
    pub(super) async fn take(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<Reply, Fault> {
        match self.office.take(&talk.errand, account, token).await {
            Ok(done) => {
                let shown = self.offer_as_it_is(talk, Some(place), account, &done.state, token).await?;
                let toast =
                    if taken_by_me(talk, &done.state, token) { Toast::Taken } else { Toast::OfferCancelled };
                let reply = Reply::toast(talk, toast).and(shown);
                // Without the chat nothing can be shown to the taker: the press opens it.
                Ok(if talk.opened { reply } else { reply.opening(self.link_to(account, token)) })
            }
            Err(denied) => self.not_taken(talk, place, account, token, denied).await,
        }
    }

    /// Why it was not taken; where the offer is over, its message says so from now on.
    async fn not_taken(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        token: &OfferToken,
        denied: Denied,
    ) -> Result<Reply, Fault> {
        let shown = match &denied {
            Denied::Refused(Refusal::OfferOver { .. } | Refusal::AlreadyTaken | Refusal::OfferCancelled) => {
                let state = self.office.account(account).await?;
                self.offer_as_it_is(talk, Some(place), account, &state, token).await?
            }
            Denied::Refused(Refusal::NoSuchOffer | Refusal::NoSuchAccount) => {
                return Ok(Reply::trouble(talk, Trouble::DraftOver));
            }
            Denied::Refused(_) | Denied::Full { .. } | Denied::Fault(_) => Vec::new(),
        };
        Ok(Reply::denied(talk, denied)?.and(shown))
    }

    pub(super) async fn cancel_offer(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<Reply, Fault> {
        match self.office.cancel(&talk.errand, account, token).await {
            Ok(done) => {
                let shown = self.offer_called_back(talk, place, account, &done.state, token).await?;
                Ok(Reply::toast(talk, Toast::OfferCancelled).and(shown))
            }
            Err(denied @ Denied::Refused(_)) => {
                let state = self.office.account(account).await?;
                let shown = self.offer_called_back(talk, place, account, &state, token).await?;
                Ok(Reply::denied(talk, denied)?.and(shown))
            }
            Err(denied @ (Denied::Full { .. } | Denied::Fault(_))) => Reply::denied(talk, denied),
        }
    }

    /// The board or the card whose button was pressed as it is now, and the message that showed the offer.
    async fn offer_called_back(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        state: &SipAccount,
        token: &OfferToken,
    ) -> Result<Vec<Outgoing>, Fault> {
        let Place::Chat(_) = place else {
            return self.offer_as_it_is(talk, Some(place), account, state, token).await;
        };
        let mine = state.offer(token).is_some_and(|found| found.offer().by == talk.errand.by);
        let mut shown =
            if mine { self.offer_as_it_is(talk, None, account, state, token).await? } else { Vec::new() };
        let menu = match self.board_of(talk, token).await? {
            Some(board) => Some(board),
            None => self.card(talk, account, state).await?.map(|view| card::card(&talk.reader(), &view)),
        };
        shown.extend(menu.map(|screen| Self::show(place, screen)));
        Ok(shown)
    }

    pub(super) async fn undo(
        &self,
        talk: &Talk<'_>,
        place: &Place,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<Reply, Fault> {
        match self.office.undo(&talk.errand, account, token).await {
            Ok(done) => {
                let mut shown = self.offer_as_it_is(talk, None, account, &done.state, token).await?;
                if let Some((view, _)) =
                    self.office.offer_view(account, &done.state, token, talk.errand.at).await?
                {
                    let over = offer::offer_over(&talk.reader(), &view, &OfferFate::Undone);
                    shown.push(Outgoing::in_place(place, over));
                }
                Ok(Reply::toast(talk, Toast::Undone).and(shown))
            }
            Err(denied) => Reply::denied(talk, denied),
        }
    }

    /// The offer's messages as the offer stands: the one whose button was pressed, and the inline message, where it is
    /// another one and known.
    pub(super) async fn offer_as_it_is(
        &self,
        talk: &Talk<'_>,
        pressed: Option<&Place>,
        account: AccountNumber,
        state: &SipAccount,
        token: &OfferToken,
    ) -> Result<Vec<Outgoing>, Fault> {
        let Some((view, fate)) = self.office.offer_view(account, state, token, talk.errand.at).await? else {
            return Ok(Vec::new());
        };
        let reader = &talk.reader();
        let screen = match &fate {
            Some(fate) => offer::offer_over(reader, &view, fate),
            None => offer::offer(reader, &view),
        };
        let sent = self.office.message_of(token).await?.map(Place::Inline);
        let elsewhere = sent.filter(|sent| Some(sent) != pressed);
        let places = pressed.into_iter().chain(elsewhere.as_ref());
        Ok(places.map(|place| Outgoing::in_place(place, screen.clone())).collect())
    }

    /// An offer that is open, to be taken in the chat with the bot; an over one as it ended.
    pub(super) async fn show_offer(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<Vec<Outgoing>, Fault> {
        let state = self.office.account(account).await?;
        let mine = state.owner() == Some(talk.errand.by) || state.user() == Some(talk.errand.by);
        if mine && taken_by_me(talk, &state, token) {
            return self.card_anew(talk, account).await;
        }
        let reader = &talk.reader();
        let screen = match self.office.offer_view(account, &state, token, talk.errand.at).await? {
            Some((view, Some(fate))) => offer::offer_over(reader, &view, &fate),
            Some((view, None)) => offer::offer(reader, &view),
            None => match self.drafted_offer(talk, token).await? {
                Some(view) => offer::offer(reader, &view),
                None => return Ok(vec![talk.trouble_message(Trouble::DraftOver)]),
            },
        };
        Ok(vec![Outgoing::to(talk.errand.by, screen)])
    }

    /// An offer that is still a draft.
    async fn drafted_offer(&self, talk: &Talk<'_>, token: &OfferToken) -> Result<Option<OfferView>, Fault> {
        let Some(draft) = self.office.draft(token, talk.errand.at).await? else { return Ok(None) };
        let Some((account, kind)) = draft.account.zip(draft.kind.offer_kind()) else {
            return Ok(None);
        };
        let settings = match (kind, self.office.shared(&draft).await) {
            (OfferKind::Settings, shared) => {
                let Some(share) = shared? else { return Ok(None) };
                self.office.settings(&share)
            }
            (OfferKind::Assignment | OfferKind::Transfer | OfferKind::Return | OfferKind::TakeAway, _) => {
                let state = self.office.account(account).await?;
                state.settings().cloned().unwrap_or_default()
            }
        };
        let drafted = super::views::Drafted {
            token: token.clone(),
            kind,
            grant: draft.kind.grant(),
            to: draft.to,
            until: draft.expires,
        };
        let from = self.office.person_view(draft.by).await?;
        Ok(Some(OfferView { from, ..self.offer_to_be(talk, account, &settings, drafted).await? }))
    }

    fn link_to(&self, account: AccountNumber, token: &OfferToken) -> String {
        Payload::Offer { account, offer: token.clone() }.link(&self.bot)
    }
}

/// Whether the last Take of this offer was the person's own.
fn taken_by_me(talk: &Talk<'_>, state: &SipAccount, token: &OfferToken) -> bool {
    use domain::sip_account::{Fate, Found};
    match state.offer(token) {
        Some(Found::Closed(closed)) => closed.fate == Fate::Taken { by: talk.errand.by },
        Some(Found::Open(_)) | None => false,
    }
}
