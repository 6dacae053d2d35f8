//! The calls of a desk: which account has each, what it wants, and where its answers go.

use super::asks::Asking;
use super::{Desk, End, Event, HangUp};
use crate::call::ids::{Moment, PhoneId};
use crate::telegram::call::{About, Call, Input, Output, Peer, Reason, Request, Told};
use crate::telegram::signals::Signals;
use crate::telegram::store::{AccountId, Met};
use bytes::Bytes;
use domain::ids::UserId;
use std::collections::BTreeSet;
use std::time::Duration;

/// One call.
pub(super) struct Live {
    pub(super) user: UserId,
    pub(super) stage: Stage,
    /// Accounts that were asked to call and could not.
    pub(super) tried: BTreeSet<AccountId>,
    /// The soonest that one of them may call again.
    pub(super) flood: Option<Duration>,
    /// Counts the accounts that were tried, so that a late answer to one is not taken for the next one's.
    pub(super) turn: u32,
    due: Option<Moment>,
    pub(super) is_outgoing: bool,
    pub(super) is_over: bool,
}

/// How far a call is.
pub(super) enum Stage {
    /// An account is looked for.
    Seeking,
    /// An account has it.
    On(Box<On>),
}

/// A call that an account has.
pub(super) struct On {
    pub(super) met: Met,
    call: Call,
    /// Telegram's id, once it is known.
    pub(super) id: Option<i64>,
    signals: Option<Signals>,
    /// We have hung up, and Telegram is being told.
    parts: bool,
}

impl On {
    pub(super) fn new(met: Met, call: Call) -> Self {
        Self { met, call, id: None, signals: None, parts: false }
    }
}

impl Desk {
    /// Somebody calls.
    pub(super) async fn ring(&mut self, account: AccountId, about: About, g_a_hash: &[u8]) {
        let now = self.now();
        let load = self.load(account);
        let Some(service) = self.services.get(&account) else { return };
        let call = about.peer.id;
        if about.participant != service.me.0 || self.strays.has_ended(account, call) {
            return;
        }
        if load >= self.settings.calls_per_account {
            let peer = about.peer;
            let busy = Request::Discard { peer, reason: Reason::Busy, duration: Duration::ZERO };
            return self.farewell(account, busy);
        }
        match Call::incoming(service.me.0, about, g_a_hash, service.timers, now) {
            Ok(call) => {
                let phone = self.telegram.incoming();
                let user = UserId(about.admin);
                let met = Met { account, access_hash: 0 };
                self.calls.insert(phone, Live::new(user, Stage::On(Box::new(On::new(met, call))), false));
                self.tell(Event::Incoming { phone, user }).await;
                self.settle(phone).await;
            }
            Err(refusal) => self.farewell(account, refusal),
        }
    }

    pub(super) async fn answer(&mut self, phone: PhoneId) {
        self.give(phone, Input::Answer).await;
    }

    pub(super) async fn signal(&mut self, phone: PhoneId, packet: Bytes) {
        self.give(phone, Input::Signal(packet)).await;
    }

    pub(super) async fn hang_up(&mut self, phone: PhoneId, why: HangUp) {
        let seeking = self.calls.get(&phone).is_some_and(|live| matches!(live.stage, Stage::Seeking));
        if seeking {
            self.over(phone, End::HungUp).await;
        } else {
            self.give(phone, Input::HangUp(why)).await;
        }
    }

    /// Tells a call something that belongs to the account that it had then.
    pub(super) async fn give_in_turn(&mut self, phone: PhoneId, turn: u32, input: Input) {
        if self.calls.get(&phone).is_some_and(|live| live.turn == turn) {
            self.give(phone, input).await;
        }
    }

    /// Tells a call something, and does what it says.
    pub(super) async fn give(&mut self, phone: PhoneId, input: Input) {
        let now = self.now();
        let Some(Live { stage: Stage::On(on), .. }) = self.calls.get_mut(&phone) else { return };
        on.call.handle_input(input, now, &mut rand::rng());
        self.settle(phone).await;
    }

    pub(super) async fn wake(&mut self, phone: PhoneId) {
        let now = self.now();
        let Some(live) = self.calls.get_mut(&phone) else { return };
        live.due = None;
        if let Stage::On(on) = &mut live.stage {
            on.call.handle_timeout(now);
        }
        self.settle(phone).await;
    }

    /// Does what a call says, learns its id, and forgets it when it is done.
    pub(super) async fn settle(&mut self, phone: PhoneId) {
        loop {
            let Some(Live { stage: Stage::On(on), turn, user, .. }) = self.calls.get_mut(&phone) else {
                return;
            };
            match on.call.poll_output() {
                Some(Output::Ask(request)) => {
                    on.parts |= matches!(request, Request::Discard { .. });
                    let asking = Asking { phone, turn: *turn, user: *user, met: on.met };
                    self.ask(asking, request);
                }
                Some(Output::Tell(Told::Over(end))) => {
                    if self.try_another(phone, &end) {
                        return Box::pin(self.seek(phone)).await;
                    }
                    self.tell_over(phone, end).await;
                }
                Some(Output::Tell(told)) => self.pass_on(phone, told).await,
                None => match self.newly_known(phone) {
                    Some(input) => {
                        for input in input {
                            Box::pin(self.give(phone, input)).await;
                        }
                    }
                    None => break,
                },
            }
        }
        self.set_timer(phone);
        let done =
            matches!(self.calls.get(&phone), Some(Live { stage: Stage::On(on), .. }) if on.call.is_done());
        if done {
            self.forget(phone);
        }
    }

    /// What is kept about a call whose id has just been learnt; none if there is nothing new.
    fn newly_known(&mut self, phone: PhoneId) -> Option<Vec<Input>> {
        let Some(Live { stage: Stage::On(on), .. }) = self.calls.get_mut(&phone) else { return None };
        let peer = on.call.peer().filter(|_| on.id.is_none())?;
        let (id, account) = (peer.id, on.met.account);
        on.id = Some(id);
        self.open_calls.open(account, peer);
        self.by_id.insert((account, id), phone);
        Some(self.strays.take(account, id))
    }

    async fn pass_on(&self, phone: PhoneId, told: Told) {
        let event = match told {
            Told::Ringing => Event::Ringing { phone },
            Told::Begun(call) => Event::Begun { phone, call },
            Told::Signal(packet) => Event::Signal { phone, packet },
            Told::Over(end) => Event::Over { phone, end },
        };
        self.tell(event).await;
    }

    /// Ends a call that no account has.
    pub(super) async fn over(&mut self, phone: PhoneId, end: End) {
        self.tell_over(phone, end).await;
        self.forget(phone);
    }

    async fn tell_over(&mut self, phone: PhoneId, end: End) {
        let Some(live) = self.calls.get_mut(&phone) else { return };
        if !std::mem::replace(&mut live.is_over, true) {
            self.tell(Event::Over { phone, end }).await;
        }
    }

    fn forget(&mut self, phone: PhoneId) {
        let Some(live) = self.calls.remove(&phone) else { return };
        if let Some(due) = live.due {
            self.due.remove(&(due, phone));
        }
        if let Stage::On(on) = live.stage
            && let Some(id) = on.id
        {
            self.by_id.remove(&(on.met.account, id));
            // A good-bye writes it down once Telegram has it; a call of an account that is gone is ended by whoever works the
            // account next.
            if !on.parts && self.services.contains_key(&on.met.account) {
                self.open_calls.over(on.met.account, id);
            }
            self.strays.end(on.met.account, id);
        }
        metrics::gauge!("tandem_telegram_calls").set(self.calls.len() as f64);
    }

    fn set_timer(&mut self, phone: PhoneId) {
        let Some(live) = self.calls.get_mut(&phone) else { return };
        let next = match &live.stage {
            Stage::On(on) => on.call.poll_timeout(),
            Stage::Seeking => None,
        };
        if let Some(old) = std::mem::replace(&mut live.due, next) {
            self.due.remove(&(old, phone));
        }
        if let Some(next) = next {
            self.due.insert((next, phone));
        }
        metrics::gauge!("tandem_telegram_calls").set(self.calls.len() as f64);
    }

    /// Ends what a process left open that worked this account before.
    pub(super) fn end_left(&self, account: AccountId, left: Vec<Peer>) {
        for peer in left.into_iter().filter(|peer| !self.by_id.contains_key(&(account, peer.id))) {
            tracing::info!(%account, "ending a Telegram call that a dead process left behind");
            let (reason, duration) = (Reason::Disconnect, Duration::ZERO);
            self.farewell(account, Request::Discard { peer, reason, duration });
        }
    }

    /// The call whose request made what an update speaks of; none if two may have: a person was called, the call was hung
    /// up before Telegram had answered, and they were called once more.
    pub(super) fn maker_of(&self, account: AccountId, about: About) -> Option<PhoneId> {
        let is_maker = |live: &Live| match &live.stage {
            Stage::On(on) => on.met.account == account && on.call.may_have_made(about),
            Stage::Seeking => false,
        };
        let mut makers = self.calls.iter().filter(|(_, live)| is_maker(live)).map(|(phone, _)| *phone);
        let maker = makers.next()?;
        makers.next().is_none().then_some(maker)
    }

    /// An answer may have told which of two calls an update was about.
    pub(super) async fn place_strays(&mut self) {
        for (account, about) in self.strays.calls() {
            let Some(phone) = self.maker_of(account, about) else { continue };
            for input in self.strays.take(account, about.peer.id) {
                self.give(phone, input).await;
            }
        }
    }

    /// The calls of an account.
    pub(super) fn phones_of(&self, account: AccountId) -> Vec<PhoneId> {
        let has = |live: &Live| match &live.stage {
            Stage::On(on) => on.met.account == account,
            Stage::Seeking => false,
        };
        self.calls.iter().filter(|(_, live)| has(live)).map(|(phone, _)| *phone).collect()
    }

    /// How many calls an account has.
    pub(super) fn load(&self, account: AccountId) -> usize {
        self.phones_of(account).len()
    }

    /// Where signalling of a call goes.
    pub(super) fn signals_of(&mut self, phone: PhoneId) -> Option<&mut Option<Signals>> {
        match &mut self.calls.get_mut(&phone)?.stage {
            Stage::On(on) => Some(&mut on.signals),
            Stage::Seeking => None,
        }
    }
}

impl Live {
    pub(super) fn new(user: UserId, stage: Stage, is_outgoing: bool) -> Self {
        Self {
            user,
            stage,
            tried: BTreeSet::new(),
            flood: None,
            turn: 0,
            due: None,
            is_outgoing,
            is_over: false,
        }
    }
}
