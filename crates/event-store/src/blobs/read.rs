//! Giving back, chunk by chunk.

use super::{BlobId, Blobs, purpose};
use crate::log::Fault;
use crate::sql::{Row, Statement, Type};
use crate::vault::OpenError;
use chrono::{DateTime, Utc};
use domain::sealed::Sealed;
use futures::Stream;
use secrecy::ExposeSecret as _;

/// Why something that is stored can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The person was forgotten, and with them what was said.
    #[error("the person was forgotten")]
    Forgotten,
    /// It was deleted while it was read, or a part of it is missing or is not what was stored.
    #[error("a part is missing or broken")]
    Broken,
    /// It is longer than asked for.
    #[error("it is too long")]
    TooLong,
    /// The database can't be read.
    #[error("the database can't be read")]
    Fault(#[source] Fault),
}

/// Something that is stored, and how far it was read.
#[derive(Debug)]
pub struct Blob {
    blobs: Blobs,
    /// What it is stored under.
    pub id: BlobId,
    /// What it is: `audio/ogg`.
    pub media_type: String,
    /// How long it is.
    pub bytes: u64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    chunks: i64,
    next: i64,
}

impl Blob {
    pub(super) fn new(blobs: Blobs, id: BlobId, row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            blobs,
            id,
            media_type: row.text(0)?,
            bytes: u64::try_from(row.int(1)?).unwrap_or(0),
            chunks: row.int(2)?,
            created_at: row.time(3)?,
            next: 0,
        })
    }

    /// The next chunk, of at most [`super::CHUNK`] bytes; none at the end.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        if self.next >= self.chunks {
            return Ok(None);
        }
        let sql = "SELECT sealed FROM blob_chunks WHERE blob = $1 AND number = $2";
        let statement = Statement::new(sql, [self.id.to_string().into(), self.next.into()]);
        let rows = self.blobs.db.query(statement, &[Type::Text]).await.map_err(ReadError::Fault)?;
        let row = rows.first().ok_or(ReadError::Broken)?;
        let sealed = Sealed::from_text(row.text(0).map_err(|error| ReadError::Fault(error.into()))?);
        let opened = self.blobs.vault.open(&sealed, &purpose(self.id, self.next)).await;
        let clear = opened.map_err(|error| match error {
            OpenError::Shredded => ReadError::Forgotten,
            OpenError::Mismatch => ReadError::Broken,
            OpenError::Fault(fault) => ReadError::Fault(fault),
        })?;
        self.next += 1;
        Ok(Some(clear.expose_secret().to_vec()))
    }

    /// The rest, if all of it is not longer than this.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn whole(mut self, longest: u64) -> Result<Vec<u8>, ReadError> {
        if self.bytes > longest {
            return Err(ReadError::TooLong);
        }
        let mut whole = Vec::new();
        while let Some(chunk) = self.next().await? {
            whole.extend(chunk);
        }
        Ok(whole)
    }

    /// The rest as a stream of chunks, for a request's body.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<u8>, ReadError>> + Send {
        futures::stream::try_unfold(self, |mut blob| async move {
            Ok(blob.next().await?.map(|chunk| (chunk, blob)))
        })
    }
}
