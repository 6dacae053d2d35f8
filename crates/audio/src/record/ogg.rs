//! Ogg pages (RFC 3533): packets in, pages out, into a buffer that the caller empties as he likes.

/// The longest page body: 255 segments of 255 bytes.
const MAX_SEGMENTS: usize = 255;

/// One logical stream.
#[derive(Debug)]
pub(super) struct Pages {
    serial: u32,
    sequence: u32,
    segments: Vec<u8>,
    body: Vec<u8>,
    /// The position at the end of the last packet that ends on the page.
    granule: u64,
    /// A packet ends on the page.
    ends_packet: bool,
    /// The page begins within a packet.
    continued: bool,
}

impl Pages {
    pub(super) fn new(serial: u32) -> Self {
        Self {
            serial,
            sequence: 0,
            segments: Vec::with_capacity(MAX_SEGMENTS),
            body: Vec::with_capacity(MAX_SEGMENTS * 255),
            granule: 0,
            ends_packet: false,
            continued: false,
        }
    }

    /// Adds a packet that ends at `granule`; full pages go to `out`.
    pub(super) fn packet(&mut self, packet: &[u8], granule: u64, out: &mut Vec<u8>) {
        let needed = packet.len() / 255 + 1;
        if !self.segments.is_empty() && needed <= MAX_SEGMENTS && self.segments.len() + needed > MAX_SEGMENTS
        {
            self.flush(out);
        }
        let mut pieces = packet.chunks_exact(255);
        for piece in &mut pieces {
            self.segment(piece, out);
        }
        // The last segment is shorter than 255 bytes, and empty where nothing is left.
        self.segment(pieces.remainder(), out);
        self.ends_packet = true;
        self.granule = granule;
    }

    /// Sends what waits as a page.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        if !self.segments.is_empty() {
            self.page(0, out);
        }
    }

    /// Sends the last page, empty if nothing waits. `granule` is where the sound ends, earlier than the last packet does if its
    /// end is to be cut off.
    pub(super) fn end(&mut self, granule: u64, out: &mut Vec<u8>) {
        self.granule = granule;
        self.ends_packet = true;
        self.page(4, out);
    }

    fn segment(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if self.segments.len() == MAX_SEGMENTS {
            self.page(0, out);
            self.continued = true;
        }
        // At most 255.
        self.segments.push(piece.len() as u8);
        self.body.extend_from_slice(piece);
    }

    fn page(&mut self, end: u8, out: &mut Vec<u8>) {
        let begin = out.len();
        let first = if self.sequence == 0 { 2 } else { 0 };
        out.extend_from_slice(b"OggS\0");
        out.push(end | first | u8::from(self.continued));
        let granule = if self.ends_packet { self.granule } else { u64::MAX };
        out.extend_from_slice(&granule.to_le_bytes());
        out.extend_from_slice(&self.serial.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        // At most 255.
        out.push(self.segments.len() as u8);
        out.extend_from_slice(&self.segments);
        out.extend_from_slice(&self.body);
        let checksum = checksum(&out[begin..]);
        out[begin + 22..begin + 26].copy_from_slice(&checksum.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        self.segments.clear();
        self.body.clear();
        self.ends_packet = false;
        self.continued = false;
    }
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let mut rest = (i as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest & 0x8000_0000 != 0 { rest << 1 ^ 0x04C1_1DB7 } else { rest << 1 };
            bit += 1;
        }
        table[i] = rest;
        i += 1;
    }
    table
};

fn checksum(page: &[u8]) -> u32 {
    page.iter().fold(0, |rest, &byte| rest << 8 ^ TABLE[((rest >> 24) as u8 ^ byte) as usize])
}
