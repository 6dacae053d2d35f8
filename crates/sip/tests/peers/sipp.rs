//! SIPp: calls that go wrong in one way each, played from scenarios of ours.

use super::child::{free_ports, said, start};
use super::side::{Side, agreed, negotiation};
use sip::CallEvent;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Child;

/// SIPp as the called side of one call.
struct Sipp {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
}

impl Drop for Sipp {
    fn drop(&mut self) {
        super::child::explain(self.folder.path());
    }
}

impl Sipp {
    /// Plays these steps to the first call that comes.
    fn plays(steps: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let scenario =
            format!("<?xml version=\"1.0\"?>\n<scenario name=\"test\">\n{}\n</scenario>\n", steps.concat());
        std::fs::write(folder.path().join("scenario.xml"), scenario).unwrap();
        let (port, media) = (free_ports(1), free_ports(4));
        let (port_text, media) = (port.to_string(), media.to_string());
        let arguments = [
            "-sf",
            "scenario.xml",
            "-i",
            "127.0.0.1",
            "-p",
            &port_text,
            "-mp",
            &media,
            "-m",
            "1",
            "-nostdin",
            "-timeout",
            "25",
            "-timeout_error",
            "-trace_err",
            "-trace_msg",
        ];
        let child = start("sipp", &arguments, folder.path());
        Self { child, folder, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// Waits until it has played to the end, and as the scenario says.
    async fn ends_content(mut self) {
        let ended = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await;
        let status = ended.expect("SIPp does not end").unwrap();
        let errors = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let errors = errors.filter(|path| path.to_string_lossy().contains("errors"));
        let errors: String = errors.map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect();
        assert!(status.success(), "SIPp ended with {status}: {errors}\n{}", said(self.folder.path()));
    }
}

fn recv(request: &str) -> String {
    format!("<recv request=\"{request}\" crlf=\"true\"/>\n")
}

/// An answer to what was received last, with headers and perhaps a description.
fn reply(line: &str, headers: &str, sdp: bool) -> String {
    let body = "v=0\no=sipp 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio [media_port] RTP/AVP 8\na=rtpmap:8 PCMA/8000\n";
    let (kind, body) = if sdp { ("Content-Type: application/sdp\n", body) } else { ("", "") };
    let tag = if line.starts_with("100") { "" } else { ";tag=sipp[call_number]" };
    format!(
        "<send><![CDATA[\nSIP/2.0 {line}\n[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n\
         Contact: <sip:sipp@[local_ip]:[local_port]>\n{headers}{kind}Content-Length: [len]\n\n{body}]]></send>\n"
    )
}

/// An answer inside the call, where To has its tag already.
fn reply_inside(line: &str, headers: &str, sdp: bool) -> String {
    reply(line, headers, sdp).replace(";tag=sipp[call_number]", "")
}

/// Answers the call and waits for the ACK.
fn answers() -> Vec<String> {
    vec![recv("INVITE"), reply("180 Ringing", "", false), reply("200 OK", "", true), recv("ACK")]
}

/// Takes the BYE.
fn is_hung_up() -> Vec<String> {
    vec![recv("BYE"), reply_inside("200 OK", "", false)]
}

async fn call(steps: &[String]) -> (Side, sip::Call, Sipp, sip::sdp::Negotiation) {
    let sipp = Sipp::plays(steps);
    let us = Side::start().await;
    us.reaches("ivan", sipp.address);
    super::child::listens(sipp.address).await;
    let mut negotiation = negotiation(41_000, &["alaw"]);
    let call = us.calls("sip:sipp@pbx.test", &negotiation.offer().to_string());
    (us, call, sipp, negotiation)
}

/// The code that our call ends with when SIPp answers so.
async fn refused_with(line: &str, headers: &str) -> (u16, String) {
    let steps = [recv("INVITE"), reply(line, headers, false), recv("ACK")];
    let (mut us, _call, sipp, _) = call(&steps).await;
    let ended =
        |event| if let CallEvent::Ended { code, reason, .. } = event { Some((code, reason)) } else { None };
    let told = us.hears(ended).await;
    sipp.ends_content().await;
    us.close().await;
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_is_told_with_its_code() {
    if !super::are_wanted() {
        return;
    }
    let lines = [
        "403 Forbidden",
        "404 Not Found",
        "408 Request Timeout",
        "480 Temporarily Unavailable",
        "486 Busy Here",
        "488 Not Acceptable Here",
        "503 Service Unavailable",
        "603 Decline",
    ];
    for line in lines {
        let headers = if line.starts_with("503") { "Retry-After: 30\n" } else { "" };
        let (code, _) = refused_with(line, headers).await;
        assert_eq!(Some(code.to_string().as_str()), line.split(' ').next());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_refused_twice_is_wrong() {
    if !super::are_wanted() {
        return;
    }
    let challenge = |nonce| {
        format!("WWW-Authenticate: Digest realm=\"sipp\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"\n")
    };
    let steps = [
        recv("INVITE"),
        reply("401 Unauthorized", &challenge("one"), false),
        recv("ACK"),
        recv("INVITE"),
        reply("401 Unauthorized", &challenge("two"), false),
        recv("ACK"),
    ];
    let (mut us, _call, sipp, _) = call(&steps).await;
    assert_eq!(us.end().await, 401);
    sipp.ends_content().await;
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_withdrawn_while_it_rings() {
    if !super::are_wanted() {
        return;
    }
    let withdrawn =
        reply("487 Request Terminated", "", false).replace("[last_CSeq:]", "CSeq: [$number] INVITE");
    let number = "<recv request=\"INVITE\"><action><ereg regexp=\"[0-9]+\" search_in=\"hdr\" header=\"CSeq:\" assign_to=\"number\"/></action></recv>\n";
    let steps = [
        number.to_owned(),
        reply("180 Ringing", "", false),
        recv("CANCEL"),
        reply("200 OK", "", false),
        withdrawn,
        recv("ACK"),
    ];
    let (mut us, call, sipp, _) = call(&steps).await;
    us.hears(|event| matches!(event, CallEvent::Ringing).then_some(())).await;
    call.hang_up("changed my mind").unwrap();
    assert_eq!(us.end().await, 487);
    sipp.ends_content().await;
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_that_cross_are_made_again_a_moment_later() {
    if !super::are_wanted() {
        return;
    }
    let mut steps = answers();
    steps.extend([
        recv("INVITE"),
        reply_inside("491 Request Pending", "", false),
        recv("ACK"),
        recv("INVITE"),
        reply_inside("200 OK", "", true),
        recv("ACK"),
    ]);
    steps.extend(is_hung_up());
    let (mut us, call, sipp, mut negotiation) = call(&steps).await;
    let answer =
        us.hears(|event| if let CallEvent::Answered { sdp } = event { Some(sdp) } else { None }).await;
    agreed(&mut negotiation, &answer);
    negotiation.hold();
    call.reoffer(negotiation.offer().to_string()).unwrap();
    us.hears(|event| matches!(event, CallEvent::ReofferAnswered { .. }).then_some(())).await;
    call.hang_up("done").unwrap();
    us.end().await;
    sipp.ends_content().await;
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reliable_announcement_is_heard_and_acknowledged() {
    if !super::are_wanted() {
        return;
    }
    let mut steps = vec![
        "<recv request=\"INVITE\"><action><ereg regexp=\"[0-9]+\" search_in=\"hdr\" header=\"CSeq:\" assign_to=\"number\"/>\
         <ereg regexp=\".*\" search_in=\"hdr\" header=\"Via:\" assign_to=\"via\"/></action></recv>\n"
            .to_owned(),
        reply("183 Session Progress", "Require: 100rel\nRSeq: 1\n", true),
        recv("PRACK"),
        reply_inside("200 OK", "", false),
        reply_inside("200 OK", "", true).replace("[last_CSeq:]", "CSeq: [$number] INVITE").replace("[last_Via:]", "Via:[$via]"),
        recv("ACK"),
    ];
    steps.extend(is_hung_up());
    let (mut us, call, sipp, mut negotiation) = call(&steps).await;
    let early =
        us.hears(|event| if let CallEvent::Progress { sdp } = event { Some(sdp) } else { None }).await;
    agreed(&mut negotiation, &early);
    us.hears(|event| matches!(event, CallEvent::Answered { .. }).then_some(())).await;
    call.hang_up("done").unwrap();
    us.end().await;
    sipp.ends_content().await;
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blind_transfer_is_asked_for_and_its_progress_told() {
    if !super::are_wanted() {
        return;
    }
    let notify = "<send><![CDATA[\nNOTIFY [$contact] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n\
        From: [$to]\nTo: [$from]\n[last_Call-ID:]\nCSeq: 1 NOTIFY\nEvent: refer\nSubscription-State: terminated;reason=noresource\n\
        Contact: <sip:sipp@[local_ip]:[local_port]>\nMax-Forwards: 70\nContent-Type: message/sipfrag\nContent-Length: [len]\n\nSIP/2.0 200 OK\n]]></send>\n";
    let refer = "<recv request=\"REFER\"><action><ereg regexp=\"&lt;.*\" search_in=\"hdr\" header=\"From:\" assign_to=\"from\"/>\
        <ereg regexp=\"&lt;.*\" search_in=\"hdr\" header=\"To:\" assign_to=\"to\"/>\
        <ereg regexp=\"sip:[^>]*\" search_in=\"hdr\" header=\"Contact:\" assign_to=\"contact\"/></action></recv>\n";
    let mut steps = answers();
    steps.extend([
        refer.to_owned(),
        reply_inside("202 Accepted", "", false),
        notify.to_owned(),
        "<recv response=\"200\"/>\n".to_owned(),
    ]);
    steps.extend(is_hung_up());
    let (mut us, call, sipp, _) = call(&steps).await;
    us.hears(|event| matches!(event, CallEvent::Answered { .. }).then_some(())).await;
    call.transfer("sip:602@pbx.test".parse().unwrap()).unwrap();
    us.hears(|event| matches!(event, CallEvent::TransferProgress { code: 200, .. }).then_some(())).await;
    call.hang_up("transferred").unwrap();
    us.end().await;
    sipp.ends_content().await;
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_nobody_heard_is_repeated() {
    if !super::are_wanted() {
        return;
    }
    // The first is let go by without an answer; SIPp takes the repetition for the same message, and answers late.
    let steps = [
        recv("INVITE"),
        "<pause milliseconds=\"1200\"/>\n".to_owned(),
        reply("486 Busy Here", "", false),
        recv("ACK"),
    ];
    let (mut us, _call, sipp, _) = call(&steps).await;
    assert_eq!(us.end().await, 486);
    sipp.ends_content().await;
    us.close().await;
}

/// The INVITE, and what SIPp needs of it to speak first later on.
fn invited() -> String {
    let part = |name: &str, header: &str, words: &str| {
        format!("<ereg regexp=\"{words}\" search_in=\"hdr\" header=\"{header}:\" assign_to=\"{name}\"/>")
    };
    let parts = [
        part("from", "From", "&lt;.*"),
        part("to", "To", "&lt;.*"),
        part("contact", "Contact", "sip:[^>]*"),
        part("number", "CSeq", "[0-9]+"),
        part("via", "Via", ".*"),
    ];
    let used = "<Reference variables=\"from,to,contact,number,via\"/>\n";
    format!("<recv request=\"INVITE\"><action>{}</action></recv>\n{used}", parts.concat())
}

/// A request of SIPp's own in the call.
fn asks(method: &str, number: u32, headers: &str) -> String {
    format!(
        "<send><![CDATA[\n{method} [$contact] SIP/2.0\nVia: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]\n\
         From: [$to];tag=sipp[call_number]\nTo: [$from]\n[last_Call-ID:]\nCSeq: {number} {method}\n\
         Contact: <sip:sipp@[local_ip]:[local_port]>\nMax-Forwards: 70\n{headers}Content-Length: 0\n\n]]></send>\n"
    )
}

/// SIPp hangs up once it has seen all that it waits for.
fn hangs_up(number: u32) -> Vec<String> {
    vec![asks("BYE", number, ""), "<recv response=\"200\"/>\n".to_owned()]
}

async fn is_answered(us: &mut Side) {
    us.hears(|event| matches!(event, CallEvent::Answered { .. }).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirection_is_followed_to_where_it_leads() {
    if !super::are_wanted() {
        return;
    }
    let moved = "<recv request=\"INVITE\"><action>\
        <ereg regexp=\"^INVITE sip:moved@\" search_in=\"msg\" check_it=\"true\" assign_to=\"there\"/></action></recv>\n\
        <Reference variables=\"there\"/>\n";
    let mut steps = vec![
        recv("INVITE"),
        reply("302 Moved Temporarily", "", false).replace("<sip:sipp@", "<sip:moved@"),
        recv("ACK"),
        moved.to_owned(),
        reply("200 OK", "", true),
        recv("ACK"),
    ];
    steps.extend(is_hung_up());
    let (mut us, call, sipp, _) = call(&steps).await;
    is_answered(&mut us).await;
    call.hang_up("done").unwrap();
    us.end().await;
    sipp.ends_content().await;
    us.close().await;
}

/// A forking proxy lets two phones answer: the second one is let go, and the call with the first goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_phone_that_answers_too_is_let_go() {
    if !super::are_wanted() {
        return;
    }
    let second = reply_inside("200 OK", "", true)
        .replace("[last_Via:]", "Via:[$via]")
        .replace("[last_From:]", "From: [$from]")
        .replace("[last_To:]", "To: [$to];tag=second")
        .replace("[last_CSeq:]", "CSeq: [$number] INVITE");
    let mut steps = vec![
        invited(),
        reply("200 OK", "", true),
        recv("ACK"),
        second,
        recv("ACK"),
        recv("BYE"),
        reply_inside("200 OK", "", false),
    ];
    steps.extend(hangs_up(1));
    let (mut us, _call, sipp, _) = call(&steps).await;
    is_answered(&mut us).await;
    assert_eq!(us.end().await, 200);
    sipp.ends_content().await;
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_of_the_session_is_agreed_to() {
    if !super::are_wanted() {
        return;
    }
    let agreed = "<recv response=\"200\"><action>\
        <ereg regexp=\"90;refresher=uac\" search_in=\"hdr\" header=\"Session-Expires:\" check_it=\"true\" assign_to=\"timer\"/>\
        </action></recv>\n<Reference variables=\"timer\"/>\n";
    let timer = "Supported: timer\nSession-Expires: 90;refresher=uac\n";
    let mut steps = vec![invited(), reply("200 OK", "", true), recv("ACK")];
    steps.extend([asks("UPDATE", 1, timer), agreed.to_owned()]);
    steps.extend(hangs_up(2));
    let (mut us, _call, sipp, _) = call(&steps).await;
    is_answered(&mut us).await;
    assert_eq!(us.end().await, 200);
    sipp.ends_content().await;
    us.close().await;
}
