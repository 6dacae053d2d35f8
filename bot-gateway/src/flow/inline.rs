//! Inline queries, and results that were sent. A query may hold a password: it is answered and forgotten.

use super::Flow;
use super::talk::Talk;
use super::views::{Drafted, server, title};
use crate::cards::InlineCard;
use crate::drafts::{Draft, DraftKind};
use crate::incoming::ChatKind;
use crate::office::calls::CallStory;
use crate::office::{Denied, Errand};
use crate::outgoing::{InlineResult, Outgoing};
use crate::screen::inline;
use crate::typed::Typed;
use crate::view::{OfferView, ResultView, ShareView};
use domain::ids::{AccountNumber, CallId, OfferToken, UserId};
use domain::inline::Query;
use domain::password::Password;
use domain::settings::Settings;
use domain::share::{Hint, Server, Share, Understood};
use domain::sip_account::{Found, OFFER_LIFE};
use event_store::log::Fault;
use std::fmt;
use std::str::FromStr;

/// Telegram shows at most this many results.
const MOST_RESULTS: usize = 50;

/// What a result's id says. The token is random, and who may do what with it is decided again, so the id is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
enum ResultId {
    /// A draft of this name.
    Draft(AccountNumber, OfferToken),
    /// An offer out of a list.
    Prepared(AccountNumber, OfferToken),
    /// The card of a call, in the chat of a service account.
    Card(CallId),
}

/// The result was only a hint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NotAnOffer;

impl fmt::Display for ResultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draft(account, token) => write!(f, "d:{account}:{token}"),
            Self::Prepared(account, token) => write!(f, "p:{account}:{token}"),
            Self::Card(call) => write!(f, "c:{call}"),
        }
    }
}

impl FromStr for ResultId {
    type Err = NotAnOffer;

    fn from_str(text: &str) -> Result<Self, NotAnOffer> {
        if let Some(call) = text.strip_prefix("c:") {
            return call.parse().map(Self::Card).map_err(|_| NotAnOffer);
        }
        let parts: Vec<&str> = text.split(':').collect();
        let [kind, account, token] = parts.as_slice() else { return Err(NotAnOffer) };
        let account = account.parse().map_err(|_| NotAnOffer)?;
        let token = token.parse().map_err(|_| NotAnOffer)?;
        match *kind {
            "d" => Ok(Self::Draft(account, token)),
            "p" => Ok(Self::Prepared(account, token)),
            _ => Err(NotAnOffer),
        }
    }
}

impl Flow {
    pub(super) async fn inline_query(
        &self,
        talk: &Talk<'_>,
        id: &str,
        query: &str,
        chat: Option<ChatKind>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let reader = &talk.reader();
        let results = match chat {
            Some(ChatKind::Other) => inline::private_only(reader),
            Some(ChatKind::Private | ChatKind::Bot) | None => self.results(talk, query).await?,
        };
        let button = Some(inline::help_button(reader));
        Ok(vec![Outgoing::AnswerInline { id: id.to_owned(), results, button }])
    }

    async fn results(&self, talk: &Talk<'_>, query: &str) -> Result<Vec<InlineResult>, Fault> {
        if let Ok(ours) = query.parse::<Typed>() {
            return self.results_of_button(talk, ours).await;
        }
        let reader = &talk.reader();
        match domain::inline::parse(query, self.office.catalogue()) {
            Query::Empty => Ok(inline::hint(reader, &Hint::NothingTyped)),
            Query::Share(Understood::Hint(hint)) => Ok(inline::hint(reader, &hint)),
            Query::Share(Understood::Shares(shares)) => self.shares(talk, query, &shares).await,
            Query::TakeAway { number, password } => self.take_away(talk, number, &password).await,
            Query::Transfer(account) => self.handovers(talk, account, None).await,
            Query::Return(account) => self.give_back(talk, account).await,
            Query::Card(call) => self.card_of_call(talk, call).await,
            Query::Offer(token) => match self.account_of(&token).await? {
                Some(account) => self.prepared(talk, account, &token).await,
                None => Ok(Vec::new()),
            },
        }
    }

    async fn results_of_button(&self, talk: &Talk<'_>, typed: Typed) -> Result<Vec<InlineResult>, Fault> {
        match typed {
            Typed::Transfer { account, to } => self.handovers(talk, account, to).await,
            Typed::Back { account } => self.give_back(talk, account).await,
            Typed::Send { account, offer } => self.prepared(talk, account, &offer).await,
        }
    }

    /// The card of a call, for the service account that is to show it to the call's person.
    async fn card_of_call(&self, talk: &Talk<'_>, call: CallId) -> Result<Vec<InlineResult>, Fault> {
        let served = self.cards.served(talk.errand.by, call).await?.filter(CallStory::is_open);
        let Some(story) = served else { return Ok(Vec::new()) };
        let InlineCard { title, screen } = self.cards.for_service_chat(&story).await?;
        let id = ResultId::Card(call).to_string();
        Ok(vec![InlineResult { id, title, description: String::new(), screen }])
    }

    /// The card of a call stands in the chat of a service account. It is drawn there at once: the call has gone on.
    async fn card_sent(
        &self,
        talk: &Talk<'_>,
        call: CallId,
        inline_message: Option<&str>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let Some(inline_message) = inline_message else { return Ok(Vec::new()) };
        let Some(story) = self.cards.served(talk.errand.by, call).await? else { return Ok(Vec::new()) };
        self.cards.stands_in(&story, inline_message).await?;
        Ok(self.cards.show(&story).await?.into_iter().collect())
    }

    /// Shared settings: for each share one result to give, and one to assign.
    async fn shares(
        &self,
        talk: &Talk<'_>,
        line: &str,
        shares: &[Share],
    ) -> Result<Vec<InlineResult>, Fault> {
        let shares = shares.get(..MOST_RESULTS / 2).unwrap_or(shares);
        let pairs = self.office.draft_shares(talk.errand.by, line, shares).await?;
        let mut results = Vec::new();
        for (share, (give, assign)) in shares.iter().zip(&pairs) {
            let settings = self.office.settings(share);
            let view = self.share_view(share, &settings);
            let (Some(give), Some(assign)) =
                (self.result(talk, &settings, give).await?, self.result(talk, &settings, assign).await?)
            else {
                continue;
            };
            results.extend(inline::share(&talk.reader(), &view, &give, &assign));
        }
        Ok(results)
    }

    /// What was understood. Of the password only its length.
    fn share_view(&self, share: &Share, settings: &Settings) -> ShareView {
        let (template, domain) = match &share.server {
            Server::Template { code, .. } => (self.office.catalogue().find(code), None),
            Server::Typed { registrar: _, domain } => (None, domain.as_ref()),
        };
        let typed = match &share.server {
            Server::Typed { registrar, .. } => Some(registrar.to_string()),
            Server::Template { .. } => None,
        };
        let rules = share.rules.as_str();
        ShareView {
            login: share.login.to_string(),
            password_length: share.password.expose().chars().count(),
            template: template.map(|template| template.name().to_owned()),
            server: typed.or_else(|| server(settings)).unwrap_or_default(),
            domain: domain.map(ToString::to_string),
            codecs: share.codecs.clone(),
            dtmf: share.dtmf.clone(),
            rules: (!rules.is_empty()).then(|| rules.to_owned()),
        }
    }

    /// Assign or transfer an account of one's own. Knowing its number is worth nothing.
    async fn handovers(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        to: Option<UserId>,
    ) -> Result<Vec<InlineResult>, Fault> {
        let state = self.office.account(account).await?;
        let (true, Some(settings)) = (state.owner() == Some(talk.errand.by), state.settings()) else {
            return Ok(Vec::new());
        };
        let kinds = [DraftKind::Assignment, DraftKind::Transfer];
        let drafts = self.office.draft_handovers(talk.errand.by, account, to, &kinds, None).await?;
        let mut views = Vec::new();
        for draft in &drafts {
            views.extend(self.result(talk, settings, draft).await?);
        }
        Ok(match views.as_slice() {
            [assign, transfer] => inline::account(&talk.reader(), assign, transfer),
            _ => Vec::new(),
        })
    }

    /// Give an account back to whom it came from. A former owner sees nothing before the password is typed too.
    async fn give_back(&self, talk: &Talk<'_>, account: AccountNumber) -> Result<Vec<InlineResult>, Fault> {
        let state = self.office.account(account).await?;
        let (Some((to, _)), Some(settings)) = (state.return_of(talk.errand.by), state.settings()) else {
            return Ok(Vec::new());
        };
        let kinds = [DraftKind::Return];
        let by = talk.errand.by;
        let drafts = self.office.draft_handovers(by, account, Some(to), &kinds, None).await?;
        self.single(talk, settings, &drafts, inline::give_back).await
    }

    /// A former owner who knows the password. Every failure is the same: no result at all.
    async fn take_away(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        password: &Password,
    ) -> Result<Vec<InlineResult>, Fault> {
        let Errand { by, at, .. } = talk.errand;
        let Some(proof) = self.office.prove_take_away(by, account, password.expose(), at).await? else {
            return Ok(Vec::new());
        };
        let state = self.office.account(account).await?;
        let Some(settings) = state.settings() else { return Ok(Vec::new()) };
        let kinds = [DraftKind::TakeAway];
        let drafts = self.office.draft_handovers(by, account, Some(by), &kinds, Some(proof)).await?;
        self.single(talk, settings, &drafts, inline::take_away).await
    }

    async fn single(
        &self,
        talk: &Talk<'_>,
        settings: &Settings,
        drafts: &[Draft],
        draw: fn(&crate::view::Reader<'_>, &ResultView) -> Vec<InlineResult>,
    ) -> Result<Vec<InlineResult>, Fault> {
        let Some(draft) = drafts.first() else { return Ok(Vec::new()) };
        let result = self.result(talk, settings, draft).await?;
        Ok(result.map(|result| draw(&talk.reader(), &result)).unwrap_or_default())
    }

    /// One offer out of a list of one's own, while it waits.
    async fn prepared(
        &self,
        talk: &Talk<'_>,
        account: AccountNumber,
        token: &OfferToken,
    ) -> Result<Vec<InlineResult>, Fault> {
        let state = self.office.account(account).await?;
        match state.offer(token) {
            Some(Found::Open(offer)) if offer.by == talk.errand.by => {}
            Some(Found::Open(_) | Found::Closed(_)) | None => return Ok(Vec::new()),
        }
        let Some((view, None)) = self.office.offer_view(account, &state, token, talk.errand.at).await? else {
            return Ok(Vec::new());
        };
        // From the moment it is sent it lives as long as every other offer.
        let offer = OfferView { until: talk.errand.at + OFFER_LIFE, ..view };
        let id = ResultId::Prepared(account, token.clone()).to_string();
        Ok(inline::prepared(&talk.reader(), &ResultView { id, offer }))
    }

    async fn result(
        &self,
        talk: &Talk<'_>,
        settings: &Settings,
        draft: &Draft,
    ) -> Result<Option<ResultView>, Fault> {
        let Some((account, kind)) = draft.account.zip(draft.kind.offer_kind()) else { return Ok(None) };
        let drafted = Drafted {
            token: draft.token.clone(),
            kind,
            grant: draft.kind.grant(),
            to: draft.to,
            until: talk.errand.at + OFFER_LIFE,
        };
        let offer = self.offer_to_be(talk, account, settings, drafted).await?;
        debug_assert_eq!(offer.title, title(settings));
        Ok(Some(ResultView { id: ResultId::Draft(account, draft.token.clone()).to_string(), offer }))
    }

    /// A result was sent: an offer begins, and its five minutes; or a card has its place.
    pub(super) async fn chosen(
        &self,
        talk: &Talk<'_>,
        result: &str,
        inline_message: Option<&str>,
    ) -> Result<Vec<Outgoing>, Fault> {
        let sent = match result.parse::<ResultId>() {
            Ok(ResultId::Draft(account, token)) => {
                self.office.sent(&talk.errand, account, &token, inline_message).await
            }
            Ok(ResultId::Prepared(account, token)) => {
                self.office.prepared_sent(&talk.errand, account, &token, inline_message).await
            }
            Ok(ResultId::Card(call)) => return self.card_sent(talk, call, inline_message).await,
            Err(NotAnOffer) => return Ok(Vec::new()),
        };
        match sent {
            // What can't be offered any more is told to whoever presses Take.
            Ok(()) | Err(Denied::Refused(_) | Denied::Full { .. }) => Ok(Vec::new()),
            Err(Denied::Fault(fault)) => Err(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_results_id_is_read_back_and_fits_telegrams_64_bytes() {
        let token = OfferToken::from_bits([255; 16]);
        for id in [
            ResultId::Draft(AccountNumber::MAX, token.clone()),
            ResultId::Prepared(AccountNumber::MAX, token),
            ResultId::Card(CallId::from_bits(u128::MAX)),
        ] {
            let text = id.to_string();
            assert!(text.len() <= 64, "{text}");
            assert_eq!(text.parse(), Ok(id));
        }
        assert_eq!("hint".parse::<ResultId>(), Err(NotAnOffer));
    }
}
