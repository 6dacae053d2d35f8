//! One call between a service account and a person, from the first request until it is over: a state machine without I/O
//! (<https://core.telegram.org/api/end-to-end/voice-calls>).
//!
//! After every input take all of [`Call::poll_output`]; wake it at [`Call::poll_timeout`]. Time is handed in.

mod ends;
mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;
mod words;

pub(super) use ends::of_request;
pub(super) use words::{About, Agreed, Input, Output, Peer, Reason, Request, Told, Trouble, Update};

use super::event::End;
use crate::call::ids::Moment;
use bytes::Bytes;
use rand::RngCore;
use std::collections::VecDeque;
use std::time::Duration;
use tgcalls::call::Config;
use tgcalls::emoji::emoji;
use tgcalls::exchange::{self, Callee, Caller};
use tgcalls::group::Group;
use tgcalls::key::Role;
use tgcalls::version;

/// Packets of the far side that may come before the key is there.
const EARLY: usize = 256;

/// How long calls may take; the first three are Telegram's settings (`help.getConfig`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timers {
    /// Until the person's app has got the call: `call_receive_timeout_ms`.
    pub(super) receive: Duration,
    /// Until somebody answers: `call_ring_timeout_ms`.
    pub(super) ring: Duration,
    /// Until both ends have the key: `call_connect_timeout_ms`.
    pub(super) connect: Duration,
    /// Until Telegram answers a request that makes a call.
    pub(super) answer: Duration,
}

impl Default for Timers {
    fn default() -> Self {
        Self {
            receive: Duration::from_secs(20),
            ring: Duration::from_secs(90),
            connect: Duration::from_secs(30),
            answer: Duration::from_secs(20),
        }
    }
}

/// A call that was hung up while `phone.requestCall` was on its way is watched for so long, to discard what it made.
const LEAVING: Duration = Duration::from_secs(60);

/// `phone.confirmCall` was done, but the answer, which says where the sound goes, is lost. Should Telegram tell it by an
/// update, that comes at once; if none comes for so long, the call has no sound.
const CONFIRMED: Duration = Duration::from_secs(5);

#[derive(Debug)]
enum State {
    /// We call: the group is asked for.
    Preparing {
        random_id: i32,
    },
    /// We call: `phone.requestCall` is on its way.
    Requesting {
        secret: Caller,
    },
    /// We call: it rings, or will. `received`: it does.
    Ringing {
        peer: Peer,
        secret: Caller,
        received: bool,
    },
    /// We call: they took it; `phone.confirmCall` is on its way.
    Confirming {
        peer: Peer,
        agreed: exchange::Agreed,
    },
    /// They call.
    Offered {
        peer: Peer,
        commitment: [u8; 32],
    },
    /// They call, we answer: the group is asked for.
    Taking {
        peer: Peer,
        commitment: [u8; 32],
    },
    /// They call, `phone.acceptCall` is on its way or done: their public value comes next.
    Accepting {
        peer: Peer,
        secret: Callee,
    },
    /// Both have the key.
    Talking {
        peer: Peer,
        since: Moment,
    },
    /// Over for everybody here; the answer to `phone.requestCall` is still to come.
    Leaving,
    Done,
}

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    me: i64,
    user: i64,
    timers: Timers,
    state: State,
    early: VecDeque<Bytes>,
    outputs: VecDeque<Output>,
    deadline: Option<Moment>,
    is_over: bool,
}

impl Call {
    fn new(me: i64, user: i64, timers: Timers, state: State) -> Self {
        Self {
            me,
            user,
            timers,
            state,
            early: VecDeque::new(),
            outputs: VecDeque::new(),
            deadline: None,
            is_over: false,
        }
    }

    /// The next thing to be done.
    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to wake it, if nothing comes before.
    pub(super) fn poll_timeout(&self) -> Option<Moment> {
        self.deadline
    }

    /// Whether it can be forgotten, once its outputs are taken.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    /// Telegram's id of the call, once there is one.
    pub(super) fn id(&self) -> Option<i64> {
        self.peer().map(|peer| peer.id)
    }

    /// What Telegram knows the call by, once there is one.
    pub(super) fn peer(&self) -> Option<Peer> {
        match &self.state {
            State::Preparing { .. } | State::Requesting { .. } | State::Leaving | State::Done => None,
            State::Ringing { peer, .. }
            | State::Confirming { peer, .. }
            | State::Offered { peer, .. }
            | State::Taking { peer, .. }
            | State::Accepting { peer, .. }
            | State::Talking { peer, .. } => Some(*peer),
        }
    }

    /// Whether this call made what an update of an unknown call speaks of: `phone.requestCall` has not answered yet, and
    /// updates may overtake its answer.
    pub(super) fn may_have_made(&self, about: About) -> bool {
        matches!(self.state, State::Requesting { .. } | State::Leaving) && self.is_mine(about)
    }

    /// Takes one input.
    pub(super) fn handle_input(&mut self, input: Input, now: Moment, random: &mut dyn RngCore) {
        match input {
            Input::Group(answer) => self.group_came(answer, now, random),
            Input::Answered { answer: Ok(update), .. } => self.answered(update, now),
            Input::Answered { answer: Err(trouble), repeated } => self.refused(trouble, repeated, now),
            Input::Update(update) => self.updated(update, now),
            Input::Far(packet) => self.far_signalled(packet),
            Input::SignalRefused => self.signal_refused(now),
            Input::AccountGone => self.over(End::Lost),
            Input::Answer => self.answer(now),
            Input::HangUp(why) => self.hang_up(why, now),
            Input::Signal(packet) => self.signal(packet),
        }
    }

    /// Tells it that it is later.
    pub(super) fn handle_timeout(&mut self, now: Moment) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        match &self.state {
            State::Preparing { .. } => self.over(End::Slow),
            State::Requesting { .. } => self.leave(End::Slow, now),
            State::Ringing { peer, .. } | State::Offered { peer, .. } => {
                self.discard(*peer, Reason::Missed, Duration::ZERO);
                self.over(End::Missed);
            }
            State::Confirming { peer, .. } | State::Taking { peer, .. } | State::Accepting { peer, .. } => {
                self.fail(*peer, End::Slow);
            }
            State::Leaving => self.state = State::Done,
            State::Talking { .. } | State::Done => {}
        }
    }

    /// The group for the key came: the caller commits to a value, the callee shows one.
    fn group_came(
        &mut self,
        answer: Result<Box<(Group, Vec<u8>)>, Trouble>,
        now: Moment,
        random: &mut dyn RngCore,
    ) {
        let (group, bytes) = match answer {
            Ok(answer) => *answer,
            Err(trouble) => return self.no_group(trouble),
        };
        if let State::Preparing { random_id } = self.state {
            let secret = Caller::new(group, &bytes, random);
            self.ask(Request::Ring { random_id, g_a_hash: secret.commitment() });
            self.go(State::Requesting { secret }, now + self.timers.answer);
        } else if let State::Taking { peer, commitment } = self.state {
            let secret = Callee::new(group, &bytes, commitment, random);
            self.ask(Request::Accept { peer, g_b: Box::new(secret.public_value()) });
            self.go(State::Accepting { peer, secret }, now + self.timers.connect);
        }
    }

    fn no_group(&mut self, trouble: Trouble) {
        if let State::Preparing { .. } = self.state {
            self.over(ends::of_request(trouble));
        } else if let State::Taking { peer, .. } = self.state {
            self.fail(peer, ends::of_request(trouble));
        }
    }

    /// Telegram told something, by an update or in an answer that is none of the awaited ones.
    fn updated(&mut self, update: Update, now: Moment) {
        match update {
            Update::Waiting { about, received } => self.waits(about, received, now),
            Update::Accepted { about, g_b } => self.accepted(about, &g_b, now),
            Update::Agreed(agreed) => self.agreed(*agreed, now),
            Update::Discarded { id, reason } => self.discarded(id, reason),
            Update::Empty { id } => self.discarded(id, None),
            // The call that this object is about was requested already.
            Update::Requested { .. } => {}
        }
    }

    /// A request that has an answer was answered.
    fn answered(&mut self, update: Update, now: Moment) {
        // An ended call is named by its id alone, and before this answer there was none.
        if let (State::Requesting { .. }, Update::Discarded { reason, .. }) = (&self.state, &update) {
            return self.over(ends::while_ringing(*reason));
        }
        if matches!(self.state, State::Leaving) && update.about().is_none() {
            self.state = State::Done;
            return;
        }
        self.updated(update, now);
    }

    /// A request was refused, or can't be made.
    fn refused(&mut self, trouble: Trouble, repeated: bool, now: Moment) {
        match &self.state {
            // Our own repetition, after the answer to the first was lost: an update will name the call.
            State::Requesting { .. } | State::Leaving if trouble.is_repetition() => {}
            // It may have been done all the same.
            State::Requesting { .. } if trouble == Trouble::Unreachable || trouble.is_slow() => {
                self.leave(ends::of_request(trouble), now);
            }
            State::Requesting { .. } => self.over(ends::of_request(trouble)),
            // As above: the key comes by an update, if it comes.
            State::Accepting { .. } if repeated && trouble.may_be_repetition() => {}
            State::Confirming { .. } if repeated && trouble.may_be_repetition() => {
                self.deadline = self.deadline.map(|deadline| deadline.min(now + CONFIRMED));
            }
            // It goes on elsewhere, or is over: discarding it would hang up on another device.
            State::Accepting { .. } if trouble.says("CALL_ALREADY_ACCEPTED") => {
                self.over(ends::of_exchange(trouble));
            }
            State::Accepting { .. } | State::Confirming { .. } if trouble.says("CALL_ALREADY_DECLINED") => {
                self.over(ends::of_exchange(trouble));
            }
            State::Accepting { peer, .. } | State::Confirming { peer, .. } => {
                self.fail(*peer, ends::of_exchange(trouble));
            }
            State::Leaving => self.state = State::Done,
            State::Preparing { .. }
            | State::Ringing { .. }
            | State::Offered { .. }
            | State::Taking { .. }
            | State::Talking { .. }
            | State::Done => {}
        }
    }

    /// Both ends have the key: whatever can't be carried is refused, since it would connect and stay silent.
    fn begin(&mut self, agreed: Agreed, keys: exchange::Agreed, role: Role, now: Moment) {
        let peer = agreed.about.peer;
        let checked = version::check_parameters(agreed.parameters.as_deref())
            .and_then(|()| version::choose(&agreed.versions));
        let signalling = match checked {
            Ok(signalling) => signalling,
            Err(error) => {
                tracing::warn!(%error, "a Telegram call can't be carried");
                return self.fail(peer, ends::of_unsupported(&error));
            }
        };
        // The same four stand in the person's app. They show that nobody is between, and nothing of the key.
        let emoji = emoji(&keys).concat();
        tracing::debug!(emoji, ?signalling, versions = ?agreed.versions, p2p = agreed.p2p, "a Telegram call has its key");
        let config = Config { role, key: keys.key, signalling, servers: agreed.servers, p2p: agreed.p2p };
        self.state = State::Talking { peer, since: now };
        self.deadline = None;
        self.tell(Told::Begun(Box::new(config)));
        for packet in std::mem::take(&mut self.early) {
            self.tell(Told::Signal(packet));
        }
    }

    /// The far side's signalling may come before the key does: it is kept.
    fn far_signalled(&mut self, packet: Bytes) {
        match &self.state {
            State::Talking { .. } => self.tell(Told::Signal(packet)),
            State::Requesting { .. }
            | State::Ringing { .. }
            | State::Confirming { .. }
            | State::Offered { .. }
            | State::Taking { .. }
            | State::Accepting { .. } => {
                if self.early.len() < EARLY {
                    self.early.push_back(packet);
                } else {
                    metrics::counter!("tandem_telegram_signals_dropped").increment(1);
                }
            }
            State::Preparing { .. } | State::Leaving | State::Done => {}
        }
    }

    fn signal(&mut self, packet: Bytes) {
        if let State::Talking { peer, .. } = self.state {
            self.ask(Request::Signal { peer, packet });
        }
    }

    /// Telegram takes no more signalling. Their app may not know, and would wait for sound.
    fn signal_refused(&mut self, now: Moment) {
        if let State::Talking { peer, since } = self.state {
            self.discard(peer, Reason::Disconnect, now.saturating_sub(since));
            self.over(End::Lost);
        }
    }

    /// Whether a message is about a call that we made to this person.
    fn is_mine(&self, about: About) -> bool {
        about.admin == self.me && about.participant == self.user
    }

    /// Whether a message is about the call that this person makes to us.
    fn is_theirs(&self, about: About) -> bool {
        about.admin == self.user && about.participant == self.me
    }

    /// Takes the state out if it is the wanted one, to put the next one in its place.
    fn take_if(&mut self, wanted: impl FnOnce(&State) -> bool) -> Option<State> {
        wanted(&self.state).then(|| std::mem::replace(&mut self.state, State::Done))
    }

    fn go(&mut self, state: State, deadline: Moment) {
        self.state = state;
        self.deadline = Some(deadline);
    }

    fn discard(&mut self, peer: Peer, reason: Reason, duration: Duration) {
        self.ask(Request::Discard { peer, reason, duration });
    }

    fn ask(&mut self, request: Request) {
        self.outputs.push_back(Output::Ask(request));
    }

    fn tell(&mut self, told: Told) {
        self.outputs.push_back(Output::Tell(told));
    }
}
