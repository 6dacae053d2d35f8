//! Screens with everything in them as long as other people can make it.

use super::calls::{ended, outgoing};
use super::people::{at, batch, number, office, open_offers, reader, token};
use super::specimens::{Shown, Specimen};
use crate::button::Ask;
use crate::screen::alert::{Trouble, trouble};
use crate::screen::notice::{News, Notice, notice};
use crate::screen::{
    audio, bulk, call, card, delete, dial, inline, link, list, offer, people, prompt, rules, settings,
    template, transfer,
};
use crate::view::call::{CallCard, Choice, Line, NoLine, OtherLine, Stage, WhyNot};
use crate::view::{
    AccountCard, AccountLine, AccountList, BulkBoard, BulkBoardLine, BulkCounts, BulkLine, BulkPreview,
    BulkProblemLine, BulkState, Health, LinkedAccount, OfferFate, OfferView, PersonView, Reader, ResultView,
    ShareView, Standing, TemplateLine, TemplatePage,
};
use domain::call::{Direction, EndCause};
use domain::dial_rules::{DialRules, MAX_RULES, Outcome};
use domain::ids::{ChatId, UserId};
use domain::person::Language;
use domain::settings::{Codec, Codecs, DtmfMethod, DtmfMethods, Recording};
use domain::sip_account::{Grant, OfferKind};

/// Text that is long, markup, and turns direction, all at once.
fn long() -> String {
    "<b>&\u{202e}W\"".repeat(100)
}

fn somebody() -> PersonView {
    PersonView { id: UserId(i64::MAX), name: long(), username: Some("u".repeat(32)) }
}

fn full_card() -> AccountCard {
    AccountCard {
        title: long(),
        name: Some(long()),
        login: Some(long()),
        domain: Some(long()),
        proxy: Some(long()),
        template: Some(long()),
        rules: "^(1|2|3|4)\\d{3}=<&>$0 ".repeat(MAX_RULES),
        codecs: Codecs::new(Codec::ALL.iter().copied()).expect("there are codecs"),
        dtmf: DtmfMethods::new(DtmfMethod::ALL.iter().copied()).expect("there are methods"),
        recording: Recording { automatic: true, chat: Some(ChatId(i64::MIN)) },
        recording_chat: Some(long()),
        health: Health::Failed { code: 699, reason: long() },
        standing: Standing::OwnLent { user: somebody(), until: at(500_000) },
        applies_at: Some(at(5)),
        offers: open_offers(),
        write_first: Some("w".repeat(32)),
        list_page: u16::MAX,
        ..office()
    }
}

/// All of them.
pub(super) fn widest(language: Language) -> Vec<Specimen> {
    let reader = &reader(language);
    let card = &full_card();
    let screen = |screen| Specimen { name: "widest".to_owned(), shown: Shown::Screen(screen) };
    let mut all = vec![
        screen(card::card(reader, card)),
        screen(audio::codecs(reader, card)),
        screen(audio::dtmf(reader, card)),
        screen(rules::rules(reader, card)),
        screen(settings::recording_chat(reader, card)),
        screen(people::user(reader, card)),
        screen(transfer::transfer(reader, card, Some(&somebody()))),
        screen(delete::ask(reader, card)),
        screen(link::links(reader, card, None)),
    ];
    all.extend(Ask::ALL.map(|ask| screen(prompt::waiting(reader, card, ask))));
    all.extend(Ask::ALL.map(|ask| screen(prompt::prompt(reader, card, ask))));
    let dial = DialRules::parse(&"^1=1 ".repeat(MAX_RULES)).expect("the rules compile");
    all.push(screen(rules::trace(reader, card, &dial.trace(&"1".repeat(128)))));
    all.extend(lists(reader).into_iter().map(screen));
    all.extend(offers(reader));
    all.extend(calls(reader).into_iter().map(screen));
    all.push(Specimen {
        name: "limit".to_owned(),
        shown: Shown::Text(trouble(reader, Trouble::LimitReached { limit: usize::MAX })),
    });
    all
}

fn calls(reader: &Reader<'_>) -> Vec<crate::outgoing::Screen> {
    let stages =
        [Stage::Talking { since: at(-9_999) }, ended(EndCause::Failed, Some(380), u32::MAX), Stage::Ringing];
    let card = |stage| CallCard {
        direction: Direction::In,
        line: long(),
        number: Some(long()),
        name: Some(long()),
        stage,
        other: Some(OtherLine { who: long(), answered: true }),
        ..outgoing()
    };
    let mut all: Vec<_> = stages.into_iter().map(|stage| call::card(reader, &card(stage))).collect();
    let line = Line { account: number(), title: long(), dials: long() };
    let not =
        NoLine { account: number(), title: long(), why: WhyNot::Rules(Outcome::Refused { rule: long() }) };
    all.push(dial::choose_line(reader, u32::MAX, u16::MAX, &long(), &vec![line; 50]));
    all.push(dial::no_lines(reader, &long(), &vec![not; 50]));
    all.push(dial::choose_number(reader, &Choice { choice: u32::MAX, numbers: vec![long(); 50] }));
    all
}

fn lists(reader: &Reader<'_>) -> Vec<crate::outgoing::Screen> {
    let line = AccountLine {
        account: number(),
        title: long(),
        health: Health::Failed { code: 699, reason: long() },
        standing: Standing::OwnAssigned { user: somebody() },
    };
    let accounts = AccountList {
        lines: vec![line; AccountList::PAGE],
        page: 7,
        total: 10_000,
        owned: 10_000,
        limit: 10_000,
        callback_mode: false,
    };
    let found = TemplateLine { code: "t".repeat(32).parse().expect("a long code"), name: long() };
    let templates = TemplatePage {
        lines: vec![found; TemplatePage::PAGE],
        page: u16::MAX - 1,
        total: usize::from(u16::MAX) * 8,
        search: None,
    };
    let problem = BulkProblemLine { line: usize::MAX, why: long() };
    let entry = BulkLine { line: usize::MAX, login: long(), name: Some(long()) };
    let preview = BulkPreview {
        batch: batch(),
        server: long(),
        grant: Grant::Give,
        lines: vec![entry; 200],
        problems: vec![problem; 200],
        page: 0,
    };
    let offer = BulkBoardLine {
        account: number(),
        offer: token(),
        title: long(),
        state: BulkState::Taken { by: somebody() },
    };
    let counts = BulkCounts { made: 200, sent: 200, taken: 200, over: 200 };
    let board =
        BulkBoard { batch: batch(), server: long(), lines: vec![offer; BulkBoard::PAGE], counts, page: 3 };
    let linked = LinkedAccount { draft: token(), login: long(), server: long(), template: Some(long()) };
    vec![
        list::list(reader, &accounts),
        template::templates(reader, &full_card(), &templates),
        bulk::preview(reader, &preview),
        bulk::board(reader, &board),
        link::confirm(reader, &linked),
    ]
}

fn offers(reader: &Reader<'_>) -> Vec<Specimen> {
    let view = OfferView {
        kind: OfferKind::Settings,
        grant: Some(Grant::Assign),
        account: number(),
        offer: token(),
        title: long(),
        server: Some(long()),
        from: somebody(),
        to: Some(somebody()),
        until: at(500_000),
    };
    let share = ShareView {
        login: long(),
        password_length: 256,
        template: Some(long()),
        server: long(),
        domain: Some(long()),
        codecs: Some(full_card().codecs),
        dtmf: Some(full_card().dtmf),
        rules: Some(long()),
    };
    let result = ResultView { id: token().to_string(), offer: view.clone() };
    let news = News::RegistrationFailed { code: 699, reason: long() };
    let told = Notice { account: number(), title: long(), news };
    let shown = [
        Shown::Screen(offer::offer(reader, &view)),
        Shown::Screen(offer::offer_over(reader, &view, &OfferFate::Taken { by: somebody() })),
        Shown::Results(inline::share(reader, &share, &result, &result)),
        Shown::Results(inline::account(reader, &result, &result)),
        Shown::Screen(notice(reader, &told)),
    ];
    shown.into_iter().map(|shown| Specimen { name: "widest".to_owned(), shown }).collect()
}
