//! What is played to a port.

use super::FRAME;
use crate::media::source::Source;
use audio::resample::Resampler;
use audio::tone::{Country, Music, Signal, Sine};
use std::sync::Arc;

/// Loudness of one tone, or of two: about −13 dBov.
const AMPLITUDE: f32 = 0.3;
/// Samples per second of prompts.
const PROMPT_RATE: u32 = 8000;

/// Plays one source at a time, at any rate.
pub(in crate::media) struct Player {
    playing: Playing,
    source: Source,
    rate: u32,
    done: bool,
}

enum Playing {
    Nothing,
    Silence,
    Tone { sines: [Option<Sine>; 2], left: Option<usize> },
    Signal(Signal),
    Music(Box<Music>),
    Prompt { samples: Arc<[i16]>, at: usize, again: bool, resampler: Option<Box<Resampler>> },
    Beep { signal: Signal, left: usize },
}

/// What a frame of the player means for the frame beneath it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::media) enum Cover {
    /// It plays nothing.
    None,
    /// It takes the place of what the port is joined to.
    Whole,
    /// It is added.
    Mixed,
}

impl Player {
    pub(in crate::media) const fn new() -> Self {
        Self { playing: Playing::Nothing, source: Source::None, rate: PROMPT_RATE, done: false }
    }

    /// Plays another source from its beginning, at a rate.
    pub(in crate::media) fn play(&mut self, source: Source, rate: u32) {
        self.rate = rate;
        self.done = false;
        self.source = source.clone();
        self.playing = match source {
            Source::None => Playing::Nothing,
            Source::Silence => Playing::Silence,
            Source::Tone { hertz, milliseconds } => Playing::Tone {
                sines: hertz.map(|hertz| (hertz > 0).then(|| Sine::new(f32::from(hertz), rate))),
                left: milliseconds.map(|time| samples(time, rate)),
            },
            Source::Ringback => Playing::Signal(Signal::ringback(Country::Europe, rate)),
            Source::Busy => Playing::Signal(Signal::busy(Country::Europe, rate)),
            Source::Congestion => Playing::Signal(Signal::congestion(Country::Europe, rate)),
            Source::HoldMusic => Playing::Music(Box::new(Music::new(rate))),
            Source::Prompt(samples) => prompt(samples, false, rate),
            Source::Loop(samples) => prompt(samples, true, rate),
            Source::Beep => Playing::Beep { signal: Signal::beep(rate), left: samples(200, rate) },
        };
    }

    /// The bridge changed its rate: a prompt goes on where it is, a sound without words begins again.
    pub(in crate::media) fn set_rate(&mut self, rate: u32) {
        if rate == self.rate {
            return;
        }
        let before = std::mem::replace(&mut self.rate, rate);
        if let Playing::Prompt { resampler, .. } = &mut self.playing {
            *resampler = resampler_to(rate);
            return;
        }
        let mut source = std::mem::replace(&mut self.source, Source::None);
        if let (Source::Tone { milliseconds, .. }, Playing::Tone { left: Some(left), .. }) =
            (&mut source, &self.playing)
        {
            *milliseconds = u32::try_from(left * 1000 / before.max(1) as usize).ok();
        }
        if !matches!(self.playing, Playing::Nothing) {
            self.play(source, rate);
        }
    }

    /// What it plays covers the conversation, or is mixed into it.
    pub(in crate::media) fn cover(&self) -> Cover {
        match self.playing {
            Playing::Nothing => Cover::None,
            Playing::Beep { .. } => Cover::Mixed,
            Playing::Silence
            | Playing::Tone { .. }
            | Playing::Signal(_)
            | Playing::Music(_)
            | Playing::Prompt { .. } => Cover::Whole,
        }
    }

    /// A source came to its end since this was asked last.
    pub(in crate::media) fn ended(&mut self) -> bool {
        std::mem::take(&mut self.done)
    }

    /// Fills or mixes one frame.
    pub(in crate::media) fn fill(&mut self, frame: &mut [i16]) -> Cover {
        let cover = self.cover();
        match &mut self.playing {
            Playing::Nothing => {}
            Playing::Silence => frame.fill(0),
            Playing::Tone { sines, left } => {
                tones(sines, frame);
                if let Some(left) = left {
                    frame.get_mut(*left..).unwrap_or_default().fill(0);
                    *left = left.saturating_sub(frame.len());
                    self.done = *left == 0;
                }
            }
            Playing::Signal(signal) => signal.fill(frame),
            Playing::Music(music) => music.fill(frame),
            Playing::Prompt { samples, at, again, resampler } => {
                self.done = speak(samples, at, *again, resampler.as_deref_mut(), frame);
            }
            Playing::Beep { signal, left } => {
                let mut beep = [0; FRAME];
                let beep = &mut beep[..frame.len().min(FRAME)];
                signal.fill(beep);
                audio::mix::add(frame, beep);
                *left = left.saturating_sub(frame.len());
                self.done = *left == 0;
            }
        }
        if self.done {
            self.playing = Playing::Nothing;
        }
        cover
    }
}

fn prompt(samples: Arc<[i16]>, again: bool, rate: u32) -> Playing {
    Playing::Prompt { samples, at: 0, again, resampler: resampler_to(rate) }
}

fn resampler_to(rate: u32) -> Option<Box<Resampler>> {
    (rate != PROMPT_RATE).then(|| Box::new(Resampler::new(PROMPT_RATE, rate)))
}

fn samples(milliseconds: u32, rate: u32) -> usize {
    (u64::from(milliseconds) * u64::from(rate) / 1000) as usize
}

fn tones(sines: &mut [Option<Sine>; 2], frame: &mut [i16]) {
    for sample in frame {
        let sum: f32 = sines.iter_mut().flatten().map(Sine::next_sample).sum();
        // `as` saturates.
        *sample = (sum * AMPLITUDE * 32767.0) as i16;
    }
}

/// The next piece of a prompt; true at its end.
fn speak(
    samples: &[i16],
    at: &mut usize,
    again: bool,
    resampler: Option<&mut Resampler>,
    frame: &mut [i16],
) -> bool {
    let mut piece = [0; FRAME];
    let wanted = match &resampler {
        Some(resampler) => frame.len() * PROMPT_RATE as usize / resampler.to_rate().max(1) as usize,
        None => frame.len(),
    };
    let piece = &mut piece[..wanted.min(FRAME)];
    for slot in piece.iter_mut() {
        if again && *at >= samples.len() {
            *at = 0;
        }
        *slot = samples.get(*at).copied().unwrap_or(0);
        *at += 1;
    }
    frame.fill(0);
    match resampler {
        Some(resampler) => {
            resampler.resample(piece, frame);
        }
        None => frame.copy_from_slice(piece),
    }
    !again && *at >= samples.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(source: Source, rate: u32, frames: usize) -> (Vec<i16>, usize) {
        let mut player = Player::new();
        player.play(source, rate);
        let mut all = Vec::new();
        for number in 0..frames {
            let mut frame = vec![0; rate as usize / 50];
            player.fill(&mut frame);
            all.extend(frame);
            if player.ended() {
                return (all, number + 1);
            }
        }
        (all, frames)
    }

    #[test]
    fn a_tone_lasts_as_long_as_asked() {
        let (sound, frames) = played(Source::Tone { hertz: [440, 0], milliseconds: Some(90) }, 8000, 50);
        assert_eq!(frames, 5);
        assert!(sound[..720].iter().any(|sample| *sample > 5000));
        assert!(sound[720..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn a_prompt_is_heard_whole_at_every_rate() {
        let prompt: Arc<[i16]> = (0..1000).map(|place| if place % 20 < 10 { 8000 } else { -8000 }).collect();
        for rate in [8000, 16_000, 48_000] {
            let (sound, frames) = played(Source::Prompt(Arc::clone(&prompt)), rate, 50);
            assert_eq!(frames, 7, "1000 samples are 125 ms");
            let heard = audio::spectrum::dominant(&sound[..rate as usize / 10], rate).unwrap();
            assert!((heard.hz - 400.0).abs() < 10.0, "{heard:?}");
        }
    }

    #[test]
    fn a_loop_has_no_end() {
        let (sound, frames) = played(Source::Loop(Arc::from([1, 2, 3])), 8000, 20);
        assert_eq!(frames, 20);
        assert_eq!(sound[..7], [1, 2, 3, 1, 2, 3, 1]);
    }

    #[test]
    fn a_beep_is_added_to_what_is_said() {
        let mut player = Player::new();
        player.play(Source::Beep, 8000);
        let mut frame = [1000; 160];
        assert_eq!(player.fill(&mut frame), Cover::Mixed);
        let mean: i32 = frame.iter().map(|sample| i32::from(*sample)).sum::<i32>() / 160;
        assert!((mean - 1000).abs() < 300, "the voice is still there: {mean}");
        assert!(frame.iter().any(|sample| *sample != 1000), "and so is the beep");
    }
}
