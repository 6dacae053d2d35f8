//! Where a value becomes part of what people read. Names, SIP headers and server answers are other people's words: none of
//! them may bring markup, turn the direction of a line, or fill the screen.

use crate::text::Html;

/// The value on one line, without control and direction characters, and cut to this many characters.
pub(crate) fn plain(value: &str, max: usize) -> String {
    let mut clean = String::with_capacity(value.len());
    for c in value.chars().filter(|c| !is_unseen(*c)) {
        let c = if c.is_whitespace() || c.is_control() { ' ' } else { c };
        if !(c == ' ' && clean.ends_with(' ')) {
            clean.push(c);
        }
    }
    cut(clean.trim(), max)
}

/// The one place where a value becomes HTML: [`plain`], and then `&`, `<`, `>` and `"` written as entities.
pub(crate) fn html(value: &str, max: usize) -> Html {
    let mut escaped = String::with_capacity(value.len());
    for c in plain(value, max).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    Html(escaped)
}

/// The text, or its beginning with `…` where it is longer.
pub(crate) fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(max.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

/// Characters that have no width and change how others are read: marks and overrides of direction (Unicode TR 9), zero
/// width joins outside their use, and the byte order mark.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}' | '\u{2029}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_in_a_value_stays_text() {
        assert_eq!(html("<b>Olga</b> & \"Co\"", 64).0, "&lt;b&gt;Olga&lt;/b&gt; &amp; &quot;Co&quot;");
    }

    #[test]
    fn a_value_cannot_turn_the_direction_of_a_line() {
        assert_eq!(plain("pay\u{202e}lap\u{2066}", 64), "paylap");
    }

    #[test]
    fn a_value_stays_on_one_line() {
        assert_eq!(plain(" two\r\n\tlines ", 64), "two lines");
    }

    #[test]
    fn a_long_value_ends_with_an_ellipsis() {
        assert_eq!(plain("abcdefgh", 5), "abcd…");
        assert_eq!(plain("abcde", 5), "abcde");
        assert_eq!(plain("abcd efgh", 6), "abcd…");
    }

    proptest! {
        #[test]
        fn no_value_brings_a_tag_or_more_than_its_length(value in ".*", max in 1_usize..80) {
            let escaped = html(&value, max).0;
            prop_assert!(!escaped.contains(['<', '>', '"', '\n']));
            prop_assert!(plain(&value, max).chars().count() <= max);
        }
    }
}
