//! Any payload is a link or a reason why not, and a share that fits into a link comes out of it as it went in.

#![no_main]

use domain::link::{self, Link};
use domain::template::Catalogue;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

fuzz_target!(|payload: &str| {
    if let Ok(Link::Share(share)) = link::parse(payload, &CATALOGUE)
        && let Ok(again) = link::base64(&share)
    {
        assert_eq!(link::parse(&again, &CATALOGUE), Ok(Link::Share(share)), "{again}");
    }
});
