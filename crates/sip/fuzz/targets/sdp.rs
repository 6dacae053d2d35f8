//! Every session description that can be read can be printed, read again and answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rand::SeedableRng;
use rand::rngs::StdRng;
use sip::sdp::{Capabilities, Codec, Negotiation, Order, SessionDescription, SrtpPolicy};
use std::net::{IpAddr, Ipv4Addr};

fuzz_target!(|bytes: &[u8]| {
    let Ok(read) = SessionDescription::from_bytes(bytes) else { return };
    assert!(read.to_string().parse::<SessionDescription>().is_ok(), "{read}");
    let capabilities = Capabilities {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 4000,
        codecs: vec![Codec::opus(), Codec::g722(), Codec::pcma()],
        telephone_event: true,
        ptime: 20,
        max_ptime: None,
        srtp: SrtpPolicy::Optional,
        rtcp_mux: true,
        order: Order::Ours,
    };
    let mut called = Negotiation::new(capabilities.clone(), &mut StdRng::seed_from_u64(1));
    if let Ok((answer, _)) = called.receive_offer(&read) {
        assert_eq!(answer.media.len(), read.media.len());
        assert_eq!(called.offer().media.len(), read.media.len());
    }
    let mut calling = Negotiation::new(capabilities, &mut StdRng::seed_from_u64(2));
    let _ = calling.offer();
    let _ = calling.receive_answer(&read);
});
