//! Digits as tones: the limits of ITU-T Q.24, voices that must not be taken for keys, and spandsp at the other end.

use crate::support::Dice;
use audio::dtmf::event::Options;
use audio::dtmf::inband::{Detector, Generator, tones};
use audio::dtmf::{Digit, info};
use audio::level::gain;
use audio::tone::Sine;
use std::time::Duration;

const ALL_KEYS: &str = "0123456789*#ABCD";

/// A pair of tones as a test wants it.
#[derive(Debug, Clone, Copy)]
struct Shape {
    rate: u32,
    /// Level of the row's tone in dBov, peak against full.
    level: f32,
    /// How much louder the column's is, in dB.
    twist: f32,
    /// Both tones are off by this part.
    off: f32,
    on_ms: u32,
    off_ms: u32,
    /// Noise below the row's tone, in dB; 100 is none.
    quiet: f32,
}

const PLAIN: Shape =
    Shape { rate: 8000, level: -12.0, twist: 0.0, off: 0.0, on_ms: 50, off_ms: 50, quiet: 100.0 };

/// These keys, each begun at another place within the detector's blocks.
fn keys(keys: &str, shape: Shape) -> Vec<i16> {
    let samples = |ms: u32| (ms * shape.rate / 1000) as usize;
    let mut dice = Dice::new(3);
    let mut pcm = vec![0; samples(100)];
    for key in keys.chars() {
        let (low, high) = tones(Digit::from_char(key).unwrap());
        let mut low = Sine::new(low * (1.0 + shape.off), shape.rate);
        let mut high = Sine::new(high * (1.0 + shape.off), shape.rate);
        for _ in 0..samples(shape.on_ms) {
            let sum = low.next_sample() + high.next_sample() * gain(shape.twist);
            pcm.push((sum * gain(shape.level) * 32767.0) as i16);
        }
        pcm.extend(vec![0; samples(shape.off_ms) + (dice.next() * 13.0) as usize]);
    }
    let noise = f64::from(gain(shape.level - shape.quiet - 3.0)) * 32767.0;
    pcm.iter_mut().for_each(|sample| *sample = sample.saturating_add((dice.normal() * noise) as i16));
    pcm.extend(vec![0; samples(100)]);
    pcm
}

fn heard(pcm: &[i16], rate: u32) -> String {
    let mut detector = Detector::new(rate);
    let mut heard = String::new();
    // In pieces as a call has them.
    for piece in pcm.chunks(rate as usize / 50) {
        detector.listen(piece, |digit| heard.push(digit.as_char()));
    }
    heard
}

#[test]
fn every_key_is_heard_once_at_every_rate() {
    for rate in [8000, 16000, 48000] {
        let pcm = keys(ALL_KEYS, Shape { rate, ..PLAIN });
        assert_eq!(heard(&pcm, rate), ALL_KEYS, "{rate}");
    }
}

#[test]
fn what_q24_says_must_be_heard_is_heard() {
    let shapes = [
        Shape { on_ms: 40, off_ms: 40, ..PLAIN },
        Shape { level: -5.0, ..PLAIN },
        Shape { level: -35.0, ..PLAIN },
        Shape { twist: 4.0, ..PLAIN },
        Shape { twist: -8.0, ..PLAIN },
        Shape { off: 0.015, ..PLAIN },
        Shape { off: -0.015, ..PLAIN },
        Shape { quiet: 15.0, ..PLAIN },
        Shape { on_ms: 2000, ..PLAIN },
        Shape { twist: 3.0, off: 0.012, quiet: 20.0, on_ms: 45, off_ms: 45, ..PLAIN },
    ];
    for shape in shapes {
        let thrice = ALL_KEYS.repeat(3);
        assert_eq!(heard(&keys(&thrice, shape), 8000), thrice, "{shape:?}");
    }
}

#[test]
fn what_q24_says_must_not_be_heard_is_not() {
    let shapes = [
        Shape { on_ms: 20, ..PLAIN },
        Shape { level: -55.0, ..PLAIN },
        Shape { twist: 12.0, ..PLAIN },
        Shape { twist: -14.0, ..PLAIN },
        Shape { off: 0.04, ..PLAIN },
        Shape { off: -0.04, ..PLAIN },
    ];
    for shape in shapes {
        assert_eq!(heard(&keys(ALL_KEYS, shape), 8000), "", "{shape:?}");
    }
}

#[test]
fn a_gap_within_a_tone_does_not_make_two_of_it() {
    let mut pcm = keys("5", Shape { on_ms: 200, ..PLAIN });
    for place in [1500, 1600] {
        let mut interrupted = pcm.clone();
        interrupted[place..place + 80].fill(0);
        assert_eq!(heard(&interrupted, 8000), "5");
    }
    pcm[1500..1900].fill(0);
    assert_eq!(heard(&pcm, 8000), "55", "50 ms are a pause");
}

#[test]
fn one_tone_alone_is_no_key() {
    for hz in [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0, 425.0, 1004.0] {
        let mut pcm = vec![0; 8000];
        Sine::new(hz, 8000).fill(&mut pcm, 0.4);
        assert_eq!(heard(&pcm, 8000), "", "{hz}");
    }
}

#[test]
fn voices_are_not_taken_for_keys() {
    let mut minutes = 0.0;
    for (voice, pitch, speed) in [
        ("en", "50", "160"),
        ("en+f3", "70", "150"),
        ("en+m3", "30", "180"),
        ("ru", "50", "170"),
        ("de+f2", "80", "140"),
    ] {
        let words = "Please press one for sales, two for support, three for billing. Your number is four, five, six. \
            Wir oo, ee, ah, oh. Mama, papa, banana, cinema. A long aaaah and a long eeeeh and a long ooooh. \
            We were away a year ago. Are you aware, you owe a lawyer? Nine, nine, nine, zero, zero."
            .repeat(2);
        let wav = crate::support::pipe(
            "espeak-ng",
            &["-v", voice, "-p", pitch, "-s", speed, "--stdout", &words],
            &[],
        );
        let to = ["-t", "raw", "-e", "signed", "-b", "16", "-c", "1", "-r", "8000"];
        let pcm = crate::support::samples(&crate::support::sox(&["-t", "wav"], &wav, &to));
        minutes += pcm.len() as f32 / 8000.0 / 60.0;
        assert_eq!(heard(&pcm, 8000), "", "{voice}");
    }
    assert!(minutes > 2.0, "{minutes} minutes of speech");
}

#[test]
fn noise_and_music_are_not_taken_for_keys() {
    let mut dice = Dice::new(9);
    let mut pcm: Vec<i16> = (0..8000 * 60).map(|_| dice.sample() / 4).collect();
    assert_eq!(heard(&pcm, 8000), "");
    audio::tone::Music::new(8000).fill(&mut pcm);
    assert_eq!(heard(&pcm, 8000), "");
}

#[test]
fn keys_are_heard_through_the_codecs_that_keep_tones() {
    use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD};
    let pcm = keys(ALL_KEYS, Shape { on_ms: 80, off_ms: 80, ..PLAIN });
    for codec in [Codec::Pcma, Codec::Pcmu, Codec::Opus] {
        let mut encoder = Encoder::new(codec, &EncoderOptions::at(8000)).unwrap();
        let mut decoder = Decoder::new(codec, 8000).unwrap();
        let (mut payload, mut out, mut through) = ([0; MAX_PAYLOAD], [0; 160], Vec::new());
        for piece in pcm.chunks_exact(160) {
            let length = encoder.encode(piece, &mut payload).unwrap();
            decoder.decode(&payload[..length], &mut out).unwrap();
            through.extend_from_slice(&out);
        }
        assert_eq!(heard(&through, 8000), ALL_KEYS, "{codec}");
    }
}

/// Our generator's sound for these keys.
fn generated(keys: &str, rate: u32, options: Options) -> Vec<i16> {
    let mut generator = Generator::new(rate, options);
    for key in keys.chars() {
        generator.press(Digit::from_char(key).unwrap()).unwrap();
    }
    let mut pcm = Vec::new();
    while !generator.is_idle() {
        let mut piece = vec![0; rate as usize / 50];
        generator.overlay(&mut piece);
        pcm.extend_from_slice(&piece);
    }
    pcm
}

#[test]
fn spandsp_hears_our_keys_and_we_hear_its_own() {
    let oracle = crate::support::oracle();
    for options in [
        Options::default(),
        Options {
            duration: Duration::from_millis(50),
            pause: Duration::from_millis(50),
            ..Options::default()
        },
        Options { volume: 20, ..Options::default() },
    ] {
        let ours = generated(ALL_KEYS, 8000, options);
        let theirs = crate::support::pipe(&oracle, &["dtmf-hear"], &crate::support::bytes(&ours));
        assert_eq!(String::from_utf8_lossy(&theirs), ALL_KEYS, "{options:?}");
        assert_eq!(heard(&ours, 8000), ALL_KEYS);
    }
    let theirs = crate::support::samples(&crate::support::pipe(&oracle, &["dtmf-say", ALL_KEYS], &[]));
    assert_eq!(heard(&theirs, 8000), ALL_KEYS);
}

#[test]
fn the_generator_leaves_sound_alone_when_it_is_idle() {
    let mut generator = Generator::new(8000, Options::default());
    let mut pcm = [77; 160];
    generator.overlay(&mut pcm);
    assert_eq!(pcm, [77; 160]);
    generator.press(Digit::from_char('1').unwrap()).unwrap();
    let mut pcm = vec![77; 1600];
    generator.overlay(&mut pcm);
    assert!(!pcm[..1280].contains(&77) || pcm[..1280].iter().filter(|&&sample| sample == 77).count() < 5);
    assert!(pcm[1280..].iter().all(|&sample| sample == 77), "the sound comes back after the pause");
}

#[test]
fn digits_stay_out_of_debug() {
    let pressed = info::parse("application/dtmf-relay", b"Signal=7\r\nDuration=160\r\n").unwrap();
    assert!(!format!("{pressed:?}").contains('7'));
    let mut generator = Generator::new(8000, Options::default());
    generator.press(Digit::from_char('7').unwrap()).unwrap();
    assert!(!format!("{generator:?}").contains("Digit(7"));
}
