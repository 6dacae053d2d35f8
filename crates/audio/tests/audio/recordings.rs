//! Recordings, played by other people's programs.

use crate::support::{Folder, said, samples};
use audio::codec::{Codec, Encoder, EncoderOptions};
use audio::record::{OpusFile, OpusPair, Side, Tags, wav};
use audio::spectrum::{dominant, level_at};
use audio::tone::Sine;
use std::io::Cursor;

/// Packets of a tone.
fn tone(hz: f32, seconds: u32, rate: u32, ms: u32) -> Vec<Vec<u8>> {
    let options = EncoderOptions { bitrate: Some(32000), ..EncoderOptions::at(rate) };
    let mut encoder = Encoder::new(Codec::Opus, &options).unwrap();
    let mut sine = Sine::new(hz, rate);
    let mut pcm = vec![0; (rate * ms / 1000) as usize];
    let mut out = [0; 1500];
    (0..seconds * 1000 / ms)
        .map(|_| {
            sine.fill(&mut pcm, 0.3);
            let length = encoder.encode(&pcm, &mut out).unwrap();
            out[..length].to_vec()
        })
        .collect()
}

/// The file as `opusdec` hears it, at 48 kHz, interleaved; `opusinfo` has nothing to complain about.
fn heard(name: &str, file: &[u8]) -> Vec<i16> {
    let folder = Folder::new(name);
    let opus = folder.file("a.opus");
    std::fs::write(&opus, file).unwrap();
    let info = said("opusinfo", &[&opus]);
    assert!(!info.to_uppercase().contains("WARNING"), "{info}");
    decoded(name, file)
}

/// The same without asking `opusinfo`.
fn decoded(name: &str, file: &[u8]) -> Vec<i16> {
    let folder = Folder::new(&format!("{name}-decoded"));
    let (opus, raw) = (folder.file("a.opus"), folder.file("a.raw"));
    std::fs::write(&opus, file).unwrap();
    said("opusdec", &["--quiet", "--rate", "48000", "--no-dither", &opus, &raw]);
    samples(&std::fs::read(raw).unwrap())
}

#[test]
fn packets_pass_into_a_file_as_they_came() {
    let packets = tone(440.0, 10, 16000, 20);
    let mut out = Vec::new();
    let comments = [("TITLE", "A call with Anna"), ("bad=name", "left out"), ("DATE", "2024-05-01")];
    let mut file = OpusFile::new(7, 16000, &Tags { comments: &comments }, &mut out);
    for packet in &packets {
        assert!(file.packet(packet, &mut out));
    }
    assert_eq!(file.ticks(), 480_000);
    file.finish(&mut out);

    let mut reader = ogg::PacketReader::new(Cursor::new(&out));
    let head = reader.read_packet_expected().unwrap();
    assert!(head.data.starts_with(b"OpusHead\x01\x01") && head.first_in_stream());
    let tags = reader.read_packet_expected().unwrap();
    let text = String::from_utf8_lossy(&tags.data).into_owned();
    assert!(text.contains("TITLE=A call with Anna") && !text.contains("left out"));
    let mut last = 0;
    for packet in &packets {
        let read = reader.read_packet_expected().unwrap();
        assert_eq!(&read.data, packet);
        last = read.absgp_page();
    }
    assert!(reader.read_packet().unwrap().is_none_or(|packet| packet.data.is_empty()));
    assert_eq!(last, 480_000);

    let pcm = heard("single", &out);
    assert_eq!(pcm.len(), 480_000 - 312, "all but the pre-skip");
    assert!((dominant(&pcm[48000..], 48000).unwrap().hz - 440.0).abs() < 1.0);
}

#[test]
fn pages_come_out_once_a_second() {
    let mut out = Vec::new();
    let mut file = OpusFile::new(7, 16000, &Tags::default(), &mut out);
    let mut lengths = Vec::new();
    for packet in tone(440.0, 5, 16000, 20) {
        file.packet(&packet, &mut out);
        lengths.push(out.len());
    }
    lengths.dedup();
    assert_eq!(lengths.len(), 5);
    // A recording that breaks off has all but its last second.
    assert_eq!(decoded("broken-off", &out).len(), 4 * 48000 - 312);
}

#[test]
fn silence_keeps_its_place() {
    let packets = tone(600.0, 2, 16000, 60);
    let mut out = Vec::new();
    let mut file = OpusFile::new(1, 16000, &Tags::default(), &mut out);
    file.silence(48000 + 120, &mut out);
    for packet in &packets {
        file.packet(packet, &mut out);
    }
    file.silence(96000, &mut out);
    assert_eq!(file.ticks(), 48120 + packets.len() as u64 * 2880 + 96000);
    file.finish(&mut out);
    let pcm = heard("silence", &out);
    assert!(level_at(&pcm[..47000], 600.0, 48000) < -80.0);
    assert!(level_at(&pcm[50000..98000], 600.0, 48000) > -16.0);
    assert!(audio::level::dbov(&pcm[160_000..]) < -60.0);
}

#[test]
fn two_parties_are_heard_in_an_ear_each() {
    // One speaks in packets of 20 ms, the other in packets of 40 ms, and begins later.
    let (left, right) = (tone(440.0, 10, 16000, 20), tone(1000.0, 8, 48000, 40));
    let mut out = Vec::new();
    let mut file = OpusPair::new(9, 16000, &Tags::default(), &mut out);
    file.silence(Side::Right, 96000, &mut out);
    let mut right = right.iter();
    for (i, packet) in left.iter().enumerate() {
        assert!(file.packet(Side::Left, packet, &mut out));
        if i >= 100 && i % 2 == 0 {
            assert!(file.packet(Side::Right, right.next().unwrap(), &mut out));
        }
    }
    file.finish(&mut out);

    let pcm = heard("pair", &out);
    let (left, right): (Vec<i16>, Vec<i16>) = pcm.chunks_exact(2).map(|pair| (pair[0], pair[1])).unzip();
    assert_eq!(left.len(), 480_000 - 312);
    assert!(level_at(&left, 440.0, 48000) > -15.0 && level_at(&left, 1000.0, 48000) < -50.0);
    assert!(level_at(&right[..90000], 1000.0, 48000) < -70.0);
    assert!(level_at(&right[100_000..470_000], 1000.0, 48000) > -15.0);
    assert!(level_at(&right, 440.0, 48000) < -50.0);
}

#[test]
fn a_party_that_falls_silent_does_not_hold_up_the_other() {
    let packets = tone(440.0, 10, 16000, 20);
    let mut out = Vec::new();
    let mut file = OpusPair::new(9, 16000, &Tags::default(), &mut out);
    for packet in &packets {
        file.packet(Side::Left, packet, &mut out);
    }
    assert_eq!(file.ticks(), 450 * 960, "a second waits");
    // What comes too late is left out, and what follows is in its place.
    for packet in &packets {
        file.packet(Side::Right, packet, &mut out);
    }
    assert_eq!(file.ticks(), 500 * 960);
    assert!(!file.packet(Side::Right, &[0b0001_1000, 1, 2], &mut out), "a frame of 60 ms cannot be split");
    file.finish(&mut out);
    assert_eq!(heard("late", &out).len(), 2 * (503 * 960 - 312));
}

#[test]
fn a_large_packet_spans_pages() {
    let packet: Vec<u8> = std::iter::once(0xF8).chain((0..70_000).map(|i| i as u8)).collect();
    let mut out = Vec::new();
    let mut file = OpusFile::new(7, 16000, &Tags::default(), &mut out);
    for _ in 0..3 {
        file.packet(&packet, &mut out);
        file.packet(&[0xF8, 1, 2], &mut out);
    }
    file.finish(&mut out);
    let mut reader = ogg::PacketReader::new(Cursor::new(&out));
    let packets: Vec<Vec<u8>> =
        std::iter::from_fn(|| reader.read_packet().unwrap()).map(|packet| packet.data).collect();
    assert!(packets[2] == packet && packets[3] == [0xF8, 1, 2] && packets[6] == packet);
}

#[test]
fn sox_reads_our_wav_files_and_we_read_its_own() {
    let pcm: Vec<i16> = (0..8000).map(|i| (i * 4) as i16).collect();
    for (format, encoding) in [(1, "signed"), (6, "a-law"), (7, "mu-law")] {
        let bits = if format == 1 { "16" } else { "8" };
        let from = ["-t", "raw", "-e", "signed", "-b", "16", "-r", "8000", "-c", "2"];
        let theirs = crate::support::sox(
            &from,
            &crate::support::bytes(&pcm),
            &["-t", "wav", "-e", encoding, "-b", bits],
        );
        let read = wav::read(&theirs).unwrap();
        assert_eq!((read.rate, read.channels, read.pcm.len()), (8000, 2, 8000));
        let ratio = crate::support::signal_to_noise(&pcm, &read.pcm);
        assert!(ratio > 35.0, "{encoding}: {ratio:.1} dB");
    }
    let raw = crate::support::sox(&["-t", "wav"], &wav::file(&pcm, 8000, 2), &["-t", "raw"]);
    assert_eq!(samples(&raw), pcm);
}
