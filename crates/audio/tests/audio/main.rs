//! The crate beside other people's programs: sox, espeak-ng, opus-tools, libgsm (in sox) and spandsp.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

mod codecs;
mod g729;
mod keypad;
mod network;
mod recordings;
mod support;
