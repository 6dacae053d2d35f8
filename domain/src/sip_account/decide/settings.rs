//! Changing what an account is set to, letting it act, switching it.

use super::Decision;
use crate::ids::Revision;
use crate::log::Actor;
use crate::sip_account::state::Owned;
use crate::sip_account::{Change, Event, Offer, OfferKind};

impl Owned {
    /// A value that is set already records nothing.
    pub(super) fn change(&self, by: Actor, change: Change) -> Decision {
        self.as_owner(by)?;
        let changed = self.changed(change);
        let mut after = self.settings.clone();
        after.evolve(&changed);
        if after.current == self.settings.current {
            return Ok(Vec::new());
        }
        let no_longer_fits = matches!(changed, Event::PasswordChanged { .. })
            .then(|| self.offers.open_of(OfferKind::TakeAway).map(Offer::cancelled));
        Ok(no_longer_fits.flatten().into_iter().chain([changed]).collect())
    }

    /// Whoever asks for an older revision has not seen the newest change; that one has a deadline of its own.
    pub(super) fn apply(&self, by: Actor, seen: Option<Revision>) -> Decision {
        match by {
            Actor::Process => {}
            Actor::Person(_) | Actor::Operator | Actor::Gateway => {
                self.as_owner(by)?;
            }
        }
        let revision = self.settings.revision;
        let is_newest = seen.is_none_or(|seen| seen == revision);
        Ok(if is_newest && self.settings.waits() {
            vec![Event::SettingsApplied { revision }]
        } else {
            Vec::new()
        })
    }

    pub(super) fn switch(&self, by: Actor, on: bool) -> Decision {
        self.as_owner(by)?;
        Ok(match (self.settings.on, on) {
            (false, true) => vec![Event::AccountSwitchedOn],
            (true, false) => vec![Event::AccountSwitchedOff],
            (true, true) | (false, false) => Vec::new(),
        })
    }

    fn changed(&self, change: Change) -> Event {
        let current = &self.settings.current;
        match change {
            Change::Name(name) => Event::AccountRenamed { name },
            Change::Login(login) => Event::LoginChanged { login },
            Change::Password(password) => Event::PasswordChanged { password },
            Change::Domain(domain) => Event::ServerChanged { domain, proxy: current.proxy.clone() },
            Change::Proxy(proxy) => Event::ServerChanged { domain: current.domain.clone(), proxy },
            Change::Template { code, domain, proxy, transport, codecs, dtmf, rules } => {
                Event::TemplateChosen { template: code, domain, proxy, transport, codecs, dtmf, rules }
            }
            Change::Transport(transport) => Event::TransportChanged { transport },
            Change::Codecs(codecs) => Event::CodecsChanged { codecs },
            Change::Dtmf(dtmf) => Event::DtmfMethodsChanged { dtmf },
            Change::Rules(rules) => Event::DialRulesChanged { rules },
            Change::Worker(worker) => Event::WorkerChosen { worker },
            Change::Recording(recording) => Event::RecordingChanged { recording },
        }
    }
}
