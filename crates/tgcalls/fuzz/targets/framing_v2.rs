//! The far side has the key and sends what it likes: nothing panics, no message comes twice, and work and memory are bounded.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::time::{Duration, Instant};
use tgcalls::framing::{MAX_UNPACKED, V2};
use tgcalls::key::{CallKey, Role};
use tgcalls::packet::{MAX_PACKET, seal};

#[derive(Debug, Arbitrary)]
enum Step {
    /// A plaintext of the far side's making.
    Plaintext(Vec<u8>),
    /// Messages with these seq words.
    Messages(Vec<(u32, Vec<u8>)>),
    /// A packet that was never sealed.
    Packet(Vec<u8>),
    /// An acknowledgement.
    Ack(u32, u32),
    Send(Vec<u8>),
    /// Milliseconds.
    Wait(u16),
}

fuzz_target!(|steps: Vec<Step>| {
    let key = CallKey::new(std::array::from_fn(|at| at as u8));
    let mut now = Instant::now();
    let mut framing = V2::new(key.clone(), Role::Caller);
    for step in steps {
        let packet = match step {
            Step::Plaintext(bytes) => seal(&key, Role::Callee, &bytes),
            Step::Messages(messages) => seal(&key, Role::Callee, &framed(&messages)),
            Step::Packet(bytes) => bytes,
            Step::Ack(carrier, seq) => {
                let mut plaintext = carrier.to_be_bytes().to_vec();
                plaintext.push(0xfe);
                plaintext.extend(seq.to_be_bytes());
                plaintext.push(0xff);
                seal(&key, Role::Callee, &plaintext)
            }
            Step::Send(message) => {
                let _ = framing.send(&message, now);
                Vec::new()
            }
            Step::Wait(milliseconds) => {
                now += Duration::from_millis(milliseconds.into());
                framing.handle_timeout(now);
                assert!(framing.poll_timeout().is_none_or(|at| at > now), "what was due is done");
                Vec::new()
            }
        };
        let (messages, _) = framing.receive(&packet, now);
        assert!(messages.iter().map(Vec::len).sum::<usize>() <= MAX_UNPACKED + MAX_PACKET);
        while let Some(packet) = framing.poll_transmit() {
            assert!(packet.len() <= 2 * MAX_PACKET);
        }
    }
});

fn framed(messages: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut plaintext = Vec::new();
    for (seq, message) in messages {
        plaintext.extend(seq.to_be_bytes());
        plaintext.push(0x7f);
        plaintext.extend(u32::try_from(message.len()).unwrap_or(u32::MAX).to_be_bytes());
        plaintext.extend(message);
    }
    plaintext
}
