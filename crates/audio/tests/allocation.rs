//! Nothing allocates while a call goes on: an allocator counts.
#![expect(unsafe_code, reason = "a global allocator cannot be written without")]

use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD, MAX_SAMPLES};
use audio::dtmf::Digit;
use audio::dtmf::event::{Options, Receiver, Sender};
use audio::dtmf::inband::{Detector, Generator};
use audio::jitter::Config;
use audio::mix::Mix;
use audio::noise::{ComfortNoise, describe};
use audio::playout::Playout;
use audio::resample::Resampler;
use audio::spectrum::Ear;
use audio::tone::{Country, Music, Signal, Sine};
use audio::voice::VoiceDetector;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: all is handed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often `work` allocates.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

fn available() -> impl Iterator<Item = Codec> {
    Codec::ALL.into_iter().filter(|codec| codec.is_available())
}

#[test]
fn the_allocator_counts() {
    assert_eq!(allocations(|| drop(vec![1, 2, 3])), 1);
}

#[test]
fn encoding_decoding_and_concealing_do_not_allocate() {
    for codec in available() {
        let rate = codec.native_rate();
        let mut encoder =
            Encoder::new(codec, &EncoderOptions { fec: true, ..EncoderOptions::at(rate) }).unwrap();
        let mut decoder = Decoder::new(codec, rate).unwrap();
        let (mut payload, mut out) = ([0; MAX_PAYLOAD], [0; MAX_SAMPLES]);
        let mut pcm = vec![0; rate as usize / 50];
        let mut sine = Sine::new(300.0, rate);
        let count = allocations(|| {
            for i in 0..100 {
                sine.fill(&mut pcm, 0.3);
                let length = encoder.encode(&pcm, &mut payload).unwrap();
                match i % 10 {
                    3 => decoder.decode_fec(&payload[..length], &mut out[..pcm.len()]),
                    7 => decoder.conceal(&mut out[..pcm.len()]),
                    _ => drop(decoder.decode(&payload[..length], &mut out)),
                }
            }
        });
        assert_eq!(count, 0, "{codec}");
    }
}

#[test]
fn playing_a_bad_network_does_not_allocate() {
    for codec in available() {
        let rate = codec.native_rate();
        let mut encoder = Encoder::new(codec, &EncoderOptions::at(rate)).unwrap();
        let mut playout = Playout::with(codec, rate, Config::new(codec.clock_rate())).unwrap();
        let (mut payload, mut out) = ([0; MAX_PAYLOAD], vec![0; rate as usize / 50]);
        let pcm = vec![1000; rate as usize / 50];
        let length = encoder.encode(&pcm, &mut payload).unwrap();
        let ticks = codec.clock_rate() / 50;
        let count = allocations(|| {
            for i in 0..2000_u32 {
                let now = Duration::from_millis(20) * i;
                // Lost, swapped, doubled, too many at once.
                let i = match i % 10 {
                    3 => continue,
                    5 => i + 1,
                    6 => i - 1,
                    _ => i,
                };
                playout.put(i as u16, i * ticks, 0, &payload[..length], now);
                if i % 500 == 0 {
                    for more in 0..100 {
                        playout.put((i + more) as u16, (i + more) * ticks, 0, &payload[..length], now);
                    }
                }
                playout.pull(&mut out, now);
                let _ = (playout.statistics(), playout.report());
            }
        });
        assert_eq!(count, 0, "{codec}");
    }
}

#[test]
fn tones_digits_and_the_rest_do_not_allocate() {
    let digit = Digit::from_char('5').unwrap();
    let mut sender = Sender::new(8000, Options::default());
    let mut receiver = Receiver::new();
    let mut generator = Generator::new(8000, Options::default());
    let mut detector = Detector::new(8000);
    let mut ring = Signal::ringback(Country::Europe, 8000);
    let mut music = Music::new(8000);
    let mut resampler = Resampler::new(8000, 48000);
    let mut mix = Mix::new(160);
    let mut ear = Ear::new(8000);
    let mut voice = VoiceDetector::new();
    let mut noise = ComfortNoise::new(1);
    let (mut pcm, mut wide) = ([0; 160], [0; 960]);
    let count = allocations(|| {
        for i in 0..300 {
            if i % 20 == 0 {
                sender.press(digit).unwrap();
                generator.press(digit).unwrap();
            }
            if let Some(packet) = sender.poll(i * 160) {
                receiver.accept(packet.timestamp, &packet.payload);
            }
            music.fill(&mut pcm);
            ring.fill(&mut pcm);
            generator.overlay(&mut pcm);
            detector.listen(&pcm, |_| ());
            resampler.resample(&pcm, &mut wide);
            mix.clear();
            mix.add(&pcm);
            mix.all_but(&wide, &mut pcm);
            ear.listen(&pcm);
            let _ = (ear.dominant(), voice.listen(&pcm));
            noise.update(&describe(&pcm));
            noise.fill(&mut pcm);
        }
    });
    assert_eq!(count, 0);
}
