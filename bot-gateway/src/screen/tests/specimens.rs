//! One specimen of each screen, alert and inline result, by group.

use super::people::{
    anna, at, batch, draft, failed, ivan, number, offer, office, olga, petr, reader, result, token,
};
use crate::button::Ask;
use crate::outgoing::{InlineResult, Screen};
use crate::screen::alert::{Toast, Trouble};
use crate::screen::dialled::{Dialled, DialledLine};
use crate::screen::notice::{News, Notice};
use crate::screen::people::PickFor;
use crate::screen::{
    alert, audio, bulk as lists, card as cards, delete, dialled, home as start, inline as results, link,
    list as accounts, notice, offer as special, people, prompt as prompts, refusal, rules, settings,
    template, transfer,
};
use crate::view::{
    AccountCard, AccountLine, AccountList, BatchLine, BulkBoard, BulkBoardLine, BulkCounts, BulkLine,
    BulkPreview, BulkProblemLine, BulkState, Health, LinkedAccount, OfferFate, OfferView, ShareView,
    Standing, TemplateLine, TemplatePage,
};
use domain::bulk::Why;
use domain::dial_rules::{DialRules, Outcome, WhyBadRule};
use domain::person::Language;
use domain::settings::{BadSetting, TemplateCode};
use domain::share::Hint;
use domain::sip_account::{Grant, OfferKind, Refusal};

/// Something the bot shows, under a name.
pub(super) struct Specimen {
    pub(super) name: String,
    pub(super) shown: Shown,
}

pub(super) enum Shown {
    Screen(Screen),
    Text(String),
    Results(Vec<InlineResult>),
}

fn screen(name: impl Into<String>, screen: Screen) -> Specimen {
    Specimen { name: name.into(), shown: Shown::Screen(screen) }
}

fn text(name: impl Into<String>, text: String) -> Specimen {
    Specimen { name: name.into(), shown: Shown::Text(text) }
}

fn inline_results(name: &str, results: Vec<InlineResult>) -> Specimen {
    Specimen { name: name.to_owned(), shown: Shown::Results(results) }
}

/// Every group, for what must hold of all screens.
pub(super) const GROUPS: [fn(Language) -> Vec<Specimen>; 11] =
    [home, list, card, prompt, editors, hand_over, offers, inline, notices, alerts, links_and_lists];

pub(super) fn home(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let commands = start::commands(language);
    let commands: Vec<String> = commands.iter().map(|(name, what)| format!("/{name} {what}")).collect();
    vec![
        screen("start", start::home(&reader)),
        screen("help", start::help(&reader)),
        screen("help on sharing", start::share_help(&reader)),
        screen("languages", start::languages(&reader)),
        text("commands", commands.join("\n")),
    ]
}

pub(super) fn list(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let line = |title: &str, health, standing| AccountLine {
        account: number(),
        title: title.to_owned(),
        health,
        standing,
    };
    let lines = vec![
        line("Office", Health::Active, Standing::Own),
        line("", Health::Incomplete, Standing::Own),
        line("Second line", failed(), Standing::OwnAssigned { user: ivan() }),
        line("Night shift", Health::NotRegisteredYet, Standing::OwnLent { user: petr(), until: at(60) }),
        line("1001@pbx.example.com", Health::Off, Standing::Used { owner: olga() }),
        line("1002@pbx.example.com", Health::Active, Standing::Borrowed { owner: anna(), until: at(60) }),
    ];
    let full = AccountList { lines, page: 1, total: 23, owned: 20, limit: 20, callback_mode: true };
    let empty = AccountList { lines: vec![], page: 0, total: 0, owned: 0, limit: 20, callback_mode: false };
    let single = AccountList {
        lines: vec![line("Office", Health::Active, Standing::Own)],
        total: 1,
        owned: 1,
        ..empty.clone()
    };
    vec![
        screen("a page in the middle", accounts::list(&reader, &full)),
        screen("one account", accounts::list(&reader, &single)),
        screen("empty", accounts::list(&reader, &empty)),
    ]
}

pub(super) fn card(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let with = |standing: Standing, health: Health| AccountCard { standing, health, ..office() };
    let pending = AccountCard { applies_at: Some(at(4)), ..with(Standing::Own, Health::NotRegisteredYet) };
    vec![
        screen("own and active", cards::card(&reader, &office())),
        screen("just created", cards::card(&reader, &draft())),
        screen("changes wait", cards::card(&reader, &pending)),
        screen(
            "assigned and failing",
            cards::card(&reader, &with(Standing::OwnAssigned { user: ivan() }, failed())),
        ),
        screen(
            "lent and off",
            cards::card(&reader, &with(Standing::OwnLent { user: petr(), until: at(3000) }, Health::Off)),
        ),
        screen("as user", cards::card(&reader, &with(Standing::Used { owner: olga() }, Health::Active))),
        screen(
            "as borrower",
            cards::card(&reader, &with(Standing::Borrowed { owner: olga(), until: at(90) }, Health::Active)),
        ),
        screen("gone", cards::gone(&reader)),
    ]
}

pub(super) fn prompt(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let mut all = Vec::new();
    for ask in Ask::ALL {
        all.push(screen(format!("waiting for {}", ask.as_str()), prompts::waiting(&reader, &office(), ask)));
        all.push(screen(format!("asking for {}", ask.as_str()), prompts::prompt(&reader, &office(), ask)));
    }
    for bad in bad_settings() {
        all.push(screen(format!("wrong: {bad}"), prompts::wrong(&reader, Ask::Domain, &bad)));
    }
    all.push(screen("password saved", prompts::password_saved(&reader, &office(), true)));
    all.push(screen("password saved, message stays", prompts::password_saved(&reader, &office(), false)));
    all.push(screen("cancelled", prompts::cancelled(&reader)));
    all.push(screen("nothing awaited", prompts::nothing_awaited(&reader)));
    all
}

fn bad_settings() -> Vec<BadSetting> {
    let rules = [
        WhyBadRule::NothingToFind,
        WhyBadRule::UnclosedGroup,
        WhyBadRule::UnopenedGroup,
        WhyBadRule::UnclosedClass,
        WhyBadRule::NothingToRepeat,
        WhyBadRule::BadCount,
        WhyBadRule::BadRange,
        WhyBadRule::BadEscape,
        WhyBadRule::LookAround,
        WhyBadRule::BackReference,
        WhyBadRule::NoSuchGroup(3),
        WhyBadRule::TooBig,
        WhyBadRule::Other("odd".to_owned()),
    ];
    let mut all = vec![
        BadSetting::Empty,
        BadSetting::TooLong { max: 64 },
        BadSetting::Blanks,
        BadSetting::NotAHost("http://x".to_owned()),
        BadSetting::NotAPort("70000".to_owned()),
        BadSetting::UnknownCodec("mp3".to_owned()),
        BadSetting::UnknownDtmf("morse".to_owned()),
        BadSetting::Twice("opus".to_owned()),
        BadSetting::NotACode("a b".to_owned()),
        BadSetting::TooManyRules { max: 64 },
    ];
    all.extend(rules.map(|why| BadSetting::BadRule { rule: "(8=7".to_owned(), why }));
    all
}

pub(super) fn editors(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let line = |code: &str, name: &str| TemplateLine {
        code: code.parse::<TemplateCode>().expect("it is a code"),
        name: name.to_owned(),
    };
    let lines = vec![
        line("asterisk", "Asterisk"),
        line("freepbx", "FreePBX"),
        line("very-long", "A provider with a long name"),
    ];
    let page = TemplatePage { lines: lines.clone(), page: 0, total: 27, search: None };
    let found = TemplatePage { lines, total: 3, search: Some("as".to_owned()), page: 0 };
    let none = TemplatePage { lines: vec![], total: 0, search: Some("<zzz>".to_owned()), page: 0 };
    let rules_text = r"[^+*#\w]= ^8=7 ^\+=00 ^79\d{9}$";
    let dial = |rules: &str, number: &str| DialRules::parse(rules).expect("the rules compile").trace(number);
    let no_rules = AccountCard { rules: String::new(), ..office() };
    let long = "9".repeat(200);
    vec![
        screen("templates", template::templates(&reader, &office(), &page)),
        screen("templates found", template::templates(&reader, &office(), &found)),
        screen("no template found", template::templates(&reader, &office(), &none)),
        screen("codecs", audio::codecs(&reader, &office())),
        screen("dtmf", audio::dtmf(&reader, &office())),
        screen("rules", rules::rules(&reader, &office())),
        screen("no rules", rules::rules(&reader, &no_rules)),
        screen("a number passes", rules::trace(&reader, &office(), &dial(rules_text, "8 (926) 123-45-67"))),
        screen("a number is refused", rules::trace(&reader, &office(), &dial(rules_text, "112"))),
        screen("nothing is left", rules::trace(&reader, &office(), &dial(".*=", "112"))),
        screen("too long", rules::trace(&reader, &office(), &dial("9=99", &long[..100]))),
        screen("worker", settings::worker(&reader, &office())),
        screen("chat for recordings", settings::recording_chat(&reader, &office())),
        screen("recordings to the bot", settings::recording_chat(&reader, &draft())),
        screen("pick the chat", settings::pick_recording_chat(&reader, 1, 2)),
        screen("chat chosen", settings::recording_chat_saved(&reader, "Sales calls", true)),
        screen("chat closed", settings::recording_chat_saved(&reader, "Sales calls", false)),
    ]
}

pub(super) fn hand_over(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let with = |standing: Standing| AccountCard { standing, ..office() };
    let mut all = vec![
        screen("user: oneself", people::user(&reader, &office())),
        screen("user: assigned", people::user(&reader, &with(Standing::OwnAssigned { user: ivan() }))),
        screen(
            "user: lent",
            people::user(&reader, &with(Standing::OwnLent { user: petr(), until: at(600) })),
        ),
        screen("lend", people::lend(&reader, &office())),
    ];
    for (name, what_for) in
        [("user", PickFor::User), ("loan", PickFor::Loan { hours: 24 }), ("offer", PickFor::Offer)]
    {
        all.push(screen(format!("pick for {name}"), people::pick(&reader, &office(), what_for, 5)));
        let picked = people::picked(&reader, &office(), what_for, &ivan(), true);
        all.push(screen(format!("picked for {name}"), picked));
    }
    all.extend([
        screen("picked, out of reach", people::picked(&reader, &office(), PickFor::User, &anna(), false)),
        screen("transfer", transfer::transfer(&reader, &office(), None)),
        screen("transfer to one", transfer::transfer(&reader, &office(), Some(&petr()))),
        screen("delete", delete::ask(&reader, &office())),
        screen("delete a used one", delete::ask(&reader, &with(Standing::OwnAssigned { user: ivan() }))),
        screen("give back?", delete::ask(&reader, &with(Standing::Used { owner: olga() }))),
        screen("deleted", delete::deleted(&reader, "Office")),
        screen("given back", delete::given_back(&reader, "Office", &olga())),
    ]);
    all
}

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
        Trouble::OpenBotFirst,
        Trouble::InputOver,
        Trouble::DraftOver,
        Trouble::BadLink,
        Trouble::BadFile,
        Trouble::ChatClosed,
    ];
    let mut all = Vec::new();
    all.extend(refusals.map(|why| text(format!("{why:?}"), refusal::refused(&reader, &why))));
    all.extend(toasts.map(|toast| text(format!("{toast:?}"), alert::toast(&reader, toast))));
    all.extend(troubles.map(|which| text(format!("{which:?}"), alert::trouble(&reader, which))));
    all.push(screen("trouble as a message", alert::trouble_screen(&reader, Trouble::SomethingWrong)));
    all
}

pub(super) fn links_and_lists(language: Language) -> Vec<Specimen> {
    let reader = reader(language);
    let linked = LinkedAccount {
        draft: token(),
        login: "1001".to_owned(),
        server: "pbx.example.com".to_owned(),
        template: Some("Asterisk".to_owned()),
    };
    let plain = LinkedAccount { template: None, ..linked.clone() };
    let code: TemplateCode = "asterisk".parse().expect("it is a code");
    let made = BatchLine { batch: batch(), made: at(-120), offers: 12, taken: 7 };
    let whys = [
        Why::LoginMissing,
        Why::PasswordMissing,
        Why::BadLogin(BadSetting::Blanks),
        Why::BadPassword(BadSetting::TooLong { max: 128 }),
        Why::BadName(BadSetting::TooLong { max: 64 }),
        Why::Twice { first: 2 },
        Why::OpenQuote,
        Why::TooManyValues,
        Why::TooManyLines { left_out: 3 },
    ];
    let problems: Vec<BulkProblemLine> = whys
        .iter()
        .enumerate()
        .map(|(index, why)| BulkProblemLine { line: index + 10, why: lists::problem(&reader, why) })
        .collect();
    let line = |line: usize, login: &str, name: Option<&str>| BulkLine {
        line,
        login: login.to_owned(),
        name: name.map(str::to_owned),
    };
    let preview = BulkPreview {
        batch: batch(),
        server: "Asterisk (pbx.example.com)".to_owned(),
        grant: Grant::Assign,
        lines: vec![line(2, "1001", Some("Anna")), line(3, "1002", None)],
        problems,
        page: 0,
    };
    let hopeless = BulkPreview { lines: vec![], ..preview.clone() };
    let given = BulkPreview { grant: Grant::Give, problems: vec![], ..preview.clone() };
    vec![
        screen("add from a link?", link::confirm(&reader, &linked)),
        screen("add from a link without a template?", link::confirm(&reader, &plain)),
        screen("links", link::links(&reader, &office(), Some(&code))),
        screen("links of an empty account", link::links(&reader, &draft(), None)),
        screen("many at once", lists::start(&reader, &[made])),
        screen("preview", lists::preview(&reader, &preview)),
        screen("preview to give", lists::preview(&reader, &given)),
        screen("preview of nothing", lists::preview(&reader, &hopeless)),
        screen("status board", lists::board(&reader, &board())),
        screen("a number", dialled::dialled(&reader, &sent_number())),
        screen(
            "a number without accounts",
            dialled::dialled(&reader, &Dialled { lines: vec![], ..sent_number() }),
        ),
    ]
}

fn sent_number() -> Dialled {
    let outcomes = [
        ("Office", Outcome::Allowed("79261234567".to_owned())),
        ("Second line", Outcome::Allowed(String::new())),
        ("Night shift", Outcome::Refused { rule: r"^79\d{9}$".to_owned() }),
        ("Home", Outcome::TooLong),
    ];
    let line = |(title, outcome): (&str, Outcome)| DialledLine { title: title.to_owned(), outcome };
    Dialled { number: "8 (926) 123-45-67".to_owned(), lines: outcomes.map(line).into() }
}

fn board() -> BulkBoard {
    let states = [
        ("Anna", BulkState::Made),
        ("1002", BulkState::Sent { until: at(3) }),
        ("Petr", BulkState::Taken { by: petr() }),
        ("1004", BulkState::Expired),
        ("1005", BulkState::Cancelled),
    ];
    let line = |(title, state): (&str, BulkState)| BulkBoardLine {
        account: number(),
        offer: token(),
        title: title.to_owned(),
        state,
    };
    BulkBoard {
        batch: batch(),
        server: "Asterisk (pbx.example.com)".to_owned(),
        lines: states.map(line).into(),
        counts: BulkCounts { made: 5, sent: 2, taken: 4, over: 1 },
        page: 0,
    }
}
