//! The operator's tools, a file each.

pub(crate) mod docs;
pub(crate) mod doctor;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod migrate;
pub(crate) mod parked;
pub(crate) mod rebuild;
pub(crate) mod telegram;

/// Prints a line for people or scripts.
#[expect(clippy::print_stdout, reason = "what a tool answers goes to standard output")]
pub(crate) fn print(line: impl std::fmt::Display) {
    println!("{line}");
}
