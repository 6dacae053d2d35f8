//! Calls that are handed on: to a number, or to whoever is on the other line.

use super::exchange::{Exchange, verb};
use super::leg::Doing;
use super::menu::Menu;
use super::services::Service;
use sip::{CallId, Replaces, Uri};

impl Exchange {
    /// A phone asks that whoever it talks with be connected elsewhere.
    pub(super) fn transfer(&mut self, by: CallId, to: &Uri, replaces: Option<&Replaces>) {
        let Some(leg) = self.legs.get(&by) else { return };
        let Doing::Bridge(with) = leg.doing else {
            self.transfer_of_a_service(by, to, replaces);
            return;
        };
        let target = replaces.map(|replaces| self.named(replaces));
        match target {
            Some(Some(target)) => {
                verb(leg.call.accept_transfer());
                self.join_lines(by, with, target);
            }
            // A call that this exchange does not know under that name (RFC 3891 section 3).
            Some(None) => verb(leg.call.refuse_transfer(481)),
            None => {
                verb(leg.call.accept_transfer());
                self.send_to(by, with, &to.user_text());
            }
        }
    }

    /// The leg that a transfer names.
    fn named(&self, replaces: &Replaces) -> Option<CallId> {
        let is_it = |wire: &Option<String>| wire.as_deref() == Some(replaces.call_id.as_str());
        self.legs.iter().find(|(_, leg)| is_it(&leg.wire_id)).map(|(id, _)| *id)
    }

    /// The two that one phone talks with talk with each other, and that phone leaves.
    fn join_lines(&mut self, by: CallId, with: CallId, target: CallId) {
        let Some(there) = self.legs.get(&target).map(|leg| leg.doing) else { return };
        if let Doing::Bridge(other) = there {
            self.pair(with, other);
            self.join(with, other);
        } else {
            self.give(with, there);
        }
        for id in [by, target] {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.doing = Doing::Leaving;
            }
        }
        if let Some(leg) = self.legs.get(&by) {
            verb(leg.call.transfer_stands(200, "OK"));
        }
        if let Some(leg) = self.legs.get(&target) {
            verb(leg.call.hang_up("Transferred"));
        }
    }

    /// `with` is connected to a number.
    fn send_to(&mut self, by: CallId, with: CallId, number: &str) {
        let service = Service::named(number);
        if let Some((code, reason)) = service.refusal() {
            self.tell(by, code, reason);
            return;
        }
        let doing = match service {
            Service::Account(login) => {
                let caller = self.legs.get(&with).map(|leg| (leg.who.clone(), leg.port));
                let Some((caller, port)) = caller else { return };
                let reached = self.reach(&login, &caller, None, Doing::Reached { with, by }, Some(port));
                if reached.is_err() {
                    self.tell(by, 480, "Nobody is registered there");
                }
                return;
            }
            Service::Echo => Doing::Echo,
            Service::Menu => Doing::Menu(Menu::begin().0),
            Service::CallBack => Doing::CallBack,
            Service::NoAnswer | Service::Early | Service::Busy | Service::Forbidden | Service::Nobody => {
                self.tell(by, 480, "Nobody answers there");
                return;
            }
        };
        self.tell(by, 200, "OK");
        if let Some(leg) = self.legs.get_mut(&by) {
            leg.doing = Doing::Leaving;
        }
        if let Some(leg) = self.legs.get(&with) {
            verb(self.engine.part(leg.port));
        }
        self.give(with, doing);
    }

    /// Whoever was reached for a transfer answered.
    pub(super) fn hand_over(&mut self, reached: CallId, with: CallId, by: CallId) {
        if !self.legs.contains_key(&with) {
            if let Some(leg) = self.legs.get(&reached) {
                verb(leg.call.hang_up("The caller hung up"));
            }
            return;
        }
        self.pair(reached, with);
        self.join(reached, with);
        self.tell(by, 200, "OK");
        if let Some(leg) = self.legs.get_mut(&by) {
            leg.doing = Doing::Leaving;
        }
    }

    /// At a service there is nobody to be handed on; the phone may still join a service with its other line.
    fn transfer_of_a_service(&mut self, by: CallId, to: &Uri, replaces: Option<&Replaces>) {
        let Some(leg) = self.legs.get(&by) else { return };
        let target = replaces.and_then(|replaces| self.named(replaces));
        let there = target.and_then(|target| self.legs.get(&target)).map(|leg| leg.doing);
        let Some(Doing::Bridge(other)) = there else {
            tracing::debug!(to = %to.host, "a service cannot be handed on");
            verb(leg.call.refuse_transfer(603));
            return;
        };
        verb(leg.call.accept_transfer());
        let service = leg.doing;
        for id in [Some(by), target].into_iter().flatten() {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.doing = Doing::Leaving;
            }
        }
        if let Some(leg) = self.legs.get(&other) {
            verb(self.engine.part(leg.port));
        }
        self.give(other, service);
        self.tell(by, 200, "OK");
        if let Some(leg) = target.and_then(|target| self.legs.get(&target)) {
            verb(leg.call.hang_up("Transferred"));
        }
    }

    fn pair(&mut self, one: CallId, other: CallId) {
        for (leg, with) in [(one, other), (other, one)] {
            if let Some(leg) = self.legs.get_mut(&leg) {
                leg.doing = Doing::Bridge(with);
            }
        }
    }

    fn tell(&self, by: CallId, code: u16, reason: &str) {
        if let Some(leg) = self.legs.get(&by) {
            verb(leg.call.transfer_stands(code, reason));
        }
    }
}
