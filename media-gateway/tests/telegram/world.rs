//! An emulated Telegram and what a process with service accounts works with.

use crate::device::Device;
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use event_store::clock::Clock;
use event_store::open::{OpenOptions, Opened, open};
use event_store::runner::Followers;
use event_store::sql::{Database, Statement, Type};
use event_store::vault::{Keyring, Vault};
use media_gateway::call::ids::PhoneId;
use media_gateway::telegram::login::{Login, Step};
use media_gateway::telegram::store::{AccountId, Store, Who};
use media_gateway::telegram::{End, Event, Parts, Settings, Telegram};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use telegram_emulator::{Config, Emulator, Mtproto, NewPerson, Running};
use tokio::sync::mpsc;
use tokio::time::{interval, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const IVAN: UserId = UserId(10_002);
pub(crate) const PETR: UserId = UserId(10_003);
/// The number of the emulated Telegram's service account.
pub(crate) const FIRST: &str = "+888 0000 99";
/// The number of another one.
pub(crate) const SECOND: &str = "+888 0000 98";
pub(crate) const SECOND_USER: i64 = 10_098;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// The machine's clock.
struct Machine;

impl Clock for Machine {
    #[expect(clippy::disallowed_methods, reason = "real sockets live by the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }
}

/// An emulated Telegram, and a database.
pub(crate) struct World {
    telegram: Running,
    http: reqwest::Client,
    folder: tempfile::TempDir,
    pub(crate) opened: Opened,
    pub(crate) database: Arc<dyn Database>,
    pub(crate) vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    pub(crate) store: Store,
    pub(crate) tasks: TaskTracker,
}

impl World {
    pub(crate) async fn new() -> Self {
        let mut config = Config::demo();
        config.mtproto = Some(Mtproto::local());
        config.people.push(NewPerson {
            id: Some(SECOND_USER),
            first_name: "Tandem more".to_owned(),
            last_name: None,
            username: Some("tandem_more".to_owned()),
            language_code: None,
            phone: Some(SECOND.to_owned()),
            about: None,
        });
        let telegram = Emulator::start(config).await.expect("an emulated Telegram");
        let folder = tempfile::tempdir().expect("a folder");
        let address = format!("sqlite://{}", folder.path().join("log.db").display());
        let opened = open(&address, OpenOptions::default()).await.expect("a log");
        let database = opened.database.clone().expect("SQLite has a database");
        let clock: Arc<dyn Clock> = Arc::new(Machine);
        let keyring = Keyring::parse(&Keyring::new_line("k1")).expect("a key");
        let vault = Arc::new(Vault::new(database.clone(), keyring, clock.clone()));
        let followers = Followers::new(opened.log.clone(), database.clone(), clock.clone(), "test");
        followers.prepare(&projections::all(), &|_| ()).await.expect("read models");
        let store = Store::new(database.clone(), vault.clone(), clock.clone());
        let (http, tasks) = (reqwest::Client::new(), TaskTracker::new());
        Self { telegram, http, folder, opened, database, vault, clock, store, tasks }
    }

    /// Asks the emulated Telegram.
    pub(crate) async fn see(&self, path: &str) -> Value {
        let answer =
            self.http.get(format!("{}/sim{path}", self.telegram.url)).send().await.expect("answered");
        answer.json().await.expect("JSON")
    }

    /// Does something at the emulated Telegram.
    pub(crate) async fn act(&self, path: &str, what: Value) -> Value {
        let url = format!("{}/sim{path}", self.telegram.url);
        let answer = self.http.post(url).json(&what).send().await.expect("answered");
        let status = answer.status();
        let body: Value = answer.json().await.expect("JSON");
        assert!(status.is_success(), "{path}: {body}");
        body
    }

    /// A method of the Bot API.
    pub(crate) async fn bot(&self, method: &str, what: Value) -> Value {
        let url = format!("{}/bot{}/{method}", self.telegram.url, telegram_emulator::DEMO_TOKEN);
        let answer = self.http.post(url).json(&what).send().await.expect("answered");
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(body["ok"], true, "{method}: {body}");
        body["result"].clone()
    }

    /// Settings of a process that has never been here: with a key of its own.
    pub(crate) async fn settings(&self) -> Settings {
        let door = self.act("/mtproto/keys", json!({})).await;
        let file: PathBuf = self.folder.path().join(format!("telegram-{:016x}.json", rand::random::<u64>()));
        std::fs::write(&file, door.to_string()).expect("written");
        Settings {
            api_id: 1,
            api_hash: SecretString::from("winter"),
            test_server: Some(file),
            calls_per_account: 200,
        }
    }

    /// The code that Telegram has sent to somebody.
    pub(crate) async fn code(&self, user: i64) -> SecretString {
        let seen = self.see(&format!("/users/{user}/telegram")).await;
        SecretString::from(seen["login_code"].as_str().expect("a code was sent"))
    }

    /// Signs an account in, as `tandem telegram login` does.
    pub(crate) async fn sign_in(&self, phone: &str, user: i64) -> AccountId {
        let mut login = Login::begin(&self.settings().await, &self.tasks).await.expect("connected");
        login.send_code(&SecretString::from(phone)).await.expect("a code is sent");
        let step = login.enter_code(&self.code(user).await).await.expect("the right code");
        let who = done(step);
        login.keep(&self.store, &who).await.expect("kept")
    }

    /// The service account of the emulated Telegram, signed in.
    pub(crate) async fn with_an_account() -> Self {
        let world = Self::new().await;
        world.sign_in(FIRST, telegram_emulator::SERVICE_ACCOUNT).await;
        world
    }

    /// Ivan has written to the service account, which is at work.
    pub(crate) async fn acquainted() -> (Self, Office) {
        let world = Self::with_an_account().await;
        let mut office = world.work().await;
        world.writes(IVAN, "tandem_calls", "hello").await;
        let event = office.hears().await;
        assert!(matches!(event, Event::Written { user: IVAN, .. }), "{event:?}");
        (world, office)
    }

    /// Ivan talks with the service account, which has called him; with Telegram's name of the call.
    pub(crate) async fn talking() -> (Self, Office, Device, PhoneId, Value) {
        let (world, mut office) = Self::acquainted().await;
        let mut ivan = world.device(IVAN).await;
        let phone = office.calls(IVAN);
        let (call, commitment) = ivan.rings().await;
        office.hears_ringing(phone).await;
        let half = ivan.takes(&call, &commitment).await;
        ivan.agrees(half).await;
        office.hears_the_beginning(phone).await;
        (world, office, ivan, phone, call)
    }

    /// Telegram does this to the next request of a method.
    pub(crate) async fn fault(&self, method: &str, mut what: Value) {
        what["method"] = method.into();
        self.act("/fault", what).await;
    }

    /// No more faults.
    pub(crate) async fn mend(&self) {
        let url = format!("{}/sim/fault", self.telegram.url);
        self.http.delete(url).send().await.expect("answered").error_for_status().expect("mended");
    }

    /// How many calls are written down as open at Telegram.
    pub(crate) async fn open_calls(&self) -> usize {
        let statement = Statement::new("SELECT call_id FROM telegram_calls", []);
        self.database.query(statement, &[Type::Int]).await.expect("read").len()
    }

    /// Somebody writes to an account, and is known to it from then on.
    pub(crate) async fn writes(&self, from: UserId, to: &str, text: &str) {
        self.act(&format!("/users/{from}/message"), json!({"chat": to, "text": text})).await;
    }

    /// A process that works the accounts; all of them are connected.
    pub(crate) async fn work(&self) -> Office {
        let mut office = self.start(self.settings().await);
        office.telegram.work(true);
        let accounts = self.store.accounts().await.expect("read").len();
        if accounts > 0 {
            office.is_on().await;
        }
        office
    }

    /// A process that does not work yet.
    pub(crate) fn start(&self, settings: Settings) -> Office {
        let (events, hears) = mpsc::channel(64);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let telegram = Telegram::start(Parts {
            settings: Some(settings),
            database: self.database.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            events,
            tasks: tasks.clone(),
            stop: stop.clone(),
        });
        Office { telegram, hears, tasks, stop }
    }

    /// A device of somebody.
    pub(crate) async fn device(&self, user: UserId) -> Device {
        Device::connect(&self.telegram.url, user).await
    }

    /// Nothing was done at Telegram that no client does.
    pub(crate) async fn end(self) {
        let violations = self.see("/violations").await;
        assert_eq!(violations, json!([]), "what no correct client does");
        self.telegram.shutdown().await;
    }
}

/// Looks again and again until it is so.
pub(crate) async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut beat = interval(Duration::from_millis(20));
    let seen = timeout(PATIENCE, async {
        loop {
            beat.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    });
    seen.await.unwrap_or_else(|_| panic!("waited until {what}"))
}

/// Who has signed in.
#[track_caller]
pub(crate) fn done(step: Step) -> Who {
    match step {
        Step::Done(who) => who,
        Step::Password { .. } => panic!("a password is asked for"),
    }
}

/// A process with service accounts.
pub(crate) struct Office {
    pub(crate) telegram: Telegram,
    hears: mpsc::Receiver<Event>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Office {
    /// The next event but changes of who is connected.
    pub(crate) async fn hears(&mut self) -> Event {
        loop {
            match timeout(PATIENCE, self.hears.recv()).await.expect("something happens").expect("it works") {
                Event::Changed => {}
                event @ (Event::Ringing { .. }
                | Event::Incoming { .. }
                | Event::Begun { .. }
                | Event::Signal { .. }
                | Event::Over { .. }
                | Event::Written { .. }) => return event,
            }
        }
    }

    pub(crate) async fn is_on(&mut self) {
        self.becomes(true).await;
    }

    pub(crate) async fn becomes(&mut self, on: bool) {
        while self.telegram.is_on() != on {
            let event = timeout(PATIENCE, self.hears.recv()).await.expect("something happens");
            assert!(matches!(event, Some(Event::Changed)), "{event:?}");
        }
    }

    /// Rings somebody.
    pub(crate) fn calls(&self, user: UserId) -> PhoneId {
        let phone = self.telegram.new_phone();
        self.telegram.call(phone, user);
        phone
    }

    pub(crate) async fn hears_ringing(&mut self, call: PhoneId) {
        let event = self.hears().await;
        assert!(matches!(event, Event::Ringing { phone } if phone == call), "{event:?}");
    }

    pub(crate) async fn hears_the_beginning(&mut self, call: PhoneId) -> tgcalls::call::Config {
        let event = self.hears().await;
        let Event::Begun { phone, call: config } = event else { panic!("{event:?}") };
        assert_eq!(phone, call);
        *config
    }

    pub(crate) async fn hears_signal(&mut self, call: PhoneId) -> Vec<u8> {
        let event = self.hears().await;
        let Event::Signal { phone, packet } = event else { panic!("{event:?}") };
        assert_eq!(phone, call);
        packet.to_vec()
    }

    pub(crate) async fn hears_the_end(&mut self, call: PhoneId) -> End {
        let event = self.hears().await;
        let Event::Over { phone, end } = event else { panic!("{event:?}") };
        assert_eq!(phone, call);
        end
    }

    pub(crate) async fn hears_incoming(&mut self, from: UserId) -> PhoneId {
        let event = self.hears().await;
        let Event::Incoming { phone, user } = event else { panic!("{event:?}") };
        assert_eq!(user, from);
        phone
    }

    /// Ends the process in good order.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        timeout(PATIENCE, self.tasks.wait()).await.expect("all tasks end");
    }
}
