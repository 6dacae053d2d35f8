//! Every screen in every language, as people see it, and within Telegram's limits.

mod calls;
mod chats;
mod limits;
mod lists;
mod menus;
mod people;
mod specimens;
mod widest;

use crate::outgoing::{InlineResult, Key, KeyDoes, Keys, PickKey, Screen};
use domain::person::Language;
use specimens::{Shown, Specimen};
use std::fmt::Write as _;

/// The compact form of what is shown: the text, then each row of keys as `[label](what it does)`.
fn draw(specimens: &[Specimen]) -> String {
    let mut drawn = String::new();
    for specimen in specimens {
        let shown = match &specimen.shown {
            Shown::Screen(screen) => draw_screen(screen),
            Shown::Text(text) => format!("{text}\n"),
            Shown::Results(results) => results.iter().map(draw_result).collect(),
        };
        let _ = writeln!(drawn, "=== {}\n{shown}", specimen.name);
    }
    drawn
}

fn draw_result(result: &InlineResult) -> String {
    format!("({}) {}\n{}\n---\n{}", result.id, result.title, result.description, draw_screen(&result.screen))
}

fn draw_screen(screen: &Screen) -> String {
    let mut drawn = format!("{}\n", screen.html);
    match &screen.keys {
        Keys::None => {}
        Keys::Inline(rows) => {
            for row in rows {
                let row: Vec<String> = row.iter().map(draw_key).collect();
                let _ = writeln!(drawn, "{}", row.join(" "));
            }
        }
        Keys::ForceReply { placeholder } => {
            let _ = writeln!(drawn, "<reply: {placeholder}>");
        }
        Keys::Pick(rows) => {
            for row in rows {
                let row: Vec<String> = row.iter().map(draw_pick).collect();
                let _ = writeln!(drawn, "{}", row.join(" "));
            }
        }
        Keys::RemovePick => drawn.push_str("<pickers go>\n"),
    }
    if screen.silent {
        drawn.push_str("<silent>\n");
    }
    drawn
}

fn draw_key(key: &Key) -> String {
    let does = match &key.does {
        KeyDoes::Press(data) => data.clone(),
        KeyDoes::ChooseChat { query } => format!("choose a chat: @bot {query}"),
        KeyDoes::TypeHere { query } => format!("type here: @bot {query}"),
        KeyDoes::Open { url } => url.clone(),
        KeyDoes::Copy { text } => format!("copy: {text}"),
        KeyDoes::WebApp { url } => format!("inside Telegram: {url}"),
    };
    format!("[{}]({does})", key.label)
}

fn draw_pick(key: &PickKey) -> String {
    match key {
        PickKey::User { label, request } => format!("<{label}: a user, {request}>"),
        PickKey::Chat { label, request, channel: false } => format!("<{label}: a chat, {request}>"),
        PickKey::Chat { label, request, channel: true } => format!("<{label}: a channel, {request}>"),
        PickKey::Contact { label } => format!("<{label}: a contact>"),
        PickKey::Text { label } => format!("<{label}>"),
    }
}

fn check(group: &str, specimens: fn(Language) -> Vec<Specimen>) {
    insta::assert_snapshot!(format!("{group}_en"), draw(&specimens(Language::En)));
    insta::assert_snapshot!(format!("{group}_ru"), draw(&specimens(Language::Ru)));
}

#[test]
fn the_start_help_and_language_screens_look_so() {
    check("home", menus::home);
}

#[test]
fn the_list_looks_so() {
    check("list", menus::list);
}

#[test]
fn the_card_looks_so_for_owner_user_and_borrower() {
    check("card", menus::card);
}

#[test]
fn the_prompts_look_so() {
    check("prompt", menus::prompt);
}

#[test]
fn the_editors_look_so() {
    check("editors", menus::editors);
}

#[test]
fn users_loans_transfer_and_delete_look_so() {
    check("hand_over", menus::hand_over);
}

#[test]
fn offers_in_chats_look_so() {
    check("offers", chats::offers);
}

#[test]
fn inline_results_look_so() {
    check("inline", chats::inline);
}

#[test]
fn notices_look_so() {
    check("notices", chats::notices);
}

#[test]
fn alerts_and_toasts_look_so() {
    check("alerts", chats::alerts);
}

#[test]
fn links_and_lists_look_so() {
    check("links_and_lists", lists::links_and_lists);
}

#[test]
fn the_card_of_a_call_looks_so_at_every_stage() {
    check("calls", calls::calls);
}

#[test]
fn the_way_from_a_number_to_a_call_looks_so() {
    check("dialling", calls::dialling);
}
