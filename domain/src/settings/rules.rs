//! Dial rules as text.

use super::BadSetting;
use crate::dial_rules::DialRules;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Dial rules as a person typed them, one blank between two; every one of them compiles. Empty means none.
///
/// What they do to a number is told by [`crate::dial_rules`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DialRulesText(String);

impl DialRulesText {
    /// The rules as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no rule at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rules, ready for numbers.
    #[must_use]
    pub fn compiled(&self) -> DialRules {
        self.into()
    }
}

impl FromStr for DialRulesText {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        DialRules::parse(text).map(|rules| Self(rules.to_string()))
    }
}

impl TryFrom<String> for DialRulesText {
    type Error = BadSetting;

    fn try_from(text: String) -> Result<Self, BadSetting> {
        text.parse()
    }
}

impl From<DialRulesText> for String {
    fn from(rules: DialRulesText) -> String {
        rules.0
    }
}

impl fmt::Display for DialRulesText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dial_rules_are_kept_as_typed_with_one_blank_between_them() {
        let rules: DialRulesText = "  ^8=7   ^79 ".parse().expect("they compile");
        assert_eq!(rules.as_str(), "^8=7 ^79");
        assert_eq!(serde_json::to_string(&rules).expect("it is text"), r#""^8=7 ^79""#);
    }

    #[test]
    fn dial_rules_that_do_not_compile_are_refused_from_people_and_from_storage_alike() {
        assert!("(8".parse::<DialRulesText>().is_err());
        assert!(serde_json::from_str::<DialRulesText>(r#""(8""#).is_err());
    }
}
