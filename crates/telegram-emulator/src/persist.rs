//! The world on disk: a journal of changed rows, one line for each act, rewritten when it has grown.
//!
//! A line is written before the act is answered, so what was acknowledged survives the end of the process. It is not
//! forced to the disk: a power cut may lose the last seconds, which is enough for an emulator.

use crate::world::{World, table::Change};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

/// Journals below this size are never rewritten while running.
const WORTH_COMPACTING: u64 = 16 * 1024 * 1024;

/// The open journal of a data directory.
pub(crate) struct Journal {
    directory: PathBuf,
    file: File,
    written: u64,
    base: u64,
    /// Held for as long as this process uses the directory.
    _lock: File,
}

impl Journal {
    /// Opens a directory, making it where it is missing, and reads the world in it.
    ///
    /// # Errors
    ///
    /// What the file system says; a directory that another process uses; a journal with a line that cannot be read
    /// anywhere but at its end.
    pub(crate) fn open(directory: &Path) -> io::Result<(Self, World)> {
        fs::create_dir_all(directory)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(directory.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    format!("another emulator uses {}", directory.display()),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let mut world = World::new();
        match File::open(directory.join("world.jsonl")) {
            Ok(file) => read(file, &mut world)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(error),
        }
        let (file, size) = rewrite(directory, &mut world)?;
        let journal = Self { directory: directory.to_owned(), file, written: size, base: size, _lock: lock };
        Ok((journal, world))
    }

    /// Writes what changed.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn commit(&mut self, world: &mut World) -> io::Result<()> {
        let changes = world.changes()?;
        if changes.is_empty() {
            return Ok(());
        }
        let line = line(&changes)?;
        self.file.write_all(&line)?;
        self.written += line.len() as u64;
        if self.written > WORTH_COMPACTING.max(self.base * 4) {
            (self.file, self.base) = rewrite(&self.directory, world)?;
            self.written = self.base;
        }
        Ok(())
    }
}

fn line(changes: &[Change]) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(changes)?;
    line.push(b'\n');
    Ok(line)
}

fn read(file: File, world: &mut World) -> io::Result<()> {
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    loop {
        text.clear();
        if reader.read_until(b'\n', &mut text)? == 0 {
            return Ok(());
        }
        // The process ended while it wrote this line; its act was never answered.
        if !text.ends_with(b"\n") {
            return Ok(());
        }
        let changes: Vec<Change> = serde_json::from_slice(&text)?;
        for change in changes {
            world.restore(change)?;
        }
    }
}

fn rewrite(directory: &Path, world: &mut World) -> io::Result<(File, u64)> {
    let (new, path) = (directory.join("world.jsonl.new"), directory.join("world.jsonl"));
    let mut file = File::create(&new)?;
    let mut size = 0;
    for change in world.everything()? {
        let line = line(&[change])?;
        size += line.len() as u64;
        file.write_all(&line)?;
    }
    file.sync_all()?;
    fs::rename(new, path)?;
    Ok((file, size))
}
