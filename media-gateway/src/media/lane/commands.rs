//! A media thread's answers to commands.

use super::worker::{Worker, absorb};
use crate::media::PortId;
use crate::media::command::Command;
use crate::media::directory::Shared;
use crate::media::event::{Event, Failure, RecordingEnding};
use crate::media::guarded::Guarded;
use crate::media::peer::{Heard, Peer};
use crate::media::port::Port;
use crate::media::port::recorder::{Finished, Recorder};
use crate::media::record::RecordingId;
use std::time::Instant;

/// Does one command. One for a port that is closed does nothing.
pub(super) fn run(worker: &mut Worker, command: Command, now: Instant) {
    let command = match early(worker, command) {
        Some(command) => command,
        None => return,
    };
    match command {
        Command::Open { port, peer, user, statistics } => worker.open(port, peer, user, statistics, now),
        Command::Agree { port, media } => {
            if let Some(port) = worker.ports.get(port) {
                port.peer.agree(*media);
            }
        }
        Command::Offer { port, offer, reply } => {
            let answer = worker.with_peer(port, now, |peer, heard| peer.offer(now, &offer, heard));
            if let Some(answer) = answer {
                worker.learn_user(port);
                // Whoever asked may have given up.
                let _ = reply.send(answer);
            }
        }
        Command::Signal { port, message } => {
            worker.with_peer(port, now, |peer, heard| peer.signal(now, message, heard));
        }
        Command::Join { a, b } => worker.join(a, b),
        Command::Part { port } => worker.part(port),
        Command::Play { port, source } => {
            if let Some(port) = worker.ports.get(port) {
                let rate = port.rate(None);
                port.player.play(source, rate);
            }
        }
        Command::Echo { port, on } => {
            worker.part(port);
            if let Some(content) = worker.ports.get(port).filter(|_| on) {
                content.partner = Some(port);
            }
        }
        Command::Digits { port, digits, method } => {
            if let Some(port) = worker.ports.get(port) {
                port.digits_out.press(&digits.0, method);
            }
        }
        Command::DetectTones { port, on } => {
            if let Some(port) = worker.ports.get(port) {
                port.digits_in.detects = on;
            }
        }
        Command::Record { port, recording, options } => {
            let recorder = Recorder::new(recording, options);
            let before = worker.ports.get(port).and_then(|port| port.recorder.replace(recorder));
            if let Some(before) = before {
                worker.finish(before, RecordingEnding::Stopped);
            }
        }
        Command::StopRecording { recording } => worker.stop_recording(recording, RecordingEnding::Stopped),
        Command::Close { port } => worker.close(port, now),
        Command::Expect { port } => {
            worker.expected.insert(port, Vec::new());
        }
        Command::Release { port, to } => {
            let content = worker.leave(port);
            // The other thread ends only together with the engine.
            let _ = to.send(Command::Adopt { port, content });
        }
        Command::Adopt { port, content } => worker.adopt(port, content, now),
    }
}

/// Keeps a command for a port that is on its way here; gives back any other.
fn early(worker: &mut Worker, command: Command) -> Option<Command> {
    let awaited = match &command {
        Command::Agree { port, .. }
        | Command::Offer { port, .. }
        | Command::Signal { port, .. }
        | Command::Part { port }
        | Command::Play { port, .. }
        | Command::Echo { port, .. }
        | Command::Digits { port, .. }
        | Command::DetectTones { port, .. }
        | Command::Record { port, .. }
        | Command::Close { port }
        | Command::Release { port, .. } => worker.expected.get_mut(port),
        Command::Join { a, b } => {
            let a = if worker.expected.contains_key(a) { a } else { b };
            worker.expected.get_mut(a)
        }
        // Which port it is of is not known here; all those awaited may be meant.
        Command::StopRecording { .. } => worker.expected.values_mut().next(),
        Command::Open { .. } | Command::Expect { .. } | Command::Adopt { .. } => None,
    };
    match awaited {
        Some(kept) => {
            kept.push(command);
            None
        }
        None => Some(command),
    }
}

impl Worker {
    fn open(
        &mut self,
        id: PortId,
        peer: Box<dyn Peer>,
        user: Option<String>,
        statistics: Shared,
        now: Instant,
    ) {
        let port = Box::new(Port::new(id, Guarded::around(peer), statistics, now));
        if let Some(user) = user {
            self.demux.add(user, id);
        }
        let place = self.settle(port, now);
        // What it has to say at the beginning need not wait for its first frame.
        self.advance(place, now);
    }

    fn adopt(&mut self, id: PortId, content: Option<Box<Port>>, now: Instant) {
        let kept = self.expected.remove(&id).unwrap_or_default();
        if let Some(port) = content {
            self.settle(port, now);
        }
        for command in kept {
            run(self, command, now);
        }
    }

    fn settle(&mut self, port: Box<Port>, now: Instant) -> usize {
        let (id, sockets) = (port.id, port.peer.sockets());
        let place = self.ports.insert(port, now);
        if let Err(error) = self.sockets.watch(place, sockets) {
            tracing::error!(%error, "a port's sockets cannot be watched");
            self.events.tell(Event::Failed { port: id, failure: Failure::Protocol });
        }
        metrics::gauge!("tandem_media_ports").increment(1.0);
        place
    }

    /// Lets a port go, parted and with its sockets no longer watched.
    fn leave(&mut self, id: PortId) -> Option<Box<Port>> {
        self.part(id);
        let (place, port) = self.ports.remove(id)?;
        self.sockets.forget(place);
        self.demux.remove(id);
        metrics::gauge!("tandem_media_ports").decrement(1.0);
        Some(port)
    }

    pub(super) fn close(&mut self, id: PortId, now: Instant) {
        let Some(mut port) = self.leave(id) else { return };
        port.peer.close(now);
        if let Some(recorder) = port.recorder.take() {
            self.finish(recorder, RecordingEnding::PortClosed);
        }
    }

    fn join(&mut self, a: PortId, b: PortId) {
        self.part(a);
        self.part(b);
        if self.ports.place(a).is_none() {
            return;
        }
        let Some(other) = self.ports.get(b) else { return };
        other.partner = Some(a);
        if let Some(port) = self.ports.get(a) {
            port.partner = Some(b);
        }
    }

    fn part(&mut self, id: PortId) {
        let Some(partner) = self.ports.get(id).and_then(|port| port.partner.take()) else { return };
        if let Some(other) = self.ports.get(partner).filter(|other| other.partner == Some(id)) {
            other.partner = None;
        }
    }

    fn with_peer<T>(
        &mut self,
        id: PortId,
        now: Instant,
        each: impl FnOnce(&mut dyn Peer, &mut Heard) -> T,
    ) -> Option<T> {
        let place = self.ports.place(id)?;
        let mut heard = Heard::default();
        let result = each(&mut *self.ports.at(place)?.peer, &mut heard);
        absorb(&mut self.ports, place, &mut heard, &mut self.events, now);
        Some(result)
    }

    fn learn_user(&mut self, id: PortId) {
        if let Some(user) = self.ports.get(id).and_then(|port| port.peer.shared_user()) {
            self.demux.add(user, id);
        }
    }

    /// Gives a frame of both sides to a port's recorder.
    pub(super) fn record(&mut self, port: &mut Port, other: &[i16], rate: u32) {
        let Some(recorder) = &mut port.recorder else { return };
        let id = recorder.id();
        let ending = recorder.take(other, rate, |bytes| {
            self.events.tell(Event::RecordingChunk { recording: id, bytes });
        });
        if let Some(ending) = ending
            && let Some(recorder) = port.recorder.take()
        {
            self.finish(recorder, ending);
        }
    }

    /// Some of a recording was lost on its way out: what follows would be worthless.
    pub(super) fn tear(&mut self, recording: RecordingId) {
        self.stop_recording(recording, RecordingEnding::Overrun);
    }

    fn stop_recording(&mut self, recording: RecordingId, ending: RecordingEnding) {
        for place in self.ports.open().collect::<Vec<_>>() {
            let Some(port) = self.ports.at(place) else { continue };
            if port.recorder.as_ref().is_some_and(|recorder| recorder.id() == recording)
                && let Some(recorder) = port.recorder.take()
            {
                self.finish(recorder, ending);
                return;
            }
        }
    }

    fn finish(&mut self, recorder: Recorder, ending: RecordingEnding) {
        let recording = recorder.id();
        let Finished { last, length, bytes } = recorder.finish();
        if !last.is_empty() {
            self.events.tell(Event::RecordingChunk { recording, bytes: last });
        }
        self.events.tell(Event::RecordingFinished { recording, length, bytes, ending });
    }
}
