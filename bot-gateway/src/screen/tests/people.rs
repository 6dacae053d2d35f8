//! Who and what the specimens are about: Olga owns, Ivan uses, Petr wants, Anna is new.

use crate::view::{AccountCard, Health, OfferView, OpenOffer, PersonView, Reader, ResultView, Standing};
use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use domain::ids::{AccountNumber, BatchId, ChatId, OfferToken, UserId};
use domain::person::Language;
use domain::settings::{Codecs, DtmfMethods, Recording, Transport};
use domain::sip_account::{Grant, OfferKind};

pub(super) fn at(minutes: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 22, 12, 0, 0).single().expect("it is a moment")
        + TimeDelta::minutes(minutes)
}

pub(super) fn reader(language: Language) -> Reader<'static> {
    Reader { language, now: at(0), bot: "tandem_bot" }
}

fn person(id: i64, name: &str, username: Option<&str>) -> PersonView {
    PersonView { id: UserId(id), name: name.to_owned(), username: username.map(str::to_owned) }
}

pub(super) fn olga() -> PersonView {
    person(1, "Olga Orlova", Some("olga"))
}

pub(super) fn ivan() -> PersonView {
    person(2, "Ivan", None)
}

pub(super) fn petr() -> PersonView {
    person(3, "", Some("petr"))
}

pub(super) fn anna() -> PersonView {
    person(4, "", None)
}

pub(super) fn number() -> AccountNumber {
    "123456789".parse().expect("it is a number")
}

pub(super) fn token() -> OfferToken {
    OfferToken::from_bits([7; 16])
}

pub(super) fn batch() -> BatchId {
    BatchId(OfferToken::from_bits([9; 16]))
}

/// A complete account of Olga's.
pub(super) fn office() -> AccountCard {
    AccountCard {
        account: number(),
        title: "Office".to_owned(),
        name: Some("Office".to_owned()),
        login: Some("1001".to_owned()),
        has_password: true,
        domain: Some("pbx.example.com:5070".to_owned()),
        proxy: None,
        template: Some("Asterisk".to_owned()),
        transport: Transport::Udp,
        codecs: Codecs::default(),
        dtmf: DtmfMethods::default(),
        rules: r"[^+*#\w]= ^8=7".to_owned(),
        recording: Recording { automatic: true, chat: Some(ChatId(-100)) },
        recording_chat: Some("Sales calls".to_owned()),
        health: Health::Active,
        standing: Standing::Own,
        applies_at: None,
        offers: Vec::new(),
        list_page: 0,
        write_first: None,
    }
}

/// Two offers of one account that wait for a Take.
pub(super) fn open_offers() -> Vec<OpenOffer> {
    [OfferKind::Assignment, OfferKind::Transfer].map(|kind| OpenOffer { offer: token(), kind }).into()
}

/// An account that was just created.
pub(super) fn draft() -> AccountCard {
    AccountCard {
        title: String::new(),
        name: None,
        login: None,
        has_password: false,
        domain: None,
        template: None,
        rules: String::new(),
        recording: Recording::default(),
        recording_chat: None,
        health: Health::Incomplete,
        ..office()
    }
}

pub(super) fn failed() -> Health {
    Health::Failed { code: 403, reason: "Auth <Failed>".to_owned() }
}

pub(super) fn offer(kind: OfferKind, grant: Option<Grant>) -> OfferView {
    OfferView {
        kind,
        grant,
        account: number(),
        offer: token(),
        title: "Office".to_owned(),
        server: Some("pbx.example.com:5070".to_owned()),
        from: olga(),
        to: None,
        until: at(5),
    }
}

pub(super) fn result(id: &str, kind: OfferKind, grant: Option<Grant>) -> ResultView {
    ResultView { id: id.to_owned(), offer: offer(kind, grant) }
}
