//! WAV files (RIFF/WAVE): a writer that streams, and a reader.

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Linear, 16 bits.
    Pcm16,
    /// G.711 A-law, 8 bits.
    Alaw,
    /// G.711 µ-law, 8 bits.
    Ulaw,
}

impl Format {
    const fn tag(self) -> u16 {
        match self {
            Self::Pcm16 => 1,
            Self::Alaw => 6,
            Self::Ulaw => 7,
        }
    }

    const fn bytes(self) -> u16 {
        match self {
            Self::Pcm16 => 2,
            Self::Alaw | Self::Ulaw => 1,
        }
    }
}

/// Bytes of [`header`].
pub const HEADER: usize = 44;

/// The beginning of a file with `length` bytes of samples. A file whose length nobody knows yet begins with `None`; players read
/// such a file to its end, and [`header`] can be written over the beginning once the length is known.
#[must_use]
pub fn header(format: Format, rate: u32, channels: u16, length: Option<u32>) -> [u8; HEADER] {
    let length = length.unwrap_or(u32::MAX - 36);
    let block = channels.saturating_mul(format.bytes());
    let fields: [(usize, &[u8]); 13] = [
        (0, b"RIFF"),
        (4, &length.saturating_add(36).to_le_bytes()),
        (8, b"WAVE"),
        (12, b"fmt "),
        (16, &16_u32.to_le_bytes()),
        (20, &format.tag().to_le_bytes()),
        (22, &channels.to_le_bytes()),
        (24, &rate.to_le_bytes()),
        (28, &rate.saturating_mul(u32::from(block)).to_le_bytes()),
        (32, &block.to_le_bytes()),
        (34, &(format.bytes() * 8).to_le_bytes()),
        (36, b"data"),
        (40, &length.to_le_bytes()),
    ];
    let mut header = [0; HEADER];
    for (at, bytes) in fields {
        header[at..at + bytes.len()].copy_from_slice(bytes);
    }
    header
}

/// Appends linear samples as they stand in a file.
pub fn append(pcm: &[i16], out: &mut Vec<u8>) {
    out.extend(pcm.iter().flat_map(|sample| sample.to_le_bytes()));
}

/// Appends two voices as left and right; the shorter one is silent at its end.
pub fn append_pair(left: &[i16], right: &[i16], out: &mut Vec<u8>) {
    for i in 0..left.len().max(right.len()) {
        for side in [left, right] {
            out.extend_from_slice(&side.get(i).copied().unwrap_or(0).to_le_bytes());
        }
    }
}

/// A whole file of linear samples, interleaved where there are several channels.
#[must_use]
pub fn file(pcm: &[i16], rate: u32, channels: u16) -> Vec<u8> {
    let length = u32::try_from(pcm.len() * 2).ok();
    let mut out = header(Format::Pcm16, rate, channels, length).to_vec();
    append(pcm, &mut out);
    out
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wav {
    /// Samples per second of each channel.
    pub rate: u32,
    /// Channels; their samples are interleaved.
    pub channels: u16,
    /// The samples.
    pub pcm: Vec<i16>,
}

impl Wav {
    /// All channels as one.
    #[must_use]
    pub fn mono(&self) -> Vec<i16> {
        let channels = usize::from(self.channels.max(1));
        let average = |frame: &[i16]| {
            let sum: i32 = frame.iter().map(|&sample| i32::from(sample)).sum();
            (sum / frame.len() as i32) as i16
        };
        self.pcm.chunks_exact(channels).map(average).collect()
    }
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is no WAV file, or it breaks off before the sound.
    #[error("this is not a WAV file")]
    NotWav,
    /// Its samples are in a format that is not read here.
    #[error("format {tag} with {bits} bits is not understood")]
    Format {
        /// The format's number.
        tag: u16,
        /// Bits of a sample.
        bits: u16,
    },
}

/// Reads a file of 8 or 16 bit linear, A-law or µ-law samples. A file that breaks off within the sound gives what there is.
///
/// # Errors
///
/// It is another kind of file.
pub fn read(bytes: &[u8]) -> Result<Wav, ReadError> {
    let mut rest = bytes.strip_prefix(b"RIFF").and_then(|rest| rest.get(4..)).ok_or(ReadError::NotWav)?;
    rest = rest.strip_prefix(b"WAVE").ok_or(ReadError::NotWav)?;
    let mut format = None;
    loop {
        let (name, length) = chunk(rest).ok_or(ReadError::NotWav)?;
        rest = &rest[8..];
        let body = &rest[..length.min(rest.len())];
        if name == b"fmt " {
            format = Some(read_format(body).ok_or(ReadError::NotWav)?);
        } else if name == b"data" {
            let (tag, channels, rate, bits) = format.ok_or(ReadError::NotWav)?;
            return Ok(Wav { rate, channels, pcm: samples(tag, bits, body)? });
        }
        // Chunks begin at even places.
        rest = rest.get(length.saturating_add(length % 2)..).ok_or(ReadError::NotWav)?;
    }
}

fn chunk(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (name, rest) = bytes.split_at_checked(4)?;
    Some((name, u32::from_le_bytes(*rest.first_chunk()?) as usize))
}

fn read_format(body: &[u8]) -> Option<(u16, u16, u32, u16)> {
    let short = |at: usize| Some(u16::from_le_bytes(*body.get(at..)?.first_chunk()?));
    let rate = u32::from_le_bytes(*body.get(4..)?.first_chunk()?);
    // WAVE_FORMAT_EXTENSIBLE keeps the format further back.
    let tag = match short(0)? {
        0xFFFE => short(24)?,
        tag => tag,
    };
    Some((tag, short(2)?.max(1), rate, short(14)?))
}

fn samples(tag: u16, bits: u16, body: &[u8]) -> Result<Vec<i16>, ReadError> {
    let each = |sample: fn(u8) -> i16| body.iter().map(|&byte| sample(byte)).collect();
    match (tag, bits) {
        (1, 16) => Ok(body.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()),
        (1, 8) => Ok(each(|byte| (i16::from(byte) - 128) << 8)),
        (6, 8) => Ok(each(crate::codec::decode_alaw)),
        (7, 8) => Ok(each(crate::codec::decode_ulaw)),
        (tag, bits) => Err(ReadError::Format { tag, bits }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let pcm = [1, -2, 300, -400];
        let wav = Wav { rate: 16000, channels: 2, pcm: pcm.to_vec() };
        assert_eq!(read(&file(&pcm, 16000, 2)), Ok(wav.clone()));
        assert_eq!(wav.mono(), [0, -50]);
    }

    #[test]
    fn a_recording_that_broke_off_gives_what_there_is() {
        let mut bytes = header(Format::Pcm16, 8000, 1, None).to_vec();
        append(&[5, 6, 7], &mut bytes);
        bytes.push(1);
        assert_eq!(read(&bytes).unwrap().pcm, [5, 6, 7]);
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(read(b"OggS"), Err(ReadError::NotWav));
        assert_eq!(read(&header(Format::Pcm16, 8000, 1, None)[..40]), Err(ReadError::NotWav));
        let mut float = file(&[0; 8], 8000, 1);
        float[20] = 3;
        assert_eq!(read(&float), Err(ReadError::Format { tag: 3, bits: 16 }));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(noise in proptest::collection::vec(0u8.., 0..80), at in 0usize..44) {
            let mut bytes = header(Format::Alaw, 8000, 1, Some(100)).to_vec();
            for (byte, noise) in bytes[at..].iter_mut().zip(&noise) {
                *byte = *noise;
            }
            let _ = read(&bytes);
            let _ = read(&noise);
        }
    }
}
