//! The engine's handle: verbs that put a command into a media thread's queue and return at once.

use super::browser::{self, BrowserPeer, Certificate};
use super::capacity;
use super::clock::now;
use super::command::{Command, Digits};
use super::config::EngineConfig;
use super::descriptors;
use super::directory::Directory;
use super::error::EngineError;
use super::event::Event;
use super::lane::{self, Lane};
use super::peer::Peer;
use super::record::{RecordingId, RecordingOptions};
use super::rtp::{RtpPeer, pair};
use super::rtp_media::RtpMedia;
use super::source::Source;
use super::statistics::{Load, Statistics};
use super::telegram::{Setup as TelegramSetup, TelegramPeer};
use super::{DigitMethod, PortId};
use audio::dtmf::Digit;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{mpsc, oneshot};

/// The media engine. Clones are the same engine; its threads end when the last clone is dropped.
///
/// Verbs return quickly and never wait for the media threads, except [`Engine::reoffer`]. A verb on a port that was
/// closed meanwhile does nothing, or says [`EngineError::NoSuchPort`].
#[derive(Clone, Debug)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: EngineConfig,
    lanes: Vec<Lane>,
    directory: Directory,
    certificate: Certificate,
    candidates: Vec<IpAddr>,
    telegram: TelegramSetup,
    next: AtomicU64,
    capacity: usize,
}

/// An RTP port as opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RtpPort {
    /// Its name.
    pub port: PortId,
    /// Where it listens for RTP: an even UDP port. The address is the one bound; SDP needs the public one.
    pub rtp: SocketAddr,
    /// Where it listens for RTCP: the next port.
    pub rtcp: SocketAddr,
}

/// A browser's port as opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserPort {
    /// Its name.
    pub port: PortId,
    /// The SDP answer for the browser, with all our candidates in it: none follow later.
    pub answer: String,
}

impl Engine {
    /// Starts the media threads. Events of all ports come from the one receiver; take them steadily.
    ///
    /// # Errors
    ///
    /// The system refuses a socket or a thread.
    pub fn start(config: EngineConfig) -> Result<(Self, mpsc::Receiver<Event>), EngineError> {
        let (events, receiver) = mpsc::channel(config.events.max(16));
        let certificate = Certificate::make()?;
        let lanes = (0..config.thread_count())
            .map(|index| lane::start(index, &config, events.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        let capacity = config.capacity.unwrap_or_else(|| capacity::estimate(lanes.len()));
        descriptors::allow(capacity);
        let inner = Inner {
            candidates: config.candidates(),
            telegram: config.telegram(),
            config,
            lanes,
            directory: Directory::default(),
            certificate,
            next: AtomicU64::new(1),
            capacity,
        };
        Ok((Self { inner: Arc::new(inner) }, receiver))
    }

    /// Opens RTP and RTCP sockets for a SIP leg: before the offer or answer is written, since it names them.
    /// It sends and hears nothing until [`Engine::set_rtp`].
    ///
    /// `beside`: a port that it will be joined to; both then live on one thread.
    ///
    /// # Errors
    ///
    /// The engine is full, or no port is free.
    pub fn open_rtp(&self, beside: Option<PortId>) -> Result<RtpPort, EngineError> {
        self.admit()?;
        let (rtp, rtcp) = pair::bind(self.inner.config.rtp_listen, &self.inner.config.rtp_ports)?;
        let (rtp_address, rtcp_address) = (rtp.local_addr()?, rtcp.local_addr()?);
        let peer = RtpPeer::new(rtp, rtcp, now());
        let port = self.open_peer(Box::new(peer), beside)?;
        Ok(RtpPort { port, rtp: rtp_address, rtcp: rtcp_address })
    }

    /// Tells an RTP port what was agreed: the first time, after each re-offer, and for hold. Sequence numbers, time
    /// stamps and SSRC go on; packets go out at once, also in silence, so that a NAT on the way opens.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn set_rtp(&self, port: PortId, media: RtpMedia) -> Result<(), EngineError> {
        self.tell(port, Command::Agree { port, media: Box::new(media) })
    }

    /// Answers a browser's offer (audio with Opus, BUNDLE, ICE, DTLS-SRTP) and opens a port for it.
    ///
    /// # Errors
    ///
    /// The engine is full, or the offer cannot be used.
    pub fn open_browser(&self, offer: &str, beside: Option<PortId>) -> Result<BrowserPort, EngineError> {
        self.admit()?;
        let lane = self.lane(beside);
        let setup = browser::Setup {
            socket: self.inner.lanes[lane].browser_socket.clone(),
            addresses: self.inner.candidates.clone(),
            certificate: self.inner.certificate.clone(),
            reconnect: self.inner.config.reconnect,
        };
        let (peer, answer) = BrowserPeer::answer(setup, offer, now()).map_err(EngineError::BadOffer)?;
        let port = self.open_on(lane, Box::new(peer))?;
        Ok(BrowserPort { port, answer })
    }

    /// Answers a later offer of the same browser connection (ICE restart, hold).
    ///
    /// # Errors
    ///
    /// No such port, it is no browser's, or the offer cannot be used.
    pub async fn reoffer(&self, port: PortId, offer: &str) -> Result<String, EngineError> {
        let (reply, answer) = oneshot::channel();
        self.tell(port, Command::Offer { port, offer: offer.to_owned(), reply })?;
        answer.await.map_err(|_| EngineError::NoSuchPort)?.map_err(EngineError::BadOffer)
    }

    /// Adds a browser's trickled candidate (`candidate:…`, with or without `a=`). An empty one, which ends the list, is
    /// fine.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn add_candidate(&self, port: PortId, candidate: &str) -> Result<(), EngineError> {
        self.signal(port, Bytes::copy_from_slice(candidate.as_bytes()))
    }

    /// Begins a Telegram call whose key both ends have, and opens a port for it. Its signalling comes as
    /// [`Event::Signal`], at once; hand it the far side's by [`Engine::signal`].
    ///
    /// # Errors
    ///
    /// The engine is full, or no port is free.
    pub fn open_telegram(
        &self,
        call: tgcalls::call::Config,
        beside: Option<PortId>,
    ) -> Result<PortId, EngineError> {
        self.admit()?;
        let peer = TelegramPeer::new(call, &self.inner.telegram, now())?;
        self.open_on(self.lane(beside), Box::new(peer))
    }

    /// Opens a port for any other kind of far side.
    ///
    /// # Errors
    ///
    /// The engine is full, or a thread does not keep up.
    pub fn open_peer(&self, peer: Box<dyn Peer>, beside: Option<PortId>) -> Result<PortId, EngineError> {
        self.admit()?;
        self.open_on(self.lane(beside), peer)
    }

    /// Hands a signalling message to a port's peer ([`Peer::signal`]).
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn signal(&self, port: PortId, message: Bytes) -> Result<(), EngineError> {
        self.tell(port, Command::Signal { port, message })
    }

    /// Lets two ports hear each other, and nobody else. Each leaves the one that it was joined to before.
    ///
    /// # Errors
    ///
    /// No such port, a thread does not keep up, or two browsers of different threads.
    pub fn join(&self, a: PortId, b: PortId) -> Result<(), EngineError> {
        if a == b {
            return Err(EngineError::CannotJoin);
        }
        self.bring_together(a, b)?;
        self.tell(a, Command::Join { a, b })
    }

    /// Parts a port from the one that it is joined to. Both stay open, in silence.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn part(&self, port: PortId) -> Result<(), EngineError> {
        self.tell(port, Command::Part { port })
    }

    /// Plays to a port. It replaces what is played to it now, and covers what it is joined to, except
    /// [`Source::Beep`], which is mixed in.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn play(&self, port: PortId, source: Source) -> Result<(), EngineError> {
        self.tell(port, Command::Play { port, source })
    }

    /// Sends a port's own sound back to it, or stops that.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn echo(&self, port: PortId, on: bool) -> Result<(), EngineError> {
        self.tell(port, Command::Echo { port, on })
    }

    /// Presses digits towards the far side, one after another. They wait for those pressed before; at most 64 wait.
    /// [`Event::DigitsSent`] tells when they are out.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn send_digits(
        &self,
        port: PortId,
        digits: &[Digit],
        method: DigitMethod,
    ) -> Result<(), EngineError> {
        self.tell(port, Command::Digits { port, digits: Digits(digits.to_vec()), method })
    }

    /// Listens for tones of digits in the sound of a port, for far sides that send neither telephone-events nor INFO.
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn detect_tones(&self, port: PortId, on: bool) -> Result<(), EngineError> {
        self.tell(port, Command::DetectTones { port, on })
    }

    /// Records a port and whatever it is joined to until it is stopped, the port closes, or a limit is met.
    /// Chunks of an Ogg/Opus file come as [`Event::RecordingChunk`].
    ///
    /// # Errors
    ///
    /// No such port, or its thread does not keep up.
    pub fn record(&self, port: PortId, options: RecordingOptions) -> Result<RecordingId, EngineError> {
        let recording = RecordingId(self.number());
        self.tell(port, Command::Record { port, recording, options })?;
        self.inner.directory.recorded(recording, port);
        Ok(recording)
    }

    /// Ends a recording; [`Event::RecordingFinished`] follows its last chunk.
    ///
    /// # Errors
    ///
    /// It has ended with its port, or its thread does not keep up.
    pub fn stop_recording(&self, recording: RecordingId) -> Result<(), EngineError> {
        let port = self.inner.directory.port_of(recording).ok_or(EngineError::NoSuchPort)?;
        self.tell(port, Command::StopRecording { recording })
    }

    /// How well a port hears and is heard; renewed once a second.
    #[must_use]
    pub fn statistics(&self, port: PortId) -> Option<Statistics> {
        self.inner.directory.statistics(port)
    }

    /// How busy the engine is.
    #[must_use]
    pub fn load(&self) -> Load {
        let meters = self.inner.lanes.iter().map(|lane| &lane.meter);
        let (overruns, dropped) =
            meters.fold((0, 0), |(o, d), meter| (o + meter.overruns(), d + meter.dropped()));
        Load { ports: self.inner.directory.len(), capacity: self.inner.capacity, overruns, dropped }
    }

    /// Closes a port: says good-bye to the far side, ends its recordings, parts it. Statistics are gone.
    pub fn close(&self, port: PortId) {
        // A lane that is gone has closed its ports, and one that is stuck must still learn of it: so this one waits.
        if let Some(lane) = self.inner.directory.remove(port) {
            self.inner.lanes[lane].insist(Command::Close { port });
        }
    }

    fn admit(&self) -> Result<(), EngineError> {
        if self.inner.directory.len() >= self.inner.capacity { Err(EngineError::Full) } else { Ok(()) }
    }

    fn lane(&self, beside: Option<PortId>) -> usize {
        beside
            .and_then(|port| self.inner.directory.lane_of(port))
            .unwrap_or_else(|| self.inner.directory.least_loaded(self.inner.lanes.len()))
    }

    fn open_on(&self, lane: usize, mut peer: Box<dyn Peer>) -> Result<PortId, EngineError> {
        let port = PortId(self.number());
        let user = peer.shared_user();
        let statistics = self.inner.directory.add(port, lane, user.is_none());
        let opened = self.inner.lanes[lane].tell(Command::Open { port, peer, user, statistics });
        if opened.is_err() {
            self.inner.directory.remove(port);
        }
        opened.map(|()| port)
    }

    fn bring_together(&self, a: PortId, b: PortId) -> Result<(), EngineError> {
        let Some(shift) = self.inner.directory.bring_together(a, b)? else { return Ok(()) };
        let target = &self.inner.lanes[shift.to];
        target.tell(Command::Expect { port: shift.port })?;
        self.inner.lanes[shift.from].tell(Command::Release { port: shift.port, to: target.commands.clone() })
    }

    fn tell(&self, port: PortId, command: Command) -> Result<(), EngineError> {
        let lane = self.inner.directory.lane_of(port).ok_or(EngineError::NoSuchPort)?;
        self.inner.lanes[lane].tell(command)
    }

    fn number(&self) -> u64 {
        self.inner.next.fetch_add(1, Ordering::Relaxed)
    }
}
