//! Dial rules: the list, what rules are, and the tracer that tells what each one does to a number.

use super::parts::{Page, press, title};
use crate::button::{Ask, Button};
use crate::outgoing::Screen;
use crate::text::Html;
use crate::view::{AccountCard, Reader};
use domain::dial_rules::{Effect, Outcome, Step, Trace};

/// The rules of an account and what may be done with them.
#[must_use]
pub fn rules(reader: &Reader<'_>, card: &AccountCard) -> Screen {
    let t = reader.t();
    let mut page = Page::new(t.rules_title(&title(reader, &card.title)));
    let list: Vec<&str> = card.rules.split_whitespace().collect();
    if list.is_empty() {
        page = page.para(t.rules_none());
    } else {
        let lines = list.iter().enumerate().map(|(index, rule)| t.rules_line(index + 1, *rule));
        page = page.para(t.rules_list()).list(reader, lines);
    }
    let account = card.account;
    let clear = (!list.is_empty()).then(|| press(t.rules_clear(), Button::Clear(account, Ask::Rules)));
    page.para(t.rules_explained())
        .row([press(t.rules_edit(), Button::Ask(account, Ask::Rules))])
        .row([press(t.try_number(), Button::Ask(account, Ask::TryNumber))])
        .row(clear)
        .row([press(t.back(), Button::Account(account))])
        .screen()
}

/// What the rules do to a number, rule by rule.
#[must_use]
pub fn trace(reader: &Reader<'_>, card: &AccountCard, trace: &Trace) -> Screen {
    let t = reader.t();
    let steps = trace.steps.iter().enumerate().map(|(index, step)| line(reader, index + 1, step));
    let page = Page::new(t.trace_title(&title(reader, &card.title)))
        .para(t.trace_input(&trace.input))
        .list(reader, steps);
    let outcome = match &trace.outcome {
        Outcome::Allowed(number) if number.is_empty() => t.trace_empty(),
        Outcome::Allowed(number) => t.trace_allowed(number),
        Outcome::Refused { rule } => t.trace_refused(rule),
        Outcome::TooLong => t.trace_too_long(),
    };
    page.para(outcome)
        .row([press(t.try_another(), Button::Ask(card.account, Ask::TryNumber))])
        .row([press(t.rules_edit(), Button::Ask(card.account, Ask::Rules))])
        .row([press(t.back(), Button::Rules(card.account))])
        .screen()
}

fn line(reader: &Reader<'_>, number: usize, step: &Step) -> Html {
    let t = reader.t();
    match step.effect {
        Effect::Replaced { .. } if step.after.is_empty() => t.trace_emptied(number, &step.rule),
        Effect::Replaced { times } => t.trace_replaced(number, &step.rule, &step.after, times),
        Effect::NothingFound => t.trace_nothing(number, &step.rule),
        Effect::Passed => t.trace_passed(number, &step.rule),
        Effect::Stopped => t.trace_stopped(number, &step.rule),
        Effect::GrewTooLong => t.trace_grew(number, &step.rule),
    }
}
