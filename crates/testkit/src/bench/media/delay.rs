//! How much later a sound leaves than it came, beyond the time of a packet.

use super::calls::media;
use super::load::{FarEnd, Load, wait};
use crate::tools::clock::now;
use crate::tools::figures::{Report, Target};
use anyhow::Result;
use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD, MAX_SAMPLES};
use media_gateway::media::{Engine, EngineConfig};
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Packets from one burst of tone to the next.
const PERIOD: u32 = 25;
/// Packets of a burst.
const BURST: u32 = 5;

/// When bursts left one end, and when they came to the other.
#[derive(Default)]
struct Bursts {
    sent: Vec<Instant>,
    heard: Vec<Instant>,
}

struct End {
    socket: UdpSocket,
    target: SocketAddr,
    codec: Codec,
    rate: u32,
    encoder: Encoder,
    decoder: Decoder,
    packets: u32,
    quiet: u32,
    ours: Arc<Mutex<Bursts>>,
    theirs: Arc<Mutex<Bursts>>,
}

/// Measures both directions of a call between Opus and PCMA.
pub(super) fn measure(report: &mut Report) -> Result<()> {
    let seconds = if report.quick { 5 } else { 30 };
    let (engine, _events) = Engine::start(EngineConfig::loopback())?;
    let (to_opus, to_pcma) = (Arc::default(), Arc::default());
    let first = engine.open_rtp(None)?;
    let second = engine.open_rtp(Some(first.port))?;
    let opus = End::new(Codec::Opus, first.rtp, &to_pcma, &to_opus)?;
    let pcma = End::new(Codec::Pcma, second.rtp, &to_opus, &to_pcma)?;
    engine.set_rtp(first.port, media(Codec::Opus, 96, opus.socket.local_addr()?))?;
    engine.set_rtp(second.port, media(Codec::Pcma, 8, pcma.socket.local_addr()?))?;
    engine.join(first.port, second.port)?;
    let load = Load::attentive(vec![Box::new(opus), Box::new(pcma)])?;
    wait(Duration::from_secs(seconds));
    load.end();
    for (name, bursts) in [("PCMA to Opus", to_opus), ("Opus to PCMA", to_pcma)] {
        let mut delays = bursts.lock().unwrap_or_else(PoisonError::into_inner).delays();
        delays.sort_by(f64::total_cmp);
        let at = |share: f64| delays.get((delays.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
        report.add(format!("delay added, {name}, p50"), at(0.5), "ms", None, Target::ValueAtMost(30.0));
        report.add(format!("delay added, {name}, p99"), at(0.99), "ms", None, Target::None);
    }
    Ok(())
}

impl Bursts {
    /// Milliseconds from each burst's leaving to its coming, the first seconds left out: the jitter buffer is learning.
    fn delays(&self) -> Vec<f64> {
        let settled = self.sent.iter().skip(4);
        let pairs = settled.filter_map(|sent| {
            let heard = self.heard.iter().find(|heard| *heard > sent)?;
            Some(heard.saturating_duration_since(*sent).as_secs_f64() * 1000.0)
        });
        pairs.filter(|delay| *delay < 400.0).collect()
    }
}

impl End {
    fn new(
        codec: Codec,
        target: SocketAddr,
        ours: &Arc<Mutex<Bursts>>,
        theirs: &Arc<Mutex<Bursts>>,
    ) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        let rate = codec.native_rate();
        Ok(Self {
            socket,
            target,
            codec,
            rate,
            encoder: Encoder::new(codec, &EncoderOptions::at(rate))?,
            decoder: Decoder::new(codec, rate)?,
            packets: 0,
            quiet: 0,
            ours: Arc::clone(ours),
            theirs: Arc::clone(theirs),
        })
    }

    fn hear(&mut self, payload: &[u8], at: Instant) {
        let mut sound = [0; MAX_SAMPLES];
        let Ok(length) = self.decoder.decode(payload, &mut sound) else { return };
        for (place, sample) in sound[..length].iter().enumerate() {
            if sample.unsigned_abs() < 2_000 {
                self.quiet += 1;
                continue;
            }
            // A pause of 100 ms, then the tone: a burst begins.
            if self.quiet > self.rate / 10 {
                let offset = Duration::from_secs_f64(place as f64 / f64::from(self.rate));
                self.theirs.lock().unwrap_or_else(PoisonError::into_inner).heard.push(at + offset);
            }
            self.quiet = 0;
        }
    }
}

impl FarEnd for End {
    fn turn(&mut self, at: Instant) {
        self.listen(at);
        let samples = self.rate as usize / 50;
        let mut sound = vec![0_i16; samples];
        if self.packets % PERIOD < BURST {
            for (place, sample) in sound.iter_mut().enumerate() {
                // A square of 500 Hz is loud from its first sample.
                let half = self.rate as usize / 1000;
                *sample = if (place / half).is_multiple_of(2) { 12_000 } else { -12_000 };
            }
        }
        let mut payload = [0; MAX_PAYLOAD];
        let Ok(length) = self.encoder.encode(&sound, &mut payload) else { return };
        let payload_type = self.codec.static_payload_type().unwrap_or(96);
        let mut packet = vec![0x80, payload_type];
        packet.extend_from_slice(&(self.packets as u16).to_be_bytes());
        packet.extend_from_slice(&(self.packets * self.codec.clock_rate() / 50).to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 1]);
        packet.extend_from_slice(&payload[..length]);
        if self.packets.is_multiple_of(PERIOD) {
            self.ours.lock().unwrap_or_else(PoisonError::into_inner).sent.push(now());
        }
        self.packets += 1;
        let _ = self.socket.send_to(&packet, self.target);
    }

    fn listen(&mut self, _now: Instant) {
        let mut buffer = [0; 2048];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            if length > 12 && !(192..=223).contains(&buffer[1]) {
                let payload = buffer[12..length].to_vec();
                self.hear(&payload, now());
            }
        }
    }

    fn counts(&self) -> (u64, u64) {
        (u64::from(self.packets), 0)
    }
}
