//! The exchange's loop: events of calls and of sound in, verbs out. Everything it knows is in its maps.

use super::leg::{Doing, Leg};
use super::prompts::{self, Clip};
use super::services::Service;
use super::sound;
use media_gateway::media::{Engine, Event as Sound, PortId, RtpMedia, Source};
use sip::registrar::RegistrarServer;
use sip::sdp::{Direction, Media, Negotiation, SessionDescription};
use sip::{Call, CallEvent, CallId, Event, Invitation, UserAgent};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// The practice PBX at work.
pub(super) struct Exchange {
    pub(super) agent: UserAgent,
    pub(super) engine: Engine,
    pub(super) server: RegistrarServer,
    pub(super) address: SocketAddr,
    pub(super) legs: BTreeMap<CallId, Leg>,
    pub(super) ports: BTreeMap<PortId, CallId>,
    pub(super) timers: Vec<(Instant, Timer)>,
    /// How many legs there are, for whoever looks.
    pub(super) busy: watch::Sender<usize>,
}

/// What is due at a later moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Timer {
    /// 602 calls this login back.
    CallBack(String),
    /// A call that was never going to be answered is given up.
    GiveUp(CallId),
}

/// The newest of everything.
#[expect(clippy::large_enum_variant, reason = "it lives for one turn of the loop")]
enum Next {
    Call(Option<Event>),
    Sound(Option<Sound>),
    Timer,
    Stop,
}

/// The practice PBX lives by the machine's clock, as its callers do.
pub(super) fn moment() -> Instant {
    Instant::now()
}

impl Exchange {
    pub(super) fn new(
        agent: UserAgent,
        engine: Engine,
        server: RegistrarServer,
        address: SocketAddr,
    ) -> Self {
        Self {
            agent,
            engine,
            server,
            address,
            legs: BTreeMap::new(),
            ports: BTreeMap::new(),
            timers: Vec::new(),
            busy: watch::Sender::new(0),
        }
    }

    /// Works until `stop`.
    pub(super) async fn run(
        mut self,
        mut calls: mpsc::Receiver<Event>,
        mut sound: mpsc::Receiver<Sound>,
        stop: CancellationToken,
    ) {
        loop {
            let due = self.timers.iter().map(|(at, _)| *at).min();
            let next = tokio::select! {
                event = calls.recv() => Next::Call(event),
                event = sound.recv() => Next::Sound(event),
                () = wait_until(due) => Next::Timer,
                () = stop.cancelled() => Next::Stop,
            };
            match next {
                Next::Call(Some(Event::Incoming { call, invitation, .. })) => self.called(call, &invitation),
                Next::Call(Some(Event::Call { id, event })) => self.happened(id, event),
                Next::Call(Some(Event::Registration { .. })) => {}
                Next::Sound(Some(event)) => self.heard(event),
                Next::Timer => self.ring_the_bells(),
                Next::Call(None) | Next::Sound(None) | Next::Stop => break,
            }
            self.busy.send_replace(self.legs.len());
        }
        self.agent.closed().await;
    }

    fn called(&mut self, call: Call, invitation: &Invitation) {
        let service = Service::named(&invitation.to.user_text());
        if let Some((code, reason)) = service.refusal() {
            verb(call.reject(code, reason));
            return;
        }
        let who = invitation.from.user_text();
        let wire_id = invitation.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Call-ID"));
        let wire_id = wire_id.map(|(_, value)| value.trim().to_owned());
        let id = call.id();
        match self.open(call.clone(), invitation.offer.as_deref()) {
            Ok((mut leg, answer)) => {
                (leg.who, leg.wire_id, leg.answer) = (who, wire_id, Some(answer));
                self.legs.insert(id, leg);
                self.serve(id, service, invitation.from_name.clone());
            }
            Err((code, reason)) => verb(call.reject(code, reason)),
        }
    }

    /// A leg for a call that came in, with our answer to its offer.
    fn open(&mut self, call: Call, offer: Option<&str>) -> Result<(Leg, String), (u16, String)> {
        let offer = offer.ok_or((488, "An offer is needed".to_owned()))?;
        let offer: SessionDescription = offer.parse().map_err(|error| (488, format!("{error}")))?;
        let opened = self.engine.open_rtp(None).map_err(|error| (503, error.to_string()))?;
        let mut negotiation = Negotiation::new(sound::capabilities(opened.rtp), &mut rand::rng());
        let agreed = negotiation.receive_offer(&offer);
        let (answer, media) = agreed.map_err(|refusal| {
            self.engine.close(opened.port);
            (refusal.code(), refusal.to_string())
        })?;
        self.ports.insert(opened.port, call.id());
        self.agree(opened.port, &media);
        let leg = Leg {
            call,
            port: opened.port,
            negotiation,
            who: String::new(),
            wire_id: None,
            answer: None,
            is_up: false,
            doing: Doing::Unanswered,
        };
        Ok((leg, answer.to_string()))
    }

    /// Tells the engine what was agreed, and listens for keys that come as tones.
    pub(super) fn agree(&self, port: PortId, media: &Media) {
        if let Some(agreed) = RtpMedia::agreed(media) {
            verb(self.engine.set_rtp(port, agreed));
            verb(self.engine.detect_tones(port, media.telephone_event.is_none()));
        }
    }

    fn happened(&mut self, id: CallId, event: CallEvent) {
        match event {
            CallEvent::Ringing => self.rings(id),
            CallEvent::Progress { sdp } => self.progresses(id, &sdp),
            CallEvent::Answered { sdp } => self.answered(id, &sdp),
            CallEvent::Reoffered { sdp } => self.reoffered(id, sdp.as_deref()),
            CallEvent::ReofferAnswered { sdp } => drop(self.take_answer(id, &sdp)),
            CallEvent::Digit { digit, .. } => self.pressed(id, digit.key()),
            CallEvent::TransferAsked { to, replaces } => self.transfer(id, &to, replaces.as_ref()),
            CallEvent::Ended { code, reason, .. } => self.ended(id, code, &reason),
            CallEvent::Acknowledged { .. }
            | CallEvent::ReofferRefused { .. }
            | CallEvent::TransferProgress { .. } => {}
        }
    }

    fn heard(&mut self, event: Sound) {
        match event {
            Sound::Digit { port, digit } => {
                if let Some(id) = self.ports.get(&port).copied() {
                    self.pressed(id, digit.as_char());
                }
            }
            Sound::Played { port } => {
                if let Some(id) = self.ports.get(&port).copied() {
                    self.said(id);
                }
            }
            Sound::Connected { .. }
            | Sound::Disconnected { .. }
            | Sound::Failed { .. }
            | Sound::Silent { .. }
            | Sound::Heard { .. }
            | Sound::DigitsSent { .. }
            | Sound::Signal { .. }
            | Sound::RecordingChunk { .. }
            | Sound::RecordingFinished { .. } => {}
        }
    }

    /// The phone changes the session: mostly to hold, or to go on.
    fn reoffered(&mut self, id: CallId, sdp: Option<&str>) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let Some(sdp) = sdp else {
            let offer = leg.negotiation.offer().to_string();
            verb(leg.call.answer_offer(offer));
            return;
        };
        let Ok(offer) = sdp.parse::<SessionDescription>() else {
            verb(leg.call.refuse_offer(488));
            return;
        };
        match leg.negotiation.receive_offer(&offer) {
            Ok((answer, media)) => {
                verb(leg.call.answer_offer(answer.to_string()));
                let (port, doing) = (leg.port, leg.doing);
                self.agree(port, &media);
                if let Doing::Bridge(other) = doing {
                    self.is_held(other, media.direction);
                }
            }
            Err(refusal) => verb(leg.call.refuse_offer(refusal.code())),
        }
    }

    /// The other side's phone sends nothing any more, or something again: this one hears music meanwhile.
    fn is_held(&self, id: CallId, theirs: Direction) {
        if let Some(leg) = self.legs.get(&id) {
            let source = if theirs.receives() { Source::None } else { Source::HoldMusic };
            verb(self.engine.play(leg.port, source));
        }
    }

    /// The answer to an offer of ours.
    pub(super) fn take_answer(&mut self, id: CallId, sdp: &str) -> Option<()> {
        let leg = self.legs.get_mut(&id)?;
        let media = sdp.parse().ok().and_then(|answer| leg.negotiation.receive_answer(&answer).ok())?;
        let port = leg.port;
        self.agree(port, &media);
        Some(())
    }

    fn ended(&mut self, id: CallId, code: u16, reason: &str) {
        let Some(leg) = self.legs.remove(&id) else { return };
        self.engine.close(leg.port);
        self.ports.remove(&leg.port);
        self.timers.retain(|(_, timer)| *timer != Timer::GiveUp(id));
        match leg.doing {
            Doing::Bridge(other) => self.lost_other(other, id, code, reason),
            Doing::Reached { by, .. } => {
                if let Some(by) = self.legs.get(&by) {
                    verb(by.call.transfer_stands(code, reason));
                }
            }
            Doing::CallBack => self.call_back_later(leg.who),
            Doing::Echo | Doing::Menu(_) | Doing::CalledBack | Doing::Unanswered | Doing::Leaving => {}
        }
    }

    fn ring_the_bells(&mut self) {
        let now = moment();
        let (due, later) = std::mem::take(&mut self.timers).into_iter().partition(|(at, _)| *at <= now);
        self.timers = later;
        let due: Vec<(Instant, Timer)> = due;
        for (_, timer) in due {
            match timer {
                Timer::CallBack(who) => self.call_back(&who),
                Timer::GiveUp(id) => {
                    if let Some(leg) = self.legs.get(&id) {
                        verb(leg.call.reject(480, "Nobody answers"));
                    }
                }
            }
        }
    }

    /// Says phrases to a leg, in place of what it hears.
    pub(super) fn say(&self, port: PortId, clips: &[Clip]) {
        let source = if clips.is_empty() { Source::None } else { Source::Prompt(prompts::sound(clips)) };
        verb(self.engine.play(port, source));
    }
}

/// A verb on a call or port that has just ended does nothing, and its end is told in an event.
pub(super) fn verb<E: std::fmt::Display>(result: Result<(), E>) {
    if let Err(error) = result {
        tracing::debug!(%error, "the practice PBX came too late");
    }
}

async fn wait_until(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
