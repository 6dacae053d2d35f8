//! The practice PBX: a telephone exchange on this machine to try calls with, on Tandem's own registrar and media engine.
//!
//! | number | what happens |
//! |---|---|
//! | 1001, 1002, 1003 | rings whoever registered it; its password is in [`ACCOUNTS`] |
//! | 2001 to 2020 | the same for stories of many people: [`MANY`] |
//! | 600 | the caller hears himself |
//! | 601 | a voice menu, driven by keys: 1 the time, 2 counts keys, 3 the echo, 9 good-bye, * repeats |
//! | 602 | asks to hang up, and calls back five seconds later |
//! | 603 | is busy: 486 |
//! | 604 | rings, and nobody answers |
//! | 605 | is heard before it answers, which it never does |
//! | 606 | refuses: 403 |
//!
//! Whoever is put on hold without sound hears music. Calls can be transferred, to a number and to the other line.
//!
//! `exchange` takes events and keeps the calls (`leg`), `services` are the numbers above, `bridge` joins two phones,
//! `transfer` moves calls, `menu` and `prompts` are 601, `sound` is about codecs.

mod bridge;
mod exchange;
mod leg;
mod menu;
mod prompts;
mod services;
mod sound;
mod transfer;

use anyhow::{Context as _, Result};
use exchange::Exchange;
use media_gateway::media::{Engine, EngineConfig};
use secrecy::{SecretBox, SecretString};
use sip::digest::{Algorithm, Ha1};
use sip::guard::BanPolicy;
use sip::registrar::{Registrar, RegistrarServer, Settings};
use sip::{Config, UserAgent};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The accounts and their passwords. They open nothing outside of the demo.
pub const ACCOUNTS: [(&str, &str); 3] =
    [("1001", "practice-1001"), ("1002", "practice-1002"), ("1003", "practice-1003")];

/// Further accounts, for stories of many people; the password of 2001 is `practice-2001`, and so on.
pub const MANY: RangeInclusive<u16> = 2001..=2020;

/// The realm that phones are asked their password for.
const REALM: &str = "practice";

/// A running practice PBX. It ends when this is dropped.
#[must_use = "the practice PBX ends when this is dropped"]
pub struct Practice {
    address: SocketAddr,
    server: RegistrarServer,
    busy: watch::Receiver<usize>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Practice {
    /// Starts it on this address, UDP and TCP. Port 0 takes free ones.
    ///
    /// # Errors
    ///
    /// The address is taken.
    pub async fn start(listen: SocketAddr) -> Result<Self> {
        let stop = CancellationToken::new();
        let server = RegistrarServer::new(registrar(), now);
        let config = Config {
            udp: vec![listen],
            tcp: vec![listen],
            product: "Tandem practice PBX".to_owned(),
            server: Some(Arc::new(server.clone())),
            ..Config::default()
        };
        let (agent, calls) = UserAgent::start(config, stop.clone())
            .await
            .with_context(|| format!("start the practice PBX on {listen}"))?;
        let udp = agent.listening().into_iter().find(|(transport, _)| *transport == sip::Transport::Udp);
        let address = udp.context("the practice PBX listens on UDP")?.1;
        let engine = EngineConfig {
            threads: NonZeroUsize::new(1),
            rtp_listen: listen.ip(),
            rtp_ports: 30_000..=30_999,
            ..EngineConfig::loopback()
        };
        let (engine, sound) = Engine::start(engine).context("start the practice PBX's sound")?;
        let tasks = TaskTracker::new();
        let exchange = Exchange::new(agent, engine, server.clone(), address);
        let busy = exchange.busy.subscribe();
        tasks.spawn(exchange.run(calls, sound, stop.clone()));
        tasks.close();
        Ok(Self { address, server, busy, stop, tasks })
    }

    /// Its settings template, as it stands in Tandem's settings file: then a person types `practice` in place of a server.
    #[must_use]
    pub fn template(&self) -> String {
        format!(
            "[[templates]]\ncode = \"practice\"\nnames = [\"Practice PBX\", \"Учебная АТС\"]\n\
             domain = \"{}\"\ntransport = \"udp\"\nsource = \"built into the demo\"\n",
            self.address
        )
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether somebody has registered this login and can be called.
    #[must_use]
    pub fn is_registered(&self, login: &str) -> bool {
        !self.server.registrar().lookup(login, now()).is_empty()
    }

    /// How many ends of calls it has just now.
    #[must_use]
    pub fn legs(&self) -> usize {
        *self.busy.borrow()
    }

    /// Waits until nobody is in a call.
    ///
    /// # Errors
    ///
    /// Somebody still is when patience is over.
    pub async fn is_at_rest(&self) -> Result<()> {
        let mut busy = self.busy.clone();
        let rest = tokio::time::timeout(crate::person::PATIENCE, busy.wait_for(|legs| *legs == 0));
        rest.await
            .context("the practice PBX still has calls")?
            .context("the practice PBX has ended")
            .map(drop)
    }

    /// Hangs up and ends.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The registrar with the accounts.
fn registrar() -> Registrar {
    // Whoever mistypes a password while practising is not locked out of his own machine.
    let bans = BanPolicy { failures: u32::MAX, ..BanPolicy::default() };
    let settings = Settings { bans, calls: (1000, 1000.0), ..Settings::new(REALM) };
    let mut registrar = Registrar::new(settings, SecretBox::new(Box::new(rand::random())));
    let many = MANY.map(|login| (login.to_string(), format!("practice-{login}")));
    let few = ACCOUNTS.map(|(login, password)| (login.to_owned(), password.to_owned()));
    for (login, password) in few.into_iter().chain(many) {
        let password = SecretString::from(password);
        let key = |algorithm| Ha1::of(algorithm, &login, REALM, &password);
        registrar.set_user(&login, vec![key(Algorithm::Sha256), key(Algorithm::Md5)]);
    }
    registrar
}

#[expect(
    clippy::disallowed_methods,
    reason = "the practice PBX lives by the machine's clock, as its callers do"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
