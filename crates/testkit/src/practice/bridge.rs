//! Two phones that talk through the exchange.

use super::exchange::{Exchange, moment, verb};
use super::leg::{Doing, Leg};
use super::{now, sound};
use anyhow::{Context as _, Result};
use media_gateway::media::{PortId, Source};
use sip::sdp::Negotiation;
use sip::{CallId, Invite, Uri};

impl Exchange {
    /// Rings the phone of an account for a leg that called it.
    pub(super) fn connect(&mut self, from: CallId, login: &str, from_name: Option<String>) {
        let Some(leg) = self.legs.get(&from) else { return };
        let (caller, port) = (leg.who.clone(), leg.port);
        let reached = self.reach(login, &caller, from_name.as_deref(), Doing::Bridge(from), Some(port));
        let Some(leg) = self.legs.get_mut(&from) else { return };
        match reached {
            Ok(other) => leg.doing = Doing::Bridge(other),
            Err(error) => {
                tracing::debug!(%error, "the practice PBX cannot reach an account");
                verb(leg.call.reject(480, "Nobody is registered there"));
            }
        }
    }

    /// Calls whoever registered an account.
    pub(super) fn reach(
        &mut self,
        login: &str,
        from: &str,
        from_name: Option<&str>,
        doing: Doing,
        beside: Option<PortId>,
    ) -> Result<CallId> {
        let binding = self.server.registrar().lookup(login, now()).into_iter().next();
        let binding = binding.context("nobody is registered there")?;
        let opened = self.engine.open_rtp(beside)?;
        let mut negotiation = Negotiation::new(sound::capabilities(opened.rtp), &mut rand::rng());
        let offer = negotiation.offer().to_string();
        let contact =
            binding.contact.parse::<Uri>().or_else(|_| Uri::sip(login, &binding.source.to_string()))?;
        let invite = Invite { from_name: from_name.map(str::to_owned), ..Invite::new(contact, offer) };
        let from = Uri::sip(from, &self.address.to_string())?;
        let call = match self.agent.call_at(binding.hop(), from, invite) {
            Ok(call) => call,
            Err(error) => {
                self.engine.close(opened.port);
                return Err(error.into());
            }
        };
        let id = call.id();
        self.ports.insert(opened.port, id);
        let leg = Leg {
            call,
            port: opened.port,
            negotiation,
            who: login.to_owned(),
            wire_id: None,
            answer: None,
            is_up: false,
            doing,
        };
        self.legs.insert(id, leg);
        Ok(id)
    }

    /// The called phone rings.
    pub(super) fn rings(&mut self, id: CallId) {
        match self.legs.get(&id).map(|leg| leg.doing) {
            Some(Doing::Bridge(caller)) => {
                if let Some(caller) = self.legs.get(&caller).filter(|leg| !leg.is_up) {
                    verb(caller.call.ring());
                }
            }
            Some(Doing::Reached { by, .. }) => {
                if let Some(by) = self.legs.get(&by) {
                    verb(by.call.transfer_stands(180, "Ringing"));
                }
            }
            Some(
                Doing::Echo
                | Doing::Menu(_)
                | Doing::CallBack
                | Doing::CalledBack
                | Doing::Unanswered
                | Doing::Leaving,
            )
            | None => {}
        }
    }

    /// The called phone sends sound before it answers.
    pub(super) fn progresses(&mut self, id: CallId, sdp: &str) {
        if self.take_answer(id, sdp).is_none() {
            return;
        }
        let Some(Doing::Bridge(caller)) = self.legs.get(&id).map(|leg| leg.doing) else { return };
        if let Some(leg) = self.legs.get(&caller).filter(|leg| !leg.is_up) {
            verb(leg.call.progress(leg.answer.clone().unwrap_or_default()));
        }
        self.join(id, caller);
    }

    /// The called phone answers.
    pub(super) fn answered(&mut self, id: CallId, sdp: &str) {
        if self.take_answer(id, sdp).is_none() {
            if let Some(leg) = self.legs.get(&id) {
                verb(leg.call.hang_up("The answer does not fit the offer"));
            }
            return;
        }
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.is_up = true;
        match leg.doing {
            Doing::Bridge(caller) => {
                if let Some(leg) = self.legs.get_mut(&caller) {
                    leg.is_up = true;
                    if let Some(answer) = leg.answer.take() {
                        verb(leg.call.answer(answer));
                    }
                }
                self.join(id, caller);
            }
            Doing::Reached { with, by } => self.hand_over(id, with, by),
            doing @ (Doing::Echo | Doing::Menu(_) | Doing::CallBack | Doing::CalledBack) => {
                self.give(id, doing)
            }
            Doing::Unanswered | Doing::Leaving => {}
        }
    }

    /// Lets two legs hear each other.
    pub(super) fn join(&self, one: CallId, other: CallId) {
        if let (Some(one), Some(other)) = (self.legs.get(&one), self.legs.get(&other)) {
            for port in [one.port, other.port] {
                verb(self.engine.echo(port, false));
                verb(self.engine.play(port, Source::None));
            }
            verb(self.engine.join(one.port, other.port));
        }
    }

    /// The other side of a leg is gone.
    pub(super) fn lost_other(&mut self, id: CallId, gone: CallId, code: u16, reason: &str) {
        let Some(leg) = self.legs.get(&id).filter(|leg| leg.doing == Doing::Bridge(gone)) else { return };
        tracing::trace!(at = ?moment(), "the other side of a call is gone");
        // What came in and was not answered is refused; what we called and was not answered is cancelled.
        let came_in = leg.wire_id.is_some();
        if leg.is_up || !came_in || code < 300 {
            verb(leg.call.hang_up("The other side hung up"));
        } else {
            verb(leg.call.reject(code, reason));
        }
    }
}
