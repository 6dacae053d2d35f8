//! Writes the catalogue of events out of their doc comments and samples.

use super::{pretty, samples};
use std::fmt::Write as _;

const INTRODUCTION: &str = "\
# Events

<!-- Generated from the doc comments of the events and from `domain/events`: run `cargo xtask bless`. -->

Everything that the platform knows is folded from these facts.
Their names and fields are the stored format: facts are added, never changed and never taken out.
A new field has a default; a new version of an event brings an upcaster and a sample of its own.
Times are UTC; `Sealed` is a secret that only the operator's key opens.
Who caused an event, and when, stands beside it in the log and not in it.
";

/// The whole catalogue.
pub(super) fn write() -> String {
    let mut text = INTRODUCTION.to_owned();
    let chapters = [
        ("SIP account", "sip_account", "the account's number", include_str!("../sip_account/event.rs")),
        ("Person", "person", "Telegram's user id", include_str!("../person.rs")),
        ("Call", "call", "a UUIDv7", include_str!("../call/event.rs")),
    ];
    for (title, category, id, source) in chapters {
        let _ = write!(text, "\n## {title}\n\nStream: `{category}/<{id}>`.\n");
        events(source).iter().for_each(|event| write_event(&mut text, event));
    }
    text
}

fn write_event(text: &mut String, event: &Documented) {
    let _ = write!(text, "\n### {}\n\n{}\n", event.name, event.doc.join("\n"));
    if !event.fields.is_empty() {
        text.push_str("\n| field | type | what it is |\n|---|---|---|\n");
    }
    for field in &event.fields {
        let of = match field.of.strip_prefix("Option<").and_then(|of| of.strip_suffix('>')) {
            Some(of) => format!("`{of}` or none"),
            None => format!("`{}`", field.of),
        };
        let _ = writeln!(text, "| `{}` | {of} | {} |", field.name, field.doc.join(" "));
    }
    let all = samples::all();
    let sample = all.iter().find(|sample| sample.name == event.name).expect("every event has a sample");
    let _ = write!(text, "\n```json\n{}```\n", pretty(&sample.json));
}

/// An event, or one field of it, and what its doc comment says.
struct Documented {
    name: String,
    of: String,
    doc: Vec<String>,
    fields: Vec<Documented>,
}

/// Reads the variants of `pub enum Event`, as rustfmt lays them out.
fn events(source: &str) -> Vec<Documented> {
    let lines = source.lines().skip_while(|line| *line != "pub enum Event {").skip(1);
    let mut events: Vec<Documented> = Vec::new();
    let mut doc = Vec::new();
    for line in lines.take_while(|line| *line != "}") {
        let code = line.trim_start();
        let depth = line.len() - code.len();
        if let Some(said) = code.strip_prefix("///") {
            doc.push(said.trim().to_owned());
        } else if depth == 4 && code.starts_with(char::is_uppercase) {
            let name = code.trim_end_matches([' ', '{', ',']).to_owned();
            events.push(Documented {
                name,
                of: String::new(),
                doc: std::mem::take(&mut doc),
                fields: Vec::new(),
            });
        } else if depth == 8
            && let Some((name, of)) = code.trim_end_matches(',').split_once(": ")
            && let Some(event) = events.last_mut()
        {
            let (name, of) = (name.to_owned(), of.to_owned());
            event.fields.push(Documented { name, of, doc: std::mem::take(&mut doc), fields: Vec::new() });
        }
    }
    events
}
