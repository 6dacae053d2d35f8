//! `tandem doctor`: what is right, and what to do about what is not.

use super::print;
use crate::calls;
use crate::config::Config;
use crate::platform::{self, keyring};
use anyhow::{Result, bail};
use bot_gateway::telegram::{Api, Client};
use chrono::{DateTime, Utc};
use event_store::open::{Backend, Opened};
use event_store::runner::{parked, status};
use event_store::sql::{Database, Statement, Type};
use std::path::Path;
use std::time::Duration;

/// How far the machine's clock may be from Telegram's.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(5);

/// How long a transaction may hold read models back before somebody should look.
const HORIZON_TOLERANCE: Duration = Duration::from_secs(5);

/// What was found.
#[derive(Default)]
struct Findings {
    wrong: u32,
}

impl Findings {
    fn good(&self, what: impl std::fmt::Display) {
        print(format_args!("  ok    {what}"));
    }

    fn note(&self, what: impl std::fmt::Display) {
        print(format_args!("  note  {what}"));
    }

    fn bad(&mut self, what: impl std::fmt::Display, next: &str) {
        self.wrong += 1;
        print(format_args!("  WRONG {what}\n        {next}"));
    }
}

/// Looks at everything and says what to do.
///
/// # Errors
///
/// Something is wrong; what it is was printed.
pub(crate) async fn examine(file: Option<&Path>) -> Result<()> {
    let mut findings = Findings::default();
    print("Tandem's doctor");
    match Config::load(file) {
        Ok(config) => {
            findings.good(match file {
                Some(file) => format!("settings: {} and the environment", file.display()),
                None => "settings: the environment (no file; give one with --config)".to_owned(),
            });
            examine_with(&config, &mut findings).await;
        }
        Err(error) => findings.bad(format!("settings: {error:#}"), "docs/config.md lists every setting"),
    }
    if findings.wrong > 0 {
        bail!("{} things are wrong", findings.wrong);
    }
    print("All is well.");
    Ok(())
}

async fn examine_with(config: &Config, findings: &mut Findings) {
    examine_keys(config, findings);
    match platform::look(config).await {
        Ok((opened, database)) => {
            examine_database(&opened, &*database, findings).await;
            examine_service_accounts(config, &*database, findings).await;
        }
        Err(error) if is_missing_sqlite(config) => {
            findings.note(format!("database: not there yet; `tandem serve` makes it ({error})"));
        }
        Err(error) => findings.bad(
            format!("database: {error:#}"),
            "check `database` (TANDEM_DATABASE) and that the server runs",
        ),
    }
    examine_telegram(config, findings).await;
}

fn is_missing_sqlite(config: &Config) -> bool {
    config.database.strip_prefix("sqlite://").is_some_and(|path| !Path::new(path).exists())
}

fn examine_keys(config: &Config, findings: &mut Findings) {
    match keyring(&config.key_file) {
        Ok(keyring) => {
            let ids: Vec<&str> = keyring.ids().collect();
            findings.good(format!("keys: {} in {}", ids.join(", "), config.key_file.display()));
            if !only_ours(&config.key_file) {
                findings.bad(
                    format!("keys: others on this machine may read {}", config.key_file.display()),
                    "chmod 600 the file",
                );
            }
        }
        Err(error) => findings
            .bad(format!("keys: {error:#}"), "make them with `tandem key new`, and keep a copy elsewhere"),
    }
}

fn only_ours(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

async fn examine_database(opened: &Opened, database: &dyn Database, findings: &mut Findings) {
    match opened.log.head().await {
        Ok(head) => findings.good(format!("database: readable, the log ends at {head}")),
        Err(error) => {
            findings.bad(format!("database: the log can't be read: {error}"), "see the database's own log")
        }
    }
    examine_horizon(opened, findings).await;
    examine_followers(database, findings).await;
    examine_outbox(database, findings).await;
}

async fn examine_horizon(opened: &Opened, findings: &mut Findings) {
    let Backend::Postgres(postgres) = &opened.backend else { return };
    match postgres.horizon().await {
        Ok(horizon) if horizon.age <= HORIZON_TOLERANCE => findings.good("horizon: no transaction holds readers back"),
        Ok(horizon) => findings.bad(
            format!(
                "horizon: a transaction has been open for {} s (process {}, {}) and holds every read model back",
                horizon.age.as_secs(),
                horizon.pid.map_or_else(|| "unknown".to_owned(), |pid| pid.to_string()),
                horizon.application.as_deref().unwrap_or("nameless"),
            ),
            "end it, or give Tandem a PostgreSQL cluster of its own: other databases of the cluster count too",
        ),
        Err(error) => findings.bad(format!("horizon: {error}"), "see the database's own log"),
    }
}

async fn examine_followers(database: &dyn Database, findings: &mut Findings) {
    match status::all(database).await {
        Ok(statuses) if statuses.is_empty() => {
            findings.note("read models: none yet; `tandem serve` makes them")
        }
        Ok(statuses) => {
            for follower in statuses.iter().filter(|follower| follower.active) {
                let owner = follower.owner.as_deref().unwrap_or("nobody; is `tandem serve` running?");
                findings.note(format!("{}: at {}, kept by {owner}", follower.name, follower.position));
            }
        }
        Err(error) => findings.bad(
            format!("read models: {error}"),
            "start `tandem serve` once: it brings the database up to date",
        ),
    }
    match parked::list(database).await {
        Ok(parked) if parked.is_empty() => findings.good("parked: nothing"),
        Ok(parked) => findings.bad(format!("parked: {} events", parked.len()), "see `tandem parked list`"),
        Err(_) => (),
    }
}

async fn examine_outbox(database: &dyn Database, findings: &mut Findings) {
    let count = Statement::new("SELECT COUNT(*) FROM outbox", []);
    if let Ok(rows) = database.query(count, &[Type::Int]).await {
        let waiting = rows.first().and_then(|row| row.int(0).ok()).unwrap_or_default();
        findings.note(format!("outbox: {waiting} messages wait to be sent"));
    }
}

/// Whether people can be rung in Telegram itself.
async fn examine_service_accounts(config: &Config, database: &dyn Database, findings: &mut Findings) {
    match calls::telegram(config) {
        Ok(None) => findings.note("Telegram calls: off, people talk with the web phone (`telegram_api_id`)"),
        Ok(Some(_)) => {
            // A database without the table is one that `tandem serve` has still to bring up to date.
            let states = Statement::new("SELECT state FROM telegram_accounts", []);
            let states = database.query(states, &[Type::Text]).await.unwrap_or_default();
            let ready = states.iter().filter(|row| row.text(0).is_ok_and(|state| state == "ready")).count();
            match (ready, states.len() - ready) {
                (0, 0) => {
                    findings
                        .note("Telegram calls: no service account yet; `tandem telegram login` signs one in");
                }
                (ready, 0) => findings.good(format!("Telegram calls: service accounts signed in: {ready}")),
                (_, out) => findings.bad(
                    format!("Telegram calls: service accounts that Telegram has signed out: {out}"),
                    "`tandem telegram accounts` shows which; sign in again with `tandem telegram login`",
                ),
            }
        }
        Err(error) => {
            findings.bad(format!("Telegram calls: {error:#}"), "both are on https://my.telegram.org")
        }
    }
}

async fn examine_telegram(config: &Config, findings: &mut Findings) {
    let token = match config.token() {
        Ok(token) => token,
        Err(error) => return findings.bad(format!("token: {error:#}"), "@BotFather gives one: /newbot"),
    };
    let client = Client::new(Api { url: config.bot_api_url.clone(), token });
    let me = match client {
        Ok(client) => client.me().await,
        Err(error) => Err(error),
    };
    match me {
        Ok(me) => {
            findings.good(format!("token: it is the token of @{}", me.username));
            if !me.inline {
                findings.bad(
                    "token: inline mode is off, so nothing can be shared",
                    "@BotFather: /setinline, choose the bot",
                );
            }
        }
        Err(error) => {
            let chain = anyhow::Error::new(error);
            findings.bad(format!("token: {chain:#}"), "check the token, `bot_api_url` and the way to it");
        }
    }
    examine_clock(config, findings).await;
}

async fn examine_clock(config: &Config, findings: &mut Findings) {
    match skew(&config.bot_api_url).await {
        Some(skew) if skew <= CLOCK_TOLERANCE => findings.good("clock: as Telegram's"),
        Some(skew) => findings.bad(
            format!("clock: {} s away from the Bot API server's", skew.as_secs()),
            "set the machine's clock, for example with `timedatectl set-ntp true`",
        ),
        None => findings.note("clock: the Bot API server does not tell its time"),
    }
}

/// How far this machine's clock is from the server's, by the `Date` of its answer (RFC 9110, 6.6.1).
async fn skew(url: &str) -> Option<Duration> {
    let response = reqwest::Client::new().get(url).timeout(Duration::from_secs(10)).send().await.ok()?;
    let date = response.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let theirs: DateTime<Utc> = DateTime::parse_from_rfc2822(date).ok()?.to_utc();
    (crate::clock::machine_now() - theirs).abs().to_std().ok()
}
