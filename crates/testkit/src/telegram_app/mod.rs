//! People's Telegram apps: they take part in calls of the emulated Telegram as real apps do, with sound made and heard by a
//! program.
//!
//! `device` is the app: a WebSocket to Telegram on one side, the `ntgcalls` library on the other. `calls` decides, `frames`
//! are Telegram's words, `library` is the Python process with the unmodified library (one for everybody). `api` is the HTTP
//! side that docs/emulator.md describes, `person` what scenarios say.

mod api;
mod calls;
mod device;
mod frames;
mod library;
mod person;

pub use api::router;
pub use library::{PYTHON, python};
pub use person::App;
