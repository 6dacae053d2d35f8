//! What no tool plays exactly: single datagrams, sent and looked at by hand.

use super::side::Side;
use sip::CallEvent;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// A called side that answers what it likes, when it likes.
struct Hand {
    socket: UdpSocket,
}

impl Hand {
    async fn start() -> (Self, SocketAddr) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        (Self { socket }, address)
    }

    /// The next request of this method; others are passed over.
    async fn gets(&self, method: &str) -> (String, SocketAddr) {
        let mut buffer = vec![0; 65_535];
        loop {
            let received =
                tokio::time::timeout(Duration::from_secs(10), self.socket.recv_from(&mut buffer)).await;
            let (length, from) = received.unwrap_or_else(|_| panic!("no {method} comes")).unwrap();
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.starts_with(method) {
                return (text, from);
            }
        }
    }

    /// Answers a request.
    async fn says(&self, line: &str, request: &str, to: SocketAddr) {
        let here = self.socket.local_addr().unwrap();
        let header = |name: &str| {
            let line = request.lines().find(|line| line.starts_with(&format!("{name}:")));
            line.unwrap_or_else(|| panic!("no {name} in {request}")).to_owned()
        };
        let tag = if header("To").contains("tag=") { "" } else { ";tag=hand" };
        let heads = [header("Via"), header("From"), header("To") + tag, header("Call-ID"), header("CSeq")]
            .join("\r\n");
        let body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
        let body = if request.starts_with("INVITE") && line.starts_with("200") { body } else { "" };
        let kind = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
        let message = format!(
            "SIP/2.0 {line}\r\n{heads}\r\nContact: <sip:hand@{here}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.socket.send_to(message.as_bytes(), to).await.unwrap();
    }
}

fn answered(event: CallEvent) -> Option<()> {
    matches!(event, CallEvent::Answered { .. }).then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_acknowledgement_was_lost_is_acknowledged_again() {
    let (hand, address) = Hand::start().await;
    let mut us = Side::start().await;
    us.reaches("ivan", address);
    let call =
        us.calls("sip:hand@pbx.test", &super::side::negotiation(43_000, &["alaw"]).offer().to_string());
    let (invite, from) = hand.gets("INVITE").await;
    hand.says("200 OK", &invite, from).await;
    us.hears(answered).await;
    let (first, _) = hand.gets("ACK").await;
    hand.says("200 OK", &invite, from).await;
    let (second, _) = hand.gets("ACK").await;
    let cseq = |text: &str| text.lines().find(|line| line.starts_with("CSeq:")).map(str::to_owned);
    assert_eq!(cseq(&first), cseq(&second));
    call.hang_up("done").unwrap();
    let (bye, from) = hand.gets("BYE").await;
    hand.says("200 OK", &bye, from).await;
    assert_eq!(us.end().await, 200);
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_was_lost_is_repeated_as_it_was() {
    let (hand, address) = Hand::start().await;
    let mut us = Side::start().await;
    us.reaches("ivan", address);
    us.calls("sip:hand@pbx.test", &super::side::negotiation(43_010, &["alaw"]).offer().to_string());
    let (lost, _) = hand.gets("INVITE").await;
    let (again, from) = hand.gets("INVITE").await;
    assert_eq!(lost, again);
    hand.says("486 Busy Here", &again, from).await;
    hand.gets("ACK").await;
    assert_eq!(us.end().await, 486);
    us.close().await;
}

/// Every message that a call makes us send is read by `rsip` too, a parser that shares no line with ours.
#[tokio::test(flavor = "multi_thread")]
async fn what_we_send_is_read_by_another_parser() {
    let (hand, address) = Hand::start().await;
    let mut us = Side::start().await;
    us.reaches("ivan", address);
    let mut sent = Vec::new();
    let call = us
        .calls("sip:hand@pbx.test", &super::side::negotiation(43_020, &["opus", "alaw"]).offer().to_string());
    let (invite, from) = hand.gets("INVITE").await;
    hand.says("180 Ringing", &invite, from).await;
    hand.says("200 OK", &invite, from).await;
    us.hears(answered).await;
    sent.push(invite);
    sent.push(hand.gets("ACK").await.0);
    call.digit_by_info(sip::Digit::new('5').unwrap()).unwrap();
    let (info, from) = hand.gets("INFO").await;
    hand.says("200 OK", &info, from).await;
    call.transfer("sip:602@pbx.test".parse().unwrap()).unwrap();
    let (refer, from) = hand.gets("REFER").await;
    hand.says("603 Decline", &refer, from).await;
    call.hang_up("done").unwrap();
    let (bye, from) = hand.gets("BYE").await;
    hand.says("200 OK", &bye, from).await;
    sent.extend([info, refer, bye]);
    us.end().await;
    for message in sent {
        let read = rsip::SipMessage::try_from(message.as_str());
        let Ok(rsip::SipMessage::Request(request)) = read else { panic!("{read:?}: {message}") };
        let typed = {
            use rsip::prelude::{HeadersExt as _, ToTypedHeader as _};
            (
                request.from_header().and_then(|header| header.typed()).is_ok(),
                request.to_header().and_then(|header| header.typed()).is_ok(),
                request.via_header().and_then(|header| header.typed()).is_ok(),
                request.cseq_header().and_then(|header| header.typed()).is_ok(),
            )
        };
        assert_eq!(typed, (true, true, true, true), "{message}");
    }
    us.close().await;
}
