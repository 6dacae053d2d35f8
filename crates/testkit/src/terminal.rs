//! An operator at a terminal: a tool of `tandem` that asks for what must not stand on its command line.

use anyhow::{Context as _, Result, bail};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

/// How long the tool may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A tool at a terminal of its own. It is killed with its owner.
pub struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    shown: String,
    /// How much of it was looked at.
    seen: usize,
}

impl Terminal {
    /// Starts it. util-linux' `script` makes the terminal, which is there on every Linux.
    ///
    /// # Errors
    ///
    /// It can't be started.
    pub(crate) fn start(mut command: tokio::process::Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn().context("start util-linux' `script`")?;
        let keyboard = child.stdin.take().context("there is a keyboard")?;
        let screen = child.stdout.take().context("there is a screen")?;
        Ok(Self { child, keyboard, screen, shown: String::new(), seen: 0 })
    }

    /// Waits until these words are shown, after those that were waited for before.
    ///
    /// # Errors
    ///
    /// They are not shown in time, or the tool ends before.
    pub async fn shows(&mut self, words: &str) -> Result<()> {
        let looking = async {
            loop {
                if let Some(at) = self.shown[self.seen..].find(words) {
                    self.seen += at + words.len();
                    return Ok(());
                }
                if !self.read().await? {
                    bail!("the tool has ended");
                }
            }
        };
        let shown = tokio::time::timeout(PATIENCE, looking).await;
        let shown = shown.unwrap_or_else(|_| bail!("nothing more is shown"));
        shown.with_context(|| format!("`{words}` is not shown; what is:\n{}", self.shown))
    }

    /// Types a line.
    ///
    /// # Errors
    ///
    /// The terminal is gone.
    pub async fn types(&mut self, line: &str) -> Result<()> {
        self.keyboard.write_all(format!("{line}\n").as_bytes()).await.context("type at the terminal")?;
        self.keyboard.flush().await.context("type at the terminal")
    }

    /// Waits until the tool ends well, and gives back everything that was shown.
    ///
    /// # Errors
    ///
    /// It does not end, or fails.
    pub async fn ends(mut self) -> Result<String> {
        let ending = async {
            while self.read().await? {}
            self.child.wait().await.context("wait for the tool")
        };
        let ended = tokio::time::timeout(PATIENCE, ending).await.context("the tool does not end")??;
        if !ended.success() {
            bail!("the tool ended with {ended}:\n{}", self.shown);
        }
        Ok(self.shown)
    }

    /// Reads more of the screen; false at its end.
    async fn read(&mut self) -> Result<bool> {
        let mut some = [0_u8; 4096];
        let read = self.screen.read(&mut some).await.context("look at the terminal")?;
        self.shown.push_str(&String::from_utf8_lossy(&some[..read]));
        Ok(read > 0)
    }
}
