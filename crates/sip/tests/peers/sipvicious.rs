//! SIPVicious, which looks for open PBXes and weak passwords: it must find neither, and be shut out.

use super::child::{said, start};
use super::side::Side;
use secrecy::SecretBox;
use sip::Config;
use sip::digest::{Algorithm, Ha1};
use sip::registrar::{Registrar, RegistrarServer, Settings};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A registrar with one user whose password is in every list.
fn registrar() -> RegistrarServer {
    let mut registrar = Registrar::new(Settings::new("pbx"), SecretBox::new(Box::new([9; 32])));
    let key = |algorithm| Ha1::of(algorithm, "100", "pbx", &"107".to_owned().into());
    registrar.set_user("100", vec![key(Algorithm::Md5), key(Algorithm::Sha256)]);
    RegistrarServer::new(registrar, now)
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// What a tool says that ran against us to its end.
async fn attack(program: &str, arguments: &[&str], server: &RegistrarServer) -> String {
    let us = Side::with(Config { server: Some(Arc::new(server.clone())), ..Config::loopback() }).await;
    let folder = tempfile::tempdir().unwrap();
    let (port, here) = (us.udp().port().to_string(), "127.0.0.1".to_owned());
    let mut all = vec!["-p", &port, "-P", "0"];
    all.retain(|argument| !(program == "svmap" && (*argument == "-P" || *argument == "0")));
    all.extend(arguments);
    all.push(&here);
    let mut child = start(program, &all, folder.path());
    // Some of them wait for answers until they are stopped.
    let _ = tokio::time::timeout(Duration::from_secs(12), child.wait()).await;
    us.close().await;
    said(folder.path())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_finds_nothing() {
    if !super::are_wanted() {
        return;
    }
    let said = attack("svmap", &[], &registrar()).await;
    assert!(said.contains("found nothing"), "{said}");
}
