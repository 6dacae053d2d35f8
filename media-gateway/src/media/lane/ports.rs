//! A media thread's ports: by place for the loop, by name for commands, and when each is due.

use super::beat::{Beat, Grid};
use crate::media::PortId;
use crate::media::port::Port;
use std::collections::HashMap;
use std::time::Instant;

/// Ports keep their place while they are open, so that a socket's token can name it.
pub(super) struct Ports {
    places: Vec<Option<Box<Port>>>,
    /// By place. Those of free places say nothing.
    beats: Vec<Beat>,
    names: HashMap<PortId, usize>,
    free: Vec<usize>,
    grid: Grid,
}

impl Ports {
    pub(super) fn new(now: Instant) -> Self {
        let grid = Grid::new(now);
        Self { places: Vec::new(), beats: Vec::new(), names: HashMap::new(), free: Vec::new(), grid }
    }

    /// Takes in a port, whose first frame is due at once.
    pub(super) fn insert(&mut self, port: Box<Port>, now: Instant) -> usize {
        let beat = Beat::at(self.grid.after(now));
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.beats.push(beat);
            self.places.len() - 1
        });
        self.names.insert(port.id, place);
        self.places[place] = Some(port);
        self.beats[place] = beat;
        place
    }

    pub(super) fn remove(&mut self, id: PortId) -> Option<(usize, Box<Port>)> {
        let place = self.names.remove(&id)?;
        self.free.push(place);
        Some((place, self.places[place].take()?))
    }

    /// Lends a port out, so that it can be worked on together with another. [`Ports::put`] brings it back.
    pub(super) fn take(&mut self, place: usize) -> Option<Box<Port>> {
        self.places.get_mut(place)?.take()
    }

    pub(super) fn put(&mut self, place: usize, port: Box<Port>) {
        self.places[place] = Some(port);
    }

    pub(super) fn place(&self, id: PortId) -> Option<usize> {
        self.names.get(&id).copied()
    }

    pub(super) fn at(&mut self, place: usize) -> Option<&mut Port> {
        self.places.get_mut(place)?.as_deref_mut()
    }

    pub(super) fn get(&mut self, id: PortId) -> Option<&mut Port> {
        let place = self.place(id)?;
        self.at(place)
    }

    pub(super) fn beat(&mut self, place: usize) -> &mut Beat {
        &mut self.beats[place]
    }

    /// The frames of a port follow sound that is to be heard from `at` on.
    pub(super) fn follow(&mut self, place: usize, at: Instant) {
        let due = self.grid.after(at);
        if let Some(beat) = self.beats.get_mut(place) {
            beat.follow(due);
        }
    }

    /// When the next port is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.open().map(|place| self.beats[place].due()).min()
    }

    /// The places of ports that are due.
    pub(super) fn due(&self, now: Instant, places: &mut Vec<usize>) {
        places.clear();
        places.extend(self.open().filter(|place| self.beats[*place].due() <= now));
    }

    /// Places that are taken.
    pub(super) fn open(&self) -> impl Iterator<Item = usize> {
        self.places.iter().enumerate().filter(|(_, port)| port.is_some()).map(|(place, _)| place)
    }

    pub(super) fn ids(&self) -> Vec<PortId> {
        self.names.keys().copied().collect()
    }
}
