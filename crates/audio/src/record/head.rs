//! The two packets that open an Ogg Opus file (RFC 7845 section 5).

/// What a file says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tags<'a> {
    /// Comments as pairs, `("TITLE", "Call of …")` for instance. A name is ASCII without `=`; others are left out.
    pub comments: &'a [(&'a str, &'a str)],
}

/// How the streams of a packet become channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mapping {
    /// One stream, one channel: family 0.
    Mono,
    /// Two streams, left and right: family 1 without coupling.
    Pair,
}

/// `OpusHead`. `input_rate` is only information.
pub(super) fn head(mapping: Mapping, pre_skip: u16, input_rate: u32) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(match mapping {
        Mapping::Mono => 1,
        Mapping::Pair => 2,
    });
    head.extend_from_slice(&pre_skip.to_le_bytes());
    head.extend_from_slice(&input_rate.to_le_bytes());
    head.extend_from_slice(&0_i16.to_le_bytes());
    match mapping {
        Mapping::Mono => head.push(0),
        // Family 1: two streams, none of them stereo, the first to the left and the second to the right.
        Mapping::Pair => head.extend_from_slice(&[1, 2, 0, 0, 1]),
    }
    head
}

/// `OpusTags`.
pub(super) fn tags(tags: &Tags<'_>) -> Vec<u8> {
    let vendor = concat!("audio ", env!("CARGO_PKG_VERSION"));
    let mut packet = b"OpusTags".to_vec();
    append(&mut packet, &[vendor]);
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| (0x20..0x7E).contains(&byte) && byte != b'=')
    };
    let comments = tags.comments.iter().filter(|(name, _)| is_name(name));
    packet.extend_from_slice(&(comments.clone().count() as u32).to_le_bytes());
    for (name, value) in comments {
        append(&mut packet, &[name, "=", value]);
    }
    packet
}

fn append(packet: &mut Vec<u8>, text: &[&str]) {
    let length: usize = text.iter().map(|part| part.len()).sum();
    packet.extend_from_slice(&(length as u32).to_le_bytes());
    for part in text {
        packet.extend_from_slice(part.as_bytes());
    }
}
