//! Who may send what: offers and their answers, also when two offers cross, and when one is lost.
//!
//! Each end offers what *it* will send, and may send once the other has answered; so two exchanges make a call. When
//! offers cross, the caller ignores the callee's, and the callee lets go of its own and answers. So a callee offers only
//! after it has answered the caller's first offer.

use crate::key::Role;
use crate::message::{
    ABSOLUTE_SEND_TIME, Content, FeedbackType, NegotiateChannels, PayloadType, RtpExtension,
    TRANSPORT_SEQUENCE_NUMBER,
};
use rand::RngCore;
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// The RTP payload type under which we send Opus.
pub(crate) const OPUS: u8 = 111;

/// The RTP payload types under which the far side may send Opus.
pub(crate) const DYNAMIC: RangeInclusive<u8> = 96..=127;

/// The numbers of the header extensions that both directions use.
pub(crate) const EXTENSIONS: [(u8, &str); 2] = [(2, ABSOLUTE_SEND_TIME), (3, TRANSPORT_SEQUENCE_NUMBER)];

/// A callee's offer that was not answered is made again after this time: the caller may have ignored it because offers
/// crossed.
const OFFER_AGAIN: Duration = Duration::from_secs(4);

/// As many of our exchanges are remembered.
const MAX_BEGUN: usize = 16;

/// An offer has at most this many contents.
const MAX_CONTENTS: usize = 32;

/// The parameter by which a receiver says that it likes pauses to be left out (RFC 7587, 6.1); absent means that it does
/// not.
const PAUSES: &str = "usedtx";

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Send this to the far side.
    Send(NegotiateChannels),
    /// The far side takes our sound.
    MaySend,
    /// The far side does not take our sound.
    Refused,
    /// Sound of the far side will come from this source, as this payload type.
    Expect {
        /// Its synchronisation source.
        ssrc: u32,
        /// Its number for Opus.
        payload_type: u8,
    },
}

/// The offers of one end of a call.
#[derive(Debug)]
pub(crate) struct Negotiation {
    role: Role,
    ssrc: u32,
    pending: Option<Pending>,
    /// Exchanges that we have begun, the latest last: what carries one of these is an answer, however late.
    begun: VecDeque<u32>,
    has_answered: bool,
    may_send: bool,
    /// We like pauses to be left out of what comes.
    wants_pauses: bool,
    /// The far side likes it so of what we send.
    takes_pauses: bool,
}

/// An offer of ours that waits for its answer.
#[derive(Debug, Clone, Copy)]
struct Pending {
    exchange: u32,
    since: Instant,
}

impl Negotiation {
    /// For the end that sends its sound from this source.
    pub(crate) fn new(role: Role, ssrc: u32) -> Self {
        Self {
            role,
            ssrc,
            pending: None,
            begun: VecDeque::new(),
            has_answered: false,
            may_send: false,
            wants_pauses: false,
            takes_pauses: false,
        }
    }

    /// From the next answer on.
    pub(crate) fn want_pauses(&mut self, wanted: bool) {
        self.wants_pauses = wanted;
    }

    /// Whether the far side has answered that pauses may be left out.
    pub(crate) fn takes_pauses(&self) -> bool {
        self.takes_pauses
    }

    /// Our offer: the caller's at the start of the call, the callee's once it has answered.
    pub(crate) fn offer(&mut self, now: Instant, random: &mut dyn RngCore) -> Step {
        let exchange = random.next_u32().max(1);
        self.begun.push_back(exchange);
        if self.begun.len() > MAX_BEGUN {
            self.begun.pop_front();
        }
        self.pending = Some(Pending { exchange, since: now });
        Step::Send(NegotiateChannels { exchange_id: exchange, contents: vec![content(self.ssrc)] })
    }

    /// What an offer or an answer of the far side leads to.
    pub(crate) fn receive(
        &mut self,
        message: &NegotiateChannels,
        now: Instant,
        random: &mut dyn RngCore,
    ) -> Vec<Step> {
        if self.begun.contains(&message.exchange_id) {
            return self.answered(message).into_iter().collect();
        }
        match self.pending {
            // Offers have crossed: the far side lets go of its own and answers ours.
            Some(_) if self.role == Role::Caller => Vec::new(),
            Some(_) | None => self.answer(message, now, random),
        }
    }

    /// All our offers are alike, so a late answer to an earlier one settles the pending one too.
    fn answered(&mut self, answer: &NegotiateChannels) -> Option<Step> {
        let taken = answer.contents.iter().find(|it| is_sound(it) && it.ssrc == self.ssrc);
        let is_pending = self.pending.is_some_and(|pending| pending.exchange == answer.exchange_id);
        if let Some(taken) = taken {
            self.takes_pauses = taken.payload_types.iter().any(|it| is_opus(it) && has_pauses(it));
            self.pending = None;
            return (!std::mem::replace(&mut self.may_send, true)).then_some(Step::MaySend);
        }
        (is_pending && !self.may_send).then_some(Step::Refused)
    }

    fn answer(&mut self, offer: &NegotiateChannels, now: Instant, random: &mut dyn RngCore) -> Vec<Step> {
        // Of a callee, this drops an offer that crossed the caller's.
        let had_offer = self.pending.take().is_some();
        let mut accepted: Vec<Content> =
            offer.contents.iter().take(MAX_CONTENTS).filter(|it| is_sound(it)).map(accept).collect();
        if self.wants_pauses {
            for opus in accepted.iter_mut().flat_map(|it| &mut it.payload_types) {
                opus.parameters.insert(PAUSES.to_owned(), "1".to_owned());
            }
        }
        let mut steps: Vec<Step> = accepted.iter().filter_map(expect).collect();
        steps.push(Step::Send(NegotiateChannels { exchange_id: offer.exchange_id, contents: accepted }));
        let is_first = !std::mem::replace(&mut self.has_answered, true);
        if had_offer || (is_first && self.role == Role::Callee && !self.may_send) {
            steps.push(self.offer(now, random));
        }
        steps
    }

    /// Offers again what was not answered. Call it at [`Negotiation::poll_timeout`].
    pub(crate) fn handle_timeout(&mut self, now: Instant, random: &mut dyn RngCore) -> Option<Step> {
        self.poll_timeout().filter(|at| *at <= now).map(|_| self.offer(now, random))
    }

    /// When an offer is to be made again. Only a callee's can have been ignored: a caller's is always answered in the end,
    /// and a second one would make the callee drop its own.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.pending.filter(|_| self.role == Role::Callee).map(|pending| pending.since + OFFER_AGAIN)
    }
}

/// Whether a content is sound that we can play.
fn is_sound(content: &Content) -> bool {
    content.kind == "audio" && content.payload_types.iter().any(is_opus)
}

fn is_opus(payload: &PayloadType) -> bool {
    payload.name.eq_ignore_ascii_case("opus") && is_dynamic(payload.id)
}

/// Whether a payload type is one that Opus may have: the others have a meaning of their own (RFC 3551, 6).
fn is_dynamic(payload_type: u32) -> bool {
    u8::try_from(payload_type).is_ok_and(|it| DYNAMIC.contains(&it))
}

fn has_pauses(payload: &PayloadType) -> bool {
    payload.parameters.get(PAUSES).is_some_and(|it| it == "1")
}

/// The content with all left out that we do not take.
fn accept(content: &Content) -> Content {
    let known =
        |it: &&RtpExtension| EXTENSIONS.iter().any(|(id, uri)| it.uri == *uri && it.id == u32::from(*id));
    Content {
        kind: content.kind.clone(),
        ssrc: content.ssrc,
        ssrc_groups: Vec::new(),
        payload_types: content.payload_types.iter().filter(|it| is_opus(it)).take(1).cloned().collect(),
        rtp_extensions: content.rtp_extensions.iter().filter(known).cloned().collect(),
    }
}

fn expect(content: &Content) -> Option<Step> {
    let payload_type = u8::try_from(content.payload_types.first()?.id).ok()?;
    Some(Step::Expect { ssrc: content.ssrc, payload_type })
}

/// What we send: Opus with in-band FEC.
fn content(ssrc: u32) -> Content {
    let parameters = [("minptime", "10"), ("useinbandfec", "1")];
    let opus = PayloadType {
        id: u32::from(OPUS),
        name: "opus".to_owned(),
        clockrate: 48_000,
        channels: 2,
        feedback_types: vec![FeedbackType { kind: "transport-cc".to_owned(), subtype: String::new() }],
        parameters: parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    let extension = |(id, uri): (u8, &str)| RtpExtension { uri: uri.to_owned(), id: u32::from(id) };
    Content {
        kind: "audio".to_owned(),
        ssrc,
        ssrc_groups: Vec::new(),
        payload_types: vec![opus],
        rtp_extensions: EXTENSIONS.map(extension).into(),
    }
}

#[cfg(test)]
mod tests;
