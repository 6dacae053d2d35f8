//! Headless phones: one for each person of the emulated Telegram, for scripts.
//!
//! A phone speaks the protocol of docs/phone.md as a browser does: `wire` is the WebSocket, `peer` the sound over WebRTC,
//! `state` what the gateway said, `act` what a script may ask for, `voice` and `ear` what is said and heard.
//! `api` is the HTTP side that docs/emulator.md describes.

mod act;
mod api;
mod ear;
mod handset;
mod peer;
mod state;
mod voice;
mod wire;

pub use api::router;
