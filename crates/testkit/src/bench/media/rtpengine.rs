//! rtpengine doing the same work: Sipwise's media proxy, driven by its *ng* protocol (bencode over UDP).

use super::calls::per_call;
use super::load::{FarEnd, Load, RtpEnd, wait};
use super::speech;
use crate::tools::cpu;
use crate::tools::figures::say;
use anyhow::{Context as _, Result, anyhow, bail};
use audio::codec::Codec;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Calls that would fill a core of rtpengine; `None` where it is not installed.
pub(super) fn calls_per_core(far: Codec, count: usize, time: Duration) -> Result<Option<f64>> {
    let Some(server) = Server::start()? else { return Ok(None) };
    let opus = Arc::new(speech::payloads(Codec::Opus));
    let other = Arc::new(speech::payloads(far));
    let payload_type = far.static_payload_type().unwrap_or(96);
    let mut ends: Vec<Box<dyn FarEnd>> = Vec::new();
    for number in 0..count {
        let mut caller = RtpEnd::new(&opus, 96, 960, number)?;
        let mut callee = RtpEnd::new(&other, payload_type, 160, number)?;
        let offer = sdp(caller.socket.local_addr()?, 96, "opus/48000/2");
        callee.target = server.ask("offer", number, &offer, Some(far.name()))?;
        let answer = sdp(callee.socket.local_addr()?, payload_type, &far.to_string());
        caller.target = server.ask("answer", number, &answer, None)?;
        ends.push(Box::new(caller));
        ends.push(Box::new(callee));
    }
    let load = Load::begin(ends)?;
    let before = cpu::of_process(server.child.id());
    wait(time);
    let spent = cpu::of_process(server.child.id()) - before;
    let (sent, received) = load.end();
    if received * 100 < sent * 98 {
        say(&format!("  rtpengine: {received} of {sent} packets came back"));
    }
    Ok(Some(per_call(received, spent)))
}

struct Server {
    child: Child,
    socket: UdpSocket,
}

impl Server {
    fn start() -> Result<Option<Self>> {
        // A port that is free now; nothing else binds in this range.
        let probe = UdpSocket::bind("127.0.0.1:0")?;
        let control = probe.local_addr()?;
        drop(probe);
        let spawned = Command::new("rtpengine")
            .args(["--foreground", "--log-stderr", "--log-level=3", "--interface=127.0.0.1", "--table=-1"])
            .args(["--port-min=40000", "--port-max=49999", "--num-threads=2", "--pidfile=/dev/null"])
            .arg(format!("--listen-ng={control}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = spawned else { return Ok(None) };
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(control)?;
        socket.set_read_timeout(Some(Duration::from_millis(500)))?;
        let server = Self { child, socket };
        for _ in 0..20 {
            if server.request("0 d7:command4:pinge").is_ok() {
                return Ok(Some(server));
            }
            wait(Duration::from_millis(200));
        }
        bail!("rtpengine does not answer")
    }

    fn ask(&self, command: &str, call: usize, sdp: &str, transcode: Option<&str>) -> Result<SocketAddr> {
        let mut message = format!("{command}{call} d{}{}", text("call-id"), text(&format!("call-{call}")));
        if let Some(codec) = transcode {
            let (mask, to) = (text("mask"), text("transcode"));
            message += &format!("{}d{mask}l{}e{to}l{}ee", text("codec"), text("all"), text(codec));
        }
        for (key, value) in [("command", command), ("from-tag", "a"), ("sdp", sdp), ("ICE", "remove")] {
            message += &(text(key) + &text(value));
        }
        if transcode.is_none() {
            message += &(text("to-tag") + &text("b"));
        }
        let answer = self.request(&(message + "e")).with_context(|| format!("rtpengine {command}"))?;
        let port = answer.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
        let port: u16 = port.ok_or_else(|| anyhow!("rtpengine refused: {answer}"))?;
        Ok(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    fn request(&self, message: &str) -> Result<String> {
        self.socket.send(message.as_bytes())?;
        let mut buffer = [0; 4096];
        let length = self.socket.recv(&mut buffer)?;
        Ok(String::from_utf8_lossy(&buffer[..length]).into_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(text: &str) -> String {
    format!("{}:{text}", text.len())
}

fn sdp(address: SocketAddr, payload_type: u8, rtpmap: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {} RTP/AVP {payload_type}\r\n\
         a=rtpmap:{payload_type} {rtpmap}\r\na=sendrecv\r\n",
        address.port()
    )
}
