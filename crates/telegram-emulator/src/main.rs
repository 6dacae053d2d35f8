//! `telegram-emulator`: a Telegram on your own machine, from the command line.

use clap::Parser;
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};
use telegram_emulator::{BotConfig, Config, DEMO_TOKEN, Emulator, Mtproto};

/// A Telegram on your own machine: a strict Bot API server, people to act as, and a chat page.
///
/// Point your bot's API address at it (teloxide: Bot::set_api_url, grammY: client.apiRoot, aiogram: TelegramAPIServer,
/// python-telegram-bot: base_url) and open the page in a browser. docs/emulator.md has the HTTP API for scripts.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Examples:
  telegram-emulator
  telegram-emulator --data ./telegram --bot 123456:my-token=my_bot='My bot'
  curl -s http://127.0.0.1:8081/sim/users
  curl -s http://127.0.0.1:8081/sim/users/olga/start -H 'content-type: application/json' -d '{\"bot\":\"tandem_bot\"}'"
)]
struct Options {
    /// Where to listen. There is no login: whoever reaches this address is everybody.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Keep the world here; without it the world is forgotten at the end.
    #[arg(long, value_name = "DIRECTORY")]
    data: Option<PathBuf>,
    /// A bot, as TOKEN=USERNAME or TOKEN=USERNAME=NAME; may be repeated. Without it, the demo's @tandem_bot.
    #[arg(long = "bot", value_name = "BOT")]
    bots: Vec<BotConfig>,
    /// Where phones connect (docs/phone.md); gives everybody on the page a phone. Example: http://127.0.0.1:8421/phone/
    #[arg(long, value_name = "URL")]
    phone_url: Option<String>,
    /// Where clients that speak MTProto connect, such as service accounts; 127.0.0.1:0 takes a free port.
    #[arg(long, value_name = "ADDRESS")]
    mtproto: Option<SocketAddr>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Whoever started this may have closed its end of the pipe; that is no reason to stop.
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).log_internal_errors(false);
    log.with_env_filter(filter).init();
    let options = Options::parse();
    let mut config =
        Config { addr: options.listen, data: options.data, phone: options.phone_url, ..Config::demo() };
    config.mtproto = options.mtproto.map(|listen| Mtproto { listen, keys: Vec::new() });
    if !options.bots.is_empty() {
        config.bots = options.bots;
        // They are about the demo's bot.
        config.hints.clear();
    }
    let demo = config.bots.iter().any(|bot| bot.token == DEMO_TOKEN);
    let running = match Emulator::start(config).await {
        Ok(running) => running,
        Err(error) => {
            tracing::error!("{error}");
            return ExitCode::FAILURE;
        }
    };
    tracing::info!("open {} to chat; bots use it as their API address", running.url);
    if demo {
        tracing::info!("the demo's bot has the token {DEMO_TOKEN}, which opens nothing outside of here");
    }
    if let Some(address) = running.mtproto() {
        tracing::info!("MTProto clients connect to {address}; {}/sim/mtproto has their key", running.url);
    }
    let broken = tokio::select! {
        () = interrupted() => false,
        () = running.ended() => true,
    };
    running.shutdown().await;
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Ctrl-C or the system's request to end.
async fn interrupted() {
    let ctrl_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut end) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = ctrl_c => return,
            _ = end.recv() => return,
        }
    }
    // Without a signal handler there is nothing to wait for but the end of the process.
    if ctrl_c.await.is_err() {
        std::future::pending::<()>().await;
    }
}
