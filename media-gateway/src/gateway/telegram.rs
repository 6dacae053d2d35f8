//! Telegram calls of people: each becomes a phone of the person, and what the state machine wants of it is done.

use super::{Gateway, Owner};
use crate::call::ids::PhoneId;
use crate::call::{Input, Party, SummonsFailure};
use crate::media::{EngineError, Failure, Load, PortId, Statistics};
use crate::service_chat::Told;
use crate::telegram::{End, Event, HangUp, whole_seconds};
use bytes::Bytes;
use domain::call::codes;
use domain::ids::UserId;

/// A Telegram call with a person.
#[derive(Debug)]
pub(super) struct TelegramCall {
    user: UserId,
    /// We called, and nobody has answered.
    rings: bool,
    /// Where its sound is, once it has begun.
    pub(super) port: Option<PortId>,
}

impl Gateway {
    /// Calls the person, unless there would be no room for the sound once they answer.
    pub(super) fn summon(&mut self, user: UserId) {
        if !self.has_room_for(1) {
            tracing::warn!("the gateway is full: nobody is called by Telegram");
            return self.defer(user, Input::SummonsFailed(no_port(&EngineError::Full)));
        }
        let telegram = &self.parts.telegram;
        let phone = telegram.new_phone();
        telegram.call(phone, user);
        tracing::debug!(%phone, "a person is called by Telegram");
        self.telegram_calls.insert(phone, TelegramCall { user, rings: true, port: None });
    }

    /// Gives up the call that rings.
    pub(super) fn dismiss(&mut self, user: UserId) {
        let rings = |(_, call): &(&PhoneId, &TelegramCall)| call.user == user && call.rings;
        if let Some(phone) = self.telegram_calls.iter().find(rings).map(|(phone, _)| *phone) {
            self.drop_telegram(phone, HangUp::Missed);
        }
    }

    /// Takes the person's call, if there is room for its sound.
    pub(super) fn let_in(&mut self, phone: PhoneId, user: UserId) {
        if self.has_room_for(0) {
            return self.parts.telegram.answer(phone);
        }
        tracing::warn!(%phone, "the gateway is full: a person's call is not taken");
        self.drop_telegram(phone, HangUp::Busy);
        self.defer(user, Input::PhoneClosed { phone });
    }

    /// Whether so many more Telegram calls find room, beside those that ring: their sound needs it when they are answered.
    fn has_room_for(&self, more: usize) -> bool {
        let ring = self.telegram_calls.values().filter(|call| call.port.is_none()).count();
        has_room(&self.parts.engine.load(), ring + more)
    }

    /// Refuses the person's call: nothing waits for them.
    pub(super) fn turn_away(&mut self, phone: PhoneId, user: UserId) {
        self.drop_telegram(phone, HangUp::Busy);
        self.tell_service_chat(Told::NothingWaits { user });
    }

    /// Hangs up, if it is a Telegram call.
    pub(super) fn drop_telegram(&mut self, phone: PhoneId, why: HangUp) {
        if self.forget_telegram(phone).is_some() {
            self.parts.telegram.hang_up(phone, why);
        }
    }

    fn forget_telegram(&mut self, phone: PhoneId) -> Option<TelegramCall> {
        let call = self.telegram_calls.remove(&phone)?;
        self.sounds.remove(&(call.user, Party::Phone(phone)));
        if let Some(port) = call.port {
            self.by_port.remove(&port);
            if let Some(statistics) = self.parts.engine.statistics(port) {
                tell_quality(phone, &statistics);
            }
            self.parts.engine.close(port);
        }
        Some(call)
    }

    pub(super) fn hear_telegram(&mut self, event: Event) {
        match event {
            Event::Changed => self.telegram_changed(),
            Event::Ringing { phone } => tracing::debug!(%phone, "their phone rings"),
            Event::Incoming { phone, user } => self.called_by_person(phone, user),
            Event::Begun { phone, call } => self.telegram_begun(phone, *call),
            Event::Signal { phone, packet } => {
                let port = self.telegram_calls.get(&phone).and_then(|call| call.port);
                // A packet that is lost is sent again by the far side.
                _ = port.map(|port| self.parts.engine.signal(port, packet));
            }
            Event::Over { phone, end } => self.telegram_over(phone, &end),
            Event::Written { user, message } => self.tell_service_chat(Told::Written { user, message }),
        }
    }

    fn telegram_changed(&mut self) {
        let on = self.parts.telegram.is_on();
        tracing::info!(on, "whether people can be called by Telegram has changed");
        for user in self.users.keys().copied().collect::<Vec<_>>() {
            self.tell(user, Input::Summonable(on));
        }
    }

    fn called_by_person(&mut self, phone: PhoneId, user: UserId) {
        if !self.held.borrow().has(user) {
            self.parts.telegram.hang_up(phone, HangUp::Busy);
            return;
        }
        self.telegram_calls.insert(phone, TelegramCall { user, rings: false, port: None });
        self.tell(user, Input::CalledByPerson { phone });
    }

    /// Both ends have the key: sound is on its way.
    fn telegram_begun(&mut self, phone: PhoneId, config: tgcalls::call::Config) {
        let Some(user) = self.telegram_calls.get(&phone).map(|call| call.user) else {
            self.parts.telegram.hang_up(phone, HangUp::Hangup);
            return;
        };
        match self.parts.engine.open_telegram(config, None) {
            Ok(port) => {
                self.by_port.insert(port, Owner::Phone(phone));
                if let Some(call) = self.telegram_calls.get_mut(&phone) {
                    (call.port, call.rings) = (Some(port), false);
                }
                self.tell(user, Input::SummonsAnswered { phone });
            }
            Err(error) => {
                tracing::warn!(%phone, %error, "no port for a Telegram call");
                self.drop_telegram(phone, HangUp::Disconnect);
                self.tell(user, Input::SummonsFailed(no_port(&error)));
                self.tell(user, Input::PhoneClosed { phone });
            }
        }
    }

    fn telegram_over(&mut self, phone: PhoneId, end: &End) {
        let Some(call) = self.forget_telegram(phone) else { return };
        tracing::debug!(%phone, ?end, "a Telegram call is over");
        let input = match (call.rings, failure(end)) {
            (true, failure) => Input::SummonsFailed(failure),
            (false, SummonsFailure::Declined) if call.port.is_some() => Input::HungUpByPerson { phone },
            (false, _) => Input::PhoneClosed { phone },
        };
        self.tell(call.user, input);
    }

    /// The sound of a Telegram call is there.
    pub(super) fn telegram_sounds(&mut self, phone: PhoneId) {
        let Some(user) = self.telegram_calls.get(&phone).map(|call| call.user) else { return };
        self.tell(user, Input::PhoneSound { phone });
        self.renew_sound(user, Party::Phone(phone));
    }

    /// The sound of a Telegram call is lost for good.
    pub(super) fn telegram_lost(&mut self, phone: PhoneId, failure: Failure) {
        let Some(user) = self.telegram_calls.get(&phone).map(|call| call.user) else { return };
        let (why, input) = match failure {
            // An app that hangs up closes the sound at once, and that may be here before Telegram's word.
            Failure::Closed => (HangUp::Hangup, Input::HungUpByPerson { phone }),
            Failure::NoPath | Failure::PathLost | Failure::Protocol => {
                (HangUp::Disconnect, Input::PhoneClosed { phone })
            }
        };
        self.drop_telegram(phone, why);
        self.tell(user, input);
    }

    pub(super) fn telegram_signals(&self, phone: PhoneId, message: Bytes) {
        if self.telegram_calls.contains_key(&phone) {
            self.parts.telegram.signal(phone, message);
        }
    }

    fn tell_service_chat(&self, told: Told) {
        if self.parts.service_chat.try_send(told).is_err() {
            tracing::warn!("what people write to service accounts comes too fast; something was left unread");
        }
    }
}

/// How a call was heard, for the log and the metrics.
fn tell_quality(phone: PhoneId, statistics: &Statistics) {
    let Statistics { received, sent, lost, loss_reported, jitter, round_trip, delay, mos, .. } = statistics;
    let (jitter_ms, delay_ms) = (jitter.as_millis(), delay.as_millis());
    let round_trip_ms = round_trip.map(|time| time.as_millis());
    tracing::info!(
        %phone, received, sent, lost, loss_reported, jitter_ms, ?round_trip_ms, delay_ms, mos,
        "how a Telegram call was heard"
    );
    metrics::histogram!("tandem_telegram_mos").record(f64::from(*mos));
    metrics::histogram!("tandem_telegram_delay_seconds").record(delay.as_secs_f64());
}

fn has_room(load: &Load, calls: usize) -> bool {
    load.ports + calls <= load.capacity
}

/// The sound of a call has no place here.
fn no_port(error: &EngineError) -> SummonsFailure {
    let (code, reason) = match error {
        EngineError::Full => (503, "The gateway is full"),
        EngineError::NoSuchPort
        | EngineError::Busy
        | EngineError::NoFreePorts
        | EngineError::CannotJoin
        | EngineError::BadOffer(_)
        | EngineError::Io(_) => codes::TELEGRAM_CALL_LOST,
    };
    SummonsFailure::Unreachable { code, reason: reason.to_owned() }
}

/// What the end of a call means to those who waited for an answer.
fn failure(end: &End) -> SummonsFailure {
    let (code, reason) = end.code();
    let reason = reason.into_owned();
    match end {
        // Whoever hangs up on a call that rings refuses it.
        End::HungUp | End::Declined => SummonsFailure::Declined,
        End::Missed => SummonsFailure::Missed,
        End::Flood { retry } => SummonsFailure::Flood { retry_after: whole_seconds(*retry) },
        End::Lost
        | End::Elsewhere
        | End::Restricted
        | End::Unknown
        | End::Outdated
        | End::Refused { .. }
        | End::Slow => SummonsFailure::Unreachable { code, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_that_ring_need_their_room_already() {
        let load = Load { ports: 7, capacity: 10, overruns: 0, dropped: 0 };
        assert!(has_room(&load, 3) && !has_room(&load, 4));
    }

    #[test]
    fn a_full_gateway_is_told_from_one_that_has_another_trouble() {
        let full = SummonsFailure::Unreachable { code: 503, reason: "The gateway is full".to_owned() };
        assert_eq!(no_port(&EngineError::Full), full);
        let (code, reason) = codes::TELEGRAM_CALL_LOST;
        assert_eq!(
            no_port(&EngineError::Busy),
            SummonsFailure::Unreachable { code, reason: reason.to_owned() }
        );
    }
}
