//! Phones that speak the protocol of `docs/phone.md`: web phones, emulated ones, and programs.

mod assets;
pub mod frames;
pub mod init_data;
mod server;
mod socket;
pub mod words;

pub use server::{Door, serve};

use crate::call::ids::PhoneId;
use domain::ids::UserId;
use domain::person::Language;
use frames::{ClientFrame, ServerFrame};
use tokio::sync::mpsc;

/// What the sockets tell whoever sees to calls.
#[derive(Debug)]
pub enum PhoneEvent {
    /// Somebody was let in.
    Opened(PhoneLink),
    /// A phone said something.
    Said {
        /// Which.
        phone: PhoneId,
        /// What.
        frame: ClientFrame,
    },
    /// A phone is gone.
    Closed {
        /// Which.
        phone: PhoneId,
    },
}

/// A phone that was let in.
#[derive(Debug, Clone)]
pub struct PhoneLink {
    /// Its name.
    pub phone: PhoneId,
    /// Whose it is.
    pub user: UserId,
    /// Their first name.
    pub name: String,
    /// Which language it wants.
    pub language: Language,
    /// What is to be written to it. One that does not read for long is let go.
    pub frames: mpsc::Sender<ServerFrame>,
}
