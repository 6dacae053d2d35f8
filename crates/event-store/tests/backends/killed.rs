//! A writer killed with -9: the test runs its own binary again as the process that is killed.

use event_store::contract::killing::{acknowledged, nothing_is_lost_or_half_done, write_until_killed};
use event_store::log::StreamId;
use event_store::open::{OpenOptions, open};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Where the process that is killed writes to. Only that process has it.
const LOG: &str = "EVENT_STORE_WRITE_UNTIL_KILLED";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_until_it_is_killed() {
    // Run by the tests below, in a process of its own; run by itself it has nothing to write to.
    if let Ok(address) = std::env::var(LOG) {
        let opened = open(&address, OpenOptions::default()).await.unwrap();
        write_until_killed(opened.log).await;
    }
}

#[tokio::test]
async fn a_killed_writer_loses_nothing_on_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", directory.path().join("log.db").display());
    for _ in 0..3 {
        kill_and_look(&address).await;
    }
}

#[tokio::test]
async fn a_killed_writer_loses_nothing_on_postgres() {
    super::postgres::with_address(async |address| {
        for _ in 0..3 {
            kill_and_look(&address).await;
        }
    })
    .await;
}

async fn kill_and_look(address: &str) {
    let done = tokio::task::spawn_blocking({
        let address = address.to_owned();
        move || write_and_kill(&address)
    })
    .await
    .unwrap();
    assert!(done.len() >= ENOUGH);
    let opened = open(address, OpenOptions::default()).await.unwrap();
    nothing_is_lost_or_half_done(opened.log, &newest(done)).await;
}

/// Acknowledged appends to wait for before the kill.
const ENOUGH: usize = 100;

fn write_and_kill(address: &str) -> Vec<(StreamId, u64)> {
    let mut writer = Killed(
        Command::new(std::env::current_exe().unwrap())
            .args(["killed::writes_until_it_is_killed", "--exact", "--nocapture"])
            .env(LOG, address)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut lines = BufReader::new(writer.0.stdout.take().unwrap()).lines();
    let mut done = Vec::new();
    while done.len() < ENOUGH {
        let line = lines.next().expect("the writer goes on until it is killed").unwrap();
        done.extend(acknowledged(&line));
    }
    writer.0.kill().unwrap();
    writer.0.wait().unwrap();
    // What it said before it died counts too; the last line may be cut off in its middle, and then says nothing.
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let whole = rest.len().saturating_sub(1);
    done.extend(rest.iter().take(whole).filter_map(|line| acknowledged(line)));
    done
}

/// Killed at the latest when the test ends, however it ends.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // It is dead already wherever the test went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The last version acknowledged of each stream.
fn newest(done: Vec<(StreamId, u64)>) -> Vec<(StreamId, u64)> {
    done.into_iter().collect::<std::collections::BTreeMap<_, _>>().into_iter().collect()
}
