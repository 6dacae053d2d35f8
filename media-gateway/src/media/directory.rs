//! Which thread a port lives on, and where its statistics are written.

use super::PortId;
use super::error::EngineError;
use super::record::RecordingId;
use super::statistics::Statistics;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A port's statistics: written by its media thread once a second, read by whoever asks.
pub(super) type Shared = Arc<Mutex<Statistics>>;

/// All open ports. Locked for a look-up only.
#[derive(Debug, Default)]
pub(super) struct Directory(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    ports: HashMap<PortId, Entry>,
    recordings: HashMap<RecordingId, PortId>,
}

#[derive(Debug)]
struct Entry {
    lane: usize,
    movable: bool,
    statistics: Shared,
}

/// A port that has to change threads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shift {
    pub(super) port: PortId,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Directory {
    pub(super) fn add(&self, port: PortId, lane: usize, movable: bool) -> Shared {
        let statistics = Shared::default();
        let entry = Entry { lane, movable, statistics: Arc::clone(&statistics) };
        self.lock().ports.insert(port, entry);
        statistics
    }

    pub(super) fn remove(&self, port: PortId) -> Option<usize> {
        let mut content = self.lock();
        content.recordings.retain(|_, of| *of != port);
        content.ports.remove(&port).map(|entry| entry.lane)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().ports.len()
    }

    pub(super) fn lane_of(&self, port: PortId) -> Option<usize> {
        self.lock().ports.get(&port).map(|entry| entry.lane)
    }

    pub(super) fn least_loaded(&self, lanes: usize) -> usize {
        let mut counts = vec![0_usize; lanes];
        for entry in self.lock().ports.values() {
            counts[entry.lane] += 1;
        }
        counts.iter().enumerate().min_by_key(|(_, count)| **count).map_or(0, |(lane, _)| lane)
    }

    pub(super) fn statistics(&self, port: PortId) -> Option<Statistics> {
        let shared = Arc::clone(&self.lock().ports.get(&port)?.statistics);
        let statistics = *shared.lock().unwrap_or_else(PoisonError::into_inner);
        Some(statistics)
    }

    pub(super) fn recorded(&self, recording: RecordingId, port: PortId) {
        self.lock().recordings.insert(recording, port);
    }

    pub(super) fn port_of(&self, recording: RecordingId) -> Option<PortId> {
        self.lock().recordings.get(&recording).copied()
    }

    /// Decides which of two ports moves to the other's thread, and writes it down: commands that come from now on go
    /// to the new thread, which keeps them until the port arrives.
    pub(super) fn bring_together(&self, a: PortId, b: PortId) -> Result<Option<Shift>, EngineError> {
        let mut content = self.lock();
        let lane = |port| content.ports.get(&port).map(|entry| (entry.lane, entry.movable));
        let (from_a, a_moves) = lane(a).ok_or(EngineError::NoSuchPort)?;
        let (from_b, b_moves) = lane(b).ok_or(EngineError::NoSuchPort)?;
        if from_a == from_b {
            return Ok(None);
        }
        let shift = match (a_moves, b_moves) {
            (_, true) => Shift { port: b, from: from_b, to: from_a },
            (true, false) => Shift { port: a, from: from_a, to: from_b },
            (false, false) => return Err(EngineError::CannotJoin),
        };
        if let Some(entry) = content.ports.get_mut(&shift.port) {
            entry.lane = shift.to;
        }
        Ok(Some(shift))
    }

    fn lock(&self) -> MutexGuard<'_, Content> {
        // A panic elsewhere leaves the maps whole: every change is one insert or remove.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PortId = PortId(1);
    const B: PortId = PortId(2);

    #[test]
    fn a_port_that_can_move_comes_to_the_one_that_cannot() {
        let directory = Directory::default();
        directory.add(A, 0, true);
        directory.add(B, 1, false);
        assert_eq!(directory.bring_together(A, B).unwrap(), Some(Shift { port: A, from: 0, to: 1 }));
        assert_eq!(directory.lane_of(A), Some(1));
        assert_eq!(directory.bring_together(A, B).unwrap(), None, "they are together now");
    }

    #[test]
    fn two_ports_that_cannot_move_stay_apart() {
        let directory = Directory::default();
        directory.add(A, 0, false);
        directory.add(B, 1, false);
        assert!(matches!(directory.bring_together(A, B), Err(EngineError::CannotJoin)));
    }

    #[test]
    fn a_new_port_goes_where_there_are_fewest() {
        let directory = Directory::default();
        directory.add(A, 0, true);
        assert_eq!(directory.least_loaded(2), 1);
    }

    #[test]
    fn a_recording_is_forgotten_with_its_port() {
        let directory = Directory::default();
        directory.add(A, 0, true);
        directory.recorded(RecordingId(7), A);
        assert_eq!(directory.port_of(RecordingId(7)), Some(A));
        directory.remove(A);
        assert_eq!(directory.port_of(RecordingId(7)), None);
    }
}
