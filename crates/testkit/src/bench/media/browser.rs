//! A browser's end for the load: `str0m` as a client.

use super::load::FarEnd;
use crate::tools::clock::now;
use anyhow::{Result, anyhow};
use media_gateway::media::{Engine, PortId};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Instant;
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc};

/// See the [module](self).
pub(super) struct BrowserEnd {
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    mid: Mid,
    pt: Pt,
    payloads: Arc<Vec<Vec<u8>>>,
    place: usize,
    connected: bool,
    sent: u64,
    received: u64,
}

impl BrowserEnd {
    pub(super) fn call(
        engine: &Engine,
        payloads: &Arc<Vec<Vec<u8>>>,
        number: usize,
    ) -> Result<(Self, PortId)> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_nonblocking(true)?;
        let local = socket.local_addr()?;
        let builder = Rtc::builder().set_rtp_mode(true).clear_codecs().enable_opus(true, false);
        let mut rtc = builder.clear_extension_map().build(now());
        rtc.add_local_candidate(Candidate::host(local, "udp")?);
        let mut change = rtc.sdp_api();
        let mid = change.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
        let (offer, pending) = change.apply().ok_or_else(|| anyhow!("there is nothing to offer"))?;
        let opened = engine.open_browser(&offer.to_sdp_string(), None)?;
        rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(&opened.answer)?)?;
        let pt = rtc.codec_config().params().first().ok_or_else(|| anyhow!("no codec"))?.pt();
        let payloads = Arc::clone(payloads);
        let place = number * 37;
        let end =
            Self { rtc, socket, local, mid, pt, payloads, place, connected: false, sent: 0, received: 0 };
        Ok((end, opened.port))
    }

    fn drain(&mut self) {
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => {
                    let _ = self.socket.send_to(&transmit.contents, transmit.destination);
                }
                Ok(Output::Event(Event::Connected)) => self.connected = true,
                Ok(Output::Event(Event::RtpPacket(_))) => self.received += 1,
                Ok(Output::Event(_)) => {}
                Ok(Output::Timeout(_)) | Err(_) => return,
            }
        }
    }
}

impl FarEnd for BrowserEnd {
    fn turn(&mut self, now: Instant) {
        self.listen(now);
        let _ = self.rtc.handle_input(Input::Timeout(now));
        self.drain();
        if !self.connected {
            return;
        }
        self.place += 1;
        let payload = &self.payloads[self.place % self.payloads.len()];
        let (sequence, timestamp) = ((self.place as u64).into(), self.place as u32 * 960);
        let mut direct = self.rtc.direct_api();
        if let Some(stream) = direct.stream_tx_by_mid(self.mid, None) {
            stream.write_rtp(RtpWrite::new(self.pt, sequence, timestamp, now, payload.as_slice()));
            self.sent += 1;
        }
        self.drain();
    }

    fn listen(&mut self, now: Instant) {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = self.socket.recv_from(&mut buffer) {
            if let Ok(receive) = Receive::new(Protocol::Udp, from, self.local, &buffer[..length]) {
                let _ = self.rtc.handle_input(Input::Receive(now, receive));
                self.drain();
            }
        }
    }

    fn counts(&self) -> (u64, u64) {
        (self.sent, self.received)
    }
}
