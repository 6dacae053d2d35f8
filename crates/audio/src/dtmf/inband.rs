//! Digits as tones within the sound: two sines, one for the row of the key, one for its column (ITU-T Q.23).

mod detector;
mod generator;

pub use detector::Detector;
pub use generator::Generator;

use super::Digit;

/// Hz of the rows: 1 2 3 A, 4 5 6 B, 7 8 9 C, * 0 # D.
pub const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// Hz of the columns.
pub const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// The tones of a key, low and high, in Hz.
#[must_use]
pub fn tones(digit: Digit) -> (f32, f32) {
    for (row, keys) in KEYS.iter().enumerate() {
        if let Some(column) = keys.iter().position(|&key| key == digit.as_char()) {
            return (ROWS[row], COLUMNS[column]);
        }
    }
    // Every digit is among the keys.
    (ROWS[0], COLUMNS[0])
}
