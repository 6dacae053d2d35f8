//! Our codecs beside those of others: bit by bit where the standard fixes the bits, by signal to noise where it does not.

use crate::support::{Dice, best_signal_to_noise, bytes, long_speech, samples, sox};
use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_SAMPLES};

const RAW: [&str; 8] = ["-t", "raw", "-e", "signed", "-b", "16", "-r", "8000"];
const MONO: [&str; 2] = ["-c", "1"];

fn encode(codec: Codec, pcm: &[i16], rate: u32) -> Vec<Vec<u8>> {
    encode_with(codec, pcm, &EncoderOptions::at(rate))
}

fn encode_with(codec: Codec, pcm: &[i16], options: &EncoderOptions) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(codec, options).unwrap();
    let mut out = [0; 4000];
    let piece = options.rate as usize / 50;
    pcm.chunks_exact(piece)
        .map(|pcm| {
            let length = encoder.encode(pcm, &mut out).unwrap();
            out[..length].to_vec()
        })
        .collect()
}

fn decode(codec: Codec, payloads: &[Vec<u8>], rate: u32) -> Vec<i16> {
    let mut decoder = Decoder::new(codec, rate).unwrap();
    let mut out = [0; MAX_SAMPLES];
    let mut pcm = Vec::new();
    for payload in payloads {
        let length = decoder.decode(payload, &mut out).unwrap();
        pcm.extend_from_slice(&out[..length]);
    }
    pcm
}

/// Speech, then noise at several levels, then full scale: whole frames.
fn all_kinds_of_sound() -> Vec<i16> {
    let mut dice = Dice::new(1);
    let mut pcm = long_speech(8000);
    for level in [1, 30, 1000, 10000, 32767] {
        pcm.extend((0..8000).map(|_| (i32::from(dice.sample()) * level / 32768) as i16));
    }
    pcm.extend((0..8000).map(|i| if i / 40 % 2 == 0 { i16::MAX } else { i16::MIN }));
    pcm.extend([0; 800]);
    pcm.truncate(pcm.len() / 160 * 160);
    pcm
}

#[test]
fn gsm_gives_the_same_bits_as_libgsm() {
    let pcm = all_kinds_of_sound();
    let ours = encode(Codec::Gsm, &pcm, 8000).concat();
    let theirs = sox(&[&RAW[..], &MONO].concat(), &bytes(&pcm), &["-t", "gsm"]);
    assert_eq!(ours.len(), pcm.len() / 160 * 33);
    let differing = ours.chunks(33).zip(theirs.chunks(33)).position(|(a, b)| a != b);
    assert_eq!(differing, None, "of {} frames", ours.len() / 33);
}

#[test]
fn gsm_gives_the_same_sound_as_libgsm() {
    let coded = encode(Codec::Gsm, &all_kinds_of_sound(), 8000);
    let ours = decode(Codec::Gsm, &coded, 8000);
    let theirs = samples(&sox(&["-t", "gsm"], &coded.concat(), &[&RAW[..], &MONO].concat()));
    assert_eq!(ours.iter().zip(&theirs).position(|(a, b)| a != b), None);
    assert_eq!(ours.len(), theirs.len());
}

#[test]
fn g711_decodes_as_sox_does() {
    let codes: Vec<u8> = (0..=255).collect();
    for (codec, encoding) in [(Codec::Pcma, "a-law"), (Codec::Pcmu, "mu-law")] {
        let ours = decode(codec, std::slice::from_ref(&codes), 8000);
        let from = ["-t", "raw", "-e", encoding, "-b", "8", "-r", "8000", "-c", "1"];
        let theirs = samples(&sox(&from, &codes, &[&RAW[..], &MONO].concat()));
        assert_eq!(ours, theirs, "{codec}");
    }
}

#[test]
fn g711_encodes_as_sox_does_where_no_sample_has_to_be_rounded() {
    // sox rounds to 13 or 14 bits first, the standard cuts off: they agree where there is nothing to round.
    for (codec, encoding, step) in [(Codec::Pcma, "a-law", 16), (Codec::Pcmu, "mu-law", 4)] {
        let pcm: Vec<i16> = (0..=i16::MAX).step_by(step).collect();
        let pcm = &pcm[..pcm.len() / 160 * 160];
        let ours = encode(codec, pcm, 8000).concat();
        let to = ["-t", "raw", "-e", encoding, "-b", "8"];
        let theirs = sox(&[&RAW[..], &MONO].concat(), &bytes(pcm), &to);
        assert_eq!(ours.iter().zip(&theirs).position(|(a, b)| a != b), None, "{codec}");
    }
}

#[test]
fn g722_is_understood_by_spandsp_and_understands_it() {
    let pcm = long_speech(16000);
    let pcm = &pcm[..pcm.len() / 320 * 320];
    let oracle = crate::support::oracle();
    let ours = encode(Codec::G722, pcm, 16000);
    let theirs = crate::support::pipe(&oracle, &["g722-encode"], &bytes(pcm));
    let heard_here: Vec<Vec<u8>> = theirs.chunks(160).map(<[u8]>::to_vec).collect();
    for (who, heard) in [
        ("ours and ours", decode(Codec::G722, &ours, 16000)),
        ("ours and theirs", samples(&crate::support::pipe(&oracle, &["g722-decode"], &ours.concat()))),
        ("theirs and ours", decode(Codec::G722, &heard_here, 16000)),
    ] {
        let (delay, ratio) = best_signal_to_noise(pcm, &heard, 40);
        assert!(ratio > 16.0, "{who}: {ratio:.1} dB at a delay of {delay}");
    }
}

#[test]
fn l16_changes_nothing() {
    let pcm = all_kinds_of_sound();
    let codec = Codec::L16 { rate: 8000 };
    assert_eq!(decode(codec, &encode(codec, &pcm, 8000), 8000), pcm);
}

#[test]
fn opus_keeps_a_voice_at_every_rate() {
    for (rate, least) in [(8000, 5.0), (16000, 7.0), (48000, 7.0)] {
        let pcm = long_speech(rate);
        let options = EncoderOptions { bitrate: Some(40_000), ..EncoderOptions::at(rate) };
        let packets = encode_with(Codec::Opus, &pcm, &options);
        let heard = decode(Codec::Opus, &packets, rate);
        let (delay, ratio) = best_signal_to_noise(&pcm, &heard, rate as usize / 40);
        assert!(ratio > least, "{ratio:.1} dB at {rate} Hz, delay {delay}");
    }
}

#[test]
fn opus_opened_at_8_khz_is_ordinary_opus() {
    let packets = encode(Codec::Opus, &long_speech(8000), 8000);
    assert!(packets.iter().all(|packet| Codec::Opus.ticks(packet) == Some(960)));
    let heard = decode(Codec::Opus, &packets, 48000);
    assert_eq!(heard.len(), packets.len() * 960);
}

#[test]
fn opus_takes_and_gives_packets_of_every_length() {
    for (ms, samples) in
        [(2.5, 120), (5.0, 240), (10.0, 480), (20.0, 960), (40.0, 1920), (60.0, 2880), (120.0, 5760)]
    {
        let mut encoder = Encoder::new(Codec::Opus, &EncoderOptions::at(48000)).unwrap();
        let mut decoder = Decoder::new(Codec::Opus, 16000).unwrap();
        let (mut packet, mut pcm) = ([0; 1500], [0; MAX_SAMPLES]);
        let tone: Vec<i16> =
            (0..samples).map(|i| (f64::from(i) * 0.05).sin().mul_add(9000.0, 0.0) as i16).collect();
        let length = encoder.encode(&tone, &mut packet).unwrap();
        assert_eq!(Codec::Opus.ticks(&packet[..length]), Some(samples as u32), "{ms} ms");
        assert_eq!(decoder.decode(&packet[..length], &mut pcm), Ok(samples as usize / 3));
    }
}

#[test]
fn a_lost_opus_packet_is_recovered_from_the_next() {
    let pcm = long_speech(16000);
    let options =
        EncoderOptions { fec: true, expected_loss: 20, bitrate: Some(32000), ..EncoderOptions::at(16000) };
    let packets = encode_with(Codec::Opus, &pcm, &options);
    assert!(packets.iter().filter(|packet| Codec::Opus.has_fec(packet)).count() > packets.len() / 2);
    let without = encode(Codec::Opus, &pcm, 16000);
    assert!(!without.iter().any(|packet| Codec::Opus.has_fec(packet)));

    let whole = decode(Codec::Opus, &packets, 16000);
    let play = |recover: bool| {
        let mut decoder = Decoder::new(Codec::Opus, 16000).unwrap();
        let (mut out, mut heard) = ([0; 320], Vec::new());
        for (i, packet) in packets.iter().enumerate() {
            match packets.get(i + 1) {
                Some(next) if i % 5 == 2 && recover => decoder.decode_fec(next, &mut out),
                Some(_) if i % 5 == 2 => decoder.conceal(&mut out),
                Some(_) | None => {
                    decoder.decode(packet, &mut out).unwrap();
                }
            }
            heard.extend_from_slice(&out);
        }
        crate::support::signal_to_noise(&whole, &heard)
    };
    let (recovered, concealed) = (play(true), play(false));
    assert!(recovered > concealed + 2.0, "{recovered:.1} dB recovered, {concealed:.1} dB concealed");
}

#[test]
fn dtx_sends_nothing_while_nobody_speaks() {
    let options = EncoderOptions { dtx: true, ..EncoderOptions::at(16000) };
    let mut pcm = long_speech(16000)[..32000].to_vec();
    pcm.extend([0; 64000]);
    let packets = encode_with(Codec::Opus, &pcm, &options);
    let silent = &packets[packets.len() - 100..];
    assert!(silent.iter().filter(|packet| packet.is_empty()).count() > 80);
}

#[test]
fn what_cannot_be_encoded_or_decoded_is_refused() {
    let mut opus = Encoder::new(Codec::Opus, &EncoderOptions::at(16000)).unwrap();
    let mut out = [0; 100];
    assert!(opus.encode(&[0; 100], &mut out).is_err(), "6.25 ms");
    assert!(opus.encode(&[0; 320], &mut []).is_err());
    assert!(Encoder::new(Codec::Pcma, &EncoderOptions::at(16000)).is_err());
    assert!(Decoder::new(Codec::Opus, 44100).is_err());
    let mut pcma = Decoder::new(Codec::Pcma, 8000).unwrap();
    assert!(pcma.decode(&[], &mut [0; 10]).is_err());
    assert!(pcma.decode(&[0; 11], &mut [0; 10]).is_err());
}

proptest::proptest! {
    #[test]
    fn no_payload_makes_a_decoder_panic(
        payloads in proptest::collection::vec(proptest::collection::vec(0u8.., 0..200), 1..12),
    ) {
        for codec in Codec::ALL.into_iter().filter(|codec| codec.is_available()) {
            let mut decoder = Decoder::new(codec, codec.native_rate()).unwrap();
            let mut out = [0; MAX_SAMPLES];
            for payload in &payloads {
                let ticks = codec.ticks(payload);
                if let Ok(length) = decoder.decode(payload, &mut out) {
                    proptest::prop_assert_eq!(Some(length), ticks.map(|ticks| codec.samples(ticks, decoder.rate())));
                }
                decoder.decode_fec(payload, &mut out[..decoder.rate() as usize / 50]);
            }
        }
    }
}
