//! baresip: a telephone that is not ours.

use super::child::{free_ports, said, start};
use super::side::{Side, agreed, negotiation};
use sip::CallEvent;
use sip::sdp::{Direction, SessionDescription};
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::process::Child;

struct Baresip {
    _child: Child,
    folder: TempDir,
    address: SocketAddr,
    control: SocketAddr,
}

impl Drop for Baresip {
    fn drop(&mut self) {
        super::child::explain(self.folder.path());
    }
}

impl Baresip {
    /// A telephone named `bare` that answers by itself, and calls through us. The port behind its own it takes for TLS.
    async fn start(proxy: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_ports(3);
        let media = free_ports(20);
        let config = CONFIG
            .replace("@MODULES@", &modules())
            .replace("@PORT@", &port.to_string())
            .replace("@CONTROL@", &(port + 2).to_string())
            .replace("@MEDIA@", &format!("{media}-{}", media + 19));
        std::fs::write(folder.path().join("config"), config).unwrap();
        let account = format!("<sip:bare@{proxy};transport=udp>;regint=0;answermode=auto\n");
        std::fs::write(folder.path().join("accounts"), account).unwrap();
        std::fs::write(folder.path().join("contacts"), "").unwrap();
        let child = start("baresip", &["-f", ".", "-v"], folder.path());
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let phone = Self { _child: child, folder, address: at(port), control: at(port + 2) };
        phone.control().await;
        phone
    }

    async fn control(&self) -> TcpStream {
        for _ in 0..100 {
            if let Ok(stream) = TcpStream::connect(self.control).await {
                return stream;
            }
            let _ = tokio::time::timeout(Duration::from_millis(100), std::future::pending::<()>()).await;
        }
        panic!("baresip does not start: {}", said(self.folder.path()));
    }

    /// Presses a key of the telephone, so to speak.
    async fn does(&self, command: &str, parameters: &str) {
        let message = format!("{{\"command\":\"{command}\",\"params\":\"{parameters}\"}}");
        let mut stream = self.control().await;
        stream.write_all(format!("{}:{message},", message.len()).as_bytes()).await.unwrap();
        let mut answer = [0; 1024];
        // It tells what came of it, which is not needed, but hanging up before it did would lose the command.
        let read = tokio::io::AsyncReadExt::read(&mut stream, &mut answer);
        let _ = tokio::time::timeout(Duration::from_secs(2), read).await;
    }
}

fn modules() -> String {
    [
        "/usr/lib/baresip/modules",
        "/usr/local/lib/baresip/modules",
        "/usr/lib/x86_64-linux-gnu/baresip/modules",
    ]
    .into_iter()
    .find(|folder| std::path::Path::new(folder).is_dir())
    .expect("baresip's modules are nowhere")
    .to_owned()
}

/// Our side, known to the telephone as `tandem`.
async fn pair() -> (Side, Baresip) {
    let us = Side::start().await;
    let phone = Baresip::start(us.udp()).await;
    us.reaches("tandem", phone.address);
    (us, phone)
}

fn answered(event: CallEvent) -> Option<String> {
    if let CallEvent::Answered { sdp } = event { Some(sdp) } else { None }
}

fn reoffered(event: CallEvent) -> Option<SessionDescription> {
    if let CallEvent::Reoffered { sdp: Some(sdp) } = event { sdp.parse().ok() } else { None }
}

#[tokio::test(flavor = "multi_thread")]
async fn we_call_a_telephone_with_every_codec_that_both_have() {
    if !super::are_wanted() {
        return;
    }
    let (mut us, phone) = pair().await;
    for (codec, name) in
        [("alaw", "PCMA"), ("mulaw", "PCMU"), ("g722", "G722"), ("gsm", "GSM"), ("opus", "opus")]
    {
        let mut negotiation = negotiation(42_000, &[codec]);
        let call = us.calls(&format!("sip:bare@{}", phone.address), &negotiation.offer().to_string());
        let media = agreed(&mut negotiation, &us.hears(answered).await);
        assert_eq!(media.codec.name, name);
        assert!(media.telephone_event.is_some() && media.remote.is_some(), "{media:?}");
        call.hang_up("done").unwrap();
        assert_eq!(us.end().await, 200);
    }
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_common_codec_the_telephone_refuses() {
    if !super::are_wanted() {
        return;
    }
    let (mut us, phone) = pair().await;
    us.calls(&format!("sip:bare@{}", phone.address), &negotiation(42_010, &["g729"]).offer().to_string());
    assert!(matches!(us.end().await, 488 | 415 | 606));
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn we_hold_a_telephone_and_take_it_back() {
    if !super::are_wanted() {
        return;
    }
    let (mut us, phone) = pair().await;
    let mut negotiation = negotiation(42_020, &["alaw"]);
    let call = us.calls(&format!("sip:bare@{}", phone.address), &negotiation.offer().to_string());
    agreed(&mut negotiation, &us.hears(answered).await);
    for (hold, expected) in [(true, Direction::SendOnly), (false, Direction::SendReceive)] {
        if hold {
            negotiation.hold()
        } else {
            negotiation.resume()
        }
        call.reoffer(negotiation.offer().to_string()).unwrap();
        let answer = |event| if let CallEvent::ReofferAnswered { sdp } = event { Some(sdp) } else { None };
        let media = agreed(&mut negotiation, &us.hears(answer).await);
        assert_eq!((media.direction, media.held), (expected, false));
    }
    call.hang_up("done").unwrap();
    assert_eq!(us.end().await, 200);
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_calls_us_holds_us_and_hangs_up() {
    if !super::are_wanted() {
        return;
    }
    let (mut us, phone) = pair().await;
    phone.does("dial", &format!("sip:tandem@{}", us.udp())).await;
    let (call, invitation) = us.incoming().await;
    assert_eq!(invitation.from.user.as_deref(), Some("bare"));
    let mut negotiation = negotiation(42_030, &["opus", "g722", "alaw"]);
    let (answer, media) = negotiation.receive_offer(&invitation.offer.unwrap().parse().unwrap()).unwrap();
    assert_eq!(media.codec.name, "opus", "our order decides");
    call.ring().unwrap();
    call.answer(answer.to_string()).unwrap();
    us.hears(|event| matches!(event, CallEvent::Acknowledged { .. }).then_some(())).await;

    phone.does("hold", "").await;
    let (answer, media) = negotiation.receive_offer(&us.hears(reoffered).await).unwrap();
    assert!(media.held, "{media:?}");
    call.answer_offer(answer.to_string()).unwrap();
    phone.does("resume", "").await;
    let (answer, media) = negotiation.receive_offer(&us.hears(reoffered).await).unwrap();
    assert!(!media.held, "{media:?}");
    call.answer_offer(answer.to_string()).unwrap();

    phone.does("hangup", "").await;
    assert_eq!(us.end().await, 200);
    us.close().await;
}

const CONFIG: &str = "module_path @MODULES@
module g711.so
module g722.so
module gsm.so
module opus.so
module aubridge.so
module_app account.so
module_app menu.so
module ctrl_tcp.so
sip_listen 127.0.0.1:@PORT@
ctrl_tcp_listen 127.0.0.1:@CONTROL@
audio_source aubridge,echo
audio_player aubridge,echo
audio_alert none,none
call_max_calls 20
rtp_ports @MEDIA@
net_interface 127.0.0.1
";
