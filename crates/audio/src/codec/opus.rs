//! Opus packets looked at without decoding them (RFC 6716 section 3).

/// The longest packet, in ticks of 48 kHz: 120 ms.
pub const MAX_TICKS: u32 = 5760;

/// How long `packet` plays, in ticks of 48 kHz; `None` if no Opus packet begins like this.
#[must_use]
pub fn ticks(packet: &[u8]) -> Option<u32> {
    let (&toc, rest) = packet.split_first()?;
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(rest.first()? & 0x3F),
    };
    let ticks = frames * frame_ticks(toc);
    (frames > 0 && ticks <= MAX_TICKS).then_some(ticks)
}

/// Whether the packet is coded in stereo. Our decoders fold it to mono.
#[must_use]
pub fn is_stereo(packet: &[u8]) -> bool {
    packet.first().is_some_and(|toc| toc & 4 != 0)
}

/// Whether `packet` holds a spare copy of the packet before it: the LBRR flag of RFC 6716 section 4.2.4.
#[must_use]
pub fn has_fec(packet: &[u8]) -> bool {
    let Some(&toc) = packet.first() else { return false };
    if toc >= 0x80 {
        // CELT only: there is no such copy.
        return false;
    }
    let Some(&flags) = parse(packet).and_then(|frames| frames.all[0].first()) else { return false };
    // A SILK frame begins with one speech flag per 20 ms and then the LBRR flag, for each channel.
    let silk_frames = (frame_ticks(toc) / 960).max(1);
    let middle = flags >> (7 - silk_frames) & 1 == 1;
    let side = is_stereo(packet) && silk_frames <= 3 && flags >> (6 - 2 * silk_frames) & 1 == 1;
    middle || side
}

/// A packet that says "nothing" for `ticks` and is played as silence or as concealment: one byte of table of contents and an
/// empty frame, as DTX sends it. Only the durations of a single CELT frame can be written, 2.5 to 20 ms.
#[must_use]
pub const fn silence(ticks: u32) -> Option<[u8; 1]> {
    // Configurations 28 to 31 are CELT fullband frames of 2.5, 5, 10 and 20 ms.
    match ticks {
        120 => Some([28 << 3]),
        240 => Some([29 << 3]),
        480 => Some([30 << 3]),
        960 => Some([31 << 3]),
        _ => None,
    }
}

/// Ticks of one frame of a packet that begins with `toc`, by the configuration in the upper five bits (RFC 6716 table 2).
pub(crate) fn frame_ticks(toc: u8) -> u32 {
    let config = toc >> 3;
    match config {
        0..12 => [480, 960, 1920, 2880][usize::from(config & 3)],
        12..16 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    }
}

/// The frames of a packet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frames<'a> {
    all: [&'a [u8]; MAX_FRAMES],
    count: usize,
}

/// 120 ms in frames of 2.5 ms.
const MAX_FRAMES: usize = 48;
/// Bytes of the longest frame.
const MAX_FRAME: usize = 1275;

impl<'a> Frames<'a> {
    /// The frames in order. There is at least one; it may be empty.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> {
        self.all.into_iter().take(self.count)
    }
}

/// Takes a packet apart (RFC 6716 section 3.2); `None` if it breaks one of the rules there.
pub(crate) fn parse(packet: &[u8]) -> Option<Frames<'_>> {
    ticks(packet)?;
    let (&toc, rest) = packet.split_first()?;
    let mut all = [&[][..]; MAX_FRAMES];
    let count = match toc & 3 {
        0 => {
            all[0] = rest;
            1
        }
        1 => {
            let (first, second) = rest.split_at_checked(rest.len() / 2)?;
            (all[0], all[1]) = (first, second);
            // Both are equally long.
            if first.len() != second.len() {
                return None;
            }
            2
        }
        2 => {
            let (length, used) = frame_length(rest)?;
            (all[0], all[1]) = rest.get(used..)?.split_at_checked(length)?;
            2
        }
        _ => parse_many(rest, &mut all)?,
    };
    all[..count].iter().all(|frame| frame.len() <= MAX_FRAME).then_some(Frames { all, count })
}

/// A packet with a frame count byte (RFC 6716 section 3.2.5); `ticks` has seen to it that the count is right.
fn parse_many<'a>(rest: &'a [u8], all: &mut [&'a [u8]; MAX_FRAMES]) -> Option<usize> {
    let (&flags, mut rest) = rest.split_first()?;
    let count = usize::from(flags & 0x3F);
    if flags & 0x40 != 0 {
        let mut padding = 0;
        loop {
            let (&more, after) = rest.split_first()?;
            rest = after;
            // 255 stands for 254 and another byte.
            padding += usize::from(more.min(254));
            if more != 255 {
                break;
            }
        }
        rest = rest.get(..rest.len().checked_sub(padding)?)?;
    }
    let mut lengths = [rest.len() / count; MAX_FRAMES];
    if flags & 0x80 != 0 {
        for length in &mut lengths[..count - 1] {
            let (given, used) = frame_length(rest)?;
            *length = given;
            rest = rest.get(used..)?;
        }
        lengths[count - 1] = rest.len().checked_sub(lengths[..count - 1].iter().sum())?;
    } else if rest.len() % count != 0 {
        return None;
    }
    for (frame, length) in all.iter_mut().zip(&lengths[..count]) {
        (*frame, rest) = rest.split_at_checked(*length)?;
    }
    Some(count)
}

/// Writes a frame's length as [`frame_length`] reads it; it is at most 1275.
pub(crate) fn write_frame_length(length: usize, out: &mut Vec<u8>) {
    if length < 252 {
        out.push(length as u8);
    } else {
        let low = 252 + length % 4;
        out.push(low as u8);
        out.push(((length - low) / 4) as u8);
    }
}

/// A frame's length as one or two bytes (RFC 6716 section 3.2.1), and how many they were.
fn frame_length(bytes: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*bytes.first()?);
    if first < 252 {
        return Some((first, 1));
    }
    Some((first + 4 * usize::from(*bytes.get(1)?), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_contents_tells_how_long_a_packet_plays() {
        assert_eq!(ticks(&[0b0000_1000, 1]), Some(960), "SILK, 20 ms, one frame");
        assert_eq!(ticks(&[0b0001_1001, 1]), Some(5760), "SILK, 60 ms, two frames");
        assert_eq!(ticks(&[0b1000_0000, 1]), Some(120), "CELT, 2.5 ms");
        assert_eq!(ticks(&[0b1111_1011, 6]), Some(5760), "CELT, 20 ms, six frames");
        assert_eq!(ticks(&[0b1111_1011, 7]), None, "140 ms is too long");
        assert_eq!(ticks(&[0b1111_1011, 0]), None, "no frame at all");
        assert_eq!(ticks(&[0b1111_1011]), None, "the count is missing");
        assert_eq!(ticks(&[]), None);
    }

    #[test]
    fn a_packet_of_silence_lasts_as_long_as_asked() {
        for wanted in [120, 240, 480, 960] {
            assert_eq!(silence(wanted).and_then(|packet| ticks(&packet)), Some(wanted));
        }
        assert_eq!(silence(2880), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(0u8.., 0..40)) {
            let _ = (ticks(&bytes), has_fec(&bytes), is_stereo(&bytes));
        }

        #[test]
        fn it_agrees_with_libopus(bytes in proptest::collection::vec(0u8.., 1..400)) {
            let theirs = ::opus::packet::get_nb_samples(&bytes, 48000).ok().and_then(|n| u32::try_from(n).ok());
            proptest::prop_assert_eq!(ticks(&bytes), theirs.filter(|&n| n > 0));
            let ours = parse(&bytes).map(|frames| frames.iter().map(<[u8]>::len).collect::<Vec<_>>());
            let theirs = ::opus::packet::parse(&bytes).ok().map(|packet| packet.frames.iter().map(|frame| frame.len()).collect::<Vec<_>>());
            proptest::prop_assert_eq!(ours, theirs);
        }
    }
}
