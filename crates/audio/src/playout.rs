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
    has_noise: bool,
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
        Self::with(codec, rate, Config::new(codec.clock_rate()))
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
            has_noise: false,
            min_delay: config.min_delay,
            has_fec: false,
            ready: Ready { pcm: vec![0; 3 * MAX_SAMPLES].into(), length: 0 },
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
        self.has_noise |= self.noise.update(payload);
        self.skip(sequence, timestamp, now)
    }

    /// Fills `out` with what is to be heard at `now`; at most [`MAX_SAMPLES`].
    pub fn pull(&mut self, out: &mut [i16], now: Duration) -> Heard {
        let wanted = out.len().min(MAX_SAMPLES);
        let mut heard = Heard::Sound;
        while self.ready.length < wanted {
            heard = heard.min(self.fetch(wanted - self.ready.length, now));
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

    /// The receiver's part of an RTCP report block, and begins the interval of the next.
    pub fn report(&mut self) -> Report {
        self.jitter.report()
    }

    /// Forgets the stream, for another synchronisation source.
    pub fn restart(&mut self) {
        self.jitter.restart();
        self.has_noise = false;
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
            Next::Play(packet) => match self.decoder.decode(packet.payload, room) {
                Ok(made) => (Heard::Sound, made),
                Err(_) => {
                    let made = codec.samples(packet.ticks, rate).min(room.len());
                    self.decoder.conceal(&mut room[..made]);
                    (Heard::MadeUp, made)
                }
            },
            Next::Recover { next, ticks } => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.decoder.decode_fec(next.payload, &mut room[..made]);
                (Heard::MadeUp, made)
            }
            Next::Conceal { ticks } => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.decoder.conceal(&mut room[..made]);
                (Heard::MadeUp, made)
            }
            Next::Pause { ticks } => {
                let made = codec.samples(ticks, rate).min(room.len());
                self.decoder.conceal(&mut room[..made]);
                if self.has_noise {
                    self.noise.fill(&mut room[..made]);
                }
                (Heard::Pause, made)
            }
            Next::Empty => {
                let made = codec.samples(wanted, rate).min(room.len());
                room[..made].fill(0);
                (Heard::Nothing, made)
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
