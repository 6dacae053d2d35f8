//! Everything that a call needs, on this machine: the gateway with a log of its own, and a far end.

use crate::far_end::FarEnd;
use crate::log::Switched;
use crate::phone::Phone;
use chrono::{DateTime, Utc};
use domain::Event;
use domain::call;
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::Context;
use domain::settings::Settings;
use domain::sip_account::{Command, Origin, SipAccount};
use event_store::clock::Clock;
use event_store::codec::decode;
use event_store::dispatcher::{Cause, Dispatcher, Limits};
use event_store::open::{OpenOptions, open};
use event_store::runner::{Followed, Followers};
use event_store::signals::{InMemory, SignalBus};
use event_store::vault::{Keyring, Purpose, Subject, Vault};
use media_gateway::config::{CallConfig, MediaConfig, PhoneConfig, SipConfig};
use media_gateway::{Config, Parts, RunError, run};
use secrecy::SecretString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const IVAN: UserId = UserId(10_002);
pub(crate) const TOKEN: &str = "123456:TEST-token";
const OLGA: UserId = UserId(10_001);

/// The machine's clock.
struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "real sockets live by the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }
}

/// Held by the place that is in use.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// The gateway, what it works with, and a far end.
pub(crate) struct Place {
    /// Sound keeps the time of the wall; several engines at once would starve one another on a small machine.
    _alone: MutexGuard<'static, ()>,
    pub(crate) far: FarEnd,
    pub(crate) signals: Arc<InMemory>,
    pub(crate) dispatcher: Dispatcher,
    pub(crate) vault: Arc<Vault>,
    log: Arc<Switched>,
    phone: SocketAddr,
    gateway: JoinHandle<Result<(), RunError>>,
    tasks: TaskTracker,
    stop: CancellationToken,
    followers_stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl Place {
    /// Ivan uses Olga's account 1001 at the far end, and it is registered.
    pub(crate) async fn new() -> Self {
        let alone = ONE_AT_A_TIME.lock().await;
        let far = FarEnd::start().await;
        let folder = tempfile::tempdir().expect("a folder");
        let address = format!("sqlite://{}", folder.path().join("log.db").display());
        let opened = open(&address, OpenOptions::default()).await.expect("a log");
        let database = opened.database.clone().expect("SQLite has a database");
        let log = Arc::new(Switched { log: opened.log.clone(), away: AtomicBool::new(false) });
        let clock: Arc<dyn Clock> = Arc::new(Machine);
        let keyring = Keyring::parse(&Keyring::new_line("k1")).expect("a key");
        let vault = Arc::new(Vault::new(database.clone(), keyring, clock.clone()));
        let dispatcher = Dispatcher::new(log.clone(), Limits::default());
        let followers = Followers::new(opened.log.clone(), database.clone(), clock.clone(), "test");
        followers.prepare(&projections::all(), &|_| ()).await.expect("read models");
        let (tasks, followers_stop) = (TaskTracker::new(), CancellationToken::new());
        let models = projections::all().into_iter().map(Followed::ReadModel).collect();
        followers.start(models, &tasks, &followers_stop);
        let signals = Arc::new(InMemory::default());
        let (listening, listens) = tokio::sync::oneshot::channel();
        let stop = CancellationToken::new();
        let parts = Parts {
            config: config(),
            log: log.clone(),
            database,
            clock,
            vault: vault.clone(),
            dispatcher: dispatcher.clone(),
            followers,
            signals: signals.clone(),
            bot_token: SecretString::from(TOKEN),
            bot: "tandem_bot".to_owned(),
            listening: Some(listening),
        };
        let gateway = tasks.spawn(run(parts, stop.clone()));
        let listens = listens.await.expect("the gateway starts");
        let place = Self {
            _alone: alone,
            far,
            signals,
            dispatcher,
            vault,
            log,
            phone: listens.phone,
            gateway,
            tasks,
            stop,
            followers_stop,
            _folder: folder,
        };
        place.create_account().await;
        place.far.registered().await;
        place.is_ivans().await;
        place
    }

    /// Waits until the gateway knows that the account is Ivan's; it may be registered before.
    async fn is_ivans(&self) {
        until(async || {
            let (_socket, ready) = Phone::hello(self.phone, &init_data(IVAN, Machine.now())).await;
            let accounts = ready["accounts"].as_array()?;
            (!accounts.is_empty()).then_some(())
        })
        .await;
    }

    async fn create_account(&self) {
        let number = account();
        let purpose = Purpose::password(number);
        let password = self.vault.seal(&Subject::account(number), &purpose, b"secret").await.expect("sealed");
        let settings = Settings {
            login: Some("1001".parse().expect("a login")),
            password: Some(password),
            domain: Some(self.far.address.to_string().parse().expect("a host")),
            ..Settings::default()
        };
        let create = Command::Create { origin: Origin::Menu, settings: Box::new(settings) };
        for command in [create, Command::Apply { revision: None }, Command::Assign { user: IVAN }] {
            let context = Context::person(OLGA, Machine.now());
            let cause = Cause { text: None, dedup: None };
            self.dispatcher
                .execute::<SipAccount>(&number.to_string(), command, context, &cause)
                .await
                .expect("done");
        }
    }

    /// Ivan opens a phone, with sound.
    pub(crate) async fn ivans_phone(&self) -> Phone {
        Phone::open(self.phone, &init_data(IVAN, Machine.now())).await
    }

    pub(crate) fn phone_address(&self) -> SocketAddr {
        self.phone
    }

    /// Ivan asks for a call in the chat.
    pub(crate) async fn ivan_asks_for(&self, dialled: &str) -> CallId {
        let id = CallId::from_bits(uuid::Uuid::now_v7().as_u128());
        let subject = Subject::person(IVAN);
        let number =
            self.vault.seal(&subject, &Purpose::far_number(id), dialled.as_bytes()).await.expect("sealed");
        let sealed =
            self.vault.seal(&subject, &Purpose::dialled(id), dialled.as_bytes()).await.expect("sealed");
        let command =
            call::Command::Request { by: IVAN, account: account(), owner: OLGA, number, dialled: sealed };
        let context = Context::person(IVAN, Machine.now());
        let cause = Cause { text: None, dedup: None };
        self.dispatcher
            .execute::<call::Call>(&id.to_string(), command, context, &cause)
            .await
            .expect("asked");
        id
    }

    pub(crate) async fn signal(&self, call: CallId, action: call::Action) {
        self.signals.send(call::Signal::on(call, IVAN, action)).await.expect("heard");
    }

    /// The log is away, or back.
    pub(crate) fn take_log(&self, away: bool) {
        self.log.away.store(away, Ordering::SeqCst);
    }

    /// The names of all events of calls, once the last one is this.
    pub(crate) async fn history_up_to(&self, last: &str) -> Vec<&'static str> {
        until(async || {
            let events = self.history().await;
            (events.last().map(call::Event::name) == Some(last))
                .then(|| events.iter().map(call::Event::name).collect())
        })
        .await
    }

    pub(crate) async fn history(&self) -> Vec<call::Event> {
        let page = self.log.log.read(domain::log::Position::START, 1000).await.expect("the log");
        let event = |stored| match decode(stored).expect("an event").event {
            Event::Call(event) => Some(event),
            Event::SipAccount(_) | Event::Person(_) => None,
        };
        page.events.into_iter().filter_map(event).collect()
    }

    /// The log itself, for a look at it after the end.
    pub(crate) fn log(&self) -> Arc<dyn event_store::log::EventLog> {
        self.log.log.clone()
    }

    /// The gateway ends in good order.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.gateway.await.expect("no panic").expect("a good end");
        self.followers_stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.far.stop().await;
    }
}

fn account() -> AccountNumber {
    AccountNumber::MIN
}

fn config() -> Config {
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let any = SocketAddr::new(here, 0);
    Config {
        sip: SipConfig { udp: Some(any), ..SipConfig::default() },
        media: MediaConfig { address: here, ports: 40_000..=40_999, threads: 1, ..MediaConfig::default() },
        phone: PhoneConfig { listen: any, media_port: 0, ..PhoneConfig::default() },
        calls: CallConfig::default(),
        telegram: None,
    }
}

/// What Telegram would give this person's Mini App.
fn init_data(user: UserId, now: DateTime<Utc>) -> String {
    use hmac::{Hmac, Mac as _};
    let hmac = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).expect("any key fits");
        mac.update(message);
        mac.finalize().into_bytes()
    };
    let (at, user) = (now.timestamp(), format!(r#"{{"id":{user},"first_name":"Ivan"}}"#));
    let secret = hmac(b"WebAppData", TOKEN.as_bytes());
    let signature = hmac(&secret, format!("auth_date={at}\nuser={user}").as_bytes());
    let hash: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
    let user: String = user.bytes().map(|byte| format!("%{byte:02x}")).collect();
    format!("user={user}&auth_date={at}&hash={hash}")
}

/// Asks until there is an answer.
pub(crate) async fn until<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut beat = tokio::time::interval(Duration::from_millis(20));
    let found = async {
        loop {
            beat.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), found).await.expect("it comes to pass in time")
}
