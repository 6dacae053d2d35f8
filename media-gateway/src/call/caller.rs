//! Names and numbers as they came over the network, made fit to be shown.
//!
//! Whoever calls writes them, so they may hold anything: line breaks that fake another message, characters that turn
//! the text around them, invisible ones, or a thousand letters.

/// The longest number that is shown.
const NUMBER: usize = 64;

/// The longest name that is shown.
const NAME: usize = 64;

/// A caller's number or address.
#[must_use]
pub fn number(text: &str) -> String {
    let number = one_line(text, NUMBER);
    if number.is_empty() { "Anonymous".to_owned() } else { number }
}

/// A caller's name; none where nothing is left of it.
#[must_use]
pub fn name(text: &str) -> Option<String> {
    let name = one_line(text.trim().trim_matches('"'), NAME);
    (!name.is_empty()).then_some(name)
}

/// One line of at most `longest` visible characters, each run of blanks made one.
#[must_use]
pub fn one_line(text: &str, longest: usize) -> String {
    let mut line = String::new();
    let mut count = 0;
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = count > 0;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if blank {
            line.push(' ');
            count += 1;
            blank = false;
        }
        if count >= longest {
            line.push('…');
            break;
        }
        line.push(c);
        count += 1;
    }
    line
}

/// Characters that show nothing and change how others are shown: bidirectional controls, joiners, tags, fillers.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_cannot_turn_the_text_around_it() {
        assert_eq!(name("Bank\u{202e}gnitseT"), Some("BankgnitseT".to_owned()));
        assert_eq!(name("A\u{200f}\u{2066}B"), Some("AB".to_owned()));
    }

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(name("Ivan\r\nMissed call from Bank"), Some("Ivan Missed call from Bank".to_owned()));
        assert_eq!(name("\"Olga  K\""), Some("Olga K".to_owned()));
        assert_eq!(name(" \u{0}\u{200b} "), None);
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(name(&"я".repeat(500)).map(|name| name.chars().count()), Some(NAME + 1));
    }

    #[test]
    fn a_caller_without_a_number_is_anonymous() {
        assert_eq!(number("\u{202e}"), "Anonymous");
        assert_eq!(number("+7 900 123-45-67"), "+7 900 123-45-67");
    }

    proptest! {
        #[test]
        fn nothing_that_comes_is_shown_as_more_than_one_short_line(text in ".{0,300}") {
            let line = one_line(&text, 64);
            prop_assert!(line.chars().count() <= 66);
            prop_assert!(!line.chars().any(|c| c.is_control() || is_invisible(c)));
        }
    }
}
