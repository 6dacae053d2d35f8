//! What a phone hears: packets in order, decoded, and what is in the last second of them.

use super::voice::{FRAME, RATE};
use anyhow::Result;
use audio::codec::{Codec, Decoder, MAX_SAMPLES};
use audio::spectrum;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A hole of more packets than this is a new beginning rather than a loss.
const LARGEST_HOLE: u64 = 50;

/// How long "the last second" is.
const SECOND: Duration = Duration::from_secs(1);

/// Listens to one stream.
pub(super) struct Ear {
    decoder: Decoder,
    newest: Option<u64>,
    /// Sound of the last second, piece by piece, with when it was heard.
    pieces: VecDeque<(Instant, Vec<i16>)>,
    counts: VecDeque<(Instant, Count)>,
}

/// What a packet, or the lack of one, counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Came,
    Lost(u64),
    Late,
}

impl Ear {
    /// # Errors
    ///
    /// The codec library refuses.
    pub(super) fn new() -> Result<Self> {
        let decoder = Decoder::new(Codec::Opus, RATE)?;
        Ok(Self { decoder, newest: None, pieces: VecDeque::new(), counts: VecDeque::new() })
    }

    /// Hears a packet with its extended sequence number.
    pub(super) fn hear(&mut self, sequence: u64, payload: &[u8], now: Instant) {
        let expected = self.newest.map_or(sequence, |newest| newest + 1);
        if sequence < expected && expected - sequence <= LARGEST_HOLE {
            self.count(Count::Late, now);
            return;
        }
        if sequence > expected && sequence - expected <= LARGEST_HOLE {
            self.count(Count::Lost(sequence - expected), now);
            for _ in expected..sequence {
                let mut hole = vec![0; FRAME];
                self.decoder.conceal(&mut hole);
                self.keep(hole, now);
            }
        }
        self.newest = Some(sequence);
        let mut pcm = vec![0; MAX_SAMPLES];
        if let Ok(samples) = self.decoder.decode(payload, &mut pcm) {
            pcm.truncate(samples);
            self.keep(pcm, now);
        }
        self.count(Count::Came, now);
    }

    fn keep(&mut self, pcm: Vec<i16>, now: Instant) {
        self.pieces.push_back((now, pcm));
        self.forget(now);
    }

    fn count(&mut self, count: Count, now: Instant) {
        self.counts.push_back((now, count));
        self.forget(now);
    }

    /// What is older than a second is not "the last second" any more.
    fn forget(&mut self, now: Instant) {
        let old = |at: &Instant| now.saturating_duration_since(*at) > SECOND;
        while self.pieces.front().is_some_and(|(at, _)| old(at)) {
            self.pieces.pop_front();
        }
        while self.counts.front().is_some_and(|(at, _)| old(at)) {
            self.counts.pop_front();
        }
    }

    /// What was heard in the last second.
    pub(super) fn view(&mut self, now: Instant) -> Value {
        self.forget(now);
        // What did not come is silence.
        let mut pcm: Vec<i16> = self.pieces.iter().flat_map(|(_, pcm)| pcm).copied().collect();
        let tone = spectrum::dominant(&pcm, RATE);
        pcm.resize(pcm.len().max(RATE as usize), 0);
        let (mut packets, mut lost, mut late) = (0_u64, 0_u64, 0_u64);
        for (_, count) in &self.counts {
            match count {
                Count::Came => packets += 1,
                Count::Lost(many) => lost += many,
                Count::Late => late += 1,
            }
        }
        let mut out =
            json!({"level_dbov": audio::level::dbov(&pcm), "packets": packets, "lost": lost, "late": late});
        if let Some(tone) = tone {
            out["hz"] = tone.hz.into();
        }
        out
    }
}

/// What a phone without sound hears.
pub(super) fn nothing() -> Value {
    json!({"level_dbov": -127.0, "packets": 0, "lost": 0, "late": 0})
}

#[cfg(test)]
mod tests {
    use super::super::voice::Voice;
    use super::*;
    use audio::codec::{Encoder, EncoderOptions, MAX_PAYLOAD};

    #[expect(clippy::disallowed_methods, reason = "one moment to begin with")]
    fn start() -> Instant {
        Instant::now()
    }

    fn packets(hz: f32, many: usize) -> Vec<Vec<u8>> {
        let mut voice = Voice::tone(hz, -12.0).unwrap();
        let mut encoder = Encoder::new(Codec::Opus, &EncoderOptions::at(RATE)).unwrap();
        let (mut frame, mut room) = ([0; FRAME], [0; MAX_PAYLOAD]);
        let packet = |_| {
            voice.fill(&mut frame);
            let bytes = encoder.encode(&frame, &mut room).unwrap();
            room[..bytes].to_vec()
        };
        (0..many).map(packet).collect()
    }

    fn hear(ear: &mut Ear, packets: &[Vec<u8>], skip: &[usize], start: Instant) -> Instant {
        let at = |index: usize| start + Duration::from_millis(20) * u32::try_from(index).unwrap();
        for (index, packet) in packets.iter().enumerate().filter(|(index, _)| !skip.contains(index)) {
            ear.hear(1000 + index as u64, packet, at(index));
        }
        at(packets.len() - 1)
    }

    #[test]
    fn a_tone_is_heard_as_high_and_as_loud_as_it_was() {
        let mut ear = Ear::new().unwrap();
        let now = hear(&mut ear, &packets(440.0, 60), &[], start());
        let heard = ear.view(now);
        assert!((heard["hz"].as_f64().unwrap() - 440.0).abs() < 3.0, "{heard}");
        assert!((heard["level_dbov"].as_f64().unwrap() + 12.0).abs() < 2.0, "{heard}");
        assert_eq!((&heard["packets"], &heard["lost"]), (&json!(51), &json!(0)));
    }

    #[test]
    fn missing_packets_are_counted_and_what_comes_after_them_is_late() {
        let mut ear = Ear::new().unwrap();
        let packets = packets(440.0, 30);
        let now = hear(&mut ear, &packets, &[10, 11], start());
        ear.hear(1010, &packets[10], now);
        let heard = ear.view(now);
        assert_eq!((&heard["packets"], &heard["lost"], &heard["late"]), (&json!(28), &json!(2), &json!(1)));
    }

    #[test]
    fn after_a_second_of_nothing_it_is_silent() {
        let mut ear = Ear::new().unwrap();
        let now = hear(&mut ear, &packets(440.0, 60), &[], start());
        assert_eq!(ear.view(now + SECOND + SECOND), nothing());
    }
}
