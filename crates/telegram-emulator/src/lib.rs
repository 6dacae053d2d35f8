#![doc = include_str!("../README.md")]

mod api;
mod apps;
mod calls;
mod config;
mod dh;
mod error;
mod fault;
mod limits;
mod mtproto;
mod persist;
mod record;
mod reflector;
mod server;
mod sim;
mod telegram;
mod text;
mod web;
mod webhook;
mod world;

pub use config::{BotConfig, Config, ConfigError, DEMO_TOKEN, Mtproto, MtprotoKey, SERVICE_ACCOUNT};
pub use error::ApiError;
pub use server::{Emulator, Running, StartError};
pub use world::{Settings, chat::ActError, person_acts::NewPerson};
