//! A number that a person sent: which of their accounts may dial it, and as what. Calls are not placed yet, and it says so.

use super::parts::{Page, press, title};
use crate::button::Button;
use crate::outgoing::Screen;
use crate::view::Reader;
use domain::dial_rules::Outcome;

/// A number, as each account would dial it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialled {
    /// The number as sent.
    pub number: String,
    /// The accounts that the person calls with.
    pub lines: Vec<DialledLine>,
}

/// What one account makes of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialledLine {
    /// The account's name, else `login@domain`.
    pub title: String,
    /// What its dial rules make of the number.
    pub outcome: Outcome,
}

/// What would be dialled.
#[must_use]
pub fn dialled(reader: &Reader<'_>, view: &Dialled) -> Screen {
    let t = reader.t();
    let mut page = Page::new(t.dialled_title(&view.number));
    if view.lines.is_empty() {
        return page.para(t.dialled_nobody()).row([press(t.softphone(), Button::Accounts(0))]).screen();
    }
    page = page.para(t.dialled_later());
    for line in &view.lines {
        let name = title(reader, &line.title);
        page = page.line(match &line.outcome {
            Outcome::Allowed(number) if number.is_empty() => t.dialled_empty(&name),
            Outcome::Allowed(number) => t.dialled_as(&name, number),
            Outcome::Refused { rule } => t.dialled_refused(&name, rule),
            Outcome::TooLong => t.dialled_too_long(&name),
        });
    }
    page.row([press(t.softphone(), Button::Accounts(0))]).screen()
}
