//! Calls from the first ring to the answer.

use super::{Phone, sdp, talking};
use crate::{CallEvent, Config, Digit, EndedBy, Event, Invite, Transport, Uri};
use std::sync::Arc;

#[tokio::test]
async fn a_call_rings_is_answered_and_hung_up() {
    let (mut olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let hers = olga.calls(&ivan);
    let (his, invitation) = ivan.rung().await;
    assert_eq!((invitation.from.to_string().as_str(), invitation.offer), ("sip:olga@pbx.test", Some(sdp(1))));
    his.ring().unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Ringing);
    his.answer(sdp(2)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Answered { sdp: sdp(2) });
    assert_eq!(ivan.hears(&his).await, CallEvent::Acknowledged { sdp: None });
    hers.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 200, by: EndedBy::Us, .. }));
    let CallEvent::Ended { code, cause, by, .. } = ivan.hears(&his).await else { panic!() };
    assert_eq!((code, cause, by), (200, Some(16), EndedBy::Them));
}

#[tokio::test]
async fn early_media_is_heard_before_the_answer_and_acknowledged() {
    let (mut olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let hers = olga.calls(&ivan);
    let (his, _) = ivan.rung().await;
    his.progress(sdp(5)).unwrap();
    // Both sides know PRACK, so the answer waits for it and comes in order.
    his.answer(sdp(5)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Progress { sdp: sdp(5) });
    assert_eq!(olga.hears(&hers).await, CallEvent::Answered { sdp: sdp(5) });
    assert_eq!(ivan.hears(&his).await, CallEvent::Acknowledged { sdp: None });
}

#[tokio::test]
async fn a_busy_phone_says_so() {
    let (mut olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let hers = olga.calls(&ivan);
    let (his, _) = ivan.rung().await;
    his.reject(486, "").unwrap();
    let CallEvent::Ended { code, cause, by, .. } = olga.hears(&hers).await else { panic!() };
    assert_eq!((code, cause, by), (486, Some(17), EndedBy::Them));
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { code: 486, by: EndedBy::Us, .. }));
}

#[tokio::test]
async fn a_caller_may_think_better_of_it() {
    let (mut olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let hers = olga.calls(&ivan);
    let (his, _) = ivan.rung().await;
    his.ring().unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Ringing);
    hers.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 487, by: EndedBy::Us, .. }));
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { code: 487, by: EndedBy::Them, .. }));
}

#[tokio::test]
async fn a_caller_who_hangs_up_at_once_never_talks() {
    let (mut olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let hers = olga.calls(&ivan);
    hers.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 487, by: EndedBy::Us, .. }));
    // It may never have rung: then the next call is the first.
    let again = olga.calls(&ivan);
    loop {
        match ivan.next().await {
            Event::Incoming { call, .. } => drop(call.answer(sdp(2))),
            Event::Call { event: CallEvent::Acknowledged { .. }, .. } => break,
            Event::Call { event, .. } => assert!(matches!(event, CallEvent::Ended { by: EndedBy::Them, .. })),
            Event::Registration { .. } => panic!("nobody registers"),
        }
    }
    assert_eq!(olga.hears(&again).await, CallEvent::Answered { sdp: sdp(2) });
}

#[tokio::test]
async fn a_phone_without_accounts_knows_nobody() {
    let (mut olga, ivan) = (Phone::new().await, Phone::with(Config::loopback()).await);
    let hers = olga.calls(&ivan);
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 404, by: EndedBy::Them, .. }));
}

#[tokio::test]
async fn a_full_phone_asks_to_come_back() {
    let (mut olga, mut ivan) = (Phone::new().await, Phone::with(limited(1)).await);
    let first = olga.calls(&ivan);
    ivan.rung().await;
    let second = olga.calls(&ivan);
    assert!(matches!(olga.hears(&second).await, CallEvent::Ended { code: 503, .. }));
    first.hang_up("").unwrap();
    assert!(matches!(olga.hears(&first).await, CallEvent::Ended { code: 487, .. }));
}

fn limited(max_calls: usize) -> Config {
    Config { max_calls, server: Some(Arc::new(super::Open)), ..Config::loopback() }
}

#[tokio::test]
async fn digits_travel_by_info_in_order() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    for key in "159*#0A".chars() {
        hers.digit_by_info(Digit::new(key).unwrap()).unwrap();
    }
    for key in "159*#0A".chars() {
        let CallEvent::Digit { digit, .. } = ivan.hears(&his).await else { panic!() };
        assert_eq!(digit.key(), key);
    }
    his.digit_by_info(Digit::new('7').unwrap()).unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Digit { digit, .. } if digit.key() == '7'));
}

#[tokio::test]
async fn further_headers_and_names_arrive() {
    let (olga, mut ivan) = (Phone::new().await, Phone::new().await);
    let to = Uri::sip("ivan", &ivan.address(Transport::Udp).to_string()).unwrap();
    let invite = Invite {
        from_name: Some("Ольга \"O\"".into()),
        headers: vec![
            ("P-Asserted-Identity".into(), "<sip:+7900@trunk.test>".into()),
            ("X-Line".into(), "3".into()),
        ],
        ..Invite::new(to, sdp(1))
    };
    olga.call_at(ivan.hop(Transport::Udp), invite);
    let (_, invitation) = ivan.rung().await;
    assert_eq!(invitation.from_name.as_deref(), Some("Ольга \"O\""));
    assert_eq!(invitation.asserted.map(|a| a.to_string()).as_deref(), Some("sip:+7900@trunk.test"));
    assert!(invitation.headers.iter().any(|(n, v)| n == "X-Line" && v == "3"));
}

#[tokio::test]
async fn a_header_cannot_smuggle_another() {
    let (olga, ivan) = (Phone::new().await, Phone::new().await);
    let invite = Invite {
        headers: vec![("X-A".into(), "1\r\nX-B: 2".into())],
        ..Invite::new(Uri::sip("ivan", "pbx.test").unwrap(), sdp(1))
    };
    let from = Uri::sip("olga", "pbx.test").unwrap();
    assert!(olga.agent.call_at(ivan.hop(Transport::Udp), from, invite).is_err());
}
