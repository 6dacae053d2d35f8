//! Changing settings, letting them act, switching.

use super::*;
use crate::settings::{Recording, Transport};
use crate::sip_account::Change;

#[test]
fn a_change_is_recorded_and_waits() {
    let after = given::<SipAccount>(olgas())
        .when(OLGA, at(0), change(Change::Transport(Transport::Tls)))
        .then([Event::TransportChanged { transport: Transport::Tls }]);
    assert_eq!(after.state().revision(), Some(Revision(1)));
    assert_eq!(after.state().applied().map(|applied| applied.revision), Some(Revision(0)));
}

#[test]
fn a_value_that_is_set_already_is_no_change() {
    let current = complete("to olga");
    for same in [
        Change::Name(current.name.clone()),
        Change::Login("1001".parse().expect("a login")),
        Change::Password(sealed("to olga")),
        Change::Domain(current.domain.clone()),
        Change::Proxy(None),
        Change::Transport(current.transport),
        Change::Codecs(current.codecs.clone()),
        Change::Dtmf(current.dtmf.clone()),
        Change::Rules(current.rules.clone()),
        Change::Worker(current.worker.clone()),
        Change::Recording(Recording::default()),
    ] {
        given::<SipAccount>(olgas()).when(OLGA, at(0), change(same)).then_nothing();
    }
}

#[test]
fn domain_and_proxy_change_one_without_the_other() {
    let host = |text: &str| text.parse().ok();
    given::<SipAccount>(olgas())
        .when(OLGA, at(0), change(Change::Proxy(host("sbc.example:5061"))))
        .then([Event::ServerChanged { domain: host("pbx.example"), proxy: host("sbc.example:5061") }])
        .when(OLGA, at(0), change(Change::Domain(None)))
        .then([Event::ServerChanged { domain: None, proxy: host("sbc.example:5061") }]);
}

#[test]
fn a_template_fills_in_what_it_knows() {
    let current = complete("to olga");
    let after = given::<SipAccount>(olgas()).and(
        OLGA,
        at(0),
        change(Change::Template {
            code: "acme".parse().expect("a code"),
            domain: "acme.example".parse().ok(),
            proxy: None,
            transport: Transport::Tcp,
            codecs: "alaw".parse().expect("codecs"),
            dtmf: current.dtmf.clone(),
            rules: current.rules.clone(),
        }),
    );
    let state = after.state();
    let settings = state.settings().expect("an account");
    assert_eq!(settings.domain, "acme.example".parse().ok());
    assert_eq!((settings.transport, &settings.login), (Transport::Tcp, &current.login));
}

#[test]
fn the_owner_applies_at_once() {
    given::<SipAccount>(with(olgas(), [tls()]))
        .when(OLGA, at(1), Command::Apply { revision: None })
        .then([Event::SettingsApplied { revision: Revision(1) }]);
}

#[test]
fn the_deadline_applies_for_the_owner() {
    given::<SipAccount>(with(olgas(), [tls()]))
        .when(Actor::Process, at(5), Command::Apply { revision: None })
        .then([Event::SettingsApplied { revision: Revision(1) }]);
}

#[test]
fn whoever_has_not_seen_the_newest_change_does_not_apply_it() {
    given::<SipAccount>(with(olgas(), [tls(), Event::TransportChanged { transport: Transport::Tcp }]))
        .when(OLGA, at(1), Command::Apply { revision: Some(Revision(1)) })
        .then_nothing();
}

#[test]
fn nothing_is_applied_when_nothing_waits() {
    given::<SipAccount>(olgas()).when(OLGA, at(1), Command::Apply { revision: None }).then_nothing();
}

#[test]
fn a_switch_acts_at_once_and_waits_for_no_apply() {
    let off =
        given::<SipAccount>(olgas()).when(OLGA, at(0), Command::SwitchOff).then([Event::AccountSwitchedOff]);
    assert!(off.state().owned().is_some_and(|account| account.settings.wanted().is_none()));

    let on = off.when(OLGA, at(1), Command::SwitchOn).then([Event::AccountSwitchedOn]);
    assert!(on.state().owned().is_some_and(|account| account.settings.wanted().is_some()));
}

#[test]
fn an_account_is_known_by_its_name_or_else_by_its_address() {
    let named = Settings { name: "Front desk".parse().ok(), ..complete("to olga") };
    assert_eq!(named.label().as_deref(), Some("Front desk"));
    assert_eq!(complete("to olga").label().as_deref(), Some("1001@pbx.example"));
    assert_eq!(Settings::default().label(), None);
}

fn change(change: Change) -> Command {
    Command::Change(change)
}

fn tls() -> Event {
    Event::TransportChanged { transport: Transport::Tls }
}
