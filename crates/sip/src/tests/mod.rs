//! Two of our own user agents on the loopback: what one does, the other must see.
#![expect(clippy::wildcard_enum_match_arm, reason = "whatever else comes fails the test")]

mod calls;
mod ends;
mod load;
mod offers;
mod registrations;
mod secrets;
mod transfers;
mod transports;

use crate::transport::Names;
use crate::{
    AccountKey, Call, CallEvent, CallId, Config, Event, Hop, Invitation, Invite, RegistrationState, Server,
    ServerReply, ServerRequest, Transport, Uri, UserAgent,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Nothing in these tests takes a tenth of this; past it something will never come.
const NEVER: Duration = Duration::from_secs(20);

/// A description; the user agent does not look into it.
pub(super) fn sdp(version: u32) -> String {
    format!(
        "v=0\r\no=- 1 {version} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\nc=IN IP4 127.0.0.1\r\n"
    )
}

/// Lets everybody in.
struct Open;

impl Server for Open {
    fn register(&self, _: &ServerRequest) -> ServerReply {
        ServerReply::Respond { code: 200, headers: Vec::new() }
    }

    fn invite(&self, _: &ServerRequest) -> ServerReply {
        ServerReply::Admit
    }
}

/// A user agent and what it is told.
pub(super) struct Phone {
    pub(super) agent: UserAgent,
    events: mpsc::Receiver<Event>,
    stop: CancellationToken,
}

impl Phone {
    /// One that takes any call.
    pub(super) async fn new() -> Self {
        Phone::with(Config { server: Some(Arc::new(Open)), ..Config::loopback() }).await
    }

    pub(super) async fn with(config: Config) -> Self {
        Phone::named(config, Names::system()).await
    }

    pub(super) async fn named(config: Config, names: Names) -> Self {
        let stop = CancellationToken::new();
        let (agent, events) = UserAgent::start_with(config, names, stop.clone()).await.unwrap();
        Phone { agent, events, stop }
    }

    pub(super) fn address(&self, transport: Transport) -> SocketAddr {
        let listening = self.agent.listening();
        listening.iter().find(|(t, _)| *t == transport).map(|(_, a)| *a).unwrap()
    }

    pub(super) fn hop(&self, transport: Transport) -> Hop {
        Hop { address: self.address(transport), transport }
    }

    /// Calls another phone over UDP.
    pub(super) fn calls(&self, other: &Phone) -> Call {
        self.calls_over(other, Transport::Udp)
    }

    pub(super) fn calls_over(&self, other: &Phone, transport: Transport) -> Call {
        let hop = other.hop(transport);
        let to = Uri::sip("ivan", &hop.address.to_string()).unwrap();
        self.call_at(hop, Invite::new(to, sdp(1)))
    }

    pub(super) fn call_at(&self, hop: Hop, invite: Invite) -> Call {
        let from = Uri::sip("olga", "pbx.test").unwrap();
        self.agent.call_at(hop, from, invite).unwrap()
    }

    pub(super) async fn next(&mut self) -> Event {
        let event = tokio::time::timeout(NEVER, self.events.recv()).await;
        event.expect("an event comes").expect("the agent runs")
    }

    pub(super) async fn rung(&mut self) -> (Call, Invitation) {
        match self.next().await {
            Event::Incoming { call, invitation, .. } => (call, invitation),
            other => panic!("no incoming call: {other:?}"),
        }
    }

    pub(super) async fn hears(&mut self, call: &Call) -> CallEvent {
        match self.next().await {
            Event::Call { id, event } if id == call.id() => event,
            other => panic!("not of {call:?}: {other:?}"),
        }
    }

    /// The next event of any call.
    pub(super) async fn hears_any(&mut self) -> (CallId, CallEvent) {
        match self.next().await {
            Event::Call { id, event } => (id, event),
            other => panic!("not of a call: {other:?}"),
        }
    }

    pub(super) async fn registration(&mut self) -> (AccountKey, RegistrationState) {
        match self.next().await {
            Event::Registration { account, state } => (account, state),
            other => panic!("not of an account: {other:?}"),
        }
    }

    /// Ends it, as the process would.
    pub(super) async fn stops(self) {
        self.stop.cancel();
        drop(self.events);
        tokio::time::timeout(NEVER, self.agent.closed()).await.expect("it ends");
    }
}

/// Olga and Ivan in a call that she made.
pub(super) async fn talking() -> (Phone, Call, Phone, Call) {
    talking_with(Phone::new().await, Phone::new().await).await
}

pub(super) async fn talking_with(mut olga: Phone, mut ivan: Phone) -> (Phone, Call, Phone, Call) {
    let hers = olga.calls(&ivan);
    let (his, _) = ivan.rung().await;
    his.answer(sdp(2)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Answered { sdp: sdp(2) });
    assert_eq!(ivan.hears(&his).await, CallEvent::Acknowledged { sdp: None });
    (olga, hers, ivan, his)
}
