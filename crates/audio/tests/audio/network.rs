//! Networks of several kinds, simulated: what is heard in the end, how much of it is made up, and how late it is.

use crate::support::Dice;
use audio::codec::{Codec, Decoder, Encoder, EncoderOptions};
use audio::jitter::{Arrival, Statistics};
use audio::playout::{Heard, Playout};
use std::time::Duration;

/// A network, and a sender whose clock may be off.
#[derive(Debug, Clone, Copy)]
struct Network {
    seed: u64,
    minutes: u32,
    /// Deviation of the delay, in milliseconds.
    jitter_ms: f64,
    /// Part of packets lost.
    loss: f64,
    /// Packets lost in a row, on average.
    burst: f64,
    /// Part of packets that come 60 ms later than they would.
    detour: f64,
    /// Part of packets that come twice.
    twice: f64,
    /// How much faster the sender's clock is, in parts per million.
    drift: f64,
}

const CALM: Network = Network {
    seed: 1,
    minutes: 2,
    jitter_ms: 1.0,
    loss: 0.0,
    burst: 1.0,
    detour: 0.0,
    twice: 0.0,
    drift: 0.0,
};

/// What came of it.
#[derive(Debug)]
struct Outcome {
    statistics: Statistics,
    /// Pulls in which something was made up.
    made_up: f64,
    /// From sending a sample to hearing it, less the fastest way through the network: half of the time, and nearly always.
    median_ms: f64,
    p99_ms: f64,
    largest_ms: f64,
}

const BASE_MS: f64 = 30.0;

/// Packets on their way: when each arrives, and its number.
fn arrivals(network: &Network) -> Vec<(f64, u32)> {
    let mut dice = Dice::new(network.seed);
    let packets = network.minutes * 60 * 50;
    let mut lost = false;
    let mut arrivals = Vec::new();
    for i in 0..packets {
        let sent = f64::from(i) * 20.0 / (1.0 + network.drift / 1e6);
        // Two states: bursts are as long as asked, and as frequent as makes the loss.
        let p = if lost {
            1.0 - 1.0 / network.burst
        } else {
            network.loss / network.burst / (1.0 - network.loss)
        };
        lost = dice.next() < p;
        let late = (dice.normal() * network.jitter_ms).abs();
        let detour = if dice.next() < network.detour { 60.0 } else { 0.0 };
        if !lost {
            arrivals.push((sent + BASE_MS + late + detour, i));
            if dice.next() < network.twice {
                arrivals.push((sent + BASE_MS + late + 15.0, i));
            }
        }
    }
    arrivals.sort_by(|a, b| a.0.total_cmp(&b.0));
    arrivals
}

fn ms(ms: f64) -> Duration {
    Duration::from_secs_f64(ms / 1000.0)
}

/// Every packet is one constant, so what is heard tells which packet it was.
fn simulate(network: &Network) -> Outcome {
    let codec = Codec::L16 { rate: 8000 };
    let mut playout = Playout::new(codec, 8000).unwrap();
    let mut arrivals = arrivals(network).into_iter().peekable();
    let (mut made_up, mut pulls) = (0, 0);
    let mut delays = Vec::new();
    let mut out = [0; 160];
    let mut now = BASE_MS;
    let (mut last_heard, mut wraps) = (0, 0.0);
    while arrivals.peek().is_some() {
        while let Some((at, i)) = arrivals.next_if(|(at, _)| *at <= now) {
            let sample = 4000 + (i % 20000) as i16;
            let payload = sample.to_be_bytes().repeat(160);
            // Both counters wrap within the call.
            let (sequence, timestamp) = ((i as u16).wrapping_sub(900), (i * 160).wrapping_sub(70_000));
            playout.put(sequence, timestamp, 11, &payload, ms(at));
        }
        let heard = playout.pull(&mut out, ms(now));
        if heard != Heard::Nothing || pulls > 0 {
            pulls += 1;
            made_up += u32::from(heard != Heard::Sound);
        }
        if heard == Heard::Sound && out[159] >= 4000 && out[100..].iter().all(|sample| *sample == out[159]) {
            let i = i32::from(out[159]) - 4000;
            assert!(i >= last_heard || last_heard - i > 15000, "{i} after {last_heard}");
            wraps += if i < last_heard { 1.0 } else { 0.0 };
            last_heard = i;
            let sent = (f64::from(i) + wraps * 20000.0) * 20.0 / (1.0 + network.drift / 1e6);
            // The last sample of this pull is heard 20 ms from now, and it was the packet's last at the latest.
            delays.push(now - sent - BASE_MS);
        }
        now += 20.0;
    }
    let statistics = playout.statistics();
    // The beginning is for learning.
    let mut delays = delays.split_off(100);
    delays.sort_by(f64::total_cmp);
    let at = |part: f64| delays[((delays.len() - 1) as f64 * part) as usize];
    Outcome {
        statistics,
        made_up: f64::from(made_up) / f64::from(pulls),
        median_ms: at(0.5),
        p99_ms: at(0.99),
        largest_ms: at(1.0),
    }
}

#[test]
fn on_a_calm_network_nothing_is_made_up_and_the_delay_is_small() {
    let outcome = simulate(&CALM);
    assert!(outcome.made_up < 0.002 && outcome.p99_ms < 60.0 && outcome.median_ms < 40.0, "{outcome:?}");
    assert_eq!((outcome.statistics.lost, outcome.statistics.dropped), (0, 0));
}

#[test]
fn made_up_sound_is_hardly_more_than_what_was_lost() {
    for loss in [0.01, 0.05, 0.10] {
        for seed in 1..4 {
            let outcome = simulate(&Network { seed, loss, jitter_ms: 5.0, ..CALM });
            let measured = outcome.statistics.lost as f64 / 6000.0;
            assert!((measured - loss).abs() < 0.02, "{outcome:?}");
            // A lost packet touches two pulls where it lies across them.
            assert!(outcome.made_up < 2.0 * measured + 0.02, "{loss}: {outcome:?}");
            assert!(outcome.p99_ms < 110.0, "{loss}: {outcome:?}");
        }
    }
}

#[test]
fn bursts_do_not_make_the_delay_grow() {
    for seed in 1..4 {
        let outcome = simulate(&Network { seed, loss: 0.05, burst: 6.0, jitter_ms: 5.0, ..CALM });
        assert!(outcome.made_up < 0.15 && outcome.p99_ms < 200.0 && outcome.median_ms < 80.0, "{outcome:?}");
    }
}

#[test]
fn the_delay_follows_the_jitter() {
    let mut last = 0.0;
    for jitter_ms in [1.0, 10.0, 20.0, 40.0] {
        let outcome = simulate(&Network { jitter_ms, ..CALM });
        assert!(outcome.made_up < 0.06, "{jitter_ms}: {outcome:?}");
        assert!(
            outcome.median_ms > last && outcome.p99_ms < 60.0 + 4.5 * jitter_ms,
            "{jitter_ms}: {outcome:?}"
        );
        last = outcome.median_ms;
    }
}

#[test]
fn reordered_and_repeated_packets_are_put_right() {
    let outcome = simulate(&Network { detour: 0.05, twice: 0.05, jitter_ms: 5.0, ..CALM });
    assert_eq!(outcome.statistics.lost, 0);
    assert!(outcome.statistics.duplicated > 200, "{outcome:?}");
    assert!(outcome.statistics.late < 150 && outcome.made_up < 0.03 && outcome.p99_ms < 160.0, "{outcome:?}");
}

#[test]
fn clocks_that_differ_do_not_fill_or_empty_the_buffer() {
    for drift in [-200.0, 200.0, -1000.0, 1000.0] {
        let outcome = simulate(&Network { drift, minutes: 10, jitter_ms: 3.0, ..CALM });
        assert!(outcome.made_up < 0.01, "{drift}: {outcome:?}");
        assert!(outcome.median_ms < 60.0 && outcome.largest_ms < 120.0, "{drift}: {outcome:?}");
        assert_eq!(outcome.statistics.dropped, 0, "{drift}");
    }
}

#[test]
fn everything_at_once_stays_within_bounds() {
    for seed in 1..6 {
        let network = Network {
            seed,
            minutes: 4,
            jitter_ms: 25.0,
            loss: 0.08,
            burst: 3.0,
            detour: 0.03,
            twice: 0.02,
            drift: 300.0,
        };
        let outcome = simulate(&network);
        assert!(outcome.largest_ms < 450.0 && outcome.p99_ms < 320.0, "{outcome:?}");
        assert!(outcome.made_up < 0.30, "{outcome:?}");
    }
}

/// Twenty seconds of speech in Opus over a lossy network: how near it comes to the speech without loss, in dB.
fn opus_over(loss: f64, fec: bool) -> (f64, Statistics) {
    let pcm = crate::support::long_speech(16000);
    let options = EncoderOptions {
        fec,
        expected_loss: (loss * 100.0) as u8,
        bitrate: Some(32000),
        ..EncoderOptions::at(16000)
    };
    let mut encoder = Encoder::new(Codec::Opus, &options).unwrap();
    let mut clean = Decoder::new(Codec::Opus, 16000).unwrap();
    let mut playout = Playout::new(Codec::Opus, 16000).unwrap();
    let mut dice = Dice::new(5);
    let (mut packet, mut out) = ([0; 1500], [0; 320]);
    let (mut whole, mut heard) = (Vec::new(), Vec::new());
    for (i, piece) in pcm.chunks_exact(320).enumerate() {
        let length = encoder.encode(piece, &mut packet).unwrap();
        clean.decode(&packet[..length], &mut out).unwrap();
        whole.extend_from_slice(&out);
        let now = Duration::from_millis(20) * i as u32;
        if dice.next() >= loss {
            playout.put(i as u16, i as u32 * 960, 96, &packet[..length], now);
        }
        playout.pull(&mut out, now + Duration::from_millis(1));
        heard.extend_from_slice(&out);
    }
    // Loudness, step by step, as the delay is not the same all the time.
    let loudness = |pcm: &[i16]| pcm.chunks(1600).map(audio::level::dbov).collect::<Vec<_>>();
    let (whole, heard) = (loudness(&whole), loudness(&heard[640..]));
    let off = whole.iter().zip(&heard).filter(|(a, _)| **a > -40.0).map(|(a, b)| f64::from((a - b).abs()));
    let (count, sum) = off.fold((0.0, 0.0), |(count, sum), off| (count + 1.0, sum + off));
    (sum / count, playout.statistics())
}

#[test]
fn spare_copies_make_up_for_lost_packets() {
    let (clean, statistics) = opus_over(0.0, false);
    assert!(clean < 2.5 && statistics.concealed < Duration::from_millis(100), "{clean} {statistics:?}");
    for loss in [0.05, 0.10] {
        let (with, with_statistics) = opus_over(loss, true);
        let (without, _) = opus_over(loss, false);
        assert!(with_statistics.lost > 20, "{with_statistics:?}");
        assert!(with < without + 0.3 && with < 3.0, "{loss}: {with:.2} dB off with, {without:.2} dB without");
    }
}

#[test]
fn a_pause_between_talkspurts_is_no_loss() {
    let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
    let (mut out, mut heard) = ([0; 160], Vec::new());
    let mut sequence = 0;
    for i in 0..300_u32 {
        let now = Duration::from_millis(20) * i;
        // A second of speech, half a second of nothing; timestamps go on.
        if i % 75 < 50 {
            playout.put(sequence, i * 160, 8, &[0x35; 160], now);
            sequence += 1;
        }
        heard.push(playout.pull(&mut out, now));
    }
    let statistics = playout.statistics();
    assert_eq!((statistics.lost, statistics.late, statistics.dropped), (0, 0, 0));
    let sound = heard.iter().filter(|&&heard| heard == Heard::Sound).count();
    assert!((195..=206).contains(&sound), "{sound} of 200: {heard:?}");
}

#[test]
fn a_stream_that_jumps_begins_anew() {
    for (sequence, timestamp) in [(40_000_u16, 5_000_000_u32), (10_100, 3_000_000_000), (10_100, 100)] {
        let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
        let (mut out, mut heard) = ([0; 160], Vec::new());
        for i in 0..200_u32 {
            let now = Duration::from_millis(20) * i;
            let (s, t) = if i < 100 { (10_000, 1_000_000) } else { (sequence.wrapping_sub(100), timestamp) };
            let t = if i < 100 { t + i * 160 } else { t.wrapping_add((i - 100) * 160) };
            playout.put(s.wrapping_add(i as u16), t, 8, &[0x35; 160], now);
            heard.push(playout.pull(&mut out, now));
        }
        let sound = heard[110..].iter().filter(|&&heard| heard == Heard::Sound).count();
        assert!(sound > 80, "{sequence} {timestamp}: {heard:?}");
        assert!(playout.statistics().lost < 5);
    }
}

#[test]
fn padding_and_events_count_and_are_not_heard() {
    let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
    let (mut out, mut heard) = ([0; 160], Vec::new());
    for i in 0..200_u32 {
        let now = Duration::from_millis(20) * i;
        let sequence = (2 * i) as u16;
        playout.put(sequence, i * 160, 8, &[0x35; 160], now);
        if i % 2 == 0 {
            assert_eq!(playout.put(sequence + 1, i * 160, 8, &[], now), Arrival::Kept, "padding");
        } else {
            playout.skip(sequence + 1, i * 160, now);
        }
        heard.push(playout.pull(&mut out, now));
    }
    let statistics = playout.statistics();
    assert_eq!((statistics.received, statistics.lost), (400, 0));
    assert!(heard[5..].iter().all(|&heard| heard == Heard::Sound), "{heard:?}");
}

#[test]
fn a_flood_is_bounded() {
    let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
    let mut out = [0; 160];
    for i in 0..1000_u32 {
        playout.put(i as u16, i * 160, 8, &[0x35; 160], Duration::ZERO);
    }
    playout.pull(&mut out, Duration::from_millis(100));
    let statistics = playout.statistics();
    assert!(statistics.dropped > 900, "{statistics:?}");
}

#[test]
fn the_report_tells_of_losses_since_the_last_one() {
    let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
    let mut put = |range: std::ops::Range<u16>, every: u16| {
        for i in range.filter(|i| i % every != 1) {
            let now = Duration::from_millis(20) * u32::from(i);
            playout.put(i, u32::from(i) * 160, 8, &[0x35; 160], now);
        }
        playout.report()
    };
    let first = put(0..100, 4);
    assert_eq!((first.fraction_lost, first.cumulative_lost, first.highest_sequence), (64, 25, 99));
    let second = put(100..200, 1000);
    assert_eq!((second.fraction_lost, second.cumulative_lost), (0, 25));
}

proptest::proptest! {
    #[test]
    fn no_packets_make_it_panic_and_the_delay_stays_bounded(
        packets in proptest::collection::vec(
            (0u16.., 0u32.., 0u8.., proptest::collection::vec(0u8.., 0..300), 0u64..50), 1..100,
        ),
    ) {
        for codec in [Codec::Opus, Codec::Pcma, Codec::G722, Codec::Gsm, Codec::L16 { rate: 44100 }] {
            let mut playout = Playout::new(codec, codec.native_rate()).unwrap();
            let mut out = vec![0; codec.native_rate() as usize / 50];
            let mut now = Duration::ZERO;
            for (sequence, timestamp, kind, payload, wait) in &packets {
                now += Duration::from_millis(*wait);
                match kind % 4 {
                    0 => playout.put(*sequence, *timestamp, *kind, payload, now),
                    1 => playout.put(*sequence % 50, *timestamp % 50 * 160, *kind, payload, now),
                    2 => playout.put_noise(*sequence, *timestamp, payload, now),
                    _ => playout.skip(*sequence, *timestamp, now),
                };
                playout.pull(&mut out, now);
                proptest::prop_assert!(playout.statistics().wanted_delay <= Duration::from_millis(400));
            }
        }
    }
}

/// Twenty seconds of packets, each `late(i)` milliseconds later than the fastest: how long packets waited, second by second, and
/// how many pulls had something made up.
fn waits(late: impl Fn(u32) -> u64) -> (Vec<Duration>, usize, Statistics) {
    let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
    let speech: Vec<u8> = encoded_speech();
    let arrival = |i: u32| u64::from(i) * 20 + late(i);
    let mut arrivals: Vec<(u64, u32)> = (0..1000).map(|i| (arrival(i), i)).collect();
    arrivals.sort_unstable();
    let mut arrivals = arrivals.into_iter().peekable();
    let (mut out, mut held, mut made_up) = ([0; 160], Vec::new(), 0);
    for pull in 0..1000_u64 {
        let now = Duration::from_millis(pull * 20 + 3);
        while let Some((_, i)) = arrivals.next_if(|(at, _)| *at <= pull * 20 + 3) {
            playout.put(i as u16, i * 160, 8, &speech[i as usize * 160..][..160], now);
        }
        made_up += usize::from(playout.pull(&mut out, now) == Heard::MadeUp);
        if pull % 50 == 49 {
            held.push(playout.statistics().delay);
        }
    }
    (held, made_up, playout.statistics())
}

fn encoded_speech() -> Vec<u8> {
    let pcm = crate::support::long_speech(8000);
    let mut encoder = Encoder::new(Codec::Pcma, &EncoderOptions::at(8000)).unwrap();
    let mut speech = vec![0; 160_000];
    for (pcm, out) in pcm.chunks_exact(160).cycle().zip(speech.chunks_exact_mut(160)) {
        encoder.encode(pcm, out).unwrap();
    }
    speech
}

#[test]
fn after_an_outage_all_is_heard_and_the_delay_comes_down_again() {
    // For 300 ms nothing arrives, then everything at once.
    let (held, made_up, statistics) =
        waits(|i| if (500..515).contains(&i) { u64::from(515 - i) * 20 } else { 0 });
    assert_eq!((statistics.lost, statistics.late, statistics.dropped), (0, 0, 0), "{statistics:?}");
    assert!((10..22).contains(&made_up), "{made_up} pulls made up");
    let worst = held.iter().max().unwrap();
    assert!(*worst > Duration::from_millis(80), "{held:?}");
    assert!(held[11] > held[19] && held[19] < Duration::from_millis(60), "{held:?}");
}

#[test]
fn a_longer_way_through_the_network_is_learnt() {
    let (held, made_up, statistics) = waits(|i| if i < 400 { 0 } else { 150 });
    assert_eq!((statistics.lost, statistics.dropped), (0, 0), "{statistics:?}");
    assert!(made_up < 20, "{made_up} pulls made up");
    assert!(held[19] < Duration::from_millis(60), "{held:?}");
}

#[test]
fn a_shorter_way_through_the_network_is_made_use_of() {
    let (held, made_up, statistics) = waits(|i| if i < 400 { 150 } else { 0 });
    assert!(statistics.lost == 0 && made_up < 10, "{made_up}, {statistics:?}");
    assert!(held[19] < Duration::from_millis(60), "{held:?}");
}
