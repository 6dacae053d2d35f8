//! The Telegram bot: updates in, commands to the log; rows of read models in, screens out.
//!
//! | module | what it holds |
//! |---|---|
//! | [`mod@run`] | ties everything together |
//! | [`telegram`] | Telegram itself; the only module that names teloxide |
//! | `intake` | updates in, stored before they are confirmed |
//! | [`outbox`] | what the bot has to say, stored, paced, said once |
//! | [`lease`] | which process lives, and which of them polls |
//! | [`rate_limit`] | how fast one person may be |
//! | [`flow`] | what the bot does about an update |
//! | [`office`] | what can be done with accounts, without a word of Telegram |
//! | [`drafts`] | what stands behind an inline result until it is sent or taken |
//! | [`conversation`] | what the bot waits for from a person |
//! | [`cards`] | the card of each call |
//! | [`dials`] | numbers that wait for the choice of a line |
//! | [`notify`] | tells people what happened |
//! | [`recordings`] | posts finished recordings |
//! | [`acquaintances`], [`tries`] | who opened the bot; how often somebody tried a password |
//! | [`handler`] | the seam between Telegram and the flows |
//! | [`button`] | the buttons that tell the bot something, and the codec of what they say |
//! | [`typed`] | what buttons type into a chat behind the bot's name |
//! | [`view`] | what the screens take, as plain data |
//! | [`screen`] | the screens: views in, plain data out |
//! | `text` | the sentences, in every language |
//! | [`incoming`] | what a person did in Telegram, as plain data |
//! | [`outgoing`] | what the bot says in Telegram, as plain data |

pub mod acquaintances;
pub mod button;
pub mod cards;
pub mod conversation;
pub mod dials;
pub mod drafts;
pub mod flow;
pub mod handler;
pub mod incoming;
mod intake;
pub mod lease;
pub mod notify;
pub mod office;
pub mod outbox;
pub mod outgoing;
pub mod rate_limit;
pub mod recordings;
pub mod run;
pub mod screen;
pub mod service_accounts;
pub mod telegram;
mod text;
pub mod tries;
pub mod typed;
pub mod view;

pub use run::{Parts, Updates, is_quiet, run};
