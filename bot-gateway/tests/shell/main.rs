//! The Telegram side of the bot as a whole: a real process on a real database against a small Bot API server, killed at
//! any moment.

mod crash;
mod everyday;
mod postgres;
mod process;
mod secrets;
mod telegram;
mod webhook;
