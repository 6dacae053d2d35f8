//! What gateways report.

use super::*;

#[test]
fn a_registration_is_recorded_once_and_not_at_each_refresh() {
    given::<SipAccount>(olgas())
        .when(Actor::Gateway, at(0), registered(0))
        .then([Event::AccountRegistered { revision: Revision(0) }])
        .when(Actor::Gateway, at(1), registered(0))
        .then_nothing();
}

#[test]
fn a_failure_is_recorded_when_the_answer_changes() {
    given::<SipAccount>(olgas())
        .when(Actor::Gateway, at(0), failed(0, 403, "Forbidden"))
        .then([Event::RegistrationFailed { revision: Revision(0), code: 403, reason: "Forbidden".into() }])
        .when(Actor::Gateway, at(1), failed(0, 408, "Request timeout"))
        .then([Event::RegistrationFailed {
            revision: Revision(0),
            code: 408,
            reason: "Request timeout".into(),
        }])
        .when(Actor::Gateway, at(2), registered(0))
        .then([Event::AccountRegistered { revision: Revision(0) }]);
}

#[test]
fn a_report_on_settings_that_do_not_act_comes_too_late() {
    given::<SipAccount>(olgas()).when(Actor::Gateway, at(0), registered(7)).then_nothing();
    given::<SipAccount>(with(olgas(), [Event::AccountSwitchedOff]))
        .when(Actor::Gateway, at(0), registered(0))
        .then_nothing();
}

#[test]
fn a_reason_phrase_is_kept_short_and_plain() {
    let after = given::<SipAccount>(olgas()).and(Actor::Gateway, at(0), failed(0, 500, &"é\r\n".repeat(200)));
    let kept = after.state().owned().map(|account| account.registration.clone());
    let reason = "é".repeat(128);
    let failed = crate::sip_account::Registration::Failed { revision: Revision(0), code: 500, reason };
    assert_eq!(kept, Some(failed));
}

#[test]
fn an_account_that_is_switched_on_again_is_registered_anew() {
    let registered_once = with(olgas(), [Event::AccountRegistered { revision: Revision(0) }]);
    given::<SipAccount>(with(registered_once, [Event::AccountSwitchedOff, Event::AccountSwitchedOn]))
        .when(Actor::Gateway, at(0), registered(0))
        .then([Event::AccountRegistered { revision: Revision(0) }]);
}

fn registered(revision: u32) -> Command {
    Command::ReportRegistered { revision: Revision(revision) }
}

fn failed(revision: u32, code: u16, reason: &str) -> Command {
    Command::ReportRegistrationFailed { revision: Revision(revision), code, reason: reason.into() }
}
