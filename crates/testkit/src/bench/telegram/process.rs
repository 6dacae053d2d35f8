//! A process that carries Telegram calls, driven by lines: `call`, `signal` and `end` go in; `ready`, `rtp`, `signal`,
//! `connected` and `heard` come out. `wheel.py` says what each means.

use crate::tools::clock::now;
use anyhow::{Context as _, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tgcalls::key::{CallKey, Role};

const SCRIPT: &str = include_str!("wheel.py");

/// How long a process may take to be ready.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process says about one of its calls.
#[derive(Debug)]
pub(super) enum Said {
    /// Where it listens for the SIP phone.
    Rtp(u16),
    /// To the far side.
    Signal(Vec<u8>),
    /// The two ends are connected.
    Connected,
    /// Sound was heard for the first time, then.
    Heard(Instant),
}

/// Hands signalling to one call of a process.
pub(super) type SignalLine = Box<dyn Fn(&[u8]) + Send>;

/// By the number of a call: whom to tell, and as whom.
type Listeners = Arc<Mutex<HashMap<u32, (usize, Sender<(usize, Said)>)>>>;

/// What a gateway says about a call, for the far end that it talks to.
pub(super) struct Line {
    pub(super) said: Receiver<(usize, Said)>,
    /// Signalling that came before the port was known.
    pub(super) early: Vec<Vec<u8>>,
}

impl Line {
    /// Waits until the gateway says where it listens for the SIP phone.
    pub(super) fn await_port(said: Receiver<(usize, Said)>) -> Result<(Self, u16)> {
        let mut early = Vec::new();
        loop {
            match said.recv_timeout(PATIENCE) {
                Ok((_, Said::Rtp(port))) => return Ok((Self { said, early }, port)),
                Ok((_, Said::Signal(packet))) => early.push(packet),
                Ok((_, Said::Connected | Said::Heard(_))) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    bail!("a gateway opens no port")
                }
            }
        }
    }
}

/// A running process; it ends when dropped.
pub(super) struct Process {
    child: Child,
    input: Arc<Mutex<ChildStdin>>,
    listeners: Listeners,
}

/// The Python that has the library, if there is one.
pub(super) fn python() -> Option<PathBuf> {
    std::env::var_os("TANDEM_TEST_NTGCALLS").map(PathBuf::from)
}

impl Process {
    /// Our gateway.
    pub(super) fn tandem() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["child", "telegram-gateway"]);
        Self::start(command)
    }

    /// A gateway around the library.
    pub(super) fn library_gateway(python: &Path) -> Result<Self> {
        Self::script(python, "bridge")
    }

    /// A person's app, which is the library.
    pub(super) fn library_app(python: &Path) -> Result<Self> {
        Self::script(python, "app")
    }

    fn script(python: &Path, what: &str) -> Result<Self> {
        let mut command = Command::new(python);
        command.args(["-c", SCRIPT, what]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().context("start a process for Telegram calls")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("its pipes are gone");
        };
        let (ready, is_ready) = channel();
        let listeners = Listeners::default();
        let known = Arc::clone(&listeners);
        std::thread::Builder::new().name("process".to_owned()).spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line == "ready" {
                    let _ = ready.send(());
                }
                take(&line, &known);
            }
        })?;
        let process = Self { child, input: Arc::new(Mutex::new(input)), listeners };
        is_ready.recv_timeout(PATIENCE).map_err(|_| anyhow!("a process for Telegram calls is not ready"))?;
        Ok(process)
    }

    /// Its process number.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Begins a call; what is said about it comes marked with `mark`. A gateway needs the port of the SIP phone.
    pub(super) fn call(
        &self,
        number: u32,
        role: Role,
        key: &CallKey,
        phone: Option<u16>,
        (mark, listener): (usize, &Sender<(usize, Said)>),
    ) {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(number, (mark, listener.clone()));
        let role = if role == Role::Caller { "caller" } else { "callee" };
        let key: String = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let phone = phone.map_or_else(String::new, |port| port.to_string());
        write(&self.input, &format!("call {number} {role} {key} {phone}"));
    }

    /// A way to hand it signalling, for other threads.
    pub(super) fn signals(&self, number: u32) -> SignalLine {
        let input = Arc::clone(&self.input);
        Box::new(move |packet| write(&input, &format!("signal {number} {}", STANDARD.encode(packet))))
    }

    /// Ends a call.
    pub(super) fn end(&self, number: u32) {
        write(&self.input, &format!("end {number}"));
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write(input: &Mutex<ChildStdin>, line: &str) {
    // A process that is gone is noticed by what does not come.
    let _ = input.lock().unwrap_or_else(PoisonError::into_inner).write_all(format!("{line}\n").as_bytes());
}

fn take(line: &str, listeners: &Listeners) {
    let mut words = line.split(' ');
    let (Some(what), Some(number)) = (words.next(), words.next().and_then(|word| word.parse::<u32>().ok()))
    else {
        return;
    };
    let said = match (what, words.next()) {
        ("rtp", Some(port)) => port.parse().ok().map(Said::Rtp),
        ("signal", Some(packet)) => STANDARD.decode(packet).ok().map(Said::Signal),
        ("connected", _) => Some(Said::Connected),
        ("heard", Some(offset)) => offset
            .parse()
            .ok()
            .map(|offset: f64| Said::Heard(now() + Duration::from_secs_f64(offset / 1000.0))),
        _ => None,
    };
    let listeners = listeners.lock().unwrap_or_else(PoisonError::into_inner);
    if let (Some(said), Some((mark, listener))) = (said, listeners.get(&number)) {
        let _ = listener.send((*mark, said));
    }
}
