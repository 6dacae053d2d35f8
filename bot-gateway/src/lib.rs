//! The Telegram bot: updates in, commands to the log; rows of read models in, screens out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`handler`] | the seam between Telegram and the flows |
//! | [`button`] | the buttons that tell the bot something, and the codec of what they say |
//! | [`typed`] | what buttons type into a chat behind the bot's name |
//! | [`view`] | what the screens take, as plain data |
//! | [`screen`] | the screens: views in, plain data out |
//! | [`incoming`] | what a person did in Telegram, as plain data |
//! | [`outgoing`] | what the bot says in Telegram, as plain data |

pub mod handler;
pub mod button;
pub mod incoming;
pub mod outgoing;
pub mod screen;
pub mod typed;
pub mod view;
