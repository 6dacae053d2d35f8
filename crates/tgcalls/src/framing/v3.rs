//! Versions 12.0.0 and 13.0.0: SCTP (RFC 9260) over the signalling channel.
//!
//! What `phone.sendSignalingData` carries is a bare SCTP packet, ports 5000 to 5000, without UDP and without DTLS. Each
//! message is one ordered user message on stream 0 with PPID 53; its payload is an encrypted packet whose plaintext is
//! `seq:u32be || gzip(JSON)`. SCTP brings order and repeats, so there are no acknowledgements of our own.
//!
//! Both sides send INIT, and the two usually cross. RFC 9260, 5.2 makes one association of that; `sctp-proto` would make
//! two. So the caller keeps to its own and takes the far side's INIT for lost, and the callee takes the caller's in place
//! of its own: against a far side that follows the RFC, and against this crate, one association comes of it.

use super::{BadFrame, MAX_MESSAGE, MAX_UNPACKED, gzip};
use crate::key::{CallKey, Role};
use crate::packet::{self, BadPacket};
use bytes::Bytes;
use sctp_proto::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Event, Payload,
    PayloadProtocolIdentifier, ServerConfig, TransportConfig,
};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// The endpoint wants an address of the far side; over the signalling channel there is only one, and it has none.
const FAR_SIDE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 5000);

/// The stream that carries everything.
const STREAM: u16 = 0;

/// The greatest user message that is read.
const MAX_SCTP_MESSAGE: usize = 262_144;

/// As many messages wait for the association to come up.
const MAX_WAITING: usize = 1024;

/// As many messages are read at once; what is over waits for the next packet. A whole call has some dozen.
const MAX_READ: usize = 256;

/// As many messages that can't be read are let go at once, since each may cost as much as a good one.
const MAX_FAULTS: usize = 8;

/// As many times the far side may begin: it does so once, and repeats that under the same tag.
const MAX_BEGUN: usize = 8;

/// The framing of versions 12 and 13, one side of one call.
pub struct V3 {
    key: CallKey,
    role: Role,
    counter: u32,
    endpoint: Endpoint,
    association: Option<(AssociationHandle, Association)>,
    is_up: bool,
    is_lost: bool,
    /// How often the far side has begun.
    begun: usize,
    waiting: VecDeque<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
}

impl std::fmt::Debug for V3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("V3").field("role", &self.role).field("is_up", &self.is_up).finish_non_exhaustive()
    }
}

impl V3 {
    /// The framing for this side of a call; it begins to set up the association.
    #[must_use]
    pub fn new(key: CallKey, role: Role) -> Self {
        let mut server = ServerConfig::default();
        server.transport = transport();
        let mut endpoint = Endpoint::new(Arc::new(EndpointConfig::default()), Some(Arc::new(server)));
        let mut client = ClientConfig::default();
        client.transport = transport();
        let association = endpoint.connect(client, FAR_SIDE).ok();
        Self {
            key,
            role,
            counter: 0,
            endpoint,
            association,
            is_up: false,
            is_lost: false,
            begun: 0,
            waiting: VecDeque::new(),
            outgoing: VecDeque::new(),
        }
    }

    /// Sends a message: UTF-8 JSON. It waits until the association is up.
    ///
    /// # Errors
    ///
    /// It is too long, too many wait, or the association is lost.
    pub fn send(&mut self, message: &[u8], now: Instant) -> Result<(), BadFrame> {
        if self.is_lost {
            return Err(BadFrame::Lost);
        }
        if self.waiting.len() >= MAX_WAITING {
            return Err(BadFrame::TooManyUnacknowledged);
        }
        self.counter = self.counter.wrapping_add(1);
        let mut plaintext = self.counter.to_be_bytes().to_vec();
        plaintext.extend(gzip::pack(message));
        if message.len() > MAX_MESSAGE || plaintext.len() + 16 > MAX_SCTP_MESSAGE {
            return Err(BadFrame::TooLong);
        }
        self.waiting.push_back(packet::seal(&self.key, self.role, &plaintext));
        self.drive(now);
        Ok(())
    }

    /// Takes a packet of the far side, and gives the messages that are complete by it, unpacked, in their order.
    ///
    /// # Errors
    ///
    /// A message is not of this call or can't be unpacked; the others come along.
    pub fn receive(&mut self, datagram: &[u8], now: Instant) -> (Vec<Vec<u8>>, Result<(), BadFrame>) {
        if datagram.len() > packet::MAX_PACKET {
            return (Vec::new(), Err(BadPacket::Size(datagram.len()).into()));
        }
        // INIT carries no proof that it is the far side's.
        if is_init(datagram) && (self.role == Role::Caller || self.is_up) {
            return (Vec::new(), Ok(()));
        }
        let datagram = Bytes::copy_from_slice(datagram);
        match self.endpoint.handle(now, FAR_SIDE, None, None, datagram) {
            Some((handle, DatagramEvent::NewAssociation(association))) if !self.is_up => {
                self.association = Some((handle, association));
                self.begun += 1;
                if self.begun >= MAX_BEGUN {
                    self.endpoint.reject_new_associations();
                }
            }
            Some((handle, DatagramEvent::AssociationEvent(event))) => {
                if let Some((ours, association)) = &mut self.association
                    && *ours == handle
                {
                    association.handle_event(event);
                }
            }
            // A second association beside the one that is up comes from a late INIT, and is let go.
            Some((_, DatagramEvent::NewAssociation(_))) | None => {}
        }
        self.drive(now);
        let (fresh, done) = self.read();
        // Reading opens the window, which the far side has to be told.
        self.drive(now);
        (fresh, done)
    }

    fn read(&mut self) -> (Vec<Vec<u8>>, Result<(), BadFrame>) {
        let (mut fresh, mut done) = (Vec::new(), Ok(()));
        let (mut room, mut faults) = (MAX_UNPACKED, 0);
        while fresh.len() < MAX_READ && faults < MAX_FAULTS {
            let Some(message) = self.user_message() else { break };
            match self.open(&message, room) {
                Ok(text) => {
                    room -= text.len();
                    fresh.push(text);
                }
                Err(fault) => {
                    faults += 1;
                    done = Err(fault);
                }
            }
        }
        (fresh, done)
    }

    fn open(&self, message: &[u8], room: usize) -> Result<Vec<u8>, BadFrame> {
        let plaintext = packet::open(&self.key, self.role.other(), message)?;
        gzip::unpack(plaintext.get(4..).ok_or(BadFrame::Malformed)?, room)
    }

    /// The next message that is complete.
    fn user_message(&mut self) -> Option<Vec<u8>> {
        let (_, association) = self.association.as_mut()?;
        while association.accept_stream().is_some() {}
        let chunks = association.stream(STREAM).ok()?.read_sctp().ok()??;
        let mut message = vec![0; chunks.len().min(MAX_SCTP_MESSAGE)];
        // What is longer reads as nothing, and is refused as such.
        let length = chunks.read(&mut message).unwrap_or(0);
        message.truncate(length);
        Some(message)
    }

    /// Sends again what is due. Call it at [`V3::poll_timeout`], or oftener.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Some((_, association)) = &mut self.association
            && association.poll_timeout().is_some_and(|at| at <= now)
        {
            association.handle_timeout(now);
        }
        self.drive(now);
    }

    /// When [`V3::handle_timeout`] is wanted.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.association.as_ref().and_then(|(_, association)| association.poll_timeout())
    }

    /// The next packet to be sent.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    /// Whether messages can be exchanged.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.is_up
    }

    /// Whether the far side ended the association, or never answered.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Moves everything that can move, and collects what is to be sent.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "of SCTP's events only these concern an association of one stream"
    )]
    fn drive(&mut self, now: Instant) {
        let Some((handle, association)) = &mut self.association else { return };
        while let Some(event) = association.poll() {
            match event {
                Event::Connected => self.is_up = true,
                Event::AssociationLost { .. } | Event::HandshakeFailed { .. } => self.is_lost = true,
                _ => {}
            }
        }
        if self.is_up {
            write(association, &mut self.waiting);
        }
        while let Some(event) = association.poll_endpoint_event() {
            if let Some(event) = self.endpoint.handle_event(*handle, event) {
                association.handle_event(event);
            }
        }
        while let Some(transmit) = self.endpoint.poll_transmit().or_else(|| association.poll_transmit(now)) {
            if let Payload::RawEncode(datagrams) = transmit.payload {
                self.outgoing.extend(datagrams.into_iter().map(|it| it.to_vec()));
            }
        }
    }
}

/// Whether an SCTP packet begins with an INIT chunk: the chunk's type follows the common header of twelve bytes.
fn is_init(datagram: &[u8]) -> bool {
    const INIT: u8 = 1;
    datagram.get(12) == Some(&INIT)
}

/// Hands waiting messages to the association, for as long as it takes them.
fn write(association: &mut Association, waiting: &mut VecDeque<Vec<u8>>) {
    let ppid = PayloadProtocolIdentifier::Binary;
    if association.stream(STREAM).is_err() && association.open_stream(STREAM, ppid).is_err() {
        return;
    }
    let Ok(mut stream) = association.stream(STREAM) else { return };
    while let Some(message) = waiting.pop_front() {
        if stream.write_with_ppi(&message, ppid).is_err() {
            waiting.push_front(message);
            return;
        }
    }
}

/// Signalling is short and urgent: the far side gives up after ten seconds, so a lost packet may not cost SCTP's usual
/// three at first and sixty at worst.
fn transport() -> Arc<TransportConfig> {
    let config = TransportConfig::default()
        .with_rto_initial_ms(400)
        .with_rto_min_ms(200)
        .with_rto_max_ms(1_500)
        .with_max_init_retransmits(None)
        .with_max_data_retransmits(None);
    Arc::new(config)
}

#[cfg(test)]
mod tests;
