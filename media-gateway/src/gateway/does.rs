//! What the state machines say, done.

use super::leg::{Leg, address};
use super::{Gateway, Owner};
use crate::call::ids::{CallId, LegId};
use crate::call::{Input, Output, Party, Report, SipCommand, SipEnd, SipEvent};
use crate::directory::Line;
use crate::farewells::Change;
use crate::media::DigitMethod;
use crate::phone::words::Trouble;
use crate::registrations;
use crate::report::{CallReport, Of};
use crate::telegram::HangUp;
use domain::ids::{AccountNumber, UserId};
use domain::settings::DtmfMethod;
use sip::Invite;
use sip::trace::Redaction;
use std::sync::Arc;

/// As many messages of a call are kept for its trace; the oldest go first.
const TRACED: usize = 64;

impl Gateway {
    pub(super) fn act(&mut self, user: UserId, output: Output) {
        match output {
            Output::Show { phone, view } => {
                let wall = self.wall();
                if let Some(phone) = self.phones.get_mut(&phone) {
                    phone.show(&view, wall);
                }
            }
            Output::Refuse { phone, of, call, why } => {
                if let Some(phone) = self.phones.get(&phone) {
                    phone.refuse(of, call, Trouble::Refused(why));
                }
            }
            // A browser has nothing to do: its connection serves the next call.
            Output::Release { phone } => self.drop_telegram(phone, HangUp::Hangup),
            Output::Summon => self.summon(user),
            Output::Dismiss => self.dismiss(user),
            Output::LetIn { phone } => self.let_in(phone, user),
            Output::TurnAway { phone } => self.turn_away(phone, user),
            Output::Sip { leg, command } => self.sip(user, leg, command),
            Output::Sound { party, sound } => self.set_sound(user, party, sound),
            Output::Record { call, leg, on } => self.record(user, call, leg, on),
            Output::Report { call, account, report } => self.report(user, call, account, report),
        }
    }

    fn sip(&mut self, user: UserId, leg: LegId, command: SipCommand) {
        if let SipCommand::Dial { call, account, to, referred_by } = command {
            if let Err(code) = self.dial(user, leg, account, &to, referred_by) {
                tracing::info!(%call, code, "a call could not be begun");
                // Told by itself, as if the network had refused it, once the state machine is done with this step.
                self.broke(user, leg, code);
            }
            return;
        }
        let other = if let SipCommand::ReferTo { leg } = &command {
            self.legs.get(&(user, *leg)).map(|leg| leg.call.clone())
        } else {
            None
        };
        let domain = self.domain_of(user, leg);
        let Some(dialog) = self.legs.get_mut(&(user, leg)) else { return };
        let done = match command {
            SipCommand::Dial { .. } => Ok(()),
            SipCommand::Ring => dialog.call.ring(),
            SipCommand::Answer => match dialog.answer() {
                Ok(()) => {
                    let event = SipEvent::Answered { telephone_event: dialog.telephone_event() };
                    return self.defer(user, Input::Sip { leg, event });
                }
                Err(code) => {
                    _ = dialog.call.reject(code, domain::call::codes::reason(code));
                    return self.broke(user, leg, code);
                }
            },
            SipCommand::Reject { code } => {
                _ = dialog.call.reject(code, domain::call::codes::reason(code));
                return self.forget_leg(user, leg);
            }
            SipCommand::HangUp => {
                _ = dialog.call.hang_up("");
                return self.forget_leg(user, leg);
            }
            SipCommand::Hold(on) => {
                if !dialog.hold(on) {
                    return self
                        .defer(user, Input::Sip { leg, event: SipEvent::HoldAnswered { done: false } });
                }
                Ok(())
            }
            SipCommand::Digit { digit, method } => {
                self.press(user, leg, digit.get(), method);
                Ok(())
            }
            SipCommand::Refer { to } => match address(&to, &domain) {
                Some(uri) => dialog.call.transfer(uri),
                None => {
                    return self
                        .defer(user, Input::Sip { leg, event: SipEvent::TransferProgress { code: 404 } });
                }
            },
            SipCommand::ReferTo { .. } => match other {
                Some(other) => dialog.call.transfer_to(&other),
                None => {
                    return self
                        .defer(user, Input::Sip { leg, event: SipEvent::TransferProgress { code: 481 } });
                }
            },
            SipCommand::AcceptTransfer => dialog.call.accept_transfer(),
            SipCommand::RefuseTransfer { code } => dialog.call.refuse_transfer(code),
            SipCommand::TransferDone { code } => {
                dialog.call.transfer_stands(code, domain::call::codes::reason(code))
            }
        };
        if let Err(error) = done {
            tracing::debug!(%leg, %error, "a dialog did not take a verb");
        }
    }

    /// Begins a dialog: a port, an offer, an INVITE.
    fn dial(
        &mut self,
        user: UserId,
        leg: LegId,
        account: AccountNumber,
        to: &str,
        referred_by: Option<LegId>,
    ) -> Result<(), u16> {
        let line = self.line(account).ok_or(402_u16)?;
        let referred = referred_by.and_then(|by| self.legs.get_mut(&(user, by))?.referred.take());
        let (uri, replaces) = match referred {
            Some((uri, replaces)) => (uri, replaces),
            None => (address(to, &line.domain()).ok_or(484_u16)?, None),
        };
        let beside = self.users.get(&user).and_then(|calls| calls.at_phone());
        let beside = beside.and_then(|phone| self.port_of(user, Party::Phone(phone)));
        let engine = &self.parts.engine;
        let port = engine.open_rtp(beside).map_err(|error| {
            tracing::warn!(%error, "no port for a call");
            503_u16
        })?;
        let mut negotiation = Leg::negotiation(&line, &port, self.parts.address);
        let invite = Invite { replaces, ..Invite::new(uri, negotiation.offer().to_string()) };
        match self.parts.agent.call(registrations::key(account), invite) {
            Ok(call) => {
                self.add_leg(user, leg, Leg::new(&self.parts.engine, call, &line, port, negotiation));
                Ok(())
            }
            Err(error) => {
                self.parts.engine.close(port.port);
                tracing::info!(%account, %error, "the user agent did not call");
                Err(match error {
                    sip::CallError::NoSuchAccount => 403,
                    sip::CallError::Malformed(_) => 484,
                    sip::CallError::TooMany | sip::CallError::Busy | sip::CallError::Ended => 503,
                })
            }
        }
    }

    pub(super) fn add_leg(&mut self, user: UserId, leg: LegId, dialog: Leg) {
        if self.parts.trace {
            let now = self.parts.clock.now().into();
            self.parts.agent.begin_trace(dialog.call.id(), TRACED, Redaction::Numbers, now);
        }
        self.by_sip.insert(dialog.call.id(), (user, leg));
        self.by_port.insert(dialog.port, Owner::Leg((user, leg)));
        self.legs.insert((user, leg), dialog);
        self.renew_sound(user, Party::Leg(leg));
    }

    pub(super) fn forget_leg(&mut self, user: UserId, leg: LegId) {
        if let Some(dialog) = self.legs.remove(&(user, leg)) {
            self.by_sip.remove(&dialog.call.id());
            self.change_farewells(Change::Drop { call: dialog.call.id() });
            if let Some(trace) = self.parts.agent.end_trace(dialog.call.id()) {
                let messages: String = trace.entries().map(|entry| format!("\n{entry}")).collect();
                tracing::info!(%leg, dropped = trace.dropped(), "SIP messages of a call:{messages}");
            }
            self.by_port.remove(&dialog.port);
            self.sounds.remove(&(user, Party::Leg(leg)));
            self.parts.engine.close(dialog.port);
        }
    }

    /// A dialog that never came to be, or that we broke off.
    fn broke(&mut self, user: UserId, leg: LegId, code: u16) {
        self.forget_leg(user, leg);
        let end = SipEnd { code, reason: String::new(), q850: None, timeout: false };
        self.defer(user, Input::Sip { leg, event: SipEvent::Ended(end) });
    }

    /// Tells the state machine that is being obeyed; what it says then is done after what it has said before.
    pub(super) fn defer(&mut self, user: UserId, input: Input) {
        let now = self.now();
        if let Some(calls) = self.users.get_mut(&user) {
            calls.handle_input(input, now);
        }
    }

    fn press(&self, user: UserId, leg: LegId, key: char, method: DtmfMethod) {
        let Some(dialog) = self.legs.get(&(user, leg)) else { return };
        let sent = match method {
            DtmfMethod::Info => {
                sip::Digit::new(key).is_some_and(|digit| dialog.call.digit_by_info(digit).is_ok())
            }
            DtmfMethod::Rfc2833 | DtmfMethod::Inband => {
                let how = if method == DtmfMethod::Inband { DigitMethod::Tones } else { DigitMethod::Best };
                audio::dtmf::Digit::from_char(key)
                    .is_some_and(|digit| self.parts.engine.send_digits(dialog.port, &[digit], how).is_ok())
            }
        };
        if !sent {
            tracing::warn!(%leg, "a key was lost");
        }
    }

    fn record(&mut self, user: UserId, call: CallId, leg: LegId, on: bool) {
        if !on {
            return self.recordings.stop(call);
        }
        let port = self.legs.get(&(user, leg)).map(|leg| leg.port);
        let started = match (port, self.calls.get(&call)) {
            (Some(port), Some(of)) => self.recordings.start(call, of, port),
            (None, _) | (_, None) => false,
        };
        if !started {
            self.defer(user, Input::RecordingEnded { call, whole: false });
        }
    }

    fn report(&mut self, user: UserId, call: CallId, account: AccountNumber, report: Report) {
        let known = self.calls.get(&call).cloned().or_else(|| self.of(user, account));
        let Some(of) = known else {
            tracing::warn!(%call, "a call of a user whose segment is gone is not told to the log");
            return;
        };
        if let Report::Ended { outcome, talked } = &report {
            self.calls.remove(&call);
            tracing::info!(%call, code = outcome.code, cause = %outcome.cause, "a call is over");
            metrics::counter!("tandem_media_calls_total", "cause" => outcome.cause.to_string()).increment(1);
            metrics::histogram!("tandem_media_call_seconds").record(talked.unwrap_or_default().as_secs_f64());
        } else {
            self.calls.insert(call, of.clone());
        }
        self.parts.reporter.call(call, of, CallReport::Said(report));
    }

    fn of(&self, user: UserId, account: AccountNumber) -> Option<Of> {
        let gateway = self.held.borrow().gateway(user)?;
        let owner = self.line(account).map_or(user, |line| line.owner);
        Some(Of { user, owner, account, gateway })
    }

    pub(super) fn line(&self, account: AccountNumber) -> Option<Line> {
        Arc::clone(&self.parts.directory.borrow()).line(account).cloned()
    }

    fn domain_of(&self, user: UserId, leg: LegId) -> String {
        let account = self.legs.get(&(user, leg)).map(|leg| leg.account);
        account.and_then(|account| self.line(account)).map(|line| line.domain()).unwrap_or_default()
    }
}
