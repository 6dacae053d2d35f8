//! A call's last word, kept outside the process: should the process die, whoever comes after it can still hang up.
//!
//! A far end learns of a dead process by nothing but silence, and many wait for minutes, or for good. A BYE needs only the
//! names, the route and a number that is greater than any that was used (RFC 3261 section 12.2.1.1), so it can be written
//! in advance.

use crate::account::AccountKey;
use crate::agent::{Shared, UserAgent};
use crate::auth::Verdict;
use crate::call::{Call, CallError, Hop, Verb};
use crate::session::{learn, sign};
use crate::stack::ANSWER_WITHIN;
use crate::wire::{self, Request};
use rsipstack::sip::SipMessage;
use std::sync::Arc;

/// Requests of one call before its farewell: its number is as much greater than that of the last request.
pub(crate) const AHEAD: u32 = 10_000;

/// BYEs sent, for challenges.
const TRIES: u32 = 3;

/// A BYE that is ready to be sent, and where to. Print it to keep it; it holds the addresses of both sides, so keep it as
/// personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Farewell {
    pub(crate) hop: Hop,
    pub(crate) bye: String,
}

/// A text that is no farewell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a farewell")]
pub struct NotAFarewell;

impl std::fmt::Display for Farewell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}\r\n{}", self.hop.transport, self.hop.address, self.bye)
    }
}

impl std::fmt::Debug for Farewell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Farewell({})", self.hop.transport)
    }
}

impl std::str::FromStr for Farewell {
    type Err = NotAFarewell;

    fn from_str(text: &str) -> Result<Self, NotAFarewell> {
        let (hop, bye) = text.split_once("\r\n").ok_or(NotAFarewell)?;
        let (transport, address) = hop.split_once(' ').ok_or(NotAFarewell)?;
        let transport = transport.parse().map_err(|()| NotAFarewell)?;
        let address = address.parse().map_err(|_| NotAFarewell)?;
        let farewell = Self { hop: Hop { address, transport }, bye: bye.to_owned() };
        farewell.request().ok_or(NotAFarewell)?;
        Ok(farewell)
    }
}

impl Farewell {
    fn request(&self) -> Option<Request> {
        match wire::parse(self.bye.as_bytes())? {
            SipMessage::Request(request) if request.method == wire::Method::Bye => Some(request),
            SipMessage::Request(_) | SipMessage::Response(_) => None,
        }
    }
}

impl Call {
    /// What to say should this process die in the middle of the call. Ask once the call is answered.
    ///
    /// # Errors
    ///
    /// [`CallError::Ended`], [`CallError::Busy`].
    pub async fn farewell(&self) -> Result<Farewell, CallError> {
        let (asker, answer) = tokio::sync::oneshot::channel();
        self.send(Verb::Farewell(asker))?;
        answer.await.map_err(|_| CallError::Ended)
    }
}

impl UserAgent {
    /// Hangs up a call that a process which is gone has left behind. `account` answers challenges, where there is one.
    /// Returns when the far end has answered, or does not.
    pub async fn say_farewell(&self, farewell: &Farewell, account: Option<AccountKey>) {
        let line = account.and_then(|key| self.0.lines().by_key(key));
        let Some(mut bye) = farewell.request() else { return };
        let shared: &Arc<Shared> = &self.0;
        let tls = line.as_deref().map(crate::register::Line::tls);
        let Ok(flow) = shared.stack.transports.flow(farewell.hop, tls.as_ref()).await else { return };
        let first = wire::cseq(&bye.headers).unwrap_or(AHEAD);
        for number in first..first + TRIES {
            bye.headers.retain(|header| !header.name().eq_ignore_ascii_case("CSeq"));
            bye.headers.push(wire::header("CSeq", format!("{number} BYE")));
            let mut signed = bye.clone();
            sign(line.as_deref(), &mut signed);
            let sent = signed.headers.clone();
            match shared.stack.request(signed, &flow, ANSWER_WITHIN).await {
                Ok(answer) if matches!(answer.status_code.code(), 401 | 407) => {
                    if learn(line.as_deref(), &answer, &sent) == Verdict::Refused {
                        return;
                    }
                }
                // Whether it was still there or long gone: it is over now.
                Ok(_) | Err(_) => return,
            }
        }
    }
}
