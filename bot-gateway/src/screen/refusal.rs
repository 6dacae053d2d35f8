//! A refusal of the domain in words: what is the case, and what to do next.

use super::parts::moment;
use crate::view::Reader;
use domain::sip_account::Refusal;

/// The text of the alert, at most 200 characters.
#[must_use]
pub fn refused(reader: &Reader<'_>, why: &Refusal) -> String {
    let t = reader.t();
    match why {
        Refusal::NoSuchAccount => t.refused_no_account(),
        Refusal::NumberTaken => t.refused_number_taken(),
        Refusal::NotTheOwner => t.refused_not_owner(),
        Refusal::NotYours => t.refused_not_yours(),
        Refusal::Incomplete => t.refused_incomplete(),
        Refusal::OfferOver { since } => t.refused_over(&moment(reader, *since)),
        Refusal::AlreadyTaken => t.refused_taken(),
        Refusal::OfferCancelled => t.refused_cancelled(),
        Refusal::NoSuchOffer => t.refused_no_offer(),
        Refusal::OfferForAnother => t.refused_for_another(),
        Refusal::OwnOffer => t.refused_own_offer(),
        Refusal::AlreadyYours => t.refused_already_yours(),
        Refusal::NobodyToReturnTo => t.refused_nobody(),
        Refusal::TakeAwayRefused => t.refused_take_away(),
        Refusal::TouchedSince => t.refused_touched(),
        Refusal::NotUndoable => t.refused_not_undoable(),
        Refusal::ResealNeeded => t.refused_again(),
        Refusal::BadLoanEnd => t.refused_loan_end(),
        Refusal::NotDue { due } => t.refused_not_due(&moment(reader, *due)),
    }
}
