//! Where a story is told, and what has to be so at the end of each.

use crate::secrets;
use anyhow::{Context as _, Result, ensure};
use event_store::contract::TestDatabase;
use testkit::{Options, Person, Platform, telegram_app};

/// The kind of installation a story is told on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// One process on SQLite.
    Sqlite,
    /// Two processes on PostgreSQL.
    Postgres,
}

/// What there is on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Chats alone.
    Chats,
    /// Also a practice PBX and phones.
    Calls,
    /// Also a service account and Telegram apps.
    Telegram,
}

/// The platform, its people, and the place.
pub(crate) struct World {
    pub(crate) platform: Platform,
    pub(crate) olga: Person,
    pub(crate) ivan: Person,
    pub(crate) petr: Person,
    database: Option<TestDatabase>,
}

/// What every process is told: what PostgreSQL remarks about tables that are there already says nothing.
const QUIET: Environment = &[("TANDEM_LOG", "info,sqlx=warn")];

/// Environment variables of every process.
pub(crate) type Environment = &'static [(&'static str, &'static str)];

impl World {
    /// Starts the platform, tells the story, and looks whether everything is in order afterwards.
    pub(crate) async fn tell(
        place: Place,
        environment: Environment,
        story: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        Self::tell_with(place, environment, Stage::Chats, story).await
    }

    /// The same with a practice PBX, phones for everybody, and processes that carry calls.
    pub(crate) async fn tell_calls(
        place: Place,
        story: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        Self::tell_with(place, &[], Stage::Calls, story).await
    }

    /// The same with a service account, and Telegram apps for everybody.
    pub(crate) async fn tell_telegram(
        place: Place,
        environment: Environment,
        story: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        if telegram_app::python().is_none() {
            let is_required = std::env::var("REQUIRE_CLIENTS").is_ok_and(|it| it == "1");
            ensure!(!is_required, "{} does not name a Python with ntgcalls", telegram_app::PYTHON);
            eprintln!(
                "not told: {} does not name a Python with ntgcalls; `cargo xtask test` sees to it",
                telegram_app::PYTHON
            );
            return Ok(());
        }
        Self::tell_with(place, environment, Stage::Telegram, story).await
    }

    async fn tell_with(
        place: Place,
        environment: Environment,
        stage: Stage,
        story: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let database = match (place, postgres_server()) {
            (Place::Sqlite, _) => None,
            (Place::Postgres, Some(server)) => Some(TestDatabase::create(&server).await?),
            (Place::Postgres, None) => {
                eprintln!("not told on PostgreSQL: TANDEM_TEST_POSTGRES is not set");
                return Ok(());
            }
        };
        let options = Options {
            database: database.as_ref().map(TestDatabase::address),
            processes: if place == Place::Postgres { 2 } else { 1 },
            environment: QUIET
                .iter()
                .chain(environment)
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            calls: stage != Stage::Chats,
            telegram: stage == Stage::Telegram,
        };
        let platform = Platform::start(options).await?;
        let (olga, ivan, petr) = (platform.olga(), platform.ivan(), platform.petr());
        let mut world = Self { platform, olga, ivan, petr, database };
        let told = match story(&mut world).await {
            Ok(()) => world.ends_well().await,
            wrong @ Err(_) => wrong,
        };
        let told = told.with_context(|| format!("the processes say:\n{}", world.platform.log_lines()));
        drop(world.platform);
        if let Some(database) = world.database {
            database.drop().await?;
        }
        told
    }

    /// A power cut in the middle of a story, at whatever step the platform is just now.
    pub(crate) async fn power_cut(&mut self) -> Result<()> {
        self.platform.power_cut().await
    }

    /// Everything that has to be so after any story.
    async fn ends_well(&mut self) -> Result<()> {
        if let Some(practice) = self.platform.practice() {
            practice.is_at_rest().await.context("a call has not ended at the far side")?;
        }
        self.platform.settles().await?;
        let violations = self.platform.violations().await?;
        ensure!(violations == serde_json::json!([]), "the bot did what no correct bot does: {violations:#}");
        secrets::nobody_sees_the_password(&self.platform).await?;
        let verified =
            self.platform.tool(&["log", "verify"]).await.context("verify the log while it is used")?;
        ensure!(verified.contains("all is well"), "{verified}");
        self.platform.stop_all().await?;
        secrets::nothing_holds_the_password(&self.platform).await?;
        self.read_models_are_what_the_log_says().await?;
        let wrong: Vec<String> = self
            .platform
            .log_lines()
            .lines()
            .filter(|line| line.contains(" ERROR "))
            .map(str::to_owned)
            .collect();
        ensure!(wrong.is_empty(), "a process reports errors: {wrong:#?}");
        Ok(())
    }

    async fn read_models_are_what_the_log_says(&self) -> Result<()> {
        let before = self.read_models().await?;
        self.platform.tool(&["rebuild", "all"]).await?;
        let after = self.read_models().await?;
        for (name, rows) in &before {
            ensure!(
                after.get(name) == Some(rows),
                "{name} was {rows:#?} and is rebuilt as {:#?}",
                after.get(name)
            );
        }
        Ok(())
    }

    async fn read_models(&self) -> Result<testkit::database::ReadModels> {
        let look = self.platform.look().await?;
        let models = look.read_models().await;
        look.close().await;
        models
    }
}

/// A server where databases may be made and dropped.
pub(crate) fn postgres_server() -> Option<String> {
    std::env::var("TANDEM_TEST_POSTGRES").ok().filter(|server| !server.is_empty())
}

/// Tells each story on every kind of installation; `with` gives environment variables.
macro_rules! stories {
    ($($name:ident $(with $environment:expr)?),* $(,)?) => {$(
        mod $name {
            use $crate::world::{Environment, Place, World};

            const ENVIRONMENT: Environment = stories!(@environment $($environment)?);

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() -> anyhow::Result<()> {
                World::tell(Place::Sqlite, ENVIRONMENT, super::$name).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres_with_two_processes() -> anyhow::Result<()> {
                World::tell(Place::Postgres, ENVIRONMENT, super::$name).await
            }
        }
    )*};
    (@environment) => { &[] };
    (@environment $environment:expr) => { $environment };
}

/// Tells each story of calls on every kind of installation.
macro_rules! call_stories {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            use $crate::world::{Place, World};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() -> anyhow::Result<()> {
                World::tell_calls(Place::Sqlite, super::$name).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres_with_two_processes() -> anyhow::Result<()> {
                World::tell_calls(Place::Postgres, super::$name).await
            }
        }
    )*};
}

/// Tells each story with a service account and Telegram apps on SQLite; `with` gives environment variables.
macro_rules! telegram_stories {
    ($($name:ident $(with $environment:expr)?),* $(,)?) => {
        mod on_sqlite {
            $(telegram_stories!(@tell $name Sqlite stories!(@environment $($environment)?));)*
        }
    };
    (@tell $name:ident $place:ident $environment:expr) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> anyhow::Result<()> {
            let place = $crate::world::Place::$place;
            $crate::world::World::tell_telegram(place, $environment, super::$name).await
        }
    };
}

/// Tells each story with a service account and Telegram apps on PostgreSQL, where one process works and one stands by.
macro_rules! telegram_stories_with_a_standby {
    ($($name:ident),* $(,)?) => {
        mod on_postgres_with_a_standby {
            $(telegram_stories!(@tell $name Postgres &[]);)*
        }
    };
}
