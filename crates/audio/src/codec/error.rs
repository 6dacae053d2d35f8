//! Why a codec refused.

/// Why a codec could not be opened, or could not do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// This build has no such codec.
    #[error("this build has no {0}")]
    Unavailable(&'static str),
    /// The codec cannot be opened at this rate; see [`Codec::opens_at`](super::Codec::opens_at).
    #[error("{codec} cannot be opened at {rate} samples per second")]
    Rate {
        /// The codec's name.
        codec: &'static str,
        /// Samples per second asked for.
        rate: u32,
    },
    /// The number of samples is not one that makes a packet.
    #[error("{samples} samples do not make a packet")]
    Length {
        /// How many were given.
        samples: usize,
    },
    /// The output has no room for the result.
    #[error("the output is too small: {needed} wanted, {given} given")]
    Room {
        /// Bytes or samples wanted.
        needed: usize,
        /// Bytes or samples given.
        given: usize,
    },
    /// The payload is empty or not this codec's.
    #[error("the payload is damaged")]
    Payload,
    /// The codec's library failed, for want of memory for instance.
    #[error("the codec failed")]
    Failed,
}
