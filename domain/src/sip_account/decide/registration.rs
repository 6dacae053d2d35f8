//! What gateways report. Only changes are recorded, never each refresh.

use super::Decision;
use crate::ids::Revision;
use crate::log::Actor;
use crate::sip_account::registration::Registration;
use crate::sip_account::state::Owned;
use crate::sip_account::{Event, Refusal};

/// The longest reason phrase that is kept, in characters.
const MAX_REASON: usize = 128;

impl Owned {
    pub(super) fn report_registered(&self, by: Actor, revision: Revision) -> Decision {
        only_a_gateway(by)?;
        let news = self.registration != Registration::Registered { revision };
        Ok(if news && self.acts_with(revision) {
            vec![Event::AccountRegistered { revision }]
        } else {
            Vec::new()
        })
    }

    pub(super) fn report_failed(&self, by: Actor, revision: Revision, code: u16, reason: &str) -> Decision {
        only_a_gateway(by)?;
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
        let news = self.registration != Registration::Failed { revision, code, reason: reason.clone() };
        Ok(if news && self.acts_with(revision) {
            vec![Event::RegistrationFailed { revision, code, reason }]
        } else {
            Vec::new()
        })
    }

    /// A report on settings that no longer act, or on an account switched off meanwhile, comes too late to matter.
    fn acts_with(&self, revision: Revision) -> bool {
        self.settings.on && self.settings.applied_revision() == Some(revision)
    }
}

fn only_a_gateway(by: Actor) -> Result<(), Refusal> {
    match by {
        Actor::Gateway => Ok(()),
        Actor::Person(_) | Actor::Process | Actor::Operator => Err(Refusal::NotYours),
    }
}
