//! The operator's tools, on a platform that people have used.

use crate::acts::{self, ASSIGN, TRANSFER};
use crate::secrets::PASSWORD;
use crate::world::{Place, World, postgres_server};
use anyhow::{Context as _, Result, ensure};
use event_store::contract::TestDatabase;
use testkit::tandem;

/// Support reads what happened to an account: who did what, in words.
async fn history_tells_the_story_of_an_account(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", ASSIGN).await?;
    world.power_cut().await?;
    acts::takes(&ivan, &message).await?;
    olga.sees("took your offer").await?;
    let back = acts::gives_back(&ivan, &[&olga], &account).await?;
    acts::takes(&olga, &back[0]).await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    acts::takes(&ivan, &message).await?;
    world.platform.settles().await?;

    let history = world.platform.tool(&["history", &account]).await?;
    insta::assert_snapshot!("history", without_times(&history).replace(&account, "[account]"));
    let lines = world.platform.tool(&["history", &account, "--json"]).await?;
    ensure!(lines.lines().count() == history.lines().count(), "{lines}");
    for line in lines.lines() {
        serde_json::from_str::<serde_json::Value>(line).with_context(|| line.to_owned())?;
    }
    Ok(())
}

/// Without what is another one each time: the time in front, deadlines, and the numbers of updates.
fn without_times(history: &str) -> String {
    let line = |line: &str| {
        let sentence = line.split_once("  ").map_or(line, |(_, sentence)| sentence).trim();
        let sentence = cut(sentence, "until ", "UTC");
        cut(&sentence, "[update ", "]")
    };
    history.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The text without what stands between these two.
fn cut(text: &str, after: &str, before: &str) -> String {
    let parts = text.split_once(after).and_then(|(head, rest)| Some((head, rest.split_once(before)?)));
    match parts {
        Some((head, (_, tail))) => format!("{head}{after}…{before}{tail}"),
        None => text.to_owned(),
    }
}

/// A new operator's key: everything that was sealed under the old one still opens.
async fn a_rotated_key_opens_what_was_sealed_before(world: &mut World) -> Result<()> {
    let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
    ivan.starts(None).await?;
    let account = acts::creates(&olga, "1001").await?;
    let message = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
    acts::takes(&ivan, &message).await?;
    world.platform.settles().await?;
    world.platform.stop_all().await?;
    let rotated = world.platform.tool(&["key", "rotate"]).await?;
    ensure!(rotated.contains("added key-2"), "{rotated}");
    world.platform.start_all()?;
    let right = format!("{account} {PASSWORD}");
    let away = olga.sends_inline("ivan", &right, "Take the SIP account back").await?;
    acts::takes(&olga, &away).await?;
    acts::lists(&olga, "1001", "").await?;
    Ok(())
}

/// The doctor says that all is well, and what is not.
async fn the_doctor_finds_what_is_wrong(world: &mut World) -> Result<()> {
    acts::creates(&world.olga, "1001").await?;
    world.platform.settles().await?;
    let healthy = world.platform.tool(&["doctor"]).await?;
    ensure!(healthy.contains("All is well."), "{healthy}");

    let well = world.platform.settings().clone();
    let nobodys_token = tandem::Settings { token: "1:nobodys".to_owned(), ..well.clone() };
    let no_keys = tandem::Settings { key_file: world.platform.folder().join("no-keys"), ..well.clone() };
    let no_telegram = tandem::Settings { telegram: "http://127.0.0.1:1".to_owned(), ..well };
    for (ill, what) in [(nobodys_token, "WRONG token"), (no_keys, "WRONG keys"), (no_telegram, "WRONG token")]
    {
        let found = tandem::tool(&ill, &["doctor"]).await;
        let Err(found) = found else { anyhow::bail!("the doctor finds nothing where there is {what}") };
        ensure!(format!("{found:#}").contains(what), "{found:#}");
    }
    Ok(())
}

stories![
    history_tells_the_story_of_an_account,
    a_rotated_key_opens_what_was_sealed_before,
    the_doctor_finds_what_is_wrong,
];

/// One process is no longer enough: everything moves to PostgreSQL, and the story goes on where it was.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_story_that_began_on_sqlite_goes_on_after_the_move_to_postgres() -> Result<()> {
    let Some(server) = postgres_server() else {
        eprintln!("not told: TANDEM_TEST_POSTGRES is not set");
        return Ok(());
    };
    let database = TestDatabase::create(&server).await?;
    let address = database.address();
    let told = World::tell(Place::Sqlite, &[], async |world: &mut World| {
        let (olga, ivan) = (world.olga.clone(), world.ivan.clone());
        ivan.starts(None).await?;
        let account = acts::creates(&olga, "1001").await?;
        let given = acts::offers(&olga, &ivan, "1001", TRANSFER).await?;
        acts::takes(&ivan, &given).await?;
        let offered = acts::offers(&ivan, &world.petr, "1001", ASSIGN).await?;
        world.platform.settles().await?;
        world.platform.stop_all().await?;
        let from = world.platform.settings().database.clone();
        let moved = world.platform.tool(&["migrate", &from, &address]).await?;
        ensure!(moved.contains("copied"), "{moved}");
        world.platform.move_to(address.clone());
        world.platform.start_all()?;

        acts::takes(&world.petr, &offered).await?;
        acts::lists(&ivan, "1001", "used by Petr").await?;
        let right = format!("{account} {PASSWORD}");
        let away = olga.sends_inline("ivan", &right, "Take the SIP account back").await?;
        acts::takes(&olga, &away).await?;
        acts::lists(&olga, "1001", "").await?;
        acts::lacks(&ivan, "1001").await
    })
    .await;
    database.drop().await?;
    told
}
