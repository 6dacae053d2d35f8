//! What may have happened to a SIP account.

use super::OfferKind;
use crate::ids::{BatchId, OfferToken, Revision, UserId};
use crate::sealed::Sealed;
use crate::settings::{
    AccountName, Codecs, DialRulesText, DtmfMethods, HostPort, Login, Recording, Settings, TemplateCode,
    Transport, WorkerChoice,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How an account came into being.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// `New` in the menu.
    Menu,
    /// A Take of shared settings.
    Share,
    /// A deep link.
    Link,
    /// The operator's import.
    Import,
}

/// What a Take of shared settings makes of the taker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The taker becomes owner and user.
    Give,
    /// The sender becomes owner and pays; the taker becomes user.
    Assign,
}

/// What a return gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Returned {
    /// The use of an assigned or lent account; its owner stays.
    Use,
    /// The account itself; the owner changes.
    Ownership,
}

// NOTE: these names and fields ARE the stored format. See docs/events.md before touching them.
/// One fact about a SIP account. Facts are added here, never changed or taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// Settings were shared; the account comes into being at the Take.
    SettingsOffered {
        /// The offer.
        offer: OfferToken,
        /// Who shares.
        by: UserId,
        /// The only person who may take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        /// What the Take makes of the taker.
        grant: Grant,
        /// All that was shared.
        settings: Settings,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
        /// The administrator's list this offer is out of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        batch: Option<BatchId>,
    },
    /// An offer out of a list was sent to somebody; from now on it lives five minutes.
    OfferSent {
        /// The offer.
        offer: OfferToken,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// The account came into being.
    AccountCreated {
        /// To whom it belongs.
        owner: UserId,
        /// How.
        origin: Origin,
        /// What it is set to. The password is sealed to the owner.
        settings: Settings,
        /// The offer that was taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<OfferToken>,
    },
    /// The label changed; without a name people see `login@domain`.
    AccountRenamed {
        /// The label.
        name: Option<AccountName>,
    },
    /// The login changed.
    LoginChanged {
        /// SIP user and authentication user.
        login: Login,
    },
    /// The password changed.
    PasswordChanged {
        /// The password, sealed.
        password: Sealed,
    },
    /// The server changed.
    ServerChanged {
        /// The SIP domain and server.
        domain: Option<HostPort>,
        /// The registrar, where it differs.
        proxy: Option<HostPort>,
    },
    /// The settings were filled from a template.
    TemplateChosen {
        /// Which one.
        template: TemplateCode,
        /// What it sets. Fields that a template does not know stay.
        domain: Option<HostPort>,
        /// The registrar, where it differs.
        proxy: Option<HostPort>,
        /// How SIP messages travel.
        transport: Transport,
        /// Audio codecs.
        codecs: Codecs,
        /// DTMF methods.
        dtmf: DtmfMethods,
        /// Dial rules.
        rules: DialRulesText,
    },
    /// The transport changed.
    TransportChanged {
        /// How SIP messages travel.
        transport: Transport,
    },
    /// The codecs changed.
    CodecsChanged {
        /// Audio codecs.
        codecs: Codecs,
    },
    /// The DTMF methods changed.
    DtmfMethodsChanged {
        /// DTMF methods.
        dtmf: DtmfMethods,
    },
    /// The dial rules changed.
    DialRulesChanged {
        /// Dial rules.
        rules: DialRulesText,
    },
    /// Another worker was chosen.
    WorkerChosen {
        /// Who registers the account and carries its media.
        worker: WorkerChoice,
    },
    /// Recording was switched, or got another chat.
    RecordingChanged {
        /// Whether and where.
        recording: Recording,
    },
    /// The account is to be registered.
    AccountSwitchedOn,
    /// The account is not to be registered.
    AccountSwitchedOff,
    /// The settings up to this revision act from now on.
    SettingsApplied {
        /// The revision that gateways register.
        revision: Revision,
    },
    /// The owner offered to make somebody the user.
    AssignmentOffered {
        /// The offer.
        offer: OfferToken,
        /// Who offers.
        by: UserId,
        /// The only person who may take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// The owner offered to make somebody the owner.
    TransferOffered {
        /// The offer.
        offer: OfferToken,
        /// Who offers.
        by: UserId,
        /// The only person who may take it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<UserId>,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// The user, or the new owner, offered to give the account back.
    ReturnOffered {
        /// The offer.
        offer: OfferToken,
        /// Who offers.
        by: UserId,
        /// Who may take it: the owner of an assigned account, the former owner of a transferred one.
        to: UserId,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// A former owner proved to know the password and may take the account back.
    TakeAwayOffered {
        /// The offer.
        offer: OfferToken,
        /// The former owner: who offers, and the only one who may take it.
        by: UserId,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// The sender called an offer back.
    OfferCancelled {
        /// The offer.
        offer: OfferToken,
        /// What it was.
        kind: OfferKind,
    },
    /// Nobody took an offer in time.
    OfferExpired {
        /// The offer.
        offer: OfferToken,
        /// What it was.
        kind: OfferKind,
    },
    /// Somebody uses the account; the owner stays.
    AccountAssigned {
        /// Who rings and dials.
        user: UserId,
        /// The offer that was taken; none when the owner picked the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<OfferToken>,
    },
    /// The owner is the user again.
    AccountUnassigned {
        /// Who used it.
        user: UserId,
    },
    /// Somebody uses the account for a while.
    AccountLent {
        /// Who rings and dials.
        user: UserId,
        /// When the account comes back by itself.
        until: DateTime<Utc>,
    },
    /// The while is over, or the owner ended it.
    LoanEnded {
        /// Who used it.
        user: UserId,
    },
    /// Another owner.
    AccountTransferred {
        /// The former owner.
        from: UserId,
        /// The owner and user.
        to: UserId,
        /// The offer that was taken.
        offer: OfferToken,
        /// The password, sealed anew for the new owner.
        password: Option<Sealed>,
    },
    /// The account went back to whom it came from.
    AccountReturned {
        /// Who gave it back: the assigned user, or the former owner's successor.
        from: UserId,
        /// Owner and user from now on.
        to: UserId,
        /// Whether only its use went back, or the account itself.
        what: Returned,
        /// The offer that was taken; none when an assigned user pressed Delete.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        offer: Option<OfferToken>,
        /// The password, sealed anew where the owner changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<Sealed>,
    },
    /// A former owner took the account back by its password.
    AccountTakenAway {
        /// Who owned it.
        from: UserId,
        /// Owner and user.
        to: UserId,
        /// The offer that was taken.
        offer: OfferToken,
        /// The password, sealed anew.
        password: Option<Sealed>,
    },
    /// The offerer took a Take back while the account was untouched. Of a transfer it moves the account back; of an
    /// assignment it makes the owner the user; of shared settings that were given, [`Event::AccountDeleted`] follows.
    TakeUndone {
        /// The offer that had been taken.
        offer: OfferToken,
        /// What it was.
        kind: OfferKind,
        /// Who had taken it.
        from: UserId,
        /// Who had offered it.
        to: UserId,
        /// The password, sealed anew where the owner changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        password: Option<Sealed>,
    },
    /// The account is gone and its key is shredded.
    AccountDeleted {
        /// To whom it belonged.
        owner: UserId,
    },
    /// A gateway registered the account; recorded when it was not registered before.
    AccountRegistered {
        /// The revision that is registered.
        revision: Revision,
    },
    /// Registration fails; recorded when the answer changes.
    RegistrationFailed {
        /// The revision that was tried.
        revision: Revision,
        /// SIP status code, 300 to 699; 408 where nobody answered.
        code: u16,
        /// The reason phrase, as plain text of at most 128 characters.
        reason: String,
    },
}

crate::event::fact! {
    Event: SettingsOffered, OfferSent, AccountCreated, AccountRenamed, LoginChanged, PasswordChanged, ServerChanged,
        TemplateChosen, TransportChanged, CodecsChanged, DtmfMethodsChanged, DialRulesChanged, WorkerChosen,
        RecordingChanged, AccountSwitchedOn, AccountSwitchedOff, SettingsApplied, AssignmentOffered, TransferOffered,
        ReturnOffered, TakeAwayOffered, OfferCancelled, OfferExpired, AccountAssigned, AccountUnassigned, AccountLent,
        LoanEnded, AccountTransferred, AccountReturned, AccountTakenAway, TakeUndone, AccountDeleted,
        AccountRegistered, RegistrationFailed
}
