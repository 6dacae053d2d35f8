//! What is stored stays readable: golden samples of every event, and the catalogue made of them.
//!
//! `cargo xtask bless` sets `TANDEM_BLESS`, and then these tests write what they otherwise compare. A sample that is there
//! is never written again.

mod catalogue;
mod samples;

use crate::{call, person, sip_account};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::{env, fs};

#[test]
fn every_event_has_a_golden_sample() {
    for sample in samples::all() {
        let golden = read(&folder().join(sample.file()));
        assert_eq!(
            golden, sample.json,
            "{} is stored for ever. Add a field with a default, or a new version with an upcaster; a new event needs \
             `cargo xtask bless`",
            sample.name
        );
    }
}

#[test]
fn no_event_is_without_a_sample() {
    let sampled: Vec<&str> = samples::all().iter().map(|sample| sample.name).collect();
    let names = sip_account::Event::NAMES.iter().chain(person::Event::NAMES).chain(call::Event::NAMES);
    assert_eq!(sampled, names.copied().collect::<Vec<_>>());
}

#[test]
fn every_sample_ever_stored_is_read_and_written_alike() {
    for entry in fs::read_dir(folder()).expect("domain/events") {
        let file = entry.expect("an entry").path();
        let golden = read(&file);
        let name = golden["type"].as_str().expect("a type");
        assert!(
            file.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&format!("{name}.v"))),
            "{file:?} holds a {name}"
        );
        let written = if person::Event::NAMES.contains(&name) {
            read_and_write::<person::Event>(&golden)
        } else if call::Event::NAMES.contains(&name) {
            read_and_write::<call::Event>(&golden)
        } else {
            read_and_write::<sip_account::Event>(&golden)
        };
        assert_eq!(written, golden, "{file:?}");
    }
}

#[test]
fn an_event_is_stored_under_its_name() {
    for sample in samples::all() {
        assert_eq!(sample.json["type"], sample.name);
    }
}

#[test]
fn an_event_shows_its_password_to_nobody() {
    for sample in samples::all() {
        assert!(!sample.debug.contains(samples::SEALED), "{} shows what is sealed", sample.name);
    }
}

#[test]
fn the_catalogue_of_events_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/events.md");
    let catalogue = catalogue::write();
    if is_blessing() {
        fs::write(&file, &catalogue).expect("write docs/events.md");
    }
    let written = fs::read_to_string(&file).expect("docs/events.md");
    assert!(written == catalogue, "docs/events.md is out of date: run `cargo xtask bless`");
}

fn read_and_write<E: Serialize + DeserializeOwned>(golden: &Value) -> Value {
    let event: E = serde_json::from_value(golden.clone()).unwrap_or_else(|error| panic!("{golden}: {error}"));
    serde_json::to_value(event).expect("JSON")
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn pretty(json: &Value) -> String {
    serde_json::to_string_pretty(json).expect("JSON") + "\n"
}

/// Where the samples are. Missing ones are written before any test reads them.
fn folder() -> PathBuf {
    static BLESSED: Once = Once::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("events");
    BLESSED.call_once(|| {
        if is_blessing() {
            write_missing(&folder);
        }
    });
    folder
}

fn write_missing(folder: &Path) {
    for sample in samples::all() {
        let file = folder.join(sample.file());
        if !file.exists() {
            fs::write(&file, pretty(&sample.json)).expect("write a sample");
        }
    }
}

fn is_blessing() -> bool {
    env::var_os("TANDEM_BLESS").is_some()
}
