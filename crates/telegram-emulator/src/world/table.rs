//! Rows by key that remember what changed since the last commit, so that only that is written to disk.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One changed row: table, key, and the row, or null where it is gone.
pub(crate) type Change = (String, Value, Value);

/// A table in memory.
#[derive(Debug, Clone)]
pub(crate) struct Table<K, V> {
    name: &'static str,
    rows: BTreeMap<K, V>,
    dirty: BTreeSet<K>,
}

impl<K: Ord + Clone, V> Table<K, V> {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, rows: BTreeMap::new(), dirty: BTreeSet::new() }
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.rows.get(key)
    }

    /// A row to change; it counts as changed.
    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let row = self.rows.get_mut(key)?;
        self.dirty.insert(key.clone());
        Some(row)
    }

    pub(crate) fn insert(&mut self, key: K, row: V) {
        self.dirty.insert(key.clone());
        self.rows.insert(key, row);
    }

    pub(crate) fn remove(&mut self, key: &K) -> Option<V> {
        let row = self.rows.remove(key)?;
        self.dirty.insert(key.clone());
        Some(row)
    }

    /// Removes the rows that the test names.
    pub(crate) fn remove_where(&mut self, test: impl Fn(&K, &V) -> bool) {
        let gone: Vec<K> = self.rows.iter().filter(|(k, v)| test(k, v)).map(|(k, _)| k.clone()).collect();
        for key in gone {
            self.remove(&key);
        }
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.rows.values()
    }

    pub(crate) fn range(
        &self,
        range: impl std::ops::RangeBounds<K>,
    ) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.rows.range(range)
    }

    pub(crate) fn contains(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }

    /// For tables that are never written: nothing is remembered.
    pub(crate) fn forget_changes(&mut self) {
        self.dirty.clear();
    }

    /// A row to change, made first where it is missing.
    pub(crate) fn entry(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.dirty.insert(key.clone());
        self.rows.entry(key).or_default()
    }
}

/// What the disk needs of a table, whatever its rows are.
pub(crate) trait Rows {
    /// The table's name in the journal.
    fn name(&self) -> &'static str;
    /// Moves what changed since the last call to `out`.
    fn drain(&mut self, out: &mut Vec<Change>) -> serde_json::Result<()>;
    /// Every row.
    fn everything(&self, out: &mut Vec<Change>) -> serde_json::Result<()>;
    /// Takes a row back from disk.
    fn restore(&mut self, key: Value, row: Value) -> serde_json::Result<()>;
}

impl<K, V> Rows for Table<K, V>
where
    K: Ord + Clone + Serialize + DeserializeOwned,
    V: Serialize + DeserializeOwned,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn drain(&mut self, out: &mut Vec<Change>) -> serde_json::Result<()> {
        for key in std::mem::take(&mut self.dirty) {
            let row = self.rows.get(&key).map(serde_json::to_value).transpose()?.unwrap_or(Value::Null);
            out.push((self.name.to_owned(), serde_json::to_value(&key)?, row));
        }
        Ok(())
    }

    fn everything(&self, out: &mut Vec<Change>) -> serde_json::Result<()> {
        for (key, row) in &self.rows {
            out.push((self.name.to_owned(), serde_json::to_value(key)?, serde_json::to_value(row)?));
        }
        Ok(())
    }

    fn restore(&mut self, key: Value, row: Value) -> serde_json::Result<()> {
        let key: K = serde_json::from_value(key)?;
        if row.is_null() {
            self.rows.remove(&key);
        } else {
            self.rows.insert(key, serde_json::from_value(row)?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written_and_it_can_be_read_back() {
        let mut table: Table<i64, String> = Table::new("t");
        table.insert(1, "one".into());
        table.insert(2, "two".into());
        let mut written = Vec::new();
        table.drain(&mut written).unwrap();
        assert_eq!(written.len(), 2);

        table.remove(&1);
        let mut more = Vec::new();
        table.drain(&mut more).unwrap();
        assert_eq!(more, [("t".to_owned(), Value::from(1), Value::Null)]);

        let mut read: Table<i64, String> = Table::new("t");
        for (_, key, row) in written.into_iter().chain(more) {
            read.restore(key, row).unwrap();
        }
        assert_eq!(read.values().collect::<Vec<_>>(), ["two"]);
    }
}
