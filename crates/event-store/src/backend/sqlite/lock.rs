//! The lock file that lets only one process write to a SQLite log.
//!
//! The operating system gives the lock back when the process ends, however it ends, so it is never stale.

use crate::log::Fault;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Held as long as this process writes.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of this database.
    ///
    /// # Errors
    ///
    /// Another process holds it; the error says which, and what to do.
    pub(super) fn take(database: &Path) -> Result<Self, Fault> {
        Self::try_take(database)?.map_err(|holder| held(database, &holder))
    }

    /// Takes the lock of this database, or tells the process that holds it, where it can be read.
    ///
    /// # Errors
    ///
    /// The lock file can't be opened.
    pub(super) fn try_take(database: &Path) -> Result<Result<Self, String>, Fault> {
        let path = lock_path(database);
        let fault = |error| Fault::new(format!("open the lock file {}", path.display()), error);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(fault)?;

        match file.try_lock() {
            Ok(()) => {
                file.set_len(0).map_err(fault)?;
                file.rewind().map_err(fault)?;
                write!(file, "{}", std::process::id()).map_err(fault)?;
                Ok(Ok(Self { _file: file }))
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is only for the message; if it can't be read, the message does without.
                let _ = file.read_to_string(&mut holder);
                Ok(Err(holder))
            }
            Err(TryLockError::Error(error)) => Err(fault(error)),
        }
    }
}

fn held(database: &Path, holder: &str) -> Fault {
    let who = if holder.is_empty() { "another process".to_owned() } else { format!("process {holder}") };
    Fault::because(format!(
        "{} is in use by {who}: a SQLite log has one process at a time. Stop that one first, or put the log on \
         PostgreSQL, where any number of processes can share it.",
        database.display()
    ))
}

fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}
