//! A read model made anew beside the old one, which goes on serving until the new one takes its place in one transaction.

use super::checkpoint::{Desk, Hold, Standing, Stopped};
use super::follow::describe;
use super::read_model::{Memory, ReadModel};
use super::tables::Place;
use super::tail::{Entry, Page, Tail};
use crate::log::Fault;
use crate::projection::Table;
use crate::sql::{Statement, TransactError, Type};
use domain::Event;
use domain::log::{Position, Recorded};
use std::collections::HashSet;

/// Events in a page of a rebuild (reference: event-store 3.6).
const PAGE: u32 = 20_000;

/// Rows that are kept in memory at most before they are written; about half a kilobyte each.
const ROWS: usize = 500_000;

/// Rows of a table that is only added to are written in portions of this size, since none comes back.
const ADDED: usize = 50_000;

/// How far a rebuild has come.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The read model.
    pub name: &'static str,
    /// Events folded so far.
    pub events: u64,
    /// The place in the log.
    pub position: Position,
    /// The end of the log when the rebuild began.
    pub head: Position,
}

/// Told now and then how far a rebuild has come.
pub type OnProgress<'a> = &'a (dyn Fn(&Progress) + Send + Sync);

/// What a rebuild has made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rebuilt {
    /// The physical table that the plain name means now.
    pub table: String,
    /// Events folded.
    pub events: u64,
    /// Events that could not be read; their streams are parked.
    pub parked: u64,
}

/// Why a read model was not rebuilt. The old one is untouched.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// Another process does it already.
    #[error("{by} is rebuilding it already")]
    Busy {
        /// The process.
        by: String,
    },
    /// Another process took it over, because this one was silent for too long.
    #[error("another process has taken the rebuild over")]
    Fenced,
    /// Something broke.
    #[error("the read model can't be rebuilt")]
    Fault(#[from] Fault),
}

impl From<Stopped> for RebuildError {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Fenced => Self::Fenced,
            Stopped::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<TransactError> for RebuildError {
    fn from(error: TransactError) -> Self {
        match error {
            TransactError::Raced { .. } => Self::Fenced,
            TransactError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// Makes a new generation of a read model and lets its name mean it.
pub(super) async fn rebuild(
    desk: &Desk,
    tail: &Tail,
    model: &dyn ReadModel,
    on_progress: OnProgress<'_>,
) -> Result<Rebuilt, RebuildError> {
    let table = model.table();
    let head = tail.log().head().await?;
    let (place, hold) = begin(desk, &table).await?;
    let mut building = Building {
        desk,
        tail,
        hold,
        memory: model.memory(),
        parked: HashSet::new(),
        bare: true,
        known: true,
        place,
        table,
        cursor: Position::START,
        progress: Progress { name: table.name, events: 0, position: Position::START, head },
    };
    building.load(on_progress).await?;
    building.switch().await?;
    desk.release(&building.hold).await;
    Ok(Rebuilt {
        table: super::tables::physical(&table, building.hold.generation),
        events: building.progress.events,
        parked: building.parked.len() as u64,
    })
}

/// Enters a new generation and makes its table. What a dead rebuild left behind is thrown away.
async fn begin(desk: &Desk, table: &Table) -> Result<(Place, Hold), RebuildError> {
    let mut statements = Vec::new();
    if let Some(left) = desk.building(table.name).await? {
        if desk.is_held_by_another(&left) {
            return Err(RebuildError::Busy { by: left.owner.unwrap_or_default() });
        }
        statements.push(remove(table.name, &left).expecting(1));
        statements.push(Place::new(*table, left.generation, desk.db.dialect()).drop_table());
    }
    let sql = "SELECT MAX(generation) FROM es_processors WHERE name = $1";
    let newest = desk.db.query(Statement::new(sql, [table.name.into()]), &[Type::Int]).await?;
    let newest = newest.first().map(|row| row.int_or_null(0)).transpose().map_err(Fault::from)?.flatten();
    let generation = newest.unwrap_or(0) + 1;
    let place = Place::new(*table, generation, desk.db.dialect());
    let shape = i64::from(table.version);
    statements.push(desk.enter(table.name, "building", generation, shape, Position::START));
    statements.extend(place.create_bare());
    desk.db.transact(statements).await?;
    let hold = Hold { name: table.name.to_owned(), generation, epoch: 1, position: Position::START };
    Ok((place, hold))
}

fn remove(name: &str, standing: &Standing) -> Statement {
    Statement::new(
        "DELETE FROM es_processors WHERE name = $1 AND generation = $2 AND epoch = $3",
        [name.into(), standing.generation.into(), standing.epoch.into()],
    )
}

struct Building<'a> {
    desk: &'a Desk,
    tail: &'a Tail,
    hold: Hold,
    place: Place,
    table: Table,
    memory: Box<dyn Memory>,
    /// Streams with an event that can't be read.
    parked: HashSet<String>,
    /// The table has no key yet.
    bare: bool,
    /// Every row is in memory.
    known: bool,
    /// Folded up to here; what is written stands in `hold`.
    cursor: Position,
    progress: Progress,
}

impl Building<'_> {
    /// Folds the whole log and writes the rows; key and indexes come last.
    async fn load(&mut self, on_progress: OnProgress<'_>) -> Result<(), RebuildError> {
        let tail = self.tail;
        let mut page = tail.read(self.cursor, PAGE).await?;
        loop {
            let (cursor, full) = (page.cursor, page.full);
            let next = async { if full { tail.read(cursor, PAGE).await.map(Some) } else { Ok(None) } };
            // The database reads while this process folds.
            let (next, folded) = tokio::join!(next, self.fold(&page));
            folded?;
            on_progress(&self.progress);
            match next? {
                Some(next) => page = next,
                None => break,
            }
        }
        self.flush().await?;
        self.index().await
    }

    async fn fold(&mut self, page: &Page) -> Result<(), RebuildError> {
        let mut events: Vec<&Recorded<Event>> = Vec::with_capacity(page.entries.len());
        let mut parking = Vec::new();
        for entry in &page.entries {
            match &entry.events {
                Ok(newest) if !self.parked.contains(&entry.stream) => events.extend(newest),
                Ok(_) => parking.push(self.park(entry, None)),
                Err(fault) => {
                    parking.push(self.park(entry, Some(describe(fault))));
                    self.parked.insert(entry.stream.clone());
                }
            }
        }
        let wanted = self.memory.plan(&events);
        if !self.known && !wanted.is_empty() {
            let rows = self.desk.db.query(self.place.load(wanted), &self.place.types()).await?;
            self.memory.learn(rows)?;
        }
        self.memory.fold(&events);
        self.cursor = page.cursor;
        self.progress.events += page.entries.len() as u64;
        self.progress.position = page.cursor;
        // Keeps the lease; the place moves when rows are written.
        let here = self.hold.position;
        self.desk.advance(&mut self.hold, parking, here).await?;
        if self.table.append_only && self.memory.waiting() >= ADDED {
            self.flush().await?;
        } else if self.memory.rows() >= ROWS {
            self.flush().await?;
            self.index().await?;
            self.memory.forget();
            self.known = false;
        }
        Ok(())
    }

    fn park(&self, entry: &Entry, error: Option<String>) -> Statement {
        self.desk.park(&self.hold, &entry.stream, entry.position, error)
    }

    /// Writes what has changed, in several transactions: a long one would hold up every reader of the log on PostgreSQL
    /// (reference: event-store 4.4), and nobody reads this table yet.
    async fn flush(&mut self) -> Result<(), RebuildError> {
        let here = self.hold.position;
        for portion in self.place.write(self.memory.changes(), self.bare) {
            self.desk.advance(&mut self.hold, vec![portion], here).await?;
        }
        Ok(self.desk.advance(&mut self.hold, Vec::new(), self.cursor).await?)
    }

    async fn index(&mut self) -> Result<(), RebuildError> {
        if self.bare {
            let here = self.hold.position;
            self.desk.advance(&mut self.hold, self.place.create_indexes(), here).await?;
            self.bare = false;
        }
        Ok(())
    }

    /// Stops the old generation, comes as far as it was, and takes its name.
    async fn switch(&mut self) -> Result<(), RebuildError> {
        self.catch_up(Position::START).await?;
        let old = match self.desk.active(self.table.name).await? {
            Some(standing) => {
                Some(self.desk.take_over(self.table.name, &standing).await?.ok_or(RebuildError::Fenced)?)
            }
            None => None,
        };
        self.catch_up(old.as_ref().map_or(Position::START, |old| old.position)).await?;
        let mut writes = Vec::new();
        if let Some(old) = &old {
            let values = || [old.name.clone().into(), old.generation.into()];
            writes.push(
                Statement::new(
                    "DELETE FROM es_processors WHERE name = $1 AND generation = $2 AND epoch = $3",
                    values().into_iter().chain([old.epoch.into()]),
                )
                .expecting(1),
            );
            writes
                .push(Statement::new("DELETE FROM es_parked WHERE name = $1 AND generation = $2", values()));
        }
        writes.push(Statement::new(
            "UPDATE es_processors SET state = 'active' WHERE name = $1 AND generation = $2",
            [self.hold.name.clone().into(), self.hold.generation.into()],
        ));
        writes.extend(self.place.point_view());
        writes.extend(
            old.map(|old| Place::new(self.table, old.generation, self.desk.db.dialect()).drop_table()),
        );
        Ok(self.desk.advance(&mut self.hold, writes, self.cursor).await?)
    }

    /// Goes on until nothing is left to read and at least up to a position.
    async fn catch_up(&mut self, least: Position) -> Result<(), RebuildError> {
        loop {
            let page = self.tail.read(self.cursor, PAGE).await?;
            let done = page.entries.is_empty() && self.cursor >= least;
            if done {
                return Ok(());
            }
            self.fold(&page).await?;
            self.flush().await?;
        }
    }
}
