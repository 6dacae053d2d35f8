//! Digits on one port: out as events or tones, in as events or tones.

use super::speaking::Speaking;
use crate::media::DigitMethod;
use crate::media::peer::{Peer, Wanted};
use audio::dtmf::{Digit, event, inband};
use std::time::Instant;

/// Digits on their way out. Events and tones have a queue each; nobody mixes them within a call.
pub(in crate::media) struct DigitsOut {
    events: Option<(u32, event::Sender)>,
    tones: Option<(u32, inband::Generator)>,
    /// Pressed before it was known how they can be sent.
    early: Vec<(Digit, DigitMethod)>,
    busy: bool,
}

/// Digits that may wait while there is no way to send them.
const EARLY: usize = 64;

impl DigitsOut {
    pub(in crate::media) const fn new() -> Self {
        Self { events: None, tones: None, early: Vec::new(), busy: false }
    }

    pub(in crate::media) fn press(&mut self, digits: &[Digit], method: DigitMethod) {
        let room = EARLY.saturating_sub(self.early.len());
        self.early.extend(digits.iter().take(room).map(|digit| (*digit, method)));
        self.busy = true;
    }

    /// Something is to be sent, or has just been.
    pub(in crate::media) const fn is_busy(&self) -> bool {
        self.busy
    }

    /// All are out since this was asked last.
    pub(in crate::media) fn finished(&mut self) -> bool {
        let idle = self.early.is_empty()
            && self.events.as_ref().is_none_or(|(_, sender)| sender.is_idle())
            && self.tones.as_ref().is_none_or(|(_, generator)| generator.is_idle());
        if self.busy && idle {
            self.busy = false;
            return true;
        }
        false
    }

    /// Finds the way for digits that were just pressed.
    pub(in crate::media) fn route(&mut self, wanted: &Wanted, rate: u32) {
        for (digit, method) in std::mem::take(&mut self.early) {
            match (method, wanted.telephone_event_clock) {
                (DigitMethod::Best, Some(clock)) => {
                    let sender = match &mut self.events {
                        Some((known, sender)) if *known == clock => sender,
                        events => {
                            &mut events
                                .insert((clock, event::Sender::new(clock, event::Options::default())))
                                .1
                        }
                    };
                    // The queue has as much room as `early`.
                    let _ = sender.press(digit);
                }
                (DigitMethod::Best, None) | (DigitMethod::Tones, _) => {
                    let generator = match &mut self.tones {
                        Some((known, generator)) if *known == rate => generator,
                        tones => {
                            &mut tones
                                .insert((rate, inband::Generator::new(rate, event::Options::default())))
                                .1
                        }
                    };
                    let _ = generator.press(digit);
                }
            }
        }
    }

    /// Sends an event packet in place of this frame of sound; `false` leaves the place to the sound.
    pub(in crate::media) fn send_event(
        &mut self,
        speaking: &mut Speaking,
        now: Instant,
        peer: &mut dyn Peer,
    ) -> bool {
        let Some((clock, sender)) = &mut self.events else { return false };
        match sender.poll(speaking.timestamp(*clock)) {
            Some(packet) => {
                speaking.signal(packet, now, peer);
                true
            }
            None => false,
        }
    }

    /// Between two events there is silence.
    pub(in crate::media) fn hushes(&self) -> bool {
        self.events.as_ref().is_some_and(|(_, sender)| !sender.is_idle())
    }

    /// Puts tones into a frame.
    pub(in crate::media) fn overlay(&mut self, frame: &mut [i16], rate: u32) {
        if let Some((known, generator)) = &mut self.tones
            && *known == rate
        {
            generator.overlay(frame);
        }
    }
}

/// Digits in.
pub(in crate::media) struct DigitsIn {
    stream: Option<u32>,
    events: event::Receiver,
    tones: Option<(u32, inband::Detector)>,
    pub(in crate::media) detects: bool,
}

impl DigitsIn {
    pub(in crate::media) const fn new() -> Self {
        Self { stream: None, events: event::Receiver::new(), tones: None, detects: false }
    }

    /// A telephone-event packet came.
    pub(in crate::media) fn event(&mut self, stream: u32, timestamp: u32, payload: &[u8]) -> Option<Digit> {
        if self.stream.replace(stream) != Some(stream) {
            self.events.reset();
        }
        self.events.accept(timestamp, payload)
    }

    /// A frame was heard.
    pub(in crate::media) fn listen(&mut self, frame: &[i16], rate: u32, pressed: impl FnMut(Digit)) {
        if !self.detects {
            return;
        }
        let detector = match &mut self.tones {
            Some((known, detector)) if *known == rate => detector,
            tones => &mut tones.insert((rate, inband::Detector::new(rate))).1,
        };
        detector.listen(frame, pressed);
    }
}
