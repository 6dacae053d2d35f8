//! The picker of settings templates: pages from A to Z, and a search by the beginning of a name.

use super::parts::{Page, pages, press, title};
use crate::button::{Ask, Button};
use crate::outgoing::Screen;
use crate::text::cut;
use crate::view::{AccountCard, Reader, TemplatePage};

/// A page of the catalogue, or of what was found.
#[must_use]
pub fn templates(reader: &Reader<'_>, card: &AccountCard, found: &TemplatePage) -> Screen {
    let t = reader.t();
    let account = card.account;
    let mut page = Page::new(t.templates_title(&title(reader, &card.title)));
    page = match (&found.search, found.total) {
        (Some(search), 0) => page.para(t.templates_none(search)),
        (Some(search), total) => page.para(t.templates_found(search, total)),
        (None, total) => page.para(t.templates_text(&range(found), total)),
    };
    page = page.flow(
        found
            .lines
            .iter()
            .map(|line| press(cut(&line.name, 30), Button::Template(account, line.code.clone()))),
    );
    if found.search.is_none() {
        page = page
            .pager(found.page, pages(found.total, TemplatePage::PAGE), |to| Button::Templates(account, to));
    } else {
        page = page.row([press(t.templates_all(), Button::Templates(account, 0))]);
    }
    page.row([press(t.find_template(), Button::Ask(account, Ask::FindTemplate))])
        .row([press(t.back(), Button::Account(account))])
        .screen()
}

/// The first letters of a page: "A–F".
fn range(found: &TemplatePage) -> String {
    let letter = |name: &str| name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let first = found.lines.first().map(|line| letter(&line.name)).unwrap_or_default();
    let last = found.lines.last().map(|line| letter(&line.name)).unwrap_or_default();
    if first == last { first } else { format!("{first}–{last}") }
}
