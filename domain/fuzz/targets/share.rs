//! Any line is understood, and every share printed is understood as itself.

#![no_main]

use domain::inline;
use domain::share::{self, Understood};
use domain::template::Catalogue;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

fuzz_target!(|typed: &str| {
    drop(inline::parse(typed, &CATALOGUE));
    if let Understood::Shares(shares) = share::parse(typed, &CATALOGUE) {
        assert!(!shares.is_empty() && shares.len() <= Catalogue::MAX_FOUND);
        for share in shares {
            let printed = share.typed_with_password();
            // A template's code may be longer than what was typed for it.
            if printed.chars().count() <= share::MAX_TEXT {
                assert_eq!(share::parse(&printed, &CATALOGUE), Understood::Shares(vec![share]), "{printed}");
            }
        }
    }
});
