//! The packets that wait, in order.

use super::Packet;
use std::collections::VecDeque;

/// A packet that waits.
#[derive(Debug, Clone, Copy)]
struct Entry {
    sequence: i64,
    timestamp: i64,
    ticks: u32,
    payload_type: u8,
    slot: usize,
    length: usize,
}

/// The first packet that is to be played.
#[derive(Debug, Clone, Copy)]
pub(super) struct First {
    pub(super) sequence: i64,
    pub(super) timestamp: i64,
    pub(super) ticks: u32,
    /// Packets here before it that are not to be played.
    pub(super) unplayed_before: i64,
}

/// Entries by sequence number, and memory for their payloads.
///
/// Slots are used last in, first out, so that of the memory only as much is touched as packets really wait at once.
#[derive(Debug)]
pub(super) struct Store {
    entries: VecDeque<Entry>,
    free: Vec<usize>,
    memory: Box<[u8]>,
    slot_size: usize,
}

impl Store {
    pub(super) fn new(capacity: usize, max_payload: usize) -> Self {
        let capacity = capacity.max(2);
        Self {
            entries: VecDeque::with_capacity(capacity),
            free: (0..capacity).rev().collect(),
            memory: vec![0; capacity * max_payload].into(),
            slot_size: max_payload,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        self.free.extend(self.entries.drain(..).map(|entry| entry.slot));
    }

    /// Puts a packet in its place and says whether the oldest had to go for it. The payload fits in a slot.
    pub(super) fn insert(&mut self, sequence: i64, timestamp: i64, packet: &Packet<'_>) -> bool {
        let dropped = self.free.is_empty();
        if dropped && let Some(oldest) = self.entries.pop_front() {
            self.free.push(oldest.slot);
        }
        let Some(slot) = self.free.pop() else { return true };
        let length = packet.payload.len().min(self.slot_size);
        self.memory[slot * self.slot_size..][..length].copy_from_slice(&packet.payload[..length]);
        let entry = Entry {
            sequence,
            timestamp,
            ticks: packet.ticks,
            payload_type: packet.payload_type,
            slot,
            length,
        };
        let place = self.entries.partition_point(|other| other.sequence < sequence);
        self.entries.insert(place, entry);
        dropped
    }

    /// The first that is to be played.
    pub(super) fn first(&self) -> Option<First> {
        let index = self.index()?;
        let entry = self.entries[index];
        let (sequence, timestamp, ticks) = (entry.sequence, entry.timestamp, entry.ticks);
        Some(First { sequence, timestamp, ticks, unplayed_before: index as i64 })
    }

    /// Throws away what is not to be played at the beginning, and says which sequence number is expected then.
    pub(super) fn skip_unplayed(&mut self, mut expected: i64) -> i64 {
        while let Some(entry) =
            self.entries.pop_front_if(|entry| entry.ticks == 0 && entry.sequence <= expected)
        {
            self.free.push(entry.slot);
            expected = expected.max(entry.sequence + 1);
        }
        expected
    }

    /// The end of the last that is to be played.
    pub(super) fn end(&self) -> Option<i64> {
        let last = self.entries.iter().rfind(|entry| entry.ticks > 0)?;
        Some(last.timestamp + i64::from(last.ticks))
    }

    /// The first that is to be played, as a packet.
    pub(super) fn peek(&self) -> Option<Packet<'_>> {
        Some(self.packet(self.entries[self.index()?]))
    }

    /// Takes the first that is to be played, and what comes before it.
    pub(super) fn take(&mut self) -> Option<(First, Packet<'_>)> {
        let first = self.first()?;
        for _ in 0..first.unplayed_before {
            self.free.extend(self.entries.pop_front().map(|entry| entry.slot));
        }
        let entry = self.entries.pop_front()?;
        // The payload stays readable: nothing can be put in while it is borrowed.
        self.free.push(entry.slot);
        Some((first, self.packet(entry)))
    }

    fn index(&self) -> Option<usize> {
        self.entries.iter().position(|entry| entry.ticks > 0)
    }

    fn packet(&self, entry: Entry) -> Packet<'_> {
        Packet {
            // The lower bits are what was on the wire.
            sequence: entry.sequence as u16,
            timestamp: entry.timestamp as u32,
            ticks: entry.ticks,
            payload_type: entry.payload_type,
            payload: &self.memory[entry.slot * self.slot_size..][..entry.length],
        }
    }
}
