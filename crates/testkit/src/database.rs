//! The platform's database as a scenario looks at it from outside: what stands in its tables, and who keeps up.

use anyhow::{Context as _, Result, bail};
use event_store::open::{Access, OpenOptions, Opened, open};
use event_store::sql::{Database, Dialect, Statement, Type};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How often a scenario looks whether everything is done.
const GLANCE: Duration = Duration::from_millis(20);

/// How long it looks before it gives up. Generous, since two cores may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// The rows of every read model, by its name.
pub type ReadModels = BTreeMap<&'static str, Vec<String>>;

/// A database that is only looked at, also while the platform works on it.
pub struct Look {
    opened: Opened,
    database: Arc<dyn Database>,
}

impl Look {
    /// Opens the database.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub async fn at(address: &str) -> Result<Self> {
        let options = OpenOptions { access: Access::Look, ..OpenOptions::default() };
        let opened = open(address, options).await.context("look into the database")?;
        let database = opened.database.clone().context("a log without a database has no tables")?;
        Ok(Self { opened, database })
    }

    /// Waits until every update is handled, everything that has to be said is said, and every follower of the log stands
    /// at its end.
    ///
    /// # Errors
    ///
    /// It does not get there in time; the error says what is left.
    pub async fn settles(&self) -> Result<()> {
        let mut glances = tokio::time::interval(GLANCE);
        let mut left = String::new();
        let settled = async {
            loop {
                glances.tick().await;
                left = self.left_to_do().await?;
                if left.is_empty() {
                    return Ok(());
                }
            }
        };
        match tokio::time::timeout(PATIENCE, settled).await {
            Ok(settled) => settled,
            Err(_) => bail!("the platform does not come to rest: {left}"),
        }
    }

    /// Followers first, then what they and the updates give to say; the log must not have grown meanwhile.
    async fn left_to_do(&self) -> Result<String> {
        let newest = self.newest().await?;
        // A follower on PostgreSQL does not see an event before every older transaction is over, so the log's own head
        // would let it off too early.
        let after = match self.database.dialect() {
            Dialect::Sqlite => "e.position > f.position",
            Dialect::Postgres => "(e.tx, e.position) > (f.tx, f.position)",
        };
        let behind = format!(
            "SELECT f.name FROM es_processors f WHERE f.state = 'active' \
             AND EXISTS (SELECT 1 FROM es_events e WHERE {after}) ORDER BY f.name"
        );
        let mut left = self.texts(&behind).await?;
        for (table, open) in [("inbox", "state = 0"), ("outbox", "state < 2")] {
            let waiting =
                self.texts(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {table} WHERE {open}")).await?;
            if waiting != ["0"] {
                left.push(format!("{table} {}", waiting.join("")));
            }
        }
        if self.newest().await? != newest {
            left.push("the log grows".to_owned());
        }
        Ok(left.join(", "))
    }

    async fn newest(&self) -> Result<Vec<String>> {
        self.texts("SELECT CAST(COALESCE(MAX(position), 0) AS TEXT) FROM es_events").await
    }

    /// The rows of every read model, in an order of their own.
    ///
    /// # Errors
    ///
    /// One can't be read.
    pub async fn read_models(&self) -> Result<ReadModels> {
        let mut models = ReadModels::new();
        for model in projections::all() {
            let table = model.table();
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let types: Vec<Type> = table.columns.iter().map(|column| column.kind).collect();
            let select = Statement::new(format!("SELECT {} FROM {}", columns.join(", "), table.name), []);
            let rows =
                self.database.query(select, &types).await.with_context(|| format!("read {}", table.name))?;
            let mut rows: Vec<String> = rows.iter().map(|row| format!("{:?}", row.0)).collect();
            rows.sort();
            models.insert(table.name, rows);
        }
        Ok(models)
    }

    /// The names of all tables.
    ///
    /// # Errors
    ///
    /// They can't be read.
    pub async fn tables(&self) -> Result<Vec<String>> {
        self.texts(match self.database.dialect() {
            Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            Dialect::Postgres => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
            }
        })
        .await
    }

    /// The rows of a PostgreSQL table as text, as the server itself writes them.
    ///
    /// # Errors
    ///
    /// The database is another one, or the table can't be read.
    pub async fn rows(&self, table: &str) -> Result<Vec<String>> {
        self.texts(&format!("SELECT t::text FROM \"{table}\" t")).await
    }

    /// The first column of a query's rows, which is text.
    ///
    /// # Errors
    ///
    /// The query fails.
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let rows = self
            .database
            .query(Statement::new(sql, []), &[Type::Text])
            .await
            .with_context(|| sql.to_owned())?;
        rows.iter().map(|row| Ok(row.text(0)?)).collect()
    }

    /// Which database it is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.database.dialect()
    }

    /// Ends the look.
    pub async fn close(self) {
        drop(self.database);
        self.opened.close().await;
    }
}
