//! What may happen to a person's calls, as the state machine is told.

use super::ids::{CallId, LegId, PhoneId};
use super::keypad::Key;
use super::line::Account;
use super::summons::SummonsFailure;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A phone of the person is there. `sound`: it can be heard already.
    PhoneOpened {
        /// Which.
        phone: PhoneId,
        /// Whether its sound is set up.
        sound: bool,
    },
    /// The sound of a phone was set up, for the first time or anew.
    PhoneSound {
        /// Which.
        phone: PhoneId,
    },
    /// The sound of a phone was lost; the phone itself is still there.
    PhoneSilent {
        /// Which.
        phone: PhoneId,
    },
    /// A phone is gone.
    PhoneClosed {
        /// Which.
        phone: PhoneId,
    },
    /// A phone dials.
    Dialled {
        /// Which.
        phone: PhoneId,
        /// What.
        order: Order,
    },
    /// Somebody asked for a call in the chat. With `callback` the person's phones ring; without it the person calls.
    Requested {
        /// What.
        order: Order,
        /// Whether to ring the person.
        callback: bool,
    },
    /// The person calls without saying whom: a call that waits for them goes on.
    PickedUp {
        /// With which phone.
        phone: PhoneId,
    },
    /// Somebody calls the person.
    Invited {
        /// Who.
        invitation: Invitation,
        /// The SIP dialog, which waits for an answer.
        leg: LegId,
    },
    /// Somebody takes the place of a far end (RFC 3891). Only where [`UserCalls::can_be_replaced`] says so.
    ///
    /// [`UserCalls::can_be_replaced`]: super::UserCalls::can_be_replaced
    Replaced {
        /// The dialog with the far end.
        old: LegId,
        /// Their dialog, which is answered already.
        new: LegId,
        /// Who they are.
        successor: Successor,
    },
    /// The person wants something of a call: with a button of a phone or of the chat.
    Asked {
        /// The phone; none for the chat.
        phone: Option<PhoneId>,
        /// Of which call; none where it goes without saying (`switch`).
        call: Option<CallId>,
        /// What.
        verb: Verb,
    },
    /// Something happened in a SIP dialog.
    Sip {
        /// Which.
        leg: LegId,
        /// What.
        event: SipEvent,
    },
    /// Nothing was received from a SIP peer for so long that it is taken for gone.
    Silent {
        /// Which.
        leg: LegId,
    },
    /// A recording ended by itself: at its limit, or because it could not go on.
    RecordingEnded {
        /// Of which call.
        call: CallId,
        /// Whether what was recorded so far is whole.
        whole: bool,
    },
    /// Telegram calls can be made from now on, or no longer.
    Summonable(bool),
    /// The Telegram call that was asked for ([`Output::Summon`](super::Output::Summon)), or that the person made, was
    /// answered. From now on it is a phone; its sound follows.
    SummonsAnswered {
        /// Its name.
        phone: PhoneId,
    },
    /// The Telegram call that was asked for came to nothing.
    SummonsFailed(SummonsFailure),
    /// The person calls the service account.
    CalledByPerson {
        /// The name of the phone that it becomes if it is answered.
        phone: PhoneId,
    },
    /// The person hung up a Telegram call that had been answered.
    HungUpByPerson {
        /// Which.
        phone: PhoneId,
    },
    /// The process is about to end.
    Closing,
}

/// A call that a person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The call's name from now on.
    pub call: CallId,
    /// Through which account.
    pub account: Account,
    /// What the person typed.
    pub number: String,
    /// What is dialled, after the account's rules.
    pub dialled: String,
}

/// A call that comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The call's name from now on.
    pub call: CallId,
    /// At which account.
    pub account: Account,
    /// The caller's number or address, fit to be shown.
    pub number: String,
    /// The caller's name, fit to be shown.
    pub name: Option<String>,
}

/// Whoever takes the place of a far end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Their number or address, fit to be shown.
    pub number: String,
    /// Their name, fit to be shown.
    pub name: Option<String>,
    /// Whether RFC 4733 was agreed on.
    pub telephone_event: bool,
}

/// What a person may want of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Answer it.
    Answer,
    /// Refuse it.
    Decline,
    /// End it.
    HangUp,
    /// Hold it.
    Hold,
    /// Go on with it.
    Resume,
    /// Hold the one and go on with the other.
    Switch,
    /// Hand the far end to somebody.
    Transfer(TransferTo),
    /// Press keys.
    Press(Vec<Key>),
    /// Start or stop recording.
    Record(bool),
}

impl Verb {
    /// Its name in the phone protocol.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Decline => "decline",
            Self::HangUp => "hangup",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Switch => "switch",
            Self::Transfer(_) => "transfer",
            Self::Press(_) => "digits",
            Self::Record(_) => "record",
        }
    }
}

/// To whom a far end is handed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferTo {
    /// To the far end of the other line.
    Line,
    /// To this number, after the account's rules.
    Number(String),
}

/// What happens in a SIP dialog, as far as the state machine has an opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SipEvent {
    /// The far end rings.
    Ringing,
    /// The far end sends sound before it answers.
    EarlyMedia,
    /// The far end answered. `telephone_event`: it takes RFC 4733 digits.
    Answered {
        /// Whether RFC 4733 was agreed on.
        telephone_event: bool,
    },
    /// The far end holds us, or goes on.
    FarHold {
        /// Whether it holds.
        on: bool,
    },
    /// An offer of ours (hold, resume) was answered; `done`: the way we wanted.
    HoldAnswered {
        /// Whether it was accepted.
        done: bool,
    },
    /// The far end wants us to call somebody else in its place.
    TransferAsked {
        /// Whom: a SIP address.
        to: String,
    },
    /// How a transfer that we asked for goes: SIP codes, 200 and above are final.
    TransferProgress {
        /// The code.
        code: u16,
    },
    /// The dialog is over, or never came to be.
    Ended(SipEnd),
}

/// How a SIP dialog ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipEnd {
    /// SIP code; 200 for an ordinary BYE.
    pub code: u16,
    /// The reason in words, as it came.
    pub reason: String,
    /// Q.850 cause of a Reason header (RFC 3326), if there was one.
    pub q850: Option<u8>,
    /// Whether a timer ended it: nobody answered.
    pub timeout: bool,
}
