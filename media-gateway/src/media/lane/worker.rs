//! A media thread's loop: commands as they come, and for each port that is due, datagrams in and sound out.
//!
//! The thread sleeps until the next port is due. Only where a path is sought or first sound is awaited do datagrams wake it.

use super::beat::Relation;
use super::events::Events;
use super::meter::{Effort, Meter};
use super::ports::Ports;
use super::sockets::{Sockets, Where};
use super::{TICK, commands};
use crate::media::PortId;
use crate::media::browser::demux::Demux;
use crate::media::clock::now;
use crate::media::command::Command;
use crate::media::config::EngineConfig;
use crate::media::event::Event;
use crate::media::peer::{Datagram, Happening, Heard, Payload, Received};
use crate::media::port::Port;
use crate::media::port::hearing::FIRST_DELAY;
use mio::Waker;
use std::collections::HashMap;
use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Datagrams are taken so often while a port that shares its socket seeks its path.
const HURRY: Duration = Duration::from_millis(2);
/// Shorter than this the system does not sleep for sockets.
const SHORT: Duration = Duration::from_millis(1);
/// Where packets pass through, datagrams are taken each tick for so long after the last.
const PASSING: Duration = Duration::from_millis(100);
/// Statistics of a port are renewed each second, counted in its frames.
const MEASURE: u32 = 50;
/// The thread's own are renewed so often.
const GAUGE: Duration = Duration::from_secs(1);

/// See the [module](self).
pub(super) struct Worker {
    queue: Receiver<Command>,
    pub(super) sockets: Sockets,
    pub(super) ports: Ports,
    pub(super) demux: Demux,
    pub(super) events: Events,
    /// Ports that will come from another thread, with the commands that came before them.
    pub(super) expected: HashMap<PortId, Vec<Command>>,
    meter: Arc<Meter>,
    effort: Effort,
    silence: Duration,
    heard: Heard,
    /// Places of ports that seek a path or await their first sound.
    keen: Vec<usize>,
    /// The thread sleeps no longer than this while a path is sought.
    pace: Option<Duration>,
    /// Packets pass through until then, if no more are let through.
    passing: Option<Instant>,
    /// Places of ports that are due.
    turn: Vec<usize>,
    /// When it worked last.
    last: Instant,
    next_gauge: Instant,
}

impl Worker {
    /// With what wakes it for a command.
    pub(super) fn new(
        queue: Receiver<Command>,
        browser_socket: Arc<UdpSocket>,
        events: mpsc::Sender<Event>,
        meter: Arc<Meter>,
        config: &EngineConfig,
    ) -> io::Result<(Self, Waker)> {
        let begin = now();
        let (sockets, bell) = Sockets::new(browser_socket, begin)?;
        let worker = Self {
            queue,
            sockets,
            ports: Ports::new(begin),
            demux: Demux::default(),
            events: Events::new(events, config.events),
            expected: HashMap::new(),
            meter,
            effort: Effort::new(),
            silence: config.silence,
            heard: Heard::default(),
            keen: Vec::new(),
            pace: None,
            passing: None,
            turn: Vec::new(),
            last: begin,
            next_gauge: begin,
        };
        Ok((worker, bell))
    }

    /// Runs until the handle is gone.
    pub(super) fn run(mut self) {
        while self.rest() {
            let begin = now();
            self.work(begin);
            let spent = now().saturating_duration_since(begin);
            self.effort.spent(spent, begin.saturating_duration_since(self.last));
            self.last = begin;
            if spent > TICK {
                self.meter.overrun();
            }
        }
        let end = now();
        for port in self.ports.ids() {
            self.close(port, end);
        }
        self.events.flush();
    }

    /// Works on commands until a port is due; false at the end.
    fn rest(&mut self) -> bool {
        loop {
            let at = now();
            let due = self.ports.next_due();
            let busy = !self.expected.is_empty() || !self.events.is_empty();
            let left = match due {
                Some(due) if due <= at => return true,
                Some(due) => Some(due.saturating_duration_since(at)),
                // Without a port there is nothing to wake for.
                None => busy.then_some(TICK),
            };
            if self.sockets.is_keen() {
                match self.queue.try_recv() {
                    Ok(command) => {
                        commands::run(self, command, at);
                        self.tend(at);
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => return false,
                    Err(TryRecvError::Empty) => {}
                }
            }
            let rest = match (left, self.pace()) {
                (Some(left), Some(pace)) => Some(left.min(pace)),
                (left, _) => left,
            };
            match rest {
                Some(rest) if self.sockets.is_keen() && rest >= SHORT => {
                    self.sockets.wait(Duration::from_millis(rest.as_millis() as u64));
                    self.look(now());
                }
                Some(rest) => match self.queue.recv_timeout(rest) {
                    Ok(command) => {
                        commands::run(self, command, now());
                        self.tend(now());
                    }
                    Err(RecvTimeoutError::Timeout) if due.is_some() => self.look(now()),
                    Err(RecvTimeoutError::Timeout) => return true,
                    Err(RecvTimeoutError::Disconnected) => return false,
                },
                None => match self.queue.recv() {
                    Ok(command) => {
                        self.last = now();
                        commands::run(self, command, now());
                        self.tend(now());
                    }
                    Err(_) => return false,
                },
            }
        }
    }

    /// Between frames: what has come for those that can't wait.
    fn look(&mut self, now: Instant) {
        if self.pace().is_some() || self.sockets.is_keen() {
            self.read(now);
            self.tend(now);
        }
    }

    /// How long the thread may sleep at most; nothing: until the next port is due.
    fn pace(&self) -> Option<Duration> {
        let passing = self.passing.map(|_| TICK);
        self.pace.into_iter().chain(passing).min()
    }

    /// Lets those go on that seek a path, and learns who still does.
    fn tend(&mut self, now: Instant) {
        self.pace = None;
        let keen = std::mem::take(&mut self.keen);
        for place in keen {
            self.advance(place, now);
        }
    }

    fn work(&mut self, now: Instant) {
        self.read(now);
        self.tend(now);
        if let Some(until) = self.passing {
            self.passing = Some(until).filter(|until| now < *until);
        }
        let mut turn = std::mem::take(&mut self.turn);
        self.ports.due(now, &mut turn);
        for place in turn.iter().copied() {
            self.advance(place, now);
            self.measure(place);
        }
        for place in turn.iter().copied() {
            let due = self.ports.beat(place).due();
            self.listen_for(place, due);
        }
        for place in turn.iter().copied() {
            self.speak(place, now);
        }
        self.pass(&turn, now);
        self.turn = turn;
        self.events.flush();
        for recording in self.events.torn() {
            self.tear(recording);
        }
        if now >= self.next_gauge {
            self.next_gauge = now + GAUGE;
            metrics::gauge!("tandem_media_load", "thread" => thread_name())
                .set(f64::from(self.effort.load()));
        }
    }

    /// The frames of these ports were said: when are the next?
    fn pass(&mut self, turn: &[usize], now: Instant) {
        let mut most = 0;
        for place in turn.iter().copied() {
            let dropped = self.ports.beat(place).pass(now);
            most = most.max(dropped);
            if let Some(port) = self.ports.at(place).filter(|_| dropped > 0) {
                port.speaking.skip(u64::from(dropped));
            }
        }
        if most > 0 {
            self.meter.drop_frames(u64::from(most));
        }
        for place in turn.iter().copied() {
            self.steer(place);
        }
    }

    /// Brings the beats of a bridge together, and forward where more is held than needed.
    fn steer(&mut self, place: usize) {
        let Some(port) = self.ports.at(place) else { return };
        let Some(partner) = port.partner.filter(|partner| *partner != port.id) else { return };
        let mine = port.hearing.spare();
        let Some(other) = self.ports.place(partner) else { return };
        let beat = *self.ports.beat(place);
        if !beat.may_step() {
            return;
        }
        match beat.relation(self.ports.beat(other), place < other) {
            Relation::Ahead => self.ports.beat(place).later(),
            Relation::Together if place < other => {
                let theirs = self.ports.at(other).and_then(|port| port.hearing.spare());
                let spare = [mine, theirs].into_iter().flatten().min().unwrap_or_default();
                if beat.may_hasten(spare) && self.ports.beat(other).may_hasten(spare) {
                    self.ports.beat(place).sooner();
                    self.ports.beat(other).sooner();
                }
            }
            Relation::Together | Relation::Behind => {}
        }
    }

    /// All datagrams that came, each to its peer.
    fn read(&mut self, now: Instant) {
        let Self { sockets, ports, demux, events, heard, passing, .. } = self;
        sockets.take(now, |place, from, came, bytes| {
            let (place, socket) = match place {
                Where::Own { place, socket } => (Some(place), socket),
                Where::Shared => (demux.owner(from, bytes).and_then(|port| ports.place(port)), 0),
            };
            let Some(place) = place else { return };
            let Some(port) = ports.at(place) else { return };
            port.peer.receive(Datagram { now, came, socket, from, bytes }, heard);
            if absorb(ports, place, heard, events, now) {
                *passing = Some(now + PASSING);
            }
        });
    }

    /// What is due for a peer by the clock.
    pub(super) fn advance(&mut self, place: usize, now: Instant) {
        let Some(port) = self.ports.at(place) else { return };
        port.peer.tick(now, &mut self.heard);
        let id = port.id;
        let expected = port.peer.expects_sound();
        if let Some(lasted) = port.watch.silence(expected, self.silence, now) {
            self.events.tell(Event::Silent { port: id, lasted });
        }
        let (hurries, waits) = (port.peer.hurries(), expected && port.watch.waits());
        absorb(&mut self.ports, place, &mut self.heard, &mut self.events, now);
        self.sockets.set_keen(place, hurries || waits);
        if hurries || waits {
            let pace = if self.sockets.wakes(place) { TICK } else { HURRY };
            if hurries {
                self.pace = Some(self.pace.map_or(pace, |known| known.min(pace)));
            }
            if !self.keen.contains(&place) {
                self.keen.push(place);
            }
        }
    }

    /// Ports take turns, so that a second's measuring is not done at once.
    fn measure(&mut self, place: usize) {
        let frames = self.ports.beat(place).frames();
        if frames.wrapping_add(place as u32).is_multiple_of(MEASURE)
            && let Some(port) = self.ports.at(place)
        {
            port.measure();
        }
    }

    /// Takes a frame out of the jitter buffer of whom a port listens to, if anyone needs it.
    fn listen_for(&mut self, place: usize, due: Instant) {
        let Some(port) = self.ports.at(place) else { return };
        let heard = match port.partner {
            Some(partner) => self.ports.place(partner),
            None => Some(place),
        };
        let Some(heard) = heard else { return };
        let Some(mut port) = self.ports.take(heard) else { return };
        let (rate, needed) = self.needs(&mut port);
        if needed {
            port.listen(rate, due);
            let (id, events) = (port.id, &mut self.events);
            let Port { digits_in, frame, .. } = &mut *port;
            digits_in.listen(frame.sound(), rate, |digit| events.tell(Event::Digit { port: id, digit }));
        } else {
            port.rest();
        }
        self.ports.put(heard, port);
    }

    /// The rate of a port's bridge, and whether anyone needs its sound decoded.
    fn needs(&mut self, port: &mut Port) -> (u32, bool) {
        let alone = port.digits_in.detects || port.recorder.is_some();
        let codec = port.hearing.codec();
        if port.partner == Some(port.id) {
            return (port.rate(None), alone || !codec.is_some_and(|codec| port.lets_through(codec)));
        }
        match port.partner.and_then(|partner| self.ports.get(partner)) {
            Some(partner) => {
                let through = codec.is_some_and(|codec| partner.lets_through(codec));
                (port.rate(Some(partner)), alone || partner.recorder.is_some() || !through)
            }
            None => (port.rate(None), alone),
        }
    }

    /// Sends what a port has to say, and records.
    fn speak(&mut self, place: usize, now: Instant) {
        let Some(mut port) = self.ports.take(place) else { return };
        let complexity = self.effort.complexity();
        if port.partner == Some(port.id) {
            let sound = port.frame.sound().to_vec();
            let rate = port.rate(None);
            let through = port.hearing.codec().is_some_and(|codec| port.lets_through(codec));
            port.speak(Some(&sound), through, rate, complexity, now);
            self.record(&mut port, &[], rate);
        } else {
            let partner = port.partner.and_then(|partner| self.ports.place(partner));
            let partner = partner.and_then(|partner| self.ports.take(partner).map(|port| (partner, port)));
            let rate = port.rate(partner.as_ref().map(|(_, partner)| &**partner));
            let heard = partner.as_ref().map(|(_, partner)| partner.frame.sound());
            let codec = partner.as_ref().and_then(|(_, partner)| partner.hearing.codec());
            let through = codec.is_some_and(|codec| port.lets_through(codec));
            port.speak(heard, through, rate, complexity, now);
            self.record(&mut port, heard.unwrap_or_default(), rate);
            if let Some((place, partner)) = partner {
                self.ports.put(place, partner);
            }
        }
        self.tell_progress(&mut port);
        self.ports.put(place, port);
    }

    fn tell_progress(&mut self, port: &mut Port) {
        if port.player.ended() {
            self.events.tell(Event::Played { port: port.id });
        }
        if port.digits_out.finished() {
            self.events.tell(Event::DigitsSent { port: port.id });
        }
    }
}

/// Passes on what a peer heard: packets to the other side or the jitter buffer, the rest to the engine's owner. Says
/// whether packets passed through.
pub(super) fn absorb(
    ports: &mut Ports,
    place: usize,
    heard: &mut Heard,
    events: &mut Events,
    now: Instant,
) -> bool {
    if heard.packets.is_empty() && heard.happenings.is_empty() {
        return false;
    }
    let Some(mut port) = ports.take(place) else { return false };
    let mut passed = false;
    for happening in heard.happenings.drain(..) {
        events.tell(event(port.id, happening));
    }
    for packet in heard.packets.drain(..) {
        if port.watch.heard(packet.at) {
            events.tell(Event::Heard { port: port.id });
        }
        passed |= hear(ports, place, &mut port, &packet, events, now);
    }
    ports.put(place, port);
    passed
}

/// Says whether the packet passed through.
fn hear(
    ports: &mut Ports,
    place: usize,
    port: &mut Port,
    packet: &Received,
    events: &mut Events,
    now: Instant,
) -> bool {
    match packet.kind {
        Payload::TelephoneEvent => {
            if let Some(digit) = port.digits_in.event(packet.stream, packet.timestamp, &packet.payload) {
                events.tell(Event::Digit { port: port.id, digit });
            }
            port.hearing.skip(packet);
            false
        }
        Payload::ComfortNoise => {
            port.hearing.put_noise(packet);
            false
        }
        Payload::Padding => {
            port.hearing.skip(packet);
            if port.partner == Some(port.id) {
                port.speaking.leave_out(packet);
            } else if let Some(partner) = port.partner.and_then(|partner| ports.get(partner)) {
                partner.speaking.leave_out(packet);
            }
            false
        }
        Payload::Sound(codec) => {
            let begins = port.hearing.put(packet, codec);
            if port.partner == Some(port.id) {
                if begins {
                    ports.follow(place, packet.at + FIRST_DELAY);
                }
                let through = port.lets_through(codec);
                if through {
                    port.speaking.forward(packet, codec, now, &mut *port.peer);
                }
                return through;
            }
            let Some(listener) = port.partner.and_then(|partner| ports.place(partner)) else { return false };
            if begins {
                ports.follow(listener, packet.at + FIRST_DELAY);
            }
            let Some(partner) = ports.at(listener) else { return false };
            let through = partner.lets_through(codec);
            if through {
                partner.speaking.forward(packet, codec, now, &mut *partner.peer);
            }
            through
        }
    }
}

fn event(port: PortId, happening: Happening) -> Event {
    match happening {
        Happening::Connected => Event::Connected { port },
        Happening::Disconnected => Event::Disconnected { port },
        Happening::Failed(failure) => Event::Failed { port, failure },
        Happening::Digit(digit) => Event::Digit { port, digit },
        Happening::Signal(message) => Event::Signal { port, message },
    }
}

fn thread_name() -> String {
    std::thread::current().name().unwrap_or_default().to_owned()
}
