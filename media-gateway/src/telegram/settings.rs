//! What an operator sets for service accounts.

use secrecy::SecretString;
use std::path::PathBuf;

/// The settings of service accounts. Without them there are none.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `api_id` of the operator's application, from <https://my.telegram.org>.
    pub api_id: i32,
    /// Its `api_hash`.
    pub api_hash: SecretString,
    /// In tests: a JSON file that says where the emulated Telegram is, as its `GET /sim/mtproto` answers.
    pub test_server: Option<PathBuf>,
    /// Calls that one service account may have at a time; past it others are tried, and then a person can't be rung.
    pub calls_per_account: usize,
}
