//! A media thread's ports: by place for the loop, by name for commands.

use crate::media::PortId;
use crate::media::port::Port;
use std::collections::HashMap;

/// Ports keep their place while they are open, so that a socket's token can name it.
#[derive(Default)]
pub(super) struct Ports {
    places: Vec<Option<Box<Port>>>,
    names: HashMap<PortId, usize>,
    free: Vec<usize>,
}

impl Ports {
    pub(super) fn insert(&mut self, port: Box<Port>) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        });
        self.names.insert(port.id, place);
        self.places[place] = Some(port);
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

    /// Places up to here may be taken.
    pub(super) fn end(&self) -> usize {
        self.places.len()
    }

    pub(super) fn ids(&self) -> Vec<PortId> {
        self.names.keys().copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}
