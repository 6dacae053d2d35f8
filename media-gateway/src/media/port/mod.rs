//! One far side and all that belongs to it on its media thread: ears, mouth, digits, and what is played to it.
//!
//! Every 20 ms the thread lets a port [speak](Port::speak), and right before that, it takes a frame of whom the port is
//! joined to by [`Port::listen`].

pub(super) mod digits;
pub(super) mod hearing;
pub(super) mod player;
pub(super) mod recorder;
pub(super) mod speaking;

use super::PortId;
use super::directory::Shared;
use super::peer::{Peer, Wanted};
use super::statistics::Statistics;
use audio::codec::Codec;
use digits::{DigitsIn, DigitsOut};
use hearing::Hearing;
use player::{Cover, Player};
use recorder::Recorder;
use speaking::Speaking;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Samples of the longest frame: 20 ms at 48 kHz.
pub(super) const FRAME: usize = 960;

/// Sound is mixed at no more than this, if nothing on the bridge needs less: speech has nothing above.
const WIDEBAND: u32 = 16_000;

/// A port as its thread keeps it.
pub(in crate::media) struct Port {
    pub(in crate::media) id: PortId,
    pub(in crate::media) peer: Box<dyn Peer>,
    pub(in crate::media) partner: Option<PortId>,
    pub(in crate::media) player: Player,
    pub(in crate::media) digits_out: DigitsOut,
    pub(in crate::media) digits_in: DigitsIn,
    pub(in crate::media) hearing: Hearing,
    pub(in crate::media) speaking: Speaking,
    pub(in crate::media) recorder: Option<Recorder>,
    /// What was heard in this frame, if anyone needs it.
    pub(in crate::media) frame: Frame,
    pub(in crate::media) watch: Watch,
    statistics: Shared,
    meter: LossMeter,
}

/// 20 ms of sound.
pub(in crate::media) struct Frame {
    samples: Box<[i16; FRAME]>,
    length: usize,
    /// Samples per second.
    pub(in crate::media) rate: u32,
}

impl Frame {
    fn new() -> Self {
        Self { samples: Box::new([0; FRAME]), length: 0, rate: 8000 }
    }

    /// Empty where nobody listened.
    pub(in crate::media) fn sound(&self) -> &[i16] {
        &self.samples[..self.length]
    }

    fn open(&mut self, rate: u32) -> &mut [i16] {
        self.rate = rate;
        self.length = (rate as usize / 50).min(FRAME);
        &mut self.samples[..self.length]
    }
}

/// When the far side was heard last.
pub(in crate::media) struct Watch {
    pub(in crate::media) last: Instant,
    pub(in crate::media) silent: bool,
    /// It was heard at all.
    ever: bool,
    level: f32,
}

/// Turns counters since the start into shares of the last seconds.
#[derive(Default)]
struct LossMeter {
    received: u64,
    lost: u64,
    loss: f32,
}

impl Port {
    pub(in crate::media) fn new(id: PortId, peer: Box<dyn Peer>, statistics: Shared, now: Instant) -> Self {
        Self {
            id,
            peer,
            partner: None,
            player: Player::new(),
            digits_out: DigitsOut::new(),
            digits_in: DigitsIn::new(),
            hearing: Hearing::new(now),
            speaking: Speaking::new(),
            recorder: None,
            frame: Frame::new(),
            watch: Watch { last: now, silent: false, ever: false, level: 0.0 },
            statistics,
            meter: LossMeter::default(),
        }
    }

    /// Samples per second at which this port and another exchange sound: all that the poorer of both can carry.
    pub(in crate::media) fn rate(&self, partner: Option<&Self>) -> u32 {
        let own = self.carries();
        partner.map_or(own, |partner| own.min(partner.carries())).min(WIDEBAND)
    }

    fn carries(&self) -> u32 {
        self.peer.wants().map_or(WIDEBAND, |wanted| match wanted.codec.native_rate() {
            // 44.1 kHz and the like: the next rate that everything opens at.
            rate if rate > WIDEBAND => WIDEBAND,
            rate if rate < WIDEBAND => 8000,
            rate => rate,
        })
    }

    /// Packets of this codec may reach the far side as they are: nothing has to be mixed in or left out.
    pub(in crate::media) fn lets_through(&self, codec: Codec) -> bool {
        self.player.cover() == Cover::None
            && !self.digits_out.is_busy()
            && self.peer.wants().is_some_and(|wanted| wanted.codec == codec)
    }

    /// Takes 20 ms out of the jitter buffer.
    pub(in crate::media) fn listen(&mut self, rate: u32, now: Instant) {
        let frame = self.frame.open(rate);
        self.hearing.pull(rate, now, frame);
        self.watch.level += (audio::level::rms(frame) / 32_768.0 - self.watch.level) * 0.1;
        if let Some(recorder) = &mut self.recorder {
            recorder.hear(frame, rate);
        }
    }

    /// Nobody needs what this port hears.
    pub(in crate::media) fn rest(&mut self) {
        self.frame.length = 0;
        self.hearing.rest();
    }

    /// Sends what this frame has for the far side. `heard`: what the port that it is joined to heard, `None` if it is
    /// joined to nobody. `through`: the other's packets reach the far side as they are.
    pub(in crate::media) fn speak(
        &mut self,
        heard: Option<&[i16]>,
        through: bool,
        rate: u32,
        complexity: u8,
        now: Instant,
    ) {
        if let Some(wanted) = self.peer.wants() {
            self.digits_out.route(&wanted, rate);
            if !self.digits_out.send_event(&mut self.speaking, now, &mut *self.peer) {
                self.sound(heard, through, rate, complexity, &wanted, now);
            }
        } else {
            self.speaking.pause();
        }
        self.speaking.pass();
    }

    fn sound(
        &mut self,
        heard: Option<&[i16]>,
        through: bool,
        rate: u32,
        complexity: u8,
        wanted: &Wanted,
        now: Instant,
    ) {
        // Where the other pauses for long, silence keeps the way open.
        if through && (!wanted.fills || self.speaking.has_forwarded(now)) {
            return;
        }
        self.player.set_rate(rate);
        let mut samples = [0; FRAME];
        let frame = &mut samples[..(rate as usize / 50).min(FRAME)];
        let hushed = self.digits_out.hushes();
        if let Some(heard) = heard.filter(|heard| heard.len() == frame.len() && !hushed && !through) {
            frame.copy_from_slice(heard);
        }
        let cover = self.player.fill(frame);
        let idle = heard.is_none() && cover == Cover::None && !self.digits_out.is_busy();
        if idle && !wanted.fills {
            self.speaking.pause();
            return;
        }
        self.digits_out.overlay(frame, rate);
        self.speaking.say(frame, rate, wanted, complexity, now, &mut *self.peer);
    }

    /// Writes down how the port does. Once a second.
    pub(in crate::media) fn measure(&mut self) {
        let mut statistics = Statistics::default();
        self.peer.fill(&mut statistics);
        self.hearing.fill(&mut statistics);
        statistics.loss = self.meter.update(statistics.received, statistics.lost);
        statistics.level = if self.frame.length > 0 { self.watch.level } else { 0.0 };
        let way = statistics.round_trip.unwrap_or_default() / 2;
        statistics.delay = way + statistics.buffered + speaking::FRAME_TIME;
        statistics.mos = self.mos(&statistics);
        *self.statistics.lock().unwrap_or_else(PoisonError::into_inner) = statistics;
    }

    fn mos(&self, statistics: &Statistics) -> f32 {
        let codec = self.peer.wants().map_or(Codec::Pcma, |wanted| wanted.codec);
        audio::quality::mean_opinion_score(codec, statistics.delay, statistics.loss)
    }
}

impl LossMeter {
    fn update(&mut self, received: u64, lost: u64) -> f32 {
        let came = received.saturating_sub(self.received);
        let gone = lost.saturating_sub(self.lost);
        (self.received, self.lost) = (received, lost);
        let share = if came + gone == 0 { 0.0 } else { gone as f32 / (came + gone) as f32 };
        // About the last five seconds.
        self.loss += (share - self.loss) * 0.3;
        self.loss
    }
}

impl Watch {
    /// A packet came; true if that ends a silence.
    pub(in crate::media) fn heard(&mut self, now: Instant) -> bool {
        self.last = now;
        self.ever = true;
        std::mem::take(&mut self.silent)
    }

    /// The first sound is still to come.
    pub(in crate::media) const fn waits(&self) -> bool {
        !self.ever
    }

    /// How long the far side has been silent, if that is news.
    pub(in crate::media) fn silence(
        &mut self,
        expected: bool,
        bound: Duration,
        now: Instant,
    ) -> Option<Duration> {
        if !expected {
            self.last = now;
            return None;
        }
        let lasted = now.saturating_duration_since(self.last);
        if lasted < bound || std::mem::replace(&mut self.silent, true) {
            return None;
        }
        Some(lasted)
    }
}
