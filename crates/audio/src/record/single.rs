//! One stream of Opus packets, as a file.

use super::head::{Mapping, Tags, head, tags};
use super::ogg::Pages;
use crate::codec::opus;

/// Ticks of 48 kHz after which a page is sent even if it is not full, so that a recording that breaks off has all but its last
/// second.
pub(super) const PAGE_TICKS: u64 = 48000;

/// Silence is written in steps of 20 ms.
const STEP: u32 = 960;

/// Writes an Ogg Opus file, packet by packet, into a buffer that the caller empties as he likes.
///
/// ```
/// use audio::codec::{Codec, Encoder, EncoderOptions};
/// use audio::record::{OpusFile, Tags};
///
/// let mut encoder = Encoder::new(Codec::Opus, &EncoderOptions::at(16000))?;
/// let mut out = Vec::new();
/// let mut file = OpusFile::new(1, 16000, &Tags { comments: &[("TITLE", "A call")] }, &mut out);
/// let mut packet = [0; 1500];
/// for _ in 0..50 {
///     let length = encoder.encode(&[0; 320], &mut packet)?;
///     file.packet(&packet[..length], &mut out);
/// }
/// file.finish(&mut out);
/// assert!(out.starts_with(b"OggS"));
/// # Ok::<(), audio::codec::CodecError>(())
/// ```
#[derive(Debug)]
pub struct OpusFile {
    pages: Pages,
    /// Ticks written.
    granule: u64,
    page_begin: u64,
}

impl OpusFile {
    /// Begins a file. `serial` should differ between files; `input_rate` is the rate of the sound before it was encoded, as
    /// information.
    pub fn new(serial: u32, input_rate: u32, comments: &Tags<'_>, out: &mut Vec<u8>) -> Self {
        let mut pages = Pages::new(serial);
        pages.packet(&head(Mapping::Mono, super::PRE_SKIP, input_rate), 0, out);
        pages.flush(out);
        pages.packet(&tags(comments), 0, out);
        pages.flush(out);
        Self { pages, granule: 0, page_begin: 0 }
    }

    /// Adds a packet as it came. What is no Opus packet is left out, and `false` says so.
    pub fn packet(&mut self, packet: &[u8], out: &mut Vec<u8>) -> bool {
        let Some(ticks) = opus::ticks(packet) else { return false };
        // The last page must not be empty, so one is sent only when there is more to come.
        if self.granule - self.page_begin >= PAGE_TICKS {
            self.pages.flush(out);
            self.page_begin = self.granule;
        }
        self.granule += u64::from(ticks);
        self.pages.packet(packet, self.granule, out);
        true
    }

    /// Adds silence for lost packets and pauses, to the nearest 2.5 ms.
    pub fn silence(&mut self, ticks: u32, out: &mut Vec<u8>) {
        for piece in pieces(ticks) {
            self.packet(&piece, out);
        }
    }

    /// How much has been written, in ticks of 48 kHz.
    #[must_use]
    pub const fn ticks(&self) -> u64 {
        self.granule
    }

    /// Ends the file.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        self.pages.end(self.granule, out);
    }
}

/// Packets of silence that together last `ticks`, less what is under 2.5 ms.
pub(super) fn pieces(ticks: u32) -> impl Iterator<Item = [u8; 1]> {
    let whole = std::iter::repeat_n(STEP, (ticks / STEP) as usize);
    // The rest in steps of 2.5 ms, as a number of three bits: 10, 5 and 2.5 ms.
    let rest = ticks % STEP / 120;
    let rest = [(4, 480), (2, 240), (1, 120)].into_iter().filter(move |(bit, _)| rest & bit != 0);
    whole.chain(rest.map(|(_, step)| step)).filter_map(opus::silence)
}
