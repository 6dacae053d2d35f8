//! No screen asks Telegram for more than it allows (Bot API 10.1: `sendMessage`, `InlineKeyboardButton`,
//! `answerCallbackQuery`, `answerInlineQuery`, `ForceReply`).

use super::people::{office, reader};
use super::specimens::{GROUPS, Shown, Specimen};
use super::widest::widest;
use crate::button::Button;
use crate::outgoing::{InlineResult, Key, KeyDoes, Keys, PickKey, Screen};
use crate::screen::{alert, card, refusal};
use crate::view::AccountCard;
use domain::person::Language;

const LANGUAGES: [Language; 2] = [Language::En, Language::Ru];

fn everything() -> impl Iterator<Item = Specimen> {
    LANGUAGES.into_iter().flat_map(|language| {
        let groups = GROUPS.iter().flat_map(move |group| group(language));
        groups.chain(widest(language))
    })
}

/// Telegram counts UTF-16 units after entities are parsed.
fn visible(html: &str) -> String {
    let bare: String = html
        .split('<')
        .enumerate()
        .map(|(i, part)| if i == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) })
        .collect();
    bare.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn check_screen(name: &str, screen: &Screen) {
    let length = units(&visible(&screen.html));
    assert!((1..=4096).contains(&length), "{name}: a text of {length} characters");
    match &screen.keys {
        Keys::Inline(rows) => {
            assert!(rows.iter().map(Vec::len).sum::<usize>() <= 100, "{name}: too many buttons");
            rows.iter()
                .for_each(|row| assert!((1..=8).contains(&row.len()), "{name}: a row of {}", row.len()));
            rows.iter().flatten().for_each(|key| check_key(name, key));
        }
        Keys::ForceReply { placeholder } => {
            assert!((1..=64).contains(&units(placeholder)), "{name}: {placeholder}");
        }
        Keys::Pick(rows) => rows.iter().flatten().for_each(|key| check_pick(name, key)),
        Keys::None | Keys::RemovePick => {}
    }
}

fn check_key(name: &str, key: &Key) {
    assert!((1..=96).contains(&units(&key.label)), "{name}: {}", key.label);
    match &key.does {
        KeyDoes::Press(data) => {
            assert!((1..=64).contains(&data.len()), "{name}: {data}");
            assert!(data.parse::<Button>().is_ok(), "{name}: {data} is no button of ours");
        }
        KeyDoes::ChooseChat { query } | KeyDoes::TypeHere { query } => {
            assert!(units(query) <= 256, "{name}: {query}");
        }
        KeyDoes::Open { url } => assert!(url.starts_with("https://t.me/"), "{name}: {url}"),
        KeyDoes::Copy { text } => assert!((1..=256).contains(&units(text)), "{name}: {text}"),
        KeyDoes::WebApp { url } => assert!(url.starts_with("https://"), "{name}: {url}"),
    }
}

fn check_pick(name: &str, key: &PickKey) {
    let label = match key {
        PickKey::User { label, .. }
        | PickKey::Chat { label, .. }
        | PickKey::Contact { label }
        | PickKey::Text { label } => label,
    };
    assert!((1..=64).contains(&units(label)), "{name}: {label}");
}

fn check_result(name: &str, result: &InlineResult) {
    assert!((1..=64).contains(&result.id.len()), "{name}: {}", result.id);
    assert!((1..=160).contains(&units(&result.title)), "{name}: {}", result.title);
    assert!(units(&result.description) <= 512, "{name}: {}", result.description);
    check_screen(name, &result.screen);
}

#[test]
fn no_screen_exceeds_telegrams_limits() {
    for Specimen { name, shown } in everything() {
        match shown {
            Shown::Screen(screen) => check_screen(&name, &screen),
            Shown::Text(_) => {}
            Shown::Results(results) => {
                assert!(results.len() <= 50, "{name}");
                results.iter().for_each(|result| check_result(&name, result));
            }
        }
    }
}

#[test]
fn no_alert_exceeds_200_characters() {
    for language in LANGUAGES {
        for Specimen { name, shown } in (GROUPS[9])(language) {
            if let Shown::Text(text) = shown {
                assert!((1..=200).contains(&units(&text)), "{name}: {text}");
            }
        }
        let reader = reader(language);
        let refused = refusal::refused(&reader, &domain::sip_account::Refusal::AlreadyTaken);
        assert_ne!(refused, alert::trouble(&reader, alert::Trouble::SomethingWrong));
    }
}

#[test]
fn every_tag_in_every_screen_is_closed_and_no_value_brings_one() {
    for Specimen { name, shown } in everything() {
        let screens = match shown {
            Shown::Screen(screen) => vec![screen],
            Shown::Results(results) => results.into_iter().map(|result| result.screen).collect(),
            Shown::Text(_) => vec![],
        };
        for screen in screens {
            let mut open: Vec<&str> = Vec::new();
            for tag in
                screen.html.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag))
            {
                match tag.strip_prefix('/') {
                    Some(tag) => assert_eq!(open.pop(), Some(tag), "{name}: {}", screen.html),
                    None => {
                        assert!(["b", "i", "code"].contains(&tag), "{name}: <{tag}>");
                        open.push(tag);
                    }
                }
            }
            assert!(open.is_empty(), "{name}: {}", screen.html);
            assert!(!screen.html.contains('\u{202e}'), "{name}");
        }
    }
}

#[test]
fn no_button_is_a_picture_alone() {
    for Specimen { name, shown } in everything() {
        if let Shown::Screen(Screen { keys: Keys::Inline(rows), .. }) = shown {
            for key in rows.iter().flatten() {
                let pages = key.label == "‹" || key.label == "›";
                let keypad = key.label == "*" || key.label == "#";
                let words = key.label.chars().any(char::is_alphanumeric);
                assert!(pages || keypad || words, "{name}: {}", key.label);
            }
        }
    }
}

#[test]
fn back_or_cancel_stands_last_and_no_stands_before_yes() {
    for language in LANGUAGES {
        let t = crate::text::Texts::of(language);
        for group in [GROUPS[2], GROUPS[4]] {
            for Specimen { name, shown } in group(language) {
                let Shown::Screen(Screen { keys: Keys::Inline(rows), .. }) = shown else { continue };
                let last = rows.last().and_then(|row| row.last()).map(|key| key.label.clone());
                let ways_out = [t.back(), t.cancel(), t.softphone()];
                assert!(last.as_ref().is_some_and(|last| ways_out.contains(last)), "{name}: {last:?}");
            }
        }
        let asked = crate::screen::delete::ask(&reader(language), &office());
        let Keys::Inline(rows) = asked.keys else { panic!("the question has buttons") };
        let labels: Vec<String> = rows.into_iter().flatten().map(|key| key.label).collect();
        assert_eq!(labels, [t.no(), t.yes()]);
    }
}

#[test]
fn a_card_shows_that_there_is_a_password_and_never_which() {
    let shown = card::card(&reader(Language::En), &office());
    let Keys::Inline(rows) = shown.keys else { panic!("a card has buttons") };
    assert!(rows.iter().flatten().any(|key| key.label == "Password: ••••"));
    let without = card::card(&reader(Language::En), &AccountCard { has_password: false, ..office() });
    let Keys::Inline(rows) = without.keys else { panic!("a card has buttons") };
    assert!(rows.iter().flatten().any(|key| key.label == "Password: –"));
}
