//! Specimens of what stands in chats with others and comes unasked: offers, inline results, notices, alerts.

use super::people::{at, batch, ivan, number, offer, olga, petr, reader, result, token};
use super::specimens::{Specimen, inline_results, screen, text};
use crate::screen::alert::{Toast, Trouble};
use crate::screen::notice::{News, Notice};
use crate::screen::{alert, inline as results, notice, offer as special, refusal};
use crate::view::{OfferFate, OfferView, ShareView};
use domain::dial_rules::WhyBadRule;
use domain::person::Language;
use domain::settings::BadSetting;
use domain::share::Hint;
use domain::sip_account::{Grant, OfferKind, Refusal};

/// Every kind of offer.
const KINDS: [(OfferKind, Option<Grant>); 6] = [
    (OfferKind::Settings, Some(Grant::Give)),
    (OfferKind::Settings, Some(Grant::Assign)),
    (OfferKind::Assignment, None),
    (OfferKind::Transfer, None),
    (OfferKind::Return, None),
    (OfferKind::TakeAway, None),
];

pub(super) fn offers(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let mut all = Vec::new();
    for (kind, grant) in KINDS {
        let to = match kind {
            OfferKind::Return => Some(ivan()),
            OfferKind::TakeAway => Some(olga()),
            OfferKind::Settings | OfferKind::Assignment | OfferKind::Transfer => None,
        };
        let view = OfferView { to: to.clone(), ..offer(kind, grant) };
        let by = to.unwrap_or_else(ivan);
        let name = format!("{kind:?} {}", grant.map(|grant| format!("{grant:?}")).unwrap_or_default());
        all.push(screen(name.trim(), special::offer(&reader, &view)));
        let taken = special::offer_over(&reader, &view, &OfferFate::Taken { by });
        all.push(screen(format!("{} taken", name.trim()), taken));
    }
    let bound = OfferView { to: Some(petr()), server: None, ..offer(OfferKind::Transfer, None) };
    all.push(screen("bound to one person", special::offer(&reader, &bound)));
    for (name, fate) in
        [("expired", OfferFate::Expired), ("cancelled", OfferFate::Cancelled), ("undone", OfferFate::Undone)]
    {
        all.push(screen(name, special::offer_over(&reader, &bound, &fate)));
    }
    all
}

pub(super) fn inline(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let share = ShareView {
        login: "1001".to_owned(),
        password_length: 6,
        template: None,
        server: "pbx.example.com".to_owned(),
        domain: Some("example.com".to_owned()),
        codecs: "opus,alaw".parse().ok(),
        dtmf: "rfc2833".parse().ok(),
        rules: Some("^8=7".to_owned()),
    };
    let by_template = ShareView {
        template: Some("Multifon".to_owned()),
        domain: None,
        codecs: None,
        dtmf: None,
        rules: None,
        ..share.clone()
    };
    let give = result("give", OfferKind::Settings, Some(Grant::Give));
    let assign = result("assign", OfferKind::Settings, Some(Grant::Assign));
    let mut back = result("back", OfferKind::Return, None);
    back.offer.to = Some(olga());
    let mut all = vec![
        inline_results("share", results::share(&reader, &share, &give, &assign)),
        inline_results("share by a template", results::share(&reader, &by_template, &give, &assign)),
        inline_results(
            "hand over",
            results::account(
                &reader,
                &result("assign", OfferKind::Assignment, None),
                &result("transfer", OfferKind::Transfer, None),
            ),
        ),
        inline_results("give back", results::give_back(&reader, &back)),
        inline_results("take away", results::take_away(&reader, &result("away", OfferKind::TakeAway, None))),
        inline_results("prepared", results::prepared(&reader, &give)),
        inline_results("in a group", results::private_only(&reader)),
        text("button above", results::help_button(&reader).label),
    ];
    for hint in hints() {
        let shown = results::hint(&reader, &hint);
        let title = shown.first().map(|result| result.title.clone()).unwrap_or_default();
        all.push(text(format!("{hint:?}"), title));
    }
    all.push(inline_results("a hint in full", results::hint(&reader, &Hint::NothingTyped)));
    all
}

fn hints() -> Vec<Hint> {
    vec![
        Hint::NothingTyped,
        Hint::PasswordMissing,
        Hint::ServerMissing,
        Hint::TooLong { max: 1000 },
        Hint::BadLogin(BadSetting::Blanks),
        Hint::BadPassword(BadSetting::TooLong { max: 128 }),
        Hint::NoSuchTemplate { typed: "zzz".to_owned() },
        Hint::BadServer { typed: "http://x".to_owned(), why: BadSetting::NotAHost("http://x".to_owned()) },
        Hint::TemplateNeedsServer {
            template: "asterisk".parse().expect("it is a code"),
            name: "Asterisk".to_owned(),
        },
        Hint::DomainNeedsRegistrar { typed: "example.com".to_owned() },
        Hint::BadCodecs(BadSetting::UnknownCodec("mp3".to_owned())),
        Hint::CodecsTwice,
        Hint::BadDtmf(BadSetting::Twice("info".to_owned())),
        Hint::DtmfTwice,
        Hint::RulesComeLast { typed: "opus".to_owned() },
        Hint::BadRule { rule: "(8=7".to_owned(), why: WhyBadRule::UnclosedGroup },
        Hint::BadRules(BadSetting::TooManyRules { max: 64 }),
    ]
}

pub(super) fn notices(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let undo = |kind| match kind {
        OfferKind::Settings | OfferKind::Assignment | OfferKind::Transfer => Some(token()),
        OfferKind::Return | OfferKind::TakeAway => None,
    };
    let taken = |(kind, grant)| News::Taken { kind, grant, by: ivan(), undo: undo(kind) };
    let mut news: Vec<News> = KINDS.map(taken).into();
    news.extend([
        News::Taken { kind: OfferKind::Transfer, grant: None, by: petr(), undo: None },
        News::OfferExpired,
        News::ListOver { batch: batch(), server: "pbx.example.com".to_owned() },
        News::TakeUndone { by: olga() },
        News::Assigned { by: olga() },
        News::Unassigned { by: olga() },
        News::Lent { by: olga(), until: at(4320) },
        News::LoanEnded { user: ivan() },
        News::LoanOver { owner: olga() },
        News::GivenBack { by: ivan() },
        News::TakenAway { by: olga() },
        News::Deleted { by: olga() },
        News::Registered,
    ]);
    news.extend(
        [401, 404, 408, 486, 503, 606]
            .map(|code| News::RegistrationFailed { code, reason: "Words <of> the provider".to_owned() }),
    );
    let nowhere = "Resolution failed for pbx.example.com".to_owned();
    news.push(News::RegistrationFailed { code: 503, reason: nowhere });
    news.into_iter()
        .map(|news| {
            let name = format!("{news:?}");
            let notice = Notice { account: number(), title: "Office".to_owned(), news };
            screen(name, notice::notice(&reader, &notice))
        })
        .collect()
}

pub(super) fn alerts(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let refusals = [
        Refusal::NoSuchAccount,
        Refusal::NumberTaken,
        Refusal::NotTheOwner,
        Refusal::NotYours,
        Refusal::Incomplete,
        Refusal::OfferOver { since: at(-3) },
        Refusal::AlreadyTaken,
        Refusal::OfferCancelled,
        Refusal::NoSuchOffer,
        Refusal::OfferForAnother,
        Refusal::OwnOffer,
        Refusal::AlreadyYours,
        Refusal::NobodyToReturnTo,
        Refusal::TakeAwayRefused,
        Refusal::TouchedSince,
        Refusal::NotUndoable,
        Refusal::ResealNeeded,
        Refusal::BadLoanEnd,
        Refusal::NotDue { due: at(3000) },
    ];
    let toasts = [
        Toast::Saved,
        Toast::Applied,
        Toast::NothingToApply,
        Toast::Switched { on: true },
        Toast::Switched { on: false },
        Toast::CallbackMode { on: true },
        Toast::CallbackMode { on: false },
        Toast::MenuUpdated,
        Toast::LanguageChosen,
        Toast::Deleted,
        Toast::GivenBack,
        Toast::Unlinked,
        Toast::Taken,
        Toast::Undone,
        Toast::OfferCancelled,
        Toast::Added,
        Toast::Dropped,
    ];
    let troubles = [
        Trouble::SomethingWrong,
        Trouble::TooFast,
        Trouble::StaleMenu,
        Trouble::LimitReached { limit: 20 },
        Trouble::InputOver,
        Trouble::DraftOver,
        Trouble::BadLink,
        Trouble::BadFile,
    ];
    let mut all = Vec::new();
    all.extend(refusals.map(|why| text(format!("{why:?}"), refusal::refused(&reader, &why))));
    all.extend(toasts.map(|toast| text(format!("{toast:?}"), alert::toast(&reader, toast))));
    all.extend(troubles.map(|which| text(format!("{which:?}"), alert::trouble(&reader, which))));
    all.push(screen("trouble as a message", alert::trouble_screen(&reader, Trouble::SomethingWrong)));
    all
}
