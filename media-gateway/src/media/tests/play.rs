//! What the engine itself lets be heard.

use super::phone::Phone;
use super::{await_event, drive, engine};
use crate::media::{Event, Source};
use audio::codec::Codec;
use std::sync::Arc;
use std::time::Duration;

const OLGA: f32 = 440.0;
const IVAN: f32 = 1000.0;

fn tone(hertz: u16) -> Source {
    Source::Tone { hertz: [hertz, 0], milliseconds: None }
}

#[tokio::test]
async fn a_tone_covers_the_talk_until_it_is_stopped() {
    for codec in [Codec::Pcma, Codec::Opus] {
        let (engine, _events) = engine(1);
        let (mut olga, port) = Phone::call(&engine, codec, OLGA);
        let (mut ivan, other) = Phone::call_with(&engine, Codec::Opus, IVAN, Some(port), |_| {});
        engine.join(port, other).unwrap();
        engine.play(port, tone(600)).unwrap();
        drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1200)).await;
        assert!(olga.hears_only(600.0, IVAN), "{codec}: {:?}", olga.hears());
        assert!(ivan.hears_only(OLGA, 600.0), "the other side does not hear it: {:?}", ivan.hears());
        engine.play(port, Source::None).unwrap();
        drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1200)).await;
        assert!(olga.hears_only(IVAN, 600.0), "{codec}: {:?}", olga.hears());
    }
}

#[tokio::test]
async fn a_prompt_is_told_when_it_was_played() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::G722, 0.0);
    let prompt: Arc<[i16]> = (0..8000).map(|at| if at % 16 < 8 { 9000 } else { -9000 }).collect();
    engine.play(port, Source::Prompt(prompt)).unwrap();
    await_event(&mut events, &mut [&mut olga], |event| matches!(event, Event::Played { .. })).await;
    assert!(olga.hears().is_some_and(|heard| (heard - 500.0).abs() < 8.0), "{:?}", olga.hears());
    drive(&mut [&mut olga], Duration::from_millis(1000)).await;
    assert!(olga.is_deaf(), "silence after it: {:?}", olga.hears());
}

#[tokio::test]
async fn who_waits_hears_music_and_who_rings_hears_ringing() {
    let (engine, _events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, 0.0);
    engine.play(port, Source::HoldMusic).unwrap();
    drive(&mut [&mut olga], Duration::from_millis(1500)).await;
    assert!(!olga.is_deaf());
    engine.play(port, Source::Ringback).unwrap();
    drive(&mut [&mut olga], Duration::from_millis(900)).await;
    assert!(olga.hears().is_some_and(|heard| (heard - 425.0).abs() < 8.0), "{:?}", olga.hears());
}

#[tokio::test]
async fn a_beep_is_heard_with_the_talk_not_in_its_place() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Opus, OLGA);
    let (mut ivan, other) = Phone::call_with(&engine, Codec::Opus, IVAN, Some(port), |_| {});
    engine.join(port, other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(800)).await;
    engine.play(port, Source::Beep).unwrap();
    await_event(&mut events, &mut [&mut olga, &mut ivan], |event| matches!(event, Event::Played { .. }))
        .await;
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(150)).await;
    let (beep, voice) = (olga.hears_level(880.0), olga.hears_level(IVAN));
    assert!(beep > -40.0, "the beep: {beep} dB");
    assert!(voice > -40.0, "the voice: {voice} dB");
}
