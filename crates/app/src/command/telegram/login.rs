//! `tandem telegram login`, step by step.

use super::{LoginOptions, print, prompt};
use anyhow::{Context as _, Result, bail};
use media_gateway::telegram::Settings;
use media_gateway::telegram::login::{Applied, CodeBy, Login, LoginError, Qr, RECOMMENDED, Step};
use media_gateway::telegram::store::{Store, Who};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use secrecy::{ExposeSecret as _, SecretString};
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// How often a code or a password may be mistyped. Telegram itself allows a few.
const TRIES: usize = 3;

/// Between two questions whether a QR code was scanned: Telegram tells at once, this is for when that is missed. A code is
/// good for half a minute.
const SCAN: Duration = Duration::from_secs(20);

/// How many QR codes are shown before we give up.
const CODES: usize = 15;

/// Signs an account in.
///
/// # Errors
///
/// Telegram refuses, and says why; nothing is kept then.
pub(super) async fn login(
    settings: &Settings,
    store: &Store,
    options: &LoginOptions,
    tasks: &TaskTracker,
) -> Result<()> {
    prompt::at_a_terminal()?;
    let mut login = Login::begin(settings, tasks).await?;
    let who = if options.qr { by_scan(&mut login).await? } else { by_code(&mut login).await? };
    let account = login.keep(store, &who).await?;
    let known_as = who.username.as_ref().map_or_else(String::new, |name| format!(" (@{name})"));
    print(format_args!("signed in: {}{known_as} is service account {account}", who.name));
    if who.username.is_none() {
        print("give it a user name in its app: people whom it has not met yet are told to write to it");
    }
    recommend(&login, options).await?;
    print("`tandem serve` connects it within seconds, or when it is started");
    Ok(())
}

async fn by_code(login: &mut Login) -> Result<Who> {
    let phone = prompt::line("Phone number of the account, in international form: ").await?;
    let sent = login.send_code(&SecretString::from(phone)).await?;
    print(where_to_look(&sent));
    let mut tries = 0;
    let step = loop {
        tries += 1;
        match login.enter_code(&prompt::secret("Code (not shown): ").await?).await {
            Err(error @ LoginError::WrongCode) if tries < TRIES => print(error),
            entered => break entered?,
        }
    };
    finish(login, step).await
}

async fn by_scan(login: &mut Login) -> Result<Who> {
    print("Scan this code with the account's app: Settings, Devices, Link Desktop Device.");
    let mut shown = String::new();
    for _ in 0..CODES {
        match login.qr().await? {
            Qr::Scanned(step) => return finish(login, step).await,
            Qr::Show { link, .. } => {
                if shown != link.expose_secret() {
                    link.expose_secret().clone_into(&mut shown);
                    print(draw(&link)?);
                }
            }
        }
        login.wait_for_scan(SCAN).await;
    }
    bail!("nobody has scanned a code: begin anew when the phone is at hand")
}

async fn finish(login: &mut Login, step: Step) -> Result<Who> {
    let hint = match step {
        Step::Done(who) => return Ok(who),
        Step::Password { hint } => hint.filter(|hint| !hint.is_empty()),
    };
    let hint = hint.map_or_else(String::new, |hint| format!(", hint: {hint}"));
    let question = format!("Two-step password (not shown{hint}): ");
    let mut tries = 0;
    loop {
        tries += 1;
        match login.enter_password(prompt::secret(&question).await?).await {
            Err(error @ LoginError::WrongPassword) if tries < TRIES => print(error),
            entered => return Ok(entered?),
        }
    }
}

async fn recommend(login: &Login, options: &LoginOptions) -> Result<()> {
    if !options.recommended {
        print("Recommended for a service account:");
        for setting in RECOMMENDED {
            print(format_args!("  - {}", setting.words()));
        }
        if !prompt::yes("Set these at Telegram now?").await? {
            return Ok(());
        }
    }
    tell_applied(&login.recommend().await);
    Ok(())
}

/// Says which settings were applied.
pub(super) fn tell_applied(applied: &[Applied]) {
    for Applied { setting, result } in applied {
        match result {
            Ok(()) => print(format_args!("done: {}", setting.words())),
            Err(error) => print(format_args!("not done: {} ({error})", setting.words())),
        }
    }
    if applied.iter().any(|applied| applied.result.is_err()) {
        print(
            "some settings can be changed only 24 hours after the login: then try `tandem telegram recommended`",
        );
    }
}

fn where_to_look(sent: &CodeBy) -> String {
    match sent {
        CodeBy::App => {
            "Telegram has sent a code to the account's other apps, in the chat \"Telegram\".".to_owned()
        }
        CodeBy::Sms => "Telegram has sent a code by SMS.".to_owned(),
        CodeBy::Voice => "Telegram calls the number and tells a code.".to_owned(),
        CodeBy::MissedCall => {
            "Telegram calls the number and hangs up: the code is the last digits of the caller's.".to_owned()
        }
        CodeBy::Email(address) => format!("Telegram has sent a code to the e-mail address {address}."),
        CodeBy::Fragment(url) => format!("Telegram shows a code at {url}."),
    }
}

/// A QR code in characters, dark on light as apps like it.
fn draw(link: &SecretString) -> Result<String> {
    let code = QrCode::new(link.expose_secret()).context("draw the QR code")?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_drawn_with_a_quiet_zone_around_it() {
        let drawn = draw(&SecretString::from("tg://login?token=AAAA")).expect("drawn");
        let lines: Vec<&str> = drawn.lines().collect();
        assert!(
            lines.len() > 10 && lines.iter().all(|line| line.chars().count() == lines[0].chars().count())
        );
        assert!(lines[0].chars().all(|it| it == '█'), "the rim is light: {drawn}");
    }
}
