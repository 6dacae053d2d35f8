//! Challenges and answers are read without a panic, and what is printed reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sip::digest::{Authorization, Challenge};

fuzz_target!(|text: &str| {
    // Control characters are left out when a value is printed, so that no value can begin a header of its own.
    if text.contains(char::is_control) {
        let _ = (text.parse::<Challenge>(), text.parse::<Authorization>());
        return;
    }
    if let Ok(challenge) = text.parse::<Challenge>() {
        assert_eq!(challenge.to_string().parse(), Ok(challenge));
    }
    if let Ok(answer) = text.parse::<Authorization>() {
        assert_eq!(answer.to_string().parse(), Ok(answer));
    }
});
