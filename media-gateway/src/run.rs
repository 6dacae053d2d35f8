//! Everything put together: sockets are opened, loops are started, and at the end all is closed in order.

use crate::config::{Config, MediaConfig, SipConfig};
use crate::directory::Directory;
use crate::farewells::Farewells;
use crate::follow::Follow;
use crate::gateway::{self, Ears, Gateway};
use crate::media::{Engine, EngineConfig, EngineError, turn::IceServers};
use crate::phone::{self, Door};
use crate::registrations::{self, States};
use crate::report::{Reporter, Sending};
use crate::service_chat::ServiceChat;
use crate::telegram::{self, Telegram};
use crate::{address, call};
use domain::call::Segment;
use event_store::blobs::Blobs;
use event_store::clock::Clock;
use event_store::dispatcher::Dispatcher;
use event_store::log::EventLog;
use event_store::runner::Followers;
use event_store::segments::{Held, Member, Segments};
use event_store::signals::SignalBus;
use event_store::sql::Database;
use event_store::vault::Vault;
use secrecy::SecretString;
use sip::{TlsListen, UserAgent};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Events that wait for a loop. Past this, whoever sends waits: sockets read later, and SIP retransmits.
const QUEUE: usize = 4096;

/// How long a browser's TURN password is good for.
const TURN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What the gateway works with.
pub struct Parts {
    /// What the operator set.
    pub config: Config,
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// The database around it.
    pub database: Arc<dyn Database>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Opens passwords, seals numbers.
    pub vault: Arc<Vault>,
    /// Takes commands.
    pub dispatcher: Dispatcher,
    /// To wait for read models; they may be folded by another process.
    pub followers: Followers,
    /// What people press in chats.
    pub signals: Arc<dyn SignalBus>,
    /// The bot's token, which signs what Mini Apps are opened with.
    pub bot_token: SecretString,
    /// The bot's user name, without `@`.
    pub bot: String,
    /// Told where everything listens, once it does: for tests, and for ports that were left to the system.
    pub listening: Option<tokio::sync::oneshot::Sender<Listening>>,
}

/// Where the gateway listens.
#[derive(Debug, Clone)]
pub struct Listening {
    /// The phones' HTTP address.
    pub phone: SocketAddr,
    /// SIP addresses.
    pub sip: Vec<(sip::Transport, SocketAddr)>,
}

/// Why the gateway does not start, or ends early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A SIP address is taken, or a certificate can't be read.
    #[error("SIP does not start")]
    Sip(#[source] sip::StartError),
    /// A certificate or key can't be read.
    #[error("the SIP certificate or its key can't be read")]
    Identity(#[source] std::io::Error),
    /// The engine does not start.
    #[error("the media engine does not start")]
    Media(#[source] EngineError),
    /// The phones' address is taken, or broke.
    #[error("phones can't be served at {address}")]
    Phones {
        /// Where.
        address: SocketAddr,
        /// What broke.
        #[source]
        source: std::io::Error,
    },
    /// Music on hold can't be used.
    #[error("music on hold: {0}")]
    Music(String),
}

/// Carries calls until `stop`: then calls are ended and told to the log, accounts are signed off, and it returns.
///
/// # Errors
///
/// Something does not start. What happens later is dealt with, and logged.
pub async fn run(parts: Parts, stop: CancellationToken) -> Result<(), RunError> {
    let Parts {
        config,
        log,
        database,
        clock,
        vault,
        dispatcher,
        followers,
        signals,
        bot_token,
        bot,
        listening,
    } = parts;
    let music =
        config.media.music_on_hold.as_deref().map(crate::music::read).transpose().map_err(RunError::Music)?;
    let (engine, media_events) = Engine::start(engine(&config)).map_err(RunError::Media)?;
    // Calls are ended before the user agent says good-bye.
    let agent_stop = CancellationToken::new();
    let (agent, sip_events) =
        UserAgent::start(user_agent(&config.sip).await?, agent_stop.clone()).await.map_err(RunError::Sip)?;
    let phone_address = config.phone.listen;
    let phones_broke = move |source| RunError::Phones { address: phone_address, source };
    let listener = TcpListener::bind(phone_address).await.map_err(phones_broke)?;
    let listens = Listening { phone: listener.local_addr().map_err(phones_broke)?, sip: agent.listening() };
    tracing::info!(phone = %listens.phone, "the media gateway listens");

    let process = format!("media {} {:08x}", std::process::id(), rand::random::<u32>());
    let member = Member { process: process.clone(), url: config.phone.public_url.clone() };
    // Service accounts are signed in at one process, and whoever calls through them has to be there.
    let segments = Segments::new(database.clone(), clock.clone(), member).together(config.telegram.is_some());
    let (directory, accounts) = watch::channel(Arc::new(Directory::default()));
    let (states, reporter) = (States::default(), Reporter::new(clock.clone()));
    let (told, tellings) = mpsc::channel(QUEUE);
    let (phone_events, phone_said) = mpsc::channel(QUEUE);
    let (requests, requested) = mpsc::channel(QUEUE);
    let (telegram_events, telegram_said) = mpsc::channel(QUEUE);
    let (written, wrote) = mpsc::channel(QUEUE);
    let (farewell_changes, changes) = mpsc::channel(QUEUE);

    // Loops that end when they are told to, and then those that tell the log what the first ones did.
    let (tasks, last) = (TaskTracker::new(), TaskTracker::new());
    let last_stop = CancellationToken::new();
    last.spawn(segments.clone().run(last_stop.clone()));
    let sending = Sending { dispatcher: dispatcher.clone(), vault: vault.clone() };
    last.spawn(reporter.clone().run(sending, last_stop.clone()));
    let farewells = Farewells {
        database: database.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        agent: agent.clone(),
        process,
    };
    last.spawn(farewells.run(changes, last_stop.clone()));
    let telegram = Telegram::start(telegram::Parts {
        settings: config.telegram.clone(),
        database: database.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        events: telegram_events,
        tasks: last.clone(),
        stop: last_stop.clone(),
    });
    tasks.spawn(work_accounts(telegram.clone(), segments.watch(), stop.clone()));
    let chat = ServiceChat {
        telegram: telegram.clone(),
        dispatcher: dispatcher.clone(),
        vault: vault.clone(),
        clock: clock.clone(),
        directory: accounts.clone(),
    };
    tasks.spawn(chat.run(wrote, stop.clone()));
    let follow = Follow {
        log,
        database: database.clone(),
        vault: vault.clone(),
        dispatcher,
        clock: clock.clone(),
        followers,
        held: segments.watch(),
        directory,
        telegram: telegram.clone(),
        bot,
        requests,
    };
    tasks.spawn(follow.run(stop.clone()));
    let keeping = registrations::Parts {
        agent: agent.clone(),
        vault: vault.clone(),
        directory: accounts.clone(),
        held: segments.watch(),
        reporter: reporter.clone(),
        states: states.clone(),
        per_second: config.sip.registrations_per_second,
    };
    tasks.spawn(registrations::run(keeping, tellings, stop.clone()));
    let gateway = Gateway::new(gateway::Parts {
        agent: agent.clone(),
        engine,
        reporter,
        blobs: Blobs::new(database.clone(), vault, clock.clone()),
        clock: clock.clone(),
        database,
        segments,
        directory: accounts,
        states,
        registrations: told,
        signals,
        farewells: farewell_changes,
        telegram,
        service_chat: written,
        limits: limits(&config),
        trace: config.sip.trace,
        manual_recording_unlimited: config.calls.manual_recording_unlimited,
        recording_limit: config.calls.recording_limit,
        address: address::of(&config.media),
        ice: ice(&config),
        music,
        tasks: last.clone(),
    });
    let ears = Ears {
        sip: sip_events,
        media: media_events,
        phones: phone_said,
        telegram: telegram_said,
        requests: requested,
    };
    tasks.spawn(gateway.run(ears, stop.clone()));
    let door = Door {
        token: bot_token,
        clock,
        origins: config.phone.origins.clone(),
        events: phone_events,
        tasks: tasks.clone(),
        stop: stop.clone(),
    };
    if let Some(listening) = listening {
        // Whoever asked may have gone.
        _ = listening.send(listens);
    }
    let served = phone::serve(listener, door).await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    agent_stop.cancel();
    agent.closed().await;
    last_stop.cancel();
    last.close();
    last.wait().await;
    served.map_err(phones_broke)
}

/// The service accounts are worked by whoever holds the first segment: one process at a time.
async fn work_accounts(telegram: Telegram, mut held: watch::Receiver<Arc<Held>>, stop: CancellationToken) {
    loop {
        telegram.work(held.borrow_and_update().epochs.contains_key(&Segment::FIRST));
        match stop.run_until_cancelled(held.changed()).await {
            Some(Ok(())) => {}
            // Calls are hung up by the loop that has them, and the accounts go off with the process.
            Some(Err(_)) | None => return,
        }
    }
}

fn engine(config: &Config) -> EngineConfig {
    let MediaConfig { address, ports, threads, silence_limit, public_address, .. } = config.media.clone();
    let seen = config.phone.public_address.or(public_address);
    let own = address::of(&MediaConfig { public_address: None, ..config.media.clone() });
    EngineConfig {
        threads: NonZeroUsize::new(threads),
        rtp_listen: address,
        rtp_ports: ports,
        browser_listen: address,
        browser_port: config.phone.media_port,
        browser_addresses: seen.into_iter().chain([own]).collect(),
        silence: silence_limit,
        ..EngineConfig::default()
    }
}

async fn user_agent(config: &SipConfig) -> Result<sip::Config, RunError> {
    let mut tls = Vec::new();
    if let (Some(address), Some((certificate, key))) = (config.tls, &config.tls_identity) {
        let certificate = tokio::fs::read(certificate).await.map_err(RunError::Identity)?;
        let key = tokio::fs::read(key).await.map_err(RunError::Identity)?;
        tls.push(TlsListen { address, certificate, key });
    }
    Ok(sip::Config {
        udp: config.udp.into_iter().collect(),
        tcp: config.tcp.into_iter().collect(),
        tls,
        public: config.public_address,
        max_calls: config.max_calls,
        ..sip::Config::default()
    })
}

fn limits(config: &Config) -> call::Limits {
    call::Limits {
        parallel_calls: config.calls.parallel_calls,
        hold_music: config.calls.hold_music,
        ring: config.calls.ring_limit,
        call_window: config.calls.call_window,
        wait_for_phone: config.calls.wait_for_phone,
        max_length: config.calls.max_length,
        recording: config.calls.recording_limit,
    }
}

fn ice(config: &Config) -> IceServers {
    IceServers {
        stun: config.phone.stun.clone(),
        turn: config.phone.turn.clone(),
        secret: config.phone.turn_secret.clone(),
        lifetime: TURN_LIFETIME,
    }
}
