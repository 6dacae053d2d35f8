//! Addresses, Contact headers and everything else that a registrar reads of a REGISTER, made of one header a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use secrecy::SecretBox;
use sip::guard::Trusted;
use sip::registrar::{Registrar, Settings};
use sip::{ServerRequest, Transport, Uri};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::SystemTime;

fuzz_target!(|text: &str| {
    let headers: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    for (_, value) in &headers {
        if let Ok(uri) = value.parse::<Uri>() {
            assert!(uri.to_string().parse::<Uri>().is_ok(), "{uri}");
        }
    }
    let request = |method: &str| ServerRequest {
        method: method.to_owned(),
        uri: "sip:pbx".to_owned(),
        headers: headers.clone(),
        body: Vec::new(),
        source: SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)),
        transport: Transport::Udp,
    };
    let secret = || SecretBox::new(Box::new([0; 32]));
    let mut strict = Registrar::new(Settings::new("pbx"), secret());
    let _ = strict.register(&request("REGISTER"), SystemTime::UNIX_EPOCH);
    if let Ok(network) = "127.0.0.0/8".parse() {
        let trusted = vec![Trusted { network, port: None, transport: None }];
        let mut open = Registrar::new(Settings { trusted, ..Settings::new("pbx") }, secret());
        let _ = open.admit(&request("INVITE"), SystemTime::UNIX_EPOCH);
    }
});
