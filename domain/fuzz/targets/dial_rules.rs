//! Any list of rules compiles or says why not, and no number grows beyond the cap. The first line is the number.

#![no_main]

use domain::dial_rules::{DialRules, MAX_NUMBER, Outcome};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (number, rules) = text.split_once('\n').unwrap_or(("79261234567", text));
    let Ok(rules) = DialRules::parse(rules) else { return };
    let trace = rules.trace(number);
    for step in &trace.steps {
        assert!(step.after.chars().count() <= MAX_NUMBER, "{trace}");
    }
    if let Outcome::Allowed(dialled) = &trace.outcome {
        assert!(dialled.chars().count() <= MAX_NUMBER, "{trace}");
    }
    let printed = rules.to_string();
    let again = DialRules::parse(&printed).expect("printed rules compile");
    assert_eq!(again.trace(number), trace);
    assert_eq!(again.to_string(), printed);
});
