//! Descriptions as PBXes write them: read, kept, printed.

use super::*;

#[test]
fn what_we_print_reads_back_the_same() {
    let text = "v=0\r\no=- 12 3 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\na=group:BUNDLE a\r\n\
        m=audio 4000 RTP/SAVP 111 8 101\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\na=rtpmap:8 PCMA/8000\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=maxptime:60\r\n\
        a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n\
        a=rtcp:4001 IN IP4 192.0.2.1\r\na=rtcp-mux\r\na=label:7\r\na=sendonly\r\n";
    let read: SessionDescription = text.parse().unwrap();
    assert_eq!(read.to_string(), text);
}

#[test]
fn bare_line_feeds_missing_lines_and_odd_order_are_fine() {
    let read: SessionDescription =
        "m=audio 4000 RTP/AVP 0\na=fmtp:97 mode=20\na=rtpmap:97 iLBC/8000\nc=IN IP4 192.0.2.1\n"
            .parse()
            .unwrap();
    assert_eq!(read.media[0].formats.len(), 1);
    assert_eq!(read.host_of(&read.media[0]), Some(&Host::Ip("192.0.2.1".parse().unwrap())));
    assert_eq!(read.name, "-");
}

#[test]
fn parameters_may_stand_before_their_map() {
    let read: SessionDescription =
        "v=0\nm=audio 4000 RTP/AVP 97\na=fmtp:97 mode=20\na=rtpmap:97 iLBC/8000\n".parse().unwrap();
    assert_eq!(read.media[0].formats[0].parameters.as_deref(), Some("mode=20"));
}

#[test]
fn bytes_in_old_encodings_do_not_matter() {
    let read = SessionDescription::from_bytes(
        b"v=0\r\ns=\xcf\xf0\xe8\xe2\xe5\xf2\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 8\r\n",
    )
    .unwrap();
    assert_eq!(read.media[0].port, 4000);
}

#[test]
fn an_address_may_have_a_lifetime_or_be_a_name() {
    let read: SessionDescription =
        "v=0\nc=IN IP4 224.2.1.1/127\nm=audio 1 RTP/AVP 0\nc=IN IP4 media.example.com\n".parse().unwrap();
    assert_eq!(read.connection, Some(Host::Ip("224.2.1.1".parse().unwrap())));
    assert_eq!(read.media[0].connection, Some(Host::Name("media.example.com".to_owned())));
}

#[test]
fn session_numbers_that_no_machine_holds_still_differ() {
    let read = |number: &str| {
        format!("v=0\no=x {number} 1 IN IP4 192.0.2.1\n").parse::<SessionDescription>().unwrap().origin
    };
    assert_eq!(read("99999999999999999999999"), read("99999999999999999999999"));
    assert_ne!(read("99999999999999999999999"), read("99999999999999999999998"));
}

#[test]
fn what_is_no_description_is_refused() {
    assert_eq!("hello".parse::<SessionDescription>(), Err(ParseError::NotADescription));
    assert_eq!("v=1\r\n".parse::<SessionDescription>(), Err(ParseError::Version));
    assert_eq!("v=0\r\nm=audio\r\n".parse::<SessionDescription>(), Err(ParseError::Media));
    assert_eq!("v=0\r\nm=audio 70000 RTP/AVP 0\r\n".parse::<SessionDescription>(), Err(ParseError::Media));
    assert_eq!(SessionDescription::from_bytes(&vec![b'a'; 70_000]), Err(ParseError::TooLong));
    let many = "m=audio 1 RTP/AVP 0\n".repeat(33);
    assert_eq!(many.parse::<SessionDescription>(), Err(ParseError::TooManyMedia));
}

#[test]
fn attributes_that_we_do_not_read_are_bounded() {
    let flood =
        "v=0\nm=audio 1 RTP/AVP 0\n".to_owned() + &"a=x:y\na=rtpmap:99 x/8000\na=fmtp:99 y\n".repeat(1000);
    let read: SessionDescription = flood.parse().unwrap();
    assert!(read.media[0].attributes.len() <= 256);
}

#[test]
fn debug_hides_what_may_be_a_secret_attribute() {
    let read: SessionDescription =
        "v=0\nm=audio 1 RTP/AVP 0\na=ice-pwd:geheim\na=crypto:1 XY inline:geheim\n".parse().unwrap();
    assert!(!format!("{read:?}").contains("geheim"));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(v=0\r\n)?([a-z]=[ -~]{0,40}\r?\n|a=(rtpmap|fmtp|crypto|rtcp|ptime):[ -~é]{0,30}\n|m=audio [0-9]{1,5} RTP/S?AVP( [0-9]{1,3}){0,5}\n){0,20}") {
        if let Ok(read) = text.parse::<SessionDescription>() {
            let printed = read.to_string();
            let again = printed.parse::<SessionDescription>();
            proptest::prop_assert!(again.is_ok(), "{printed}");
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400)) {
        let _ = SessionDescription::from_bytes(&bytes);
    }
}
