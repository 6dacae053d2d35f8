//! What a person's calls want done.

use super::finish::Outcome;
use super::ids::{CallId, LegId, PhoneId};
use super::sound::{Party, Sound};
use super::view::CallView;
use domain::call::Awaited;
use domain::ids::AccountNumber;
use domain::settings::DtmfMethod;
use std::time::Duration;

/// Something is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Show a call to a phone: the whole of it.
    Show {
        /// To whom.
        phone: PhoneId,
        /// What.
        view: CallView,
    },
    /// Tell a phone that what it asked for cannot be done.
    Refuse {
        /// Whom.
        phone: PhoneId,
        /// What it had asked for.
        of: &'static str,
        /// Of which call.
        call: Option<CallId>,
        /// Why not.
        why: Refusal,
    },
    /// The person's phone is not needed any longer: a Telegram call is hung up, a browser has nothing to do.
    Release {
        /// Which.
        phone: PhoneId,
    },
    /// Call the person by Telegram.
    Summon,
    /// The Telegram call to the person, which nobody has answered, is not wanted any longer.
    Dismiss,
    /// Answer the person's Telegram call.
    LetIn {
        /// The phone that it becomes.
        phone: PhoneId,
    },
    /// Refuse the person's Telegram call, and say that nothing waits for them.
    TurnAway {
        /// Which.
        phone: PhoneId,
    },
    /// Do something in SIP.
    Sip {
        /// In which dialog.
        leg: LegId,
        /// What.
        command: SipCommand,
    },
    /// What somebody hears from now on. A party that is not mentioned again keeps it.
    Sound {
        /// Who.
        party: Party,
        /// What; nothing where it is over.
        sound: Sound,
    },
    /// Start or stop to record.
    Record {
        /// Of which call.
        call: CallId,
        /// The dialog whose sound, both ways, is recorded.
        leg: LegId,
        /// On or off.
        on: bool,
    },
    /// Tell the log.
    Report {
        /// Of which call.
        call: CallId,
        /// Through which account.
        account: AccountNumber,
        /// What.
        report: Report,
    },
}

/// What is to be done in a SIP dialog. After `Reject` and `HangUp` it is over and nothing more is said of it.
#[derive(Clone, PartialEq, Eq)]
pub enum SipCommand {
    /// Call. The dialog begins.
    Dial {
        /// For which call.
        call: CallId,
        /// Through which account.
        account: AccountNumber,
        /// Whom: a number or a SIP address.
        to: String,
        /// The dialog whose far end asked for this call, with an address of its own choosing.
        referred_by: Option<LegId>,
    },
    /// Say that it rings (180).
    Ring,
    /// Answer (200).
    Answer,
    /// Refuse.
    Reject {
        /// SIP code.
        code: u16,
    },
    /// End it: CANCEL or BYE, whichever fits.
    HangUp,
    /// Offer to hold, or to go on (re-INVITE).
    Hold(bool),
    /// Send a key.
    Digit {
        /// Which: never to be logged.
        digit: super::keypad::Digit,
        /// How.
        method: DtmfMethod,
    },
    /// Ask the far end to call this address (REFER).
    Refer {
        /// Whom.
        to: String,
    },
    /// Ask the far end to take the place of ours in that dialog (REFER with Replaces).
    ReferTo {
        /// Which.
        leg: LegId,
    },
    /// Agree to a transfer that the far end asked for; `leg` was dialled for it.
    AcceptTransfer,
    /// Refuse a transfer that the far end asked for.
    RefuseTransfer {
        /// SIP code.
        code: u16,
    },
    /// Tell the far end how the transfer that it asked for ended.
    TransferDone {
        /// SIP code.
        code: u16,
    },
}

impl std::fmt::Debug for SipCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dial { call, account, .. } => write!(f, "Dial({call}, {account})"),
            Self::Ring => f.write_str("Ring"),
            Self::Answer => f.write_str("Answer"),
            Self::Reject { code } => write!(f, "Reject({code})"),
            Self::HangUp => f.write_str("HangUp"),
            Self::Hold(on) => write!(f, "Hold({on})"),
            Self::Digit { method, .. } => write!(f, "Digit({method})"),
            Self::Refer { .. } => f.write_str("Refer"),
            Self::ReferTo { leg } => write!(f, "ReferTo({leg})"),
            Self::AcceptTransfer => f.write_str("AcceptTransfer"),
            Self::RefuseTransfer { code } => write!(f, "RefuseTransfer({code})"),
            Self::TransferDone { code } => write!(f, "TransferDone({code})"),
        }
    }
}

/// To whom a far end was handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handed {
    /// To a number.
    Number(String),
    /// To the far end of the person's other call.
    Call(CallId),
}

/// What the log is told of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A phone dialled it.
    Requested {
        /// What was typed.
        number: String,
        /// What is dialled.
        dialled: String,
    },
    /// It came in.
    Offered {
        /// The caller's number.
        from: String,
        /// The caller's name.
        name: Option<String>,
    },
    /// This process sees to a call that was asked for in the chat.
    Taken,
    /// The person has to call by themselves.
    Awaited {
        /// Within this time.
        within: Duration,
        /// Why they are not rung.
        why: Awaited,
        /// In how many seconds Telegram lets calls go out again, where it limits them.
        retry_after: Option<u32>,
    },
    /// The person is there, and the far end is called.
    Dialled,
    /// The far end rings.
    Rang,
    /// Both are joined.
    Answered,
    /// The person holds it.
    Held,
    /// The person goes on with it.
    Resumed,
    /// The far end was handed to somebody else.
    Transferred {
        /// To whom.
        to: Handed,
    },
    /// It is recorded from now on.
    RecordingStarted {
        /// Because the account's owner wants all calls recorded.
        automatic: bool,
        /// The person can't stop it.
        locked: bool,
    },
    /// It is recorded no longer; the file follows.
    RecordingStopped,
    /// It could not be recorded, or not to its end.
    RecordingFailed,
    /// It is over.
    Ended {
        /// How.
        outcome: Outcome,
        /// How long both were joined; none if they never were.
        talked: Option<Duration>,
    },
}

/// Why something that a person asked for cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such call.
    NoSuchCall,
    /// Not in this state.
    NotNow,
    /// The phone's sound is not set up yet.
    NoSound,
    /// Both lines are taken.
    BothLinesTaken,
    /// Too much is under way.
    TooMuch,
    /// The owner does not let the recording be stopped.
    Locked,
    /// The transfer was refused; the call goes on.
    TransferFailed,
}
