//! RTCP: reports about what was sent and heard (RFC 3550 section 6). Compound packets of SR or RR, SDES, and BYE.

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
/// Bytes of a report block.
const BLOCK: usize = 24;

/// What a sender says about itself (RFC 3550 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SenderInfo {
    /// Its clock as 32.32 bits of seconds since 1900.
    pub(crate) ntp: u64,
    /// The RTP time stamp of that moment.
    pub(crate) timestamp: u32,
    /// Packets sent so far.
    pub(crate) packets: u32,
    /// Bytes of payload sent so far.
    pub(crate) octets: u32,
}

/// What a receiver says about one sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Block {
    /// Who is meant.
    pub(crate) ssrc: u32,
    /// Share lost since the last report, in 1/256.
    pub(crate) fraction_lost: u8,
    /// Packets lost since the start; duplicates make it negative.
    pub(crate) lost: i32,
    /// Highest sequence number heard, with its rollovers.
    pub(crate) highest: u32,
    /// Interarrival jitter in the codec's clock.
    pub(crate) jitter: u32,
    /// Middle 32 bits of the last sender report's clock, 0 if none.
    pub(crate) last_report: u32,
    /// Time since that report came, in 1/65536 s.
    pub(crate) delay: u32,
}

/// One packet of a compound, as far as we care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// Somebody who sends told about himself and about others.
    Sender { ssrc: u32, info: SenderInfo, blocks: Vec<Block> },
    /// Somebody who only hears told about others.
    Receiver { ssrc: u32, blocks: Vec<Block> },
    /// Somebody leaves.
    Goodbye { ssrc: u32 },
}

/// Writes a compound: SR or RR, then SDES with our CNAME, then BYE if we leave.
pub(crate) fn write(
    ssrc: u32,
    info: Option<SenderInfo>,
    block: Option<Block>,
    cname: &str,
    goodbye: bool,
    out: &mut Vec<u8>,
) {
    let kind = if info.is_some() { SENDER_REPORT } else { RECEIVER_REPORT };
    let words = 1 + if info.is_some() { 5 } else { 0 } + if block.is_some() { BLOCK / 4 } else { 0 };
    head(u8::from(block.is_some()), kind, words, out);
    out.extend_from_slice(&ssrc.to_be_bytes());
    if let Some(info) = info {
        out.extend_from_slice(&info.ntp.to_be_bytes());
        out.extend_from_slice(&info.timestamp.to_be_bytes());
        out.extend_from_slice(&info.packets.to_be_bytes());
        out.extend_from_slice(&info.octets.to_be_bytes());
    }
    if let Some(block) = block {
        write_block(&block, out);
    }
    write_description(ssrc, cname, out);
    if goodbye {
        head(1, GOODBYE, 1, out);
        out.extend_from_slice(&ssrc.to_be_bytes());
    }
}

/// Reads a compound; stops at the first damage, keeping what came before.
pub(crate) fn read(mut bytes: &[u8]) -> Vec<Item> {
    let mut items = Vec::new();
    while let Some((count, kind, body, rest)) = split(bytes) {
        items.extend(item(count, kind, body));
        bytes = rest;
    }
    items
}

fn head(count: u8, kind: u8, words: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&[0x80 | count, kind]);
    // Our packets are a few words long.
    out.extend_from_slice(&u16::try_from(words).unwrap_or(u16::MAX).to_be_bytes());
}

fn write_block(block: &Block, out: &mut Vec<u8>) {
    out.extend_from_slice(&block.ssrc.to_be_bytes());
    let lost = block.lost.clamp(-0x80_0000, 0x7F_FFFF) & 0xFF_FFFF;
    let lost = u32::from(block.fraction_lost) << 24 | lost.cast_unsigned();
    for word in [lost, block.highest, block.jitter, block.last_report, block.delay] {
        out.extend_from_slice(&word.to_be_bytes());
    }
}

fn write_description(ssrc: u32, cname: &str, out: &mut Vec<u8>) {
    let name = &cname.as_bytes()[..cname.len().min(255)];
    // SSRC, item type and length, name, at least one zero, up to a whole word.
    let words = 1 + (2 + name.len() + 1).div_ceil(4);
    head(1, DESCRIPTION, words, out);
    let end = out.len() + 4 * words;
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[1, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
    out.extend_from_slice(name);
    out.resize(end, 0);
}

fn split(bytes: &[u8]) -> Option<(u8, u8, &[u8], &[u8])> {
    let head: &[u8; 4] = bytes.first_chunk()?;
    if head[0] >> 6 != 2 {
        return None;
    }
    let length = 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
    let body = bytes.get(4..4 + length)?;
    Some((head[0] & 0x1F, head[1], body, &bytes[4 + length..]))
}

fn item(count: u8, kind: u8, body: &[u8]) -> Option<Item> {
    let ssrc = word(body, 0)?;
    match kind {
        SENDER_REPORT => {
            let ntp = u64::from(word(body, 4)?) << 32 | u64::from(word(body, 8)?);
            let info = SenderInfo {
                ntp,
                timestamp: word(body, 12)?,
                packets: word(body, 16)?,
                octets: word(body, 20)?,
            };
            Some(Item::Sender { ssrc, info, blocks: blocks(count, body.get(24..)?) })
        }
        RECEIVER_REPORT => Some(Item::Receiver { ssrc, blocks: blocks(count, body.get(4..)?) }),
        GOODBYE => Some(Item::Goodbye { ssrc }),
        // Descriptions, feedback and extended reports tell nothing that we use.
        _ => None,
    }
}

fn blocks(count: u8, bytes: &[u8]) -> Vec<Block> {
    bytes.chunks_exact(BLOCK).take(usize::from(count)).filter_map(block).collect()
}

fn block(bytes: &[u8]) -> Option<Block> {
    let lost = word(bytes, 4)?;
    Some(Block {
        ssrc: word(bytes, 0)?,
        fraction_lost: lost.to_be_bytes()[0],
        // Sign of 24 bits.
        lost: (lost << 8).cast_signed() >> 8,
        highest: word(bytes, 8)?,
        jitter: word(bytes, 12)?,
        last_report: word(bytes, 16)?,
        delay: word(bytes, 20)?,
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..at + 4)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INFO: SenderInfo = SenderInfo { ntp: 0x0102_0304_0506_0708, timestamp: 9, packets: 10, octets: 11 };
    const BLOCK_SAMPLE: Block = Block {
        ssrc: 5,
        fraction_lost: 64,
        lost: -3,
        highest: 0x0001_FFFF,
        jitter: 12,
        last_report: 0x0304_0506,
        delay: 65_536,
    };

    #[test]
    fn a_compound_that_is_written_is_read_again() {
        let mut bytes = Vec::new();
        write(1, Some(INFO), Some(BLOCK_SAMPLE), "tandem", true, &mut bytes);
        assert_eq!(bytes.len() % 4, 0);
        let expected =
            [Item::Sender { ssrc: 1, info: INFO, blocks: vec![BLOCK_SAMPLE] }, Item::Goodbye { ssrc: 1 }];
        assert_eq!(read(&bytes), expected);
    }

    #[test]
    fn one_who_only_hears_writes_a_receiver_report() {
        let mut bytes = Vec::new();
        write(1, None, Some(BLOCK_SAMPLE), "tandem", false, &mut bytes);
        assert_eq!(read(&bytes), [Item::Receiver { ssrc: 1, blocks: vec![BLOCK_SAMPLE] }]);
    }

    #[test]
    fn descriptions_of_any_length_end_on_a_whole_word() {
        for length in 0..9 {
            let mut bytes = Vec::new();
            write_description(1, &"x".repeat(length), &mut bytes);
            let words = usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
            assert_eq!(bytes.len(), 4 + 4 * words);
            assert_eq!(bytes.last(), Some(&0), "an item list ends with zero");
        }
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = read(&bytes);
        }
    }
}
