//! A plain read model to measure with: how often each account could not register.

use super::clock::MachineClock;
use chrono::{DateTime, Utc};
use domain::Event;
use domain::log::{Position, Recorded};
use event_store::clock::Clock as _;
use event_store::projection::{Column, Key, Projection, Table};
use event_store::sql::{Row, Type, Value};
use std::sync::mpsc::SyncSender;

/// One account's row.
#[derive(Debug, Clone)]
pub(crate) struct Failures {
    account: String,
    seen: i64,
    last: i64,
    /// Events that did not come right after the one before.
    out_of_order: i64,
}

/// An event as it is folded.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Its stream.
    pub(crate) stream: String,
    /// Where it stands.
    pub(crate) position: Position,
    /// When it was appended.
    pub(crate) appended: DateTime<Utc>,
    /// When it was folded.
    pub(crate) folded: DateTime<Utc>,
}

/// Keeps `bench_failures`.
#[derive(Default)]
pub(crate) struct Reader {
    watcher: Option<SyncSender<Seen>>,
}

impl Reader {
    /// The name of its table.
    pub(crate) const NAME: &'static str = "bench_failures";

    /// One that tells of every event it folds.
    pub(crate) fn watched(watcher: SyncSender<Seen>) -> Self {
        Self { watcher: Some(watcher) }
    }
}

const fn column(name: &'static str, kind: Type, about: &'static str) -> Column {
    Column { name, kind, nullable: false, about }
}

impl Projection for Reader {
    type Row = Failures;

    const TABLE: Table = Table {
        name: Self::NAME,
        about: "How often each account could not register.",
        version: 1,
        columns: &[
            column("account", Type::Text, "The account."),
            column("seen", Type::Int, "Events seen."),
            column("last", Type::Int, "The version of the last one."),
            column("out_of_order", Type::Int, "Events that did not come right after the one before."),
        ],
        key: 1,
        indexes: &[],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        vec![vec![event.stream.as_str().into()]]
    }

    fn apply(&self, _: &Key, row: Option<Failures>, event: &Recorded<Event>) -> Option<Failures> {
        if let Some(watcher) = &self.watcher {
            let (stream, position, appended) = (event.stream.clone(), event.position, event.context.at);
            // Nobody listens any more when the measurement is over.
            let _ = watcher.try_send(Seen { stream, position, appended, folded: MachineClock.now() });
        }
        let mut row = row.unwrap_or_else(|| Failures {
            account: event.stream.clone(),
            seen: 0,
            last: 0,
            out_of_order: 0,
        });
        let version = i64::try_from(event.version).unwrap_or(i64::MAX);
        row.out_of_order += i64::from(version != row.last + 1);
        row.seen += 1;
        row.last = version;
        Some(row)
    }

    fn to_values(&self, row: &Failures) -> Vec<Value> {
        vec![row.account.clone().into(), row.seen.into(), row.last.into(), row.out_of_order.into()]
    }

    fn to_row(&self, row: &Row) -> Option<Failures> {
        Some(Failures {
            account: row.text(0).ok()?,
            seen: row.int(1).ok()?,
            last: row.int(2).ok()?,
            out_of_order: row.int(3).ok()?,
        })
    }
}
