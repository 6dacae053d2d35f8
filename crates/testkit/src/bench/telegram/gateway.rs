//! Our gateway in a process of its own: the media engine, driven by lines as [`super::process`] writes them.

use super::super::media::calls::media;
use anyhow::{Context as _, Result, anyhow};
use audio::codec::Codec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use media_gateway::media::{Engine, EngineConfig, Event, PortId};
use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use tgcalls::call::Config;
use tgcalls::key::{CallKey, Role};
use tgcalls::version::Signalling;
use tokio::sync::mpsc::Receiver;

/// Numbers of calls, by the ports of their Telegram sides.
type Numbers = Arc<Mutex<HashMap<PortId, u32>>>;

struct Gateway {
    engine: Engine,
    numbers: Numbers,
    calls: HashMap<u32, (PortId, PortId)>,
}

/// Runs until its input ends.
pub(crate) fn run() -> Result<()> {
    let config = EngineConfig {
        threads: NonZeroUsize::new(1),
        capacity: Some(10_000),
        rtp_ports: 20_000..=39_999,
        ..EngineConfig::loopback()
    };
    let (engine, events) = Engine::start(config)?;
    let numbers = Numbers::default();
    let known = Arc::clone(&numbers);
    std::thread::Builder::new().name("events".to_owned()).spawn(move || tell(events, &known))?;
    let mut gateway = Gateway { engine, numbers, calls: HashMap::new() };
    say("ready");
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        gateway.run(&line).with_context(|| line.chars().take(40).collect::<String>())?;
    }
    Ok(())
}

impl Gateway {
    fn run(&mut self, line: &str) -> Result<()> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            ["call", number, role, key, phone] => self.call(number.parse()?, role, key, phone.parse()?),
            ["signal", number, packet] => {
                if let Some((port, _)) = self.calls.get(&number.parse()?) {
                    self.engine.signal(*port, STANDARD.decode(packet)?.into())?;
                }
                Ok(())
            }
            ["end", number] => {
                if let Some((telegram, sip)) = self.calls.remove(&number.parse()?) {
                    self.engine.close(telegram);
                    self.engine.close(sip);
                }
                Ok(())
            }
            _ => Err(anyhow!("what?")),
        }
    }

    fn call(&mut self, number: u32, role: &str, key: &str, phone: u16) -> Result<()> {
        let config = Config {
            role: if role == "caller" { Role::Caller } else { Role::Callee },
            key: CallKey::new(bytes(key).ok_or_else(|| anyhow!("the key is none"))?),
            signalling: Signalling::V2,
            servers: Vec::new(),
            p2p: true,
        };
        // What it says must find its number.
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        let telegram = self.engine.open_telegram(config, None)?;
        numbers.insert(telegram, number);
        drop(numbers);
        let sip = self.engine.open_rtp(Some(telegram))?;
        let phone = SocketAddr::from(([127, 0, 0, 1], phone));
        self.engine.set_rtp(sip.port, media(Codec::Pcma, 8, phone))?;
        self.engine.join(telegram, sip.port)?;
        self.calls.insert(number, (telegram, sip.port));
        say(&format!("rtp {number} {}", sip.rtp.port()));
        Ok(())
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only these say something to whoever drives it")]
fn tell(mut events: Receiver<Event>, numbers: &Numbers) {
    while let Some(event) = events.blocking_recv() {
        let number = |port| numbers.lock().unwrap_or_else(PoisonError::into_inner).get(&port).copied();
        match event {
            Event::Signal { port, message } => {
                if let Some(number) = number(port) {
                    say(&format!("signal {number} {}", STANDARD.encode(&message)));
                }
            }
            Event::Connected { port } => {
                if let Some(number) = number(port) {
                    say(&format!("connected {number}"));
                }
            }
            _ => {}
        }
    }
}

fn bytes(hex: &str) -> Option<[u8; 256]> {
    let pairs = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
    pairs.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

fn say(line: &str) {
    // Whoever drives it is gone: so will its input be.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
