//! The bits of a frame (section 1.7), as they travel in RTP: the signature 1101 first, all most significant bit first.

use super::FRAME_BYTES;

/// The parameters of 20 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Frame {
    /// Coded log area ratios.
    pub(super) larc: [i16; 8],
    /// Four times 5 ms.
    pub(super) sub: [SubFrame; 4],
}

/// The parameters of 5 ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct SubFrame {
    /// Lag of the long term.
    pub(super) nc: i16,
    /// Its gain.
    pub(super) bc: i16,
    /// Where the grid of pulses begins.
    pub(super) mc: i16,
    /// The largest pulse.
    pub(super) xmaxc: i16,
    /// The pulses.
    pub(super) xmc: [i16; 13],
}

const LARC_BITS: [u32; 8] = [6, 6, 5, 5, 4, 4, 3, 3];

impl Frame {
    pub(super) fn bytes(&self) -> [u8; FRAME_BYTES] {
        let mut bits = Bits { bytes: [0; FRAME_BYTES], at: 0 };
        bits.write(0xD, 4);
        for (value, count) in self.larc.into_iter().zip(LARC_BITS) {
            bits.write(value, count);
        }
        for sub in &self.sub {
            bits.write(sub.nc, 7);
            bits.write(sub.bc, 2);
            bits.write(sub.mc, 2);
            bits.write(sub.xmaxc, 6);
            for pulse in sub.xmc {
                bits.write(pulse, 3);
            }
        }
        bits.bytes
    }

    pub(super) fn read(bytes: &[u8; FRAME_BYTES]) -> Self {
        let mut bits = Bits { bytes: *bytes, at: 4 };
        let larc = LARC_BITS.map(|count| bits.read(count));
        let sub = [(); 4].map(|()| SubFrame {
            nc: bits.read(7),
            bc: bits.read(2),
            mc: bits.read(2),
            xmaxc: bits.read(6),
            xmc: [(); 13].map(|()| bits.read(3)),
        });
        Self { larc, sub }
    }
}

struct Bits {
    bytes: [u8; FRAME_BYTES],
    at: usize,
}

impl Bits {
    fn write(&mut self, value: i16, count: u32) {
        for bit in (0..count).rev() {
            let set = (value >> bit & 1) as u8;
            self.bytes[self.at / 8] |= set << (7 - self.at % 8);
            self.at += 1;
        }
    }

    fn read(&mut self, count: u32) -> i16 {
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | i16::from(self.bytes[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn a_frame_is_read_as_it_is_written(bytes: [u8; 32]) {
            let mut frame = [0xD0; FRAME_BYTES];
            frame[1..].copy_from_slice(&bytes);
            proptest::prop_assert_eq!(Frame::read(&frame).bytes(), frame);
        }
    }
}
