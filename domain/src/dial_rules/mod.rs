//! Dial rules: what is done to a dialled number before it is sent, and which numbers an account may dial.
//!
//! A list of rules divided by blanks, from left to right (product reference 6):
//!
//! - a rule with `=` **replaces**: every match of the expression on the left becomes what stands on the right;
//! - a rule without `=` is a **filter**: a number in which the expression is not found may not use this account.
//!
//! Filters see the number as the replacements before them have left it. Expressions are those of the `regex` crate:
//! Perl's, without look-around and back references, so that no rule can take long.

mod parse;
mod trace;

pub use parse::{MAX_RULES, MAX_TEXT, WhyBadRule};
pub use trace::{Effect, Kind, Outcome, Step, Trace};

use crate::settings::{BadSetting, DialRulesText};
use parse::Piece;
use regex::Regex;
use std::fmt;

/// The longest number, in characters, that goes in or comes out of any rule.
pub const MAX_NUMBER: usize = 128;

/// Rules that compiled, ready for numbers. The default has none and lets every number pass.
#[derive(Debug, Clone, Default)]
pub struct DialRules {
    rules: Vec<Rule>,
}

/// One rule of the list.
#[derive(Debug, Clone)]
struct Rule {
    text: String,
    pattern: Regex,
    /// What a match becomes; without it the rule is a filter.
    becomes: Option<Vec<Piece>>,
}

impl DialRules {
    /// Reads a list of rules. `=` alone, like an empty text, is the empty list.
    ///
    /// # Errors
    ///
    /// A rule does not compile, and is named; or there are more than [`MAX_RULES`] rules or [`MAX_TEXT`] characters.
    pub fn parse(text: &str) -> Result<Self, BadSetting> {
        parse::rules(text).map(|rules| Self { rules })
    }

    /// Whether there is no rule at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What becomes of a dialled number.
    #[must_use]
    pub fn apply(&self, number: &str) -> Outcome {
        self.run(number, |_| {})
    }

    /// What becomes of a dialled number, and what each rule did to it until one stopped it.
    #[must_use]
    pub fn trace(&self, number: &str) -> Trace {
        let mut steps = Vec::new();
        let outcome = self.run(number, |step| steps.push(step));
        Trace { input: number.to_owned(), steps, outcome }
    }

    fn run(&self, number: &str, mut each: impl FnMut(Step)) -> Outcome {
        if is_too_long(number) {
            return Outcome::TooLong;
        }
        let mut number = number.to_owned();
        for rule in &self.rules {
            let (after, effect) = rule.act(&number);
            each(Step {
                rule: rule.text.clone(),
                kind: rule.kind(),
                before: number,
                after: after.clone(),
                effect,
            });
            match effect {
                Effect::Replaced { .. } | Effect::NothingFound | Effect::Passed => number = after,
                Effect::Stopped => return Outcome::Refused { rule: rule.text.clone() },
                Effect::GrewTooLong => return Outcome::TooLong,
            }
        }
        Outcome::Allowed(number)
    }
}

impl Rule {
    fn kind(&self) -> Kind {
        if self.becomes.is_some() { Kind::Replace } else { Kind::Filter }
    }

    fn act(&self, number: &str) -> (String, Effect) {
        let Some(becomes) = &self.becomes else {
            let effect = if self.pattern.is_match(number) { Effect::Passed } else { Effect::Stopped };
            return (number.to_owned(), effect);
        };
        let mut after = String::new();
        let (mut copied, mut times) = (0, 0);
        for found in self.pattern.captures_iter(number) {
            let whole = found.get_match();
            after.push_str(&number[copied..whole.start()]);
            for piece in becomes {
                match piece {
                    Piece::Text(text) => after.push_str(text),
                    Piece::Group(group) => {
                        after.push_str(found.get(*group).map_or("", |group| group.as_str()))
                    }
                }
                if is_too_long(&after) {
                    return (number.to_owned(), Effect::GrewTooLong);
                }
            }
            copied = whole.end();
            times += 1;
        }
        after.push_str(&number[copied..]);
        match times {
            _ if is_too_long(&after) => (number.to_owned(), Effect::GrewTooLong),
            0 => (after, Effect::NothingFound),
            times => (after, Effect::Replaced { times }),
        }
    }
}

fn is_too_long(number: &str) -> bool {
    number.chars().nth(MAX_NUMBER).is_some()
}

/// The rules as they are stored and shown: one blank between two of them.
impl fmt::Display for DialRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rule) in self.rules.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{}", rule.text)?;
        }
        Ok(())
    }
}

impl From<&DialRulesText> for DialRules {
    fn from(text: &DialRulesText) -> Self {
        Self::parse(text.as_str()).expect("the text is checked by this very parser when it is made")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_rule_takes_out_every_blank_bracket_and_dash_and_the_next_changes_the_prefix() {
        assert_eq!(dial(r"[^+*#\w]= ^8=7", "8 (926) 123-45-67"), allowed("79261234567"));
    }

    #[test]
    fn a_number_in_international_form_is_left_alone_by_a_rule_for_the_national_one() {
        assert_eq!(dial(r"[^+*#\w]= ^8=7", "+7 926 123-45-67"), allowed("+79261234567"));
    }

    #[test]
    fn a_filter_lets_a_number_pass_that_it_finds() {
        assert_eq!(dial(r"^79\d{9}$", "79261234567"), allowed("79261234567"));
    }

    #[test]
    fn a_filter_refuses_a_number_that_it_does_not_find() {
        assert_eq!(dial(r"^79\d{9}$", "74951234567"), refused(r"^79\d{9}$"));
    }

    #[test]
    fn a_filter_searches_anywhere_in_the_number() {
        assert_eq!(dial("926", "79261234567"), allowed("79261234567"));
    }

    #[test]
    fn everything_may_become_nothing() {
        assert_eq!(dial(".*=", "79261234567"), allowed(""));
    }

    #[test]
    fn plus_seven_may_become_eight() {
        assert_eq!(dial(r"^\+7=8", "+79261234567"), allowed("89261234567"));
    }

    #[test]
    fn a_filter_sees_the_number_as_the_replacements_before_it_have_left_it() {
        assert_eq!(dial(r"^8=7 ^79\d{9}$", "89261234567"), allowed("79261234567"));
        assert_eq!(dial(r"^79\d{9}$ ^8=7", "89261234567"), refused(r"^79\d{9}$"));
    }

    #[test]
    fn the_account_may_not_be_used_after_the_first_filter_that_refuses() {
        assert_eq!(dial("^7 ^8 ^9", "79"), refused("^8"));
    }

    #[test]
    fn letters_are_compared_with_their_case() {
        assert_eq!(dial("^echo$", "echo"), allowed("echo"));
        assert_eq!(dial("^echo$", "Echo"), refused("^echo$"));
    }

    #[test]
    fn a_found_group_is_repeated_by_its_number() {
        for rules in [r"^(\d{3})(\d+)$=$2,$1", r"^(\d{3})(\d+)$=\2,\1", r"^(\d{3})(\d+)$=${2},${1}"] {
            assert_eq!(dial(rules, "12345"), allowed("45,123"), "{rules}");
        }
    }

    #[test]
    fn zero_names_the_whole_find() {
        assert_eq!(dial("^.*$=9$0", "112"), allowed("9112"));
        assert_eq!(dial(r"^.*$=9\0", "112"), allowed("9112"));
    }

    #[test]
    fn a_digit_may_follow_a_group_when_there_is_no_group_of_that_number() {
        assert_eq!(dial("^(8)=$10", "8926"), allowed("80926"));
    }

    #[test]
    fn a_group_that_was_not_part_of_the_find_is_empty() {
        assert_eq!(dial(r"^(\+)?7=$1", "79"), allowed("9"));
    }

    #[test]
    fn an_equals_sign_itself_is_written_as_x3d() {
        assert_eq!(dial(r"\x3d=-", "12=34"), allowed("12-34"));
        assert_eq!(dial(r"-=\x3d", "12-34"), allowed("12=34"));
    }

    #[test]
    fn only_the_first_equals_sign_divides() {
        assert_eq!(dial("^8=a=b", "89"), allowed("a=b9"));
    }

    #[test]
    fn a_blank_in_a_rule_is_written_as_s_or_x20() {
        assert_eq!(dial(r"\s=", "8 9"), allowed("89"));
        assert_eq!(dial(r"\x20=", "8 9"), allowed("89"));
        assert_eq!(dial(r"^8=\x20", "89"), allowed(" 9"));
    }

    #[test]
    fn a_number_that_would_grow_beyond_the_cap_is_not_dialled() {
        let doubling = "^(.+)$=$1$1 ".repeat(20);
        assert_eq!(dial(&doubling, "79261234567"), Outcome::TooLong);
    }

    #[test]
    fn a_number_longer_than_the_cap_is_not_dialled_even_without_rules() {
        assert_eq!(dial("", &"7".repeat(MAX_NUMBER)), allowed(&"7".repeat(MAX_NUMBER)));
        assert_eq!(dial("", &"7".repeat(MAX_NUMBER + 1)), Outcome::TooLong);
    }

    #[test]
    fn the_rules_are_shown_with_one_blank_between_them() {
        assert_eq!(rules("  ^8=7 \n =   ^7 ").to_string(), "^8=7 ^7");
    }

    proptest! {
        #[test]
        fn any_text_is_a_list_of_rules_or_a_reason_why_not(text in ".{0,200}") {
            drop(DialRules::parse(&text));
        }

        #[test]
        fn no_rules_let_a_number_grow_beyond_the_cap(text in rule_list(), number in ".{0,200}") {
            if let Ok(rules) = DialRules::parse(&text) {
                let trace = rules.trace(&number);
                for step in &trace.steps {
                    prop_assert!(step.after.chars().count() <= MAX_NUMBER);
                }
                prop_assert_eq!(trace.outcome, rules.apply(&number));
            }
        }

        #[test]
        fn rules_printed_and_read_again_are_the_same_rules(text in rule_list()) {
            if let Ok(rules) = DialRules::parse(&text) {
                let printed = rules.to_string();
                prop_assert_eq!(DialRules::parse(&printed).expect("printed rules compile").to_string(), printed);
            }
        }
    }

    fn rule_list() -> impl Strategy<Value = String> {
        let rule = r"\^?([0-9.]|\(\.\*\)|\\d|\[\^\+\]){1,4}\$?(=([0-9]|\$[0-2]|\\[0-2]){0,8})?";
        proptest::collection::vec(rule, 0..8).prop_map(|rules| rules.join(" "))
    }

    fn dial(text: &str, number: &str) -> Outcome {
        rules(text).apply(number)
    }

    fn rules(text: &str) -> DialRules {
        DialRules::parse(text).unwrap_or_else(|bad| panic!("{bad}"))
    }

    fn allowed(number: &str) -> Outcome {
        Outcome::Allowed(number.to_owned())
    }

    fn refused(rule: &str) -> Outcome {
        Outcome::Refused { rule: rule.to_owned() }
    }
}
