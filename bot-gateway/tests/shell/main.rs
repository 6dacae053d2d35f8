//! The Telegram side of the bot as a whole: a real process on a real database against a small Bot API server, killed at
//! any moment.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod calls;
mod crash;
mod everyday;
mod postgres;
mod process;
mod recordings;
mod secrets;
mod telegram;
mod webhook;
