//! Sessions that change while they run.

use super::{Phone, sdp, talking, talking_with};
use crate::{CallEvent, Config};
use std::sync::Arc;
use std::time::Duration;

#[tokio::test]
async fn either_side_may_hold_and_resume() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    hers.reoffer(sdp(3)).unwrap();
    assert_eq!(ivan.hears(&his).await, CallEvent::Reoffered { sdp: Some(sdp(3)) });
    his.answer_offer(sdp(4)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::ReofferAnswered { sdp: sdp(4) });
    his.reoffer(sdp(5)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::Reoffered { sdp: Some(sdp(5)) });
    hers.answer_offer(sdp(6)).unwrap();
    assert_eq!(ivan.hears(&his).await, CallEvent::ReofferAnswered { sdp: sdp(6) });
}

#[tokio::test]
async fn a_refused_offer_leaves_the_call_as_it_was() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    hers.reoffer(sdp(3)).unwrap();
    assert!(matches!(ivan.hears(&his).await, CallEvent::Reoffered { .. }));
    his.refuse_offer(488).unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::ReofferRefused { code: 488, .. }));
    hers.hang_up("").unwrap();
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { code: 200, .. }));
}

#[tokio::test]
async fn two_offers_at_one_moment_both_come_through() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    hers.reoffer(sdp(3)).unwrap();
    his.reoffer(sdp(4)).unwrap();
    let (mut hers_done, mut his_done) = (false, false);
    while !(hers_done && his_done) {
        tokio::select! {
            event = olga.hears(&hers) => match event {
                CallEvent::Reoffered { .. } => hers.answer_offer(sdp(6)).unwrap(),
                CallEvent::ReofferAnswered { sdp: answer } => hers_done = answer == sdp(7),
                other => panic!("{other:?}"),
            },
            event = ivan.hears(&his) => match event {
                CallEvent::Reoffered { .. } => his.answer_offer(sdp(7)).unwrap(),
                CallEvent::ReofferAnswered { sdp: answer } => his_done = answer == sdp(6),
                other => panic!("{other:?}"),
            },
        }
    }
}

#[tokio::test]
async fn an_offer_made_before_the_last_was_answered_waits_for_it() {
    let (mut olga, hers, mut ivan, his) = talking().await;
    hers.reoffer(sdp(3)).unwrap();
    hers.reoffer(sdp(4)).unwrap();
    hers.reoffer(sdp(5)).unwrap();
    assert_eq!(ivan.hears(&his).await, CallEvent::Reoffered { sdp: Some(sdp(3)) });
    his.answer_offer(sdp(6)).unwrap();
    assert_eq!(olga.hears(&hers).await, CallEvent::ReofferAnswered { sdp: sdp(6) });
    assert_eq!(ivan.hears(&his).await, CallEvent::Reoffered { sdp: Some(sdp(5)) });
}

#[tokio::test]
async fn calls_without_session_timers_work_as_well() {
    let plain =
        || Config { session_interval: None, server: Some(Arc::new(super::Open)), ..Config::loopback() };
    let (olga, ivan) = (Phone::with(plain()).await, Phone::with(plain()).await);
    let (mut olga, hers, mut ivan, his) = talking_with(olga, ivan).await;
    his.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 200, .. }));
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { code: 200, .. }));
}

#[tokio::test]
async fn a_session_timer_is_agreed_with_a_peer_that_asks_for_a_short_one() {
    let short = Config {
        session_interval: Some(Duration::from_secs(1)),
        server: Some(Arc::new(super::Open)),
        ..Config::loopback()
    };
    // Raised to the least that RFC 4028 allows, so it is not refused with 422.
    let (mut olga, hers, mut ivan, his) = talking_with(Phone::with(short).await, Phone::new().await).await;
    hers.hang_up("").unwrap();
    assert!(matches!(olga.hears(&hers).await, CallEvent::Ended { code: 200, .. }));
    assert!(matches!(ivan.hears(&his).await, CallEvent::Ended { code: 200, .. }));
}
