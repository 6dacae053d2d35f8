//! The process with the `ntgcalls` library: one Python for everybody's calls, spoken with in lines of JSON. `library.py` is
//! its other end.

use super::frames::Told;
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Names a Python that has the library.
pub const PYTHON: &str = "TANDEM_TEST_NTGCALLS";

const HOST: &str = include_str!("library.py");

/// How long the library may take to load from a cold disk.
const LOADING: Duration = Duration::from_secs(30);

/// Calls that one device may begin before its numbers meet those of the next.
const STEP: u64 = 1 << 20;

/// Orders on their way. A call in its first second makes some tens.
const ORDERS: usize = 4096;

/// What is told to one device and not yet heard.
const TOLD: usize = 1024;

/// Lines of complaints that are kept for whoever asks why it ended.
const COMPLAINTS: usize = 10;

/// The Python with the library that the environment names, if it names one.
#[must_use]
pub fn python() -> Option<PathBuf> {
    std::env::var_os(PYTHON).map(PathBuf::from)
}

/// The running library.
pub(super) struct Library {
    /// The versions of Telegram's call protocol that it speaks.
    pub(super) versions: Vec<String>,
    orders: mpsc::Sender<Value>,
    devices: Mutex<Devices>,
}

#[derive(Default)]
struct Devices {
    known: u64,
    listening: BTreeMap<u64, mpsc::Sender<(u64, Told)>>,
}

/// A device's place at the library.
pub(super) struct Seat {
    /// The device's first number for a call.
    pub(super) first: u64,
    orders: mpsc::Sender<Value>,
    told: mpsc::Receiver<(u64, Told)>,
}

#[derive(Deserialize)]
struct Ready {
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    call: u64,
    #[serde(flatten)]
    told: Told,
}

impl Library {
    /// Starts it; it ends with `stop`.
    ///
    /// # Errors
    ///
    /// There is no such Python, or it lacks the library.
    pub(super) async fn start(
        python: &Path,
        tasks: &TaskTracker,
        stop: CancellationToken,
    ) -> Result<Arc<Self>> {
        let mut command = Command::new(python);
        command.args(["-c", HOST]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("start {} for Telegram calls", python.display()))?;
        let input = child.stdin.take().context("the library listens")?;
        let mut output = BufReader::new(child.stdout.take().context("the library speaks")?).lines();
        let complaints = child.stderr.take().context("the library complains")?;
        let first = tokio::time::timeout(LOADING, output.next_line()).await;
        let Some(first) = first.context("the ntgcalls library does not load")?? else {
            bail!("{} has no ntgcalls: {}", python.display(), last_words(complaints).await);
        };
        let ready: Ready =
            serde_json::from_str(&first).with_context(|| format!("the library says {first}"))?;
        let (orders, waiting) = mpsc::channel(ORDERS);
        let library = Arc::new(Self { versions: ready.versions, orders, devices: Mutex::default() });
        let process = Process { child, input, output, complaints, orders: waiting };
        tasks.spawn(process.serve(Arc::clone(&library), stop));
        Ok(library)
    }

    /// Whether its process still runs.
    pub(super) fn is_alive(&self) -> bool {
        !self.orders.is_closed()
    }

    /// A place for one device.
    pub(super) fn seat(&self) -> Seat {
        let (listening, told) = mpsc::channel(TOLD);
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        devices.known += 1;
        let number = devices.known;
        devices.listening.retain(|_, device| !device.is_closed());
        devices.listening.insert(number, listening);
        Seat { first: number * STEP, orders: self.orders.clone(), told }
    }

    async fn hear(&self, line: &str) {
        let Line { call, told } = match serde_json::from_str(line) {
            Ok(line) => line,
            Err(error) => {
                tracing::warn!(%error, line, "the ntgcalls library says what nobody understands");
                return;
            }
        };
        let device = {
            let devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
            devices.listening.get(&(call / STEP)).cloned()
        };
        if let Some(device) = device {
            // A device that has left hears nothing more.
            let _ = device.send((call, told)).await;
        }
    }

    fn hang_up(&self) {
        self.devices.lock().unwrap_or_else(PoisonError::into_inner).listening.clear();
    }
}

impl Seat {
    /// Gives an order, which names its call.
    ///
    /// # Errors
    ///
    /// The library has ended.
    pub(super) async fn order(&self, order: Value) -> Result<()> {
        self.orders.send(order).await.context("the ntgcalls library has ended")
    }

    /// What is told of a call next; nothing when the library has ended.
    pub(super) async fn told(&mut self) -> Option<(u64, Told)> {
        self.told.recv().await
    }
}

async fn last_words(complaints: ChildStderr) -> String {
    let mut lines = BufReader::new(complaints).lines();
    let mut last = VecDeque::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if last.len() == COMPLAINTS {
            last.pop_front();
        }
        last.push_back(line);
    }
    Vec::from(last).join("\n")
}

/// The process and its pipes.
struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    complaints: ChildStderr,
    orders: mpsc::Receiver<Value>,
}

impl Process {
    async fn serve(self, library: Arc<Library>, stop: CancellationToken) {
        let Self { mut child, mut input, mut output, complaints, mut orders } = self;
        // Three ways at once: a process that waits for its reader would otherwise not read, and so on.
        let giving = async {
            while let Some(order) = orders.recv().await {
                if input.write_all(format!("{order}\n").as_bytes()).await.is_err() {
                    return;
                }
            }
        };
        let hearing = async {
            while let Ok(Some(line)) = output.next_line().await {
                library.hear(&line).await;
            }
        };
        let complaining = async {
            let words = last_words(complaints).await;
            if !words.is_empty() && !stop.is_cancelled() {
                tracing::warn!("the ntgcalls library complained before it ended:\n{words}");
            }
        };
        tokio::select! {
            ((), ()) = async { tokio::join!(hearing, complaining) } => {}
            () = giving => {}
            () = stop.cancelled() => {}
        }
        library.hang_up();
        drop(input);
        // It ends with its input; one that does not is killed when the handle is dropped.
        let _ = tokio::time::timeout(Duration::from_secs(2), child.wait()).await;
    }
}

#[cfg(test)]
mod tests;
