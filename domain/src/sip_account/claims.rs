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

#[cfg(test)]
mod tests {
    use super::ClaimChange::{HoldOwnerSlot, ReleaseOwnerSlot};
    use super::*;
    use crate::scenario::{IVAN, OLGA, token};
    use crate::settings::Settings;
    use crate::sip_account::Origin;

    #[test]
    fn an_account_takes_a_place_of_its_owner_from_beginning_to_end() {
        let created = Event::AccountCreated {
            owner: OLGA,
            origin: Origin::Menu,
            settings: Settings::default(),
            offer: None,
        };
        assert_eq!(claims(&created), [HoldOwnerSlot(OLGA)]);
        assert_eq!(claims(&Event::AccountDeleted { owner: OLGA }), [ReleaseOwnerSlot(OLGA)]);
    }

    #[test]
    fn the_place_moves_with_the_ownership() {
        let (from, to, offer, password) = (OLGA, IVAN, token(1), None);
        for moved in [
            Event::AccountTransferred { from, to, offer: offer.clone(), password: None },
            Event::AccountTakenAway { from, to, offer: offer.clone(), password: None },
            returned(Returned::Ownership),
            Event::TakeUndone { offer, kind: OfferKind::Transfer, from, to, password },
        ] {
            assert_eq!(claims(&moved), [ReleaseOwnerSlot(OLGA), HoldOwnerSlot(IVAN)], "{moved:?}");
        }
    }

    #[test]
    fn who_uses_an_account_takes_no_place() {
        for used in [
            Event::AccountAssigned { user: IVAN, offer: None },
            returned(Returned::Use),
            Event::TakeUndone {
                offer: token(1),
                kind: OfferKind::Assignment,
                from: OLGA,
                to: IVAN,
                password: None,
            },
        ] {
            assert_eq!(claims(&used), [], "{used:?}");
        }
    }

    fn returned(what: Returned) -> Event {
        Event::AccountReturned { from: OLGA, to: IVAN, what, offer: None, password: None }
    }
}
