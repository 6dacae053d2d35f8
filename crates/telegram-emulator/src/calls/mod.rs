//! Phone calls between people: who rings where, who answered, and what is relayed. No input or output; `now` is handed
//! in, in Unix seconds of the emulated clock, and what apps are to be told is collected for the shell.

pub(crate) mod call;
mod ending;
pub(crate) mod refused;
pub(crate) mod view;

use call::{Active, Call, Connection, Endpoint, Protocol, Stage};
use rand::{Rng, SeedableRng, rngs::StdRng};
use refused::Refused;
use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
};

/// Bytes of a number in the key exchange.
pub(crate) const NUMBER: usize = 256;
/// Bytes of its hash.
const HASH: usize = 32;
/// Calls of one person at a time; far beyond what a service account carries.
const CALLS_OF_ONE: usize = 1000;

/// Something that one app is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The call has come this far.
    Changed(Call),
    /// Another app of the same person has the call.
    Elsewhere(Call),
    /// A packet of the other end, to be taken as it is.
    Signal { call: i64, data: Vec<u8> },
}

/// Who may call a person, and how media may flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Privacy {
    /// Everybody may call, or nobody.
    pub(crate) calls: bool,
    /// Media may flow directly.
    pub(crate) p2p: bool,
    /// Everybody may add the person to groups, or nobody. There are none here; it is kept and shown.
    pub(crate) invites: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { calls: true, p2p: true, invites: true }
    }
}

/// The switches that calls go by; `docs/emulator.md`, "Switches".
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Terms {
    /// How long a call rings, in seconds.
    pub(crate) ring: i64,
    /// The part of signalling packets that get lost, 0 to 1.
    pub(crate) loss: f64,
    /// The part that comes twice, 0 to 1.
    pub(crate) duplication: f64,
}

/// What a caller asks for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) callee: i64,
    pub(crate) video: bool,
    pub(crate) g_a_hash: Vec<u8>,
    pub(crate) protocol: Protocol,
}

/// What went through Telegram between the ends of calls, since it started. What was lost or doubled on purpose shows that a
/// test has tried it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Traffic {
    /// Packets of signalling that were passed on.
    pub(crate) signals: u64,
    pub(crate) signals_lost: u64,
    pub(crate) signals_doubled: u64,
    /// Datagrams that the reflector passed on.
    pub(crate) reflected: u64,
    pub(crate) reflector_lost: u64,
}

/// All calls that go on.
#[derive(Debug)]
pub(crate) struct Calls {
    calls: BTreeMap<i64, Call>,
    ended: VecDeque<Call>,
    apps: BTreeMap<Endpoint, i64>,
    privacy: BTreeMap<i64, Privacy>,
    terms: Terms,
    /// Where the reflector listens.
    pub(crate) reflector: Option<SocketAddr>,
    next_app: u64,
    /// Names calls and tags.
    names: StdRng,
    /// Decides which packets are lost or doubled: the same seed, the same packets.
    luck: StdRng,
    notices: Vec<(Endpoint, Notice)>,
    pub(crate) traffic: Traffic,
    /// Grows with every change but signalling.
    pub(crate) version: u64,
}

impl Calls {
    pub(crate) fn new(terms: Terms, seed: u64) -> Self {
        Self {
            calls: BTreeMap::new(),
            ended: VecDeque::new(),
            apps: BTreeMap::new(),
            privacy: BTreeMap::new(),
            terms,
            reflector: None,
            next_app: 0,
            names: StdRng::from_os_rng(),
            luck: StdRng::seed_from_u64(seed),
            notices: Vec::new(),
            traffic: Traffic::default(),
            version: 0,
        }
    }

    /// Goes by other switches from here on; chance begins anew.
    pub(crate) fn set_terms(&mut self, terms: Terms, seed: u64) {
        self.terms = terms;
        self.luck = StdRng::seed_from_u64(seed);
    }

    /// An app of this person comes up; what rings, rings there too.
    pub(crate) fn open(&mut self, user: i64) -> Endpoint {
        self.next_app += 1;
        let app = Endpoint(self.next_app);
        self.apps.insert(app, user);
        let rings = |call: &&Call| call.callee == user && call.stage == Stage::Requested;
        let ringing: Vec<Call> = self.calls.values().filter(rings).cloned().collect();
        self.notices.extend(ringing.into_iter().map(|call| (app, Notice::Changed(call))));
        self.version += 1;
        app
    }

    /// An app is gone. Its calls go on, as at Telegram: the other end has to notice.
    pub(crate) fn close(&mut self, app: Endpoint) {
        self.apps.remove(&app);
        self.version += 1;
    }

    /// What apps are to be told, in this order.
    pub(crate) fn take_notices(&mut self) -> Vec<(Endpoint, Notice)> {
        std::mem::take(&mut self.notices)
    }

    pub(crate) fn privacy(&self, user: i64) -> Privacy {
        self.privacy.get(&user).copied().unwrap_or_default()
    }

    pub(crate) fn set_privacy(&mut self, user: i64, privacy: Privacy) {
        self.privacy.insert(user, privacy);
        self.version += 1;
    }

    /// phone.requestCall
    ///
    /// # Errors
    ///
    /// The callee's privacy, oneself, a protocol or a hash that cannot be.
    pub(crate) fn request(&mut self, by: Endpoint, asked: Asked, now: i64) -> Result<Call, Refused> {
        let caller = self.user_of(by)?;
        check_protocol(&asked.protocol)?;
        if asked.callee == caller {
            return Err(refused::USER_ID);
        }
        if asked.g_a_hash.len() != HASH {
            return Err(refused::DH_G_A);
        }
        if !self.privacy(asked.callee).calls {
            return Err(refused::PRIVACY);
        }
        if self.calls.values().filter(|call| call.caller == caller).count() >= CALLS_OF_ONE {
            return Err(Refused::new(500, "CALL_OCCUPY_FAILED"));
        }
        let call = Call {
            id: self.names.random_range(1..i64::MAX),
            access_hash: self.names.random(),
            video: asked.video,
            caller,
            callee: asked.callee,
            requested: now,
            received: None,
            g_a_hash: asked.g_a_hash,
            offered: asked.protocol,
            stage: Stage::Requested,
            caller_at: by,
            callee_at: None,
        };
        self.calls.insert(call.id, call.clone());
        for app in self.apps_of(call.callee) {
            self.tell(app, Notice::Changed(call.clone()));
        }
        self.version += 1;
        Ok(call)
    }

    /// phone.receivedCall: an app of the callee rings.
    ///
    /// # Errors
    ///
    /// A call that is not there or not theirs.
    pub(crate) fn received(&mut self, by: Endpoint, id: i64, now: i64) -> Result<(), Refused> {
        let user = self.user_of(by)?;
        let call = self.calls.get_mut(&id).filter(|call| call.callee == user).ok_or(refused::PEER)?;
        if call.stage != Stage::Requested || call.received.is_some() {
            return Ok(());
        }
        call.received = Some(now);
        let (at, call) = (call.caller_at, call.clone());
        self.tell(at, Notice::Changed(call));
        self.version += 1;
        Ok(())
    }

    /// phone.acceptCall
    ///
    /// # Errors
    ///
    /// A call that is over, not theirs, or answered elsewhere; nothing in common to speak.
    pub(crate) fn accept(
        &mut self,
        by: Endpoint,
        id: i64,
        g_b: Vec<u8>,
        protocol: Protocol,
        now: i64,
    ) -> Result<Call, Refused> {
        let user = self.user_of(by)?;
        check_protocol(&protocol)?;
        if !may_be_half(&g_b) {
            return Err(refused::DH_G_A);
        }
        let call = self.callee_call(user, id)?;
        match call.stage {
            Stage::Requested => (),
            Stage::Accepted { .. } | Stage::Active(_) => return Err(refused::ALREADY_ACCEPTED),
            Stage::Discarded { .. } => return Err(refused::ALREADY_DECLINED),
        }
        if call.offered.common(&protocol).is_none() {
            return Err(refused::COMPAT);
        }
        call.stage = Stage::Accepted { g_b, answered: protocol, since: now };
        call.callee_at = Some(by);
        let call = call.clone();
        self.tell(call.caller_at, Notice::Changed(call.clone()));
        for app in self.apps_of(user) {
            if app != by {
                self.tell(app, Notice::Elsewhere(call.clone()));
            }
        }
        self.version += 1;
        Ok(call)
    }

    fn callee_call(&mut self, user: i64, id: i64) -> Result<&mut Call, Refused> {
        if self.ended.iter().any(|call| call.id == id && call.callee == user) {
            return Err(refused::ALREADY_DECLINED);
        }
        self.calls.get_mut(&id).filter(|call| call.callee == user).ok_or(refused::PEER)
    }

    /// phone.confirmCall: the caller shows its half of the key. The server does not check it: that is the callee's to do.
    ///
    /// # Errors
    ///
    /// A call that is over, not theirs, or not answered.
    pub(crate) fn confirm(
        &mut self,
        by: Endpoint,
        id: i64,
        g_a: Vec<u8>,
        fingerprint: i64,
        now: i64,
    ) -> Result<Call, Refused> {
        if self.ended.iter().any(|call| call.id == id && call.caller_at == by) {
            return Err(refused::ALREADY_DECLINED);
        }
        if !may_be_half(&g_a) {
            return Err(refused::DH_G_A);
        }
        let Some(call) = self.calls.get(&id).filter(|call| call.caller_at == by) else {
            return Err(refused::PEER);
        };
        let Stage::Accepted { g_b, answered, .. } = call.stage.clone() else { return Err(refused::PEER) };
        let protocol = call.offered.common(&answered).ok_or(refused::COMPAT)?;
        let allowed = self.privacy(call.caller).p2p && self.privacy(call.callee).p2p;
        let connections = self.connections(&protocol);
        let p2p_allowed = allowed && protocol.udp_p2p;
        let active = Active { g_a, g_b, fingerprint, protocol, p2p_allowed, connections, since: now };
        let call = self.calls.get_mut(&id).ok_or(refused::PEER)?;
        call.stage = Stage::Active(active);
        let call = call.clone();
        if let Some(app) = call.callee_at {
            self.tell(app, Notice::Changed(call.clone()));
        }
        self.version += 1;
        Ok(call)
    }

    fn connections(&mut self, protocol: &Protocol) -> Vec<Connection> {
        let reflector = self.reflector.filter(|_| protocol.udp_reflector);
        let named = reflector.map(|at| Connection::Reflector {
            id: 1,
            ip: at.ip(),
            port: at.port(),
            peer_tag: self.names.random(),
        });
        named.into_iter().collect()
    }

    /// phone.sendSignalingData: a packet for the other end, if it is not lost.
    ///
    /// # Errors
    ///
    /// A call that is not active, or not this app's.
    pub(crate) fn signal(&mut self, by: Endpoint, id: i64, data: Vec<u8>) -> Result<(), Refused> {
        let call = self.calls.get(&id).ok_or(refused::PEER)?;
        let Stage::Active(_) = call.stage else { return Err(refused::PEER) };
        let to = match call.callee_at {
            callee if call.caller_at == by => callee,
            Some(callee) if callee == by => Some(call.caller_at),
            Some(_) | None => return Err(refused::PEER),
        };
        let Some(to) = to else { return Ok(()) };
        if self.terms.loss > 0.0 && self.luck.random_bool(self.terms.loss.min(1.0)) {
            self.traffic.signals_lost += 1;
            return Ok(());
        }
        self.traffic.signals += 1;
        if self.terms.duplication > 0.0 && self.luck.random_bool(self.terms.duplication.min(1.0)) {
            self.traffic.signals_doubled += 1;
            self.tell(to, Notice::Signal { call: id, data: data.clone() });
        }
        self.tell(to, Notice::Signal { call: id, data });
        Ok(())
    }

    /// A call of this person that goes on, or that ended lately.
    pub(crate) fn find(&self, user: i64, id: i64) -> Option<&Call> {
        let known = self.calls.get(&id).or_else(|| self.ended.iter().rev().find(|call| call.id == id));
        known.filter(|call| call.role(user).is_some())
    }

    /// Whether a tag at the reflector names a call that goes on.
    pub(crate) fn has_tag(&self, prefix: &[u8]) -> bool {
        self.calls.values().filter_map(Call::peer_tag).any(|tag| tag.starts_with(prefix))
    }

    fn user_of(&self, app: Endpoint) -> Result<i64, Refused> {
        self.apps.get(&app).copied().ok_or(refused::PEER)
    }

    fn apps_of(&self, user: i64) -> Vec<Endpoint> {
        self.apps.iter().filter(|(_, owner)| **owner == user).map(|(app, _)| *app).collect()
    }

    fn tell(&mut self, app: Endpoint, notice: Notice) {
        self.notices.push((app, notice));
    }
}

/// Whether these bytes may be a half of the key exchange: a number between 2^(2048-64) and 2^2048. Of each 256 one begins with
/// a zero byte, which some clients leave out. <https://core.telegram.org/api/end-to-end/voice-calls>
fn may_be_half(number: &[u8]) -> bool {
    (NUMBER - 8..=NUMBER).contains(&number.len())
}

/// Only what today's apps speak. <https://core.telegram.org/constructor/phoneCallProtocol>
fn check_protocol(protocol: &Protocol) -> Result<(), Refused> {
    if !protocol.udp_p2p && !protocol.udp_reflector {
        return Err(refused::FLAGS);
    }
    if protocol.min_layer > protocol.max_layer || protocol.max_layer < 65 {
        return Err(refused::LAYER);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
