//! The way of events out of a media thread, which must never wait for whoever takes them.

use crate::media::event::Event;
use crate::media::record::RecordingId;
use std::collections::VecDeque;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

/// Events that do not fit in the channel wait here, in order, up to a bound.
pub(super) struct Events {
    sender: mpsc::Sender<Event>,
    waiting: VecDeque<Event>,
    bound: usize,
    /// Recordings that lost a chunk.
    torn: Vec<RecordingId>,
}

impl Events {
    pub(super) fn new(sender: mpsc::Sender<Event>, bound: usize) -> Self {
        Self { sender, waiting: VecDeque::new(), bound, torn: Vec::new() }
    }

    pub(super) fn tell(&mut self, event: Event) {
        if !self.waiting.is_empty() {
            self.keep(event);
            return;
        }
        match self.sender.try_send(event) {
            Ok(()) => {}
            Err(TrySendError::Full(event)) => self.keep(event),
            // Nobody listens any more; the engine is about to end.
            Err(TrySendError::Closed(_)) => {}
        }
    }

    /// Sends what waits, as far as there is room. Once a tick.
    pub(super) fn flush(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(event)) = self.sender.try_send(event) {
                self.waiting.push_front(event);
                return;
            }
        }
    }

    /// Nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Recordings that lost a chunk since this was asked last: they must end.
    pub(super) fn torn(&mut self) -> Vec<RecordingId> {
        std::mem::take(&mut self.torn)
    }

    fn keep(&mut self, event: Event) {
        if self.waiting.len() >= self.bound {
            // Sound can be spared before the word that a call ended.
            let chunk = self.waiting.iter().position(|event| matches!(event, Event::RecordingChunk { .. }));
            let dropped = self.waiting.remove(chunk.unwrap_or(0));
            match dropped {
                Some(Event::RecordingChunk { recording, .. }) => self.torn.push(recording),
                Some(_) | None => {
                    tracing::error!("an event of the media engine is lost: nobody takes them");
                }
            }
        }
        self.waiting.push_back(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::PortId;
    use bytes::Bytes;

    fn chunk(number: u64) -> Event {
        Event::RecordingChunk { recording: RecordingId(number), bytes: Bytes::new() }
    }

    fn heard(number: u64) -> Event {
        Event::Heard { port: PortId(number) }
    }

    #[test]
    fn events_wait_in_order_for_a_slow_taker() {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut events = Events::new(sender, 10);
        (1..=3).for_each(|number| events.tell(heard(number)));
        let mut taken = Vec::new();
        for _ in 0..3 {
            events.flush();
            taken.push(format!("{:?}", receiver.try_recv().unwrap()));
        }
        assert_eq!(taken, (1..=3).map(|number| format!("{:?}", heard(number))).collect::<Vec<_>>());
    }

    #[test]
    fn where_nobody_takes_them_chunks_go_first_and_their_recording_is_named() {
        let (sender, _receiver) = mpsc::channel(1);
        let mut events = Events::new(sender, 2);
        events.tell(heard(0));
        events.tell(heard(1));
        events.tell(chunk(7));
        events.tell(heard(2));
        assert_eq!(events.torn(), [RecordingId(7)]);
        assert_eq!(events.torn(), [], "told once");
    }
}
