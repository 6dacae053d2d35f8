//! CPU time and memory as Linux counts them.

use std::fs;
use std::time::Duration;

/// CPU time of this process's threads whose names begin so.
pub(crate) fn of_threads(prefix: &str) -> Duration {
    sum("/proc/self/task", |folder| {
        fs::read_to_string(format!("{folder}/comm")).is_ok_and(|name| name.starts_with(prefix))
    })
}

/// CPU time of another process, all its threads.
pub(crate) fn of_process(id: u32) -> Duration {
    sum(&format!("/proc/{id}/task"), |_| true)
}

/// Bytes of memory in use by this process.
pub(crate) fn resident() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

/// Bytes of memory that another process has for itself alone: not the program, nor libraries.
pub(crate) fn memory_of(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

fn sum(tasks: &str, wanted: impl Fn(&str) -> bool) -> Duration {
    let entries = fs::read_dir(tasks).into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path().display().to_string()).filter(|folder| wanted(folder));
    let nanoseconds = folders.filter_map(|folder| {
        let text = fs::read_to_string(format!("{folder}/schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}
