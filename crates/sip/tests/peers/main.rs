//! Our user agent and other people's software: Kamailio, baresip, SIPp and SIPVicious, over loopback.
//!
//! They run where `TANDEM_TEST_PEERS` is set, as `cargo xtask test` does after it saw to it that each is there; a peer that
//! is missing then fails its tests. Where it is not set, the tests say so and pass.

#![cfg(test)]

mod baresip;
mod byhand;
mod child;
mod kamailio;
mod side;
mod sipp;
mod sipvicious;

/// Whether the peers are there. Says so where they are not.
fn are_wanted() -> bool {
    let wanted = std::env::var_os("TANDEM_TEST_PEERS").is_some();
    if !wanted {
        println!("TANDEM_TEST_PEERS is not set: other people's SIP software is left out");
    }
    wanted
}
