//! The list of sentences and the two files agree, and every sentence keeps to the limits of its place.

use super::sentences::ALL;
use super::{Html, Kind, Long, Sentence, Texts, Value};
use domain::person::Language;
use fluent::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

const FILES: [(&str, &str); 2] = [("en", include_str!("en.ftl")), ("ru", include_str!("ru.ftl"))];
const LANGUAGES: [Language; 2] = [Language::En, Language::Ru];

/// The values that each sentence of a file uses.
fn values(source: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = FluentResource::try_new(source.to_owned()).expect("the file is well formed");
    let used = |message: &Message<&str>| {
        let mut names = BTreeSet::new();
        collect(message.value.as_ref().expect("a message has words"), &mut names);
        (message.id.name.to_owned(), names)
    };
    resource
        .entries()
        .filter_map(|entry| match entry {
            Entry::Message(message) => Some(used(message)),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => None,
            Entry::Term(_) | Entry::Junk { .. } => panic!("only messages and comments: {entry:?}"),
        })
        .collect()
}

fn collect(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => variable(inline, names),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                variable(selector, names);
                variants.iter().for_each(|variant| collect(&variant.value, names));
            }
        }
    }
}

fn variable(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    if let InlineExpression::VariableReference { id } = inline {
        names.insert(id.name.to_owned());
    } else {
        let literal = matches!(inline, InlineExpression::StringLiteral { .. });
        assert!(literal, "only values and literal signs: {inline:?}");
    }
}

/// A sentence with every value as wide as it may be.
fn widest(texts: &Texts, sentence: &Sentence, count: usize) -> String {
    let wide = "W".repeat(400);
    let values: Vec<_> =
        sentence.values.iter().map(|name| (*name, widest_value(name, &wide, count))).collect();
    texts.say(sentence.key, sentence.kind, &values)
}

fn widest_value<'a>(name: &str, wide: &'a str, count: usize) -> Value<'a> {
    match name {
        "count" | "total" | "owned" | "limit" | "max" | "times" | "place" | "made" | "sent" | "taken"
        | "over" | "offers" => Value::Count(count),
        "code" => Value::Text("503"),
        "number" | "account" => Value::Text("999999999"),
        "at" | "since" | "due" => Value::Text("2026-11-22, 12:05 UTC"),
        _ => Value::Text(wide),
    }
}

#[test]
fn every_sentence_is_in_every_language_with_the_same_values_and_none_is_left_over() {
    let listed: BTreeMap<String, BTreeSet<String>> = ALL
        .iter()
        .map(|one| (one.key.to_owned(), one.values.iter().map(|name| (*name).to_owned()).collect()))
        .collect();
    for (language, source) in FILES {
        let written = values(source);
        for (key, names) in &listed {
            assert_eq!(written.get(key), Some(names), "`{key}` in {language}.ftl");
        }
        for key in written.keys() {
            assert!(listed.contains_key(key), "`{key}` in {language}.ftl is said nowhere");
        }
    }
}

#[test]
fn every_sentence_is_said_without_a_gap() {
    for language in LANGUAGES {
        for sentence in ALL {
            for count in [0, 1, 2, 5, 21] {
                let said = widest(Texts::of(language), sentence, count);
                assert!(
                    !said.is_empty() && !said.contains("{$") && !said.contains("{ $"),
                    "{}",
                    sentence.key
                );
                assert_eq!(said, said.trim(), "{}", sentence.key);
            }
        }
    }
}

#[test]
fn every_sentence_fits_its_place() {
    for language in LANGUAGES {
        for sentence in ALL {
            let said = widest(Texts::of(language), sentence, 21).chars().count();
            let values = sentence.values.len() * sentence.kind.widest_value();
            let (room, what) = match sentence.kind {
                Kind::Label => (28 + values, "a button"),
                Kind::Alert => (200, "an alert"),
                Kind::Placeholder => (64, "an input field"),
                Kind::Line => (96 + values, "a line"),
                Kind::Html => (1024, "a paragraph"),
            };
            assert!(said <= room, "`{}` has {said} characters, {what} has room for {room}", sentence.key);
        }
    }
}

#[test]
fn every_tag_is_one_of_telegrams_and_is_closed() {
    for language in LANGUAGES {
        for sentence in ALL {
            let said = widest(Texts::of(language), sentence, 2);
            let mut open = Vec::new();
            for tag in said.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
                assert_eq!(sentence.kind, Kind::Html, "`{}` is shown as plain text", sentence.key);
                match tag.strip_prefix('/') {
                    Some(tag) => assert_eq!(open.pop(), Some(tag), "{}", sentence.key),
                    None => {
                        assert!(["b", "i", "code"].contains(&tag), "`{tag}` in {}", sentence.key);
                        open.push(tag);
                    }
                }
            }
            assert!(open.is_empty(), "`{}` leaves {open:?} open", sentence.key);
        }
    }
}

#[test]
fn counted_words_follow_the_plural_forms_of_the_language() {
    let said = |language, count: usize| Texts::of(language).span_minutes(count);
    let russian: Vec<String> = [1, 3, 5, 11, 21, 22].map(|count| said(Language::Ru, count)).into();
    assert_eq!(russian, ["1 минуту", "3 минуты", "5 минут", "11 минут", "21 минуту", "22 минуты"]);
    let english: Vec<String> = [0, 1, 2, 21].map(|count| said(Language::En, count)).into();
    assert_eq!(english, ["0 minutes", "1 minute", "2 minutes", "21 minutes"]);
}

#[test]
fn a_value_comes_without_invisible_marks_around_it() {
    assert_eq!(Texts::of(Language::En).moment_today("12:05"), "12:05 UTC");
}

#[test]
fn a_value_in_markup_is_escaped_once_and_markup_made_before_is_kept() {
    let t = Texts::of(Language::En);
    assert_eq!(t.deleted("<b>&").to_string(), "&lt;b&gt;&amp; is deleted.");
    let user: Html = t.card_lent("<Ivan>", "12:05 UTC", "5 minutes");
    assert_eq!(
        t.card_user(&user).to_string(),
        "User: &lt;Ivan&gt;, on loan until 12:05 UTC (5 minutes left)"
    );
}

#[test]
fn a_value_on_a_button_is_plain_and_short() {
    let label = Texts::of(Language::En).chosen(&"<x> ".repeat(20));
    assert_eq!(label, "<x> <x> <x> <x> <x> <x>…: chosen");
}

#[test]
fn a_list_of_rules_has_more_room_than_a_name() {
    let t = Texts::of(Language::En);
    let rules = "^8=7 ".repeat(60);
    assert_eq!(t.waiting_current(Long(&rules)).to_string().chars().count(), "Now: <code></code>".len() + 299);
    assert_eq!(t.deleted(&rules).to_string().chars().count(), " is deleted.".len() + 128);
}

/// Every vowel accented and doubled, tags left alone: longer by a third, as many languages are.
fn pseudo(text: &str) -> Cow<'_, str> {
    let mut in_tag = false;
    let mut longer = String::new();
    for c in text.chars() {
        in_tag = (in_tag || c == '<') && c != '>';
        match c {
            _ if in_tag => longer.push(c),
            'a' => longer.push_str("ää"),
            'e' => longer.push_str("ëë"),
            'o' => longer.push_str("öö"),
            'u' => longer.push_str("üü"),
            'i' => longer.push_str("ïï"),
            other => longer.push(other),
        }
    }
    Cow::Owned(longer)
}

fn pseudo_texts() -> Texts {
    let mut texts = Texts::load("en", FILES[0].1);
    texts.0.set_transform(Some(pseudo));
    texts
}

#[test]
fn a_longer_language_would_still_fit_alerts_buttons_and_input_fields() {
    for sentence in ALL {
        let said = widest(&pseudo_texts(), sentence, 21).chars().count();
        let values = sentence.values.len() * sentence.kind.widest_value();
        let room = match sentence.kind {
            Kind::Label => 38 + values,
            Kind::Alert => 200,
            Kind::Placeholder => 64,
            Kind::Line => 128 + values,
            Kind::Html => 1024,
        };
        assert!(said <= room, "`{}` would have {said} characters of {room}", sentence.key);
    }
}

#[test]
fn every_word_of_a_sentence_is_in_the_files_and_every_value_stays_as_it_is() {
    let texts = pseudo_texts();
    assert_eq!(texts.list_own("Office", "active"), "Office · active");
    assert_eq!(texts.deleted("Office").to_string(), "Office ïïs dëëlëëtëëd.");
    assert_eq!(
        texts.offer_give("Olga", "Office").to_string(),
        "<b>Olga gïïvëës yööüü ää SIP ääccööüünt</b>\nOffice"
    );
    for sentence in ALL.iter().filter(|sentence| sentence.values.is_empty()) {
        let said = texts.say(sentence.key, sentence.kind, &[]);
        let bare: String =
            said.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        assert!(!bare.contains(['a', 'e', 'o', 'u', 'i']), "`{}` says `{bare}`", sentence.key);
    }
}
