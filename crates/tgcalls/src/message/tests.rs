//! Messages as other clients write them, and what must not be read.

use super::*;
use proptest::prelude::*;

#[test]
fn an_initial_setup_as_other_clients_send_it() {
    let text = br#"{"@type":"InitialSetup","ufrag":"/Lsf","pwd":"CLfgFQGUDLFlD8ttvdVjDptg","renomination":true,
        "fingerprints":[{"hash":"sha-256","setup":"actpass","fingerprint":"B5:1B:32:7D:DC"}],"later":{"a":[1]}}"#;
    let Ok(Message::InitialSetup(setup)) = Message::parse(text) else { panic!("an InitialSetup") };
    assert_eq!((setup.ufrag.as_str(), setup.renomination), ("/Lsf", true));
    assert_eq!(setup.fingerprints[0].setup, "actpass");
}

#[test]
fn identifiers_may_be_text_numbers_or_negative() {
    for id in ["\"3840788374\"", "3840788374", "-454178922", "\"-454178922\""] {
        let text = format!(
            r#"{{"@type":"NegotiateChannels","exchangeId":{id},"contents":[{{"type":"audio","ssrc":{id}}}]}}"#
        );
        let Ok(Message::NegotiateChannels(offer)) = Message::parse(text.as_bytes()) else { panic!("{text}") };
        assert_eq!((offer.exchange_id, offer.contents[0].ssrc), (3_840_788_374, 3_840_788_374));
    }
    for id in ["4294967296", "\"x\"", "-2147483649", "1.5", "null"] {
        let text = format!(r#"{{"@type":"NegotiateChannels","exchangeId":{id}}}"#);
        assert!(Message::parse(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn identifiers_are_written_as_text_and_small_numbers_as_numbers() {
    let payload = PayloadType {
        id: 111,
        name: "opus".into(),
        clockrate: 48_000,
        channels: 2,
        feedback_types: vec![FeedbackType { kind: "transport-cc".into(), subtype: String::new() }],
        parameters: [("minptime".to_owned(), "10".to_owned())].into(),
    };
    let content = Content {
        kind: "audio".into(),
        ssrc: 7,
        ssrc_groups: Vec::new(),
        payload_types: vec![payload],
        rtp_extensions: vec![RtpExtension { uri: ABSOLUTE_SEND_TIME.into(), id: 2 }],
    };
    let offer = Message::NegotiateChannels(NegotiateChannels { exchange_id: 9, contents: vec![content] });
    let written: serde_json::Value = serde_json::from_slice(&offer.to_bytes()).expect("JSON");
    let expected = serde_json::json!({
        "@type": "NegotiateChannels", "exchangeId": "9",
        "contents": [{"type": "audio", "ssrc": "7",
            "payloadTypes": [{"id": 111, "name": "opus", "clockrate": 48000, "channels": 2,
                "feedbackTypes": [{"type": "transport-cc", "subtype": ""}], "parameters": {"minptime": "10"}}],
            "rtpExtensions": [{"uri": ABSOLUTE_SEND_TIME, "id": 2}]}],
    });
    assert_eq!(written, expected);
    assert_eq!(Message::parse(&offer.to_bytes()).expect("our own"), offer);
}

#[test]
fn parameters_that_are_numbers_are_read_as_text() {
    let text = br#"{"@type":"NegotiateChannels","exchangeId":"1","contents":[{"type":"audio","ssrc":"2",
        "payloadTypes":[{"id":111,"name":"opus","clockrate":48000,"parameters":{"minptime":10}}]}]}"#;
    let Ok(Message::NegotiateChannels(offer)) = Message::parse(text) else { panic!("an offer") };
    assert_eq!(offer.contents[0].payload_types[0].parameters["minptime"], "10");
}

#[test]
fn what_the_documentation_shows_is_read_whole() {
    let page = include_str!("../../../../docs/tgcalls.md");
    let examples = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().expect("an end"));
    let mut kinds = Vec::new();
    for example in examples {
        match Message::parse(example.as_bytes()).unwrap_or_else(|error| panic!("{error}: {example}")) {
            Message::InitialSetup(setup) => {
                setup.check_credentials().expect("as they should be");
                kinds.push("setup");
            }
            Message::NegotiateChannels(offer) => {
                assert_eq!(offer.contents[0].payload_types[0].parameters.len(), 2);
                kinds.push("offer");
            }
            Message::Candidates(told) => {
                assert_eq!(told.candidates.len(), 2);
                kinds.push("candidates");
            }
            Message::MediaState(_) => kinds.push("state"),
            Message::Unknown => panic!("{example}"),
        }
    }
    assert_eq!(kinds, ["setup", "offer", "candidates", "state"]);
}

#[test]
fn a_message_of_a_later_version_is_let_go() {
    assert_eq!(Message::parse(br#"{"@type":"Telepathy","to":1}"#).expect("JSON"), Message::Unknown);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        let _ = Message::parse(text.as_bytes());
    }
}
