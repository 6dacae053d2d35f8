//! What an account is set to, which of it acts, and whether it is switched on: one fold that everybody shares.

use super::Event;
use crate::ids::Revision;
use crate::sealed::Sealed;
use crate::settings::{HostPort, Settings};
use serde::{Deserialize, Serialize};

/// The settings of one account over time.
///
/// The aggregate decides by it, and read models fold the very same thing, so that a menu, a gateway and a decision can't
/// disagree. It holds no times: when changed settings act by themselves is a [deadline](crate::process::deadline).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsHistory {
    /// As people see and edit them.
    pub current: Settings,
    /// How many changes led to them.
    pub revision: Revision,
    /// As gateways use them; none before they acted for the first time.
    pub applied: Option<Applied>,
    /// Whether the account is to be registered. A switch acts at once and changes no revision.
    pub on: bool,
}

/// Settings that act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which change they came with.
    pub revision: Revision,
    /// What gateways register.
    pub settings: Settings,
}

impl Default for SettingsHistory {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

impl SettingsHistory {
    /// A new account set to this: switched on, and nothing acts yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { current: settings, revision: Revision::default(), applied: None, on: true }
    }

    /// Whether there are changes that do not act yet.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.applied.as_ref().map(|applied| applied.revision) != Some(self.revision)
    }

    /// The revision that gateways use.
    #[must_use]
    pub fn applied_revision(&self) -> Option<Revision> {
        self.applied.as_ref().map(|applied| applied.revision)
    }

    /// What a gateway has to keep registered: settings that act, of an account that is switched on and complete.
    #[must_use]
    pub fn wanted(&self) -> Option<&Applied> {
        self.applied.as_ref().filter(|applied| self.on && applied.settings.is_complete())
    }

    /// Applies one fact.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::AccountCreated { settings, .. } => *self = Self::new(settings.clone()),
            Event::AccountRenamed { name } => self.change(|it| it.name.clone_from(name)),
            Event::LoginChanged { login } => self.change(|it| it.login = Some(login.clone())),
            Event::PasswordChanged { password } => self.change(|it| it.password = Some(password.clone())),
            Event::ServerChanged { domain, proxy } => self.change(|it| {
                it.domain.clone_from(domain);
                it.proxy.clone_from(proxy);
            }),
            Event::TemplateChosen { template, domain, proxy, transport, codecs, dtmf, rules } => {
                self.change(|it| {
                    it.template = Some(template.clone());
                    let (domain, proxy) = server_after_template(it, domain.as_ref(), proxy.as_ref());
                    (it.domain, it.proxy) = (domain, proxy);
                    it.transport = *transport;
                    it.codecs = codecs.clone();
                    it.dtmf = dtmf.clone();
                    it.rules = rules.clone();
                });
            }
            Event::TransportChanged { transport } => self.change(|it| it.transport = *transport),
            Event::CodecsChanged { codecs } => self.change(|it| it.codecs = codecs.clone()),
            Event::DtmfMethodsChanged { dtmf } => self.change(|it| it.dtmf = dtmf.clone()),
            Event::DialRulesChanged { rules } => self.change(|it| it.rules = rules.clone()),
            Event::WorkerChosen { worker } => self.change(|it| it.worker = worker.clone()),
            Event::RecordingChanged { recording } => self.change(|it| it.recording = recording.clone()),
            Event::AccountSwitchedOn => self.on = true,
            Event::AccountSwitchedOff => self.on = false,
            Event::SettingsApplied { revision } => {
                self.applied = Some(Applied { revision: *revision, settings: self.current.clone() });
            }
            Event::AccountTransferred { password: Some(password), .. }
            | Event::AccountReturned { password: Some(password), .. }
            | Event::AccountTakenAway { password: Some(password), .. }
            | Event::TakeUndone { password: Some(password), .. } => self.reseal(password),
            Event::AccountTransferred { password: None, .. }
            | Event::AccountReturned { password: None, .. }
            | Event::AccountTakenAway { password: None, .. }
            | Event::TakeUndone { password: None, .. }
            | Event::SettingsOffered { .. }
            | Event::OfferSent { .. }
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
            | Event::AccountDeleted { .. }
            | Event::AccountRegistered { .. }
            | Event::RegistrationFailed { .. } => {}
        }
    }

    /// Whether the password that acts is another one than the one people see set. A new owner's seal can't be put on it.
    pub(super) fn acts_with_another_password(&self) -> bool {
        self.applied.as_ref().is_some_and(|applied| applied.settings.password != self.current.password)
    }

    fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.current);
        self.revision = self.revision.next();
    }

    /// The same password under another seal: nothing that a gateway would have to register anew.
    fn reseal(&mut self, password: &Sealed) {
        self.current.password = Some(password.clone());
        if let Some(applied) = &mut self.applied {
            applied.settings.password = Some(password.clone());
        }
    }
}

/// A template that knows a server sets both halves of it, so that no proxy of the provider before is left over. One that
/// knows none leaves both as they are.
pub(super) fn server_after_template(
    settings: &Settings,
    domain: Option<&HostPort>,
    proxy: Option<&HostPort>,
) -> (Option<HostPort>, Option<HostPort>) {
    if domain.is_none() && proxy.is_none() {
        (settings.domain.clone(), settings.proxy.clone())
    } else {
        (domain.cloned(), proxy.cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Transport;

    #[test]
    fn a_change_waits_until_it_is_applied() {
        let mut history = SettingsHistory::new(complete());
        history.evolve(&Event::SettingsApplied { revision: Revision(0) });
        history.evolve(&Event::TransportChanged { transport: Transport::Tls });

        assert!(history.waits());
        assert_eq!(history.wanted().map(|wanted| wanted.settings.transport), Some(Transport::Udp));

        history.evolve(&Event::SettingsApplied { revision: Revision(1) });
        assert!(!history.waits());
        assert_eq!(history.wanted().map(|wanted| wanted.settings.transport), Some(Transport::Tls));
    }

    #[test]
    fn an_account_that_is_switched_off_is_not_wanted_and_comes_back_as_it_was() {
        let mut history = SettingsHistory::new(complete());
        history.evolve(&Event::SettingsApplied { revision: Revision(0) });
        let before = history.clone();

        history.evolve(&Event::AccountSwitchedOff);
        assert_eq!(history.wanted(), None);

        history.evolve(&Event::AccountSwitchedOn);
        assert_eq!(history, before);
    }

    #[test]
    fn an_account_without_a_server_is_not_wanted() {
        let mut history = SettingsHistory::new(Settings { domain: None, ..complete() });
        history.evolve(&Event::SettingsApplied { revision: Revision(0) });
        assert_eq!(history.wanted(), None);
    }

    #[test]
    fn a_template_without_a_server_leaves_the_server() {
        let mut history = SettingsHistory::new(complete());
        history.evolve(&template(None, None));
        assert_eq!(history.current.domain, complete().domain);
    }

    #[test]
    fn a_template_with_a_server_leaves_no_proxy_of_the_one_before() {
        let mut history =
            SettingsHistory::new(Settings { proxy: "old-proxy.example".parse().ok(), ..complete() });
        history.evolve(&template("new.example".parse().ok(), None));
        assert_eq!((history.current.domain, history.current.proxy), ("new.example".parse().ok(), None));
    }

    fn complete() -> Settings {
        Settings {
            login: "100".parse().ok(),
            password: Some(Sealed::from_text("v1.test.1.AAAA".into())),
            domain: "pbx.example".parse().ok(),
            ..Settings::default()
        }
    }

    fn template(domain: Option<HostPort>, proxy: Option<HostPort>) -> Event {
        let Settings { transport, codecs, dtmf, rules, .. } = Settings::default();
        let template = "acme".parse().expect("a valid code");
        Event::TemplateChosen { template, domain, proxy, transport, codecs, dtmf, rules }
    }
}
