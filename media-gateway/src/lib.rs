//! Calls: registrations, call sessions and media.
//!
//! | module | what it holds |
//! |---|---|
//! | [`call`] | what becomes of a person's calls: a state machine without I/O |
//! | [`gateway`] | the loop around it: SIP, sound, phones and the chat in, verbs out |
//! | [`registrations`] | what is to be registered, compared with what is |
//! | [`report`] | what the log is told, in order and with patience |
//! | [`farewells`] | what far ends are told should this process die |
//! | [`follow`] | what the log tells: calls asked for, accounts changed |
//! | [`phone`] | the WebSocket of phones, and the files of the web phone |
//! | [`media`] | the engine that carries sound |
//! | [`telegram`] | service accounts: calls between them and people |
//! | [`service_chat`] | what people write to service accounts |
//! | [`config`] | what an operator sets |
//!
//! [`run`] puts them together.

mod address;
mod agreed;
pub mod call;
pub mod config;
pub mod directory;
pub mod farewells;
pub mod follow;
pub mod gateway;
pub mod media;
mod music;
pub mod phone;
pub mod registrations;
pub mod report;
mod run;
pub mod service_chat;
pub mod telegram;

pub use config::Config;
pub use run::{Listening, Parts, RunError, run};
