//! The platform's service account, signed in at the emulated Telegram in the steps that `tandem telegram login` takes an
//! operator through.

use crate::person::Person;
use crate::tandem::Settings;
use anyhow::{Context as _, Result, bail};
use event_store::clock::ManualClock;
use event_store::open::{OpenOptions, open};
use event_store::vault::{Keyring, Vault};
use media_gateway::telegram;
use media_gateway::telegram::login::{Login, Step};
use media_gateway::telegram::store::Store;
use secrecy::SecretString;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use telegram_emulator::{MtprotoKey, SERVICE_ACCOUNT};
use tokio_util::task::TaskTracker;

/// The name that people of the emulated Telegram know it by.
pub const USERNAME: &str = "tandem_calls";

/// Its telephone number there.
pub const PHONE: &str = "+888 0000 99";

/// The operator's application at the emulated Telegram, which takes any.
const API_ID: i32 = 1;
const API_HASH: &str = "emulated-not-a-secret";

/// Whoever has the account's own app.
#[must_use]
pub fn person(telegram: &str) -> Person {
    Person::new(SERVICE_ACCOUNT, USERNAME, telegram)
}

/// What a `tandem` process is told of it.
fn environment(place: &Path) -> [(String, String); 3] {
    [
        ("TANDEM_TELEGRAM_API_ID".to_owned(), API_ID.to_string()),
        ("TANDEM_TELEGRAM_API_HASH".to_owned(), API_HASH.to_owned()),
        ("TANDEM_TELEGRAM_TEST_SERVER".to_owned(), place.display().to_string()),
    ]
}

/// Writes down where the emulated Telegram takes MTProto clients: a key of its own for each installation, and one that was
/// written down before stays. Says whether it was.
///
/// # Errors
///
/// That Telegram has no such door, or the file can't be written.
async fn find_place(telegram: &str, place: &Path) -> Result<bool> {
    let client = reqwest::Client::new();
    let known = known(place);
    let asked = match &known {
        Some(_) => client.get(format!("{telegram}/sim/mtproto")),
        None => client.post(format!("{telegram}/sim/mtproto/keys")),
    };
    let mut found: Value = asked.send().await?.error_for_status()?.json().await?;
    if let Some(known) = &known {
        found["auth_key"] = known["auth_key"].clone();
    }
    std::fs::write(place, found.to_string()).with_context(|| format!("write {}", place.display()))?;
    Ok(known.is_some())
}

/// The key that was written down before, with which the service account is signed in.
#[must_use]
pub fn key(place: &Path) -> Option<MtprotoKey> {
    let known = known(place)?;
    let digits = known["auth_key"].as_str()?;
    let byte = |at| digits.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok());
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map_while(byte).collect();
    Some(MtprotoKey { key: bytes.try_into().ok()?, user: Some(SERVICE_ACCOUNT) })
}

fn known(place: &Path) -> Option<Value> {
    serde_json::from_str(&std::fs::read_to_string(place).ok()?).ok()
}

/// Signs it in, unless it is signed in already, and tells the processes of it. `place` is the file that says where the
/// emulated Telegram is; it is written here. No `tandem` process may have an SQLite database open meanwhile.
///
/// # Errors
///
/// The database, the keys or the emulated Telegram can't be used.
pub async fn sign_in(settings: &mut Settings, place: &Path) -> Result<()> {
    let is_known = find_place(&settings.telegram, place).await?;
    let keys = std::fs::read_to_string(&settings.key_file).context("read the operator's keys")?;
    let keyring = Keyring::parse(&keys).context("understand the operator's keys")?;
    let opened = open(&settings.database, OpenOptions::default()).await.context("open the database")?;
    let database = opened.database.clone().context("the log has a database around it")?;
    let clock = Arc::new(ManualClock::at(now()));
    let vault = Arc::new(Vault::new(database.clone(), keyring, clock.clone()));
    let store = Store::new(database, vault, clock);
    let done = ensure(&store, settings, place, is_known).await;
    drop(store);
    opened.close().await;
    settings.environment.extend(environment(place));
    done
}

async fn ensure(store: &Store, settings: &Settings, place: &Path, is_known: bool) -> Result<()> {
    let accounts = store.accounts().await.context("look for service accounts")?;
    if is_known && !accounts.is_empty() {
        return Ok(());
    }
    // A Telegram that was begun anew knows none of the old sessions.
    for account in accounts {
        store.forget(account.id).await.context("forget an old service account")?;
    }
    by_code(&settings.telegram, place, store).await
}

async fn by_code(telegram: &str, place: &Path, store: &Store) -> Result<()> {
    let settings = telegram::Settings {
        api_id: API_ID,
        api_hash: SecretString::from(API_HASH),
        test_server: Some(place.to_owned()),
        calls_per_account: 1,
    };
    let tasks = TaskTracker::new();
    let mut login = Login::begin(&settings, &tasks).await.context("reach the emulated Telegram")?;
    login.send_code(&SecretString::from(PHONE)).await.context("ask for a code")?;
    let seen = reqwest::get(format!("{telegram}/sim/users/{SERVICE_ACCOUNT}/telegram")).await?;
    let seen: Value = seen.error_for_status()?.json().await?;
    let code = seen["login_code"].as_str().context("the emulated Telegram has sent a code")?;
    let Step::Done(who) = login.enter_code(&SecretString::from(code)).await.context("enter the code")? else {
        bail!("the emulated service account has no two-step password")
    };
    login.keep(store, &who).await.context("keep the session")?;
    drop(login);
    tasks.close();
    tasks.wait().await;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a service account is signed in now, by a person's clock")]
fn now() -> chrono::DateTime<chrono::Utc> {
    chrono::Utc::now()
}
