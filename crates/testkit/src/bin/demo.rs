//! The demo: an emulated Telegram with three people in the browser, and the real platform behind it.

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use serde_json::json;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use telegram_emulator::{Config, DEMO_TOKEN, Emulator, Mtproto, Running};
use testkit::practice::{ACCOUNTS, Practice};
use testkit::tandem::{self, Calls, Settings, Tandem};
use testkit::{phone, service_account, telegram_app};

/// Runs Tandem with an emulated Telegram: no token, no provider, nothing leaves this machine.
#[derive(Parser)]
struct Options {
    /// Do not open a browser; print one line of JSON when everything answers.
    #[arg(long)]
    headless: bool,
    /// Where the chat page listens on 127.0.0.1; 0 takes a free port.
    #[arg(long, default_value_t = 8420)]
    port: u16,
    /// Where phones connect on 127.0.0.1; 0 takes a free port.
    #[arg(long, default_value_t = 8421)]
    phone_port: u16,
    /// Where the practice PBX listens on 127.0.0.1; 0 takes a free port.
    #[arg(long, default_value_t = 5070)]
    sip_port: u16,
    /// Where the demo keeps its data.
    #[arg(long, default_value = ".tandem/demo")]
    data: PathBuf,
    /// Forget everything first. Of a PostgreSQL database only the emulated Telegram is forgotten.
    #[arg(long)]
    fresh: bool,
    /// A Python with the ntgcalls library, now or soon: with it people's phones can be switched to Telegram calls.
    #[arg(long, value_name = "PYTHON", env = telegram_app::PYTHON)]
    ntgcalls: Option<PathBuf>,
    /// Use this PostgreSQL in place of the embedded SQLite.
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
}

/// A process that ends this often in a row, each time within [`STEADY`], has something that a restart does not mend.
const TRIES: u32 = 5;

/// How long a process has to run so that its end counts as a new accident.
const STEADY: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    tracing_subscriber::fmt().with_env_filter("warn").with_writer(std::io::stderr).init();
    if options.fresh {
        forget(&options.data)?;
    }
    std::fs::create_dir_all(&options.data).with_context(|| format!("create {}", options.data.display()))?;
    let data = options.data.canonicalize().context("find the data folder")?;

    let practice = Practice::start(SocketAddr::from((Ipv4Addr::LOCALHOST, options.sip_port))).await;
    let practice = practice.context("if the port is in use, choose another with --sip-port")?;
    let calls = calls(&options, &data, &practice)?;
    let telegram = telegram(&options, &data, &calls.phone_url()).await?;
    let mut settings = settings(&options, &data, &telegram.url, calls.clone()).await?;
    service_account::sign_in(&mut settings, &place(&data)).await?;
    let mut bot = Tandem::start(&settings)?;
    ready(&telegram.url, &mut bot, &data).await?;
    let places = Places { chat: &telegram.url, phone: calls.phone_url(), sip: practice.address() };
    announce(&options, &places, &data)?;
    supervise(bot, &settings).await?;
    telegram.shutdown().await;
    practice.stop().await;
    Ok(())
}

/// Where everything is.
struct Places<'a> {
    chat: &'a str,
    phone: String,
    sip: SocketAddr,
}

/// The emulated Telegram, with phones for everybody in it.
async fn telegram(options: &Options, data: &Path, phone: &str) -> Result<Running> {
    let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let keys = service_account::key(&place(data)).into_iter().collect();
    let config = Config {
        addr,
        data: Some(data.join("telegram")),
        phone: Some(phone.to_owned()),
        hints: hints(),
        mtproto: Some(Mtproto { keys, ..Mtproto::local() }),
        ..Config::demo()
    };
    let more =
        |url: &str| phone::router(url, phone).merge(telegram_app::router(url, options.ntgcalls.clone()));
    Emulator::start_with(config, more).await.with_context(|| {
        format!("start the emulated Telegram on {addr}; if the port is in use, choose another with --port")
    })
}

/// Where it is written down how the service account reaches the emulated Telegram.
fn place(data: &Path) -> PathBuf {
    data.join("telegram.json")
}

/// What each person may try first.
fn hints() -> BTreeMap<String, String> {
    let join = |(login, password): (&str, &str)| format!("`/start {login}={password}=practice`");
    let [olga, ivan, petr] = ACCOUNTS.map(join);
    [
        ("olga", format!("Press Start, then send {olga}. With the phone above call 600: you hear yourself. 601 is a menu.")),
        ("ivan", format!("Press Start, then send {ivan}. Now Olga can call 1002, and your phone rings.")),
        ("petr", format!("Press Start, then send {petr}. Or let Olga hand an account to you.")),
    ]
    .map(|(name, hint)| (name.to_owned(), hint))
    .into()
}

/// What the process needs to carry calls.
fn calls(options: &Options, data: &Path, practice: &Practice) -> Result<Calls> {
    let config = data.join("tandem.toml");
    std::fs::write(&config, practice.template()).with_context(|| format!("write {}", config.display()))?;
    let phone = match options.phone_port {
        0 => tandem::free_address()?,
        port => SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
    };
    Ok(Calls { phone, config })
}

async fn settings(options: &Options, data: &Path, telegram: &str, calls: Calls) -> Result<Settings> {
    let binary = tandem::binary()?;
    let key_file = data.join("keys");
    tandem::ensure_keys(&binary, &key_file).await?;
    let sqlite = format!("sqlite://{}", data.join("tandem.db").display());
    Ok(Settings {
        binary,
        database: options.database.clone().unwrap_or(sqlite),
        key_file,
        token: DEMO_TOKEN.to_owned(),
        telegram: telegram.to_owned(),
        log: Some(data.join("tandem.log")),
        calls: Some(calls),
        environment: Vec::new(),
    })
}

/// Waits until the bot fetches updates, which is the last thing it does when it starts.
async fn ready(telegram: &str, bot: &mut Tandem, data: &Path) -> Result<()> {
    let client = reqwest::Client::new();
    let mut beat = tokio::time::interval(Duration::from_millis(50));
    loop {
        tokio::select! {
            ended = bot.ended() => {
                let log = std::fs::read_to_string(data.join("tandem.log")).unwrap_or_default();
                let last: Vec<&str> = log.lines().rev().take(10).collect();
                bail!("the bot ended while it started ({}):\n{}", ended?, last.into_iter().rev().collect::<Vec<_>>().join("\n"));
            }
            _ = beat.tick() => {
                let calls = client.get(format!("{telegram}/sim/calls?method=setMyCommands")).send().await;
                let calls: serde_json::Value = calls?.error_for_status()?.json().await?;
                if calls.as_array().is_some_and(|calls| !calls.is_empty()) {
                    return Ok(());
                }
            }
        }
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the line that scripts wait for, and the words for people, go to standard output"
)]
fn announce(options: &Options, places: &Places<'_>, data: &Path) -> Result<()> {
    let Places { chat: url, phone, sip } = places;
    if options.headless {
        println!(
            "{}",
            json!({"chat": format!("{url}/"), "bot_api": url, "sip": sip, "phone": phone, "data": data})
        );
        return Ok(());
    }
    println!(
        "\nTandem's demo is ready:\n\n  {url}/\n\n\
         Three people share an emulated Telegram there: Olga (administrator), Ivan (employee), Petr (friend).\n\
         Press Start in Olga's chat with Tandem, and follow the bot.\n\n\
         A practice PBX listens at {sip} for them and for your own softphone:\n\
         \x20 600 you hear yourself    601 a voice menu    602 calls back    603 busy    604 no answer\n\
         \x20 605 early sound          606 refuses         1001, 1002, 1003 (passwords practice-1001 and so on)\n\
         Phones connect to {phone}\n\n\
         Data: {} (kept; --fresh forgets it). What the bot logs: {}\n\
         What happened to an account: see «Replay» in README.md. Ctrl+C ends the demo.\n",
        data.display(),
        data.join("tandem.log").display()
    );
    open_browser(url);
    Ok(())
}

/// Opens the page where there is a desktop; where there is none, the address is printed already.
fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = std::process::Command::new(opener).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}

/// Keeps the bot running until Ctrl+C or SIGTERM: kill it as often as you like.
async fn supervise(mut bot: Tandem, settings: &Settings) -> Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut tries = 0;
    let mut steady = Box::pin(tokio::time::sleep_until(tokio::time::Instant::now() + STEADY));
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            () = &mut steady, if tries > 0 => tries = 0,
            ended = bot.ended() => {
                tries += 1;
                if tries > TRIES {
                    bail!("the bot ended {tries} times in a row, last with {}; its log says why", ended?);
                }
                tracing::warn!("the bot ended ({}); starting it again", ended?);
                steady.as_mut().reset(tokio::time::Instant::now() + STEADY);
                bot = Tandem::start(settings)?;
            }
        }
    }
}

fn forget(data: &Path) -> Result<()> {
    match std::fs::remove_dir_all(data) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("delete {}", data.display())),
    }
}
