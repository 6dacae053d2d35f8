//! Many accounts at once: how to send a list, what was understood of it, and how its offers stand.

use super::parts::{Page, choose_chat, labelled, left, moment, pages, person, press};
use super::wrong::bad_setting_line;
use crate::button::Button;
use crate::outgoing::{Key, Screen};
use crate::text::{Html, cut};
use crate::typed::Typed;
use crate::view::{BatchLine, BulkBoard, BulkBoardLine, BulkPreview, BulkState, Reader};
use domain::bulk::{MAX_LINES, Why};
use domain::sip_account::Grant;

/// Lines of a prepared list on one page.
pub const PREVIEW_PAGE: usize = 20;

/// Problems that are shown at once; the first ones are enough to see what is wrong with a file.
const PROBLEMS: usize = 10;

/// How to send a list, and the lists made so far.
#[must_use]
pub fn start(reader: &Reader<'_>, batches: &[BatchLine]) -> Screen {
    let t = reader.t();
    let mut page = Page::new(t.bulk_title()).para(t.bulk_how()).para(t.bulk_example()).para(t.bulk_then());
    for batch in batches.iter().take(5) {
        let made = moment(reader, batch.made);
        let label = t.bulk_batch(&made, batch.taken, batch.offers);
        page = page.row([press(label, Button::BulkBoard(batch.batch.clone(), 0))]);
    }
    page.row([press(t.back(), Button::Home)]).screen()
}

/// What was understood of a list: the accounts to be, and the lines that can't be used. Passwords are not shown.
#[must_use]
pub fn preview(reader: &Reader<'_>, view: &BulkPreview) -> Screen {
    let t = reader.t();
    let batch = &view.batch;
    let problems = view.problems.iter().take(PROBLEMS).map(|one| t.bulk_problem(one.line, &one.why));
    let mut page = Page::new(t.bulk_preview(view.lines.len(), &view.server)).list(reader, problems);
    if view.problems.len() > PROBLEMS {
        page = page.line(t.and_more(view.problems.len() - PROBLEMS));
    }
    if view.lines.is_empty() {
        return page.para(t.bulk_nothing()).row([press(t.back(), Button::Bulk)]).screen();
    }
    let first = usize::from(view.page) * PREVIEW_PAGE;
    let shown = view.lines.get(first..).unwrap_or_default().iter().take(PREVIEW_PAGE);
    let lines = shown.map(|line| match &line.name {
        Some(name) => t.bulk_line_named(line.line, &cut(&line.login, 40), &cut(name, 40)),
        None => t.bulk_line(line.line, &cut(&line.login, 40)),
    });
    let other = match view.grant {
        Grant::Give => Grant::Assign,
        Grant::Assign => Grant::Give,
    };
    let grant = match view.grant {
        Grant::Give => t.bulk_grant_give(),
        Grant::Assign => t.bulk_grant_assign(),
    };
    page.para(t.bulk_accounts())
        .list(reader, lines)
        .para(t.bulk_preview_next())
        .pager(view.page, pages(view.lines.len(), PREVIEW_PAGE), |to| Button::BulkPreview(batch.clone(), to))
        .row([press(grant, Button::BulkGrant(batch.clone(), other))])
        .row([
            press(t.cancel(), Button::BulkDrop(batch.clone())),
            press(t.bulk_make(), Button::BulkMake(batch.clone())),
        ])
        .screen()
}

/// The status board: what was made, sent, and taken by whom. Pressing an offer that waits opens a chat to send it.
#[must_use]
pub fn board(reader: &Reader<'_>, view: &BulkBoard) -> Screen {
    let t = reader.t();
    let counts = view.counts;
    let mut page = Page::new(t.bulk_board(&view.server)).line(t.bulk_counts(
        counts.total(),
        counts.made,
        counts.sent,
        counts.taken,
        counts.over,
    ));
    let mut lines = view.lines.iter().map(|line| state(reader, line));
    if let Some(first) = lines.next() {
        page = page.para(first);
    }
    for line in lines {
        page = page.line(line);
    }
    for line in &view.lines {
        page = page.row(send(reader, line).into_iter().chain(recall(reader, line)));
    }
    let board = |to| Button::BulkBoard(view.batch.clone(), to);
    page.para(t.bulk_board_next())
        .pager(view.page, pages(counts.total(), BulkBoard::PAGE), board)
        .row([press(t.refresh(), board(view.page)), press(t.back(), Button::Bulk)])
        .screen()
}

/// Why a line of a list is left out.
#[must_use]
pub fn problem(reader: &Reader<'_>, why: &Why) -> String {
    let t = reader.t();
    let bad = |why| bad_setting_line(reader, why);
    match why {
        Why::LoginMissing => t.bulk_login_missing(),
        Why::PasswordMissing => t.bulk_password_missing(),
        Why::BadLogin(why) => t.bulk_bad_login(&bad(why)),
        Why::BadPassword(why) => t.bulk_bad_password(&bad(why)),
        Why::BadName(why) => t.bulk_bad_name(&bad(why)),
        Why::Twice { first } => t.bulk_twice(&first.to_string()),
        Why::OpenQuote => t.bulk_open_quote(),
        Why::TooManyValues => t.bulk_too_many_values(),
        Why::TooManyLines { left_out } => t.bulk_too_many_lines(&MAX_LINES.to_string(), *left_out),
    }
}

fn state(reader: &Reader<'_>, line: &BulkBoardLine) -> Html {
    let t = reader.t();
    match &line.state {
        BulkState::Made => t.bulk_made(&line.title),
        BulkState::Sent { until } => t.bulk_sent(&line.title, &left(reader, *until)),
        BulkState::Taken { by } => t.bulk_taken(&line.title, &person(reader, by)),
        BulkState::Expired => t.bulk_expired(&line.title),
        BulkState::Cancelled => t.bulk_cancelled(&line.title),
    }
}

/// The key that sends an offer which waits; an offer that is over or taken has none.
fn send(reader: &Reader<'_>, line: &BulkBoardLine) -> Option<Key> {
    let t = reader.t();
    match &line.state {
        BulkState::Made | BulkState::Sent { .. } => {
            let label = labelled(&t.bulk_send(), Some(&cut(&line.title, 24)));
            Some(choose_chat(label, &Typed::Send { account: line.account, offer: line.offer.clone() }))
        }
        BulkState::Taken { .. } | BulkState::Expired | BulkState::Cancelled => None,
    }
}

/// The key that calls an offer back, beside the one that sends it.
fn recall(reader: &Reader<'_>, line: &BulkBoardLine) -> Option<Key> {
    match &line.state {
        BulkState::Made | BulkState::Sent { .. } => {
            let button = Button::CancelOffer { account: line.account, offer: line.offer.clone() };
            Some(press(reader.t().bulk_recall(), button))
        }
        BulkState::Taken { .. } | BulkState::Expired | BulkState::Cancelled => None,
    }
}
