//! One sample of every event, with every field filled in.

use crate::call::{self, Awaited, Direction, EndCause, Gateway, Party, TransferTo};
use crate::ids::{AccountNumber, BatchId, ChatId, Revision};
use crate::person::{self, Language};
use crate::scenario::{IVAN, OLGA, at, token};
use crate::sealed::Sealed;
use crate::settings::{Recording, Settings, Transport, WorkerChoice};
use crate::sip_account::{self, Grant, OfferKind, Origin, Returned};
use serde::Serialize;
use serde_json::Value;
use std::fmt::Debug;

/// What stands for a sealed secret.
pub(super) const SEALED: &str = "v1.sample.1.c2VhbGVkLXNhbXBsZQ";

/// An event as it is stored.
pub(super) struct Sample {
    pub(super) name: &'static str,
    pub(super) schema: u16,
    pub(super) json: Value,
    pub(super) debug: String,
}

impl Sample {
    /// The name of its golden file.
    pub(super) fn file(&self) -> String {
        format!("{}.v{}.json", self.name, self.schema)
    }
}

/// A sample of every event of every aggregate, in the order of their names.
pub(super) fn all() -> Vec<Sample> {
    let accounts = of_accounts();
    let people = of_people();
    let calls = of_calls();
    let accounts = accounts.iter().map(|event| sample(event.name(), event.schema(), event));
    let people = people.iter().map(|event| sample(event.name(), event.schema(), event));
    let calls = calls.iter().map(|event| sample(event.name(), event.schema(), event));
    accounts.chain(people).chain(calls).collect()
}

fn sample(name: &'static str, schema: u16, event: &(impl Serialize + Debug)) -> Sample {
    Sample { name, schema, json: serde_json::to_value(event).expect("JSON"), debug: format!("{event:?}") }
}

fn of_accounts() -> Vec<sip_account::Event> {
    use sip_account::Event;
    let (offer, until, by) = (token(7), at(5), OLGA);
    let settings = settings();
    let Settings { codecs, dtmf, rules, domain, proxy, .. } = settings.clone();
    vec![
        Event::SettingsOffered {
            offer: offer.clone(),
            by,
            to: Some(IVAN),
            grant: Grant::Assign,
            settings: settings.clone(),
            until,
            batch: Some(BatchId(token(9))),
        },
        Event::OfferSent { offer: offer.clone(), until },
        Event::AccountCreated { owner: OLGA, origin: Origin::Share, settings, offer: Some(offer.clone()) },
        Event::AccountRenamed { name: "Front desk".parse().ok() },
        Event::LoginChanged { login: "1001".parse().expect("a login") },
        Event::PasswordChanged { password: sealed() },
        Event::ServerChanged { domain: domain.clone(), proxy: proxy.clone() },
        Event::TemplateChosen {
            template: "asterisk".parse().expect("a code"),
            domain,
            proxy,
            transport: Transport::Udp,
            codecs: codecs.clone(),
            dtmf: dtmf.clone(),
            rules: rules.clone(),
        },
        Event::TransportChanged { transport: Transport::Tls },
        Event::CodecsChanged { codecs },
        Event::DtmfMethodsChanged { dtmf },
        Event::DialRulesChanged { rules },
        Event::WorkerChosen { worker: WorkerChoice::Auto },
        Event::RecordingChanged { recording: Recording { automatic: true, chat: Some(ChatId(-100_123)) } },
        Event::AccountSwitchedOn,
        Event::AccountSwitchedOff,
        Event::SettingsApplied { revision: Revision(3) },
        Event::AssignmentOffered { offer: offer.clone(), by, to: Some(IVAN), until },
        Event::TransferOffered { offer: offer.clone(), by, to: Some(IVAN), until },
        Event::ReturnOffered { offer: offer.clone(), by: IVAN, to: OLGA, until },
        Event::TakeAwayOffered { offer: offer.clone(), by, until },
        Event::OfferCancelled { offer: offer.clone(), kind: OfferKind::Transfer },
        Event::OfferExpired { offer: offer.clone(), kind: OfferKind::Settings },
        Event::AccountAssigned { user: IVAN, offer: Some(offer.clone()) },
        Event::AccountUnassigned { user: IVAN },
        Event::AccountLent { user: IVAN, until: at(60 * 24) },
        Event::LoanEnded { user: IVAN },
        Event::AccountTransferred { from: OLGA, to: IVAN, offer: offer.clone(), password: Some(sealed()) },
        Event::AccountReturned {
            from: IVAN,
            to: OLGA,
            what: Returned::Ownership,
            offer: Some(offer.clone()),
            password: Some(sealed()),
        },
        Event::AccountTakenAway { from: IVAN, to: OLGA, offer: offer.clone(), password: Some(sealed()) },
        Event::TakeUndone {
            offer,
            kind: OfferKind::Transfer,
            from: IVAN,
            to: OLGA,
            password: Some(sealed()),
        },
        Event::AccountDeleted { owner: OLGA },
        Event::AccountRegistered { revision: Revision(3) },
        Event::RegistrationFailed { revision: Revision(3), code: 403, reason: "Forbidden".into() },
    ]
}

fn of_people() -> Vec<person::Event> {
    use person::Event;
    vec![
        Event::PersonNamed {
            name: sealed(),
            username: Some(sealed()),
            fingerprint: "5d41402abc4b2a76".into(),
        },
        Event::LanguageChosen { language: Language::Ru },
        Event::CallbackModeSwitchedOn,
        Event::CallbackModeSwitchedOff,
        Event::PersonBlockedBot,
        Event::PersonUnblockedBot,
        Event::PersonErased,
    ]
}

fn of_calls() -> Vec<call::Event> {
    use call::Event;
    let account = AccountNumber::MIN;
    let gateway = || Gateway { process: "media 01890a5d-ac96-774b-bcce-b302099a8057".into(), epoch: 7 };
    vec![
        Event::CallRequested { by: IVAN, account, owner: OLGA, number: sealed(), dialled: sealed() },
        Event::CallOffered {
            account,
            owner: OLGA,
            user: IVAN,
            gateway: gateway(),
            from: sealed(),
            name: Some(sealed()),
        },
        Event::CallTaken { gateway: gateway() },
        Event::UserAwaited { until: at(1), why: Awaited::Flood, retry_after: None },
        Event::CallDialled,
        Event::CallRang,
        Event::CallAnswered,
        Event::CallHeld,
        Event::CallResumed,
        Event::CallTransferred { to: TransferTo::Number(sealed()) },
        Event::RecordingStarted { automatic: true, locked: true },
        Event::RecordingStopped,
        Event::RecordingSaved { reference: "01890a5d-ac96-774b-bcce-b302099a8058".into(), seconds: 61 },
        Event::RecordingFailed { reason: "the disk is full".into() },
        Event::CallEnded {
            cause: EndCause::Hangup { by: Party::FarEnd },
            code: Some(200),
            reason: Some("OK".into()),
            answered_for: 61,
            account,
            owner: OLGA,
            user: IVAN,
            direction: Direction::Out,
        },
    ]
}

fn settings() -> Settings {
    Settings {
        name: "Front desk".parse().ok(),
        login: "1001".parse().ok(),
        password: Some(sealed()),
        domain: "pbx.example".parse().ok(),
        proxy: "sbc.pbx.example:5061".parse().ok(),
        template: "asterisk".parse().ok(),
        transport: Transport::Tls,
        rules: r"[^+*#\w]= ^8=7".parse().expect("rules"),
        recording: Recording { automatic: true, chat: Some(ChatId(-100_123)) },
        ..Settings::default()
    }
}

fn sealed() -> Sealed {
    Sealed::from_text(SEALED.into())
}
