//! What is wrong with a typed value, and how a good one looks.

use crate::text::Html;
use crate::view::Reader;
use domain::dial_rules::WhyBadRule;
use domain::settings::BadSetting;

/// Why a value can't be used, as a paragraph of a message.
pub(crate) fn bad_setting(reader: &Reader<'_>, why: &BadSetting) -> Html {
    let t = reader.t();
    match why {
        BadSetting::Empty => t.bad_empty(),
        BadSetting::TooLong { max } => t.bad_too_long(*max),
        BadSetting::Blanks => t.bad_blanks(),
        BadSetting::NotAHost(value) => t.bad_host(value),
        BadSetting::NotAPort(value) => t.bad_port(value),
        BadSetting::UnknownCodec(value) => t.bad_codec(value),
        BadSetting::UnknownDtmf(value) => t.bad_dtmf(value),
        BadSetting::Twice(value) => t.bad_twice(value),
        BadSetting::NotACode(value) => t.bad_code(value),
        BadSetting::BadRule { rule, why } => t.bad_rule(rule, &bad_rule(reader, why)),
        BadSetting::TooManyRules { max } => t.bad_too_many_rules(*max),
    }
}

/// The same on one line without markup, for inline results and lists.
pub(crate) fn bad_setting_line(reader: &Reader<'_>, why: &BadSetting) -> String {
    let t = reader.t();
    match why {
        BadSetting::Empty => t.line_empty(),
        BadSetting::TooLong { max } => t.line_too_long(*max),
        BadSetting::Blanks => t.line_blanks(),
        BadSetting::NotAHost(value) => t.line_host(value),
        BadSetting::NotAPort(value) => t.line_port(value),
        BadSetting::UnknownCodec(value) => t.line_codec(value),
        BadSetting::UnknownDtmf(value) => t.line_dtmf(value),
        BadSetting::Twice(value) => t.line_twice(value),
        BadSetting::NotACode(value) => t.line_code(value),
        BadSetting::BadRule { rule, why } => t.line_rule(rule, &bad_rule(reader, why)),
        BadSetting::TooManyRules { max } => t.line_too_many_rules(*max),
    }
}

/// What is wrong with a dial rule, in few words.
pub(crate) fn bad_rule(reader: &Reader<'_>, why: &WhyBadRule) -> String {
    let t = reader.t();
    match why {
        WhyBadRule::NothingToFind => t.rule_nothing_to_find(),
        WhyBadRule::UnclosedGroup => t.rule_unclosed_group(),
        WhyBadRule::UnopenedGroup => t.rule_unopened_group(),
        WhyBadRule::UnclosedClass => t.rule_unclosed_class(),
        WhyBadRule::NothingToRepeat => t.rule_nothing_to_repeat(),
        WhyBadRule::BadCount => t.rule_bad_count(),
        WhyBadRule::BadRange => t.rule_bad_range(),
        WhyBadRule::BadEscape => t.rule_bad_escape(),
        WhyBadRule::LookAround => t.rule_look_around(),
        WhyBadRule::BackReference => t.rule_back_reference(),
        WhyBadRule::NoSuchGroup(group) => t.rule_no_such_group(&group.to_string()),
        WhyBadRule::TooBig => t.rule_too_big(),
        WhyBadRule::Other(words) => words.clone(),
    }
}
