//! A PostgreSQL database of a test's own, with the tables that postgres-es wants.

use crate::hosted::AnyError;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, Executor as _, PgConnection, Pool, Postgres};

/// The tables of postgres-es, as its `db/init.sql` makes them.
const TABLES: &str = "
    CREATE TABLE events (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint CHECK (sequence >= 0) NOT NULL,
        event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, sequence));
    CREATE TABLE snapshots (
        aggregate_type text NOT NULL, aggregate_id text NOT NULL,
        last_sequence bigint CHECK (last_sequence >= 0) NOT NULL,
        current_snapshot bigint CHECK (current_snapshot >= 0) NOT NULL, payload json NOT NULL,
        PRIMARY KEY (aggregate_type, aggregate_id, last_sequence));
    CREATE TABLE tally_view (
        view_id text NOT NULL, version bigint CHECK (version >= 0) NOT NULL, payload json NOT NULL,
        PRIMARY KEY (view_id));";

/// A database that exists until it is dropped.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
    /// Its address.
    pub url: String,
}

impl Database {
    /// Creates one on the server of `TANDEM_TEST_POSTGRES`; none where that is not set.
    ///
    /// # Errors
    ///
    /// The server can't be reached or refuses.
    pub async fn create() -> Result<Option<Self>, AnyError> {
        let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else { return Ok(None) };
        let name = format!("oracle_{}", uuid::Uuid::new_v4().simple());
        let host = server.rsplit_once('/').map_or(server.as_str(), |(host, _)| host);
        let url = format!("{host}/{name}");
        PgConnection::connect(&server).await?.execute(format!("CREATE DATABASE {name}").as_str()).await?;
        Ok(Some(Self { server, name, url }))
    }

    /// Connects, and makes the tables of postgres-es.
    ///
    /// # Errors
    ///
    /// The server refuses.
    pub async fn pool(&self) -> Result<Pool<Postgres>, AnyError> {
        let pool = PgPoolOptions::new().max_connections(10).connect(&self.url).await?;
        make_tables(&pool).await?;
        Ok(pool)
    }

    /// Drops it, whoever is still connected.
    ///
    /// # Errors
    ///
    /// The server refuses.
    pub async fn remove(self) -> Result<(), AnyError> {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        PgConnection::connect(&self.server).await?.execute(drop.as_str()).await?;
        Ok(())
    }
}

/// Makes the tables of postgres-es in an empty database.
///
/// # Errors
///
/// They are there, or the server refuses.
pub async fn make_tables(pool: &Pool<Postgres>) -> Result<(), sqlx::Error> {
    pool.execute(TABLES).await.map(drop)
}
