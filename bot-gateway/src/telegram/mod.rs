//! Telegram itself: the only module that speaks HTTP to it, and the only one that names teloxide.
//!
//! teloxide gives the types of the Bot API. Its transport is not used: it sleeps ten seconds on any server error, and its
//! polling forgets updates in a crash (reference telegram-bot 1.2).
//!
//! | module | what it holds |
//! |---|---|
//! | `client` | calls of the Bot API |
//! | `error_class` | what an error of the Bot API means |
//! | `convert` | updates as plain data |
//! | `vcard` | phone numbers of a contact card |
//! | `draw` | plain data as requests |
//! | `form` | requests with a file |
//! | `setup` | what is told to Telegram at start |

mod client;
mod convert;
mod draw;
mod error_class;
mod form;
mod setup;
mod vcard;

pub use client::{Api, Client};
pub use setup::{Me, Menu, MenuCommand};

pub(crate) use client::{CallError, MAX_TEXT_FILE};
pub(crate) use convert::{FileRef, Read, read};
pub(crate) use draw::{Request, SoundAs, request, send, send_sound};
pub(crate) use error_class::ErrorClass;
pub(crate) use setup::ALLOWED_UPDATES;
