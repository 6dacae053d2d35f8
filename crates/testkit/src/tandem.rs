//! One `tandem serve` process: started, killed, started again.

use crate::terminal::Terminal;
use anyhow::{Context as _, Result, bail};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, ChildStdin, Command};

/// How long a process may take to end in good order. It gives what it is saying ten seconds.
const GOODBYE: Duration = Duration::from_secs(30);

/// What a process is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The binary.
    pub binary: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub database: String,
    /// The operator's keys; made if there are none.
    pub key_file: PathBuf,
    /// The bot's token at the emulated Telegram.
    pub token: String,
    /// Where the emulated Telegram answers.
    pub telegram: String,
    /// Where its log lines go; to this process's standard error unless given.
    pub log: Option<PathBuf>,
    /// Calls, if the process is to carry them.
    pub calls: Option<Calls>,
    /// Further environment variables.
    pub environment: Vec<(String, String)>,
}

/// What a process needs to carry calls, all of it on the loopback address.
#[derive(Debug, Clone)]
pub struct Calls {
    /// Where phones connect.
    pub phone: SocketAddr,
    /// The settings file, which names the practice PBX among the templates.
    pub config: PathBuf,
}

impl Calls {
    /// The phone address of docs/phone.md.
    #[must_use]
    pub fn phone_url(&self) -> String {
        format!("http://{}/phone/", self.phone)
    }

    fn environment(&self) -> [(&'static str, String); 7] {
        [
            ("TANDEM_CONFIG", self.config.display().to_string()),
            ("TANDEM_SIP_UDP", "127.0.0.1:0".to_owned()),
            ("TANDEM_SIP_TCP", "off".to_owned()),
            ("TANDEM_MEDIA_ADDRESS", "127.0.0.1".to_owned()),
            ("TANDEM_PHONE_LISTEN", self.phone.to_string()),
            ("TANDEM_PHONE_URL", self.phone_url()),
            ("TANDEM_PHONE_MEDIA_PORT", "0".to_owned()),
        ]
    }
}

/// An address on this machine that is free at the moment.
///
/// # Errors
///
/// The system has none.
pub fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port")?;
    listener.local_addr().context("find a free port")
}

/// A running process. It ends with its owner: its standard input closes then.
#[derive(Debug)]
pub struct Tandem {
    child: Child,
    lifeline: Option<ChildStdin>,
}

impl Tandem {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// The binary is not there, or its log can't be written.
    pub fn start(settings: &Settings) -> Result<Self> {
        let mut command = command(settings);
        if settings.calls.is_none() {
            command.args(["serve", "--exit-with-parent", "--roles", "bot,projector"]);
        } else {
            command.args(["serve", "--exit-with-parent"]);
        }
        command.stdin(Stdio::piped()).kill_on_drop(true);
        if let Some(log) = &settings.log {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(log);
            command.stderr(file.with_context(|| format!("open {}", log.display()))?);
        }
        let mut child = command.spawn().with_context(|| format!("start {}", settings.binary.display()))?;
        let lifeline = child.stdin.take();
        Ok(Self { child, lifeline })
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends it as a power cut would: SIGKILL, no goodbye.
    ///
    /// # Errors
    ///
    /// It can't be killed.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.context("kill tandem")
    }

    /// Lets it end in good order, as if whoever started it were gone.
    ///
    /// # Errors
    ///
    /// It does not end in time, or ends with an error.
    pub async fn stop(&mut self) -> Result<()> {
        drop(self.lifeline.take());
        let ended = tokio::time::timeout(GOODBYE, self.child.wait()).await;
        let ended = ended.context("tandem does not end")?.context("wait for tandem")?;
        if !ended.success() {
            bail!("tandem ended with {ended}");
        }
        Ok(())
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    ///
    /// It can't be waited for.
    pub async fn ended(&mut self) -> Result<std::process::ExitStatus> {
        self.child.wait().await.context("wait for tandem")
    }
}

/// Runs one of tandem's tools to its end and gives back what it printed.
///
/// # Errors
///
/// It fails; the error holds what it said.
pub async fn tool(settings: &Settings, arguments: &[&str]) -> Result<String> {
    let output = command(settings).args(arguments).output().await.context("start tandem")?;
    if !output.status.success() {
        let (said, why) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        bail!("`tandem {}` failed:\n{said}{why}", arguments.join(" "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs one of tandem's tools at a terminal, for what it asks there.
///
/// # Errors
///
/// It can't be started.
pub fn at_a_terminal(settings: &Settings, arguments: &[&str]) -> Result<Terminal> {
    let line = format!("'{}' {}", settings.binary.display(), arguments.join(" "));
    let mut script = Command::new("script");
    script.args(["-q", "-e", "-c", &line, "/dev/null"]).envs(environment(settings));
    Terminal::start(script)
}

/// The `tandem` binary beside the running one.
///
/// # Errors
///
/// It was not built.
pub fn binary() -> Result<PathBuf> {
    let here = std::env::current_exe().context("find this program")?;
    let mut folders = here.ancestors().skip(1).take(2).map(|folder| folder.join("tandem"));
    let found = folders.find(|file| file.is_file());
    found.context("the `tandem` binary is not built: run `cargo xtask test`, or `cargo build -p app` first")
}

/// Makes the operator's keys where there are none.
///
/// # Errors
///
/// The file can't be written.
pub async fn ensure_keys(binary: &Path, key_file: &Path) -> Result<()> {
    if key_file.exists() {
        return Ok(());
    }
    let made = Command::new(binary).args(["key", "new"]).env("TANDEM_KEY_FILE", key_file).output().await;
    let made = made.with_context(|| format!("start {}", binary.display()))?;
    if !made.status.success() {
        bail!("`tandem key new` failed:\n{}", String::from_utf8_lossy(&made.stderr));
    }
    Ok(())
}

fn command(settings: &Settings) -> Command {
    let mut command = Command::new(&settings.binary);
    command.envs(environment(settings)).stdin(Stdio::null());
    command
}

/// What every process and tool is told.
fn environment(settings: &Settings) -> Vec<(String, String)> {
    let own = [
        ("TANDEM_DATABASE", settings.database.clone()),
        ("TANDEM_KEY_FILE", settings.key_file.display().to_string()),
        ("TANDEM_BOT_TOKEN", settings.token.clone()),
        ("TANDEM_BOT_API_URL", settings.telegram.clone()),
        ("TANDEM_FOLLOW_CLOCK", format!("{}/sim/clock", settings.telegram)),
    ];
    let calls = settings.calls.iter().flat_map(Calls::environment);
    let own = own.into_iter().chain(calls).map(|(name, value)| (name.to_owned(), value));
    own.chain(settings.environment.iter().cloned()).collect()
}
