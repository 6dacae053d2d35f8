//! What must not be read by whoever reads the log, and what may be read in a trace.

use super::{Phone, sdp};
use crate::trace::{Redaction, Way};
use crate::{
    Account, AccountKey, Call, CallEvent, Config, Digit, Invite, Server, ServerReply, ServerRequest,
    Transport, Uri,
};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

/// Challenges everybody once.
struct Asking;

fn challenge(request: &ServerRequest, code: u16, asks: &str, answers: &str) -> Option<ServerReply> {
    let headers = vec![(asks.to_owned(), r#"Digest realm="r", nonce="n", qop="auth""#.to_owned())];
    request.header(answers).is_none().then_some(ServerReply::Respond { code, headers })
}

impl Server for Asking {
    fn register(&self, request: &ServerRequest) -> ServerReply {
        let challenge = challenge(request, 401, "WWW-Authenticate", "Authorization");
        challenge.unwrap_or(ServerReply::Respond { code: 200, headers: Vec::new() })
    }

    fn invite(&self, request: &ServerRequest) -> ServerReply {
        challenge(request, 407, "Proxy-Authenticate", "Proxy-Authorization").unwrap_or(ServerReply::Admit)
    }
}

async fn registered() -> (Phone, Phone) {
    let server = Phone::with(Config { server: Some(Arc::new(Asking)), ..Config::loopback() }).await;
    let mut olga = Phone::with(Config::loopback()).await;
    let place = server.address(Transport::Udp).to_string();
    let account = Account {
        proxy: Some(place),
        ..Account::new("79001112233", "canary-pw".to_owned().into(), "pbx.test")
    };
    olga.agent.register(AccountKey(1), account).unwrap();
    olga.registration().await;
    (server, olga)
}

async fn talk(server: &mut Phone, olga: &mut Phone) -> (Call, Call) {
    let to = Uri::sip("79004445566", "pbx.test").unwrap();
    let hers = olga.agent.call(AccountKey(1), Invite::new(to, sdp(1))).unwrap();
    let (theirs, _) = server.rung().await;
    theirs.answer(sdp(2)).unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Answered { .. }));
    assert!(matches!(server.hears(&theirs).await, CallEvent::Acknowledged { .. }));
    (hers, theirs)
}

/// Everything that is logged on this thread, at the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_finest_log_shows_no_message_no_number_and_no_proof() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("the log is written");
    let (mut server, mut olga) = registered().await;
    let (hers, theirs) = talk(&mut server, &mut olga).await;
    hers.digit_by_info(Digit::new('7').unwrap()).unwrap();
    assert!(matches!(server.hears(&theirs).await, CallEvent::Digit { .. }));
    olga.stops().await;
    let text = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(text.contains("the log is written"));
    for secret in ["canary-pw", "79001112233", "79004445566", "Digest ", "Signal=", "m=audio", "response="] {
        assert!(!text.contains(secret), "{secret} in the log:\n{text}");
    }
}

#[tokio::test]
async fn a_trace_shows_a_call_without_its_secrets() {
    let (mut server, mut olga) = registered().await;
    let to = Uri::sip("79004445566", "pbx.test").unwrap();
    let hers = olga.agent.call(AccountKey(1), Invite::new(to, sdp(1))).unwrap();
    assert!(olga.agent.begin_trace(hers.id(), 50, Redaction::Numbers, SystemTime::UNIX_EPOCH));
    let (theirs, _) = server.rung().await;
    theirs.answer(sdp(2)).unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Answered { .. }));
    hers.digit_by_info(Digit::new('7').unwrap()).unwrap();
    assert!(matches!(server.hears(&theirs).await, CallEvent::Acknowledged { .. }));
    assert!(matches!(server.hears(&theirs).await, CallEvent::Digit { .. }));
    let trace = olga.agent.end_trace(hers.id()).unwrap();
    let first_words = |way: Way| {
        let lines = trace.entries().filter(move |e| e.way == way);
        lines.map(|e| e.text.split(' ').take(2).next().unwrap_or("").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(first_words(Way::Out), ["INVITE", "ACK", "INVITE", "ACK", "INFO"]);
    assert!(first_words(Way::In).iter().all(|w| w == "SIP/2.0"));
    let text: String = trace.entries().map(ToString::to_string).collect();
    for secret in ["79004445566", "response=", "Signal=7"] {
        assert!(!text.contains(secret), "{secret} in the trace:\n{text}");
    }
    assert!(olga.agent.trace(hers.id()).is_none());
}
