//! Finding the far side, losing it, and refusing others.

use super::phone::Phone;
use super::{await_event, drive, engine, is_connected};
use crate::media::rtp::rtcp::{self, Item};
use crate::media::{Engine, EngineConfig, EngineError, Event};
use audio::codec::Codec;
use std::time::Duration;

#[tokio::test]
async fn packets_go_out_at_once_also_before_the_far_side_speaks() {
    let (engine, _events) = engine(1);
    let (mut olga, _port) = Phone::call(&engine, Codec::Pcma, 0.0);
    drive(&mut [&mut olga], Duration::from_millis(300)).await;
    assert!(olga.packets.len() >= 5, "a NAT on the way would be open: {}", olga.packets.len());
}

#[tokio::test]
async fn a_far_side_behind_a_nat_is_found_where_it_truly_is() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call_with(&engine, Codec::Pcma, 440.0, None, |media| {
        // What SDP says is a private address that nobody can reach.
        media.remote = "192.0.2.77:4000".parse().unwrap();
    });
    engine.echo(port, true).unwrap();
    await_event(&mut events, &mut [&mut olga], is_connected(port)).await;
    drive(&mut [&mut olga], Duration::from_millis(1200)).await;
    assert!(olga.hears_only(440.0, 1000.0), "{:?}", olga.hears());
}

#[tokio::test]
async fn silence_of_one_who_should_speak_is_told_once_and_so_is_its_end() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, 440.0);
    await_event(&mut events, &mut [&mut olga], is_connected(port)).await;
    let silent = |event: &Event| matches!(event, Event::Silent { lasted, .. } if *lasted >= Duration::from_millis(400));
    // It is not driven, and so does not send.
    await_event(&mut events, &mut [], silent).await;
    await_event(&mut events, &mut [&mut olga], |event| matches!(event, Event::Heard { .. })).await;
}

#[tokio::test]
async fn reports_tell_the_far_side_how_it_is_heard() {
    let (engine, _events) = engine(1);
    let (mut olga, _port) = Phone::call(&engine, Codec::Pcma, 440.0);
    drive(&mut [&mut olga], Duration::from_millis(2200)).await;
    let items = rtcp::read(&olga.reports);
    let Some(Item::Sender { ssrc, info, blocks }) = items.first() else { panic!("{items:?}") };
    assert_eq!(Some(*ssrc), olga.packets.first().map(|(header, _)| header.ssrc));
    assert!(info.packets > 20 && info.octets == info.packets * 160, "{info:?}");
    assert_eq!(blocks.len(), 1);
    assert_eq!((blocks[0].ssrc, blocks[0].lost), (olga.ssrc, 0));
}

#[tokio::test]
async fn a_full_engine_refuses_and_admits_again_when_a_port_closes() {
    let config = EngineConfig { capacity: Some(2), ..EngineConfig::loopback() };
    let (engine, _events) = Engine::start(config).unwrap();
    let first = engine.open_rtp(None).unwrap();
    let _second = engine.open_rtp(None).unwrap();
    assert!(matches!(engine.open_rtp(None), Err(EngineError::Full)));
    engine.close(first.port);
    assert!(engine.open_rtp(None).is_ok());
    assert!(matches!(engine.part(first.port), Err(EngineError::NoSuchPort)));
}
