//! An emulated Telegram with three people and their apps.

use anyhow::{Context as _, Result, ensure};
use telegram_emulator::{Config, Emulator, Running};
use testkit::{Person, telegram_app};

pub(crate) const OLGA_HZ: f64 = 440.0;
pub(crate) const IVAN_HZ: f64 = 700.0;

pub(crate) struct Town {
    pub(crate) olga: Person,
    pub(crate) ivan: Person,
    pub(crate) petr: Person,
    _telegram: Running,
}

impl Town {
    /// Everybody's app is open, and Olga and Ivan speak. None where there is no library for their apps.
    pub(crate) async fn build() -> Result<Option<Self>> {
        let Some(python) = telegram_app::python() else {
            let is_required = std::env::var("REQUIRE_CLIENTS").is_ok_and(|it| it == "1");
            ensure!(!is_required, "{} does not name a Python with ntgcalls", telegram_app::PYTHON);
            eprintln!(
                "skipped: {} does not name a Python with ntgcalls; `cargo xtask test` sees to it",
                telegram_app::PYTHON
            );
            return Ok(None);
        };
        let config = Config::demo();
        let telegram = Emulator::start_with(config, |url| telegram_app::router(url, Some(python))).await;
        let telegram = telegram.context("start the emulated Telegram")?;
        let person = |id, name| Person::new(id, name, &telegram.url);
        let (olga, ivan, petr) = (person(10_001, "olga"), person(10_002, "ivan"), person(10_003, "petr"));
        for one in [&olga, &ivan, &petr] {
            one.app().opens().await?;
        }
        olga.app().says(OLGA_HZ).await?;
        ivan.app().says(IVAN_HZ).await?;
        Ok(Some(Self { olga, ivan, petr, _telegram: telegram }))
    }
}
