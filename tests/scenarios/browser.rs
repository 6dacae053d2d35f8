//! The stories as people live them: in Chromium, on the chat page. The scripts are in tests/browser.

use crate::secrets::PASSWORD;
use crate::world::{Place, World};
use anyhow::{Context as _, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;

/// How long one story may take, on a machine that is busy with others.
const STORY: Duration = Duration::from_secs(120);

/// The scripts, as they are in the source.
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/browser");

/// The folder with the scripts and what they need, once it is ready.
static STAGE: OnceCell<PathBuf> = OnceCell::const_new();

/// Tells one story on SQLite; whoever tells it asks for power cuts.
async fn tell(story: &str) -> Result<()> {
    World::tell(Place::Sqlite, &[], async |world| act(story, world).await).await
}

/// The same with a practice PBX and phones.
async fn tell_calls(story: &str) -> Result<()> {
    World::tell_calls(Place::Sqlite, async |world| act(story, world).await).await
}

async fn act(story: &str, world: &mut World) -> Result<()> {
    let stage = STAGE.get_or_try_init(prepare).await?;
    let mut script = start(stage, story, world.platform.url())?;
    let told = tokio::time::timeout(STORY, follow(&mut script, world)).await;
    let told = told.with_context(|| format!("«{story}» takes longer than {STORY:?}"));
    script.kill().await.context("end the script")?;
    told?
}

/// Kills the bot and starts it again whenever the script says so, until the script has ended well.
async fn follow(script: &mut Child, world: &mut World) -> Result<()> {
    let mut answers = script.stdin.take().context("the script listens")?;
    let mut lines = BufReader::new(script.stdout.take().context("the script speaks")?).lines();
    while let Some(line) = lines.next_line().await? {
        ensure!(line == "power cut", "the script says {line}");
        world.power_cut().await?;
        answers.write_all(b"done\n").await?;
    }
    let mut complaints = String::new();
    script.stderr.take().context("the script complains")?.read_to_string(&mut complaints).await?;
    let ended = script.wait().await.context("wait for the script")?;
    ensure!(ended.success(), "{complaints}");
    Ok(())
}

fn start(stage: &Path, story: &str, url: &str) -> Result<Child> {
    let mut node = Command::new("node");
    node.arg(stage.join("run.mjs")).args([story, url, PASSWORD]).arg(stage.join("pictures"));
    node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    node.spawn().context("start node; it has to be installed (on Debian: apt install nodejs npm chromium)")
}

/// Copies the scripts below the target folder and installs what they need there, where that has not been done.
async fn prepare() -> Result<PathBuf> {
    let here = std::env::current_exe().context("find this program")?;
    let target = here.ancestors().nth(3).context("this program is in the target folder")?;
    let stage = target.join("browser");
    std::fs::create_dir_all(&stage).with_context(|| format!("make {}", stage.display()))?;
    for script in std::fs::read_dir(SCRIPTS).context("list the scripts")? {
        let script = script?.path();
        if script.extension().is_some_and(|kind| kind == "mjs" || kind == "json") {
            let name = script.file_name().context("a script has a name")?;
            std::fs::copy(&script, stage.join(name)).with_context(|| format!("copy {}", script.display()))?;
        }
    }
    let wanted = std::fs::read(stage.join("package-lock.json")).context("read what is to be installed")?;
    let done = stage.join("installed");
    if std::fs::read(&done).ok().as_ref() != Some(&wanted) {
        install(&stage).await?;
        std::fs::write(&done, wanted).context("note what is installed")?;
    }
    Ok(stage)
}

async fn install(stage: &Path) -> Result<()> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(stage).stdin(Stdio::null());
    let installed =
        npm.output().await.context("start npm; it has to be installed (on Debian: apt install npm)")?;
    ensure!(installed.status.success(), "npm ci: {}", String::from_utf8_lossy(&installed.stderr));
    Ok(())
}

macro_rules! told {
    ($($name:ident: $script:literal),* $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> Result<()> {
            tell($script).await
        }
    )*};
}

told![
    a_newcomer_reaches_the_first_take: "newcomer",
    settings_are_shared_and_taken: "share",
    a_user_is_picked_and_unlinked: "assign",
    an_account_goes_and_comes_back: "transfer",
    an_account_is_taken_away_with_its_password: "taking-away",
    a_file_becomes_offers_and_a_board: "bulk",
    a_number_is_traced_through_the_dial_rules: "tracer",
    a_russian_is_spoken_to_in_russian: "russian",
    it_fits_on_a_phone_in_the_dark: "phone",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_hears_himself_and_drives_a_menu() -> Result<()> {
    tell_calls("calls").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_is_switched_to_telegram_is_rung_by_the_service_account() -> Result<()> {
    World::tell_telegram(Place::Sqlite, &[], async |world| act("telegram", world).await).await
}
