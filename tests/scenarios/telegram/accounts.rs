//! Service accounts come and go while the platform serves.

use super::{OLGA_HZ, eventually, meets_the_service_account, olga, olga_calls};
use crate::world::World;
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use testkit::service_account::{self, PHONE};
use testkit::{Person, tandem};

/// The service account's two-step password in these stories.
const PASSWORD: &str = "twofold-canary";

/// What the platform says when there is an account to call with, and when there is none any more.
const ON: &str = "whether people can be called by Telegram has changed on=true";
const OFF: &str = "whether people can be called by Telegram has changed on=false";

/// An operator signs the account out and in again; nothing is stopped for it, and people are called by it soon after.
async fn a_service_account_signs_out_and_in_while_the_platform_serves(world: &mut World) -> Result<()> {
    let app = olga(world).await?;
    let out = world.platform.tool(&["telegram", "logout", "1"]).await?;
    ensure!(out.contains("the session is ended"), "{out}");
    let none = world.platform.tool(&["telegram", "accounts"]).await?;
    ensure!(none.contains("there are no service accounts"), "{none}");
    let log = || world.platform.log_lines();
    eventually("the account is let go", || log().contains(OFF)).await?;

    let doctor = world.platform.tool(&["doctor"]).await?;
    ensure!(doctor.contains("no service account yet"), "{doctor}");
    signs_in(world).await?;
    let some = world.platform.tool(&["telegram", "accounts"]).await?;
    ensure!(some.contains("@tandem_calls") && some.contains("signed in"), "{some}");
    let doctor = world.platform.tool(&["doctor"]).await?;
    ensure!(doctor.contains("service accounts signed in: 1"), "{doctor}");
    eventually("the account is connected", || log().matches(ON).count() > 1).await?;
    let words = log();
    for secret in [PASSWORD, PHONE] {
        ensure!(!words.contains(secret), "`{secret}` stands in the log");
    }

    // Signed out, the account has forgotten whom it knew: people write to it again.
    meets_the_service_account(&world.olga).await?;
    olga_calls(world, &app, "600").await?;
    app.hears(OLGA_HZ).await?;
    app.hangs_up().await
}

/// At a terminal, as `tandem telegram login` asks.
async fn signs_in(world: &World) -> Result<()> {
    let account = service_account::person(world.platform.url());
    account.does("telegram", json!({"password": PASSWORD})).await?;
    let login = ["telegram", "login", "--recommended"];
    let mut terminal = tandem::at_a_terminal(world.platform.settings(), &login)?;
    terminal.shows("Phone number of the account").await?;
    terminal.types(PHONE).await?;
    terminal.shows("Code (not shown)").await?;
    terminal.types(&code(&account).await?).await?;
    terminal.shows("Two-step password (not shown").await?;
    terminal.types(PASSWORD).await?;
    terminal.shows("is service account 1").await?;
    terminal.ends().await.map(drop)
}

/// The login code that stands in the account's own app.
async fn code(account: &Person) -> Result<String> {
    let seen = account.reads("telegram").await?;
    seen["login_code"].as_str().map(str::to_owned).context("Telegram has sent a code")
}

telegram_stories![a_service_account_signs_out_and_in_while_the_platform_serves];

telegram_stories_with_a_standby![a_service_account_signs_out_and_in_while_the_platform_serves];
