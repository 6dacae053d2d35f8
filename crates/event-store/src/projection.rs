//! The shape of a read model: a fold from events to the rows of one table.
//!
//! A projection is pure. The runner reads the log, brings the rows that a page of events touches into memory, folds,
//! and writes rows and checkpoint in one transaction (reference: event-store 4.4).

use crate::sql::{Row, Type, Value};
use domain::Event;
use domain::log::Recorded;

/// One column of a read model's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Type,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What it holds, for the people who query it: one phrase, with the unit.
    pub about: &'static str,
}

/// The table a projection keeps. The runner creates it, versioned, and a view of the plain name over the active version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// The name people query.
    pub name: &'static str,
    /// What it is for, in a sentence or two.
    pub about: &'static str,
    /// Raised with every change of the fold or of the columns; the runner then rebuilds beside the old one.
    pub version: u32,
    /// All columns; those of the key come first.
    pub columns: &'static [Column],
    /// How many of the first columns are the primary key.
    pub key: usize,
    /// Further indexes: the names of their columns.
    pub indexes: &'static [&'static [&'static str]],
    /// Rows are only ever added, each by one event, so the runner need not read them before.
    pub append_only: bool,
}

/// The values of the primary key of one row.
pub type Key = Vec<Value>;

/// A fold from events to the rows of one table. Delivery is at least once; the runner sees to it that a fold sees each
/// event once.
pub trait Projection: Send + Sync + 'static {
    /// What the rows look like in memory.
    type Row: Clone + Send + Sync;

    /// The table.
    const TABLE: Table;

    /// The rows that this event may create, change or delete, by their keys. Never read from anywhere but the event.
    fn keys(&self, event: &Recorded<Event>) -> Vec<Key>;

    /// What the row of this key becomes; none means that there is no row.
    fn apply(&self, key: &Key, row: Option<Self::Row>, event: &Recorded<Event>) -> Option<Self::Row>;

    /// The row as values, in the order of the table's columns.
    fn to_values(&self, row: &Self::Row) -> Vec<Value>;

    /// The values as a row; none if they are not a row of this version.
    fn to_row(&self, row: &Row) -> Option<Self::Row>;
}
