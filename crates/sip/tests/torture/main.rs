//! The torture messages of RFC 4475 and RFC 5118, sent over loopback to a user agent that runs. Each is answered as the RFCs
//! want, or not at all, and after each the agent still answers whoever asks properly.

#![cfg(test)]

mod rfc4475;
mod rfc5118;

use secrecy::SecretBox;
use sip::guard::Trusted;
use sip::registrar::{Registrar, RegistrarServer, Settings};
use sip::{Config, Event, Transport, UserAgent};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What the application says to every call that reaches it: a message answered so was understood.
const BUSY: u16 = 486;

/// One message.
struct Case {
    section: &'static str,
    title: &'static str,
    expected: Expected,
    message: &'static [u8],
}

/// What must come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A final answer with this code.
    Answer(u16),
    /// Nothing.
    Silence,
}

/// A user agent with a registrar, which refuses every call with [`BUSY`].
struct Target {
    address: SocketAddr,
    agent: UserAgent,
    stop: CancellationToken,
}

impl Target {
    async fn start() -> Self {
        let loopback = Trusted { network: "127.0.0.0/8".parse().unwrap(), port: None, transport: None };
        // Calls from here need no password; registrations do.
        let settings =
            Settings { trusted: vec![loopback], calls: (1000, 1000.0), ..Settings::new("torture") };
        let registrar = Registrar::new(settings, SecretBox::new(Box::new([1; 32])));
        let server =
            RegistrarServer::new(registrar, || SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        let stop = CancellationToken::new();
        let config = Config { server: Some(Arc::new(server)), ..Config::loopback() };
        let (agent, events) = UserAgent::start(config, stop.clone()).await.unwrap();
        let udp = agent.listening().into_iter().find(|(transport, _)| *transport == Transport::Udp);
        tokio_util::task::TaskTracker::new().spawn(refuse_every_call(events));
        Self { address: udp.unwrap().1, agent, stop }
    }

    async fn close(self) {
        self.stop.cancel();
        self.agent.closed().await;
    }
}

async fn refuse_every_call(mut events: mpsc::Receiver<Event>) {
    while let Some(event) = events.recv().await {
        if let Event::Incoming { call, .. } = event {
            let _ = call.reject(BUSY, "Busy Here");
        }
    }
}

/// Sends a message from a socket of its own, and after it an OPTIONS. Returns the code of the final answer to the message,
/// if there was one before OPTIONS was answered, and acknowledges it.
async fn say(target: SocketAddr, message: &[u8]) -> Option<String> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(message, target).await.unwrap();
    let here = socket.local_addr().unwrap();
    let mut answer = None;
    let mut asked = false;
    let mut buffer = vec![0; 65_535];
    loop {
        // What is answered at all is answered at once; a call passes through the application first.
        let patience = Duration::from_millis(if asked { 5000 } else { 250 });
        let received = tokio::time::timeout(patience, socket.recv(&mut buffer)).await;
        let Ok(received) = received else {
            assert!(!asked, "the agent no longer answers OPTIONS");
            asked = true;
            socket.send_to(options(here).as_bytes(), target).await.unwrap();
            continue;
        };
        let text = String::from_utf8_lossy(&buffer[..received.unwrap()]).into_owned();
        if text.contains("still-there") {
            assert!(text.starts_with("SIP/2.0 200 "), "{text}");
            return answer;
        }
        if !text.starts_with("SIP/2.0 1") && answer.is_none() {
            acknowledge(&socket, target, &text).await;
            answer = Some(text);
        }
    }
}

async fn acknowledge(socket: &UdpSocket, target: SocketAddr, answer: &str) {
    let header = |name: &str| {
        answer.lines().find(|line| line.to_ascii_lowercase().starts_with(name)).unwrap_or_default()
    };
    let number: String = header("cseq").chars().filter(char::is_ascii_digit).collect();
    if header("cseq").contains("INVITE") {
        let lines = [header("via"), header("from"), header("to"), header("call-id")].join("\r\n");
        let ack = format!("ACK sip:x SIP/2.0\r\n{lines}\r\nCSeq: {number} ACK\r\nContent-Length: 0\r\n\r\n");
        socket.send_to(ack.as_bytes(), target).await.unwrap();
    }
}

fn options(here: SocketAddr) -> String {
    format!(
        "OPTIONS sip:anyone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bK{};rport\r\n\
         From: <sip:tester@127.0.0.1>;tag=1\r\nTo: <sip:anyone@127.0.0.1>\r\nCall-ID: still-there-{}\r\nCSeq: 1 OPTIONS\r\n\
         Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        here.port(),
        here.port()
    )
}

fn code(answer: Option<&String>) -> Expected {
    let code = answer.and_then(|text| text.get(8..11)).and_then(|code| code.parse().ok());
    code.map_or(Expected::Silence, Expected::Answer)
}

async fn torture(cases: &'static [Case]) {
    let told = cases.iter().map(|case| async move {
        // Some messages share a Call-ID; each has an agent of its own.
        let target = Target::start().await;
        let answer = say(target.address, case.message).await;
        target.close().await;
        (case, answer)
    });
    let mut wrong = Vec::new();
    for (case, answer) in futures::future::join_all(told).await {
        if code(answer.as_ref()) != case.expected {
            wrong.push(format!(
                "{} {}: expected {:?}, got {answer:?}",
                case.section, case.title, case.expected
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_torture_messages_of_rfc_4475_meet_what_the_rfc_wants() {
    torture(rfc4475::RFC_4475).await;
}

#[tokio::test]
async fn the_ipv6_torture_messages_of_rfc_5118_meet_what_the_rfc_wants() {
    torture(rfc5118::RFC_5118).await;
}

#[tokio::test]
async fn an_unknown_extension_is_named_in_the_refusal() {
    let target = Target::start().await;
    let case = rfc4475::RFC_4475.iter().find(|case| case.section == "3.3.5").unwrap();
    let answer = say(target.address, case.message).await.unwrap();
    assert!(answer.contains("Unsupported: nothingSupportsThis, nothingSupportsThisEither"), "{answer}");
    target.close().await;
}

#[tokio::test]
async fn a_name_in_an_old_code_page_is_no_reason_not_to_ring() {
    let target = Target::start().await;
    let head: &[u8] = b"INVITE sip:anna@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKcp;rport\r\nFrom: \"";
    let name: &[u8] = b"\xc8\xe2\xe0\xed";
    let rest: &[u8] =
        b"\" <sip:ivan@127.0.0.1>;tag=1\r\nTo: <sip:anna@127.0.0.1>\r\nCall-ID: cp1251\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:ivan@127.0.0.1>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
    let answer = say(target.address, &[head, name, rest].concat()).await;
    assert_eq!(code(answer.as_ref()), Expected::Answer(BUSY), "{answer:?}");
    target.close().await;
}

#[tokio::test]
async fn scanners_hear_nothing() {
    let target = Target::start().await;
    for name in ["friendly-scanner", "sipcli/v1.8", "pplsip", "VaxSIPUserAgent/3.1"] {
        let scan = options(target.address).replace("Max-Forwards: 70", &format!("User-Agent: {name}"));
        let scan = scan.replace("still-there", "scan");
        assert_eq!(say(target.address, scan.as_bytes()).await, None, "{name}");
    }
    target.close().await;
}
