//! A media thread's loop: commands as they come, and every 10 ms datagrams in, what is due, and sound out.

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
use std::collections::HashMap;
use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Ticks of one frame of sound.
const GROUPS: u64 = 2;
/// Ticks that are made up for at once after a stall; more are dropped.
const CATCH_UP: u32 = 4;
/// Datagrams are taken so often while a port seeks its path.
const HURRY: Duration = Duration::from_millis(2);
/// Statistics of a port are renewed each second.
const MEASURE: u64 = 100;

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
    tick: u64,
    heard: Heard,
    /// A port seeks its path.
    pub(super) hurries: bool,
}

impl Worker {
    pub(super) fn new(
        queue: Receiver<Command>,
        browser_socket: Arc<UdpSocket>,
        events: mpsc::Sender<Event>,
        meter: Arc<Meter>,
        config: &EngineConfig,
    ) -> io::Result<Self> {
        Ok(Self {
            queue,
            sockets: Sockets::new(browser_socket)?,
            ports: Ports::default(),
            demux: Demux::default(),
            events: Events::new(events, config.events),
            expected: HashMap::new(),
            meter,
            effort: Effort::new(),
            silence: config.silence,
            tick: 0,
            heard: Heard::default(),
            hurries: false,
        })
    }

    /// Runs until the handle is gone.
    pub(super) fn run(mut self) {
        let mut next = now() + TICK;
        while self.take_commands(&mut next) {
            let begin = now();
            next = self.next_tick(next, begin);
            self.run_tick(begin);
            let spent = now().saturating_duration_since(begin);
            self.effort.spent(spent);
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

    /// Works on commands until the next tick is due; false at the end.
    fn take_commands(&mut self, next: &mut Instant) -> bool {
        loop {
            // Without a port there is nothing to tick for.
            let command = if self.ports.is_empty() && self.expected.is_empty() && self.events.is_empty() {
                let command = self.queue.recv().map_err(|_| RecvTimeoutError::Disconnected);
                *next = now() + TICK;
                command
            } else {
                let rest = next.saturating_duration_since(now());
                self.queue.recv_timeout(if self.hurries { rest.min(HURRY) } else { rest })
            };
            match command {
                Ok(command) => commands::run(self, command, now()),
                Err(RecvTimeoutError::Timeout) => match now() {
                    early if early < *next => self.read(early),
                    _ => return true,
                },
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// When the tick after this one is due. A thread that was kept from running makes up for a few ticks; sound that is
    /// older than that is dropped, since nobody wants to hear it late.
    fn next_tick(&mut self, due: Instant, begin: Instant) -> Instant {
        let late = begin.saturating_duration_since(due);
        if late <= TICK * CATCH_UP {
            return due + TICK;
        }
        let frames = (late.as_nanos() / TICK.as_nanos()) as u64 / GROUPS;
        self.meter.drop_frames(frames);
        for place in 0..self.ports.end() {
            if let Some(port) = self.ports.at(place) {
                port.speaking.skip(frames);
            }
        }
        begin + TICK
    }

    fn run_tick(&mut self, now: Instant) {
        self.tick += 1;
        self.read(now);
        self.hurries = false;
        for place in 0..self.ports.end() {
            self.advance(place, now);
        }
        let group = self.tick % GROUPS;
        for place in 0..self.ports.end() {
            self.listen(place, group, now);
        }
        for place in 0..self.ports.end() {
            self.speak(place, group, now);
        }
        self.events.flush();
        for recording in self.events.torn() {
            self.tear(recording);
        }
        if self.tick.is_multiple_of(MEASURE) {
            metrics::gauge!("tandem_media_load", "thread" => thread_name())
                .set(f64::from(self.effort.load()));
        }
    }

    /// All datagrams that came, each to its peer.
    fn read(&mut self, now: Instant) {
        let Self { sockets, ports, demux, events, heard, .. } = self;
        sockets.take(|place, from, bytes| {
            let (place, socket) = match place {
                Where::Own { place, socket } => (Some(place), socket),
                Where::Shared => (demux.owner(from, bytes).and_then(|port| ports.place(port)), 0),
            };
            let Some(place) = place else { return };
            let Some(port) = ports.at(place) else { return };
            port.peer.receive(Datagram { now, socket, from, bytes }, heard);
            absorb(ports, place, heard, events, now);
        });
    }

    /// What is due for a peer by the clock.
    fn advance(&mut self, place: usize, now: Instant) {
        let Some(port) = self.ports.at(place) else { return };
        port.peer.tick(now, &mut self.heard);
        self.hurries |= port.peer.hurries();
        let id = port.id;
        let expected = port.peer.expects_sound();
        if let Some(lasted) = port.watch.silence(expected, self.silence, now) {
            self.events.tell(Event::Silent { port: id, lasted });
        }
        // Ports take turns, so that a second's measuring is not done in one tick.
        if (self.tick + place as u64).is_multiple_of(MEASURE) {
            port.measure();
        }
        absorb(&mut self.ports, place, &mut self.heard, &mut self.events, now);
    }

    /// Takes a frame out of the jitter buffer of each port of the group that somebody listens to.
    fn listen(&mut self, place: usize, group: u64, now: Instant) {
        let Some(mut port) = self.ports.take(place) else { return };
        if port.group == group {
            let (rate, needed) = self.needs(&mut port);
            if needed {
                port.listen(rate, now);
                let (id, events) = (port.id, &mut self.events);
                let Port { digits_in, frame, .. } = &mut *port;
                digits_in.listen(frame.sound(), rate, |digit| events.tell(Event::Digit { port: id, digit }));
            } else {
                port.rest();
            }
        }
        self.ports.put(place, port);
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

    /// Sends what each port of the group has to say, and records.
    fn speak(&mut self, place: usize, group: u64, now: Instant) {
        let Some(mut port) = self.ports.take(place) else { return };
        if port.group == group {
            let complexity = self.effort.complexity();
            if port.partner == Some(port.id) {
                let sound = port.frame.sound().to_vec();
                let rate = port.rate(None);
                let through = port.hearing.codec().is_some_and(|codec| port.lets_through(codec));
                port.speak(Some(&sound), through, rate, complexity, now);
                self.record(&mut port, &[], rate);
            } else {
                let partner = port.partner.and_then(|partner| self.ports.place(partner));
                let partner =
                    partner.and_then(|partner| self.ports.take(partner).map(|port| (partner, port)));
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
        }
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

/// Passes on what a peer heard: packets to the other side or the jitter buffer, the rest to the engine's owner.
pub(super) fn absorb(ports: &mut Ports, place: usize, heard: &mut Heard, events: &mut Events, now: Instant) {
    if heard.packets.is_empty() && heard.happenings.is_empty() {
        return;
    }
    let Some(mut port) = ports.take(place) else { return };
    for happening in heard.happenings.drain(..) {
        events.tell(event(port.id, happening));
    }
    for packet in heard.packets.drain(..) {
        if port.watch.heard(packet.at) {
            events.tell(Event::Heard { port: port.id });
        }
        hear(ports, &mut port, &packet, events, now);
    }
    ports.put(place, port);
}

fn hear(ports: &mut Ports, port: &mut Port, packet: &Received, events: &mut Events, now: Instant) {
    match packet.kind {
        Payload::TelephoneEvent => {
            if let Some(digit) = port.digits_in.event(packet.stream, packet.timestamp, &packet.payload) {
                events.tell(Event::Digit { port: port.id, digit });
            }
            port.hearing.skip(packet);
        }
        Payload::ComfortNoise => port.hearing.put_noise(packet),
        Payload::Padding => {
            port.hearing.skip(packet);
            if port.partner == Some(port.id) {
                port.speaking.leave_out(packet);
            } else if let Some(partner) = port.partner.and_then(|partner| ports.get(partner)) {
                partner.speaking.leave_out(packet);
            }
        }
        Payload::Sound(codec) => {
            port.hearing.put(packet, codec);
            if port.partner == Some(port.id) {
                if port.lets_through(codec) {
                    port.speaking.forward(packet, codec, now, &mut *port.peer);
                }
            } else if let Some(partner) = port.partner.and_then(|partner| ports.get(partner))
                && partner.lets_through(codec)
            {
                partner.speaking.forward(packet, codec, now, &mut *partner.peer);
            }
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
