//! Accounts that register at our own registrar.

use super::{Phone, sdp};
use crate::transport::Names;
use crate::wire;
use crate::{
    Account, AccountKey, CallEvent, Config, Event, Invite, RegistrationState, Server, ServerReply,
    ServerRequest, Transport, Uri,
};
use async_trait::async_trait;
use rsipstack::resolver::sip_resolver::{LookupSource, SrvRecord};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Answers REGISTER by a script, the last line for ever; notes what it was asked.
#[derive(Default)]
struct Script {
    replies: Mutex<Vec<ServerReply>>,
    asked: Mutex<Vec<ServerRequest>>,
}

impl Script {
    fn new(replies: &[(u16, &[(&str, &str)])]) -> Arc<Self> {
        let reply = |(code, headers): &(u16, &[(&str, &str)])| ServerReply::Respond {
            code: *code,
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        };
        Arc::new(Script { replies: Mutex::new(replies.iter().map(reply).collect()), asked: Mutex::default() })
    }

    fn header(&self, at: usize, name: &str) -> Option<String> {
        self.asked.lock().unwrap().get(at)?.header(name).map(str::to_owned)
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Server for Script {
    fn register(&self, request: &ServerRequest) -> ServerReply {
        self.asked.lock().unwrap().push(request.clone());
        let mut replies = self.replies.lock().unwrap();
        if replies.len() > 1 { replies.remove(0) } else { replies[0].clone() }
    }

    fn invite(&self, request: &ServerRequest) -> ServerReply {
        self.asked.lock().unwrap().push(request.clone());
        match request.header("Proxy-Authorization") {
            Some(_) => ServerReply::Admit,
            None => ServerReply::Respond {
                code: 407,
                headers: vec![(
                    "Proxy-Authenticate".into(),
                    r#"Digest realm="p", nonce="n", qop="auth""#.into(),
                )],
            },
        }
    }
}

const KEY: AccountKey = AccountKey(7);
const CHALLENGE: &[(&str, &str)] = &[
    ("WWW-Authenticate", r#"Digest realm="r", nonce="n1", qop="auth", algorithm=SHA-256"#),
    ("WWW-Authenticate", r#"Digest realm="r", nonce="n1", qop="auth", algorithm=MD5"#),
];

async fn server(script: &Arc<Script>) -> Phone {
    Phone::with(Config { server: Some(script.clone()), ..Config::loopback() }).await
}

fn account(server: &Phone) -> Account {
    let proxy = Some(server.address(Transport::Udp).to_string());
    Account { proxy, ..Account::new("olga", "secret".to_owned().into(), "pbx.test") }
}

async fn registered(script: &Arc<Script>) -> (Phone, Phone, RegistrationState) {
    let server = server(script).await;
    let mut olga = Phone::with(Config::loopback()).await;
    olga.agent.register(KEY, account(&server)).unwrap();
    let (_, state) = olga.registration().await;
    (server, olga, state)
}

fn up(seconds: u64) -> RegistrationState {
    RegistrationState::Registered { expires: Duration::from_secs(seconds) }
}

#[tokio::test]
async fn a_challenge_is_answered_with_the_hash_that_the_server_prefers() {
    let script = Script::new(&[(401, CHALLENGE), (200, &[("Expires", "120")])]);
    let (_server, _olga, state) = registered(&script).await;
    assert_eq!(state, up(120));
    assert!(script.header(0, "Authorization").is_none());
    let answer = script.header(1, "Authorization").unwrap();
    assert!(answer.contains("algorithm=SHA-256") && answer.contains("nc=00000001"), "{answer}");
    assert_eq!(script.header(1, "To").as_deref(), Some("<sip:olga@pbx.test>"));
}

#[tokio::test]
async fn a_refresh_takes_one_message_while_the_nonce_lives() {
    let script = Script::new(&[(401, CHALLENGE), (200, &[("Expires", "2")])]);
    let (_server, _olga, _) = registered(&script).await;
    while script.count() < 3 {
        tokio::task::yield_now().await;
    }
    let answer = script.header(2, "Authorization").unwrap();
    assert!(answer.contains("nc=00000002"), "{answer}");
    assert_eq!(script.header(2, "Call-ID"), script.header(1, "Call-ID"));
}

#[tokio::test]
async fn a_longer_interval_is_taken_where_the_server_wants_one() {
    let script = Script::new(&[(423, &[("Min-Expires", "7200")]), (200, &[])]);
    let (_server, _olga, state) = registered(&script).await;
    assert_eq!(state, up(7200));
    assert_eq!(script.header(1, "Expires").as_deref(), Some("7200"));
}

#[tokio::test]
async fn a_wrong_password_is_said_with_the_next_try() {
    let script = Script::new(&[(401, CHALLENGE)]);
    let (_server, _olga, state) = registered(&script).await;
    let RegistrationState::Failed { code, retry_in, permanent, .. } = state else { panic!("{state:?}") };
    assert_eq!((code, permanent), (401, false));
    assert!(retry_in.unwrap() < Duration::from_secs(3));
    assert_eq!(script.count(), 2, "the password is tried once");
}

#[tokio::test]
async fn a_busy_server_is_left_alone_for_as_long_as_it_asks() {
    let script = Script::new(&[(503, &[("Retry-After", "60")])]);
    let (_server, _olga, state) = registered(&script).await;
    let RegistrationState::Failed { code: 503, retry_in: Some(pause), .. } = state else {
        panic!("{state:?}")
    };
    assert!((60..=75).contains(&pause.as_secs()), "{pause:?}");
}

#[tokio::test]
async fn unregistering_signs_off_and_says_so() {
    let script = Script::new(&[(200, &[])]);
    let (_server, mut olga, _) = registered(&script).await;
    olga.agent.unregister(KEY);
    assert_eq!(olga.registration().await, (KEY, RegistrationState::Unregistered));
    assert_eq!(script.header(1, "Expires").as_deref(), Some("0"));
    assert_eq!(olga.agent.load().accounts, 0);
}

#[tokio::test]
async fn stopping_signs_off() {
    let script = Script::new(&[(200, &[])]);
    let (_server, olga, _) = registered(&script).await;
    olga.stops().await;
    assert_eq!(script.header(1, "Expires").as_deref(), Some("0"));
}

#[tokio::test]
async fn an_account_calls_through_its_server_with_its_password() {
    let script = Script::new(&[(200, &[])]);
    let (mut server, mut olga, _) = registered(&script).await;
    let call = olga.agent.call(KEY, Invite::new(Uri::sip("600", "pbx.test").unwrap(), sdp(1))).unwrap();
    let (theirs, invitation) = server.rung().await;
    assert_eq!(invitation.to.to_string(), "sip:600@pbx.test");
    assert_eq!(invitation.from.to_string(), "sip:olga@pbx.test");
    theirs.answer(sdp(2)).unwrap();
    assert_eq!(olga.hears(&call).await, CallEvent::Answered { sdp: sdp(2) });
}

#[tokio::test]
async fn a_call_to_the_contact_of_an_account_finds_it() {
    let script = Script::new(&[(200, &[])]);
    let (server, mut olga, _) = registered(&script).await;
    let contact = script.header(0, "Contact").unwrap();
    let contact = wire::NameAddr::parse(&contact).unwrap().uri;
    server.call_at(olga.hop(Transport::Udp), Invite::new(contact, sdp(1)));
    let Event::Incoming { account, .. } = olga.next().await else { panic!() };
    assert_eq!(account, Some(KEY));
}

#[tokio::test]
async fn the_accounts_server_may_call_it_by_its_login_and_a_stranger_may_not() {
    let script = Script::new(&[(200, &[])]);
    let (mut server, mut olga, _) = registered(&script).await;
    let place = olga.address(Transport::Udp);
    let call = server.call_at(
        olga.hop(Transport::Udp),
        Invite::new(Uri::sip("olga", &place.to_string()).unwrap(), sdp(1)),
    );
    let Event::Incoming { account, call: hers, .. } = olga.next().await else { panic!() };
    assert_eq!(account, Some(KEY));
    hers.reject(486, "").unwrap();
    assert!(matches!(server.hears(&call).await, CallEvent::Ended { code: 486, .. }));

    let elsewhere = Config { udp: vec!["127.0.0.2:0".parse().unwrap()], tcp: vec![], ..Config::default() };
    let mut stranger = Phone::with(elsewhere).await;
    let to = Uri::sip("olga", &place.to_string()).unwrap();
    let call = stranger.call_at(olga.hop(Transport::Udp), Invite::new(to, sdp(1)));
    assert!(matches!(stranger.hears(&call).await, CallEvent::Ended { code: 404, .. }));
}

#[tokio::test]
async fn two_accounts_with_one_login_are_told_apart_by_their_contacts() {
    let script = Script::new(&[(200, &[])]);
    let (server, mut olga, _) = registered(&script).await;
    let other = Account { domain: "other.test".into(), ..account(&server) };
    olga.agent.register(AccountKey(8), other).unwrap();
    assert_eq!(olga.registration().await.0, AccountKey(8));
    let contact = script.header(1, "Contact").unwrap();
    let contact = wire::NameAddr::parse(&contact).unwrap().uri;
    server.call_at(olga.hop(Transport::Udp), Invite::new(contact, sdp(1)));
    let Event::Incoming { account, .. } = olga.next().await else { panic!() };
    assert_eq!(account, Some(AccountKey(8)));
}

/// Two servers by SRV; the first is dead.
struct Zone(u16, u16);

#[async_trait]
impl LookupSource for Zone {
    async fn lookup_srv(&self, _: &str) -> Result<Vec<SrvRecord>, String> {
        let record = |port, priority| SrvRecord { target: "one.pbx.test".into(), port, priority, weight: 1 };
        Ok(vec![record(self.0, 1), record(self.1, 2)])
    }

    async fn lookup_a_aaaa(&self, _: &str) -> Result<Vec<IpAddr>, String> {
        Ok(vec![[127, 0, 0, 1].into()])
    }
}

#[tokio::test]
async fn the_next_server_of_a_domain_serves_when_the_first_is_dead() {
    let script = Script::new(&[(200, &[])]);
    let server = server(&script).await;
    let dead = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let zone = Zone(dead, server.address(Transport::Udp).port());
    let mut olga = Phone::named(Config::loopback(), Names::Other(Arc::new(zone))).await;
    olga.agent.register(KEY, Account::new("olga", "secret".to_owned().into(), "pbx.test")).unwrap();
    assert_eq!(olga.registration().await, (KEY, up(3600)));
}

#[tokio::test]
async fn an_account_behind_a_translator_gives_the_address_that_the_server_sees() {
    let script = Script::new(&[(200, &[])]);
    let server = server(&script).await;
    let mut olga = Phone::with(Config { public: Some([192, 0, 2, 7].into()), ..Config::loopback() }).await;
    olga.agent.register(KEY, account(&server)).unwrap();
    olga.registration().await;
    // The server answered with `received=127.0.0.1`, so a second REGISTER moved the Contact and took the old one back.
    let contacts = script.asked.lock().unwrap()[1].headers.clone();
    let contacts: Vec<_> = contacts.iter().filter(|(n, _)| n == "Contact").map(|(_, v)| v.as_str()).collect();
    assert!(contacts[0].contains("@127.0.0.1:"), "{contacts:?}");
    assert!(contacts[1].contains("@192.0.2.7:") && contacts[1].ends_with("expires=0"), "{contacts:?}");
}
