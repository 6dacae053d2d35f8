//! The smallest shell around a call: one socket, one signalling channel, a tone to speak.

use super::OURS;
use super::peer::{PEER_TAG, Peer, Want, read_frame, write_frame};
use super::sound::{self, RATE, Sound};
use super::trace::{Fate, From, Trace};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::f64::consts::TAU;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use tgcalls::Transmit;
use tgcalls::call::{Call, Config, Event, Input, Output};
use tgcalls::key::CallKey;
use tgcalls::server::Server;

const FRAME: usize = RATE / 50;

/// What gets lost on the way, as chances.
#[derive(Debug, Clone, Default)]
pub(crate) struct Losses {
    pub(crate) signals: f64,
    pub(crate) doubled: f64,
    pub(crate) media: f64,
    pub(crate) seed: u64,
    /// No datagram gets through while so much time has passed since the connection.
    pub(crate) outage: Range<Duration>,
    /// We have another socket, at 127.0.0.2, so long after the connection; the first is gone.
    pub(crate) moves: Option<Duration>,
}

impl Losses {
    pub(crate) fn none() -> Self {
        Self::default()
    }
}

/// What we have heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) hz: f64,
    pub(crate) packets: usize,
    pub(crate) connected: Option<Duration>,
    pub(crate) failed: Option<String>,
    /// When the connection was gone, and when it was back.
    pub(crate) interrupted: Vec<Duration>,
    pub(crate) resumed: Vec<Duration>,
    /// Packets that we have sent while we said nothing.
    pub(crate) sent_in_pause: usize,
    /// The greatest share of our packets that the far end has reported lost.
    pub(crate) loss: f32,
    /// What was signalled, and what became of it.
    pub(crate) trace: Trace,
}

enum Came {
    Datagram {
        source: SocketAddr,
        destination: SocketAddr,
        contents: Vec<u8>,
    },
    Signal(Vec<u8>),
    /// The far end is done.
    End,
}

pub(crate) struct Shell {
    call: Call,
    socket: Arc<UdpSocket>,
    local: SocketAddr,
    losses: Losses,
    random: StdRng,
    begin: Instant,
    decoder: opus::Decoder,
    encoder: opus::Encoder,
    sound: Sound,
    heard: Heard,
    frames: u64,
    /// Packets of sound.
    sent: u64,
    /// The next one is the first after a pause.
    is_fresh: bool,
    pause: Range<u64>,
    has_moved: bool,
}

impl Shell {
    pub(crate) fn new(want: &Want, key: [u8; 256], losses: Losses) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("bind");
        let local = socket.local_addr().expect("bound");
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let reflector =
            want.reflector.map(|port| Server::Reflector { id: 7001, address: at(port), peer_tag: PEER_TAG });
        let turn = want.turn.map(|port| Server::Turn {
            address: at(port),
            username: "tandem".to_owned(),
            password: "tandem".to_owned(),
        });
        let begin = Instant::now();
        let random = StdRng::seed_from_u64(losses.seed);
        let config = Config {
            role: want.role,
            key: CallKey::new(key),
            signalling: want.signalling,
            servers: reflector.into_iter().chain(turn).collect(),
            p2p: want.p2p(),
        };
        let mut call = Call::new(config, &mut rand::rng(), begin);
        call.add_local(local, begin);

        let mut encoder =
            opus::Encoder::new(48_000, opus::Channels::Mono, opus::Application::Voip).expect("opus");
        encoder.set_inband_fec(true).expect("set");
        encoder.set_dtx(!want.pause.is_empty()).expect("set");
        Self {
            call,
            socket: Arc::new(socket),
            local,
            losses,
            random,
            begin,
            decoder: opus::Decoder::new(48_000, opus::Channels::Mono).expect("opus"),
            encoder,
            sound: Sound::default(),
            heard: Heard { trace: Trace::new(want, key, begin), ..Heard::default() },
            frames: 0,
            sent: 0,
            is_fresh: true,
            pause: want.pause.clone(),
            has_moved: false,
        }
    }

    /// Speaks and listens until the far end is done, which it should be within so many seconds.
    pub(crate) fn run(mut self, peer: &mut Peer, seconds: u64) -> Heard {
        let (sender, came) = sync_channel(1_000);
        listen(&self.socket, &peer.signals, &sender);
        let end = self.begin + Duration::from_secs(seconds + 5);
        while Instant::now() < end {
            self.collect(&mut peer.signals);
            self.move_on(&sender);
            if !self.wait(&came) {
                break;
            }
            let now = Instant::now();
            while now >= self.begin + Duration::from_millis(20 * self.frames) {
                self.speak(now);
            }
            if self.call.poll_timeout().is_some_and(|at| at <= now) {
                self.call.handle_timeout(now);
            }
        }
        self.heard.hz = sound::loudest(&self.sound.pcm);
        self.heard
    }

    /// Comes into another network, if it is time: another socket at another address, and the first is closed.
    fn move_on(&mut self, sender: &SyncSender<Came>) {
        let due = self
            .losses
            .moves
            .zip(self.heard.connected)
            .map(|(after, connected)| self.begin + connected + after);
        if self.has_moved || due.is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.has_moved = true;
        let socket = Arc::new(UdpSocket::bind("127.0.0.2:0").expect("bind"));
        let before = std::mem::replace(&mut self.local, socket.local_addr().expect("bound"));
        listen_to(&socket, sender);
        self.socket = socket;
        self.call.add_local(self.local, Instant::now());
        self.call.remove_local(before, Instant::now());
    }

    /// Whether a datagram gets lost now.
    fn loses(&mut self) -> bool {
        let passed = self.heard.connected.map(|connected| self.begin.elapsed().saturating_sub(connected));
        self.random.random_bool(self.losses.media)
            || passed.is_some_and(|it| self.losses.outage.contains(&it))
    }

    /// Whether the far end is still there.
    fn wait(&mut self, came: &Receiver<Came>) -> bool {
        let now = Instant::now();
        let frame = self.begin + Duration::from_millis(20 * self.frames);
        let until = self.call.poll_timeout().map_or(frame, |at| at.min(frame));
        match came.recv_timeout(until.saturating_duration_since(now)) {
            Ok(Came::Signal(packet)) => {
                let lost = self.random.random_bool(self.losses.signals);
                self.heard.trace.note(From::Them, &packet, if lost { Fate::Lost } else { Fate::Came });
                if !lost {
                    self.call.handle_input(Input::Signal(&packet), Instant::now());
                }
            }
            Ok(Came::Datagram { source, destination, contents }) => {
                if destination == self.local && !self.loses() {
                    let input = Input::Datagram { source, destination, contents: &contents };
                    self.call.handle_input(input, Instant::now());
                }
            }
            Ok(Came::End) => return false,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        true
    }

    fn speak(&mut self, now: Instant) {
        let start = usize::try_from(self.frames).expect("short") * FRAME;
        let is_pause = self.pause.contains(&(self.frames / 50));
        let loudness = if is_pause { 0.0 } else { 12_000.0 };
        let frame: Vec<i16> = (start..start + FRAME)
            .map(|at| ((TAU * OURS * at as f64 / RATE as f64).sin() * loudness) as i16)
            .collect();
        self.frames += 1;
        let payload = self.encoder.encode_vec(&frame, 1_500).expect("opus");
        // Opus says by so short a packet that it need not be sent.
        if payload.len() <= 2 {
            self.is_fresh = true;
            return;
        }
        let timestamp = u32::try_from(start).expect("short");
        let marker = std::mem::take(&mut self.is_fresh);
        self.call
            .handle_input(Input::Sound { payload: &payload, sequence: self.sent, timestamp, marker }, now);
        self.sent += 1;
        self.heard.sent_in_pause += usize::from(is_pause);
        self.heard.loss = self.heard.loss.max(self.call.quality().loss_reported);
    }

    fn collect(&mut self, signals: &mut TcpStream) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Transmit(Transmit { source, destination, contents }) => {
                    if source == self.local && !self.loses() {
                        let _ = self.socket.send_to(&contents, destination);
                    }
                }
                Output::Signal(packet) => {
                    let lost = self.random.random_bool(self.losses.signals);
                    let doubled = self.random.random_bool(self.losses.doubled);
                    let copies = usize::from(!lost) + usize::from(doubled);
                    self.heard.trace.note(
                        From::Us,
                        &packet,
                        if copies == 0 { Fate::Lost } else { Fate::Came },
                    );
                    for _ in 0..copies {
                        write_frame(signals, &packet);
                    }
                }
                Output::Event(event) => self.notice(event),
            }
        }
    }

    fn notice(&mut self, event: Event) {
        match event {
            Event::Connected => self.heard.connected = Some(self.begin.elapsed()),
            Event::Sound { stream, timestamp, payload, .. } if !payload.is_empty() => {
                let mut pcm = [0_i16; RATE / 1000 * 120];
                let samples = self.decoder.decode(&payload, &mut pcm, false).expect("Opus");
                self.sound.put(stream, timestamp, &pcm[..samples]);
                self.heard.packets += 1;
            }
            Event::Failed(failure) => self.heard.failed = Some(failure.to_string()),
            Event::Interrupted => self.heard.interrupted.push(self.begin.elapsed()),
            Event::Resumed => self.heard.resumed.push(self.begin.elapsed()),
            Event::Sound { .. } | Event::FarMuted(_) => {}
        }
    }
}

/// Threads that wait for datagrams and signals; they end with the call.
fn listen(socket: &Arc<UdpSocket>, signals: &TcpStream, sender: &SyncSender<Came>) {
    listen_to(socket, sender);
    let (mut stream, sender) = (signals.try_clone().expect("clone"), sender.clone());
    std::thread::spawn(move || {
        while let Some(frame) = read_frame(&mut stream) {
            if sender.send(Came::Signal(frame)).is_err() {
                return;
            }
        }
        let _ = sender.send(Came::End);
    });
}

fn listen_to(socket: &Arc<UdpSocket>, sender: &SyncSender<Came>) {
    let (socket, sender) = (socket.clone(), sender.clone());
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("set");
    let destination = socket.local_addr().expect("bound");
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 2048];
        while Arc::strong_count(&socket) > 1 {
            if let Ok((length, source)) = socket.recv_from(&mut buffer) {
                let contents = buffer[..length].to_vec();
                if sender.send(Came::Datagram { source, destination, contents }).is_err() {
                    return;
                }
            }
        }
    });
}
