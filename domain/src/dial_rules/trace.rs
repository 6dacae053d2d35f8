//! What became of a number, and how: the tracer shows each rule's work (product reference 12.3, N5).

use std::fmt;

/// What becomes of a dialled number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This is dialled. It may be empty, and may hold letters.
    Allowed(String),
    /// A filter did not find what it looks for: this account is not offered for this number.
    Refused {
        /// The filter as typed.
        rule: String,
    },
    /// The number is, or would become, longer than [`MAX_NUMBER`](super::MAX_NUMBER) characters.
    TooLong,
}

/// A number on its way through the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The number as dialled.
    pub input: String,
    /// What each rule did; a rule that ends the way is the last.
    pub steps: Vec<Step>,
    /// What became of the number.
    pub outcome: Outcome,
}

/// What one rule did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The rule as typed.
    pub rule: String,
    /// Which kind of rule it is.
    pub kind: Kind,
    /// The number before it.
    pub before: String,
    /// The number after it; the same as before unless something was replaced.
    pub after: String,
    /// What the rule found and did.
    pub effect: Effect,
}

/// The two kinds of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Has an `=`: changes the number.
    Replace,
    /// Has none: lets the number pass, or not.
    Filter,
}

/// What a rule found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A replacement found its expression.
    Replaced {
        /// How many times; all of them were replaced.
        times: usize,
    },
    /// A replacement did not find its expression and changed nothing.
    NothingFound,
    /// A filter found its expression.
    Passed,
    /// A filter did not find its expression.
    Stopped,
    /// A replacement would have made the number longer than [`MAX_NUMBER`](super::MAX_NUMBER).
    GrewTooLong,
}

/// One line a rule, for terminals and logs of tests; the bot has words of its own.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.input)?;
        for step in &self.steps {
            let Step { rule, after, .. } = step;
            match step.effect {
                Effect::Replaced { times } => writeln!(f, "  {rule}  →  {after}  ({times} ×)")?,
                Effect::NothingFound => writeln!(f, "  {rule}  finds nothing")?,
                Effect::Passed => writeln!(f, "  {rule}  lets it pass")?,
                Effect::Stopped => writeln!(f, "  {rule}  stops it")?,
                Effect::GrewTooLong => writeln!(f, "  {rule}  makes it too long")?,
            }
        }
        match &self.outcome {
            Outcome::Allowed(number) => write!(f, "dialled: {number}"),
            Outcome::Refused { .. } => write!(f, "not dialled by this account"),
            Outcome::TooLong => write!(f, "not dialled: too long"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::dial_rules::DialRules;

    #[test]
    fn a_trace_tells_what_each_rule_did_and_ends_where_the_number_was_stopped() {
        let rules =
            DialRules::parse(r"[^+*#\w]= ^8=7 ^\+=00 ^79\d{9}$ ^7495 ^1=2").expect("the rules compile");
        insta::assert_snapshot!(rules.trace("8 (926) 123-45-67"), @r"
        8 (926) 123-45-67
          [^+*#\w]=  →  89261234567  (6 ×)
          ^8=7  →  79261234567  (1 ×)
          ^\+=00  finds nothing
          ^79\d{9}$  lets it pass
          ^7495  stops it
        not dialled by this account
        ");
    }

    #[test]
    fn a_trace_without_rules_is_just_the_number() {
        insta::assert_snapshot!(DialRules::default().trace("112"), @r"
        112
        dialled: 112
        ");
    }
}
