//! A SIP phone at the other side of a gateway: PCMA by RTP.

use super::super::media::load::FarEnd;
use super::voice::{Ear, Mouth};
use anyhow::Result;
use audio::codec::Codec;
use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

pub(super) struct SipEnd {
    socket: UdpSocket,
    target: Option<SocketAddr>,
    mouth: Mouth,
    ear: Ear,
    sent: u64,
}

impl SipEnd {
    pub(super) fn new(mouth: Mouth, ear: Ear) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, target: None, mouth, ear, sent: 0 })
    }

    /// Where it listens.
    pub(super) fn port(&self) -> Result<u16> {
        Ok(self.socket.local_addr()?.port())
    }

    /// Where the gateway listens.
    pub(super) fn reach(&mut self, port: u16) {
        self.target = Some(SocketAddr::from(([127, 0, 0, 1], port)));
    }
}

impl FarEnd for SipEnd {
    fn turn(&mut self, now: Instant) {
        self.listen(now);
        let Some(target) = self.target else { return };
        let mut packet = vec![0x80, 8];
        packet.extend_from_slice(&(self.sent as u16).to_be_bytes());
        packet.extend_from_slice(&(self.sent as u32).wrapping_mul(160).to_be_bytes());
        packet.extend_from_slice(&[0, 0, 0, 1]);
        packet.extend_from_slice(self.mouth.next());
        self.sent += u64::from(self.socket.send_to(&packet, target).is_ok());
    }

    fn listen(&mut self, _now: Instant) {
        let mut buffer = [0; 2048];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            if length > 12 && buffer[1] & 0x7F == 8 {
                self.ear.hear(Codec::Pcma, &buffer[12..length], crate::tools::clock::now());
            }
        }
    }

    fn counts(&self) -> (u64, u64) {
        (self.sent, 0)
    }
}
