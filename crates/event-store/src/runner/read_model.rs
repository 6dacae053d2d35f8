//! Any projection, whatever its row type: rows in memory, folded, and what of them has to be written.

use crate::log::Fault;
use crate::projection::{Key, Projection, Table};
use crate::sql::{Row, Value};
use domain::Event;
use domain::log::Recorded;
use std::collections::HashMap;
use std::sync::Arc;

/// A projection with its row type out of sight, so that different ones stand in one list.
pub trait ReadModel: Send + Sync + 'static {
    /// The table it keeps.
    fn table(&self) -> Table;

    /// Room for its rows; empty.
    fn memory(&self) -> Box<dyn Memory>;
}

/// Rows of a read model while events are folded into them.
///
/// In this order: [`Memory::plan`] tells which rows are to be brought in, [`Memory::learn`] brings them,
/// [`Memory::fold`] applies the planned events, [`Memory::changes`] gives what is to be written.
pub trait Memory: Send {
    /// Works out which rows these events touch; returns the keys of those that are not in memory.
    fn plan(&mut self, events: &[&Recorded<Event>]) -> Vec<Key>;

    /// Takes in rows of the table. Wanted keys for which no row comes have none.
    ///
    /// # Errors
    ///
    /// A row does not have the shape of this version.
    fn learn(&mut self, rows: Vec<Row>) -> Result<(), Fault>;

    /// Applies the events that were planned.
    fn fold(&mut self, events: &[&Recorded<Event>]);

    /// What has changed since it was asked last.
    fn changes(&mut self) -> Changes;

    /// How many changed rows wait to be written.
    fn waiting(&self) -> usize;

    /// How many rows are in memory.
    fn rows(&self) -> usize;

    /// Forgets every row.
    fn forget(&mut self);
}

/// What is to be written to the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows to insert, or to put in the place of the row with the same key.
    pub put: Vec<Vec<Value>>,
    /// Keys of rows to delete.
    pub delete: Vec<Key>,
}

/// The projection as a read model for the runner's list.
pub fn model<P: Projection>(projection: P) -> Arc<dyn ReadModel> {
    Arc::new(Model(Arc::new(projection)))
}

struct Model<P>(Arc<P>);

impl<P: Projection> ReadModel for Model<P> {
    fn table(&self) -> Table {
        P::TABLE
    }

    fn memory(&self) -> Box<dyn Memory> {
        Box::new(Rows {
            projection: self.0.clone(),
            index: HashMap::new(),
            slots: Vec::new(),
            touched: Vec::new(),
            changed: Vec::new(),
            added: Vec::new(),
        })
    }
}

struct Slot<R> {
    key: Key,
    row: Option<R>,
    /// Whether the table has a row of this key.
    stored: bool,
    changed: bool,
}

struct Rows<P: Projection> {
    projection: Arc<P>,
    index: HashMap<Key, usize>,
    slots: Vec<Slot<P::Row>>,
    /// The slots that each planned event touches.
    touched: Vec<Vec<usize>>,
    changed: Vec<usize>,
    /// Rows of an append-only table, which never come back into memory.
    added: Vec<Vec<Value>>,
}

impl<P: Projection> Memory for Rows<P> {
    fn plan(&mut self, events: &[&Recorded<Event>]) -> Vec<Key> {
        self.touched.clear();
        if P::TABLE.append_only {
            return Vec::new();
        }
        let mut wanted = Vec::new();
        for event in events {
            let keys = self.projection.keys(event);
            let mut touched = Vec::with_capacity(keys.len());
            for key in keys {
                touched.push(match self.index.get(&key) {
                    Some(slot) => *slot,
                    None => {
                        let slot = self.slots.len();
                        self.index.insert(key.clone(), slot);
                        wanted.push(key.clone());
                        self.slots.push(Slot { key, row: None, stored: false, changed: false });
                        slot
                    }
                });
            }
            self.touched.push(touched);
        }
        wanted
    }

    fn learn(&mut self, rows: Vec<Row>) -> Result<(), Fault> {
        for row in rows {
            let key = row.0.get(..P::TABLE.key).unwrap_or_default();
            let slot = self.index.get(key).and_then(|slot| self.slots.get_mut(*slot));
            let parsed = self.projection.to_row(&row);
            match (slot, parsed) {
                (Some(slot), Some(parsed)) => {
                    slot.row = Some(parsed);
                    slot.stored = true;
                }
                (Some(_), None) => {
                    return Err(Fault::because(format!("a row of {} is not of this version", P::TABLE.name)));
                }
                (None, _) => {
                    return Err(Fault::because(format!("{} gave a row nobody asked for", P::TABLE.name)));
                }
            }
        }
        Ok(())
    }

    fn fold(&mut self, events: &[&Recorded<Event>]) {
        if P::TABLE.append_only {
            for event in events {
                for key in self.projection.keys(event) {
                    let row = self.projection.apply(&key, None, event);
                    self.added.extend(row.map(|row| self.projection.to_values(&row)));
                }
            }
            return;
        }
        for (event, touched) in events.iter().zip(std::mem::take(&mut self.touched)) {
            for slot in touched {
                let at = slot;
                let slot = &mut self.slots[at];
                slot.row = self.projection.apply(&slot.key, slot.row.take(), event);
                if !slot.changed {
                    slot.changed = true;
                    self.changed.push(at);
                }
            }
        }
    }

    fn changes(&mut self) -> Changes {
        let mut changes = Changes { put: std::mem::take(&mut self.added), delete: Vec::new() };
        for slot in self.changed.drain(..) {
            let slot = &mut self.slots[slot];
            slot.changed = false;
            match &slot.row {
                Some(row) => changes.put.push(self.projection.to_values(row)),
                None if slot.stored => changes.delete.push(slot.key.clone()),
                None => {}
            }
            slot.stored = slot.row.is_some();
        }
        changes
    }

    fn waiting(&self) -> usize {
        self.changed.len() + self.added.len()
    }

    fn rows(&self) -> usize {
        self.slots.len()
    }

    fn forget(&mut self) {
        self.index.clear();
        self.slots.clear();
        self.touched.clear();
        self.changed.clear();
        self.added.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::testing::{Switches, switched};

    #[test]
    fn a_row_that_comes_and_goes_within_one_page_is_never_written() {
        let mut rows = model(Switches).memory();
        let events = [switched(1, "a", true), switched(2, "a", false)];
        let events: Vec<_> = events.iter().collect();

        assert_eq!(rows.plan(&events), vec![vec![Value::from("a")]]);
        rows.fold(&events);

        assert_eq!(rows.changes(), Changes::default());
    }

    #[test]
    fn a_stored_row_that_goes_is_deleted() {
        let mut rows = model(Switches).memory();
        let event = switched(2, "a", false);

        rows.plan(&[&event]);
        rows.learn(vec![Row(vec!["a".into(), 1_i64.into()])]).expect("the row has the right shape");
        rows.fold(&[&event]);

        assert_eq!(rows.changes().delete, vec![vec![Value::from("a")]]);
    }

    #[test]
    fn a_row_in_memory_is_not_asked_for_again() {
        let mut rows = model(Switches).memory();
        let (first, second) = (switched(1, "a", true), switched(2, "a", true));

        rows.plan(&[&first]);
        rows.fold(&[&first]);
        assert_eq!(rows.changes().put, vec![vec![Value::from("a"), Value::from(1_i64)]]);

        assert_eq!(rows.plan(&[&second]), Vec::<Key>::new());
        rows.fold(&[&second]);
        assert_eq!(rows.changes().put, vec![vec![Value::from("a"), Value::from(2_i64)]]);
    }

    #[test]
    fn a_row_of_another_shape_is_an_error_and_not_a_wrong_answer() {
        let mut rows = model(Switches).memory();
        rows.plan(&[&switched(1, "a", true)]);
        assert!(rows.learn(vec![Row(vec!["a".into(), "one".into()])]).is_err());
    }
}
