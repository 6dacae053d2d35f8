//! The platform driven from outside, through the emulated Telegram: each story on SQLite with one process and on
//! PostgreSQL with two, each with a power cut in its middle, and each with the same checks at its end.

#[macro_use]
mod world;

mod acts;
mod browser;
mod calls;
mod chat_calls;
mod faults;
mod handing;
mod lists;
mod office;
mod secrets;
mod settings;
mod taking_away;
mod telegram;
mod tools;
