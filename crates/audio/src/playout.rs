//! One direction of a call, from packets to sound: jitter buffer, decoder, concealment and a little speeding up or slowing down.

use crate::codec::{Codec, CodecError, Decoder, MAX_SAMPLES};
use crate::jitter::{Arrival, Config, JitterBuffer, Next, Pace, Packet, Report, Statistics};
use crate::noise::ComfortNoise;
use crate::stretch;
use std::time::Duration;

/// What was heard in a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heard {
    /// Nobody sends.
    Nothing,
    /// The sender pauses.
    Pause,
    /// At least some of it was made up for a lost packet.
    MadeUp,
    /// What was sent.
    Sound,
}

/// Plays one incoming stream.
///
/// Give it packets as they come, and pull equal pieces of sound from it, 10 or 20 ms each. It allocates when it is made and never
/// after.
///
/// ```
/// use audio::codec::Codec;
/// use audio::playout::{Heard, Playout};
/// use std::time::Duration;
///
/// let mut playout = Playout::new(Codec::Pcma, 8000)?;
/// let mut sound = [0i16; 160];
/// let mut heard = Heard::Nothing;
/// for i in 0..10u16 {
///     let now = Duration::from_millis(20) * u32::from(i);
///     playout.put(i, u32::from(i) * 160, 8, &[0xD5; 160], now);
///     heard = playout.pull(&mut sound, now);
/// }
/// assert_eq!(heard, Heard::Sound);
/// # Ok::<(), audio::codec::CodecError>(())
/// ```
#[derive(Debug)]
pub struct Playout {
    jitter: JitterBuffer,
    decoder: Decoder,
    noise: ComfortNoise,
    /// The sender has described its room and pauses from this timestamp on.
    pausing: Option<u32>,
    /// What the last sound made ready was.
    last: Heard,
    min_delay: Duration,
    has_fec: bool,
    ready: Ready,
    since_stretch: usize,
}

/// Decoded sound that waits to be pulled.
#[derive(Debug)]
struct Ready {
    pcm: Box<[i16]>,
    length: usize,
}

impl Playout {
    /// Decodes `codec` at `rate` samples per second, with the usual jitter buffer.
    ///
    /// # Errors
    ///
    /// The codec is not in this build, or does not open at this rate.
    pub fn new(codec: Codec, rate: u32) -> Result<Self, CodecError> {
        // No more room than 120 ms need; Opus has no such bound below that of a datagram.
        let max_payload = match codec {
            Codec::Opus | Codec::L16 { .. } => 1500,
            Codec::G722 | Codec::Pcma | Codec::Pcmu => 960,
            Codec::Gsm | Codec::G729 => 240,
        };
        Self::with(codec, rate, Config { max_payload, ..Config::new(codec.clock_rate()) })
    }

    /// The same, with a jitter buffer of one's own.
    ///
    /// # Errors
    ///
    /// The codec is not in this build, or does not open at this rate.
    pub fn with(codec: Codec, rate: u32, config: Config) -> Result<Self, CodecError> {
        Ok(Self {
            jitter: JitterBuffer::new(config),
            decoder: Decoder::new(codec, rate)?,
            noise: ComfortNoise::new(0),
            pausing: None,
            last: Heard::Nothing,
            min_delay: config.min_delay,
            has_fec: false,
            ready: Ready { pcm: vec![0; 3 * MAX_SAMPLES * rate as usize / 48000].into(), length: 0 },
            since_stretch: 0,
        })
    }

    /// Which codec it decodes.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.decoder.codec()
    }

    /// Samples per second that it gives.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.decoder.rate()
    }

    /// Takes a packet of sound that arrived at `now`. A payload that is empty or cannot be the codec's counts as received and is
    /// never decoded.
    pub fn put(
        &mut self,
        sequence: u16,
        timestamp: u32,
        payload_type: u8,
        payload: &[u8],
        now: Duration,
    ) -> Arrival {
        let codec = self.decoder.codec();
        let ticks = codec.ticks(payload).unwrap_or(0);
        let arrival = self.jitter.put(&Packet { sequence, timestamp, ticks, payload_type, payload }, now);
        self.prepare_for_fec(ticks, payload);
        arrival
    }

    /// Takes a packet of the same stream that takes a sequence number and is not played: a telephone event, padding.
    pub fn skip(&mut self, sequence: u16, timestamp: u32, now: Duration) -> Arrival {
        let packet = Packet { sequence, timestamp, ticks: 0, payload_type: 0, payload: &[] };
        self.jitter.put(&packet, now)
    }

    /// Takes a packet of comfort noise (RFC 3389): pauses sound like it from here on.
    pub fn put_noise(&mut self, sequence: u16, timestamp: u32, payload: &[u8], now: Duration) -> Arrival {
        if self.noise.update(payload) {
            self.pausing = Some(timestamp);
        }
        self.skip(sequence, timestamp, now)
    }

    /// Fills `out` with what is to be heard at `now`, at most 120 ms; what is longer stays silent.
    pub fn pull(&mut self, out: &mut [i16], now: Duration) -> Heard {
        let wanted = out.len().min(self.ready.pcm.len() / 3);
        let mut heard = if self.ready.length > 0 { self.last } else { Heard::Sound };
        while self.ready.length < wanted {
            self.last = self.fetch(wanted - self.ready.length, now);
            heard = heard.min(self.last);
        }
        self.ready.take(&mut out[..wanted]);
        out[wanted..].fill(0);
        self.since_stretch = self.since_stretch.saturating_add(wanted);
        heard
    }

    /// How things went so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.jitter.statistics()
    }

    /// How much more than needed is held of a stream that plays; `None` while nothing does.
    #[must_use]
    pub fn spare(&self) -> Option<Duration> {
        self.jitter.spare()
    }

    /// The receiver's part of an RTCP report block, and begins the interval of the next.
    pub fn report(&mut self) -> Report {
        self.jitter.report()
    }

    /// Forgets the stream, for another synchronisation source.
    pub fn restart(&mut self) {
        self.jitter.restart();
        self.pausing = None;
    }

    /// Makes at least one sample ready.
    fn fetch(&mut self, samples: usize, now: Duration) -> Heard {
        let codec = self.decoder.codec();
        let rate = self.decoder.rate();
        // Whole steps of 10 ms, which every codec can make up.
        let ten_ms = codec.clock_rate() / 100;
        let missing = samples as u64 * u64::from(codec.clock_rate()) / u64::from(rate);
        let wanted = (missing as u32).div_ceil(ten_ms).max(1) * ten_ms;
        // What is fetched will be heard after what is ready.
        let when = now + Duration::from_micros(self.ready.length as u64 * 1_000_000 / u64::from(rate));
        let room = &mut self.ready.pcm[self.ready.length..];
        let (heard, made) = match self.jitter.next(when, wanted) {
            Next::Play(packet) => {
                // Timestamps wrap: half of all are ahead.
                let is_ahead = |since: u32| packet.timestamp.wrapping_sub(since).cast_signed() >= 0;
                self.pausing = self.pausing.filter(|since| !is_ahead(*since));
                match self.decoder.decode(packet.payload, room) {
                    Ok(made) => (Heard::Sound, made),
                    Err(_) => {
                        let made = codec.samples(packet.ticks, rate).min(room.len());
                        self.decoder.conceal(&mut room[..made]);
                        (Heard::MadeUp, made)
                    }
                }
            }
            Next::Recover { next, ticks } => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.decoder.decode_fec(next.payload, &mut room[..made]);
                (Heard::MadeUp, made)
            }
            Next::Conceal { ticks } | Next::Pause { ticks } if self.pausing.is_some() => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.noise.fill(&mut room[..made]);
                (Heard::Pause, made)
            }
            Next::Conceal { ticks } => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.decoder.conceal(&mut room[..made]);
                (Heard::MadeUp, made)
            }
            Next::Pause { ticks } => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.decoder.conceal(&mut room[..made]);
                (Heard::Pause, made)
            }
            Next::Empty => {
                let made = codec.samples(wanted, rate).min(room.len());
                match self.pausing {
                    Some(_) => self.noise.fill(&mut room[..made]),
                    None => room[..made].fill(0),
                }
                (if self.pausing.is_some() { Heard::Pause } else { Heard::Nothing }, made)
            }
        };
        // A step that rounds to nothing must not go on for ever.
        self.ready.length += made;
        if made == 0 {
            self.ready.pcm[self.ready.length] = 0;
            self.ready.length += 1;
        }
        if heard == Heard::Sound {
            self.change_pace();
        }
        heard
    }

    fn change_pace(&mut self) {
        let rate = self.decoder.rate();
        let pace = self.jitter.pace();
        let interval = rate as usize * if pace == Pace::Rush { 20 } else { 60 } / 1000;
        if self.since_stretch < interval {
            return;
        }
        let ready = &mut self.ready;
        let changed = match pace {
            Pace::Keep => return,
            Pace::Hurry => stretch::shorten(&mut ready.pcm[..ready.length], rate, stretch::Care::High),
            Pace::Rush => stretch::shorten(&mut ready.pcm[..ready.length], rate, stretch::Care::Low),
            Pace::Linger => stretch::lengthen(&mut ready.pcm, ready.length, rate),
        };
        if changed != ready.length {
            ready.length = changed;
            self.since_stretch = 0;
        }
    }

    /// Where packets get lost and have spare copies in the next, they wait for the next one.
    fn prepare_for_fec(&mut self, ticks: u32, payload: &[u8]) {
        let codec = self.decoder.codec();
        if !self.has_fec && self.jitter.has_lost() && codec.has_fec(payload) {
            self.has_fec = true;
            let packet = Duration::from_millis(u64::from(ticks) * 1000 / u64::from(codec.clock_rate()));
            self.jitter.set_min_delay(self.min_delay + packet);
        }
    }
}

impl Ready {
    /// There is as much ready as `out` is long.
    fn take(&mut self, out: &mut [i16]) {
        out.copy_from_slice(&self.pcm[..out.len()]);
        self.pcm.copy_within(out.len()..self.length, 0);
        self.length -= out.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::dbov;

    const TICK: Duration = Duration::from_millis(20);

    #[test]
    fn a_pause_sounds_like_the_room_the_sender_described() {
        let mut playout = Playout::new(Codec::Pcma, 8000).unwrap();
        let (mut out, mut levels) = ([0; 160], Vec::new());
        for i in 0..200_u32 {
            // Ten packets of speech, one that describes the room, then nothing until the next word.
            let sequence = i / 50 * 11 + (i % 50).min(10);
            match i % 50 {
                0..10 => playout.put(sequence as u16, i * 160, 8, &[0x35; 160], TICK * i),
                10 => playout.put_noise(sequence as u16, i * 160, &[45], TICK * i),
                _ => Arrival::Kept,
            };
            playout.pull(&mut out, TICK * i);
            levels.push(dbov(&out).round());
        }
        assert!(levels[130..145].iter().all(|level| (-47.0..=-43.0).contains(level)), "{levels:?}");
        assert_eq!(playout.statistics().lost, 0);
    }

    #[test]
    fn a_payload_that_is_not_the_codecs_is_never_decoded() {
        let mut playout = Playout::new(Codec::Gsm, 8000).unwrap();
        let mut out = [0; 160];
        for i in 0..50_u32 {
            playout.put(i as u16, i * 160, 3, &[0xD0; 32], TICK * i);
            assert_eq!(playout.pull(&mut out, TICK * i), Heard::Nothing);
        }
        assert_eq!((playout.statistics().received, out), (50, [0; 160]));
    }

    #[test]
    fn the_first_packet_is_heard_soon_and_more_is_held_little_by_little() {
        let ms = Duration::from_millis;
        let config = Config {
            min_delay: ms(5),
            start_delay: ms(20),
            first_delay: ms(5),
            ..Config::new(Codec::Pcma.clock_rate())
        };
        let mut playout = Playout::with(Codec::Pcma, 8000, config).unwrap();
        let mut voice = crate::tone::Sine::new(200.0, 8000);
        let mut encoder =
            crate::codec::Encoder::new(Codec::Pcma, &crate::codec::EncoderOptions::at(8000)).unwrap();
        let (mut out, mut held) = ([0; 160], Vec::new());
        for i in 0..45_u32 {
            let (mut sound, mut payload) = ([0; 160], [0; 400]);
            voice.fill(&mut sound, 0.3);
            let length = encoder.encode(&sound, &mut payload).unwrap();
            playout.put(i as u16, i * 160, 8, &payload[..length], TICK * i);
            assert_eq!(playout.pull(&mut out, TICK * i + ms(5)), Heard::Sound, "packet {i}");
            held.push(playout.statistics().delay);
        }
        assert_eq!(held[0], ms(5));
        assert!(held[44] >= ms(20) && held[44] < ms(40), "{held:?}");
        assert_eq!(playout.statistics().concealed, Duration::ZERO);
    }

    #[test]
    fn any_number_of_samples_can_be_pulled() {
        let mut playout = Playout::new(Codec::Opus, 8000).unwrap();
        for samples in [1, 79, 80, 161, 960, 5000] {
            let mut out = vec![9; samples];
            assert_eq!(
                playout.pull(&mut out, TICK),
                if samples == 0 { Heard::Sound } else { Heard::Nothing }
            );
            assert!(out.iter().all(|sample| *sample == 0));
        }
    }
}
