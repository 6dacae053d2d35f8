//! [`RtpPeer`]: a SIP far side, reached by RTP and RTCP on two sockets of its own.

use super::latch::Latch;
use super::packet::{self, Header};
use super::reception::{Reception, round_trip};
use super::rtcp::{self, Item, SenderInfo};
use super::srtp;
use crate::media::peer::{Datagram, Happening, Heard, Packet, Payload, Peer, Received, Wanted};
use crate::media::rtp_media::{RtpMedia, SrtpKey};
use crate::media::statistics::Statistics;
use audio::codec::Codec;
use bytes::Bytes;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two reports (RFC 3550 6.2, its minimum).
const REPORT: Duration = Duration::from_secs(5);
/// The name in reports. One for all: names of hosts or people are nobody's business.
const CNAME: &str = "tandem";

/// See the [module](self).
pub(crate) struct RtpPeer {
    sockets: [Arc<UdpSocket>; 2],
    media: Option<RtpMedia>,
    latch: Latch,
    rtcp_latch: Latch,
    seal: Option<Seal>,
    open: Option<(SrtpKey, srtp::Receiver)>,
    origin: Origin,
    sent: Sent,
    reception: Option<Reception>,
    received: u64,
    refused: u64,
    connected: bool,
    start: Instant,
    next_report: Instant,
    loss_reported: f32,
    round_trip: Option<Duration>,
    buffer: Vec<u8>,
}

/// Random beginnings (RFC 3550 5.1).
struct Origin {
    ssrc: u32,
    sequence: u64,
    timestamp: u32,
}

#[derive(Default)]
struct Sent {
    packets: u32,
    octets: u32,
    last: Option<(u32, Instant)>,
}

struct Seal {
    key: SrtpKey,
    sender: srtp::Sender,
    /// Rollovers that happened before this key came: it counts from zero.
    rollovers: u64,
}

impl RtpPeer {
    /// With its two sockets, none blocking. Silent until something is agreed.
    pub(crate) fn new(rtp: UdpSocket, rtcp: UdpSocket, now: Instant) -> Self {
        Self {
            sockets: [Arc::new(rtp), Arc::new(rtcp)],
            media: None,
            latch: Latch::new(),
            rtcp_latch: Latch::new(),
            seal: None,
            open: None,
            origin: Origin {
                ssrc: rand::random(),
                // In the lower half, so that no rollover comes before the far side is in step (RFC 3711 3.3.1).
                sequence: u64::from(rand::random::<u16>() >> 1),
                timestamp: rand::random(),
            },
            sent: Sent::default(),
            reception: None,
            received: 0,
            refused: 0,
            connected: false,
            start: now,
            next_report: now + REPORT / 5,
            loss_reported: 0.0,
            round_trip: None,
            buffer: Vec::with_capacity(2048),
        }
    }

    fn hear(&mut self, datagram: &mut Datagram<'_>, heard: &mut Heard) -> Option<()> {
        let media = self.media.as_ref()?;
        let length = match &mut self.open {
            Some((_, receiver)) => receiver.open(datagram.bytes)?,
            None => datagram.bytes.len(),
        };
        let bytes = &datagram.bytes[..length];
        let (header, header_length) = Header::read(bytes)?;
        let kind = kind(media, header.payload_type)?;
        let receives = media.direction.receives();
        let payload = packet::payload(bytes, header_length)?;
        if !self.latch.accepts(datagram.from, header.ssrc, datagram.now) {
            return None;
        }
        self.count(&header, kind, datagram.came);
        if !std::mem::replace(&mut self.connected, true) {
            heard.happenings.push(Happening::Connected);
        }
        // A packet of padding alone probes the path; it is no sound.
        if receives && !payload.is_empty() {
            heard.packets.push(Received {
                at: datagram.came,
                kind,
                sequence: header.sequence,
                timestamp: header.timestamp,
                stream: header.ssrc,
                marker: header.marker,
                payload: Bytes::copy_from_slice(payload),
            });
        }
        Some(())
    }

    fn count(&mut self, header: &Header, kind: Payload, now: Instant) {
        let clock = match kind {
            Payload::Sound(codec) => codec.clock_rate(),
            Payload::TelephoneEvent | Payload::ComfortNoise | Payload::Padding => self.clock(),
        };
        if self.reception.as_ref().is_none_or(|reception| reception.ssrc != header.ssrc) {
            self.reception = Some(Reception::begin(header.ssrc, header.sequence, clock, now));
        }
        if let Some(reception) = &mut self.reception {
            reception.set_clock(clock);
            reception.heard(header.sequence, header.timestamp, now);
        }
        self.received += 1;
    }

    fn hear_report(&mut self, datagram: &mut Datagram<'_>) -> Option<()> {
        let length = match &mut self.open {
            Some((_, receiver)) => receiver.open_rtcp(datagram.bytes)?,
            None => datagram.bytes.len(),
        };
        let items = rtcp::read(&datagram.bytes[..length]);
        let ssrc = items.first().map(ssrc)?;
        let latch = if datagram.socket == 0 { &mut self.latch } else { &mut self.rtcp_latch };
        if !latch.accepts(datagram.from, ssrc, datagram.now) {
            return None;
        }
        for item in &items {
            self.take_report(item, datagram.now);
        }
        Some(())
    }

    fn take_report(&mut self, item: &Item, now: Instant) {
        let blocks = match item {
            Item::Sender { ssrc, info, blocks } => {
                if let Some(reception) = self.reception.as_mut().filter(|reception| reception.ssrc == *ssrc) {
                    reception.reported(info, now);
                }
                blocks
            }
            Item::Receiver { blocks, .. } => blocks,
            // SIP says when a call ends.
            Item::Goodbye { .. } => return,
        };
        for block in blocks.iter().filter(|block| block.ssrc == self.origin.ssrc) {
            self.loss_reported = f32::from(block.fraction_lost) / 256.0;
            self.round_trip = round_trip(self.ntp(now), block).or(self.round_trip);
        }
    }

    fn report(&mut self, now: Instant, goodbye: bool) {
        let Some((socket, target)) = self.report_target() else { return };
        let ntp = self.ntp(now);
        let info = self.sent.last.map(|(timestamp, at)| SenderInfo {
            ntp,
            timestamp: timestamp.wrapping_add(self.ticks(now.saturating_duration_since(at))),
            packets: self.sent.packets,
            octets: self.sent.octets,
        });
        let block = self.reception.as_mut().map(|reception| reception.block(now));
        self.buffer.clear();
        rtcp::write(self.origin.ssrc, info, block, CNAME, goodbye, &mut self.buffer);
        if let Some(seal) = &mut self.seal {
            seal.sender.protect_rtcp(&mut self.buffer);
        }
        // A lost report is followed by another.
        let _ = self.sockets[socket].send_to(&self.buffer, target);
    }

    fn report_target(&self) -> Option<(usize, SocketAddr)> {
        if self.media.as_ref()?.rtcp_mux {
            Some((0, self.latch.target()?))
        } else {
            Some((1, self.rtcp_latch.target()?))
        }
    }

    fn clock(&self) -> u32 {
        self.media.as_ref().map_or(8000, |media| media.codec.clock_rate())
    }

    fn ticks(&self, time: Duration) -> u32 {
        (time.as_secs_f64() * f64::from(self.clock())) as u64 as u32
    }

    /// Time since the peer began as 32.32 bits: RFC 3550 6.4.1 allows any clock that is steady.
    fn ntp(&self, now: Instant) -> u64 {
        let time = now.saturating_duration_since(self.start);
        // One second ahead: a report of time zero would read as "no report".
        ((time.as_secs() + 1) << 32) | ((u64::from(time.subsec_nanos()) << 32) / 1_000_000_000)
    }

    fn renew_keys(&mut self, media: &RtpMedia) {
        let Some(keys) = &media.srtp else {
            (self.seal, self.open) = (None, None);
            return;
        };
        if self.seal.as_ref().is_none_or(|seal| !same(&seal.key, &keys.ours)) {
            let index = self.origin.sequence + u64::from(self.sent.packets);
            let (key, sender) = (keys.ours.clone(), srtp::Sender::new(&keys.ours));
            self.seal = Some(Seal { key, sender, rollovers: index & !0xFFFF });
        }
        if self.open.as_ref().is_none_or(|(key, _)| !same(key, &keys.theirs)) {
            self.open = Some((keys.theirs.clone(), srtp::Receiver::new(&keys.theirs)));
        }
    }
}

impl Peer for RtpPeer {
    fn sockets(&self) -> Vec<Arc<UdpSocket>> {
        self.sockets.to_vec()
    }

    fn receive(&mut self, mut datagram: Datagram<'_>, heard: &mut Heard) {
        let taken = if datagram.socket == 1 || packet::is_rtcp(datagram.bytes) {
            self.hear_report(&mut datagram)
        } else {
            self.hear(&mut datagram, heard)
        };
        if taken.is_none() {
            self.refused += 1;
        }
    }

    fn tick(&mut self, now: Instant, _: &mut Heard) {
        if now >= self.next_report {
            self.report(now, false);
            // Not all calls of one second report in the same tick.
            self.next_report = now + REPORT - Duration::from_millis(u64::from(self.origin.ssrc % 1000));
        }
    }

    fn wants(&self) -> Option<Wanted> {
        let media = self.media.as_ref().filter(|media| media.direction.sends())?;
        self.latch.target()?;
        Some(Wanted {
            codec: media.codec,
            packet_time: media.packet_time,
            telephone_event_clock: media.telephone_event.map(|event| event.clock),
            fills: true,
            loss_percent: (self.loss_reported * 100.0).clamp(0.0, 100.0) as u8,
        })
    }

    fn send(&mut self, now: Instant, packet: Packet<'_>) {
        let (Some(media), Some(target)) = (&self.media, self.latch.target()) else { return };
        let payload_type = match packet.kind {
            Payload::Sound(_) => Some(media.payload_type),
            Payload::TelephoneEvent => media.telephone_event.map(|event| event.payload_type),
            Payload::ComfortNoise => media.comfort_noise,
            Payload::Padding => None,
        };
        let Some(payload_type) = payload_type else { return };
        let index = self.origin.sequence + packet.sequence;
        let timestamp = self.origin.timestamp.wrapping_add(packet.timestamp);
        let header = Header {
            marker: packet.marker,
            payload_type,
            sequence: (index & 0xFFFF) as u16,
            timestamp,
            ssrc: self.origin.ssrc,
        };
        self.buffer.clear();
        header.write(&mut self.buffer);
        self.buffer.extend_from_slice(packet.payload);
        if let Some(seal) = &self.seal {
            seal.sender.protect(&mut self.buffer, index.saturating_sub(seal.rollovers));
        }
        // UDP may lose it here as well as anywhere else.
        let _ = self.sockets[0].send_to(&self.buffer, target);
        self.sent.packets = self.sent.packets.wrapping_add(1);
        self.sent.octets = self.sent.octets.wrapping_add(packet.payload.len() as u32);
        self.sent.last = Some((timestamp, now));
    }

    fn agree(&mut self, media: RtpMedia) {
        self.latch.told(media.remote);
        let next = SocketAddr::new(media.remote.ip(), media.remote.port().saturating_add(1));
        self.rtcp_latch.told(media.remote_rtcp.unwrap_or(next));
        self.renew_keys(&media);
        self.media = Some(media);
    }

    fn expects_sound(&self) -> bool {
        self.media.as_ref().is_some_and(|media| media.direction.receives())
    }

    fn fill(&self, statistics: &mut Statistics) {
        statistics.received = self.received;
        statistics.sent = u64::from(self.sent.packets);
        statistics.refused = self.refused;
        statistics.loss_reported = self.loss_reported;
        statistics.round_trip = self.round_trip;
        if let Some(reception) = &self.reception {
            statistics.lost = reception.lost();
            statistics.jitter = reception.jitter();
        }
    }

    fn close(&mut self, now: Instant) {
        if self.sent.packets > 0 {
            self.report(now, true);
        }
    }
}

fn kind(media: &RtpMedia, payload_type: u8) -> Option<Payload> {
    if media.telephone_event.is_some_and(|event| event.payload_type == payload_type) {
        return Some(Payload::TelephoneEvent);
    }
    // 13 is its static type, and used by some without a word in SDP.
    if media.comfort_noise == Some(payload_type) || payload_type == 13 {
        return Some(Payload::ComfortNoise);
    }
    if payload_type == media.payload_type {
        return Some(Payload::Sound(media.codec));
    }
    let also = media.also.iter().find(|(number, _)| *number == payload_type).map(|(_, codec)| *codec);
    also.or_else(|| Codec::from_static_payload_type(payload_type))
        .filter(|codec| codec.is_available())
        .map(Payload::Sound)
}

fn ssrc(item: &Item) -> u32 {
    match item {
        Item::Sender { ssrc, .. } | Item::Receiver { ssrc, .. } | Item::Goodbye { ssrc } => *ssrc,
    }
}

fn same(a: &SrtpKey, b: &SrtpKey) -> bool {
    a.suite == b.suite && *a.key_and_salt == *b.key_and_salt
}
