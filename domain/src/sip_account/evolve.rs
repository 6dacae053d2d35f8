//! How facts change a SIP account. Nothing is checked here: what is recorded is so.

use super::offers::Offers;
use super::ownership::Ownership;
use super::registration::Registration;
use super::settings_history::SettingsHistory;
use super::state::{Deleted, Offered, Owned};
use super::{Event, OfferKind, SipAccount};
use crate::ids::UserId;

impl SipAccount {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::SettingsOffered { grant, settings, .. } => {
                let (grant, settings) = (*grant, settings.clone());
                *self = Self::Offered(Box::new(Offered { grant, settings, offers: Offers::default() }));
            }
            Event::AccountCreated { owner, .. } => {
                *self = Self::Owned(Box::new(Owned::new(*owner, self.take_offers())));
            }
            Event::OfferCancelled { .. }
            | Event::OfferExpired { .. }
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
            | Event::AccountAssigned { .. }
            | Event::AccountUnassigned { .. }
            | Event::AccountLent { .. }
            | Event::LoanEnded { .. }
            | Event::AccountTransferred { .. }
            | Event::AccountReturned { .. }
            | Event::AccountTakenAway { .. }
            | Event::TakeUndone { .. }
            | Event::AccountDeleted { .. }
            | Event::AccountRegistered { .. }
            | Event::RegistrationFailed { .. } => {}
        }
        match self {
            Self::Absent => {}
            Self::Offered(shared) => shared.offers.evolve(event),
            Self::Owned(account) => account.evolve(event),
            Self::Deleted(gone) => gone.offers.evolve(event),
        }
        if let Some(last_owner) = self.ended_by(event) {
            *self = Self::Deleted(Deleted { last_owner, offers: self.take_offers() });
        }
    }

    /// Whether nothing is left after this event, and who owned the account last.
    fn ended_by(&self, event: &Event) -> Option<Option<UserId>> {
        if let Event::AccountDeleted { owner } = event {
            return Some(Some(*owner));
        }
        let nobody_took_it = matches!(
            event,
            Event::OfferCancelled { kind: OfferKind::Settings, .. }
                | Event::OfferExpired { kind: OfferKind::Settings, .. }
        );
        (nobody_took_it && matches!(self, Self::Offered(_))).then_some(None)
    }

    fn take_offers(&mut self) -> Offers {
        match std::mem::take(self) {
            Self::Absent => Offers::default(),
            Self::Offered(shared) => shared.offers,
            Self::Owned(account) => account.offers,
            Self::Deleted(gone) => gone.offers,
        }
    }
}

impl Owned {
    fn new(owner: UserId, offers: Offers) -> Self {
        Self {
            ownership: Ownership::new(owner),
            settings: SettingsHistory::default(),
            registration: Registration::default(),
            offers,
            untouched_since: None,
        }
    }

    fn evolve(&mut self, event: &Event) {
        self.offers.evolve(event);
        self.ownership.evolve(event);
        self.settings.evolve(event);
        self.registration.evolve(event);
        self.notice_touch(event);
    }

    /// What nobody did on purpose leaves an account as it was taken: reports, deadlines, the Take's own consequences.
    fn notice_touch(&mut self, event: &Event) {
        match event {
            Event::AccountCreated { offer, .. } | Event::AccountAssigned { offer, .. } => {
                self.untouched_since.clone_from(offer);
            }
            Event::AccountTransferred { offer, .. } => self.untouched_since = Some(offer.clone()),
            Event::AccountRegistered { .. }
            | Event::RegistrationFailed { .. }
            | Event::SettingsApplied { .. }
            | Event::OfferExpired { .. } => {}
            Event::SettingsOffered { .. }
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
            | Event::AssignmentOffered { .. }
            | Event::TransferOffered { .. }
            | Event::ReturnOffered { .. }
            | Event::TakeAwayOffered { .. }
            | Event::OfferCancelled { .. }
            | Event::AccountUnassigned { .. }
            | Event::AccountLent { .. }
            | Event::LoanEnded { .. }
            | Event::AccountReturned { .. }
            | Event::AccountTakenAway { .. }
            | Event::TakeUndone { .. }
            | Event::AccountDeleted { .. } => self.untouched_since = None,
        }
    }
}
