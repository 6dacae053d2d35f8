//! What people do, and what the bot does about it: on a real log in a real database, with everything but Telegram.
//!
//! Every update is handled twice, the second time as delivered again: it must say the same and record nothing more. See
//! `stage`.

mod calls;
mod gateway;
mod handover;
mod lists;
mod menus;
mod once;
mod pickers;
mod postgres;
mod recordings;
mod secrets;
mod service_chat;
mod shares;
mod stage;
mod take_away;
