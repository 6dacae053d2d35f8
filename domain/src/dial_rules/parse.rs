//! Reads a list of dial rules and says of a bad one, in few words, what is wrong with it.

use super::Rule;
use crate::settings::BadSetting;
use regex::{Regex, RegexBuilder};
use std::fmt;

/// The greatest number of rules in a list. It may be raised, never lowered: lists are read back from the log.
pub const MAX_RULES: usize = 32;

/// The greatest length of a list, in characters. It may be raised, never lowered.
pub const MAX_TEXT: usize = 2000;

/// The greatest size of one compiled expression, in bytes: ten `\w` or a hundred `\d`, where one `\d{9}` is usual.
/// It bounds the time too: the worst list compiles in tens of milliseconds. It may be raised, never lowered.
const MAX_COMPILED: usize = 1 << 19;

/// A part of what stands to the right of `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// What this group found; 0 is the whole find.
    Group(usize),
}

/// Why a rule is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyBadRule {
    /// Something stands after `=`, and nothing before it.
    NothingToFind,
    /// `(` without its `)`.
    UnclosedGroup,
    /// `)` without its `(`.
    UnopenedGroup,
    /// `[` without its `]`.
    UnclosedClass,
    /// `*`, `+`, `?` or `{…}` with nothing before it. A plus sign itself is written `\+`.
    NothingToRepeat,
    /// `{…}` does not hold a count, or its bounds are reversed.
    BadCount,
    /// A range like `[9-0]`, whose end comes before its beginning.
    BadRange,
    /// A backslash with a letter that means nothing there.
    BadEscape,
    /// `(?=…)` and its relatives, which could take long and are not supported.
    LookAround,
    /// `\1` to the left of `=`, which could take long and is not supported.
    BackReference,
    /// The right side names a group that the left side does not have.
    NoSuchGroup(usize),
    /// The compiled expression would be too big.
    TooBig,
    /// Something else, in the regex library's own English words.
    Other(String),
}

impl fmt::Display for WhyBadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingToFind => "nothing stands before `=`",
            Self::UnclosedGroup => "a `(` is not closed",
            Self::UnopenedGroup => "a `)` was not opened",
            Self::UnclosedClass => "a `[` is not closed",
            Self::NothingToRepeat => r"nothing to repeat; a plus sign itself is `\+`",
            Self::BadCount => "`{…}` does not hold a count",
            Self::BadRange => "a range in `[…]` is reversed",
            Self::BadEscape => "a backslash stands before a letter that means nothing there",
            Self::LookAround => "look-around is not supported",
            Self::BackReference => "a group cannot be named to the left of `=`",
            Self::NoSuchGroup(group) => return write!(f, "there is no group {group}"),
            Self::TooBig => "it is too big",
            Self::Other(words) => words,
        })
    }
}

/// Reads a whole list.
pub(super) fn rules(text: &str) -> Result<Vec<Rule>, BadSetting> {
    if text.chars().nth(MAX_TEXT).is_some() {
        return Err(BadSetting::TooLong { max: MAX_TEXT });
    }
    // A `=` alone clears the list when it is all that was typed, and says nothing among other rules.
    let rules =
        text.split_whitespace().filter(|rule| *rule != "=").map(rule).collect::<Result<Vec<_>, _>>()?;
    if rules.len() > MAX_RULES { Err(BadSetting::TooManyRules { max: MAX_RULES }) } else { Ok(rules) }
}

fn rule(text: &str) -> Result<Rule, BadSetting> {
    let bad = |why| BadSetting::BadRule { rule: text.to_owned(), why };
    let (left, right) = match text.split_once('=') {
        Some((left, right)) => (left, Some(right)),
        None => (text, None),
    };
    if left.is_empty() {
        return Err(bad(WhyBadRule::NothingToFind));
    }
    let pattern = RegexBuilder::new(left)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .build()
        .map_err(|error| bad(why(&error)))?;
    let becomes = right.map(|right| pieces(right, &pattern)).transpose().map_err(bad)?;
    Ok(Rule { text: text.to_owned(), pattern, becomes })
}

/// The library tells its reasons only as text; the last line of it has the words.
fn why(error: &regex::Error) -> WhyBadRule {
    if let regex::Error::CompiledTooBig(_) = error {
        return WhyBadRule::TooBig;
    }
    let text = error.to_string();
    let words = text.lines().last().unwrap_or_default().trim();
    let words = words.strip_prefix("error: ").unwrap_or(words);
    let known = [
        ("unclosed group", WhyBadRule::UnclosedGroup),
        ("unopened group", WhyBadRule::UnopenedGroup),
        ("unclosed character class", WhyBadRule::UnclosedClass),
        ("repetition operator missing", WhyBadRule::NothingToRepeat),
        ("repetition quantifier", WhyBadRule::BadCount),
        ("unclosed counted repetition", WhyBadRule::BadCount),
        ("invalid repetition count", WhyBadRule::BadCount),
        ("decimal literal", WhyBadRule::BadCount),
        ("invalid character class range", WhyBadRule::BadRange),
        ("invalid range boundary", WhyBadRule::BadRange),
        ("unrecognized escape", WhyBadRule::BadEscape),
        ("incomplete escape", WhyBadRule::BadEscape),
        ("invalid escape", WhyBadRule::BadEscape),
        ("invalid hexadecimal", WhyBadRule::BadEscape),
        ("hexadecimal literal", WhyBadRule::BadEscape),
        ("look-around", WhyBadRule::LookAround),
        ("backreferences", WhyBadRule::BackReference),
    ];
    let found = known.into_iter().find(|(start, _)| words.starts_with(start)).map(|(_, why)| why);
    found.unwrap_or_else(|| WhyBadRule::Other(words.to_owned()))
}

/// Reads what stands to the right of `=`: text, `$1`, `${1}`, `\1`, `\x3d`, and a backslash before any sign.
fn pieces(right: &str, pattern: &Regex) -> Result<Vec<Piece>, WhyBadRule> {
    let mut pieces = Vec::new();
    let mut rest = right;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        let group = match next {
            '$' | '\\' => group(next, rest, pattern.captures_len()),
            _ => None,
        };
        let piece = match group {
            Some((group, length)) => {
                rest = &rest[length..];
                Piece::Group(group)
            }
            None if next == '\\' => Piece::Text(escape(&mut rest)?.to_string()),
            None => Piece::Text(next.to_string()),
        };
        match (&piece, pieces.last_mut()) {
            (Piece::Group(group), _) if *group >= pattern.captures_len() => {
                return Err(WhyBadRule::NoSuchGroup(*group));
            }
            (Piece::Text(more), Some(Piece::Text(text))) => text.push_str(more),
            _ => pieces.push(piece),
        }
    }
    Ok(pieces)
}

/// The group that `rest` names after `$` or `\`, and how many bytes name it.
/// Two digits are read as one group only where there is a group of that number, so that `$10` may mean `${1}0`.
fn group(mark: char, rest: &str, groups: usize) -> Option<(usize, usize)> {
    if mark == '$'
        && let Some((inside, _)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'))
    {
        let digits =
            !inside.is_empty() && inside.len() <= 2 && inside.bytes().all(|byte| byte.is_ascii_digit());
        return digits.then(|| inside.parse().ok()).flatten().map(|group| (group, inside.len() + 2));
    }
    let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let number = |length: usize| rest[..length].parse::<usize>().ok().map(|group| (group, length));
    match digits {
        0 => None,
        1 => number(1),
        _ => number(2).filter(|(group, _)| *group < groups && !rest.starts_with('0')).or_else(|| number(1)),
    }
}

/// One escaped character, after its backslash.
fn escape(rest: &mut &str) -> Result<char, WhyBadRule> {
    let next = rest.chars().next().ok_or(WhyBadRule::BadEscape)?;
    let after = &rest[next.len_utf8()..];
    if next == 'x' {
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code =
            hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|code| (0x20..0x7f).contains(code));
        let code = code.ok_or(WhyBadRule::BadEscape)?;
        *rest = &after[2..];
        return Ok(char::from(code));
    }
    if next.is_alphanumeric() {
        return Err(WhyBadRule::BadEscape);
    }
    *rest = after;
    Ok(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dial_rules::DialRules;

    #[test]
    fn an_equals_sign_alone_clears_the_list() {
        assert!(DialRules::parse("=").expect("it is a list").is_empty());
        assert!(DialRules::parse("").expect("it is a list").is_empty());
    }

    #[test]
    fn an_equals_sign_among_other_rules_says_nothing() {
        assert_eq!(DialRules::parse("^8=7 = ^7").expect("it is a list").to_string(), "^8=7 ^7");
    }

    #[test]
    fn a_bad_rule_is_named_and_told_in_few_words_what_is_wrong() {
        for (rule, wrong) in [
            ("=7", WhyBadRule::NothingToFind),
            ("(8=7", WhyBadRule::UnclosedGroup),
            ("8)=7", WhyBadRule::UnopenedGroup),
            ("[8=7", WhyBadRule::UnclosedClass),
            ("+7=8", WhyBadRule::NothingToRepeat),
            ("*100", WhyBadRule::NothingToRepeat),
            ("8{a}", WhyBadRule::BadCount),
            ("8{2,1}", WhyBadRule::BadCount),
            ("8{2", WhyBadRule::BadCount),
            ("[9-0]", WhyBadRule::BadRange),
            (r"\y", WhyBadRule::BadEscape),
            (r"8\", WhyBadRule::BadEscape),
            (r"8=\d", WhyBadRule::BadEscape),
            (r"8=\", WhyBadRule::BadEscape),
            (r"8=\x", WhyBadRule::BadEscape),
            (r"8=\x07", WhyBadRule::BadEscape),
            ("(?!8)", WhyBadRule::LookAround),
            (r"(8)\1", WhyBadRule::BackReference),
            ("8=$1", WhyBadRule::NoSuchGroup(1)),
            ("(8)=${2}", WhyBadRule::NoSuchGroup(2)),
            (r"(\w{100}){100}", WhyBadRule::TooBig),
            ("(?y)8", WhyBadRule::Other("unrecognized flag".to_owned())),
        ] {
            let refused = DialRules::parse(&format!("^8=7 {rule}")).expect_err("it is not a rule");
            assert_eq!(refused, BadSetting::BadRule { rule: rule.to_owned(), why: wrong });
        }
    }

    #[test]
    fn a_sign_may_be_escaped_on_the_right_side_and_a_lone_dollar_stands_for_itself() {
        let rules = DialRules::parse(r"^8=\+\$\\$").expect("it is a list");
        assert_eq!(rules.apply("89"), crate::dial_rules::Outcome::Allowed(r"+$\$9".to_owned()));
    }

    #[test]
    fn a_usual_expression_is_far_below_the_limit_of_size() {
        assert!(DialRules::parse(r"^\+?[78]?\d{10}$ \w{10} \d{50} ^[^\s]+@[^\s]+$").is_ok());
    }

    #[test]
    fn a_list_has_a_greatest_length_and_a_greatest_number_of_rules() {
        let long = "1".repeat(MAX_TEXT + 1);
        assert_eq!(DialRules::parse(&long).expect_err("too long"), BadSetting::TooLong { max: MAX_TEXT });
        let many = "1 ".repeat(MAX_RULES + 1);
        assert_eq!(
            DialRules::parse(&many).expect_err("too many"),
            BadSetting::TooManyRules { max: MAX_RULES }
        );
        assert!(DialRules::parse(&"1 ".repeat(MAX_RULES)).is_ok());
    }
}
