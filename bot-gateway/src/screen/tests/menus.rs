//! Specimens of the menu: start, list, card, prompts, editors, handing over.

use super::people::{anna, at, draft, failed, ivan, number, office, olga, open_offers, petr, reader, token};
use super::specimens::{Specimen, screen, text};
use crate::button::Ask;
use crate::screen::people::PickFor;
use crate::screen::{
    audio, card as cards, delete, home as start, list as accounts, people, prompt as prompts, rules,
    settings, template, transfer,
};
use crate::view::{
    AccountCard, AccountLine, AccountList, Health, OpenOffer, Standing, TemplateLine, TemplatePage,
};
use domain::dial_rules::{DialRules, WhyBadRule};
use domain::loan_end::BadLoanEnd;
use domain::person::Language;
use domain::settings::{BadSetting, TemplateCode};
use domain::sip_account::OfferKind;

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
    let back = OpenOffer { offer: token(), kind: OfferKind::Return };
    let used = with(Standing::Used { owner: olga() }, Health::Active);
    let given_back = AccountCard { offers: vec![back], ..used };
    let not_met = AccountCard { write_first: Some("tandem_calls".to_owned()), ..office() };
    let pending = AccountCard { applies_at: Some(at(4)), ..with(Standing::Own, Health::NotRegisteredYet) };
    vec![
        screen("own and active", cards::card(&reader, &office())),
        screen("not met yet", cards::card(&reader, &not_met)),
        screen("on offer", cards::card(&reader, &AccountCard { offers: open_offers(), ..office() })),
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
        screen("as user who gives it back", cards::card(&reader, &given_back)),
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
    for bad in [BadLoanEnd::Unknown, BadLoanEnd::Past, BadLoanEnd::TooFar] {
        all.push(screen(format!("wrong: {bad}"), prompts::wrong_loan_end(&reader, bad)));
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
    for (name, what_for) in [
        ("user", PickFor::User),
        ("loan", PickFor::Loan { hours: 24 }),
        ("dated loan", PickFor::LoanUntil { until: at(5000) }),
        ("offer", PickFor::Offer),
    ] {
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
