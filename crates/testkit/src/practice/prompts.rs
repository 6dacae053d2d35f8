//! What the practice PBX says: spoken phrases, put together from recorded ones. crates/testkit/prompts tells how they were made.

use audio::codec::{Codec, Decoder};
use std::sync::Arc;

/// Bytes of 20 ms of G.711.
const FRAME: usize = 160;

macro_rules! clips {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {
        /// A recorded phrase.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Clip {
            $($(#[$doc])* $name,)*
            /// A number that has a recording of its own: 0 to 20, 30, 40, 50.
            Number(u8),
        }

        impl Clip {
            fn bytes(self) -> &'static [u8] {
                match self {
                    $(Self::$name => include_bytes!(concat!("../../prompts/", $file, ".al")),)*
                    Self::Number(number) => number_bytes(number),
                }
            }
        }
    };
}

clips! {
    /// "Welcome to the practice exchange."
    Welcome = "welcome";
    /// "Press one for the time. Two …"
    Menu = "menu";
    /// "It is"
    ItIs = "it-is";
    /// "o'clock"
    OClock = "oclock";
    /// "oh", before a single digit of minutes.
    Oh = "oh";
    /// "universal time."
    UniversalTime = "utc";
    /// "Press some keys, and then hash."
    Press = "press";
    /// "You pressed"
    YouPressed = "you-pressed";
    /// "key."
    Key = "key";
    /// "keys."
    Keys = "keys";
    /// "You hear yourself now. Star brings you back."
    Echo = "echo";
    /// "That key does nothing here."
    Nothing = "nothing";
    /// "Good bye."
    GoodBye = "goodbye";
    /// "I call you back in five seconds. Please hang up."
    CallBack = "call-back";
    /// "This is the call that you asked for. You hear yourself now."
    CalledBack = "called-back";
    /// "This is heard before anybody answers, and nobody will."
    Early = "early";
}

macro_rules! numbers {
    ($($number:literal),*) => {
        fn number_bytes(number: u8) -> &'static [u8] {
            match number {
                $($number => include_bytes!(concat!("../../prompts/n", $number, ".al")),)*
                // Nothing is said of what has no recording; `number` gives no such clip.
                _ => &[],
            }
        }
    };
}

numbers!(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 30, 40, 50);

/// The phrases that say a number from 0 to 59.
pub(super) fn number(number: u8) -> Vec<Clip> {
    match number {
        0..=20 => vec![Clip::Number(number)],
        _ if number.is_multiple_of(10) => vec![Clip::Number(number)],
        _ => vec![Clip::Number(number / 10 * 10), Clip::Number(number % 10)],
    }
}

/// The phrases that say a time of day.
pub(super) fn time(hour: u8, minute: u8) -> Vec<Clip> {
    let mut clips = vec![Clip::ItIs];
    clips.extend(number(hour));
    match minute {
        0 => clips.push(Clip::OClock),
        1..=9 => clips.extend([Clip::Oh, Clip::Number(minute)]),
        _ => clips.extend(number(minute)),
    }
    clips.push(Clip::UniversalTime);
    clips
}

/// One sound of several phrases: 16 bit samples at 8000 Hz.
pub(super) fn sound(clips: &[Clip]) -> Arc<[i16]> {
    let mut pcm = Vec::new();
    // G.711 has no state, and every byte of it is a sample.
    if let Ok(mut decoder) = Decoder::new(Codec::Pcma, 8000) {
        let mut frame = [0; FRAME];
        for bytes in clips.iter().flat_map(|clip| clip.bytes().chunks(FRAME)) {
            if let Ok(samples) = decoder.decode(bytes, &mut frame) {
                pcm.extend_from_slice(&frame[..samples]);
            }
        }
    }
    pcm.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_said_as_people_say_it() {
        let said = |hour, minute| time(hour, minute)[1..].to_vec();
        let end = Clip::UniversalTime;
        assert_eq!(said(14, 0), [Clip::Number(14), Clip::OClock, end]);
        assert_eq!(said(0, 5), [Clip::Number(0), Clip::Oh, Clip::Number(5), end]);
        assert_eq!(said(23, 47), [Clip::Number(20), Clip::Number(3), Clip::Number(40), Clip::Number(7), end]);
    }

    #[test]
    fn every_phrase_is_speech_of_a_sensible_length_and_loudness() {
        let mut all =
            vec![Clip::Welcome, Clip::Menu, Clip::ItIs, Clip::OClock, Clip::Oh, Clip::UniversalTime];
        all.extend([Clip::Press, Clip::YouPressed, Clip::Key, Clip::Keys, Clip::Echo, Clip::Nothing]);
        all.extend([Clip::GoodBye, Clip::CallBack, Clip::CalledBack, Clip::Early]);
        all.extend((0..=20).chain([30, 40, 50]).map(Clip::Number));
        for clip in all {
            let pcm = sound(&[clip]);
            assert!((1600..80_000).contains(&pcm.len()), "{clip:?} has {} samples", pcm.len());
            let dbov = audio::level::dbov(&pcm);
            assert!((-40.0..-10.0).contains(&dbov), "{clip:?} is at {dbov} dBov");
        }
    }
}
