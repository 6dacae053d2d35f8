//! Offer and answer (RFC 3264) as one pure state for the whole length of a call.

mod agreed;
mod answer;
mod offer;
mod payload_types;
#[cfg(test)]
mod tests;

pub use agreed::{AgreedCodec, AgreedDtmf, Media};

use super::capabilities::Capabilities;
use super::crypto::MasterKey;
use super::description::{Direction, MediaDescription, Origin, SessionDescription};
use payload_types::PayloadTypes;

/// The name of every session of ours: it tells nobody anything.
const SESSION_NAME: &str = "-";

/// One call's negotiation, from the first offer to the last re-offer.
///
/// - We call: [`offer`](Self::offer), then [`receive_answer`](Self::receive_answer).
/// - We are called: [`receive_offer`](Self::receive_offer) gives the answer. An INVITE without a body turns it round:
///   [`offer`](Self::offer) goes into the 200, the answer comes with the ACK.
/// - Hold and resume: [`hold`](Self::hold) or [`resume`](Self::resume), then [`offer`](Self::offer) again.
/// - A refused re-offer leaves everything as it was: [`withdraw_offer`](Self::withdraw_offer).
#[derive(Debug, Clone)]
pub struct Negotiation {
    capabilities: Capabilities,
    session_id: u64,
    keys: [MasterKey; 2],
    payload_types: PayloadTypes,
    /// Whether we hold the far side.
    holding: bool,
    /// Whether the far side holds us.
    held: bool,
    /// The media sections so far; later descriptions repeat them in place (RFC 3264 section 8).
    sections: Sections,
    /// Our last description, whichever role it had.
    local: Option<SessionDescription>,
    /// What to go back to when an offer of ours is refused.
    pending: Option<Pending>,
    /// Our offer that was answered last: its answer may come again, in a 200 after a 183, and from another phone (forking).
    answered: Option<SessionDescription>,
    agreed: Option<Media>,
}

/// The media sections of the call: which one is the sound, and what stands in the others' places.
#[derive(Debug, Clone, Default)]
struct Sections {
    audio: usize,
    all: Vec<MediaDescription>,
}

/// An offer of ours that nobody answered yet.
#[derive(Debug, Clone)]
struct Pending {
    offer: SessionDescription,
    before: Option<SessionDescription>,
}

/// Why there is no agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The far side offers no sound, or refused ours.
    #[error("there is no sound in the session description")]
    NoAudio,
    /// No codec is common to both.
    #[error("the two sides have no codec in common")]
    NoCommonCodec,
    /// We encrypt or do not talk, and the far side can't.
    #[error("the far side does not encrypt, and this account must")]
    EncryptionRequired,
    /// The far side insists on encryption that we do not do.
    #[error("the far side insists on encryption that this account does not do")]
    EncryptionNotPossible,
    /// An offer came while ours is open (glare): try again a moment later.
    #[error("both sides made an offer at once")]
    Glare,
    /// An answer came, but nobody asked.
    #[error("an answer came without an offer")]
    NotExpected,
}

impl Refusal {
    /// The status to refuse the far side's offer with.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::NoAudio | Self::NoCommonCodec | Self::EncryptionRequired | Self::EncryptionNotPossible => {
                488
            }
            Self::Glare => 491,
            Self::NotExpected => 400,
        }
    }

    /// The code of the Warning header that explains it (RFC 3261 section 20.43), where one fits.
    #[must_use]
    pub fn warning(self) -> Option<u16> {
        match self {
            Self::NoAudio => Some(304),
            Self::NoCommonCodec => Some(305),
            Self::EncryptionRequired | Self::EncryptionNotPossible => Some(302),
            Self::Glare | Self::NotExpected => None,
        }
    }
}

impl Negotiation {
    /// Begins with what we can do. The session's number and our keys are drawn from `random`.
    pub fn new(capabilities: Capabilities, random: &mut impl rand::CryptoRng) -> Self {
        let keys = [MasterKey::draw(random), MasterKey::draw(random)];
        // Half of the range: some PBXes read a signed number.
        let session_id = random.next_u64() >> 1;
        Self {
            capabilities,
            session_id,
            keys,
            payload_types: PayloadTypes::default(),
            holding: false,
            held: false,
            sections: Sections::default(),
            local: None,
            pending: None,
            answered: None,
            agreed: None,
        }
    }

    /// What we can do.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Changes what we can do, such as the port; the next offer or answer says so.
    pub fn set_capabilities(&mut self, capabilities: Capabilities) {
        self.capabilities = capabilities;
    }

    /// What both sides agreed on last.
    #[must_use]
    pub fn agreed(&self) -> Option<&Media> {
        self.agreed.as_ref()
    }

    /// The description that we sent last.
    #[must_use]
    pub fn local(&self) -> Option<&SessionDescription> {
        self.local.as_ref()
    }

    /// Whether an offer of ours waits for its answer.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.pending.is_some()
    }

    /// Holds the far side, from the next offer or answer on.
    pub fn hold(&mut self) {
        self.holding = true;
    }

    /// Ends our hold, from the next offer or answer on.
    pub fn resume(&mut self) {
        self.holding = false;
    }

    /// Whether we hold the far side, or are about to.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.holding
    }

    /// Whether the far side holds us.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Forgets an offer that was refused, cancelled or never answered. The last agreement stays.
    pub fn withdraw_offer(&mut self) {
        if let Some(pending) = self.pending.take() {
            self.local = pending.before;
        }
    }

    /// The direction that we would like: a holder only sends.
    fn wanted(&self) -> Direction {
        Direction::new(true, !self.holding)
    }

    /// Wraps the media sections up as our next description. Its version rises when anything changed (RFC 3264 section 8).
    fn describe(&self, media: Vec<MediaDescription>) -> SessionDescription {
        let host = super::description::Host::Ip(self.capabilities.address);
        let description = |version| SessionDescription {
            origin: Origin {
                username: "-".to_owned(),
                session_id: self.session_id,
                version,
                address: host.clone(),
            },
            name: SESSION_NAME.to_owned(),
            connection: Some(host.clone()),
            direction: None,
            attributes: Vec::new(),
            media: media.clone(),
        };
        let last = self.pending.as_ref().map(|pending| &pending.offer).or(self.local.as_ref());
        match last {
            None => description(1),
            Some(last) => {
                let same = description(last.origin.version);
                if same == *last { same } else { description(last.origin.version + 1) }
            }
        }
    }
}
