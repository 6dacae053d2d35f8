//! The Telegram bot: updates in, commands to the log; rows of read models in, screens out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`handler`] | the seam between Telegram and the flows |
//! | [`incoming`] | what a person did in Telegram, as plain data |
//! | [`outgoing`] | what the bot says in Telegram, as plain data |

pub mod handler;
pub mod incoming;
pub mod outgoing;
