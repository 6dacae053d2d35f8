//! Any text is a list, and no line of it is lost silently.

#![no_main]

use domain::bulk::{self, MAX_LINES, Problem, Why};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let list = bulk::parse(text);
    assert!(list.entries.len() <= MAX_LINES);
    let entries = list.entries.iter().map(|entry| entry.line);
    let problems = list.problems.iter().map(|problem| problem.line);
    let mut told: Vec<usize> = entries.chain(problems).chain(list.names_line).collect();
    told.sort_unstable();

    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let lines = text.split('\n').map(str::trim).enumerate();
    let lines =
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).map(|(index, _)| index + 1);
    let mut lines: Vec<usize> = lines.collect();
    if let Some(Problem { line, why: Why::TooManyLines { left_out } }) = list.problems.last() {
        assert_eq!(lines.iter().filter(|number| *number >= line).count(), *left_out);
        lines.retain(|number| number <= line);
    }
    assert_eq!(told, lines);
});
