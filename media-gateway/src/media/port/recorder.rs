//! A recording in the making: frames of both sides in, pieces of an Ogg/Opus file out.
//!
//! What is recorded has been decoded for the bridge already, or is decoded for the recording where packets pass through.
//! It is encoded once, at the recording's own rate: mixed into one stream, or one stream for each ear.

use super::FRAME;
use crate::media::event::RecordingEnding;
use crate::media::record::{Layout, RecordingId, RecordingOptions};
use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};
use audio::record::{OpusFile, OpusPair, Side, Tags};
use audio::resample::Resampler;
use bytes::Bytes;
use std::time::Duration;

/// Samples per second of a recording: speech has little above.
const RATE: u32 = 16_000;
/// Bits per second of a stream: an hour is seven megabytes.
const BITRATE: u32 = 16_000;
/// Ticks of 48 kHz in a frame.
const TICKS: u32 = 960;
/// A piece is told when it has grown to this, or when a page is complete.
const CHUNK: usize = 512;

/// Frames of the own side that may wait; more would put the two sides apart.
const WAITING: usize = 3;

/// One recording, fed every 20 ms.
pub(in crate::media) struct Recorder {
    id: RecordingId,
    options: RecordingOptions,
    file: File,
    resamplers: [Option<Resampler>; 2],
    /// What was heard of the port's own far side and is not written yet, and its rate. The two sides have beats of their
    /// own, so that there may be two frames of one between two of the other.
    own: Vec<i16>,
    own_rate: u32,
    frames: u64,
    told: u64,
    out: Vec<u8>,
}

enum File {
    Mixed(OpusFile, Voice),
    Stereo(OpusPair, [Voice; 2]),
}

/// An encoder; none if the library has no memory for one, and the recording is silent then.
struct Voice(Option<Encoder>);

/// What is left at the end.
pub(in crate::media) struct Finished {
    pub(in crate::media) last: Bytes,
    pub(in crate::media) length: Duration,
    pub(in crate::media) bytes: u64,
}

impl Recorder {
    pub(in crate::media) fn new(id: RecordingId, options: RecordingOptions) -> Self {
        let mut out = Vec::with_capacity(8192);
        let (serial, tags) = (rand::random(), Tags { comments: &[] });
        let file = match options.layout {
            Layout::Mixed => File::Mixed(OpusFile::new(serial, RATE, &tags, &mut out), Voice::open()),
            Layout::Stereo => {
                File::Stereo(OpusPair::new(serial, RATE, &tags, &mut out), [Voice::open(), Voice::open()])
            }
        };
        Self {
            id,
            options,
            file,
            resamplers: [None, None],
            own: Vec::new(),
            own_rate: RATE,
            frames: 0,
            told: 0,
            out,
        }
    }

    pub(in crate::media) const fn id(&self) -> RecordingId {
        self.id
    }

    /// Takes a frame of the own side, to be written with the next of the other.
    pub(in crate::media) fn hear(&mut self, own: &[i16], rate: u32) {
        if self.own_rate != rate {
            self.own_rate = rate;
            self.own.clear();
        }
        self.own.extend_from_slice(own);
        let most = WAITING * rate as usize / 50;
        self.own.drain(..self.own.len().saturating_sub(most));
    }

    /// Takes 20 ms of the other side (empty: silence) at a rate, writes both, and tells a piece of the file now and then.
    /// `Some`: a limit is met.
    pub(in crate::media) fn take(
        &mut self,
        other: &[i16],
        rate: u32,
        tell: impl FnOnce(Bytes),
    ) -> Option<RecordingEnding> {
        let (mut left, mut right) = ([0; RATE as usize / 50], [0; RATE as usize / 50]);
        let own = self.own.len().min(self.own_rate as usize / 50);
        convert(&mut self.resamplers[0], &self.own[..own], self.own_rate, &mut left);
        self.own.drain(..own);
        convert(&mut self.resamplers[1], other, rate, &mut right);
        match &mut self.file {
            File::Mixed(file, voice) => {
                audio::mix::add(&mut left, &right);
                let mut packet = [0; MAX_PAYLOAD];
                match voice.encode(&left, &mut packet) {
                    Some(packet) => {
                        file.packet(packet, &mut self.out);
                    }
                    None => file.silence(TICKS, &mut self.out),
                }
            }
            File::Stereo(file, voices) => {
                for (side, voice, sound) in
                    [(Side::Left, 0, &left), (Side::Right, 1, &right)].map(|(s, v, p)| (s, v, &p[..]))
                {
                    let mut packet = [0; MAX_PAYLOAD];
                    match voices[voice].encode(sound, &mut packet) {
                        Some(packet) => {
                            file.packet(side, packet, &mut self.out);
                        }
                        None => file.silence(side, TICKS, &mut self.out),
                    }
                }
            }
        }
        self.frames += 1;
        if self.out.len() >= CHUNK {
            self.told += self.out.len() as u64;
            tell(Bytes::copy_from_slice(&self.out));
            self.out.clear();
        }
        self.is_full().then_some(RecordingEnding::Limit)
    }

    /// Completes the file.
    pub(in crate::media) fn finish(self) -> Finished {
        let length = self.length();
        let mut out = self.out;
        match self.file {
            File::Mixed(file, _) => file.finish(&mut out),
            File::Stereo(file, _) => file.finish(&mut out),
        }
        Finished { length, bytes: self.told + out.len() as u64, last: Bytes::from(out) }
    }

    fn length(&self) -> Duration {
        Duration::from_millis(20) * u32::try_from(self.frames).unwrap_or(u32::MAX)
    }

    fn is_full(&self) -> bool {
        // A page that is not complete yet holds a second at most; that much room is left for it.
        let pending = u64::from(BITRATE) / 4;
        self.length() >= self.options.longest
            || self.told + self.out.len() as u64 + pending >= self.options.largest
    }
}

impl Voice {
    fn open() -> Self {
        let options = EncoderOptions { bitrate: Some(BITRATE), complexity: 3, ..EncoderOptions::at(RATE) };
        Self(Encoder::new(Codec::Opus, &options).ok())
    }

    fn encode<'a>(&mut self, sound: &[i16], packet: &'a mut [u8]) -> Option<&'a [u8]> {
        let length = self.0.as_mut()?.encode(sound, packet).ok().filter(|length| *length > 0)?;
        packet.get(..length)
    }
}

fn convert(resampler: &mut Option<Resampler>, sound: &[i16], rate: u32, out: &mut [i16]) {
    if sound.is_empty() {
        return;
    }
    if rate == RATE {
        let length = sound.len().min(out.len());
        out[..length].copy_from_slice(&sound[..length]);
        return;
    }
    if resampler.as_ref().is_none_or(|known| known.from_rate() != rate) {
        *resampler = Some(Resampler::new(rate, RATE));
    }
    if let Some(resampler) = resampler {
        let mut samples = [0; FRAME + 1];
        let length = resampler.resample(sound, &mut samples).min(out.len());
        out[..length].copy_from_slice(&samples[..length]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_frames_of_one_side_between_two_of_the_other_are_both_written() {
        let options = RecordingOptions::default();
        let mut recorder = Recorder::new(RecordingId(1), options);
        let frame = [1000; 160];
        for (frames, waiting) in [(1, 0), (2, 1), (0, 0), (9, 2)] {
            (0..frames).for_each(|_| recorder.hear(&frame, 8000));
            recorder.take(&frame, 8000, |_| {});
            assert_eq!(recorder.own.len(), waiting * frame.len(), "after {frames}");
        }
    }
}
