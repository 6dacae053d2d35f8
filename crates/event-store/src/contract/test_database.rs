//! A PostgreSQL database of a test's own.

use crate::log::Fault;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// An empty database with a name of its own on a server for tests.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    /// Creates it. `server` is the address of any database there, of a user who may create databases.
    ///
    /// # Errors
    ///
    /// The server can't be reached or refuses.
    pub async fn create(server: &str) -> Result<Self, Fault> {
        let database = Self { server: server.to_owned(), name: format!("test_{}", Uuid::new_v4().simple()) };
        database.run(format!("CREATE DATABASE {}", database.name)).await?;
        Ok(database)
    }

    /// Its address.
    #[must_use]
    pub fn address(&self) -> String {
        let (host, query) =
            self.server.split_once('?').map_or((self.server.as_str(), ""), |(host, query)| (host, query));
        let host = host.rsplit_once('/').map_or(host, |(host, _)| host);
        let address = format!("{host}/{}", self.name);
        if query.is_empty() { address } else { format!("{address}?{query}") }
    }

    /// Drops it, whoever is still connected.
    ///
    /// # Errors
    ///
    /// The server can't be reached or refuses.
    pub async fn drop(self) -> Result<(), Fault> {
        self.run(format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await
    }

    async fn run(&self, sql: String) -> Result<(), Fault> {
        let fault = |error| Fault::new("prepare a database for a test", error);
        let mut conn = PgConnection::connect(&self.server).await.map_err(fault)?;
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.map_err(fault)?;
        conn.close().await.map_err(fault)
    }
}
