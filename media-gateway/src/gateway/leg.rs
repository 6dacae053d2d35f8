//! One SIP dialog of a person's calls: the user agent's handle, the port with its sound, and what was agreed.

use super::sdp;
use crate::call::ids::LegId;
use crate::call::{SipEnd, SipEvent};
use crate::directory::Line;
use crate::media::{Engine, PortId, RtpMedia, RtpPort};
use domain::ids::{AccountNumber, UserId};
use sip::sdp::{Negotiation, SessionDescription};
use sip::{Call, CallEvent, EndedBy, Replaces, Uri};
use std::net::IpAddr;

/// Whose dialog it is.
pub(super) type LegKey = (UserId, LegId);

/// A dialog.
pub(super) struct Leg {
    pub(super) call: Call,
    pub(super) account: AccountNumber,
    pub(super) port: PortId,
    negotiation: Negotiation,
    engine: Engine,
    /// The offer of an invitation that is not answered yet.
    pub(super) invited_with: Option<Option<String>>,
    /// Whom the far end wants us to call in its place.
    pub(super) referred: Option<(Uri, Option<Replaces>)>,
    /// The far end's answer settled hold; an offer of its own is answered at once.
    offered_hold: bool,
}

impl Leg {
    pub(super) fn new(
        engine: &Engine,
        call: Call,
        line: &Line,
        port: RtpPort,
        negotiation: Negotiation,
    ) -> Self {
        Self {
            call,
            account: line.number,
            port: port.port,
            negotiation,
            engine: engine.clone(),
            invited_with: None,
            referred: None,
            offered_hold: false,
        }
    }

    /// A negotiation for a new dialog of this account at this port.
    pub(super) fn negotiation(line: &Line, port: &RtpPort, address: IpAddr) -> Negotiation {
        Negotiation::new(sdp::capabilities(line, port, address), &mut rand::rng())
    }

    /// Answers the invitation.
    ///
    /// # Errors
    ///
    /// The SIP code to refuse it with: nothing in the offer fits.
    pub(super) fn answer(&mut self) -> Result<(), u16> {
        let answer = match self.invited_with.take().flatten() {
            Some(offer) => self.take_offer(&offer)?,
            None => self.negotiation.offer().to_string(),
        };
        self.call.answer(answer).map_err(|_| 487_u16)
    }

    /// Whether the far end takes RFC 4733 digits.
    pub(super) fn telephone_event(&self) -> bool {
        self.negotiation.agreed().is_some_and(|media| media.telephone_event.is_some())
    }

    /// Offers to hold or to go on.
    pub(super) fn hold(&mut self, on: bool) -> bool {
        if on {
            self.negotiation.hold();
        } else {
            self.negotiation.resume();
        }
        self.offered_hold = true;
        let offer = self.negotiation.offer().to_string();
        self.call.reoffer(offer).is_ok()
    }

    /// What an event of the user agent means to the state machine; none where it is settled here.
    pub(super) fn hear(&mut self, event: CallEvent) -> Option<SipEvent> {
        match event {
            CallEvent::Ringing => Some(SipEvent::Ringing),
            CallEvent::Progress { sdp } => match self.take_answer(&sdp) {
                Ok(()) => Some(SipEvent::EarlyMedia),
                Err(_) => Some(SipEvent::Ringing),
            },
            CallEvent::Answered { sdp } => Some(self.answered(&sdp)),
            CallEvent::Acknowledged { sdp } => {
                let agreed = sdp.map(|sdp| self.take_answer(&sdp));
                match agreed {
                    Some(Err(code)) => Some(self.break_off(code)),
                    Some(Ok(())) | None => None,
                }
            }
            CallEvent::Reoffered { sdp } => self.reoffered(sdp),
            CallEvent::ReofferAnswered { sdp } => {
                let done = self.take_answer(&sdp).is_ok();
                std::mem::take(&mut self.offered_hold).then_some(SipEvent::HoldAnswered { done })
            }
            CallEvent::ReofferRefused { code, .. } => {
                tracing::debug!(code, "the far end refused an offer");
                self.negotiation.withdraw_offer();
                std::mem::take(&mut self.offered_hold).then_some(SipEvent::HoldAnswered { done: false })
            }
            // Keys of the far end mean nothing to a person who listens.
            CallEvent::Digit { .. } => None,
            CallEvent::TransferAsked { to, replaces } => {
                let words = to.to_string();
                self.referred = Some((to, replaces));
                Some(SipEvent::TransferAsked { to: words })
            }
            CallEvent::TransferProgress { code, .. } => Some(SipEvent::TransferProgress { code }),
            CallEvent::Ended { code, reason, cause, by } => Some(SipEvent::Ended(SipEnd {
                code,
                reason,
                q850: cause.and_then(|cause| u8::try_from(cause).ok()),
                timeout: by == EndedBy::Timer,
            })),
        }
    }

    fn answered(&mut self, sdp: &str) -> SipEvent {
        match self.take_answer(sdp) {
            Ok(()) => SipEvent::Answered { telephone_event: self.telephone_event() },
            Err(code) => self.break_off(code),
        }
    }

    /// An answer that nothing can be heard with.
    fn break_off(&self, code: u16) -> SipEvent {
        _ = self.call.hang_up("no common codec");
        SipEvent::Ended(SipEnd { code, reason: String::new(), q850: None, timeout: false })
    }

    /// The far end changes the session: hold, resume, other codecs.
    fn reoffered(&mut self, sdp: Option<String>) -> Option<SipEvent> {
        let Some(offer) = sdp else {
            _ = self.call.answer_offer(self.negotiation.offer().to_string());
            return None;
        };
        match self.take_offer(&offer) {
            Ok(answer) => {
                _ = self.call.answer_offer(answer);
                Some(SipEvent::FarHold { on: self.negotiation.is_held() })
            }
            Err(code) => {
                _ = self.call.refuse_offer(code);
                None
            }
        }
    }

    fn take_offer(&mut self, offer: &str) -> Result<String, u16> {
        let offer: SessionDescription = offer.parse().map_err(|_| 488_u16)?;
        let (answer, media) = self.negotiation.receive_offer(&offer).map_err(|refusal| refusal.code())?;
        self.agree(&media)?;
        Ok(answer.to_string())
    }

    fn take_answer(&mut self, answer: &str) -> Result<(), u16> {
        let answer: SessionDescription = answer.parse().map_err(|_| 488_u16)?;
        let media = self.negotiation.receive_answer(&answer).map_err(|refusal| refusal.code())?;
        self.agree(&media)
    }

    fn agree(&self, media: &sip::sdp::Media) -> Result<(), u16> {
        let agreed = RtpMedia::agreed(media).ok_or(488_u16)?;
        self.engine.set_rtp(self.port, agreed).map_err(|error| {
            tracing::warn!(%error, "the engine did not take what was agreed");
            500
        })
    }
}

/// Where a dialled text leads: a number or name at the account's domain, or an address of its own.
pub(super) fn address(dialled: &str, domain: &str) -> Option<Uri> {
    let lower = dialled.to_ascii_lowercase();
    if lower.starts_with("sip:") || lower.starts_with("sips:") || lower.starts_with("tel:") {
        return dialled.parse().ok();
    }
    if dialled.contains('@') {
        return format!("sip:{dialled}").parse().ok();
    }
    Uri::sip(dialled, domain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(dialled: &str) -> Option<String> {
        address(dialled, "pbx.test:5070").map(|uri| uri.to_string())
    }

    #[test]
    fn a_number_is_called_at_the_accounts_domain_and_an_address_where_it_says() {
        assert_eq!(leads("79261234567").as_deref(), Some("sip:79261234567@pbx.test:5070"));
        assert_eq!(leads("petr").as_deref(), Some("sip:petr@pbx.test:5070"));
        assert_eq!(leads("petr@other.test").as_deref(), Some("sip:petr@other.test"));
        assert_eq!(leads("SIP:petr@other.test").as_deref(), Some("sip:petr@other.test"));
        assert_eq!(leads("*43#").as_deref(), Some("sip:*43%23@pbx.test:5070"));
        assert_eq!(leads("a b@c d"), None);
    }
}
