//! Versions 8.0.0 and 9.0.0: numbered messages, acknowledged one by one, sent again until they are.
//!
//! ```text
//! plaintext := seq:u32be message { seq:u32be message }
//! message   := FE                          nothing, to carry what follows; only first
//!            | FF                          acknowledges the message whose seq word stands before it; never first
//!            | 7F len:u32be bytes[len]     a message
//! seq word  := bit 31: alone in its packet; bit 30: wants an acknowledgement; bits 0 to 29: a counter from 1
//! ```
//!
//! Order is kept by construction: while anything is unacknowledged, a new message travels behind all of it in one packet.
//! An offer that overtakes a lost answer would be ignored by the far side for ever, and the call would stay silent.

use super::{BadFrame, MAX_MESSAGE, MAX_UNPACKED, gzip};
use crate::key::{CallKey, Role};
use crate::packet;
use std::collections::{BTreeSet, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};

/// Bit 31 of a seq word.
const SINGLE: u32 = 1 << 31;
/// Bit 30 of a seq word.
const WANTS_ACK: u32 = 1 << 30;
/// The counter in a seq word.
const COUNTER: u32 = WANTS_ACK - 1;

const EMPTY: u8 = 0xfe;
const ACK: u8 = 0xff;
const MESSAGE: u8 = 0x7f;

/// Bytes of a seq word and the kind of message.
const HEAD: usize = 5;

/// A packet is not filled beyond this.
const MAX_FILL: usize = 16 * 1024;

/// As many unacknowledged messages are kept; a call sends some dozen.
const MAX_UNACKED: usize = 1024;

/// As many messages of one packet are read: more than fit in a packet of [`MAX_FILL`] in any real call.
const MAX_READ: usize = 256;

/// As many acknowledgements wait to be sent; who is owed more will repeat itself.
const MAX_ACKS: usize = 1024;

/// As many of the last packets, and of the last messages, are remembered to tell repeats.
const WINDOW: u32 = 64;

/// An unacknowledged message is sent again after this time at first, then after twice as long each time.
///
/// Apps wait three seconds from the start. One library gives a call up after ten, and where a third of the packets gets
/// lost, one message in a hundred is lost at 0, 3, 6 and 9 seconds.
const FIRST_RESEND: Duration = Duration::from_millis(500);

/// It is sent again after this time at the latest.
const RESEND: Duration = Duration::from_secs(3);

/// A repeat is acknowledged again after this time at the latest; apps take five seconds.
const ACK_AGAIN: Duration = Duration::from_millis(500);

/// The framing of versions 8 and 9, one side of one call.
pub struct V2 {
    key: CallKey,
    role: Role,
    counter: u32,
    unacked: VecDeque<Unacked>,
    acks: Vec<u32>,
    ack_at: Option<Instant>,
    packets: Seen,
    messages: Seen,
    outgoing: VecDeque<Vec<u8>>,
}

impl fmt::Debug for V2 {
    /// Without the messages that wait: ICE passwords are in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("V2");
        shown.field("role", &self.role).field("counter", &self.counter);
        shown.field("unacked", &self.unacked.len()).finish_non_exhaustive()
    }
}

/// A message that the far side has not acknowledged.
struct Unacked {
    seq: u32,
    bytes: Vec<u8>,
    sent: Option<Instant>,
    /// It is sent again so long after that.
    wait: Duration,
}

impl Unacked {
    fn new(seq: u32, bytes: Vec<u8>, sent: Option<Instant>) -> Self {
        Self { seq, bytes, sent, wait: FIRST_RESEND }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.sent.is_none_or(|sent| now.saturating_duration_since(sent) >= self.wait)
    }

    /// It goes out now. What goes out because another message does has not waited in vain.
    fn goes(&mut self, now: Instant) {
        if self.sent.replace(now).is_some() {
            self.wait = (self.wait * 2).min(RESEND);
        }
    }
}

impl V2 {
    /// The framing for this side of a call.
    #[must_use]
    pub fn new(key: CallKey, role: Role) -> Self {
        Self {
            key,
            role,
            counter: 0,
            unacked: VecDeque::new(),
            acks: Vec::new(),
            ack_at: None,
            packets: Seen::default(),
            messages: Seen::default(),
            outgoing: VecDeque::new(),
        }
    }

    /// Sends a message: UTF-8 JSON.
    ///
    /// # Errors
    ///
    /// It is too long, or the far side has stopped acknowledging.
    pub fn send(&mut self, message: &[u8], now: Instant) -> Result<(), BadFrame> {
        let length = u32::try_from(message.len()).map_err(|_| BadFrame::TooLong)?;
        if message.len() > MAX_MESSAGE {
            return Err(BadFrame::TooLong);
        }
        if self.unacked.len() >= MAX_UNACKED {
            return Err(BadFrame::TooManyUnacknowledged);
        }
        let seq = self.next() | WANTS_ACK;
        let mut bytes = Vec::with_capacity(HEAD + 4 + message.len());
        bytes.extend(seq.to_be_bytes());
        bytes.push(MESSAGE);
        bytes.extend(length.to_be_bytes());
        bytes.extend(message);
        if self.unacked.is_empty() {
            let mut packet = bytes.clone();
            self.put_acks(&mut packet);
            self.emit(&packet);
            self.unacked.push_back(Unacked::new(seq, bytes, Some(now)));
        } else {
            self.unacked.push_back(Unacked::new(seq, bytes, None));
            self.unacked.iter_mut().for_each(|it| it.sent = None);
            self.emit_due(now);
        }
        Ok(())
    }

    /// Takes a packet of the far side, and gives the messages in it that are new, unpacked, in their order.
    ///
    /// # Errors
    ///
    /// The packet is not of this call, or not built of messages. What stood before the fault has taken effect, and will
    /// not be given again; that is why the messages come along.
    pub fn receive(&mut self, packet: &[u8], now: Instant) -> (Vec<Vec<u8>>, Result<(), BadFrame>) {
        let mut fresh = Vec::new();
        let done = packet::open(&self.key, self.role.other(), packet)
            .map_err(BadFrame::from)
            .and_then(|plaintext| self.read(&plaintext, now, &mut fresh));
        if self.ack_at.is_some_and(|at| at <= now) {
            self.emit_due(now);
        }
        (fresh, done)
    }

    fn read(&mut self, plaintext: &[u8], now: Instant, fresh: &mut Vec<Vec<u8>>) -> Result<(), BadFrame> {
        let mut rest = plaintext;
        let mut is_first = true;
        let mut read = 0;
        while !rest.is_empty() {
            let (head, body) = rest.split_at_checked(HEAD).ok_or(BadFrame::Malformed)?;
            let seq = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
            if is_first && !self.packets.insert(seq & COUNTER) {
                return Ok(());
            }
            rest = match (head[4], is_first) {
                (EMPTY, true) => body,
                (ACK, false) => {
                    self.unacked.retain(|it| it.seq != seq);
                    body
                }
                (MESSAGE, _) => {
                    let (message, after) = message_of(body)?;
                    read += 1;
                    if read > MAX_READ {
                        return Err(BadFrame::TooLong);
                    }
                    self.take(seq, message, now, fresh)?;
                    after
                }
                _ => return Err(BadFrame::Malformed),
            };
            is_first = false;
        }
        Ok(())
    }

    fn take(
        &mut self,
        seq: u32,
        message: &[u8],
        now: Instant,
        fresh: &mut Vec<Vec<u8>>,
    ) -> Result<(), BadFrame> {
        let is_new = self.messages.insert(seq & COUNTER);
        if seq & WANTS_ACK != 0 {
            if self.acks.len() < MAX_ACKS && !self.acks.contains(&seq) {
                self.acks.push(seq);
            }
            let at = if is_new { now } else { now + ACK_AGAIN };
            self.ack_at = Some(self.ack_at.map_or(at, |planned| planned.min(at)));
        }
        if is_new {
            let room = MAX_UNPACKED.saturating_sub(fresh.iter().map(Vec::len).sum());
            fresh.push(gzip::unpack(message, room)?);
        }
        Ok(())
    }

    /// Sends again what is due. Call it at [`V2::poll_timeout`], or oftener.
    pub fn handle_timeout(&mut self, now: Instant) {
        let acks_due = self.ack_at.is_some_and(|at| at <= now);
        if acks_due || self.unacked.iter().any(|it| it.is_due(now)) {
            self.emit_due(now);
        }
    }

    /// When [`V2::handle_timeout`] is wanted; never, while nothing waits.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let resend = self.unacked.iter().filter_map(|it| it.sent.map(|sent| sent + it.wait));
        resend.chain(self.ack_at).min()
    }

    /// The next packet to be sent.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    /// Whether the far side has acknowledged everything.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.unacked.is_empty()
    }

    /// One packet: an empty carrier, all acknowledgements, and every message that is due, in order.
    fn emit_due(&mut self, now: Instant) {
        let mut packet = Vec::new();
        let seq = self.next();
        packet.extend(seq.to_be_bytes());
        packet.push(EMPTY);
        self.put_acks(&mut packet);
        for message in self.unacked.iter_mut().filter(|it| it.is_due(now)) {
            if packet.len() > HEAD && packet.len() + message.bytes.len() > MAX_FILL {
                break;
            }
            packet.extend_from_slice(&message.bytes);
            message.goes(now);
        }
        if packet.len() == HEAD {
            // Nothing but the carrier: the far side tells by this bit that no more follows.
            packet[0] |= (SINGLE >> 24) as u8;
        }
        self.emit(&packet);
    }

    fn put_acks(&mut self, packet: &mut Vec<u8>) {
        self.ack_at = None;
        for seq in self.acks.drain(..) {
            packet.extend(seq.to_be_bytes());
            packet.push(ACK);
        }
    }

    fn emit(&mut self, plaintext: &[u8]) {
        self.outgoing.push_back(packet::seal(&self.key, self.role, plaintext));
    }

    /// Every message and every carrier has a number of its own.
    fn next(&mut self) -> u32 {
        self.counter = (self.counter % COUNTER) + 1;
        self.counter
    }
}

/// Splits off the message that follows its kind.
fn message_of(body: &[u8]) -> Result<(&[u8], &[u8]), BadFrame> {
    let (length, rest) = body.split_at_checked(4).ok_or(BadFrame::Malformed)?;
    let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]);
    let length = usize::try_from(length).map_err(|_| BadFrame::TooLong)?;
    if length > MAX_MESSAGE {
        return Err(BadFrame::TooLong);
    }
    rest.split_at_checked(length).ok_or(BadFrame::Malformed)
}

/// The last counters of the far side, so that none is taken twice.
#[derive(Debug, Default)]
struct Seen(BTreeSet<u32>);

impl Seen {
    /// Whether this counter is new. One that lies far behind counts as seen.
    fn insert(&mut self, counter: u32) -> bool {
        let newest = self.0.last().copied().unwrap_or(0);
        if counter.saturating_add(WINDOW) <= newest || !self.0.insert(counter) {
            return false;
        }
        while self.0.len() > WINDOW as usize {
            self.0.pop_first();
        }
        true
    }
}

#[cfg(test)]
mod tests;
