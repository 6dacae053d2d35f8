//! Negotiations of two sides, and of one side with what real PBXes write.

use super::*;
use crate::sdp::{Codec, Order, SrtpPolicy};
use rand::SeedableRng;
use rand::rngs::StdRng;

fn capabilities(port: u16, codecs: &[&str]) -> Capabilities {
    Capabilities {
        address: "192.0.2.1".parse().unwrap(),
        port,
        codecs: codecs.iter().map(|name| Codec::named(name).unwrap()).collect(),
        telephone_event: true,
        ptime: 20,
        max_ptime: None,
        srtp: SrtpPolicy::Off,
        rtcp_mux: false,
        order: Order::Ours,
    }
}

fn side(port: u16, codecs: &[&str]) -> Negotiation {
    with(capabilities(port, codecs))
}

fn with(capabilities: Capabilities) -> Negotiation {
    let port = capabilities.port;
    Negotiation::new(capabilities, &mut StdRng::seed_from_u64(port.into()))
}

fn far(text: &str) -> SessionDescription {
    text.parse().unwrap()
}

/// One offer and its answer, over the wire as text.
fn exchange(from: &mut Negotiation, to: &mut Negotiation) -> (Media, Media) {
    let offer = far(&from.offer().to_string());
    let (answer, theirs) = to.receive_offer(&offer).unwrap();
    let ours = from.receive_answer(&far(&answer.to_string())).unwrap();
    (ours, theirs)
}

const ASTERISK: &str = "v=0\r\no=- 1834 1834 IN IP4 198.51.100.7\r\ns=Asterisk\r\nc=IN IP4 198.51.100.7\r\nt=0 0\r\n\
    m=audio 18346 RTP/AVP 8 0 9 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:9 G722/8000\r\n\
    a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:150\r\na=sendrecv\r\n";

#[test]
fn our_first_common_codec_is_answered() {
    let mut us = side(4000, &["opus", "g722", "alaw"]);
    let (answer, media) = us.receive_offer(&far(ASTERISK)).unwrap();
    assert_eq!((media.codec.name.as_str(), media.codec.send_type, media.codec.clock_rate), ("G722", 9, 8000));
    assert_eq!(answer.media[0].raw_formats, ["9", "101"]);
    assert_eq!(media.remote, Some("198.51.100.7:18346".parse().unwrap()));
    assert_eq!(media.remote_rtcp, Some("198.51.100.7:18347".parse().unwrap()));
    assert_eq!((media.ptime, media.max_ptime), (20, Some(150)));
    assert!(media.telephone_event.unwrap().flash);
}

#[test]
fn the_far_sides_order_decides_where_we_say_so() {
    let mut us = with(Capabilities { order: Order::Theirs, ..capabilities(4000, &["opus", "g722", "alaw"]) });
    let (_, media) = us.receive_offer(&far(ASTERISK)).unwrap();
    assert_eq!(media.codec.name, "PCMA");
}

#[test]
fn without_a_common_codec_the_offer_is_refused_with_488() {
    let refusal = side(4000, &["opus"]).receive_offer(&far(ASTERISK)).unwrap_err();
    assert_eq!((refusal, refusal.code(), refusal.warning()), (Refusal::NoCommonCodec, 488, Some(305)));
}

#[test]
fn an_offer_without_sound_is_refused_with_488() {
    let video = far("v=0\r\nc=IN IP4 192.0.2.9\r\nm=video 5000 RTP/AVP 31\r\n");
    assert_eq!(side(4000, &["alaw"]).receive_offer(&video).unwrap_err(), Refusal::NoAudio);
    let refused = far("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 0 RTP/AVP 8\r\n");
    assert_eq!(side(4000, &["alaw"]).receive_offer(&refused).unwrap_err().code(), 488);
}

#[test]
fn fixed_payload_types_need_no_rtpmap() {
    let bare = far("v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 18 8\n");
    let (answer, media) = side(4000, &["alaw"]).receive_offer(&bare).unwrap();
    assert_eq!((media.codec.name.as_str(), media.telephone_event), ("PCMA", None));
    assert!(answer.to_string().contains("a=rtpmap:8 PCMA/8000"));
}

#[test]
fn g722_that_claims_its_true_rate_is_g722_still() {
    let slip = far("v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 9\na=rtpmap:9 G722/16000\n");
    let (answer, media) = side(4000, &["g722"]).receive_offer(&slip).unwrap();
    assert_eq!(media.codec.clock_rate, 8000);
    assert!(answer.to_string().contains("a=rtpmap:9 G722/16000"), "the far side's spelling is repeated");
}

#[test]
fn digits_follow_the_clock_of_the_codec() {
    let (mut us, mut them) = (side(4000, &["opus", "alaw"]), side(5000, &["opus", "alaw"]));
    let (ours, theirs) = exchange(&mut us, &mut them);
    assert_eq!(ours.codec.name, "opus");
    assert_eq!(ours.telephone_event.unwrap().clock_rate, 48_000);
    assert_eq!(ours.telephone_event, theirs.telephone_event);

    let (ours, _) = exchange(&mut us, &mut side(5002, &["alaw"]));
    assert_eq!((ours.codec.name.as_str(), ours.telephone_event.unwrap().clock_rate), ("PCMA", 8000));
}

#[test]
fn digits_at_another_clock_are_better_than_none() {
    let odd = "v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 107 101\na=rtpmap:107 opus/48000/2\na=rtpmap:101 telephone-event/8000\n";
    let (answer, media) = side(4000, &["opus"]).receive_offer(&far(odd)).unwrap();
    assert_eq!(media.codec.send_type, 107);
    let events = media.telephone_event.unwrap();
    assert_eq!((events.clock_rate, events.send_type, events.flash), (8000, 101, false));
    assert_eq!(answer.media[0].raw_formats, ["107", "101"]);
}

#[test]
fn digits_can_be_switched_off() {
    let mut us = with(Capabilities { telephone_event: false, ..capabilities(4000, &["alaw"]) });
    assert!(!us.offer().to_string().contains("telephone-event"));
    us.withdraw_offer();
    assert_eq!(us.receive_offer(&far(ASTERISK)).unwrap().1.telephone_event, None);
}

#[test]
fn opus_says_what_it_would_like_to_receive() {
    let mut us = side(4000, &["opus"]);
    let offer = us.offer().to_string();
    assert!(
        offer.contains("useinbandfec=1")
            && offer.contains("maxaveragebitrate=")
            && offer.contains("stereo=0")
    );
    let (_, media) = side(5000, &["opus"]).receive_offer(&far(&offer)).unwrap();
    assert_eq!(media.codec.parameter("useinbandfec"), Some("1"));
    assert_eq!(media.codec.parameter("sprop-maxcapturerate"), Some("48000"));
    assert_eq!(media.codec.parameter("cbr"), None);
}

#[test]
fn sections_beside_the_sound_are_refused_in_their_places() {
    let offer = far(
        "v=0\r\nc=IN IP4 192.0.2.9\r\nm=video 5002 RTP/AVP 31\r\nm=audio 5000 RTP/AVP 8\r\nm=image 5004 udptl t38\r\n",
    );
    let mut us = side(4000, &["alaw"]);
    let (answer, _) = us.receive_offer(&offer).unwrap();
    let text = answer.to_string();
    assert!(text.contains("m=video 0 RTP/AVP 31\r\nm=audio 4000 RTP/AVP 8\r\n"), "{text}");
    assert!(text.ends_with("m=image 0 udptl t38\r\n"), "{text}");

    us.hold();
    let again = us.offer();
    let ports: Vec<u16> = again.media.iter().map(|media| media.port).collect();
    assert_eq!(ports, [0, 4000, 0], "a re-offer keeps every section in its place");
}

#[test]
fn an_answer_that_takes_several_codecs_is_led_by_its_first() {
    let mut us = side(4000, &["opus", "g722", "alaw"]);
    let _ = us.offer();
    let media = us.receive_answer(&far(ASTERISK)).unwrap();
    assert_eq!(media.codec.name, "PCMA");
    assert_eq!(media.others.iter().map(|codec| codec.name.as_str()).collect::<Vec<_>>(), ["G722"]);
    assert_eq!((media.codec.send_type, media.codec.receive_type), (8, 8));
}

#[test]
fn each_side_may_have_a_payload_type_of_its_own() {
    let mut us = side(4000, &["opus"]);
    let _ = us.offer();
    let answer = far(
        "v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 96 97\na=rtpmap:96 opus/48000/2\na=rtpmap:97 telephone-event/48000\n",
    );
    let media = us.receive_answer(&answer).unwrap();
    assert_eq!((media.codec.send_type, media.codec.receive_type), (96, 111));
    let events = media.telephone_event.unwrap();
    assert_eq!((events.send_type, events.receive_type), (97, 110));
}

#[test]
fn a_payload_type_never_changes_its_meaning_within_a_call() {
    let theirs = far(
        "v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 111 8\na=rtpmap:111 telephone-event/8000\na=rtpmap:8 PCMA/8000\n",
    );
    let mut us = side(4000, &["opus", "alaw"]);
    us.receive_offer(&theirs).unwrap();
    let offer = us.offer();
    let opus = offer.media[0].formats.iter().find(|format| format.name == "opus").unwrap();
    assert_eq!(opus.payload_type, 96, "111 is taken");
    let event = offer.media[0].formats.iter().find(|format| format.name == "telephone-event").unwrap();
    assert_eq!(event.payload_type, 110, "48000 Hz is not what 111 stands for");
    assert!(offer.to_string().contains("a=rtpmap:111 telephone-event/8000"));
}

#[test]
fn the_answer_may_come_again() {
    let mut us = side(4000, &["alaw"]);
    let _ = us.offer();
    let early = us.receive_answer(&far(ASTERISK)).unwrap();
    let final_one = us.receive_answer(&far(ASTERISK)).unwrap();
    assert_eq!(early, final_one);
}

#[test]
fn an_answer_that_nobody_asked_for_is_refused() {
    assert_eq!(side(4000, &["alaw"]).receive_answer(&far(ASTERISK)).unwrap_err(), Refusal::NotExpected);
}

#[test]
fn offers_that_cross_are_refused_with_491() {
    let mut us = side(4000, &["alaw"]);
    let _ = us.offer();
    let refusal = us.receive_offer(&far(ASTERISK)).unwrap_err();
    assert_eq!((refusal, refusal.code()), (Refusal::Glare, 491));
    us.withdraw_offer();
    assert!(us.receive_offer(&far(ASTERISK)).is_ok());
}

#[test]
fn the_version_rises_with_a_change_and_only_then() {
    let (mut us, mut them) = (side(4000, &["alaw"]), side(5000, &["alaw"]));
    exchange(&mut us, &mut them);
    let first = us.local().unwrap().clone();
    exchange(&mut us, &mut them);
    assert_eq!(us.local(), Some(&first), "a refresh repeats the description as it is");
    us.hold();
    exchange(&mut us, &mut them);
    let held = us.local().unwrap();
    assert_eq!(
        (held.origin.session_id, held.origin.version),
        (first.origin.session_id, first.origin.version + 1)
    );
}

#[test]
fn a_refused_re_offer_leaves_the_agreement() {
    let (mut us, mut them) = (side(4000, &["alaw"]), side(5000, &["alaw"]));
    let (media, _) = exchange(&mut us, &mut them);
    let local = us.local().cloned();
    us.hold();
    let _ = us.offer();
    us.withdraw_offer();
    us.resume();
    assert_eq!((us.agreed(), us.local().cloned()), (Some(&media), local));
}

#[test]
fn hold_and_resume_work_both_ways() {
    let (mut us, mut them) = (side(4000, &["alaw"]), side(5000, &["alaw"]));
    exchange(&mut us, &mut them);

    us.hold();
    let (ours, theirs) = exchange(&mut us, &mut them);
    assert_eq!((ours.direction, ours.held), (Direction::SendOnly, false));
    assert_eq!((theirs.direction, theirs.held), (Direction::ReceiveOnly, true));

    them.hold();
    let (theirs, ours) = exchange(&mut them, &mut us);
    assert_eq!((ours.direction, theirs.direction), (Direction::Inactive, Direction::Inactive));
    assert!(ours.held && theirs.held, "both hold, each is held");

    us.resume();
    them.resume();
    let (ours, theirs) = exchange(&mut us, &mut them);
    assert_eq!((ours.direction, theirs.direction), (Direction::SendReceive, Direction::SendReceive));
    assert!(!ours.held && !theirs.held);
}

#[test]
fn zeros_for_an_address_are_a_hold() {
    let mut us = side(4000, &["alaw"]);
    let held = ASTERISK.replace("c=IN IP4 198.51.100.7", "c=IN IP4 0.0.0.0");
    let (answer, media) = us.receive_offer(&far(&held)).unwrap();
    assert!(media.held && media.remote.is_none());
    assert_eq!(answer.media[0].direction, Some(Direction::ReceiveOnly));
    let (_, media) = us.receive_offer(&far(ASTERISK)).unwrap();
    assert!(!media.held && media.direction == Direction::SendReceive);
}

#[test]
fn a_direction_of_the_session_counts_where_the_section_has_none() {
    let inactive = far("v=0\na=inactive\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 8\n");
    let (_, media) = side(4000, &["alaw"]).receive_offer(&inactive).unwrap();
    assert_eq!((media.direction, media.held), (Direction::Inactive, true));
}

#[test]
fn reports_share_the_port_only_if_both_like_it() {
    let mux = |port, rtcp_mux| with(Capabilities { rtcp_mux, ..capabilities(port, &["alaw"]) });
    let (ours, theirs) = exchange(&mut mux(4000, true), &mut mux(5000, true));
    assert!(ours.rtcp_mux && theirs.rtcp_mux && ours.remote_rtcp == ours.remote);
    let (ours, theirs) = exchange(&mut mux(4000, true), &mut mux(5000, false));
    assert!(!ours.rtcp_mux && !theirs.rtcp_mux);
    let apart = ASTERISK.to_owned() + "a=rtcp:9999 IN IP4 198.51.100.8\r\n";
    let (_, media) = mux(4000, false).receive_offer(&far(&apart)).unwrap();
    assert_eq!(media.remote_rtcp, Some("198.51.100.8:9999".parse().unwrap()));
}

#[test]
fn ipv6_goes_both_ways() {
    let address = "2001:db8::1".parse().unwrap();
    let mut us = with(Capabilities { address, ..capabilities(4000, &["alaw"]) });
    let (ours, theirs) = exchange(&mut us, &mut side(5000, &["alaw"]));
    assert_eq!(theirs.remote, Some("[2001:db8::1]:4000".parse().unwrap()));
    assert_eq!(ours.remote, Some("192.0.2.1:5000".parse().unwrap()));
}

fn srtp(port: u16, srtp: SrtpPolicy) -> Negotiation {
    with(Capabilities { srtp, ..capabilities(port, &["alaw"]) })
}

#[test]
fn encryption_is_agreed_with_crossed_keys() {
    for (us, them) in [
        (SrtpPolicy::Required, SrtpPolicy::Required),
        (SrtpPolicy::Required, SrtpPolicy::Optional),
        (SrtpPolicy::Optional, SrtpPolicy::Optional),
        (SrtpPolicy::Optional, SrtpPolicy::Required),
    ] {
        let (ours, theirs) = exchange(&mut srtp(4000, us), &mut srtp(5000, them));
        let (ours, theirs) = (ours.srtp.unwrap(), theirs.srtp.unwrap());
        assert_eq!((&ours.send, &ours.receive), (&theirs.receive, &theirs.send), "{us:?} {them:?}");
        assert_ne!(ours.send, ours.receive);
        assert_eq!(ours.suite, crate::sdp::CryptoSuite::AesCm128HmacSha1_80);
    }
}

#[test]
fn optional_encryption_falls_back_to_plain_sound() {
    let (ours, theirs) = exchange(&mut srtp(4000, SrtpPolicy::Optional), &mut srtp(5000, SrtpPolicy::Off));
    assert_eq!((ours.srtp, theirs.srtp), (None, None));
}

#[test]
fn encryption_that_one_side_must_and_the_other_does_not_do_is_refused() {
    let offer = srtp(4000, SrtpPolicy::Required).offer();
    assert!(offer.to_string().contains("RTP/SAVP"));
    let refusal = srtp(5000, SrtpPolicy::Off).receive_offer(&offer).unwrap_err();
    assert_eq!((refusal, refusal.code()), (Refusal::EncryptionNotPossible, 488));
    let plain = srtp(4000, SrtpPolicy::Off).offer();
    assert_eq!(
        srtp(5000, SrtpPolicy::Required).receive_offer(&plain).unwrap_err(),
        Refusal::EncryptionRequired
    );
    let mut us = srtp(4000, SrtpPolicy::Required);
    let _ = us.offer();
    assert_eq!(us.receive_answer(&far(ASTERISK)).unwrap_err(), Refusal::EncryptionRequired);
}

#[test]
fn the_keys_stay_through_hold_and_resume() {
    let (mut us, mut them) = (srtp(4000, SrtpPolicy::Optional), srtp(5000, SrtpPolicy::Optional));
    let (first, _) = exchange(&mut us, &mut them);
    us.hold();
    let (held, theirs) = exchange(&mut us, &mut them);
    assert_eq!(
        (&first.srtp, first.srtp.as_ref().map(|srtp| &srtp.send)),
        (&held.srtp, theirs.srtp.as_ref().map(|srtp| &srtp.receive))
    );
    them.hold();
    let (_, back) = exchange(&mut them, &mut us);
    assert_eq!(first.srtp, back.srtp);
}

#[test]
fn a_cipher_that_we_do_not_know_is_passed_over() {
    let offer = "v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/SAVP 8\n\
        a=crypto:1 AEAD_AES_256_GCM inline:AAAA\n\
        a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\n";
    let (answer, media) = srtp(4000, SrtpPolicy::Optional).receive_offer(&far(offer)).unwrap();
    assert_eq!(media.srtp.unwrap().suite, crate::sdp::CryptoSuite::AesCm128HmacSha1_32);
    assert_eq!(answer.media[0].crypto[0].tag, 7);
    assert!(answer.to_string().contains("m=audio 4000 RTP/SAVP 8"));
}

#[test]
fn no_key_shows_when_a_negotiation_is_printed_for_developers() {
    let (mut us, mut them) = (srtp(4000, SrtpPolicy::Required), srtp(5000, SrtpPolicy::Required));
    exchange(&mut us, &mut them);
    let wire = us.local().unwrap().to_string();
    let key = wire.split("inline:").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    for shown in [format!("{us:?}"), format!("{them:?}")] {
        assert!(!shown.contains(&key) && shown.contains("[hidden]"));
    }
}
