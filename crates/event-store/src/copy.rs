//! Moves a whole log up from SQLite to PostgreSQL: for `tandem migrate sqlite://… postgres://…`.
//!
//! Positions stay what they were, in transaction 0, so every cursor carries over. Read models are not copied: they are
//! made anew from the log. Everything happens in one transaction, so a move that breaks off leaves the target empty.

use crate::backend::postgres::import::{Import, Target};
use crate::log::Fault;
use crate::open::{Backend, Opened};
use crate::sql::{Database, Row, Statement, Type};
use domain::log::Position;
use std::collections::BTreeSet;

/// Rows read and written at a time.
const PAGE: usize = 5_000;

/// How far a move has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The table that is being copied.
    pub table: String,
    /// Rows of it copied so far.
    pub rows: u64,
}

/// What a move has copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Copied {
    /// Events.
    pub events: u64,
    /// Rows of all other tables.
    pub rows: u64,
}

/// Copies everything but the read models. Nobody may write to either side meanwhile: the log that is left must be opened
/// for writing, which keeps others away from it.
///
/// # Errors
///
/// The source is not SQLite or the target not PostgreSQL, the target is not empty, or one of them fails. The target is
/// then as it was.
pub async fn copy(
    from: &Opened,
    to: &Opened,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Copied, Fault> {
    let (Backend::Sqlite(source), Backend::Postgres(target)) = (&from.backend, &to.backend) else {
        return Err(Fault::because(
            "a log moves from SQLite to PostgreSQL; between two PostgreSQL servers use pg_dump and `tandem log rebase`",
        ));
    };
    let source: &dyn Database = &**source;
    let mut import = target.import().await?;
    let mut copied = Copied::default();
    let read_models = read_models(source).await?;

    copied.events = copy_events(source, &mut import, &mut progress).await?;
    for table in import.tables().await? {
        let left_out = if FOLLOWERS.contains(&table.name.as_str()) { &read_models } else { &BTreeSet::new() };
        copied.rows += copy_table(source, &mut import, &table, left_out, &mut progress).await?;
    }
    import.finish().await?;
    Ok(copied)
}

/// Tables with the places of followers. Those of read models stay behind, as the read models do; reactors have done
/// their work up to their place and must not do it again.
const FOLLOWERS: [&str; 2] = ["es_processors", "es_parked"];

/// The followers that keep a table: it is named after them and their generation.
async fn read_models(source: &dyn Database) -> Result<BTreeSet<String>, Fault> {
    let followers = Statement::new(
        "SELECT DISTINCT name FROM es_processors
         WHERE EXISTS (SELECT 1 FROM sqlite_schema s WHERE s.name = es_processors.name || '_v' || generation)",
        [],
    );
    let rows = source.query(followers, &[Type::Text]).await?;
    rows.iter().map(|row| Ok(row.text(0)?)).collect()
}

async fn copy_events(
    source: &dyn Database,
    import: &mut Import,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<u64, Fault> {
    const KINDS: [Type; 11] = [
        Type::Int,
        Type::Int,
        Type::Text,
        Type::Text,
        Type::Int,
        Type::Bytes,
        Type::Text,
        Type::Int,
        Type::Text,
        Type::Text,
        Type::Int,
    ];
    let (mut last, mut count) = (Position::START, 0);
    loop {
        let page = Statement::new(
            "SELECT position, tenant, stream_type, stream_id, version, event_id, event_type, event_version, payload, meta,
                    recorded_at
             FROM es_events WHERE position > $1 ORDER BY position LIMIT $2",
            [(last.pos as i64).into(), (PAGE as i64).into()],
        );
        let rows = source.query(page, &KINDS).await?;
        let Some(end) = rows.last() else { return Ok(count) };
        last.pos = end.int(0)?.unsigned_abs();
        count += rows.len() as u64;
        import.events(rows).await?;
        progress(Progress { table: "es_events".to_owned(), rows: count });
    }
}

async fn copy_table(
    source: &dyn Database,
    import: &mut Import,
    table: &Target,
    left_out: &BTreeSet<String>,
    progress: &mut (impl FnMut(Progress) + Send),
) -> Result<u64, Fault> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let kinds: Vec<Type> = table.columns.iter().map(|column| column.kind).collect();
    let name = names.iter().position(|name| *name == "name");
    let (mut offset, mut count) = (0, 0);
    loop {
        let page = Statement::new(
            format!("SELECT {} FROM {} LIMIT $1 OFFSET $2", names.join(", "), table.name),
            [(PAGE as i64).into(), offset.into()],
        );
        let rows = source.query(page, &kinds).await?;
        if rows.is_empty() {
            return Ok(count);
        }
        offset += rows.len() as i64;
        let kept: Vec<Row> = rows.into_iter().filter(|row| !is_of(row, name, left_out)).collect();
        count += kept.len() as u64;
        import.rows(table, kept).await?;
        progress(Progress { table: table.name.clone(), rows: count });
    }
}

fn is_of(row: &Row, name: Option<usize>, followers: &BTreeSet<String>) -> bool {
    name.and_then(|column| row.text(column).ok()).is_some_and(|name| followers.contains(&name))
}
