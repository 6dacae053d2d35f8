//! `tandem telegram`: the service accounts, which call people in Telegram.

mod accounts;
mod login;
mod prompt;

use crate::config::Config;
use crate::platform::Platform;
use crate::{calls, command::print};
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use media_gateway::telegram::Settings;
use media_gateway::telegram::store::Store;
use tokio_util::task::TaskTracker;

/// What to do with service accounts.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Signs a service account in.
    ///
    /// A service account is an ordinary Telegram user of yours, best one that nobody uses for anything else: people's phones
    /// ring with its name. Its app has to be on a phone once, to register it.
    ///
    /// You need an application of your own: sign in at my.telegram.org, create one under "API development tools",
    /// and put both values into the settings `telegram_api_id` and `telegram_api_hash`.
    ///
    /// You are asked for the account's phone number, for the code that Telegram sends it, and for its two-step password,
    /// where it has one. They are typed here and nowhere else, and are not kept; what is kept is the session, sealed with
    /// your key file. With --qr, scan the code with the account's app instead: Settings, Devices, Link Desktop Device.
    ///
    /// Sign in as many accounts as you like: people are spread over them, and each person is always called by the same one.
    /// Do it while `tandem serve` runs, which connects a new account within seconds, or before.
    #[command(verbatim_doc_comment)]
    Login(LoginOptions),
    /// Lists the service accounts, and how they stand.
    Accounts,
    /// Applies the recommended settings to an account that is signed in. Telegram lets some of them be changed only 24 hours
    /// after the login.
    Recommended(AccountOption),
    /// Ends a service account's session at Telegram and forgets whom it has met.
    Logout(LogoutOptions),
}

/// How to sign in.
#[derive(Args)]
pub(crate) struct LoginOptions {
    /// Sign in by scanning a code with the account's app, in place of a code that Telegram sends.
    #[arg(long)]
    qr: bool,
    /// Then apply the recommended settings: other devices of the account don't ring, everybody may call it, sound goes
    /// directly where it can, nobody adds it to groups. Without this you are asked.
    #[arg(long)]
    recommended: bool,
}

/// Which account.
#[derive(Args)]
pub(crate) struct AccountOption {
    /// Its number, as `tandem telegram accounts` shows it.
    account: i64,
}

/// Which account to end.
#[derive(Args)]
pub(crate) struct LogoutOptions {
    /// Its number, as `tandem telegram accounts` shows it.
    account: i64,
    /// Forget it here even if Telegram can't be reached. Then end the session in the account's own app: Settings, Devices.
    #[arg(long)]
    forget: bool,
}

/// Does it.
///
/// # Errors
///
/// The settings are not there, the database can't be used, or Telegram refuses; the error says what to do.
pub(crate) async fn run(config: &Config, task: Task) -> Result<()> {
    match task {
        Task::Login(options) => {
            let (settings, store) = open(config).await?;
            within(async |tasks| login::login(&settings, &store, &options, tasks).await).await
        }
        Task::Accounts => accounts::list(config).await,
        Task::Recommended(option) => {
            let (settings, store) = open(config).await?;
            within(async |tasks| accounts::recommend(&settings, &store, &option, tasks).await).await
        }
        Task::Logout(options) => {
            let (settings, store) = open(config).await?;
            within(async |tasks| accounts::log_out(&settings, &store, &options, tasks).await).await
        }
    }
}

async fn open(config: &Config) -> Result<(Settings, Store)> {
    let settings = calls::telegram(config)?.context(
        "set `telegram_api_id` and `telegram_api_hash` first: sign in at my.telegram.org and create an \
         application under \"API development tools\"",
    )?;
    let platform = Platform::open_tables(config).await?;
    let store = Store::new(platform.database.clone(), platform.vault.clone(), platform.clock.clone());
    Ok((settings, store))
}

/// Runs something whose tasks end with it.
async fn within<T>(work: impl AsyncFnOnce(&TaskTracker) -> Result<T>) -> Result<T> {
    let tasks = TaskTracker::new();
    let done = work(&tasks).await;
    tasks.close();
    tasks.wait().await;
    done
}
