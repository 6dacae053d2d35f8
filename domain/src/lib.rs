#![doc = include_str!("../README.md")]

pub mod bulk;
pub mod call;
pub mod decider;
pub mod dial_rules;
pub mod event;
pub mod ids;
pub mod inline;
pub mod link;
pub mod loan_end;
pub mod log;
pub mod password;
pub mod person;
pub mod process;
pub mod scenario;
pub mod sealed;
pub mod settings;
pub mod share;
pub mod sip_account;
pub mod template;

#[cfg(test)]
mod blessed;

pub use event::Event;
