//! The platform in a box: an emulated Telegram and the real `tandem` binary, for the scenarios and for the demo.
//!
//! The bot under test is the shipped bot in a process of its own, so it can be killed at any moment.

pub mod database;
mod gadget;
pub mod person;
pub mod phone;
pub mod platform;
pub mod practice;
mod refusal;
pub mod service_account;
pub mod tandem;
pub mod telegram_app;
pub mod telephone;
pub mod terminal;

pub use person::{Person, Seen};
pub use platform::{Options, Platform};
