//! A call: the handle an application holds, and what it can do with it.

use crate::account::Transport;
use crate::uri::Uri;
use std::fmt;
use std::net::SocketAddr;
use tokio::sync::mpsc;

/// A call of this process. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallId(pub u64);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A telephone key. `Debug` hides it: people type card numbers and PINs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digit(char);

impl Digit {
    /// `0` to `9`, `*`, `#`, `A` to `D`, and `!` for a hook flash; anything else is none.
    #[must_use]
    pub fn new(key: char) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        matches!(key, '0'..='9' | '*' | '#' | 'A'..='D' | '!').then_some(Digit(key))
    }

    /// The key as a character.
    #[must_use]
    pub fn key(self) -> char {
        self.0
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digit(…)")
    }
}

/// A call to make.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Whom to call.
    pub to: Uri,
    /// The name shown to the called; of the account where `None`.
    pub from_name: Option<String>,
    /// Our session description, the offer.
    pub offer: String,
    /// Further headers, such as `P-Preferred-Identity` or `Privacy`.
    pub headers: Vec<(String, String)>,
    /// The call at the far end that this one takes the place of (RFC 3891).
    pub replaces: Option<Replaces>,
}

impl Invite {
    /// A plain call with this offer.
    #[must_use]
    pub fn new(to: Uri, offer: impl Into<String>) -> Self {
        Invite { to, from_name: None, offer: offer.into(), headers: Vec::new(), replaces: None }
    }
}

/// A call that somebody makes to us.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// The caller's address.
    pub from: Uri,
    /// The caller's name as sent, unchecked: show it only after cleaning it.
    pub from_name: Option<String>,
    /// The address that was called (the Request-URI).
    pub to: Uri,
    /// The caller as the network vouches for it (`P-Asserted-Identity`), of worth only from a trusted server.
    pub asserted: Option<Uri>,
    /// The session description offered; `None` where ours is asked for.
    pub offer: Option<String>,
    /// Our own call which this one is to take the place of; answering it ends that one (RFC 3891).
    pub replaces: Option<CallId>,
    /// Every header, in order, for what is not named above.
    pub headers: Vec<(String, String)>,
    /// Where the request came from.
    pub source: SocketAddr,
    /// How it came.
    pub transport: Transport,
}

/// Names one call at the far end, for `Replaces` (RFC 3891).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaces {
    /// Its Call-ID.
    pub call_id: String,
    /// The tag of the side that is asked to replace it.
    pub to_tag: String,
    /// The tag of the other side.
    pub from_tag: String,
    /// Replace it only while it has not been answered.
    pub early_only: bool,
}

/// A place in the network to send a call to without asking any name service: a registered client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hop {
    /// Its address, as its registration was received.
    pub address: SocketAddr,
    /// How it is reached. A TCP or TLS connection that it opened is used again.
    pub transport: Transport,
}

/// Why a verb could not be passed on to a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The call has ended.
    #[error("the call has ended")]
    Ended,
    /// More verbs wait than the call can take at once.
    #[error("the call has too much to do already")]
    Busy,
    /// Nobody registered this account here.
    #[error("the account is not known to this user agent")]
    NoSuchAccount,
    /// As many calls run as the configuration allows.
    #[error("as many calls run as are allowed")]
    TooMany,
    /// An address, name or header that cannot stand in a message.
    #[error("{0} cannot stand in a message")]
    Malformed(&'static str),
}

/// Verbs waiting for one call. People and state machines have at most a handful in flight; past this something is wrong.
pub(crate) const MAILBOX: usize = 32;

/// A handle to a call; clones name the same call. Verbs return at once, and what becomes of them is told in events.
/// A verb that does not fit the state of the call (ringing one that was answered) does nothing.
#[derive(Clone)]
pub struct Call {
    id: CallId,
    mailbox: mpsc::Sender<Verb>,
}

/// What a handle asks of its call.
#[derive(Debug)]
pub(crate) enum Verb {
    Ring,
    Progress(String),
    Answer(String),
    Reject(u16, String),
    HangUp(String),
    Reoffer(String),
    AnswerOffer(String),
    RefuseOffer(u16),
    Digit(Digit),
    Transfer(Uri),
    TransferTo(Call),
    /// A call to be transferred to, as its far end knows it.
    Refer(Named),
    AcceptTransfer,
    RefuseTransfer(u16),
    TransferStands(u16, String),
    /// Another call of ours took the place of this one.
    Replaced,
    /// How this call is named at the far end, for an attended transfer to it.
    Name(tokio::sync::oneshot::Sender<Named>),
    Farewell(tokio::sync::oneshot::Sender<crate::farewell::Farewell>),
}

/// A call as its far end knows it.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) remote: Uri,
    pub(crate) replaces: Replaces,
}

impl Call {
    pub(crate) fn new(id: CallId, mailbox: mpsc::Sender<Verb>) -> Self {
        Call { id, mailbox }
    }

    /// Which call this is.
    #[must_use]
    pub fn id(&self) -> CallId {
        self.id
    }

    /// Tells the caller that it rings here (180).
    ///
    /// # Errors
    /// [`CallError::Ended`] and [`CallError::Busy`], as of every verb.
    pub fn ring(&self) -> Result<(), CallError> {
        self.send(Verb::Ring)
    }

    /// Lets the caller hear us before we answer (183), reliably where it supports that (RFC 3262).
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn progress(&self, sdp: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::Progress(sdp.into()))
    }

    /// Answers (200) with our description: the answer to the invitation's offer, or the offer where it had none.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn answer(&self, sdp: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::Answer(sdp.into()))
    }

    /// Refuses an incoming call with a SIP code of 400 to 699.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn reject(&self, code: u16, reason: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::Reject(code, reason.into()))
    }

    /// Ends the call in whatever state it is: withdraws it (CANCEL), refuses it (480), or hangs up (BYE).
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn hang_up(&self, reason: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::HangUp(reason.into()))
    }

    /// Offers a changed session, for instance to hold or resume. Collisions with an offer of the far end are solved (491).
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn reoffer(&self, sdp: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::Reoffer(sdp.into()))
    }

    /// Answers [`CallEvent::Reoffered`](crate::CallEvent::Reoffered).
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn answer_offer(&self, sdp: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::AnswerOffer(sdp.into()))
    }

    /// Refuses [`CallEvent::Reoffered`](crate::CallEvent::Reoffered), mostly with 488; the session stays as it was.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn refuse_offer(&self, code: u16) -> Result<(), CallError> {
        self.send(Verb::RefuseOffer(code))
    }

    /// Sends a digit by INFO.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn digit_by_info(&self, digit: Digit) -> Result<(), CallError> {
        self.send(Verb::Digit(digit))
    }

    /// Asks the far end to call somebody else (blind transfer). Hang up once it succeeded.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn transfer(&self, to: Uri) -> Result<(), CallError> {
        self.send(Verb::Transfer(to))
    }

    /// Asks the far end to take our place in another call of ours (attended transfer).
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn transfer_to(&self, other: &Call) -> Result<(), CallError> {
        self.send(Verb::TransferTo(other.clone()))
    }

    /// What an INVITE to the far end has to say to take the place of this call (RFC 3891), as somebody says it to whom the
    /// call is handed.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub async fn replaces(&self) -> Result<Replaces, CallError> {
        let (asker, told) = tokio::sync::oneshot::channel();
        self.send(Verb::Name(asker))?;
        told.await.map(|named| named.replaces).map_err(|_| CallError::Ended)
    }

    /// Takes on [`CallEvent::TransferAsked`](crate::CallEvent::TransferAsked): the far end is told 202, and then how it goes
    /// by [`Call::transfer_stands`].
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn accept_transfer(&self) -> Result<(), CallError> {
        self.send(Verb::AcceptTransfer)
    }

    /// Refuses [`CallEvent::TransferAsked`](crate::CallEvent::TransferAsked), mostly with 603.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn refuse_transfer(&self, code: u16) -> Result<(), CallError> {
        self.send(Verb::RefuseTransfer(code))
    }

    /// Tells the far end how the call stands that it asked us to make; a final code ends the telling.
    ///
    /// # Errors
    /// As [`Call::ring`].
    pub fn transfer_stands(&self, code: u16, reason: impl Into<String>) -> Result<(), CallError> {
        self.send(Verb::TransferStands(code, reason.into()))
    }

    pub(crate) fn send(&self, verb: Verb) -> Result<(), CallError> {
        self.mailbox.try_send(verb).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => CallError::Busy,
            mpsc::error::TrySendError::Closed(_) => CallError::Ended,
        })
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call({})", self.id)
    }
}
