//! Many calls through the engine: how much of a core each takes.

use super::browser::BrowserEnd;
use super::load::{FarEnd, Load, RtpEnd, wait};
use super::speech;
use crate::tools::cpu;
use anyhow::Result;
use audio::codec::Codec;
use media_gateway::media::{Direction, Engine, EngineConfig, PortId, RtpMedia};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// How the Opus side is reached.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leg {
    /// Plain RTP, as rtpengine in the same comparison.
    Rtp,
    /// ICE and DTLS-SRTP.
    Browser,
}

/// What calls cost.
pub(super) struct Cost {
    pub(super) calls_per_core: f64,
    pub(super) overruns: u64,
    pub(super) dropped: u64,
    /// Share of packets that should have come back and did not.
    pub(super) missing: f64,
}

/// An engine of one thread, and calls at work on it.
pub(super) struct Calls {
    pub(super) engine: Engine,
    load: Load,
}

/// Runs calls and measures: how many calls' packets the CPU time would have made, had it been a whole core. A machine that
/// does other work meanwhile makes fewer packets, and spends less on them.
pub(super) fn per_core(leg: Leg, far: Codec, count: usize, time: Duration) -> Result<Cost> {
    let calls = Calls::begin(leg, far, count)?;
    let before = cpu::of_threads("media-");
    wait(time);
    let spent = cpu::of_threads("media-") - before;
    let load = calls.engine.load();
    let (sent, received) = calls.load.end();
    Ok(Cost {
        calls_per_core: per_call(received, spent),
        overruns: load.overruns,
        dropped: load.dropped,
        missing: 1.0 - received as f64 / sent.max(1) as f64,
    })
}

/// Calls whose packets, fifty a second each way, a core would make at this price.
pub(super) fn per_call(packets: u64, spent: Duration) -> f64 {
    packets as f64 / 100.0 / spent.as_secs_f64()
}

impl Calls {
    /// Opus on one side, another codec on the other.
    pub(super) fn begin(leg: Leg, far: Codec, count: usize) -> Result<Self> {
        let config = EngineConfig {
            threads: NonZeroUsize::new(1),
            capacity: Some(10_000),
            rtp_ports: 20_000..=39_999,
            ..EngineConfig::loopback()
        };
        let (engine, mut events) = Engine::start(config)?;
        let drained = std::thread::Builder::new().name("events".to_owned());
        drained.spawn(move || while events.blocking_recv().is_some() {})?;
        let opus = Arc::new(speech::payloads(Codec::Opus));
        let other = Arc::new(speech::payloads(far));
        let mut ends: Vec<Box<dyn FarEnd>> = Vec::with_capacity(2 * count);
        for number in 0..count {
            let first = match leg {
                Leg::Rtp => rtp(&engine, Codec::Opus, &opus, number, None, &mut ends)?,
                Leg::Browser => {
                    let (end, port) = BrowserEnd::call(&engine, &opus, number)?;
                    ends.push(Box::new(end));
                    port
                }
            };
            let second = rtp(&engine, far, &other, number, Some(first), &mut ends)?;
            engine.join(first, second)?;
        }
        Ok(Self { load: Load::begin(ends)?, engine })
    }

    /// Ends the far ends.
    pub(super) fn end(self) {
        self.load.end();
    }
}

fn rtp(
    engine: &Engine,
    codec: Codec,
    payloads: &Arc<Vec<Vec<u8>>>,
    number: usize,
    beside: Option<PortId>,
    ends: &mut Vec<Box<dyn FarEnd>>,
) -> Result<PortId> {
    let opened = engine.open_rtp(beside)?;
    let payload_type = codec.static_payload_type().unwrap_or(96);
    let mut end = RtpEnd::new(payloads, payload_type, codec.clock_rate() / 50, number)?;
    engine.set_rtp(opened.port, media(codec, payload_type, end.socket.local_addr()?))?;
    end.target = opened.rtp;
    ends.push(Box::new(end));
    Ok(opened.port)
}

/// What SIP would agree on.
pub(crate) fn media(codec: Codec, payload_type: u8, remote: SocketAddr) -> RtpMedia {
    RtpMedia {
        remote,
        remote_rtcp: None,
        rtcp_mux: true,
        codec,
        payload_type,
        also: Vec::new(),
        telephone_event: None,
        comfort_noise: None,
        packet_time: Duration::from_millis(20),
        direction: Direction::SendReceive,
        srtp: None,
    }
}
