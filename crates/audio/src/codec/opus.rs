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
    let Some(first) = first_frame(packet) else { return false };
    let Some(&flags) = first.first() else { return false };
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

/// Ticks of one frame, by the configuration in the upper five bits (RFC 6716 table 2).
fn frame_ticks(toc: u8) -> u32 {
    let config = toc >> 3;
    match config {
        0..12 => [480, 960, 1920, 2880][usize::from(config & 3)],
        12..16 => [480, 960][usize::from(config & 1)],
        _ => [120, 240, 480, 960][usize::from(config & 3)],
    }
}

/// The first frame's bytes; at least their beginning is right also where the packet is damaged further on.
fn first_frame(packet: &[u8]) -> Option<&[u8]> {
    let (&toc, rest) = packet.split_first()?;
    match toc & 3 {
        0 | 1 => Some(rest),
        2 => {
            let (length, used) = frame_length(rest)?;
            rest.get(used..used + length)
        }
        _ => many_frames(rest),
    }
}

/// The first frame of a packet with a frame count byte (RFC 6716 section 3.2.5).
fn many_frames(rest: &[u8]) -> Option<&[u8]> {
    let (&count, mut rest) = rest.split_first()?;
    if count & 0x40 != 0 {
        loop {
            let (&padding, after) = rest.split_first()?;
            rest = after;
            if padding != 255 {
                break;
            }
        }
    }
    let frames = usize::from(count & 0x3F);
    if count & 0x80 == 0 {
        return Some(rest);
    }
    let mut first = None;
    for _ in 1..frames {
        let (length, used) = frame_length(rest)?;
        first.get_or_insert(length);
        rest = rest.get(used..)?;
    }
    match first {
        Some(length) => rest.get(..length),
        None => Some(rest),
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
        fn it_agrees_with_libopus(bytes in proptest::collection::vec(0u8.., 1..40)) {
            let theirs = ::opus::packet::get_nb_samples(&bytes, 48000).ok().and_then(|n| u32::try_from(n).ok());
            proptest::prop_assert_eq!(ticks(&bytes), theirs.filter(|&n| n > 0));
        }
    }
}
