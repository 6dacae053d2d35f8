//! The Telegram bot: updates in, commands to the log; rows of read models in, screens out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`run`] | ties everything together |
//! | [`telegram`] | Telegram itself; the only module that names teloxide |
//! | `intake` | updates in, stored before they are confirmed |
//! | [`outbox`] | what the bot has to say, stored, paced, said once |
//! | [`lease`] | which process lives, and which of them polls |
//! | [`rate_limit`] | how fast one person may be |
//! | [`handler`] | the seam between Telegram and the flows |
//! | [`button`] | the buttons that tell the bot something, and the codec of what they say |
//! | [`typed`] | what buttons type into a chat behind the bot's name |
//! | [`view`] | what the screens take, as plain data |
//! | [`screen`] | the screens: views in, plain data out |
//! | `text` | the sentences, in every language |
//! | [`incoming`] | what a person did in Telegram, as plain data |
//! | [`outgoing`] | what the bot says in Telegram, as plain data |

pub mod handler;
pub mod button;
pub mod incoming;
mod intake;
pub mod lease;
pub mod outbox;
pub mod outgoing;
pub mod rate_limit;
pub mod run;
pub mod screen;
pub mod telegram;
mod text;
pub mod typed;
pub mod view;

pub use run::{Parts, Updates, is_quiet, run};
