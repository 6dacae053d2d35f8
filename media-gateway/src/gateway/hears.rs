//! What happens outside, told to the state machines.

use super::leg::Leg;
use super::phones::{self, Phone};
use super::{Gateway, Owner};
use crate::call::choose::{Candidate, Choice, Fit, choose};
use crate::call::ids::{CallId, PhoneId};
use crate::call::keypad::Key;
use crate::call::limits::PHONES;
use crate::call::{Input, Invitation, Order, Party, SipEvent, Successor, TransferTo, Verb, caller};
use crate::directory::Line;
use crate::farewells::Change;
use crate::follow::Request;
use crate::media;
use crate::phone::frames::{ByeReason, CallFrame, ClientFrame, ServerFrame};
use crate::phone::words::Trouble;
use crate::phone::{PhoneEvent, PhoneLink};
use crate::registrations::{self, Told};
use crate::telegram::Telegram;
use domain::call::{Action, MAX_NUMBER, Signal, codes};
use domain::ids::{AccountNumber, UserId};
use event_store::signals::Heard;
use sip::CallEvent;
use uuid::Uuid;

impl Gateway {
    pub(super) fn hear_sip(&mut self, event: sip::Event) {
        match event {
            sip::Event::Registration { account, state } => {
                if let Some(account) = registrations::account(account) {
                    self.tell_registrations(Told::State(account, state));
                }
            }
            sip::Event::Incoming { call, account, invitation } => self.invited(call, account, invitation),
            sip::Event::Call { id, event } => {
                let Some((user, leg)) = self.by_sip.get(&id).copied() else { return };
                let Some(dialog) = self.legs.get_mut(&(user, leg)) else { return };
                let up = matches!(event, CallEvent::Answered { .. } | CallEvent::Acknowledged { .. });
                let keep = up.then(|| Change::Keep { call: dialog.call.clone(), account: dialog.account });
                let heard = dialog.hear(event);
                keep.into_iter().for_each(|keep| self.change_farewells(keep));
                let Some(event) = heard else { return };
                if let SipEvent::Ended(_) = event {
                    self.forget_leg(user, leg);
                }
                self.tell(user, Input::Sip { leg, event });
            }
        }
    }

    /// Keeps or drops the last word of a call.
    pub(super) fn change_farewells(&self, change: Change) {
        if self.parts.farewells.try_send(change).is_err() {
            tracing::warn!("last words of calls can't be kept as fast as calls come and go");
        }
    }

    /// Somebody calls one of the accounts.
    fn invited(&mut self, call: sip::Call, account: Option<sip::AccountKey>, invitation: sip::Invitation) {
        let line = account.and_then(registrations::account).and_then(|account| self.line(account));
        let held = self.held.borrow().clone();
        let Some(line) = line.filter(|line| held.has(line.user)) else {
            _ = call.reject(404, "Not Found");
            return;
        };
        if let Some(old) = invitation.replaces {
            return self.replaced(&call, &line, old, &invitation);
        }
        let Ok(port) = self.parts.engine.open_rtp(None) else {
            _ = call.reject(503, "Service Unavailable");
            return;
        };
        let user = line.user;
        let negotiation = Leg::negotiation(&line, &port, self.parts.address);
        let mut dialog = Leg::new(&self.parts.engine, call, &line, port, negotiation);
        dialog.invited_with = Some(invitation.offer.clone());
        let unlimited = self.parts.manual_recording_unlimited;
        let asked = Invitation {
            call: new_call(),
            account: line.for_calls(unlimited),
            number: caller::number(&invitation.from.user_text()),
            name: invitation.from_name.as_deref().and_then(caller::name),
        };
        tracing::info!(call = %asked.call, account = %line.number, "a call comes in");
        let leg = self.calls_of(user).new_leg();
        self.add_leg(user, leg, dialog);
        self.tell(user, Input::Invited { invitation: asked, leg });
    }

    /// Somebody wants to take the place of a far end, as after an attended transfer among phones of the PBX (RFC 3891
    /// section 3). Only within one account: nobody else's calls are theirs to take.
    fn replaced(&mut self, call: &sip::Call, line: &Line, old: sip::CallId, invitation: &sip::Invitation) {
        let refuse = |code| _ = call.reject(code, codes::reason(code));
        let known = self.by_sip.get(&old).copied().filter(|key| {
            key.0 == line.user && self.legs.get(key).is_some_and(|leg| leg.account == line.number)
        });
        let Some((user, old)) = known else { return refuse(481) };
        if !self.users.get(&user).is_some_and(|calls| calls.can_be_replaced(old)) {
            return refuse(603);
        }
        let Ok(port) = self.parts.engine.open_rtp(None) else { return refuse(503) };
        let negotiation = Leg::negotiation(line, &port, self.parts.address);
        let mut dialog = Leg::new(&self.parts.engine, call.clone(), line, port, negotiation);
        dialog.invited_with = Some(invitation.offer.clone());
        if let Err(code) = dialog.answer() {
            self.parts.engine.close(dialog.port);
            return refuse(code);
        }
        let successor = Successor {
            number: caller::number(&invitation.from.user_text()),
            name: invitation.from_name.as_deref().and_then(caller::name),
            telephone_event: dialog.telephone_event(),
        };
        tracing::info!(account = %line.number, "somebody takes the place of a far end");
        let new = self.calls_of(user).new_leg();
        self.add_leg(user, new, dialog);
        self.tell(user, Input::Replaced { old, new, successor });
    }

    pub(super) fn hear_media(&mut self, event: media::Event) {
        match event {
            media::Event::Failed { port, failure } => match self.by_port.get(&port).copied() {
                Some(Owner::Phone(phone)) if Telegram::is_telegram(phone) => {
                    tracing::info!(%phone, ?failure, "the sound of a Telegram call is lost");
                    self.telegram_lost(phone, failure);
                }
                Some(Owner::Phone(phone)) => {
                    tracing::debug!(%phone, ?failure, "the sound of a phone is lost");
                    self.close_port(phone);
                    self.tell_of(phone, Input::PhoneSilent { phone });
                }
                Some(Owner::Leg((user, leg))) => self.tell(user, Input::Silent { leg }),
                None => {}
            },
            media::Event::Silent { port, .. } => {
                if let Some(Owner::Leg((user, leg))) = self.by_port.get(&port).copied() {
                    self.tell(user, Input::Silent { leg });
                }
            }
            media::Event::RecordingChunk { recording, bytes } => self.recordings.chunk(recording, bytes),
            media::Event::RecordingFinished { recording, length, ending, .. } => {
                let user = |call: &CallId| self.calls.get(call).map(|of| of.user);
                if let Some(call) = self.recordings.finished(recording, length, ending)
                    && let Some(user) = user(&call)
                {
                    self.tell(user, Input::RecordingEnded { call, whole: true });
                }
            }
            media::Event::Connected { port } => {
                if let Some(Owner::Phone(phone)) = self.by_port.get(&port).copied() {
                    self.telegram_sounds(phone);
                }
            }
            media::Event::Signal { port, message } => {
                if let Some(Owner::Phone(phone)) = self.by_port.get(&port).copied() {
                    self.telegram_signals(phone, message);
                }
            }
            media::Event::Disconnected { .. }
            | media::Event::Heard { .. }
            | media::Event::Digit { .. }
            | media::Event::DigitsSent { .. }
            | media::Event::Played { .. } => {}
        }
    }

    pub(super) fn hear_request(&mut self, request: Request) {
        let Request { call, user, account, number, dialled, callback } = request;
        let Some(line) = self.line(account).filter(|line| line.user == user) else {
            tracing::info!(%call, %account, "a call through an account that is not there is left alone");
            return;
        };
        let account = line.for_calls(self.parts.manual_recording_unlimited);
        self.tell(user, Input::Requested { order: Order { call, account, number, dialled }, callback });
    }

    pub(super) fn take_signal(&mut self, heard: Heard) {
        let Signal { call, by, action } = match heard {
            Heard::Signal(signal) => signal,
            Heard::Missed(count) => {
                tracing::warn!(count, "signals were missed");
                return;
            }
        };
        let verb = match action {
            Action::Digit(digit) => Verb::Press(vec![Key::Digit(digit)]),
            Action::HangUp => Verb::HangUp,
            Action::Decline => Verb::Decline,
            Action::Hold => Verb::Hold,
            Action::Resume => Verb::Resume,
            Action::Switch => Verb::Switch,
            Action::Transfer { to: None } => Verb::Transfer(TransferTo::Line),
            Action::Transfer { to: Some(number) } => {
                let dialled = call.and_then(|call| self.ruled(call, number.as_str()));
                let Some(dialled) = dialled else { return };
                Verb::Transfer(TransferTo::Number(dialled))
            }
            Action::Record(on) => Verb::Record(on),
            Action::Reconnect { account } => {
                let mine = self.line(account).is_some_and(|line| line.user == by || line.owner == by);
                if mine {
                    self.tell_registrations(Told::Refresh(account));
                }
                return;
            }
        };
        // Only a person's own calls are known to their state machine, so nobody touches another's.
        if self.users.contains_key(&by) {
            self.tell(by, Input::Asked { phone: None, call, verb });
        }
    }

    /// A number after the rules of the account of a call; none where a filter refuses it.
    fn ruled(&self, call: CallId, number: &str) -> Option<String> {
        let line = self.line(self.calls.get(&call)?.account)?;
        match choose([&line.candidate(true)], number) {
            Choice::One(fit) => Some(fit.dialled),
            Choice::None | Choice::Several(_) => None,
        }
    }

    fn tell_registrations(&self, told: Told) {
        // The loop there only ever waits for a password to be opened.
        if self.parts.registrations.try_send(told).is_err() {
            tracing::warn!("registrations do not keep up with what they are told");
        }
    }

    pub(super) fn hear_phone(&mut self, event: PhoneEvent) {
        match event {
            PhoneEvent::Opened(link) => self.phone_opened(link),
            PhoneEvent::Said { phone, frame } => self.phone_said(phone, frame),
            PhoneEvent::Closed { phone } => {
                if let Some(gone) = self.forget_phone(phone) {
                    self.tell(gone.link.user, Input::PhoneClosed { phone });
                }
            }
        }
    }

    fn phone_opened(&mut self, link: PhoneLink) {
        let (phone, user) = (link.phone, link.user);
        tracing::debug!(%phone, "a phone is there");
        self.phones.insert(phone, Phone::new(link));
        if !self.held.borrow().has(user) {
            return self.send_away(phone);
        }
        self.put_out_oldest(user);
        let directory = self.parts.directory.borrow().clone();
        let accounts = phones::accounts_of(&directory, user, &self.parts.states);
        if let Some(phone) = self.phones.get_mut(&phone) {
            phone.show_accounts(accounts.clone());
        }
        self.tell(user, Input::PhoneOpened { phone, sound: false });
        let wall = self.wall();
        let servers = self.parts.ice.for_user(&user.to_string(), wall.time.timestamp().unsigned_abs());
        let Some(phone) = self.phones.get_mut(&phone) else { return };
        phone.ready = true;
        let calls: Vec<CallFrame> = phone.calls.values().cloned().collect();
        let (name, now) = (phone.link.name.clone(), wall.time.timestamp_millis());
        let user = user.0;
        phone.tell(ServerFrame::Ready { version: 1, user, name, now, accounts, ice_servers: servers, calls });
    }

    /// One phone too many: the one that has been there longest makes room.
    fn put_out_oldest(&mut self, user: UserId) {
        let of = self.phones.values().filter(|phone| phone.link.user == user).map(|phone| phone.link.phone);
        let of: Vec<PhoneId> = of.collect();
        let Some(oldest) = of.first().filter(|_| of.len() > PHONES) else { return };
        if let Some(gone) = self.forget_phone(*oldest) {
            gone.bye(ByeReason::Replaced, None);
            self.tell(user, Input::PhoneClosed { phone: *oldest });
        }
    }

    pub(super) fn forget_phone(&mut self, phone: PhoneId) -> Option<Phone> {
        self.close_port(phone);
        let gone = self.phones.remove(&phone)?;
        self.sounds.remove(&(gone.link.user, Party::Phone(phone)));
        Some(gone)
    }

    fn close_port(&mut self, phone: PhoneId) {
        if let Some(port) = self.phones.get_mut(&phone).and_then(|phone| phone.port.take()) {
            self.by_port.remove(&port);
            self.parts.engine.close(port);
        }
    }

    fn tell_of(&mut self, phone: PhoneId, input: Input) {
        if let Some(user) = self.phones.get(&phone).map(|phone| phone.link.user) {
            self.tell(user, input);
        }
    }

    fn phone_said(&mut self, phone: PhoneId, frame: ClientFrame) {
        let of = frame.name();
        if !self.phones.contains_key(&phone) {
            return;
        }
        let done = match frame {
            ClientFrame::Media { offer } => self.offered_sound(phone, &offer),
            ClientFrame::Candidate { candidate } => {
                let port = self.phones.get(&phone).and_then(|phone| phone.port);
                if let Some(port) = port {
                    // A candidate that is of no use is passed over (RFC 8839 section 5.1).
                    _ = self.parts.engine.add_candidate(port, &candidate);
                }
                Ok(())
            }
            ClientFrame::Dial { number, account } => self.dialled(phone, number, account.as_deref()),
            ClientFrame::Answer { call } => self.asked(phone, &call, Verb::Answer),
            ClientFrame::Decline { call } => self.asked(phone, &call, Verb::Decline),
            ClientFrame::Hangup { call } => self.asked(phone, &call, Verb::HangUp),
            ClientFrame::Hold { call } => self.asked(phone, &call, Verb::Hold),
            ClientFrame::Resume { call } => self.asked(phone, &call, Verb::Resume),
            ClientFrame::Switch {} => {
                self.tell_of(phone, Input::Asked { phone: Some(phone), call: None, verb: Verb::Switch });
                Ok(())
            }
            ClientFrame::Transfer { call, to } => self.transferred(phone, &call, &to),
            ClientFrame::Digits { call, digits } => {
                match Key::parse(&digits).filter(|keys| !keys.is_empty() && keys.len() <= 32) {
                    Some(keys) => self.asked(phone, &call, Verb::Press(keys)),
                    None => Err(Trouble::NotUnderstood),
                }
            }
            ClientFrame::Record { call, on } => self.asked(phone, &call, Verb::Record(on)),
            ClientFrame::Hello { .. } | ClientFrame::Ping {} => Err(Trouble::NotUnderstood),
        };
        if let (Err(trouble), Some(phone)) = (done, self.phones.get(&phone)) {
            phone.refuse(of, None, trouble);
        }
    }

    /// A browser's connection, in place of the one before.
    fn offered_sound(&mut self, phone: PhoneId, offer: &str) -> Result<(), Trouble> {
        let opened = self.parts.engine.open_browser(offer, None).map_err(|error| {
            tracing::debug!(%phone, %error, "a phone's sound could not be set up");
            match error {
                media::EngineError::BadOffer(_) => Trouble::BadOffer,
                media::EngineError::NoSuchPort
                | media::EngineError::Full
                | media::EngineError::Busy
                | media::EngineError::NoFreePorts
                | media::EngineError::CannotJoin
                | media::EngineError::Io(_) => Trouble::NotNow,
            }
        })?;
        self.close_port(phone);
        self.by_port.insert(opened.port, Owner::Phone(phone));
        let Some(known) = self.phones.get_mut(&phone) else { return Ok(()) };
        known.port = Some(opened.port);
        known.tell(ServerFrame::Media { answer: opened.answer });
        let user = known.link.user;
        self.renew_sound(user, Party::Phone(phone));
        self.tell(user, Input::PhoneSound { phone });
        Ok(())
    }

    fn dialled(&mut self, phone: PhoneId, number: String, account: Option<&str>) -> Result<(), Trouble> {
        let user = self.phones.get(&phone).map(|phone| phone.link.user).ok_or(Trouble::NotNow)?;
        let number = number.trim().to_owned();
        if number.is_empty() {
            self.tell(user, Input::PickedUp { phone });
            return Ok(());
        }
        if number.chars().count() > MAX_NUMBER || number.chars().any(char::is_control) {
            return Err(Trouble::NotUnderstood);
        }
        let wanted: Option<AccountNumber> = match account {
            Some(text) => Some(text.parse().map_err(|_| Trouble::NotYourAccount)?),
            None => None,
        };
        let directory = self.parts.directory.borrow().clone();
        let unlimited = self.parts.manual_recording_unlimited;
        let of = directory.of(user).filter(|line| wanted.is_none_or(|wanted| wanted == line.number));
        let candidates: Vec<Candidate> = of.map(|line| line.candidate(unlimited)).collect();
        if candidates.is_empty() && wanted.is_some() {
            return Err(Trouble::NotYourAccount);
        }
        match choose(&candidates, &number) {
            Choice::None => Err(Trouble::NoLines),
            Choice::One(Fit { account, dialled }) => {
                let order = Order { call: new_call(), account, number, dialled };
                self.tell(user, Input::Dialled { phone, order });
                Ok(())
            }
            Choice::Several(fits) => {
                let lines = fits.iter().filter_map(|fit| directory.line(fit.account.number));
                let accounts = phones::accounts(lines, &self.parts.states);
                if let Some(phone) = self.phones.get(&phone) {
                    phone.tell(ServerFrame::Choose { number, accounts });
                }
                Ok(())
            }
        }
    }

    fn transferred(&mut self, phone: PhoneId, call: &str, to: &str) -> Result<(), Trouble> {
        if to == "line" {
            return self.asked(phone, call, Verb::Transfer(TransferTo::Line));
        }
        let named: CallId = call.parse().map_err(|_| Trouble::NotUnderstood)?;
        let dialled = self.ruled(named, to.trim()).ok_or(Trouble::NoLines)?;
        self.asked(phone, call, Verb::Transfer(TransferTo::Number(dialled)))
    }

    fn asked(&mut self, phone: PhoneId, call: &str, verb: Verb) -> Result<(), Trouble> {
        let call: CallId = call.parse().map_err(|_| Trouble::NotUnderstood)?;
        self.tell_of(phone, Input::Asked { phone: Some(phone), call: Some(call), verb });
        Ok(())
    }
}

fn new_call() -> CallId {
    CallId::from_bits(Uuid::now_v7().as_u128())
}
