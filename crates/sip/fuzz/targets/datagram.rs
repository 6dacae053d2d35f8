//! Whatever comes over the wire is screened, tidied and traced without a panic, and a refusal is itself a message that passes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sip::guard::{Rules, Screened, Source, screen, tidy};
use sip::trace::{Redaction, redact};
use std::net::{Ipv4Addr, SocketAddr};

fuzz_target!(|bytes: &[u8]| {
    let source = Source { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 5060)), datagram: true };
    match screen(bytes, source, &Rules::default()) {
        Screened::Answer(answer) => assert!(answer.starts_with(b"SIP/2.0 ") && answer.ends_with(b"\r\n\r\n")),
        Screened::Pass => {
            let tidied = tidy(bytes);
            let _ = rsipstack::sip::SipMessage::try_from(tidied.as_deref().unwrap_or(bytes));
        }
        Screened::Drop => (),
    }
    let _ = redact(&String::from_utf8_lossy(bytes), Redaction::Numbers);
});
