//! Recordings on their way to a chat: any process stores, any process sends.
//!
//! What is stored is cut into chunks, each sealed under the key of the person whom it is about, so that a backup of the
//! database says nothing without that key, and erasing the person erases what was said. A blob can be read once it is
//! [finished](Writer::finish); what its writer never finished is [purged](Blobs::purge).

mod read;
mod write;

pub use read::{Blob, ReadError};
pub use write::Writer;

use crate::clock::Clock;
use crate::log::Fault;
use crate::sql::{Database, Statement, TransactError, Type};
use crate::vault::{Purpose, Subject, Vault};
use chrono::{DateTime, Utc};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

/// The size of a chunk in clear, in bytes. It is what a reader or writer holds in memory.
pub const CHUNK: usize = 48 * 1024;

/// Names what is stored: the `reference` in a call's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(Uuid);

/// The text is not a blob's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference is a UUID in hyphenated text")]
pub struct NotABlobId;

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for BlobId {
    type Err = NotABlobId;

    fn from_str(text: &str) -> Result<Self, NotABlobId> {
        Uuid::try_parse(text).map(Self).map_err(|_| NotABlobId)
    }
}

/// Stores and gives back. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    db: Arc<dyn Database>,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
}

impl Blobs {
    /// Blobs in this database.
    #[must_use]
    pub fn new(db: Arc<dyn Database>, vault: Arc<Vault>, clock: Arc<dyn Clock>) -> Self {
        Self { db, vault, clock }
    }

    /// Begins to store something about `subject`, of a media type like `audio/ogg`.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn create(&self, subject: &Subject, media_type: &str) -> Result<Writer, Fault> {
        let id = BlobId(Uuid::now_v7());
        let sql = "INSERT INTO blobs (id, subject, media_type, bytes, chunks, finished, created_at) \
                   VALUES ($1, $2, $3, 0, 0, $4, $5)";
        let values = [
            id.to_string().into(),
            subject.as_str().into(),
            media_type.into(),
            false.into(),
            self.clock.now().into(),
        ];
        self.write(vec![Statement::new(sql, values)], "begin a blob").await?;
        Ok(Writer::new(self.clone(), id, subject.clone()))
    }

    /// Opens something that is stored and finished; none if there is no such thing (any more).
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn open(&self, id: BlobId) -> Result<Option<Blob>, Fault> {
        let sql = "SELECT media_type, bytes, chunks, created_at FROM blobs WHERE id = $1 AND finished = $2";
        let statement = Statement::new(sql, [id.to_string().into(), true.into()]);
        let types = [Type::Text, Type::Int, Type::Int, Type::Time];
        let rows = self.db.query(statement, &types).await?;
        rows.first().map(|row| Blob::new(self.clone(), id, row)).transpose()
    }

    /// Deletes one. Deleting what is not there changes nothing.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn delete(&self, id: BlobId) -> Result<(), Fault> {
        let id = || [id.to_string().into()];
        let chunks = Statement::new("DELETE FROM blob_chunks WHERE blob = $1", id());
        let blob = Statement::new("DELETE FROM blobs WHERE id = $1", id());
        self.write(vec![chunks, blob], "delete a blob").await?;
        Ok(())
    }

    /// Deletes everything about somebody; returns how many blobs that were. Shredding the key makes them unreadable,
    /// this makes room.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn delete_about(&self, subject: &Subject) -> Result<u64, Fault> {
        let of = || [subject.as_str().into()];
        self.delete_where("subject = $1", &of).await
    }

    /// Deletes what was begun before a moment and never finished; returns how many blobs that were.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn purge(&self, begun_before: DateTime<Utc>) -> Result<u64, Fault> {
        let values = || [false.into(), begun_before.into()];
        self.delete_where("finished = $1 AND created_at < $2", &values).await
    }

    /// Deletes what was stored before a moment, finished or not: where the operator keeps recordings for a while only.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn forget(&self, stored_before: DateTime<Utc>) -> Result<u64, Fault> {
        let values = || [stored_before.into()];
        self.delete_where("created_at < $1", &values).await
    }

    async fn delete_where<const N: usize>(
        &self,
        which: &'static str,
        values: &(dyn Fn() -> [crate::sql::Value; N] + Sync),
    ) -> Result<u64, Fault> {
        let chunks = format!("DELETE FROM blob_chunks WHERE blob IN (SELECT id FROM blobs WHERE {which})");
        let blobs = format!("DELETE FROM blobs WHERE {which}");
        let statements = vec![Statement::new(chunks, values()), Statement::new(blobs, values())];
        let changed = self.write(statements, "delete blobs").await?;
        Ok(changed.last().copied().unwrap_or(0))
    }

    async fn write(&self, statements: Vec<Statement>, what: &'static str) -> Result<Vec<u64>, Fault> {
        self.db.transact(statements).await.map_err(|error| match error {
            TransactError::Fault(fault) => Fault::new(what, fault),
            raced @ TransactError::Raced { .. } => Fault::new(what, raced),
        })
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blobs(…)")
    }
}

/// A chunk opens only as this part of this blob.
fn purpose(id: BlobId, number: i64) -> Purpose {
    Purpose::new(format!("chunk {number} of blob {id}"))
}

#[cfg(test)]
mod tests;
