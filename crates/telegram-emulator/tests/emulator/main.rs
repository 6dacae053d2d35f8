//! The emulated Telegram from outside: as a bot and as people, over HTTP.
#![expect(
    clippy::unwrap_used,
    reason = "clippy allows it in test functions, and their helpers are tests too"
)]

mod account;
mod account_chats;
mod calls;
mod clients;
mod device;
mod hostile;
mod inline;
mod keyboards;
mod logins;
mod messages;
mod mini_apps;
mod oracle;
mod persistence;
mod polling;
mod presses;
mod properties;
mod reflector;
mod service_account;
mod stage;
mod trouble;
mod webhooks;
