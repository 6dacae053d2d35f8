//! Which of a person's bounded places an event takes or frees.

use super::{Event, OfferKind, Returned};
use crate::ids::UserId;

/// A change of the places that accounts take up at their owners.
///
/// The number of an account needs no claim: it is the id of its stream, so the first append to the stream is the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimChange {
    /// The account takes one of this owner's places.
    HoldOwnerSlot(UserId),
    /// The account no longer takes a place of this owner.
    ReleaseOwnerSlot(UserId),
}

/// What an event does to the places of owners. How many places an owner has is the operator's setting.
#[must_use]
pub fn claims(event: &Event) -> Vec<ClaimChange> {
    match event {
        Event::AccountCreated { owner, .. } => vec![ClaimChange::HoldOwnerSlot(*owner)],
        Event::AccountDeleted { owner } => vec![ClaimChange::ReleaseOwnerSlot(*owner)],
        Event::AccountTransferred { from, to, .. }
        | Event::AccountTakenAway { from, to, .. }
        | Event::AccountReturned { from, to, what: Returned::Ownership, .. }
        | Event::TakeUndone { from, to, kind: OfferKind::Transfer, .. } => {
            vec![ClaimChange::ReleaseOwnerSlot(*from), ClaimChange::HoldOwnerSlot(*to)]
        }
        Event::AccountReturned { what: Returned::Use, .. }
        | Event::TakeUndone {
            kind: OfferKind::Settings | OfferKind::Assignment | OfferKind::Return | OfferKind::TakeAway,
            ..
        }
        | Event::SettingsOffered { .. }
        | Event::OfferSent { .. }
        | Event::AccountRenamed { .. }
        | Event::LoginChanged { .. }
        | Event::PasswordChanged { .. }
        | Event::ServerChanged { .. }
        | Event::TemplateChosen { .. }
        | Event::TransportChanged { .. }
        | Event::CodecsChanged { .. }
        | Event::DtmfMethodsChanged { .. }
        | Event::DialRulesChanged { .. }
        | Event::WorkerChosen { .. }
        | Event::RecordingChanged { .. }
        | Event::AccountSwitchedOn
        | Event::AccountSwitchedOff
        | Event::SettingsApplied { .. }
        | Event::AssignmentOffered { .. }
        | Event::TransferOffered { .. }
        | Event::ReturnOffered { .. }
        | Event::TakeAwayOffered { .. }
        | Event::OfferCancelled { .. }
        | Event::OfferExpired { .. }
        | Event::AccountAssigned { .. }
        | Event::AccountUnassigned { .. }
        | Event::AccountLent { .. }
        | Event::LoanEnded { .. }
        | Event::AccountRegistered { .. }
        | Event::RegistrationFailed { .. } => Vec::new(),
    }
}
