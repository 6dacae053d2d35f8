//! Storing, chunk by chunk.

use super::{BlobId, Blobs, CHUNK, purpose};
use crate::log::Fault;
use crate::sql::Statement;
use crate::vault::Subject;

/// Takes bytes as they come. Nothing can be read before [`Writer::finish`].
#[derive(Debug)]
pub struct Writer {
    blobs: Blobs,
    id: BlobId,
    subject: Subject,
    waiting: Vec<u8>,
    chunks: i64,
    bytes: u64,
}

impl Writer {
    pub(super) fn new(blobs: Blobs, id: BlobId, subject: Subject) -> Self {
        Self { blobs, id, subject, waiting: Vec::new(), chunks: 0, bytes: 0 }
    }

    /// What it is stored under.
    #[must_use]
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// How many bytes it has taken.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes more bytes. It writes to the database whenever they fill a chunk.
    ///
    /// # Errors
    ///
    /// The database can't be written, or the subject's key was shredded. What was taken before is not lost: the same
    /// bytes are not to be pushed again.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.bytes += bytes.len() as u64;
        self.waiting.extend_from_slice(bytes);
        while self.waiting.len() >= CHUNK {
            self.store(CHUNK).await?;
        }
        Ok(())
    }

    /// Stores the rest; from now on it can be read. May be called again if it failed.
    ///
    /// # Errors
    ///
    /// As [`Writer::push`].
    pub async fn finish(&mut self) -> Result<BlobId, Fault> {
        while !self.waiting.is_empty() {
            self.store(CHUNK.min(self.waiting.len())).await?;
        }
        let sql = "UPDATE blobs SET bytes = $2, chunks = $3, finished = $4 WHERE id = $1";
        let bytes = i64::try_from(self.bytes).unwrap_or(i64::MAX);
        let values = [self.id.to_string().into(), bytes.into(), self.chunks.into(), true.into()];
        self.blobs.write(vec![Statement::new(sql, values).expecting(1)], "finish a blob").await?;
        Ok(self.id)
    }

    /// Throws away what was stored so far.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn discard(self) -> Result<(), Fault> {
        self.blobs.delete(self.id).await
    }

    /// Stores the first bytes that wait, as one chunk. A chunk that is stored again replaces itself.
    async fn store(&mut self, size: usize) -> Result<(), Fault> {
        let chunk = self.waiting.get(..size).unwrap_or(&self.waiting);
        let sealed = self.blobs.vault.seal(&self.subject, &purpose(self.id, self.chunks), chunk).await?;
        let sql = "INSERT INTO blob_chunks (blob, number, sealed) VALUES ($1, $2, $3) \
                   ON CONFLICT (blob, number) DO UPDATE SET sealed = excluded.sealed";
        let values = [self.id.to_string().into(), self.chunks.into(), sealed.as_text().into()];
        self.blobs.write(vec![Statement::new(sql, values)], "store a chunk").await?;
        self.waiting.drain(..size.min(self.waiting.len()));
        self.chunks += 1;
        Ok(())
    }
}
