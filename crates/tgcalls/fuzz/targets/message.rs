//! Messages are read without a panic, and what is written reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tgcalls::message::Message;

fuzz_target!(|text: &[u8]| {
    if let Ok(message) = Message::parse(text) {
        assert_eq!(Message::parse(&message.to_bytes()).ok(), Some(message));
    }
});
