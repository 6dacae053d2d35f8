//! Questions at the terminal. What is secret is not shown while it is typed.

use anyhow::{Context as _, Result, bail};
use secrecy::SecretString;
use std::io::{IsTerminal as _, Write as _};

/// Refuses to go on where nobody can type: secrets don't belong into pipes and scripts.
///
/// # Errors
///
/// There is no terminal.
pub(super) fn at_a_terminal() -> Result<()> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    bail!("sign in at a terminal: in Docker use `docker compose exec -it`, over SSH `ssh -t`")
}

/// Asks for a line that may be seen.
///
/// # Errors
///
/// The terminal is gone.
pub(super) async fn line(question: &str) -> Result<String> {
    let question = question.to_owned();
    tokio::task::spawn_blocking(move || {
        show(&question)?;
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).context("read what is typed")?;
        if read == 0 {
            bail!("nothing was typed");
        }
        Ok(line.trim().to_owned())
    })
    .await?
}

/// Asks for a secret.
///
/// # Errors
///
/// The terminal is gone.
pub(super) async fn secret(question: &str) -> Result<SecretString> {
    let question = question.to_owned();
    tokio::task::spawn_blocking(move || {
        show(&question)?;
        let typed = rpassword::read_password().context("read what is typed")?;
        Ok(SecretString::from(typed))
    })
    .await?
}

/// Asks whether to do something. An empty line says yes.
///
/// # Errors
///
/// The terminal is gone.
pub(super) async fn yes(question: &str) -> Result<bool> {
    let answer = line(&format!("{question} [Y/n] ")).await?;
    Ok(answer.is_empty() || answer.to_lowercase().starts_with('y'))
}

/// Shows a question; the answer is typed behind it.
#[expect(clippy::print_stderr, reason = "a question is for the person at the terminal")]
fn show(question: &str) -> Result<()> {
    eprint!("{question}");
    std::io::stderr().flush().context("write to the terminal")
}
