//! `tandem telegram accounts`, `recommended` and `logout`.

use super::login::tell_applied;
use super::{AccountOption, LogoutOptions, print};
use crate::config::Config;
use crate::platform;
use anyhow::{Context as _, Result};
use event_store::vault::Vault;
use media_gateway::telegram::Settings;
use media_gateway::telegram::login;
use media_gateway::telegram::store::{Account, AccountId, State, Store};
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// Lists them. Runs beside `tandem serve`, also on SQLite.
///
/// # Errors
///
/// The database or the key file can't be read.
pub(super) async fn list(config: &Config) -> Result<()> {
    let keyring = platform::keyring(&config.key_file)?;
    let (_opened, database) = platform::look(config).await?;
    let clock = Arc::new(crate::clock::MachineClock::default());
    let vault = Arc::new(Vault::new(database.clone(), keyring, clock.clone()));
    let store = Store::new(database, vault, clock);
    let accounts = store.accounts().await?;
    if accounts.is_empty() {
        print("there are no service accounts: `tandem telegram login` signs one in");
    }
    for account in accounts {
        let phone = store.phone(account.id).await?;
        let phone = phone.map_or_else(String::new, |phone| shortened(phone.expose_secret()));
        let acquaintances = store.count_acquaintances(account.id).await?;
        print(line(&account, &phone, acquaintances));
    }
    Ok(())
}

/// Ends one.
///
/// # Errors
///
/// There is no such account, or Telegram can't be reached.
pub(super) async fn log_out(
    settings: &Settings,
    store: &Store,
    options: &LogoutOptions,
    tasks: &TaskTracker,
) -> Result<()> {
    let account = known(store, options.account).await?;
    // `tandem serve` is told first: it need not wonder why Telegram lets the account go.
    let stood = account.state;
    let account = account.id;
    store.mark(account, State::SignedOut).await?;
    match login::sign_out(settings, store, account, tasks).await {
        Ok(()) => print("the session is ended"),
        Err(error) if options.forget => print(format_args!(
            "the session is not ended ({error}): end it in the account's own app, under Settings, Devices"
        )),
        Err(error) => {
            store.mark(account, stood).await?;
            return Err(error)
                .context("end the session at Telegram; `--forget` forgets the account here all the same");
        }
    }
    store.forget(account).await?;
    print(format_args!("service account {account} is forgotten"));
    Ok(())
}

/// Applies the recommended settings.
///
/// # Errors
///
/// There is no such account, or its session can't be read.
pub(super) async fn recommend(
    settings: &Settings,
    store: &Store,
    option: &AccountOption,
    tasks: &TaskTracker,
) -> Result<()> {
    let account = known(store, option.account).await?;
    tell_applied(&login::recommend(settings, store, account.id, tasks).await?);
    Ok(())
}

async fn known(store: &Store, account: i64) -> Result<Account> {
    let found = store.accounts().await?.into_iter().find(|it| it.id == AccountId(account));
    found.with_context(|| {
        format!("there is no service account {account}: `tandem telegram accounts` lists them")
    })
}

fn line(account: &Account, phone: &str, acquaintances: u64) -> String {
    let name = account.username.as_ref().map_or_else(|| "no user name".to_owned(), |name| format!("@{name}"));
    let state = match account.state {
        State::Ready => "signed in",
        State::SignedOut => "signed out by Telegram: sign in again with `tandem telegram login`",
    };
    let since = account.created.format("%Y-%m-%d");
    format!("{:>3}  {name}  {phone}  people met: {acquaintances}  since {since}  {state}", account.id)
}

/// A number as it may be shown: its beginning and its end.
fn shortened(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    match digits[..] {
        [a, b, c, .., y, z] => format!("+{a}{b}{c}…{y}{z}"),
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_in_part() {
        assert_eq!(shortened("+44 7700 900123"), "+447…23");
        assert_eq!(shortened("+123"), "…");
    }
}
