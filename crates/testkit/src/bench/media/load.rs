//! Far ends that send speech and count what comes back, many on one thread.

use crate::tools::clock::now;
use anyhow::Result;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Far ends take turns, so that not all packets of 20 ms come at once.
const GROUPS: usize = 4;
const STEP: Duration = Duration::from_millis(5);
/// How often attentive ones listen: what comes between is heard so much too late.
const LOOK: Duration = Duration::from_millis(1);

/// A far end, called each 20 ms.
pub(crate) trait FarEnd: Send {
    /// Takes what has come, and sends a packet.
    fn turn(&mut self, now: Instant);
    /// Takes what has come, between turns.
    fn listen(&mut self, _now: Instant) {}
    /// Packets sent and received.
    fn counts(&self) -> (u64, u64);
}

/// A far end by plain RTP.
pub(super) struct RtpEnd {
    pub(super) socket: UdpSocket,
    pub(super) target: SocketAddr,
    pub(super) payloads: Arc<Vec<Vec<u8>>>,
    pub(super) payload_type: u8,
    pub(super) ticks: u32,
    pub(super) sequence: u16,
    pub(super) ssrc: u32,
    sent: u64,
    received: u64,
}

impl RtpEnd {
    pub(super) fn new(
        payloads: &Arc<Vec<Vec<u8>>>,
        payload_type: u8,
        ticks: u32,
        number: usize,
    ) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            target: socket.local_addr()?,
            socket,
            payloads: Arc::clone(payloads),
            payload_type,
            ticks,
            // Everybody is at another place of the speech.
            sequence: (number * 37 % 600) as u16,
            ssrc: number as u32 + 1,
            sent: 0,
            received: 0,
        })
    }
}

impl FarEnd for RtpEnd {
    fn turn(&mut self, _now: Instant) {
        let mut buffer = [0; 2048];
        while self.socket.recv(&mut buffer).is_ok() {
            self.received += 1;
        }
        let payload = &self.payloads[usize::from(self.sequence) % self.payloads.len()];
        let mut packet = vec![0x80, self.payload_type];
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&(u32::from(self.sequence) * self.ticks).to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(payload);
        self.sequence = self.sequence.wrapping_add(1);
        self.sent += u64::from(self.socket.send_to(&packet, self.target).is_ok());
    }

    fn counts(&self) -> (u64, u64) {
        (self.sent, self.received)
    }
}

/// Far ends at work on a thread of their own.
pub(crate) struct Load {
    stop: Sender<()>,
    thread: JoinHandle<Vec<Box<dyn FarEnd>>>,
}

impl Load {
    /// Lets them begin.
    pub(crate) fn begin(ends: Vec<Box<dyn FarEnd>>) -> Result<Self> {
        Self::start(ends, STEP)
    }

    /// The same, for a few whose ears shall add no delay of their own.
    pub(crate) fn attentive(ends: Vec<Box<dyn FarEnd>>) -> Result<Self> {
        Self::start(ends, LOOK)
    }

    fn start(ends: Vec<Box<dyn FarEnd>>, look: Duration) -> Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("far-ends".to_owned())
            .spawn(move || run(ends, &stopped, look))?;
        Ok(Self { stop, thread })
    }

    /// Ends them; packets sent and received by all.
    pub(crate) fn end(self) -> (u64, u64) {
        let _ = self.stop.send(());
        let ends = self.thread.join().unwrap_or_default();
        ends.iter().map(|end| end.counts()).fold((0, 0), |(s, r), (sent, received)| (s + sent, r + received))
    }
}

fn run(mut ends: Vec<Box<dyn FarEnd>>, stopped: &Receiver<()>, look: Duration) -> Vec<Box<dyn FarEnd>> {
    let mut due = now();
    let mut group = 0;
    let rest = |due: Instant| due.saturating_duration_since(now()).min(look);
    while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(rest(due)) {
        let at = now();
        if at < due {
            ends.iter_mut().for_each(|end| end.listen(at));
            continue;
        }
        for (number, end) in ends.iter_mut().enumerate() {
            if number % GROUPS == group {
                end.turn(at);
            } else {
                end.listen(at);
            }
        }
        group = (group + 1) % GROUPS;
        due += STEP;
    }
    ends
}

/// Waits without asking anything of the CPU.
pub(crate) fn wait(time: Duration) {
    let (_keep, never) = channel::<()>();
    let _ = never.recv_timeout(time);
}
