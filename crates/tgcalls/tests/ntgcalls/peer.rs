//! The library's process: started, spoken with, and listened to.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::ops::Range;
use std::process::{Child, ChildStdout, Command, Stdio};
use tgcalls::key::Role;
use tgcalls::version::Signalling;

/// What kind of call.
#[derive(Debug, Clone)]
pub(crate) struct Want {
    /// Our role; the library has the other.
    pub(crate) role: Role,
    pub(crate) signalling: Signalling,
    /// Only through the reflector on this port.
    pub(crate) reflector: Option<u16>,
    /// Only through the TURN server on this port.
    pub(crate) turn: Option<u16>,
    pub(crate) seconds: u64,
    /// We say nothing in these seconds, and send next to nothing (DTX).
    pub(crate) pause: Range<u64>,
}

impl Want {
    pub(crate) fn new(role: Role, signalling: Signalling) -> Self {
        Self { role, signalling, reflector: None, turn: None, seconds: 5, pause: 0..0 }
    }
}

impl Want {
    /// Whether the two ends may reach each other directly.
    pub(crate) fn p2p(&self) -> bool {
        self.reflector.is_none() && self.turn.is_none()
    }
}

/// What both ends have in common at the reflector.
pub(crate) const PEER_TAG: [u8; 16] = *b"\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\0\0\0\0";

/// The library at the other end.
pub(crate) struct Peer {
    child: Child,
    output: BufReader<ChildStdout>,
    /// The signalling channel.
    pub(crate) signals: TcpStream,
    /// The key of the call.
    pub(crate) key: [u8; 256],
}

/// What the library says that it has heard.
#[derive(Debug)]
#[expect(dead_code, reason = "all of it is printed when a test fails")]
pub(crate) struct Heard {
    pub(crate) hz: f64,
    pub(crate) purity: f64,
    pub(crate) first_sound: Option<f64>,
    /// Seconds of sound without a gap at the end.
    pub(crate) at_the_end: f64,
    pub(crate) states: Value,
}

impl Peer {
    /// Starts it; nothing, where the library is not there.
    pub(crate) fn start(want: &Want) -> Option<Self> {
        let Ok(python) = std::env::var("TANDEM_TEST_NTGCALLS") else {
            let is_required = std::env::var("REQUIRE_CLIENTS").is_ok_and(|it| it == "1");
            assert!(!is_required, "TANDEM_TEST_NTGCALLS does not name a Python with ntgcalls");
            eprintln!(
                "skipped: TANDEM_TEST_NTGCALLS does not name a Python with ntgcalls; `cargo xtask test` sees to it"
            );
            return None;
        };
        let (versions, p2p) = match want.signalling {
            Signalling::V2 => ("8.0.0,9.0.0", want.p2p()),
            Signalling::V3 => ("13.0.0", want.p2p()),
        };
        let role = if want.role == Role::Caller { "callee" } else { "caller" };
        let mut command = Command::new(python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/ntgcalls/peer.py"));
        command.args([role, versions, if p2p { "yes" } else { "no" }]);
        command.args([want.seconds.to_string(), super::THEIRS.to_string()]);
        if let Some(port) = want.reflector {
            let tag: String = PEER_TAG.iter().map(|byte| format!("{byte:02x}")).collect();
            command.args([port.to_string(), tag]);
        }
        if let Some(port) = want.turn {
            command.args([port.to_string(), "turn".to_owned()]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("start Python");
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        output.read_line(&mut line).expect("the port");
        let port: u16 = line.trim().parse().expect("the port");
        let mut signals = TcpStream::connect(("127.0.0.1", port)).expect("connect");
        signals.set_nodelay(true).expect("set");
        let key = read_frame(&mut signals).expect("the key");
        Some(Self { child, output, signals, key: key.try_into().expect("256 bytes") })
    }

    /// What it has heard, once it is done.
    pub(crate) fn result(mut self) -> Heard {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the result");
        let result: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no result: {line:?}"));
        let number = |name: &str| result[name].as_f64();
        Heard {
            hz: number("hz").unwrap_or(0.0),
            purity: number("purity").unwrap_or(0.0),
            first_sound: number("first_sound"),
            at_the_end: number("at_the_end").unwrap_or(0.0),
            states: result["states"].clone(),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads one frame of the signalling channel.
pub(crate) fn read_frame(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0_u8; 4];
    stream.read_exact(&mut length).ok()?;
    let mut frame = vec![0; usize::try_from(u32::from_be_bytes(length)).ok()?];
    stream.read_exact(&mut frame).ok()?;
    Some(frame)
}

/// Writes one frame of the signalling channel.
pub(crate) fn write_frame(stream: &mut TcpStream, frame: &[u8]) {
    let length = u32::try_from(frame.len()).expect("short");
    // The library closes the channel when it is done.
    let _ = stream.write_all(&[&length.to_be_bytes(), frame].concat());
}
