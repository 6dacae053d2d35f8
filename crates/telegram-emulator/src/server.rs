//! Starts and stops the server: HTTP in front, the world behind.

use crate::{
    api,
    config::{BotConfig, Config, ConfigError, Mtproto},
    mtproto::{self, cipher::AuthKey, keys::Keys},
    persist::Journal,
    reflector, sim,
    telegram::{Door, Telegram},
    web, webhook,
    world::{World, chat::ActError, people::Bot},
};
use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
    serve::ListenerExt,
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::net::{TcpListener, UdpSocket};

/// The number of a bot's first update; Telegram's begin anywhere too.
const FIRST_UPDATE: i64 = 100_000_001;

/// An emulated Telegram.
#[derive(Debug, Clone, Copy)]
pub struct Emulator;

/// A Telegram that runs until it is shut down or dropped.
#[must_use = "the emulator stops when this is dropped"]
pub struct Running {
    /// `http://127.0.0.1:…`: the chat page, the user-side API under `/sim`, and the API address to give to bots.
    pub url: String,
    /// Where it listens.
    pub addr: SocketAddr,
    telegram: Arc<Telegram>,
}

/// Why it did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on, or the data directory cannot be used.
    #[error("cannot start the emulated Telegram: {0}")]
    Io(#[from] std::io::Error),
    /// A bot that cannot be.
    #[error("cannot set up a bot: {0}")]
    Bot(#[from] ConfigError),
    /// A person who cannot be.
    #[error("cannot set up a person: {0}")]
    Person(#[from] ActError),
    /// The client for webhooks cannot be made.
    #[error("cannot set up webhooks: {0}")]
    Webhooks(#[from] reqwest::Error),
}

impl Emulator {
    /// Starts a Telegram.
    ///
    /// # Errors
    ///
    /// An address or data directory that cannot be used, or bots and people that cannot be.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        Self::start_with(config, |_| Router::new()).await
    }

    /// Starts a Telegram with further routes below `/sim`. `extend` gets the address at which this Telegram answers.
    ///
    /// # Errors
    ///
    /// As [`Emulator::start`].
    pub async fn start_with(
        config: Config,
        extend: impl FnOnce(&str) -> Router,
    ) -> Result<Running, StartError> {
        let (journal, mut world) = match &config.data {
            Some(directory) => Journal::open(directory).map(|(journal, world)| (Some(journal), world))?,
            None => (None, World::new()),
        };
        for bot in &config.bots {
            install_bot(&mut world, bot)?;
        }
        for person in config.people {
            if !person.id.is_some_and(|id| world.people.contains(&id)) {
                world.add_person(person)?;
            }
        }
        let settings = config.settings.unwrap_or_else(|| world.meta().settings.clone());
        world.set_settings(settings);
        let listener = TcpListener::bind(config.addr).await?;
        let addr = listener.local_addr()?;
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).no_proxy().build()?;
        let reflector = UdpSocket::bind(SocketAddr::new(addr.ip(), 0)).await?;
        world.calls.reflector = Some(shown(reflector.local_addr()?));
        let mut keys = Keys::default();
        let door = match &config.mtproto {
            Some(mtproto) => Some(open_door(mtproto, &mut keys).await?),
            None => None,
        };
        let (door, clients) = door.unzip();
        let local = addr.ip().is_loopback();
        let telegram = Arc::new(Telegram::new(world, journal, http, local, (keys, door)));
        // Writes what was just set up.
        telegram.act(|_, _| ());
        for key in config.mtproto.iter().flat_map(|mtproto| &mtproto.keys) {
            if let Some(user) = key.user {
                telegram.sign_in(AuthKey::new(key.key).id(), user);
            }
        }
        telegram.tasks.spawn(reflector::run(Arc::clone(&telegram), reflector));
        if let Some(clients) = clients {
            telegram.tasks.spawn(mtproto::listen(Arc::clone(&telegram), clients));
        }
        let url = format!("http://{}", shown(addr));
        serve(listener, &telegram, config.hints, config.phone, extend(&url));
        Ok(Running { url, addr, telegram })
    }
}

impl Running {
    /// Where MTProto clients connect, if that door is open; `GET /sim/mtproto` gives the key too.
    #[must_use]
    pub fn mtproto(&self) -> Option<SocketAddr> {
        self.telegram.mtproto.as_ref().map(|door| door.address)
    }

    /// Ends all connections and waits until everything is written.
    pub async fn shutdown(self) {
        self.telegram.stop.cancel();
        self.telegram.tasks.close();
        self.telegram.tasks.wait().await;
    }

    /// Waits until the emulator ends by itself, which it does when it cannot write its data.
    pub async fn ended(&self) {
        self.telegram.stop.cancelled().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.telegram.stop.cancel();
    }
}

/// Listens for MTProto clients, who come with the keys that are given, or with one that is made.
async fn open_door(config: &Mtproto, keys: &mut Keys) -> std::io::Result<(Door, TcpListener)> {
    let listener = TcpListener::bind(config.listen).await?;
    let mut given: Vec<AuthKey> = config.keys.iter().map(|key| AuthKey::new(key.key)).collect();
    if given.is_empty() {
        given.push(AuthKey::random());
    }
    let door = Door { address: shown(listener.local_addr()?), key: given[0].hex() };
    for key in given {
        keys.add(key);
    }
    Ok((door, listener))
}

/// An address that a browser can open: a wildcard becomes the loopback address.
fn shown(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    };
    SocketAddr::new(ip, addr.port())
}

fn install_bot(world: &mut World, config: &BotConfig) -> Result<(), ConfigError> {
    let id = config.id()?;
    if let Some(bot) = world.bots.get_mut(&id) {
        bot.token.clone_from(&config.token);
        bot.username.clone_from(&config.username);
        bot.first_name.clone_from(&config.name);
        return Ok(());
    }
    let bot = Bot {
        id,
        token: config.token.clone(),
        first_name: config.name.clone(),
        username: config.username.clone(),
        next_update: FIRST_UPDATE,
        allowed: None,
        webhook: None,
        logged_out: false,
        profile: crate::world::commands::Profile::default(),
        chosen: 0,
    };
    world.bots.insert(id, bot);
    Ok(())
}

fn serve(
    listener: TcpListener,
    telegram: &Arc<Telegram>,
    hints: BTreeMap<String, String>,
    phone: Option<String>,
    more: Router,
) {
    let router = web::router(phone.as_deref());
    let phone = phone.map_or_else(|| json!({}), |url| json!({"url": url}));
    let sim = sim::router()
        .route("/hints", get(|| async move { Json(hints) }))
        .route("/phone", get(|| async move { Json(phone) }))
        .merge(more.with_state(()));
    let router = router
        .nest("/sim", sim)
        .layer(middleware::from_fn_with_state(Arc::clone(telegram), only_from_here))
        // Bots address the server in their own ways, so the check of the host is not for them.
        .fallback(api::handle)
        .layer(DefaultBodyLimit::max(crate::limits::UPLOAD + 1024 * 1024))
        .with_state(Arc::clone(telegram));
    let listener = listener.tap_io(|connection| {
        // Answers are small and awaited; a connection that does not take the hint is only slower.
        let _ = connection.set_nodelay(true);
    });
    let stop = telegram.stop.clone();
    telegram.tasks.spawn(async move {
        let served =
            axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the HTTP server ended");
        }
    });
    telegram.tasks.spawn(webhook::deliver(Arc::clone(telegram)));
    telegram.tasks.spawn(Arc::clone(telegram).watch_calls());
}

/// On the loopback address, a request must also name it: a web page elsewhere cannot reach it by a name of its own.
async fn only_from_here(State(telegram): State<Arc<Telegram>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let here = name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if telegram.local && !here {
        return (StatusCode::FORBIDDEN, "open it by its loopback address\n").into_response();
    }
    next.run(request).await
}
