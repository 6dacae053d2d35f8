//! Recordings hold both parties, and end as they should.

use super::phone::Phone;
use super::{End, drive, drive_until, engine};
use crate::media::{Engine, Event, Layout, PortId, RecordingEnding, RecordingId, RecordingOptions};
use audio::codec::Codec;
use audio::spectrum;
use std::time::Duration;
use tokio::sync::mpsc;

const OLGA: f32 = 440.0;
const IVAN: f32 = 1000.0;

struct File {
    bytes: Vec<u8>,
    told: u64,
    length: Duration,
    ending: RecordingEnding,
}

async fn finished(
    events: &mut mpsc::Receiver<Event>,
    ends: &mut [&mut dyn End],
    recording: RecordingId,
) -> File {
    let (mut file, mut done) = (Vec::new(), None);
    drive_until(ends, Duration::from_secs(10), |_| {
        while let Ok(event) = events.try_recv() {
            if let Event::RecordingChunk { recording: of, bytes } = &event
                && *of == recording
            {
                file.extend_from_slice(bytes);
            }
            if let Event::RecordingFinished { recording: of, length, bytes, ending } = event
                && of == recording
            {
                done = Some((length, bytes, ending));
            }
        }
        done.is_some()
    })
    .await;
    let (length, told, ending) = done.unwrap();
    File { bytes: file, told, length, ending }
}

fn call(engine: &Engine, a: Codec, b: Codec) -> (Phone, Phone, PortId, PortId) {
    let (olga, port) = Phone::call(engine, a, OLGA);
    let (ivan, other) = Phone::call_with(engine, b, IVAN, Some(port), |_| {});
    engine.join(port, other).unwrap();
    (olga, ivan, port, other)
}

/// The packets of an Ogg file with one stream, headers left out.
fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let (mut packets, mut packet, mut at) = (Vec::new(), Vec::new(), 0);
    while at < file.len() {
        assert_eq!(&file[at..at + 4], b"OggS");
        let count = usize::from(file[at + 26]);
        let lengths = &file[at + 27..at + 27 + count];
        at += 27 + count;
        for length in lengths {
            packet.extend_from_slice(&file[at..at + usize::from(*length)]);
            at += usize::from(*length);
            if *length < 255 {
                packets.push(std::mem::take(&mut packet));
            }
        }
    }
    packets.split_off(2)
}

/// The sound of a mono file, at 16 kHz.
fn decoded(file: &[u8]) -> Vec<i16> {
    let mut decoder = audio::codec::Decoder::new(Codec::Opus, 16_000).unwrap();
    let mut sound = Vec::new();
    for packet in packets(file) {
        let mut piece = [0; audio::codec::MAX_SAMPLES];
        let length = decoder.decode(&packet, &mut piece).unwrap();
        sound.extend_from_slice(&piece[..length]);
    }
    sound
}

#[tokio::test]
async fn both_parties_are_in_a_recording_of_every_kind_of_bridge() {
    for (a, b) in [(Codec::Pcma, Codec::Opus), (Codec::Opus, Codec::Opus), (Codec::G722, Codec::Pcmu)] {
        let (engine, mut events) = engine(1);
        let (mut olga, mut ivan, port, _) = call(&engine, a, b);
        let recording = engine.record(port, RecordingOptions::default()).unwrap();
        drive(&mut [&mut olga, &mut ivan], Duration::from_millis(2500)).await;
        assert!(ivan.hears_only(OLGA, IVAN), "recording does not disturb: {:?}", ivan.hears());
        engine.stop_recording(recording).unwrap();
        let file = finished(&mut events, &mut [&mut olga, &mut ivan], recording).await;
        assert_eq!(file.ending, RecordingEnding::Stopped);
        assert_eq!(file.told, file.bytes.len() as u64);
        let sound = decoded(&file.bytes);
        let last = &sound[sound.len() - 16_000..];
        for hertz in [OLGA, IVAN] {
            let level = spectrum::level_at(last, hertz, 16_000);
            assert!(level > -25.0, "{a} and {b}: {hertz} Hz at {level} dB");
        }
        let seconds = sound.len() as f32 / 16_000.0;
        assert!((seconds - file.length.as_secs_f32()).abs() < 0.1, "{seconds} s, told {:?}", file.length);
    }
}

#[tokio::test]
async fn in_stereo_each_party_has_an_ear() {
    let (engine, mut events) = engine(1);
    let (mut olga, mut ivan, port, _) = call(&engine, Codec::Pcma, Codec::Opus);
    let options = RecordingOptions { layout: Layout::Stereo, ..RecordingOptions::default() };
    let recording = engine.record(port, options).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(2500)).await;
    engine.stop_recording(recording).unwrap();
    let file = finished(&mut events, &mut [&mut olga, &mut ivan], recording).await;
    assert_eq!(&file.bytes[28..36], b"OpusHead");
    assert_eq!(file.bytes[37], 2, "two channels");
    assert!(file.length >= Duration::from_millis(2300), "{:?}", file.length);
}

#[tokio::test]
async fn a_recording_ends_with_its_port_and_at_its_limits() {
    let (engine, mut events) = engine(1);
    let (mut olga, mut ivan, port, other) = call(&engine, Codec::Pcma, Codec::Pcmu);
    let options = RecordingOptions { longest: Duration::from_millis(600), ..RecordingOptions::default() };
    let first = engine.record(port, options).unwrap();
    let file = finished(&mut events, &mut [&mut olga, &mut ivan], first).await;
    assert_eq!((file.ending, file.length), (RecordingEnding::Limit, Duration::from_millis(600)));

    let options = RecordingOptions { largest: 6_000, ..RecordingOptions::default() };
    let second = engine.record(port, options).unwrap();
    let file = finished(&mut events, &mut [&mut olga, &mut ivan], second).await;
    assert_eq!(file.ending, RecordingEnding::Limit);
    assert!(file.bytes.len() <= 6_000, "{}", file.bytes.len());

    let third = engine.record(other, RecordingOptions::default()).unwrap();
    drive(&mut [&mut olga, &mut ivan], Duration::from_millis(300)).await;
    engine.close(other);
    let file = finished(&mut events, &mut [&mut olga, &mut ivan], third).await;
    assert_eq!(file.ending, RecordingEnding::PortClosed);
}
