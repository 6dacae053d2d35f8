//! Specimens of links and of many accounts at once.

use super::people::{at, batch, draft, number, office, petr, reader, token};
use super::specimens::{Specimen, screen};
use crate::screen::{bulk as lists, link};
use crate::view::{
    BatchLine, BulkBoard, BulkBoardLine, BulkCounts, BulkLine, BulkPreview, BulkProblemLine, BulkState,
    LinkedAccount,
};
use domain::bulk::Why;
use domain::person::Language;
use domain::settings::{BadSetting, TemplateCode};
use domain::sip_account::Grant;

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
    ]
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
