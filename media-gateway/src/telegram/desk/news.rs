//! What tasks of the desk report back.

use crate::call::ids::PhoneId;
use crate::telegram::call::{Peer, Trouble, Update};
use crate::telegram::find::Found;
use crate::telegram::session::Session;
use crate::telegram::store::{Account, AccountId};
use domain::ids::UserId;
use event_store::log::Fault;
use tgcalls::group::Group;

/// An account that may be worked.
pub(super) struct Candidate {
    pub(super) account: Account,
    /// Its session, if it is not worked yet, and how many people it has met.
    pub(super) opened: Option<(Session, u64)>,
}

/// One report.
pub(super) enum News {
    /// Which accounts there are.
    Accounts(Vec<Candidate>),
    /// A line has ended; `line` tells it from the one that was begun since.
    LineEnded { account: AccountId, line: u64 },
    /// Who can call somebody.
    Found { phone: PhoneId, turn: u32, found: Result<Found, Fault> },
    /// The group for a key.
    Group { phone: PhoneId, turn: u32, group: Result<Box<(Group, Vec<u8>)>, Trouble> },
    /// What Telegram answered to a request of a call.
    Answered { phone: PhoneId, turn: u32, answer: Result<Update, Trouble>, repeated: bool },
    /// Telegram takes no more signalling of a call.
    SignalRefused { phone: PhoneId, turn: u32 },
    /// Calls that were open when the account was last worked.
    Left { account: AccountId, calls: Vec<Peer> },
    /// Somebody is stored.
    Stored { user: UserId, account: AccountId },
}
