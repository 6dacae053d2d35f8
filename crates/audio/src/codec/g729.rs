//! G.729 Annex A and B by the system's libbcg729 (`libbcg729-0`; GPL, hence behind the cargo feature `g729`).
//!
//! The only module of this crate that calls C.
#![expect(unsafe_code, reason = "there is no other way to call a C library")]

use super::CodecError;
use std::ffi::c_void;
use std::ptr::NonNull;

/// Samples and bytes of a frame of 10 ms.
const SAMPLES: usize = 80;
const BYTES: usize = 10;
/// Bytes of a frame of comfort noise.
const NOISE_BYTES: usize = 2;

#[link(name = "bcg729")]
unsafe extern "C" {
    fn initBcg729EncoderChannel(enable_vad: u8) -> *mut c_void;
    fn closeBcg729EncoderChannel(channel: *mut c_void);
    fn bcg729Encoder(channel: *mut c_void, pcm: *const i16, bits: *mut u8, length: *mut u8);
    fn initBcg729DecoderChannel() -> *mut c_void;
    fn closeBcg729DecoderChannel(channel: *mut c_void);
    fn bcg729Decoder(
        channel: *mut c_void,
        bits: *const u8,
        length: u8,
        erased: u8,
        noise: u8,
        rfc3389: u8,
        pcm: *mut i16,
    );
}

/// Encodes frames of 10 ms.
pub(super) struct Encoder(NonNull<c_void>);

// SAFETY: a channel is plain memory of the library without ties to a thread, and `&mut self` keeps it to one at a time.
unsafe impl Send for Encoder {}

impl Encoder {
    /// With `dtx`, silence is not sent.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub(super) fn new(dtx: bool) -> Result<Self, CodecError> {
        // SAFETY: takes no pointer; gives a channel of its own or null.
        let channel = unsafe { initBcg729EncoderChannel(u8::from(dtx)) };
        NonNull::new(channel).map(Self).ok_or(CodecError::Failed)
    }

    /// Encodes whole frames, as many as `out` has room for, and says how many bytes they are.
    pub(super) fn encode(&mut self, pcm: &[i16], out: &mut [u8]) -> usize {
        let mut written = 0;
        for frame in pcm.as_chunks::<SAMPLES>().0 {
            let (mut bytes, mut length) = ([0; BYTES], 0_u8);
            // SAFETY: 80 samples are read and at most ten bytes written, which is what both arrays hold.
            unsafe { bcg729Encoder(self.0.as_ptr(), frame.as_ptr(), bytes.as_mut_ptr(), &mut length) };
            let length = usize::from(length).min(BYTES);
            let Some(room) = out.get_mut(written..written + length) else { break };
            room.copy_from_slice(&bytes[..length]);
            written += length;
        }
        written
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the channel came from `initBcg729EncoderChannel` and is closed once.
        unsafe { closeBcg729EncoderChannel(self.0.as_ptr()) };
    }
}

/// Decodes frames of 10 ms.
pub(super) struct Decoder(NonNull<c_void>);

// SAFETY: as for `Encoder`.
unsafe impl Send for Decoder {}

impl Decoder {
    /// Opens a decoder.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub(super) fn new() -> Result<Self, CodecError> {
        // SAFETY: gives a channel of its own or null.
        let channel = unsafe { initBcg729DecoderChannel() };
        NonNull::new(channel).map(Self).ok_or(CodecError::Failed)
    }

    /// Decodes the frames of a payload; `out` is as long as they play.
    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) {
        for (frame, pcm) in payload.chunks(BYTES).zip(out.as_chunks_mut::<SAMPLES>().0) {
            self.frame(Some(frame), pcm);
        }
    }

    /// Makes up sound; what is not a whole frame of 10 ms is silent.
    pub(super) fn conceal(&mut self, out: &mut [i16]) {
        let (frames, rest) = out.as_chunks_mut::<SAMPLES>();
        for pcm in frames {
            self.frame(None, pcm);
        }
        rest.fill(0);
    }

    fn frame(&mut self, frame: Option<&[u8]>, pcm: &mut [i16; SAMPLES]) {
        // The library reads up to ten bytes whatever it is told.
        let mut bytes = [0; BYTES];
        let length = frame.map_or(0, <[u8]>::len).min(BYTES);
        bytes[..length].copy_from_slice(&frame.unwrap_or_default()[..length]);
        let noise = u8::from(length == NOISE_BYTES);
        let erased = u8::from(frame.is_none());
        // SAFETY: at most ten bytes are read and 80 samples written, which is what both arrays hold.
        unsafe {
            bcg729Decoder(self.0.as_ptr(), bytes.as_ptr(), length as u8, erased, noise, 0, pcm.as_mut_ptr());
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the channel came from `initBcg729DecoderChannel` and is closed once.
        unsafe { closeBcg729DecoderChannel(self.0.as_ptr()) };
    }
}
