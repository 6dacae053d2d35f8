//! GSM 06.10 full rate (ETSI EN 300 961): 160 samples at 8 kHz in 33 bytes.
//!
//! A translation of libgsm by Jutta Degener and Carsten Bormann, Technische Universitaet Berlin, whose notice is in this crate's
//! NOTICE file. It gives the same bits. Variables keep the names that the standard gives them.
//!
//! | module | section of the standard |
//! |---|---|
//! | `arithmetic` | 5.1, saturating 16 bit arithmetic |
//! | `lpc` | 5.2.4 to 5.2.7, linear prediction: what is sent once a frame |
//! | `short_term` | 5.2.8 to 5.2.10 and 5.3.3, the filter of the mouth |
//! | `long_term` | 5.2.11, 5.2.12 and 5.3.2, the pitch |
//! | `rpe` | 5.2.13 to 5.2.18 and 5.3.1, what is left: a grid of pulses |
//! | `frame` | 1.7, the bits |

mod arithmetic;
mod frame;
mod long_term;
mod lpc;
mod rpe;
mod short_term;

use super::CodecError;
use arithmetic::{add, mult_r};
use frame::Frame;
use short_term::ShortTerm;

/// Samples of a frame: 20 ms at 8 kHz.
pub const FRAME_SAMPLES: usize = 160;
/// Bytes of a frame (RFC 3551 section 4.5.8).
pub const FRAME_BYTES: usize = 33;

/// Where the present sub-frames begin among the samples of the long term: after 120 past ones.
const PAST: usize = 120;

/// Encodes whole frames.
#[derive(Debug)]
pub(super) struct Encoder {
    /// Offset compensation and pre-emphasis.
    z1: i16,
    l_z2: i32,
    mp: i16,
    short_term: ShortTerm,
    /// Reconstructed short term residual: 120 past samples and the present frame.
    dp: [i16; PAST + FRAME_SAMPLES],
}

impl Default for Encoder {
    fn default() -> Self {
        Self { z1: 0, l_z2: 0, mp: 0, short_term: ShortTerm::default(), dp: [0; PAST + FRAME_SAMPLES] }
    }
}

impl Encoder {
    /// Encodes frames of 160 samples into 33 bytes each, as many as both have room for.
    pub(super) fn encode(&mut self, pcm: &[i16], out: &mut [u8]) {
        let frames = pcm.as_chunks::<FRAME_SAMPLES>().0;
        for (pcm, bytes) in frames.iter().zip(out.as_chunks_mut::<FRAME_BYTES>().0) {
            *bytes = self.encode_frame(pcm).bytes();
        }
    }

    fn encode_frame(&mut self, pcm: &[i16; FRAME_SAMPLES]) -> Frame {
        let mut frame = Frame::default();
        let mut s = self.preprocess(pcm);
        frame.larc = lpc::analyse(&mut s);
        self.short_term.analyse(frame.larc, &mut s);
        for (k, (sub, d)) in frame.sub.iter_mut().zip(s.as_chunks::<40>().0).enumerate() {
            let begin = PAST + 40 * k;
            (sub.nc, sub.bc) = long_term::parameters(d, &self.dp[begin - PAST..begin]);
            let (e, dpp) = long_term::analyse(sub.bc, sub.nc, d, &self.dp[..begin]);
            let ep = rpe::encode(&e, sub);
            for i in 0..40 {
                self.dp[begin + i] = add(ep[i], dpp[i]);
            }
        }
        self.dp.copy_within(FRAME_SAMPLES.., 0);
        frame
    }

    /// 5.2.1 to 5.2.3: down-scaling, offset compensation, pre-emphasis.
    fn preprocess(&mut self, pcm: &[i16; FRAME_SAMPLES]) -> [i16; FRAME_SAMPLES] {
        pcm.map(|sample| {
            let so = (sample >> 3) << 2;
            let s1 = so - self.z1;
            self.z1 = so;
            let l_s2 = i32::from(s1) << 15;
            let msp = (self.l_z2 >> 15) as i16;
            let lsp = (self.l_z2 - (i32::from(msp) << 15)) as i16;
            let l_s2 = l_s2 + i32::from(mult_r(lsp, 32735));
            self.l_z2 = (i32::from(msp) * 32735).saturating_add(l_s2);
            let rounded = self.l_z2.saturating_add(16384);
            let msp = mult_r(self.mp, -28180);
            self.mp = (rounded >> 15) as i16;
            add(self.mp, msp)
        })
    }
}

/// Decodes whole frames.
#[derive(Debug)]
pub(super) struct Decoder {
    /// Reconstructed short term residual: 120 past samples and one sub-frame.
    drp: [i16; PAST + 40],
    nrp: i16,
    short_term: ShortTerm,
    msr: i16,
}

impl Default for Decoder {
    fn default() -> Self {
        Self { drp: [0; PAST + 40], nrp: 40, short_term: ShortTerm::default(), msr: 0 }
    }
}

impl Decoder {
    /// Decodes frames of 33 bytes into 160 samples each, as many as both have room for.
    ///
    /// # Errors
    ///
    /// A frame does not begin with the signature of RFC 3551 section 4.5.8.1. Nothing was decoded.
    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Result<(), CodecError> {
        let frames = payload.as_chunks::<FRAME_BYTES>().0;
        if !frames.iter().all(|bytes| bytes[0] >> 4 == 0xD) {
            return Err(CodecError::Payload);
        }
        for (bytes, pcm) in frames.iter().zip(out.as_chunks_mut::<FRAME_SAMPLES>().0) {
            self.decode_frame(&Frame::read(bytes), pcm);
        }
        Ok(())
    }

    fn decode_frame(&mut self, frame: &Frame, s: &mut [i16; FRAME_SAMPLES]) {
        for (sub, wt) in frame.sub.iter().zip(s.as_chunks_mut::<40>().0) {
            let erp = rpe::decode(sub);
            self.nrp = long_term::synthesise(sub, self.nrp, &erp, &mut self.drp);
            wt.copy_from_slice(&self.drp[PAST..]);
            self.drp.copy_within(40.., 0);
        }
        self.short_term.synthesise(frame.larc, s);
        // 5.3.5 to 5.3.7: de-emphasis, up-scaling, truncation.
        for sample in s {
            self.msr = add(*sample, mult_r(self.msr, 28180));
            *sample = add(self.msr, self.msr) & !7;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_frame_can_be_decoded_and_any_sound_encoded(
            bytes in proptest::collection::vec(0u8.., FRAME_BYTES * 4),
            pcm in proptest::collection::vec(proptest::num::i16::ANY, FRAME_SAMPLES * 4),
        ) {
            let mut bytes = bytes;
            for frame in bytes.chunks_mut(FRAME_BYTES) {
                frame[0] = 0xD0 | frame[0] & 0xF;
            }
            let mut out = [0; FRAME_SAMPLES * 4];
            proptest::prop_assert_eq!(Decoder::default().decode(&bytes, &mut out), Ok(()));
            let mut coded = [0; FRAME_BYTES * 4];
            Encoder::default().encode(&pcm, &mut coded);
            proptest::prop_assert_eq!(Decoder::default().decode(&coded, &mut out), Ok(()));
        }
    }

    #[test]
    fn a_frame_without_the_signature_is_refused() {
        let mut out = [7; FRAME_SAMPLES];
        assert_eq!(Decoder::default().decode(&[0; FRAME_BYTES], &mut out), Err(CodecError::Payload));
        assert_eq!(out, [7; FRAME_SAMPLES]);
    }
}
