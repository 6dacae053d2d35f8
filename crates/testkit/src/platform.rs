//! The whole platform for one scenario: an emulated Telegram, a database, and one or more bot processes.

use crate::database::Look;
use crate::person::{PATIENCE, Person};
use crate::practice::Practice;
use crate::tandem::{self, Calls, Settings, Tandem};
use crate::{phone, service_account, telegram_app};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use telegram_emulator::{Config, DEMO_TOKEN, Emulator, Mtproto, Running};

/// How often a scenario looks whether the bot has taken every update.
const GLANCE: Duration = Duration::from_millis(20);

/// What a scenario runs on.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A PostgreSQL database of the scenario's own; SQLite in the scenario's folder unless given.
    pub database: Option<String>,
    /// How many bot processes; one unless given.
    pub processes: usize,
    /// Further environment variables for every process.
    pub environment: Vec<(String, String)>,
    /// A practice PBX, phones for everybody, and processes that carry calls.
    pub calls: bool,
    /// Telegram calls too: a service account that is signed in, and Telegram apps for everybody.
    pub telegram: bool,
}

/// The running platform. Dropping it ends every process.
pub struct Platform {
    telegram: Running,
    processes: Vec<Tandem>,
    settings: Settings,
    folder: tempfile::TempDir,
    practice: Option<Practice>,
    client: reqwest::Client,
}

/// A practice PBX, and what processes need to call through it.
async fn calls(folder: &Path) -> Result<(Option<Practice>, Option<Calls>)> {
    let practice = Practice::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let config = folder.join("tandem.toml");
    std::fs::write(&config, practice.template()).context("write the scenario's settings")?;
    let calls = Calls { phone: tandem::free_address()?, config };
    Ok((Some(practice), Some(calls)))
}

/// The emulated Telegram, with phones and apps for everybody where there are calls.
async fn telegram(options: &Options, calls: Option<&Calls>) -> Result<Running> {
    let phone = calls.map(Calls::phone_url);
    let mtproto = options.telegram.then(Mtproto::local);
    let config = Config { phone: phone.clone(), mtproto, ..Config::demo() };
    let telegram = Emulator::start_with(config, |url| {
        let python = options.telegram.then(telegram_app::python).flatten();
        phone
            .map(|phone| phone::router(url, &phone).merge(telegram_app::router(url, python)))
            .unwrap_or_default()
    });
    telegram.await.context("start the emulated Telegram")
}

/// Starts one of several processes. Phones connect to the first; the others have addresses of their own.
fn start(settings: &Settings, index: usize) -> Result<Tandem> {
    let mut settings = settings.clone();
    if let (Some(calls), 1..) = (&mut settings.calls, index) {
        calls.phone = tandem::free_address()?;
    }
    Tandem::start(&settings)
}

impl Platform {
    /// Starts everything and waits until the bot answers.
    ///
    /// # Errors
    ///
    /// Something does not start.
    pub async fn start(options: Options) -> Result<Self> {
        let folder = tempfile::tempdir().context("make a folder for the scenario")?;
        let (practice, calls) = if options.calls { calls(folder.path()).await? } else { (None, None) };
        let telegram = telegram(&options, calls.as_ref()).await?;
        let binary = tandem::binary()?;
        let key_file = folder.path().join("keys");
        tandem::ensure_keys(&binary, &key_file).await?;
        let sqlite = format!("sqlite://{}", folder.path().join("tandem.db").display());
        let mut settings = Settings {
            binary,
            database: options.database.unwrap_or(sqlite),
            key_file,
            token: DEMO_TOKEN.to_owned(),
            telegram: telegram.url.clone(),
            log: Some(folder.path().join("tandem.log")),
            calls,
            environment: options.environment,
        };
        if options.telegram {
            service_account::sign_in(&mut settings, &folder.path().join("telegram.json")).await?;
        }
        let count = options.processes.max(1);
        let processes = (0..count).map(|index| start(&settings, index)).collect::<Result<_>>()?;
        let client = reqwest::Client::new();
        let platform = Self { telegram, processes, settings, folder, practice, client };
        platform.wait_for_bot().await?;
        Ok(platform)
    }

    /// Where the emulated Telegram answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.telegram.url
    }

    /// The practice PBX, where the scenario has calls.
    #[must_use]
    pub fn practice(&self) -> Option<&Practice> {
        self.practice.as_ref()
    }

    /// The folder of the scenario: database, keys, log lines.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the processes were started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The administrator.
    #[must_use]
    pub fn olga(&self) -> Person {
        Person::new(10_001, "olga", self.url())
    }

    /// The employee.
    #[must_use]
    pub fn ivan(&self) -> Person {
        Person::new(10_002, "ivan", self.url())
    }

    /// The friend.
    #[must_use]
    pub fn petr(&self) -> Person {
        Person::new(10_003, "petr", self.url())
    }

    /// Somebody more.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn newcomer(&self, name: &str) -> Result<Person> {
        let made =
            self.post("sim/users", json!({"first_name": name, "username": name.to_lowercase()})).await?;
        let id = made["id"].as_i64().context("the emulator gives the newcomer an id")?;
        Ok(Person::new(id, &name.to_lowercase(), self.url()))
    }

    /// Kills every bot process as a power cut would, and starts them again.
    ///
    /// # Errors
    ///
    /// A process can't be killed or started.
    pub async fn power_cut(&mut self) -> Result<()> {
        self.kill_all().await?;
        self.start_all()
    }

    /// Kills every bot process.
    ///
    /// # Errors
    ///
    /// A process can't be killed.
    pub async fn kill_all(&mut self) -> Result<()> {
        for process in &mut self.processes {
            process.kill().await?;
        }
        Ok(())
    }

    /// Kills one of several bot processes; the others go on.
    ///
    /// # Errors
    ///
    /// It can't be killed.
    pub async fn kill_one(&mut self, index: usize) -> Result<()> {
        self.processes.get_mut(index).context("there are fewer processes")?.kill().await
    }

    /// Which of the processes has this id.
    #[must_use]
    pub fn index_of(&self, process: u32) -> Option<usize> {
        self.processes.iter().position(|it| it.id() == Some(process))
    }

    /// Starts one of several bot processes again.
    ///
    /// # Errors
    ///
    /// It can't be started.
    pub fn start_one(&mut self, index: usize) -> Result<()> {
        let process = self.processes.get_mut(index).context("there are fewer processes")?;
        *process = start(&self.settings, index)?;
        Ok(())
    }

    /// Starts every bot process again.
    ///
    /// # Errors
    ///
    /// A process can't be started.
    pub fn start_all(&mut self) -> Result<()> {
        for (index, process) in self.processes.iter_mut().enumerate() {
            *process = start(&self.settings, index)?;
        }
        Ok(())
    }

    /// Lets every process end in good order, and waits until it has.
    ///
    /// # Errors
    ///
    /// One does not end, or ends with an error.
    pub async fn stop_all(&mut self) -> Result<()> {
        for process in &mut self.processes {
            process.stop().await?;
        }
        Ok(())
    }

    /// The other database, from the next start on.
    pub fn move_to(&mut self, database: String) {
        self.settings.database = database;
    }

    /// Opens the platform's database to look at it.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub async fn look(&self) -> Result<Look> {
        Look::at(&self.settings.database).await
    }

    /// Waits until everything that was begun is done.
    ///
    /// # Errors
    ///
    /// It is not in time; the error says what is left.
    pub async fn settles(&self) -> Result<()> {
        let mut glances = tokio::time::interval(GLANCE);
        let confirmed = async {
            while self.get("sim/pending").await? != json!([]) {
                glances.tick().await;
            }
            Ok::<_, anyhow::Error>(())
        };
        tokio::time::timeout(PATIENCE, confirmed).await.context("the bot leaves updates unconfirmed")??;
        let look = self.look().await?;
        let settled = look.settles().await;
        look.close().await;
        settled
    }

    /// Everybody in the emulated Telegram.
    ///
    /// # Errors
    ///
    /// The emulator does not answer.
    pub async fn everybody(&self) -> Result<Vec<Person>> {
        let users = self.get("sim/users").await?;
        let person = |user: &Value| {
            let name = user["username"].as_str().or(user["first_name"].as_str()).unwrap_or_default();
            user["id"].as_i64().map(|id| Person::new(id, name, self.url()))
        };
        Ok(users.as_array().into_iter().flatten().filter_map(person).collect())
    }

    /// What the processes wrote into their log so far.
    #[must_use]
    pub fn log_lines(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("tandem.log")).unwrap_or_default()
    }

    /// Moves the clock of the emulated Telegram, which the platform follows.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn advance_minutes(&self, minutes: u32) -> Result<()> {
        self.post("sim/clock/advance", json!({"seconds": minutes * 60})).await.map(drop)
    }

    /// Arms a fault, as docs/emulator.md tells.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn fault(&self, fault: Value) -> Result<()> {
        self.post("sim/fault", fault).await.map(drop)
    }

    /// Changes a switch of the emulated Telegram.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn switch(&self, switches: Value) -> Result<()> {
        self.post("sim/settings", switches).await.map(drop)
    }

    /// What the bot did that no correct bot does.
    ///
    /// # Errors
    ///
    /// The emulator does not answer.
    pub async fn violations(&self) -> Result<Value> {
        self.get("sim/violations").await
    }

    /// What went between the ends of Telegram calls, and what of it was lost on purpose; docs/emulator.md has the fields.
    ///
    /// # Errors
    ///
    /// The emulator does not answer.
    pub async fn traffic(&self) -> Result<Value> {
        self.get("sim/traffic").await
    }

    /// Every call of the bot to the emulated Telegram.
    ///
    /// # Errors
    ///
    /// The emulator does not answer.
    pub async fn calls(&self) -> Result<Value> {
        self.get("sim/calls").await
    }

    /// Runs one of tandem's tools on the platform's database.
    ///
    /// # Errors
    ///
    /// It fails.
    pub async fn tool(&self, arguments: &[&str]) -> Result<String> {
        tandem::tool(&self.settings, arguments).await
    }

    /// Every file of the scenario that may hold what was stored or logged.
    ///
    /// # Errors
    ///
    /// The folder can't be read.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let entries = std::fs::read_dir(self.folder.path()).context("read the scenario's folder")?;
        Ok(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect())
    }

    async fn wait_for_bot(&self) -> Result<()> {
        let olga = self.olga();
        olga.starts(None).await?;
        if let Err(silence) = olga.sees_button(crate::person::BOT, "").await {
            bail!("{silence:#}\nthe process says:\n{}", self.log_lines())
        }
        Ok(())
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let response = self.client.post(format!("{}/{path}", self.url())).json(&body).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let response = self.client.get(format!("{}/{path}", self.url())).send().await?;
        Ok(response.error_for_status()?.json().await?)
    }
}
