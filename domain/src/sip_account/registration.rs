//! What gateways last said about the registration of an account.

use super::Event;
use crate::ids::Revision;
use serde::{Deserialize, Serialize};

/// How the account stands at its provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// No gateway has reported since the account was created or switched.
    #[default]
    Unknown,
    /// It is registered.
    Registered {
        /// With the settings of this revision.
        revision: Revision,
    },
    /// The provider refuses, or does not answer.
    Failed {
        /// With the settings of this revision.
        revision: Revision,
        /// SIP status code.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
}

impl Registration {
    /// Applies one fact.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::AccountRegistered { revision } => *self = Self::Registered { revision: *revision },
            Event::RegistrationFailed { revision, code, reason } => {
                *self = Self::Failed { revision: *revision, code: *code, reason: reason.clone() };
            }
            Event::AccountCreated { .. }
            | Event::AccountSwitchedOn
            | Event::AccountSwitchedOff
            | Event::AccountDeleted { .. } => *self = Self::Unknown,
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
            | Event::AccountTransferred { .. }
            | Event::AccountReturned { .. }
            | Event::AccountTakenAway { .. }
            | Event::TakeUndone { .. } => {}
        }
    }
}
