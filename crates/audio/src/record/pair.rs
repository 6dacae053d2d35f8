//! Two streams of Opus packets, as a stereo file: one party in each ear.
//!
//! A packet of such a file holds a packet of each stream, the first with its length written inside (RFC 6716 appendix B), and both
//! last equally long. So the packets are taken apart into their frames, which are written again in steps of 20 ms.

use super::head::{Mapping, Tags, head, tags};
use super::ogg::Pages;
use super::single::PAGE_TICKS;
use crate::codec::opus::{frame_ticks, parse, ticks, write_frame_length};
use std::collections::VecDeque;

/// All packets of the file last so long, in ticks of 48 kHz.
const STEP: u32 = 960;
/// A side that stays behind by more steps is taken to be silent.
const MAX_LAG: usize = 50;
/// An empty CELT frame of 20 ms.
const SILENCE: u8 = 31 << 3;

/// Which party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The first channel.
    Left,
    /// The second channel.
    Right,
}

/// Writes an Ogg Opus file of two parties without encoding anything.
///
/// Packets may come side by side or in turns; a side that stays behind for more than a second is silent.
#[derive(Debug)]
pub struct OpusPair {
    pages: Pages,
    left: Stream,
    right: Stream,
    granule: u64,
    page_begin: u64,
    packet: Vec<u8>,
}

/// One party's frames that wait for the other's.
#[derive(Debug, Default)]
struct Stream {
    /// Each one is the table of contents and a frame.
    steps: VecDeque<Vec<u8>>,
    /// Steps that were used, to be used again.
    spare: Vec<Vec<u8>>,
    /// Ticks of silence that did not fill a step.
    rest: u32,
    /// Steps for which this side was too late: as many will be left out.
    owed: usize,
}

impl OpusPair {
    /// Begins a file; see [`OpusFile::new`](super::OpusFile::new).
    pub fn new(serial: u32, input_rate: u32, comments: &Tags<'_>, out: &mut Vec<u8>) -> Self {
        let mut pages = Pages::new(serial);
        pages.packet(&head(Mapping::Pair, super::PRE_SKIP, input_rate), 0, out);
        pages.flush(out);
        pages.packet(&tags(comments), 0, out);
        pages.flush(out);
        let (left, right) = (Stream::default(), Stream::default());
        Self { pages, left, right, granule: 0, page_begin: 0, packet: Vec::new() }
    }

    /// Adds a packet of one side. `false` if it is none, or if its frames do not last 20 ms: those would have to be encoded
    /// again, and only their time is kept.
    pub fn packet(&mut self, side: Side, packet: &[u8], out: &mut Vec<u8>) -> bool {
        let is_kept = self.stream(side).packet(packet);
        self.write(MAX_LAG, out);
        is_kept
    }

    /// Adds silence on one side, in ticks of 48 kHz, for lost packets and pauses.
    pub fn silence(&mut self, side: Side, ticks: u32, out: &mut Vec<u8>) {
        self.stream(side).silence(ticks);
        self.write(MAX_LAG, out);
    }

    /// How much has been written, in ticks of 48 kHz.
    #[must_use]
    pub const fn ticks(&self) -> u64 {
        self.granule
    }

    /// Ends the file; the side that is shorter is silent at the end.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.write(0, out);
        self.pages.end(self.granule, out);
    }

    const fn stream(&mut self, side: Side) -> &mut Stream {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }

    /// Writes what both sides have, and what one side has had for more than `lag` steps.
    fn write(&mut self, lag: usize, out: &mut Vec<u8>) {
        loop {
            let waiting = [self.left.steps.len(), self.right.steps.len()];
            if waiting.contains(&0) && waiting.into_iter().all(|steps| steps <= lag) {
                return;
            }
            self.packet.clear();
            self.left.write(true, &mut self.packet);
            self.right.write(false, &mut self.packet);
            if self.granule - self.page_begin >= PAGE_TICKS {
                self.pages.flush(out);
                self.page_begin = self.granule;
            }
            self.granule += u64::from(STEP);
            self.pages.packet(&self.packet, self.granule, out);
        }
    }
}

impl Stream {
    fn packet(&mut self, packet: &[u8]) -> bool {
        let (Some(frames), Some(toc)) = (parse(packet), packet.first()) else { return false };
        if frame_ticks(*toc) != STEP {
            self.silence(ticks(packet).unwrap_or(0));
            return false;
        }
        for frame in frames.iter() {
            // Code 0: one frame.
            self.step(toc & 0xFC, frame);
        }
        true
    }

    fn silence(&mut self, ticks: u32) {
        self.rest = self.rest.saturating_add(ticks);
        while self.rest >= STEP {
            self.rest -= STEP;
            self.step(SILENCE, &[]);
        }
    }

    fn step(&mut self, toc: u8, frame: &[u8]) {
        if self.owed > 0 {
            self.owed -= 1;
            return;
        }
        let mut step = self.spare.pop().unwrap_or_default();
        step.clear();
        step.push(toc);
        step.extend_from_slice(frame);
        self.steps.push_back(step);
    }

    /// Writes the next step, with its length inside where it is not the last of a packet; silence where there is none.
    fn write(&mut self, delimited: bool, out: &mut Vec<u8>) {
        let step = self.steps.pop_front();
        self.owed += usize::from(step.is_none());
        let (toc, frame) = match step.as_deref() {
            Some([toc, frame @ ..]) => (*toc, frame),
            Some([]) | None => (SILENCE, &[][..]),
        };
        out.push(toc);
        if delimited {
            write_frame_length(frame.len(), out);
        }
        out.extend_from_slice(frame);
        self.spare.extend(step);
    }
}
