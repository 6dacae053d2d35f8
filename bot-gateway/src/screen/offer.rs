//! The special messages in private chats: an offer with `Take`, and what became of it. Both people see them, and no secret
//! is in them (product reference 4.1, 5).

use super::parts::{Page, left, moment, open, person, press, short_person, title, type_here};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::text::Html;
use crate::typed::{Payload, Typed};
use crate::view::{OfferFate, OfferView, Reader};
use domain::sip_account::{Grant, OfferKind};

/// The offer, as the sender's language says it: what, from whom, on which server, for whom, until when.
#[must_use]
pub fn offer(reader: &Reader<'_>, view: &OfferView) -> Screen {
    let t = reader.t();
    let mut page = Page::new(headline(reader, view));
    if let Some(server) = &view.server {
        page = page.line(t.offer_server(server));
    }
    let explained = explained(reader, view);
    let who = match &view.to {
        Some(to) => t.offer_for(&person(reader, to)),
        None => t.offer_for_anyone(),
    };
    page.para(explained)
        .para(who)
        .line(t.offer_until(&left(reader, view.until), &moment(reader, view.until)))
        .row([press(t.take(), Button::Take { account: view.account, offer: view.offer.clone() })])
        .screen()
}

/// The same message once the offer is over.
#[must_use]
pub fn offer_over(reader: &Reader<'_>, view: &OfferView, fate: &OfferFate) -> Screen {
    let t = reader.t();
    let name = title(reader, &view.title);
    let from = person(reader, &view.from);
    match fate {
        OfferFate::Taken { by } => taken(reader, view, &person(reader, by)),
        OfferFate::Expired => over(reader, t.offer_expired(&name, &from)),
        OfferFate::Cancelled => over(reader, t.offer_cancelled(&name, &from)),
        OfferFate::Undone => over(reader, t.offer_undone(&name, &from)),
    }
}

fn headline(reader: &Reader<'_>, view: &OfferView) -> Html {
    let t = reader.t();
    let name = title(reader, &view.title);
    let from = short_person(reader, &view.from);
    match outcome(view) {
        Outcome::User => t.offer_assign(&from, &name),
        Outcome::Owner => t.offer_give(&from, &name),
        Outcome::Back => t.offer_return(&from, &name),
        Outcome::Away => t.offer_take_away(&from, &name),
    }
}

fn explained(reader: &Reader<'_>, view: &OfferView) -> Html {
    let t = reader.t();
    match outcome(view) {
        Outcome::User => t.offer_assign_means(&short_person(reader, &view.from)),
        Outcome::Owner => t.offer_give_means(),
        Outcome::Back => t.offer_return_means(),
        Outcome::Away => t.offer_take_away_means(),
    }
}

fn taken(reader: &Reader<'_>, view: &OfferView, by: &str) -> Screen {
    let t = reader.t();
    let name = title(reader, &view.title);
    let go = open(t.go_to_calls(), reader, &Payload::Account(view.account));
    let back = type_here(t.transfer_back(), &Typed::Back { account: view.account });
    let (text, back) = match (outcome(view), view.kind) {
        (Outcome::User, _) => (t.taken_assign(by, &name), Some(back)),
        // Shared settings were never the sender's account, so there is nobody to give it back to.
        (Outcome::Owner, OfferKind::Settings) => (t.taken_give(by, &name), None),
        (Outcome::Owner, _) => (t.taken_give(by, &name), Some(back)),
        (Outcome::Back | Outcome::Away, _) => (t.taken_back(by, &name), None),
    };
    Page::new(text).row([go]).row(back).screen()
}

fn over(reader: &Reader<'_>, text: Html) -> Screen {
    Page::new(text).row([open(reader.t().open_bot(), reader, &Payload::Share)]).screen()
}

/// What a Take makes of the taker.
enum Outcome {
    User,
    Owner,
    Back,
    Away,
}

fn outcome(view: &OfferView) -> Outcome {
    match (view.kind, view.grant) {
        (OfferKind::Settings, Some(Grant::Assign)) | (OfferKind::Assignment, _) => Outcome::User,
        (OfferKind::Settings, Some(Grant::Give) | None) | (OfferKind::Transfer, _) => Outcome::Owner,
        (OfferKind::Return, _) => Outcome::Back,
        (OfferKind::TakeAway, _) => Outcome::Away,
    }
}
