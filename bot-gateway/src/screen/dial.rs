//! From a number to a call: which number, which line, or why there is none (product reference 3.3, 6).

use super::parts::{Page, health, phone_key, press, short_title, title};
use crate::button::Button;
use crate::outgoing::{Key, Screen};
use crate::text::{Html, cut};
use crate::view::Reader;
use crate::view::call::{Choice, Line, NoLine, Phone, WhyNot};
use domain::dial_rules::Outcome;

/// Lines and numbers that get a button; nobody reads more.
const BUTTONS: usize = 20;

/// Several lines fit: one button each.
#[must_use]
pub fn choose_line(reader: &Reader<'_>, choice: u32, place: u16, number: &str, lines: &[Line]) -> Screen {
    let t = reader.t();
    let shown = lines.iter().take(BUTTONS);
    let dials = shown.clone().filter(|line| line.dials != number);
    let mut page = Page::new(t.dial_number(number)).para(t.dial_which_line());
    for line in dials {
        page = page.line(t.dialled_as(&title(reader, &line.title), &line.dials));
    }
    let key =
        |line: &Line| press(short_title(reader, &line.title), Button::DialOn(choice, place, line.account));
    page.flow(shown.map(key)).screen()
}

/// A contact with several numbers: one button each.
#[must_use]
pub fn choose_number(reader: &Reader<'_>, view: &Choice) -> Screen {
    let t = reader.t();
    let key = |(place, number): (usize, &String)| {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        press(cut(number, 24), Button::DialNumber(view.choice, place))
    };
    Page::new(t.dial_which_number()).flow(view.numbers.iter().enumerate().take(BUTTONS).map(key)).screen()
}

/// No account dials this number, and why each of them does not.
#[must_use]
pub fn no_lines(reader: &Reader<'_>, number: &str, lines: &[NoLine]) -> Screen {
    let t = reader.t();
    let mut page = Page::new(t.no_lines(number));
    if lines.is_empty() {
        return page.para(t.no_lines_nobody()).row([press(t.softphone(), Button::Accounts(0))]).screen();
    }
    let lines: Vec<&NoLine> = lines.iter().take(BUTTONS).collect();
    page = page.list(reader, lines.iter().map(|line| why(reader, line)));
    let key =
        |line: &&NoLine| -> Key { press(short_title(reader, &line.title), Button::Account(line.account)) };
    page.para(t.no_lines_next()).flow(lines.iter().take(8).map(key)).screen()
}

fn why(reader: &Reader<'_>, line: &NoLine) -> Html {
    let (t, name) = (reader.t(), title(reader, &line.title));
    match &line.why {
        WhyNot::Health(state) => t.no_line_state(&name, &health(reader, state)),
        WhyNot::UsedByAnother => t.no_line_used(&name),
        WhyNot::Rules(Outcome::Refused { rule }) => t.dialled_refused(&name, rule),
        WhyNot::Rules(Outcome::TooLong) => t.dialled_too_long(&name),
        WhyNot::Rules(Outcome::Allowed(_)) => t.dialled_empty(&name),
    }
}

/// What was to be dialled can't be.
#[must_use]
pub fn bad_number(reader: &Reader<'_>) -> Screen {
    Page::new(reader.t().dial_bad_number()).screen()
}

/// The phone, and why calls may not ring.
#[must_use]
pub fn phone(reader: &Reader<'_>, phone: &Phone) -> Screen {
    let t = reader.t();
    let text = if phone.page.is_some() { t.phone_text() } else { t.phone_none() };
    Page::new(text)
        .row(phone_key(reader, phone))
        .row([press(t.call_help_button(), Button::CallHelp)])
        .screen()
}

/// Why calls may not ring, and what to do (product reference 3.4 step 5, 3.5: 380).
#[must_use]
pub fn help(reader: &Reader<'_>, phone: &Phone) -> Screen {
    let t = reader.t();
    let mut page = Page::new(t.call_help_title());
    if let Some(account) = &phone.account {
        page = page.para(t.call_help_privacy(account)).para(t.call_help_devices());
    }
    page = match phone.page {
        Some(_) => page.para(t.call_help_page()),
        None => page,
    };
    page.para(t.call_help_sound())
        .row(phone_key(reader, phone))
        .row([press(t.softphone(), Button::Accounts(0))])
        .screen()
}
