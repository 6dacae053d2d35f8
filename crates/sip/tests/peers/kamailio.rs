//! Kamailio as registrar and proxy.

use super::child::{answers_options, free_ports, said, start};
use super::side::{KEY, Side, account, agreed, negotiation};
use sip::sdp::Direction;
use sip::{Account, AccountKey, CallEvent, Invite, RegistrationState, TlsPolicy, Transport};
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Child;

struct Kamailio {
    _child: Child,
    folder: TempDir,
    udp: SocketAddr,
    tls: SocketAddr,
    authority: Vec<u8>,
}

impl Kamailio {
    /// Starts it with this hash for passwords.
    async fn start(algorithm: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_ports(2);
        let authority = certificates(&folder);
        let modules = modules();
        let config = CONFIG
            .replace("@MODULES@", &modules)
            .replace("@FOLDER@", &folder.path().display().to_string())
            .replace("@PORT@", &port.to_string())
            .replace("@TLS@", &(port + 1).to_string())
            .replace("@ALGORITHM@", algorithm);
        std::fs::write(folder.path().join("kamailio.cfg"), config).unwrap();
        let arguments = [
            "-DD",
            "-E",
            "-P",
            "kamailio.pid",
            "-Y",
            ".",
            "-w",
            ".",
            "-f",
            "kamailio.cfg",
            "-m",
            "64",
            "-M",
            "8",
        ];
        let child = start("kamailio", &arguments, folder.path());
        let udp = SocketAddr::from(([127, 0, 0, 1], port));
        answers_options(udp).await;
        Self { _child: child, folder, udp, tls: SocketAddr::from(([127, 0, 0, 1], port + 1)), authority }
    }

    fn account(&self, login: &str, transport: Transport) -> Account {
        let proxy = if transport == Transport::Tls { self.tls } else { self.udp };
        let tls = TlsPolicy::Authority(self.authority.clone());
        Account {
            proxy: Some(proxy.to_string()),
            transport,
            tls,
            expires: Duration::from_secs(90),
            ..account(login)
        }
    }

    fn explain(&self) -> String {
        said(self.folder.path())
    }
}

/// An authority of the test's own, and a certificate for the server. Returns the authority's, PEM.
fn certificates(folder: &TempDir) -> Vec<u8> {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let mut root = CertificateParams::new(Vec::<String>::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap();
    let issuer = Issuer::new(root, root_key);
    let names = vec!["pbx.test".to_owned(), "127.0.0.1".to_owned()];
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    std::fs::write(folder.path().join("server.pem"), leaf.pem()).unwrap();
    std::fs::write(folder.path().join("server.key"), key.serialize_pem()).unwrap();
    root_certificate.pem().into_bytes()
}

fn modules() -> String {
    let below =
        std::fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path().join("kamailio/modules"));
    let found = below.into_iter().find(|folder| folder.is_dir());
    found.expect("Kamailio's modules are nowhere").display().to_string()
}

async fn registers(algorithm: &str, transport: Transport) {
    let kamailio = Kamailio::start(algorithm).await;
    let mut us = Side::start().await;
    us.agent.register(KEY, kamailio.account("1001", transport)).unwrap();
    let state = us.registration().await;
    assert!(
        matches!(state, RegistrationState::Registered { expires } if expires.as_secs() > 50),
        "{state:?}\n{}",
        kamailio.explain()
    );
    us.agent.unregister(KEY);
    assert_eq!(us.registration().await, RegistrationState::Unregistered);
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_registers_over_udp_tcp_and_tls() {
    if super::are_wanted() {
        for transport in [Transport::Udp, Transport::Tcp, Transport::Tls] {
            registers("MD5", transport).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_registers_with_sha_256() {
    if super::are_wanted() {
        registers("SHA-256", Transport::Udp).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_not_tried_for_ever() {
    if !super::are_wanted() {
        return;
    }
    let kamailio = Kamailio::start("MD5").await;
    let mut us = Side::start().await;
    let wrong = Account { password: "wrong".to_owned().into(), ..kamailio.account("1001", Transport::Udp) };
    us.agent.register(KEY, wrong).unwrap();
    let state = us.registration().await;
    assert!(matches!(state, RegistrationState::Failed { code: 401 | 403, .. }), "{state:?}");
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_stranger_is_refused_within_seconds() {
    if !super::are_wanted() {
        return;
    }
    let kamailio = Kamailio::start("MD5").await;
    let mut us = Side::start().await;
    let strict = Account { tls: TlsPolicy::System, ..kamailio.account("1001", Transport::Tls) };
    us.agent.register(KEY, strict).unwrap();
    let state = us.registration().await;
    assert!(
        matches!(&state, RegistrationState::Failed { reason, .. } if reason.contains("TLS")),
        "{state:?}"
    );
    us.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_talk_hold_and_hang_up_through_the_proxy() {
    if !super::are_wanted() {
        return;
    }
    let kamailio = Kamailio::start("MD5").await;
    let (mut ivan, mut anna) = (Side::start().await, Side::start().await);
    ivan.agent.register(KEY, kamailio.account("1001", Transport::Udp)).unwrap();
    anna.agent.register(AccountKey(2), kamailio.account("1002", Transport::Tcp)).unwrap();
    assert!(matches!(ivan.registration().await, RegistrationState::Registered { .. }));
    assert!(matches!(anna.registration().await, RegistrationState::Registered { .. }));

    let (mut ours, mut theirs) =
        (negotiation(40_000, &["opus", "alaw"]), negotiation(40_010, &["g722", "alaw"]));
    let invite = Invite::new("sip:1002@pbx.test".parse().unwrap(), ours.offer().to_string());
    let out = ivan.agent.call(KEY, invite).unwrap();
    let (call, invitation) = anna.incoming().await;
    assert_eq!(invitation.from.user.as_deref(), Some("1001"));
    call.ring().unwrap();
    ivan.hears(|event| matches!(event, CallEvent::Ringing).then_some(())).await;
    let (answer, _) = theirs.receive_offer(&invitation.offer.unwrap().parse().unwrap()).unwrap();
    call.answer(answer.to_string()).unwrap();
    let answer =
        ivan.hears(|event| if let CallEvent::Answered { sdp } = event { Some(sdp) } else { None }).await;
    assert_eq!(agreed(&mut ours, &answer).codec.name, "PCMA");

    ours.hold();
    out.reoffer(ours.offer().to_string()).unwrap();
    let held = anna.hears(|event| if let CallEvent::Reoffered { sdp } = event { sdp } else { None }).await;
    let (answer, media) = theirs.receive_offer(&held.parse().unwrap()).unwrap();
    assert!(media.held);
    call.answer_offer(answer.to_string()).unwrap();
    let answer = ivan
        .hears(|event| if let CallEvent::ReofferAnswered { sdp } = event { Some(sdp) } else { None })
        .await;
    assert_eq!(agreed(&mut ours, &answer).direction, Direction::SendOnly);

    out.hang_up("done").unwrap();
    assert_eq!(anna.end().await, 200);
    assert_eq!(ivan.end().await, 200);
    ivan.close().await;
    anna.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_registered_is_not_found() {
    if !super::are_wanted() {
        return;
    }
    let kamailio = Kamailio::start("SHA-256").await;
    let mut us = Side::start().await;
    us.agent.register(KEY, Account { register: false, ..kamailio.account("1001", Transport::Udp) }).unwrap();
    us.calls("sip:1009@pbx.test", &negotiation(40_020, &["alaw"]).offer().to_string());
    assert_eq!(us.end().await, 404);
    us.close().await;
}

/// A registrar and proxy on loopback; an account's password is `pw` and its name.
const CONFIG: &str = r#"#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=2
enable_tls=yes
listen=udp:127.0.0.1:@PORT@
listen=tcp:127.0.0.1:@PORT@
listen=tls:127.0.0.1:@TLS@
alias="pbx.test"
mpath="@MODULES@/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "nathelper.so"
loadmodule "tls.so"
modparam("tls", "tls_method", "TLSv1.2+")
modparam("tls", "certificate", "@FOLDER@/server.pem")
modparam("tls", "private_key", "@FOLDER@/server.key")
modparam("auth", "nonce_expire", 30)
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", 1)
modparam("auth", "algorithm", "@ALGORITHM@")
modparam("nathelper|registrar", "received_avp", "$avp(i:80)")
modparam("registrar", "min_expires", 60)
modparam("registrar", "max_expires", 3600)
request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  force_rport();
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
    sl_send_reply("404", "Not here"); exit;
  }
  if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }
  $var(pw) = "pw" + $fU;
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("pbx.test", "$var(pw)", "0", "$rm")) { auth_challenge("pbx.test", "1"); exit; }
    fix_nated_register();
    save("location"); exit;
  }
  if (is_method("INVITE")) {
    if (!pv_proxy_authenticate("pbx.test", "$var(pw)", "0")) { auth_challenge("pbx.test", "1"); exit; }
    consume_credentials();
    record_route();
    if (!lookup("location")) { sl_send_reply("404", "Not registered"); exit; }
    t_relay(); exit;
  }
  sl_send_reply("405", "Method Not Allowed");
}
"#;
