//! A PBX of one account: it registers 1001, answers what is called, and calls.

use crate::place::until;
use media_gateway::media::{
    Direction, Engine, EngineConfig, Event as Sound, PortId, RtpMedia, Source, TelephoneEvent,
};
use secrecy::{SecretBox, SecretString};
use sip::digest::{Algorithm, Ha1};
use sip::registrar::{Registrar, RegistrarServer, Settings};
use sip::sdp::{Capabilities, Codec, Media, Negotiation, Order, SessionDescription, SrtpPolicy};
use sip::{Call, CallEvent, Config, Event, Invite, Replaces, Uri, UserAgent};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What happened at the far end, in words.
pub(crate) type Seen = Arc<Mutex<Vec<String>>>;

/// The far end.
pub(crate) struct FarEnd {
    pub(crate) address: SocketAddr,
    agent: UserAgent,
    server: RegistrarServer,
    engine: Engine,
    seen: Seen,
    legs: Arc<Mutex<Vec<Leg>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Leg {
    call: Call,
    port: PortId,
    negotiation: Negotiation,
    /// What the far end plays; an echo where it is none.
    hertz: Option<u16>,
}

impl FarEnd {
    pub(crate) async fn start() -> Self {
        let mut registrar = Registrar::new(Settings::new("test"), SecretBox::new(Box::new(rand::random())));
        let key = |algorithm| Ha1::of(algorithm, "1001", "test", &SecretString::from("secret"));
        registrar.set_user("1001", vec![key(Algorithm::Sha256), key(Algorithm::Md5)]);
        let server = RegistrarServer::new(registrar, now);
        let stop = CancellationToken::new();
        let config = Config { server: Some(Arc::new(server.clone())), ..Config::loopback() };
        let (agent, events) = UserAgent::start(config, stop.clone()).await.expect("SIP");
        let udp = agent.listening().into_iter().find(|(transport, _)| *transport == sip::Transport::Udp);
        let engine = EngineConfig { rtp_ports: 41_000..=41_999, ..EngineConfig::loopback() };
        let (engine, sounds) = Engine::start(engine).expect("sound");
        let far = Self {
            address: udp.expect("UDP").1,
            agent,
            server,
            engine,
            seen: Seen::default(),
            legs: Arc::default(),
            tasks: TaskTracker::new(),
            stop,
        };
        far.tasks.spawn(hear(far.engine.clone(), far.seen.clone(), far.legs.clone(), events));
        far.tasks.spawn(listen(far.seen.clone(), sounds));
        far
    }

    /// Waits until 1001 can be called.
    pub(crate) async fn registered(&self) {
        until(async || (!self.server.registrar().lookup("1001", now()).is_empty()).then_some(())).await;
    }

    /// Calls 1001, and plays a tone once it is answered.
    pub(crate) fn calls(&self, hertz: u16) {
        self.invites("200", hertz, None);
    }

    /// Somebody else at the PBX takes the place of whoever is in the last call, and plays a tone.
    pub(crate) async fn takes_over(&self, hertz: u16) {
        let calls: Vec<Call> = self.legs.lock().expect("legs").iter().map(|leg| leg.call.clone()).collect();
        for call in calls.iter().rev() {
            if let Ok(replaces) = call.replaces().await {
                return self.invites("300", hertz, Some(replaces));
            }
        }
        panic!("nobody is in a call");
    }

    /// Somebody wants to take the place of who is in no call.
    pub(crate) fn takes_over_nothing(&self) {
        let replaces =
            Replaces { call_id: "x".into(), to_tag: "a".into(), from_tag: "b".into(), early_only: false };
        self.invites("300", 1000, Some(replaces));
    }

    fn invites(&self, from: &str, hertz: u16, replaces: Option<Replaces>) {
        let binding = self.server.registrar().lookup("1001", now()).into_iter().next().expect("registered");
        let port = self.engine.open_rtp(None).expect("a port");
        let mut negotiation = Negotiation::new(capabilities(port.rtp.port()), &mut rand::rng());
        let to = Uri::sip("1001", &self.address.to_string()).expect("an address");
        let from = Uri::sip(from, &self.address.to_string()).expect("an address");
        let name = Some("Petr\u{202e}".to_owned());
        let offer = negotiation.offer().to_string();
        let invite = Invite { from_name: name, replaces, ..Invite::new(to, offer) };
        let call = self.agent.call_at(binding.hop(), from, invite).expect("called");
        let leg = Leg { call, port: port.port, negotiation, hertz: Some(hertz) };
        self.legs.lock().expect("legs").push(leg);
    }

    pub(crate) fn hangs_up(&self) {
        for leg in self.legs.lock().expect("legs").iter() {
            leg.call.hang_up("").expect("a call");
        }
    }

    /// Waits until this has happened.
    pub(crate) async fn sees(&self, what: &str) {
        let seen = self.seen.clone();
        until(async || seen.lock().expect("seen").iter().any(|it| it == what).then_some(())).await;
    }

    /// The keys that were heard, in order.
    pub(crate) fn keys(&self) -> String {
        let seen = self.seen.lock().expect("seen");
        seen.iter().filter_map(|what| what.strip_prefix("key ")).collect()
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.agent.closed().await;
    }
}

async fn hear(engine: Engine, seen: Seen, legs: Arc<Mutex<Vec<Leg>>>, mut events: mpsc::Receiver<Event>) {
    while let Some(event) = events.recv().await {
        match event {
            Event::Registration { .. } => {}
            Event::Incoming { call, invitation, .. } => {
                let dialled = invitation.to.user_text();
                seen.lock().expect("seen").push(format!("called {dialled}"));
                if dialled == "603" {
                    call.reject(486, "Busy Here").expect("refused");
                    continue;
                }
                call.ring().expect("rings");
                let port = engine.open_rtp(None).expect("a port");
                let mut negotiation = Negotiation::new(capabilities(port.rtp.port()), &mut rand::rng());
                let offer: SessionDescription = invitation.offer.expect("an offer").parse().expect("SDP");
                let (answer, media) = negotiation.receive_offer(&offer).expect("agreed");
                engine.set_rtp(port.port, agreed(&media)).expect("taken");
                engine.echo(port.port, true).expect("an echo");
                call.answer(answer.to_string()).expect("answered");
                let leg = Leg { call, port: port.port, negotiation, hertz: None };
                legs.lock().expect("legs").push(leg);
            }
            Event::Call { id, event } => {
                let mut legs = legs.lock().expect("legs");
                let Some(leg) = legs.iter_mut().find(|leg| leg.call.id() == id) else { continue };
                if let Some(what) = step(&engine, leg, event) {
                    seen.lock().expect("seen").push(what);
                }
            }
        }
    }
}

fn step(engine: &Engine, leg: &mut Leg, event: CallEvent) -> Option<String> {
    match event {
        CallEvent::Ringing => Some("ringing".to_owned()),
        CallEvent::Answered { sdp } => {
            let media = leg.negotiation.receive_answer(&sdp.parse().expect("SDP")).expect("agreed");
            engine.set_rtp(leg.port, agreed(&media)).expect("taken");
            let tone = Source::Tone { hertz: [leg.hertz.unwrap_or(0), 0], milliseconds: None };
            engine.play(leg.port, tone).expect("a tone");
            Some("answered".to_owned())
        }
        CallEvent::Reoffered { sdp } => {
            let offer = sdp.expect("an offer").parse().expect("SDP");
            let (answer, media) = leg.negotiation.receive_offer(&offer).expect("agreed");
            engine.set_rtp(leg.port, agreed(&media)).expect("taken");
            leg.call.answer_offer(answer.to_string()).expect("answered");
            Some(if leg.negotiation.is_held() { "held" } else { "resumed" }.to_owned())
        }
        CallEvent::Digit { digit, .. } => Some(format!("key {}", digit.key())),
        CallEvent::Ended { code, .. } => {
            engine.close(leg.port);
            Some(format!("ended {code}"))
        }
        CallEvent::TransferAsked { to, .. } => {
            leg.call.refuse_transfer(501).expect("refused");
            Some(format!("asked to call {}", to.user_text()))
        }
        CallEvent::Progress { .. }
        | CallEvent::Acknowledged { .. }
        | CallEvent::ReofferAnswered { .. }
        | CallEvent::ReofferRefused { .. }
        | CallEvent::TransferProgress { .. } => None,
    }
}

async fn listen(seen: Seen, mut sounds: mpsc::Receiver<Sound>) {
    while let Some(sound) = sounds.recv().await {
        if let Sound::Digit { digit, .. } = sound {
            seen.lock().expect("seen").push(format!("key {}", digit.as_char()));
        }
    }
}

fn capabilities(port: u16) -> Capabilities {
    Capabilities {
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        port,
        codecs: vec![Codec::pcma()],
        telephone_event: true,
        ptime: 20,
        max_ptime: None,
        srtp: SrtpPolicy::Off,
        rtcp_mux: false,
        order: Order::Ours,
    }
}

fn agreed(media: &Media) -> RtpMedia {
    RtpMedia {
        remote: media.remote.expect("an address"),
        remote_rtcp: None,
        rtcp_mux: false,
        codec: audio::codec::Codec::Pcma,
        payload_type: media.codec.send_type,
        also: Vec::new(),
        telephone_event: media
            .telephone_event
            .map(|event| TelephoneEvent { payload_type: event.send_type, clock: event.clock_rate }),
        comfort_noise: None,
        packet_time: Duration::from_millis(20),
        direction: match media.direction {
            sip::sdp::Direction::SendReceive => Direction::SendReceive,
            sip::sdp::Direction::SendOnly => Direction::SendOnly,
            sip::sdp::Direction::ReceiveOnly => Direction::ReceiveOnly,
            sip::sdp::Direction::Inactive => Direction::Inactive,
        },
        srtp: None,
    }
}

#[expect(clippy::disallowed_methods, reason = "real sockets live by the machine's clock")]
fn now() -> SystemTime {
    SystemTime::now()
}
