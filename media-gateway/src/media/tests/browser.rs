//! Browsers: found by ICE, protected by DTLS-SRTP, heard both ways.

use super::ends::Browser;
use super::phone::Phone;
use super::{await_event, drive, engine, is_connected, talk};
use crate::media::{EngineError, Event, Failure};
use audio::codec::Codec;
use std::time::Duration;

const OLGA: f32 = 440.0;
const IVAN: f32 = 1000.0;

#[tokio::test]
async fn a_browser_and_a_phone_hear_each_other() {
    for (codec, trickles) in [(Codec::Pcma, false), (Codec::G722, true), (Codec::Opus, false)] {
        let (engine, mut events) = engine(1);
        let (mut olga, port) = Browser::call(&engine, OLGA, None, trickles);
        let (mut ivan, other) = Phone::call_with(&engine, codec, IVAN, Some(port), |_| {});
        engine.join(port, other).unwrap();
        await_event(&mut events, &mut [&mut olga, &mut ivan], is_connected(port)).await;
        talk(&mut [&mut olga, &mut ivan], Duration::from_millis(2000), [IVAN, OLGA]).await;
        assert!(olga.hears_only(IVAN, OLGA), "{codec}: the browser hears {:?}", olga.hears());
        assert!(ivan.hears_only(OLGA, IVAN), "{codec}: the phone hears {:?}", ivan.hears());
        let statistics = engine.statistics(port).unwrap();
        assert!(statistics.received > 50 && statistics.sent > 50 && statistics.lost == 0, "{statistics:?}");
        assert!(statistics.round_trip.is_some(), "{statistics:?}");
    }
}

#[tokio::test]
async fn many_browsers_share_one_port_and_hear_only_their_own() {
    let (engine, _events) = engine(1);
    let mut phones = Vec::new();
    let mut browsers = Vec::new();
    for number in 0..4_u16 {
        let (low, high) = (f32::from(400 + 100 * number), f32::from(1000 + 100 * number));
        let (browser, port) = Browser::call(&engine, low, None, false);
        let (phone, other) = Phone::call_with(&engine, Codec::Pcma, high, Some(port), |_| {});
        engine.join(port, other).unwrap();
        phones.push(phone);
        browsers.push(browser);
    }
    let mut ends: Vec<&mut dyn super::End> = Vec::new();
    ends.extend(phones.iter_mut().map(|phone| phone as &mut dyn super::End));
    ends.extend(browsers.iter_mut().map(|browser| browser as &mut dyn super::End));
    drive(&mut ends, Duration::from_millis(3500)).await;
    for (number, (browser, phone)) in (0_u16..).zip(browsers.iter().zip(&phones)) {
        let (low, high) = (f32::from(400 + 100 * number), f32::from(1000 + 100 * number));
        assert!(browser.hears_only(high, low), "browser {number} hears {:?}", browser.hears());
        assert!(phone.hears_only(low, high), "phone {number} hears {:?}", phone.hears());
    }
}

#[tokio::test]
async fn a_browser_alone_is_sent_nothing_but_what_keeps_the_path() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Browser::call(&engine, OLGA, None, false);
    await_event(&mut events, &mut [&mut olga], is_connected(port)).await;
    drive(&mut [&mut olga], Duration::from_millis(1500)).await;
    assert_eq!(engine.statistics(port).unwrap().sent, 0);
}

#[tokio::test]
async fn a_lost_path_is_told_and_fails_when_it_does_not_come_back() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Browser::call(&engine, OLGA, None, false);
    await_event(&mut events, &mut [&mut olga], is_connected(port)).await;
    olga.cut = true;
    let mut lost = false;
    let ended = super::await_event_within(&mut events, &mut [&mut olga], Duration::from_secs(40), |event| {
        lost |= matches!(event, Event::Disconnected { .. });
        matches!(event, Event::Failed { .. })
    })
    .await;
    assert!(lost, "it is told first that it is lost");
    assert!(matches!(ended, Event::Failed { failure: Failure::PathLost, .. }), "{ended:?}");
}

#[tokio::test]
async fn a_page_that_is_closed_ends_its_port() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Browser::call(&engine, OLGA, None, false);
    await_event(&mut events, &mut [&mut olga], is_connected(port)).await;
    olga.close(crate::media::clock::now());
    let ended = await_event(&mut events, &mut [], |event| matches!(event, Event::Failed { .. })).await;
    assert!(matches!(ended, Event::Failed { failure: Failure::Closed, .. }), "{ended:?}");
}

#[test]
fn an_offer_without_sound_is_refused() {
    let (engine, _events) = engine(1);
    for offer in ["", "v=0\r\n", "nonsense"] {
        assert!(matches!(engine.open_browser(offer, None), Err(EngineError::BadOffer(_))), "{offer:?}");
    }
    assert_eq!(engine.load().ports, 0, "nothing stays open");
}
