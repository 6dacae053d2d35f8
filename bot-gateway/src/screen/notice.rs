//! What people are told without having asked: what happened, to which account, and what they may do.

use super::parts::{Page, left, moment, person, press, sip_code, title};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::text::Html;
use crate::view::{PersonView, Reader};
use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, BatchId, OfferToken};
use domain::sip_account::{Grant, OfferKind};

/// Something happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The account.
    pub account: AccountNumber,
    /// The name, else `login@domain`; empty for an account without either.
    pub title: String,
    /// What happened.
    pub news: News,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// To the offerer: an offer was taken.
    Taken {
        /// What it was.
        kind: OfferKind,
        /// For shared settings: what the Take made of the taker.
        grant: Option<Grant>,
        /// By whom.
        by: PersonView,
        /// The offer, while the Take can still be undone.
        undo: Option<OfferToken>,
    },
    /// To the offerer: nobody took an offer in time.
    OfferExpired,
    /// To the offerer: the time of a list is over, and some of its offers were never sent.
    ListOver {
        /// The list.
        batch: BatchId,
        /// The server of its accounts.
        server: String,
    },
    /// To the taker: the offerer took the Take back.
    TakeUndone {
        /// The offerer.
        by: PersonView,
    },
    /// To the user: the owner made them one.
    Assigned {
        /// The owner.
        by: PersonView,
    },
    /// To the user: they are not the user any more.
    Unassigned {
        /// The owner.
        by: PersonView,
    },
    /// To the borrower.
    Lent {
        /// The owner.
        by: PersonView,
        /// When it goes back by itself.
        until: DateTime<Utc>,
    },
    /// To the owner: a loan is over.
    LoanEnded {
        /// Who used it.
        user: PersonView,
    },
    /// To the borrower: the loan is over.
    LoanOver {
        /// The owner.
        owner: PersonView,
    },
    /// To the owner: the user gave the account back.
    GivenBack {
        /// Who used it.
        by: PersonView,
    },
    /// To the owner who was: a former owner took the account by its password.
    TakenAway {
        /// The former owner.
        by: PersonView,
    },
    /// To the user: the owner deleted the account.
    Deleted {
        /// The owner.
        by: PersonView,
    },
    /// To the owner: the provider accepted the account.
    Registered,
    /// To the owner: registration fails.
    RegistrationFailed {
        /// SIP status code.
        code: u16,
        /// The reason phrase, as the provider sent it.
        reason: String,
    },
}

/// The message that tells it.
#[must_use]
pub fn notice(reader: &Reader<'_>, notice: &Notice) -> Screen {
    let t = reader.t();
    let name = title(reader, &notice.title);
    let who = |who: &PersonView| person(reader, who);
    let card = [press(t.open_account(), Button::Account(notice.account))];
    let list = [press(t.softphone(), Button::Accounts(0))];
    match &notice.news {
        News::Taken { kind, grant, by, undo } => {
            let undo = undo
                .as_ref()
                .map(|offer| press(t.undo(), Button::Undo { account: notice.account, offer: offer.clone() }));
            let page = Page::new(taken(reader, &name, *kind, *grant, &who(by)));
            match undo {
                Some(undo) => page.line(t.news_undo()).row([undo]).row(list),
                None => page.row(list),
            }
        }
        News::OfferExpired => Page::new(t.news_expired(&name)).row(card).silent(),
        News::ListOver { batch, server } => {
            let board = press(t.open_list(), Button::BulkBoard(batch.clone(), 0));
            Page::new(t.news_list_over(server)).row([board]).silent()
        }
        News::TakeUndone { by } => Page::new(t.news_undone(&name, &who(by))).row(list),
        News::Assigned { by } => Page::new(t.news_assigned(&name, &who(by))).row(card),
        News::Unassigned { by } => Page::new(t.news_unassigned(&name, &who(by))).row(list),
        News::Lent { by, until } => {
            let (at, left) = (moment(reader, *until), left(reader, *until));
            Page::new(t.news_lent(&name, &who(by), &at, &left)).row(card)
        }
        News::LoanEnded { user } => Page::new(t.news_loan_ended(&name, &who(user))).row(card).silent(),
        News::LoanOver { owner } => Page::new(t.news_loan_over(&name, &who(owner))).row(list).silent(),
        News::GivenBack { by } => Page::new(t.news_given_back(&name, &who(by))).row(card),
        News::TakenAway { by } => Page::new(t.news_taken_away(&name, &who(by))).row(list),
        News::Deleted { by } => Page::new(t.news_deleted(&name, &who(by))).row(list),
        News::Registered => Page::new(t.news_registered(&name)).row(card).silent(),
        News::RegistrationFailed { code, reason } => {
            let means = sip_code(reader, *code, reason.as_str());
            let again = [press(t.reconnect(), Button::Reconnect(notice.account))];
            Page::new(t.news_failed(&name, &code.to_string(), reason.as_str(), &means)).row(card).row(again)
        }
    }
    .screen()
}

fn taken(reader: &Reader<'_>, name: &str, kind: OfferKind, grant: Option<Grant>, by: &str) -> Html {
    let t = reader.t();
    match (kind, grant) {
        (OfferKind::Settings, Some(Grant::Assign)) | (OfferKind::Assignment, _) => {
            t.news_taken_assign(name, by)
        }
        (OfferKind::Settings, Some(Grant::Give) | None) | (OfferKind::Transfer, _) => {
            t.news_taken_transfer(name, by)
        }
        (OfferKind::Return, _) => t.news_taken_return(name, by),
        (OfferKind::TakeAway, _) => t.news_taken_away_self(name),
    }
}
