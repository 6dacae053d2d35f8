//! Keys pressed: once each, in order, and never into the talk by accident.

use super::phone::{EVENT, Phone};
use super::{End, await_event, drive, drive_until, engine};
use crate::media::{DigitMethod, Event, PortId};
use audio::codec::Codec;
use audio::dtmf::Digit;
use audio::dtmf::event::{Options, Receiver, Sender};
use audio::dtmf::inband::{Detector, Generator};
use std::time::Duration;
use tokio::sync::mpsc;

const KEYS: &str = "12*0#";

fn digits(keys: &str) -> Vec<Digit> {
    keys.chars().filter_map(Digit::from_char).collect()
}

async fn told(
    events: &mut mpsc::Receiver<Event>,
    ends: &mut [&mut dyn End],
    port: PortId,
    keys: &str,
) -> String {
    let mut told = String::new();
    drive_until(ends, Duration::from_secs(10), |_| {
        while let Ok(event) = events.try_recv() {
            if let Event::Digit { port: of, digit } = event {
                assert_eq!(of, port);
                told.push(digit.as_char());
            }
        }
        told.len() >= keys.len()
    })
    .await;
    told
}

/// The digits in the event packets that a phone was sent.
fn events_in(phone: &Phone) -> String {
    let mut receiver = Receiver::new();
    let events = phone.packets.iter().filter(|(header, _)| header.payload_type == EVENT);
    events
        .filter_map(|(header, payload)| receiver.accept(header.timestamp, payload))
        .map(Digit::as_char)
        .collect()
}

#[tokio::test]
async fn events_of_a_phone_are_told_once_and_in_order() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, 0.0);
    let mut sender = Sender::new(8000, Options::default());
    digits(KEYS).into_iter().for_each(|digit| sender.press(digit).unwrap());
    let mut timestamp = 5_000;
    while !sender.is_idle() {
        if let Some(packet) = sender.poll(timestamp) {
            // Each twice: networks repeat packets.
            for _ in 0..2 {
                olga.send(EVENT, packet.timestamp, packet.marker, &packet.payload);
                olga.sequence = olga.sequence.wrapping_sub(1);
            }
            olga.sequence = olga.sequence.wrapping_add(1);
        }
        timestamp += 160;
    }
    assert_eq!(told(&mut events, &mut [&mut olga], port, KEYS).await, KEYS);
    drive(&mut [&mut olga], Duration::from_millis(200)).await;
    assert!(!matches!(events.try_recv(), Ok(Event::Digit { .. })), "no digit comes twice");
}

#[tokio::test]
async fn digits_go_out_as_events_where_the_far_side_takes_them() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, 440.0);
    let (mut ivan, other) = Phone::call_with(&engine, Codec::Opus, 1000.0, Some(port), |_| {});
    engine.join(port, other).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(300)).await;
    engine.send_digits(port, &digits(KEYS), DigitMethod::Best).unwrap();
    let sent = |event: &Event| matches!(event, Event::DigitsSent { port: of } if *of == port);
    await_event(&mut events, &mut [&mut olga, &mut ivan], sent).await;
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(1500)).await;
    assert_eq!(events_in(&olga), KEYS);
    assert_eq!(events_in(&ivan), "", "only the far side is told");
    assert!(olga.hears_only(1000.0, 440.0), "the talk goes on: {:?}", olga.hears());
    let numbers: Vec<u16> = olga.packets.iter().map(|(header, _)| header.sequence).collect();
    assert!(
        numbers.windows(2).all(|two| two[1].wrapping_sub(two[0]) == 1),
        "events are in the same sequence"
    );
}

#[tokio::test]
async fn digits_go_out_as_tones_where_there_is_no_other_way() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) =
        Phone::call_with(&engine, Codec::Pcmu, 0.0, None, |media| media.telephone_event = None);
    drive(&mut [&mut olga], Duration::from_millis(300)).await;
    engine.send_digits(port, &digits(KEYS), DigitMethod::Best).unwrap();
    await_event(&mut events, &mut [&mut olga], |event| matches!(event, Event::DigitsSent { .. })).await;
    drive(&mut [&mut olga], Duration::from_millis(100)).await;
    let mut decoder = audio::codec::Decoder::new(Codec::Pcmu, 8000).unwrap();
    let (mut detector, mut heard, mut sound) = (Detector::new(8000), String::new(), [0; 160]);
    for (_, payload) in &olga.packets {
        let length = decoder.decode(payload, &mut sound).unwrap();
        detector.listen(&sound[..length], |digit| heard.push(digit.as_char()));
    }
    assert_eq!(heard, KEYS);
}

#[tokio::test]
async fn tones_are_heard_as_digits_where_that_is_wished() {
    let (engine, mut events) = engine(1);
    let (mut olga, port) = Phone::call(&engine, Codec::Pcma, 0.0);
    engine.detect_tones(port, true).unwrap();
    let mut generator = Generator::new(8000, Options::default());
    digits(KEYS).into_iter().for_each(|digit| generator.press(digit).unwrap());
    let mut encoder =
        audio::codec::Encoder::new(Codec::Pcma, &audio::codec::EncoderOptions::at(8000)).unwrap();
    let (mut timestamp, mut step) = (0, tokio::time::interval(Duration::from_millis(20)));
    while !generator.is_idle() || timestamp < 16_000 {
        step.tick().await;
        let (mut sound, mut payload) = ([0; 160], [0; 160]);
        generator.overlay(&mut sound);
        encoder.encode(&sound, &mut payload).unwrap();
        olga.send(8, timestamp, false, &payload);
        timestamp += 160;
    }
    assert_eq!(told(&mut events, &mut [&mut olga], port, KEYS).await, KEYS);
}
