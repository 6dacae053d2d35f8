//! Our side of a test: a user agent and what it hears.

use sip::sdp::{Capabilities, Codec, Media, Negotiation, Order, SrtpPolicy};
use sip::{
    Account, AccountKey, Call, CallEvent, Config, Event, Invite, RegistrationState, Transport, UserAgent,
};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(20);

/// The account of most tests.
pub(crate) const KEY: AccountKey = AccountKey(1);

/// A user agent on loopback.
pub(crate) struct Side {
    pub(crate) agent: UserAgent,
    events: mpsc::Receiver<Event>,
    stop: CancellationToken,
}

impl Side {
    pub(crate) async fn start() -> Self {
        Self::with(Config::loopback()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let stop = CancellationToken::new();
        let (agent, events) = UserAgent::start(config, stop.clone()).await.unwrap();
        Self { agent, events, stop }
    }

    /// Where it listens on UDP.
    pub(crate) fn udp(&self) -> SocketAddr {
        self.agent.listening().into_iter().find(|(transport, _)| *transport == Transport::Udp).unwrap().1
    }

    /// The next thing that happens.
    pub(crate) async fn next(&mut self) -> Event {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("nothing happens any more").expect("the agent has ended")
    }

    /// The next change of a registration.
    pub(crate) async fn registration(&mut self) -> RegistrationState {
        loop {
            if let Event::Registration { state, .. } = self.next().await {
                return state;
            }
        }
    }

    /// The next call that comes in.
    pub(crate) async fn incoming(&mut self) -> (Call, sip::Invitation) {
        loop {
            if let Event::Incoming { call, invitation, .. } = self.next().await {
                return (call, invitation);
            }
        }
    }

    /// The next thing in a call that `wanted` takes; what comes before is passed over.
    pub(crate) async fn hears<T>(&mut self, wanted: impl Fn(CallEvent) -> Option<T>) -> T {
        let mut passed = Vec::new();
        loop {
            match self.next().await {
                Event::Call { event, .. } => {
                    let shown = format!("{event:?}");
                    if let Some(found) = wanted(event) {
                        return found;
                    }
                    assert!(!shown.starts_with("Ended"), "the call ended: {shown}, after {passed:?}");
                    passed.push(shown);
                }
                other @ (Event::Registration { .. } | Event::Incoming { .. }) => {
                    passed.push(format!("{other:?}"))
                }
            }
        }
    }

    /// The code that the call ends with.
    pub(crate) async fn end(&mut self) -> u16 {
        self.hears(|event| if let CallEvent::Ended { code, .. } = event { Some(code) } else { None }).await
    }

    /// An account that calls through a peer without registering.
    pub(crate) fn reaches(&self, login: &str, peer: SocketAddr) {
        let account = Account { proxy: Some(peer.to_string()), register: false, ..account(login) };
        self.agent.register(KEY, account).unwrap();
    }

    /// Calls somebody with this description.
    pub(crate) fn calls(&self, to: &str, offer: &str) -> Call {
        self.agent.call(KEY, Invite::new(to.parse().unwrap(), offer)).unwrap()
    }

    pub(crate) async fn close(mut self) {
        self.stop.cancel();
        // Whoever does not listen to the end keeps the agent from ending.
        let listen = async { while self.events.recv().await.is_some() {} };
        tokio::select! {
            () = self.agent.closed() => (),
            () = listen => (),
        }
    }
}

/// An account of the test's domain; its password is `pw` and its name.
pub(crate) fn account(login: &str) -> Account {
    Account::new(login, format!("pw{login}").into(), "pbx.test")
}

/// A negotiation with these codecs. Nobody sends sound here: what was agreed is looked at.
pub(crate) fn negotiation(port: u16, codecs: &[&str]) -> Negotiation {
    let capabilities = Capabilities {
        address: [127, 0, 0, 1].into(),
        port,
        codecs: codecs.iter().map(|name| Codec::named(name).unwrap()).collect(),
        telephone_event: true,
        ptime: 20,
        max_ptime: None,
        srtp: SrtpPolicy::Off,
        rtcp_mux: false,
        order: Order::Ours,
    };
    Negotiation::new(capabilities, &mut rand::rng())
}

/// Takes the far side's answer.
pub(crate) fn agreed(negotiation: &mut Negotiation, answer: &str) -> Media {
    negotiation.receive_answer(&answer.parse().unwrap()).unwrap()
}
