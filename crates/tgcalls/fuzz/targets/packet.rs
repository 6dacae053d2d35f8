//! A packet is opened only if it was sealed by the same end with the same key, and then unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tgcalls::key::{CallKey, Role};
use tgcalls::packet::{MAX_PACKET, MIN_PACKET, open, seal};

fuzz_target!(|bytes: &[u8]| {
    let key = CallKey::new(std::array::from_fn(|at| at as u8));
    assert!(open(&key, Role::Caller, bytes).is_err(), "nobody has sealed this");
    let sealed = seal(&key, Role::Callee, bytes);
    assert!(open(&key, Role::Caller, &sealed).is_err(), "the halves of the key differ");
    let opened = open(&key, Role::Callee, &sealed);
    if (MIN_PACKET..=MAX_PACKET).contains(&sealed.len()) {
        assert_eq!(opened.as_deref(), Ok(bytes));
    } else {
        assert!(opened.is_err());
    }
});
