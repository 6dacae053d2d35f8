//! The smallest shell around a call: one socket, one signalling channel, a tone to speak.

use super::OURS;
use super::peer::{PEER_TAG, Peer, Want, read_frame, write_frame};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::f64::consts::TAU;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use tgcalls::Transmit;
use tgcalls::call::{Call, Config, Event, Input, Output};
use tgcalls::key::CallKey;
use tgcalls::server::Server;

const RATE: usize = 48_000;
const FRAME: usize = RATE / 50;

/// What gets lost on the way, as chances.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Losses {
    pub(crate) signals: f64,
    pub(crate) doubled: f64,
    pub(crate) media: f64,
    pub(crate) seed: u64,
}

impl Losses {
    pub(crate) fn none() -> Self {
        Self { signals: 0.0, doubled: 0.0, media: 0.0, seed: 0 }
    }
}

/// What we have heard.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub(crate) hz: f64,
    pub(crate) packets: usize,
    pub(crate) connected: Option<Duration>,
    pub(crate) failed: Option<String>,
}

enum Came {
    Datagram(SocketAddr, Vec<u8>),
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
    pcm: Vec<i16>,
    heard: Heard,
    frames: u64,
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
        Self {
            call,
            socket: Arc::new(socket),
            local,
            losses,
            random,
            begin,
            decoder: opus::Decoder::new(48_000, opus::Channels::Mono).expect("opus"),
            encoder,
            pcm: Vec::new(),
            heard: Heard::default(),
            frames: 0,
        }
    }

    /// Speaks and listens until the far end is done, which it should be within so many seconds.
    pub(crate) fn run(mut self, peer: &mut Peer, seconds: u64) -> Heard {
        let (sender, came) = sync_channel(1_000);
        listen(&self.socket, &peer.signals, &sender);
        let end = self.begin + Duration::from_secs(seconds + 5);
        while Instant::now() < end {
            self.collect(&mut peer.signals);
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
        self.heard.hz = loudest(&self.pcm);
        self.heard
    }

    /// Whether the far end is still there.
    fn wait(&mut self, came: &Receiver<Came>) -> bool {
        let now = Instant::now();
        let frame = self.begin + Duration::from_millis(20 * self.frames);
        let until = self.call.poll_timeout().map_or(frame, |at| at.min(frame));
        match came.recv_timeout(until.saturating_duration_since(now)) {
            Ok(Came::Signal(packet)) => {
                if !self.random.random_bool(self.losses.signals) {
                    self.call.handle_input(Input::Signal(&packet), Instant::now());
                }
            }
            Ok(Came::Datagram(source, contents)) => {
                if !self.random.random_bool(self.losses.media) {
                    let input = Input::Datagram { source, destination: self.local, contents: &contents };
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
        let frame: Vec<i16> = (start..start + FRAME)
            .map(|at| ((TAU * OURS * at as f64 / RATE as f64).sin() * 12_000.0) as i16)
            .collect();
        let payload = self.encoder.encode_vec(&frame, 1_500).expect("opus");
        let timestamp = u32::try_from(start).expect("short");
        self.call.handle_input(
            Input::Sound { payload: &payload, sequence: self.frames, timestamp, marker: self.frames == 0 },
            now,
        );
        self.frames += 1;
    }

    fn collect(&mut self, signals: &mut TcpStream) {
        while let Some(output) = self.call.poll_output() {
            match output {
                Output::Transmit(Transmit { destination, contents, .. }) => {
                    if !self.random.random_bool(self.losses.media) {
                        let _ = self.socket.send_to(&contents, destination);
                    }
                }
                Output::Signal(packet) => {
                    let lost = self.random.random_bool(self.losses.signals);
                    let doubled = self.random.random_bool(self.losses.doubled);
                    for _ in 0..usize::from(!lost) + usize::from(doubled) {
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
            Event::Sound { payload, .. } if !payload.is_empty() => {
                let mut pcm = [0_i16; RATE / 1000 * 120];
                let samples = self.decoder.decode(&payload, &mut pcm, false).expect("Opus");
                self.pcm.extend(&pcm[..samples]);
                self.heard.packets += 1;
            }
            Event::Failed(failure) => self.heard.failed = Some(failure.to_string()),
            Event::Sound { .. } | Event::Interrupted | Event::Resumed | Event::FarMuted(_) => {}
        }
    }
}

/// Threads that wait for datagrams and signals; they end with the call.
fn listen(socket: &Arc<UdpSocket>, signals: &TcpStream, sender: &SyncSender<Came>) {
    let (socket, datagrams) = (socket.clone(), sender.clone());
    socket.set_read_timeout(Some(Duration::from_millis(200))).expect("set");
    std::thread::spawn(move || {
        let mut buffer = [0_u8; 2048];
        while Arc::strong_count(&socket) > 1 {
            if let Ok((length, from)) = socket.recv_from(&mut buffer)
                && datagrams.send(Came::Datagram(from, buffer[..length].to_vec())).is_err()
            {
                return;
            }
        }
    });
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

/// The loudest frequency of the last second, in steps of 5 Hz.
fn loudest(pcm: &[i16]) -> f64 {
    let Some(second) = pcm.len().checked_sub(RATE).map(|from| &pcm[from..]) else { return 0.0 };
    let energy = |hz: f64| {
        let (sin, cos) = second.iter().enumerate().fold((0.0, 0.0), |(sin, cos), (at, sample)| {
            let angle = TAU * hz * at as f64 / RATE as f64;
            (sin + angle.sin() * f64::from(*sample), cos + angle.cos() * f64::from(*sample))
        });
        sin * sin + cos * cos
    };
    let frequencies = (20..400_u32).map(|step| f64::from(step * 5));
    frequencies.max_by(|one, two| energy(*one).total_cmp(&energy(*two))).unwrap_or(0.0)
}
