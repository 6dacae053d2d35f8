//! Music on hold of the operator's own: a WAV file, 16 bits, any rate, one or two channels.

use std::path::Path;
use std::sync::Arc;

/// What the engine plays: 8000 samples a second.
const RATE: u32 = 8000;

/// The longest music, in seconds; it is played again and again.
const LONGEST: usize = 600;

/// Reads it.
///
/// # Errors
///
/// What is wrong with the file, in words.
pub(crate) fn read(path: &Path) -> Result<Arc<[i16]>, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    samples(&bytes).map(Into::into).map_err(|why| format!("{}: {why}", path.display()))
}

/// The samples of a WAV file (RIFF, PCM), mixed to one channel and brought to [`RATE`].
fn samples(wav: &[u8]) -> Result<Vec<i16>, &'static str> {
    if wav.get(..4) != Some(b"RIFF") || wav.get(8..12) != Some(b"WAVE") {
        return Err("this is not a WAV file");
    }
    let format = chunk(wav, b"fmt ").ok_or("there is no format in it")?;
    let word = |at: usize| format.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let (kind, channels, bits) = (word(0), word(2).unwrap_or(0), word(14));
    let rate = format.get(4..8).map_or(0, |four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    if kind != Some(1)
        || bits != Some(16)
        || !(1..=2).contains(&channels)
        || !(RATE..=192_000).contains(&rate)
    {
        return Err("it has to be 16-bit PCM, one or two channels, 8000 Hz or more");
    }
    let data = chunk(wav, b"data").ok_or("there is no sound in it")?;
    let mono: Vec<i32> = data
        .chunks_exact(2 * usize::from(channels))
        .map(|frame| {
            let sum: i32 = frame.chunks_exact(2).map(|s| i32::from(i16::from_le_bytes([s[0], s[1]]))).sum();
            sum / i32::from(channels)
        })
        .collect();
    let slower = slower(&mono, rate);
    if slower.is_empty() { Err("there is no sound in it") } else { Ok(slower) }
}

/// Averages what falls into one sample: enough of a filter for music through a telephone.
fn slower(samples: &[i32], rate: u32) -> Vec<i16> {
    let step = f64::from(rate) / f64::from(RATE);
    let count = ((samples.len() as f64 / step) as usize).min(LONGEST * RATE as usize);
    let average = |index: usize| {
        let from = (index as f64 * step) as usize;
        let to = (((index + 1) as f64 * step) as usize).clamp(from + 1, samples.len().max(from + 1));
        let window = samples.get(from..to).unwrap_or_default();
        let sum: i64 = window.iter().map(|sample| i64::from(*sample)).sum();
        i16::try_from(sum / (window.len().max(1) as i64)).unwrap_or_default()
    };
    (0..count).map(average).collect()
}

fn chunk<'a>(wav: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at = 12;
    loop {
        let head = wav.get(at..at + 8)?;
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let end = (at + 8).saturating_add(length).min(wav.len());
        if head.get(..4) == Some(name) {
            return wav.get(at + 8..end);
        }
        at = end + length % 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(rate: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0".to_vec();
        file.extend(channels.to_le_bytes());
        file.extend(rate.to_le_bytes());
        file.extend((rate * u32::from(channels) * 2).to_le_bytes());
        file.extend((channels * 2).to_le_bytes());
        file.extend(16_u16.to_le_bytes());
        file.extend(b"LIST\x03\0\0\0abc\0data");
        file.extend((samples.len() as u32 * 2).to_le_bytes());
        file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        file
    }

    #[test]
    fn two_channels_at_a_higher_rate_become_one_at_8000() {
        let stereo = [100, 300].repeat(16_000);
        assert_eq!(samples(&wav(16_000, 2, &stereo)).expect("music"), vec![200; 8000]);
        assert_eq!(samples(&wav(44_100, 1, &[7; 44_100])).expect("music").len(), 8000);
        assert_eq!(samples(&wav(8000, 1, &[1, 2, 3])).expect("music"), [1, 2, 3]);
    }

    #[test]
    fn what_is_no_music_is_refused_with_a_reason() {
        assert!(samples(b"ID3").is_err());
        assert!(samples(&wav(4000, 1, &[1])).is_err());
        assert!(samples(&wav(8000, 1, &[])).is_err());
    }
}
