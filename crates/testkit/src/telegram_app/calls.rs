//! What an app knows of its calls, and what it does next. Pure: Telegram's frames, what the library tells and what a script
//! asks for come in; frames for Telegram and orders for the library go out.

use super::frames::{Frame, Group, Heard, Protocol, Told};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::VecDeque;

/// How many things that happened are kept.
const TRANSCRIPT: usize = 100;

/// Layers of today's apps. Telegram's calls, `phoneCallProtocol`.
const LAYER: i32 = 92;

/// The body of `POST …/telegram-app`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Action {
    /// A user name or a number.
    Call {
        to: Value,
    },
    Answer {},
    Decline {},
    Hangup {},
    Mute {
        on: bool,
    },
    Versions {
        versions: Vec<String>,
    },
    /// Leaves, as an app that is closed.
    Close {},
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// A frame goes to Telegram.
    Say(Value),
    /// An order goes to the library; it names the call.
    Order(Value),
    /// The app leaves.
    Leave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// They call; it rings here.
    Ringing,
    /// We call; nothing rings yet.
    Calling,
    /// We call; it rings there.
    Alerting,
    /// The key is agreed on, and the ends look for a way.
    Connecting,
    /// Sound flows.
    Talking,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::Calling => "calling",
            Self::Alerting => "alerting",
            Self::Connecting => "connecting",
            Self::Talking => "talking",
        }
    }
}

#[derive(Debug)]
struct Call {
    /// The library's number for it.
    number: u64,
    /// Telegram's, once it is known.
    id: Option<String>,
    with: Value,
    outgoing: bool,
    stage: Stage,
    /// What the caller showed before anything else.
    g_a_hash: Option<String>,
    /// The library was told where to connect; signals may go to it.
    connects: bool,
    /// Signals that came before.
    early: Vec<String>,
    version: Option<String>,
    p2p: Option<bool>,
    emoji: Option<String>,
    first_sound_ms: Option<f64>,
    heard: Option<Heard>,
}

/// Everything that a script may look at.
#[derive(Debug)]
pub(super) struct Calls {
    next: u64,
    version: u64,
    user: Value,
    group: Option<Group>,
    versions: Vec<String>,
    hz: f64,
    muted: bool,
    call: Option<Call>,
    last_ended: Option<Value>,
    trouble: Option<String>,
    transcript: VecDeque<Value>,
}

impl Calls {
    /// `first` is the first number for a call at the library; `versions` are what the library can speak.
    pub(super) fn new(first: u64, versions: Vec<String>) -> Self {
        Self {
            next: first,
            version: 0,
            user: Value::Null,
            group: None,
            versions,
            hz: 0.0,
            muted: false,
            call: None,
            last_ended: None,
            trouble: None,
            transcript: VecDeque::new(),
        }
    }

    /// Counts every change but of what is heard.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Whether Telegram has let the app in.
    pub(super) fn is_ready(&self) -> bool {
        self.group.is_some()
    }

    /// What the person says from now on, in Hz; 0 is silence.
    pub(super) fn says(&mut self, hz: f64) -> Vec<Deed> {
        self.hz = hz;
        let call = self.call.as_ref().map(|call| json!({"call": call.number, "do": "say", "hz": hz}));
        call.map(Deed::Order).into_iter().collect()
    }

    /// Takes what Telegram told.
    pub(super) fn hear(&mut self, frame: Frame, now_ms: i64) -> Vec<Deed> {
        match frame {
            Frame::Ready { user, dh } => {
                (self.user, self.group) = (user, Some(dh));
                self.note("signed in", now_ms);
                Vec::new()
            }
            Frame::Requested { call, from, g_a_hash } => self.requested(call, from, g_a_hash, now_ms),
            Frame::Waiting { call, ringing } => self.waiting(call, ringing, now_ms),
            Frame::Accepted { call, g_b } => self.accepted(&call, &g_b, now_ms),
            Frame::Call { call, g_a_or_b, fingerprint, connections, p2p_allowed, protocol } => {
                let agreed = json!({"g_a_or_b": g_a_or_b, "fingerprint": fingerprint});
                self.begins(&call, &agreed, &connections, p2p_allowed, &protocol, now_ms)
            }
            Frame::Signal { call, data } => self.signal(&call, data),
            Frame::Discarded { call, reason, duration } => {
                if !self.is(&call) {
                    return Vec::new();
                }
                self.end(reason.as_deref().unwrap_or_default(), duration, now_ms)
            }
            Frame::Error { of, code, text } => self.refused(&of, code, &text, now_ms),
        }
    }

    fn requested(&mut self, id: String, from: Value, g_a_hash: String, now_ms: i64) -> Vec<Deed> {
        if self.call.is_some() {
            self.note(&format!("busy for {}", from["name"]), now_ms);
            return vec![discard(&id, "busy")];
        }
        self.note(&format!("ringing: {}", from["name"]), now_ms);
        let received = Deed::Say(json!({"type": "received", "call": id}));
        let call =
            Call { id: Some(id), stage: Stage::Ringing, g_a_hash: Some(g_a_hash), ..self.fresh(from, false) };
        self.call = Some(call);
        vec![received]
    }

    fn fresh(&mut self, with: Value, outgoing: bool) -> Call {
        let number = self.next;
        self.next += 1;
        (self.last_ended, self.trouble) = (None, None);
        Call {
            number,
            id: None,
            with,
            outgoing,
            stage: Stage::Calling,
            g_a_hash: None,
            connects: false,
            early: Vec::new(),
            version: None,
            p2p: None,
            emoji: None,
            first_sound_ms: None,
            heard: None,
        }
    }

    fn waiting(&mut self, id: String, ringing: bool, now_ms: i64) -> Vec<Deed> {
        let Some(call) = self.call.as_mut().filter(|call| call.outgoing) else {
            // Hung up before Telegram had a name for it.
            return vec![discard(&id, "missed")];
        };
        if call.id.get_or_insert_with(|| id.clone()) != &id {
            return vec![discard(&id, "missed")];
        }
        if ringing && call.stage == Stage::Calling {
            call.stage = Stage::Alerting;
            self.note("it rings there", now_ms);
        }
        self.version += 1;
        Vec::new()
    }

    fn accepted(&mut self, id: &str, g_b: &str, now_ms: i64) -> Vec<Deed> {
        let Some(call) = self.call.as_mut().filter(|call| call.id.as_deref() == Some(id)) else {
            return Vec::new();
        };
        // Telegram may say it twice; there is one key.
        if call.stage == Stage::Connecting || call.stage == Stage::Talking {
            return Vec::new();
        }
        call.stage = Stage::Connecting;
        let number = call.number;
        self.note("answered there", now_ms);
        vec![Deed::Order(json!({"call": number, "do": "agree", "g_a_or_b": g_b, "fingerprint": "0"}))]
    }

    fn begins(
        &mut self,
        id: &str,
        agreed: &Value,
        connections: &[Value],
        p2p: bool,
        protocol: &Protocol,
        now_ms: i64,
    ) -> Vec<Deed> {
        let hz = self.hz;
        let Some(call) = self.call.as_mut().filter(|call| call.id.as_deref() == Some(id) && !call.connects)
        else {
            return Vec::new();
        };
        let number = call.number;
        let order = |what: Value| {
            let mut order = what;
            order["call"] = number.into();
            Deed::Order(order)
        };
        let mut deeds = Vec::new();
        if !call.outgoing {
            let mut agree = agreed.clone();
            agree["do"] = "agree".into();
            deeds.push(order(agree));
        }
        deeds.push(order(json!({"do": "say", "hz": hz})));
        let chosen = protocol.library_versions.first().cloned();
        deeds.push(order(json!({"do": "connect", "servers": connections, "versions": [chosen], "p2p": p2p})));
        deeds.extend(call.early.drain(..).map(|data| order(json!({"do": "signal", "data": data}))));
        (call.version, call.p2p, call.connects) = (chosen, Some(p2p), true);
        self.note("the key is agreed on", now_ms);
        deeds
    }

    fn signal(&mut self, id: &str, data: String) -> Vec<Deed> {
        let Some(call) = self.call.as_mut().filter(|call| call.id.as_deref() == Some(id)) else {
            return Vec::new();
        };
        if !call.connects {
            call.early.push(data);
            return Vec::new();
        }
        vec![Deed::Order(json!({"call": call.number, "do": "signal", "data": data}))]
    }

    fn refused(&mut self, of: &str, code: i32, text: &str, now_ms: i64) -> Vec<Deed> {
        let words = format!("{of}: {code} {text}");
        self.note(&words, now_ms);
        // A signal may cross with the end of its call, which is told by itself.
        if of == "signal" || of == "discard" || of == "received" {
            return Vec::new();
        }
        let deeds = self.end(text, None, now_ms);
        self.trouble = Some(words);
        deeds
    }

    /// Takes what the library told of a call.
    pub(super) fn told(&mut self, number: u64, told: Told, now_ms: i64) -> Vec<Deed> {
        let protocol = self.protocol();
        let Some(call) = self.call.as_mut().filter(|call| call.number == number) else { return Vec::new() };
        let say = |frame: Value| vec![Deed::Say(frame)];
        match (told, &call.id) {
            (Told::Offer { bytes }, Some(id)) => {
                say(json!({"type": "accept", "call": id, "g_b": bytes, "protocol": protocol}))
            }
            (Told::Offer { bytes }, None) => {
                let to = &call.with["id"];
                say(json!({"type": "request", "to": to, "g_a_hash": bytes, "protocol": protocol}))
            }
            (Told::Agreed { g_a, fingerprint }, Some(id)) if call.outgoing => {
                say(json!({"type": "confirm", "call": id, "g_a": g_a, "fingerprint": fingerprint}))
            }
            (Told::Signal { data }, Some(id)) => say(json!({"type": "signal", "call": id, "data": data})),
            (Told::Agreed { .. } | Told::Signal { .. }, _) => Vec::new(),
            (Told::State { state }, _) => self.state(&state, now_ms),
            (Told::FirstSound { after_ms }, _) => {
                call.first_sound_ms = Some(after_ms);
                self.note("first sound", now_ms);
                Vec::new()
            }
            (Told::Heard(heard), _) => {
                call.heard = Some(heard);
                Vec::new()
            }
            (Told::Emoji { emoji }, _) => {
                call.emoji = Some(emoji);
                self.version += 1;
                Vec::new()
            }
            (Told::Failed { words }, _) => self.failed(&words, now_ms),
        }
    }

    fn state(&mut self, state: &str, now_ms: i64) -> Vec<Deed> {
        self.note(state, now_ms);
        match (state, &mut self.call) {
            ("CONNECTED", Some(call)) => {
                call.stage = Stage::Talking;
                Vec::new()
            }
            ("TIMEOUT" | "FAILED" | "CLOSED", Some(_)) => self.gives_up("disconnect", now_ms),
            _ => Vec::new(),
        }
    }

    fn failed(&mut self, words: &str, now_ms: i64) -> Vec<Deed> {
        self.note(words, now_ms);
        // A packet that does not fit, or comes when the library has given up, ends nothing by itself.
        if words.starts_with("signal") || words.starts_with("mute") {
            return Vec::new();
        }
        let deeds = self.gives_up("disconnect", now_ms);
        self.trouble = Some(words.to_owned());
        deeds
    }

    /// Does what a script asks.
    ///
    /// # Errors
    ///
    /// A sentence: it does not fit.
    pub(super) fn act(&mut self, action: Action, now_ms: i64) -> Result<Vec<Deed>, String> {
        let ringing = self.call.as_ref().is_some_and(|call| call.stage == Stage::Ringing);
        let deeds = match action {
            Action::Call { to } => return self.dial(to, now_ms),
            Action::Answer {} if ringing => self.answer(now_ms),
            Action::Decline {} if ringing => self.gives_up("busy", now_ms),
            Action::Answer {} | Action::Decline {} => return Err("No call rings.".to_owned()),
            Action::Hangup {} => {
                let reason = match self.call.as_ref().map(|call| (call.stage, call.outgoing)) {
                    None => return Err("There is no call to end.".to_owned()),
                    Some((Stage::Calling | Stage::Alerting, _)) => "missed",
                    Some((Stage::Ringing, _)) => "busy",
                    Some((Stage::Connecting | Stage::Talking, _)) => "hangup",
                };
                self.gives_up(reason, now_ms)
            }
            Action::Mute { on } => {
                let Some(call) = &self.call else { return Err("There is no call.".to_owned()) };
                self.muted = on;
                vec![Deed::Order(json!({"call": call.number, "do": "mute", "on": on}))]
            }
            Action::Versions { versions } => {
                self.versions = versions;
                Vec::new()
            }
            Action::Close {} => {
                let mut deeds = self.gives_up("disconnect", now_ms);
                deeds.push(Deed::Leave);
                deeds
            }
        };
        self.version += 1;
        Ok(deeds)
    }

    fn dial(&mut self, to: Value, now_ms: i64) -> Result<Vec<Deed>, String> {
        if self.call.is_some() {
            return Err("There is a call already.".to_owned());
        }
        let group = self.group.clone().ok_or("The app is not signed in.")?;
        self.note(&format!("calling {to}"), now_ms);
        let call = self.fresh(json!({"id": to}), true);
        let begin = begin(call.number, &group, None);
        self.call = Some(call);
        Ok(vec![begin])
    }

    fn answer(&mut self, now_ms: i64) -> Vec<Deed> {
        let (Some(call), Some(group)) = (&mut self.call, &self.group) else { return Vec::new() };
        call.stage = Stage::Connecting;
        let begin = begin(call.number, group, call.g_a_hash.as_deref());
        self.note("answered here", now_ms);
        vec![begin]
    }

    /// Ends the call from this side.
    fn gives_up(&mut self, reason: &str, now_ms: i64) -> Vec<Deed> {
        let id = self.call.as_ref().and_then(|call| call.id.clone());
        let mut deeds: Vec<Deed> = id.map(|id| discard(&id, reason)).into_iter().collect();
        deeds.extend(self.end(reason, None, now_ms));
        deeds
    }

    /// The call is over, whoever ended it.
    fn end(&mut self, reason: &str, duration: Option<u64>, now_ms: i64) -> Vec<Deed> {
        let Some(call) = self.call.take() else { return Vec::new() };
        self.note(&format!("over: {reason}"), now_ms);
        let mut ended = call.view();
        ended["reason"] = reason.into();
        ended["duration"] = duration.into();
        ended["state"] = "ended".into();
        self.last_ended = Some(ended);
        self.muted = false;
        vec![Deed::Order(json!({"call": call.number, "do": "stop"}))]
    }

    /// Telegram or the library is gone; so is the call.
    pub(super) fn loses(&mut self, what: &str, now_ms: i64) -> Vec<Deed> {
        self.group = None;
        self.note(what, now_ms);
        let deeds = self.end("disconnect", None, now_ms);
        self.trouble = Some(what.to_owned());
        deeds
    }

    fn protocol(&self) -> Protocol {
        Protocol {
            min_layer: LAYER,
            max_layer: LAYER,
            udp_p2p: true,
            udp_reflector: true,
            library_versions: self.versions.clone(),
        }
    }

    fn is(&self, id: &str) -> bool {
        self.call.as_ref().is_some_and(|call| call.id.as_deref() == Some(id))
    }

    fn note(&mut self, what: &str, now_ms: i64) {
        self.version += 1;
        if self.transcript.len() == TRANSCRIPT {
            self.transcript.pop_front();
        }
        self.transcript.push_back(json!({"at": now_ms, "what": what}));
    }

    /// Everything there is to see.
    pub(super) fn view(&self) -> Value {
        let silence = Heard { level_dbov: -127.0, hz: None, purity: None, frames: 0 };
        let heard = self.call.as_ref().and_then(|call| call.heard).unwrap_or(silence);
        let mut out = json!({
            "version": self.version,
            "state": if self.is_ready() { "ready" } else { "connecting" },
            "user": self.user,
            "versions": self.versions,
            "calls": self.call.iter().map(Call::view).collect::<Vec<_>>(),
            "heard": heard,
            "voice": {"hz": self.hz},
            "muted": self.muted,
            "transcript": self.transcript,
        });
        if let Some(ended) = &self.last_ended {
            out["last_ended"] = ended.clone();
        }
        if let Some(trouble) = &self.trouble {
            out["trouble"] = trouble.as_str().into();
        }
        out
    }
}

impl Call {
    fn view(&self) -> Value {
        let mut out = json!({
            "call": self.id,
            "direction": if self.outgoing { "out" } else { "in" },
            "with": self.with,
            "state": self.stage.name(),
        });
        let known = [
            ("version", self.version.clone().map(Value::from)),
            ("p2p", self.p2p.map(Value::from)),
            ("emoji", self.emoji.clone().map(Value::from)),
            ("first_sound_ms", self.first_sound_ms.map(Value::from)),
        ];
        for (name, value) in known {
            if let Some(value) = value {
                out[name] = value;
            }
        }
        out
    }
}

fn discard(id: &str, reason: &str) -> Deed {
    Deed::Say(json!({"type": "discard", "call": id, "reason": reason}))
}

fn begin(number: u64, group: &Group, g_a_hash: Option<&str>) -> Deed {
    let Group { g, p, random } = group;
    Deed::Order(
        json!({"call": number, "do": "begin", "g": g, "p": p, "random": random, "g_a_hash": g_a_hash}),
    )
}

#[cfg(test)]
mod tests;
