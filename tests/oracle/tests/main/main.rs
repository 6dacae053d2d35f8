//! postgres-es against our log, and postgres-es against what it promises.

mod defects;
mod import;
mod same_events;

use oracle::database::Database;

/// A database of the test's own; where no server is given, says so and gives none.
async fn database() -> Option<Database> {
    let database = Database::create().await.expect("the server of TANDEM_TEST_POSTGRES makes a database");
    if database.is_none() {
        eprintln!("not run: TANDEM_TEST_POSTGRES names no PostgreSQL server");
    }
    database
}
