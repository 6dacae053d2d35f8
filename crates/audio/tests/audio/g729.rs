//! G.729, where this build has it.

#[cfg(feature = "g729")]
use crate::support::long_speech;
use audio::codec::{Codec, CodecError, Decoder, Encoder, EncoderOptions};

#[test]
fn g729_cannot_be_opened_in_a_build_without_it() {
    let opened = Encoder::new(Codec::G729, &EncoderOptions::at(8000));
    if Codec::G729.is_available() {
        assert!(opened.is_ok() && Decoder::new(Codec::G729, 8000).is_ok());
    } else {
        assert_eq!(opened.err(), Some(CodecError::Unavailable("G729")));
        assert_eq!(Decoder::new(Codec::G729, 8000).err(), Some(CodecError::Unavailable("G729")));
    }
}

#[test]
#[cfg(feature = "g729")]
fn g729_keeps_the_loudness_of_a_voice() {
    let pcm = long_speech(8000);
    let mut encoder = Encoder::new(Codec::G729, &EncoderOptions::at(8000)).unwrap();
    let mut decoder = Decoder::new(Codec::G729, 8000).unwrap();
    let (mut payload, mut out) = ([0; 20], [0; 160]);
    let mut heard = Vec::new();
    for (i, piece) in pcm.chunks_exact(160).enumerate() {
        assert_eq!(encoder.encode(piece, &mut payload), Ok(20));
        assert_eq!(Codec::G729.ticks(&payload), Some(160));
        if i % 50 == 49 {
            decoder.conceal(&mut out);
        } else {
            assert_eq!(decoder.decode(&payload, &mut out), Ok(160));
        }
        heard.extend_from_slice(&out);
    }
    let loud = |pcm: &[i16]| pcm.chunks(1600).map(audio::level::dbov).collect::<Vec<_>>();
    let off: Vec<f32> = loud(&pcm)
        .iter()
        .zip(loud(&heard))
        .filter(|(a, _)| **a > -35.0)
        .map(|(a, b)| (a - b).abs())
        .collect();
    let average = off.iter().sum::<f32>() / off.len() as f32;
    assert!(average < 2.0, "{average} dB off");
}

#[test]
#[cfg(feature = "g729")]
fn comfort_noise_of_annex_b_is_understood() {
    let options = EncoderOptions { dtx: true, ..EncoderOptions::at(8000) };
    let mut encoder = Encoder::new(Codec::G729, &options).unwrap();
    let mut decoder = Decoder::new(Codec::G729, 8000).unwrap();
    let (mut payload, mut out) = ([0; 20], [0; 160]);
    let mut lengths = Vec::new();
    for piece in [0; 80 * 200].chunks_exact(80) {
        let length = encoder.encode(piece, &mut payload).unwrap();
        if length > 0 {
            decoder.decode(&payload[..length], &mut out).unwrap();
        }
        lengths.push(length);
    }
    assert!(lengths.contains(&0) && lengths.contains(&2), "{lengths:?}");
}
