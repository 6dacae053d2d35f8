//! Durable appends and commands on PostgreSQL, as ratios to pgbench's one-row insert seconds apart.

use crate::tools::clock::{MachineClock, now};
use crate::tools::drive::{closed_loop, median};
use crate::tools::figures::{Report, Target, say};
use crate::tools::load;
use crate::tools::server::Server;
use anyhow::{Context as _, Result, bail};
use domain::ids::UserId;
use domain::log::Context;
use domain::sip_account::{Change, Command as Ask, SipAccount};
use event_store::clock::Clock as _;
use event_store::dispatcher::{Cause, Dispatcher, Limits};
use event_store::log::EventLog;
use event_store::open::{OpenOptions, open};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// The peer's table: the one that postgres-es has, without what makes a log of it.
const PEER_TABLE: &str = "CREATE TABLE peer_events (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint NOT NULL, event_type text NOT NULL,
    event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

/// Streams with a history for commands: more than a round of them, so that no stream grows long.
const HISTORIES: u64 = 20_000;

/// Measures.
///
/// # Errors
///
/// Something does not start, or breaks.
pub(crate) async fn measure(report: &mut Report, server: &Server) -> Result<()> {
    let url = server.fresh("append").await?;
    let script = peer(server, &url).await?;
    let opened = open(&url, OpenOptions::default()).await?;
    PgConnection::connect(&url).await?.execute(AssertSqlSafe(load::fill_postgres(HISTORIES))).await?;
    let persist = build_persist();
    let persist_url = server.fresh("postgres_es").await?;
    let bench = Bench {
        server,
        url,
        script,
        log: opened.log,
        asked: Arc::default(),
        persist,
        persist_url,
        rounds: if report.quick { 1 } else { 3 },
        length: Duration::from_millis(if report.quick { 1_000 } else { 2_000 }),
    };
    for (writers, target) in [(1, 0.85), (16, 0.90), (64, 0.85)] {
        bench.compare(report, writers, target).await?;
    }
    Ok(())
}

struct Bench<'a> {
    server: &'a Server,
    url: String,
    script: PathBuf,
    log: Arc<dyn EventLog>,
    asked: Arc<AtomicU64>,
    /// The program that measures postgres-es; none where it can't be built.
    persist: Option<PathBuf>,
    persist_url: String,
    rounds: usize,
    length: Duration,
}

impl Bench<'_> {
    async fn compare(&self, report: &mut Report, writers: usize, target: f64) -> Result<()> {
        let (mut peers, mut ours, mut commands, mut theirs) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            peers.push(self.pgbench(writers)?);
            ours.push(self.append(writers).await?);
            if writers == 16 {
                commands.push(self.command(writers).await?);
            }
            if let Some(program) = &self.persist {
                theirs.push(self.persist(program, writers)?);
            }
        }
        let ratio = |of: &[f64]| Some(median(of.iter().zip(&peers).map(|(one, peer)| one / peer).collect()));
        let name = |what: &str| format!("{what}, {writers} writers, 2 ms fsync");
        let (our_ratio, their_ratio, command_ratio) = (ratio(&ours), ratio(&theirs), ratio(&commands));
        report.add(name("pgbench one-row insert"), median(peers.clone()), "/s", Some(1.0), Target::None);
        report.add(name("append"), median(ours), "/s", our_ratio, Target::RatioAtLeast(target));
        if !theirs.is_empty() {
            report.add(name("postgres-es persist"), median(theirs), "/s", their_ratio, Target::None);
        }
        if !commands.is_empty() {
            let what = name("command (load 10, decide, append)");
            report.add(what, median(commands), "/s", command_ratio, Target::RatioAtLeast(0.75));
        }
        Ok(())
    }

    fn pgbench(&self, writers: usize) -> Result<f64> {
        let run = Uuid::new_v4().as_u128() as u32;
        let clients = writers.to_string();
        let seconds = self.length.as_secs().max(1).to_string();
        let output = self
            .server
            .program("pgbench")
            .args([
                "-n",
                "-M",
                "prepared",
                "-c",
                &clients,
                "-j",
                if writers > 1 { "2" } else { "1" },
                "-T",
                &seconds,
            ])
            .args(["-D", "i=0", "-D", &format!("run={run}"), "-f"])
            .arg(&self.script)
            .arg(&self.url)
            .output()
            .context("run pgbench")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.with_context(|| format!("pgbench failed:\n{text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    async fn append(&self, writers: usize) -> Result<f64> {
        let (log, run) = (self.log.clone(), Uuid::new_v4().simple().to_string());
        closed_loop(writers, self.length, move |writer, n| {
            let (log, append) = (log.clone(), load::append(&run, writer, n, MachineClock.now()));
            async move {
                log.append(append?).await?;
                Ok(())
            }
        })
        .await
    }

    async fn command(&self, writers: usize) -> Result<f64> {
        let dispatcher = Dispatcher::new(self.log.clone(), Limits::default());
        let asked = self.asked.clone();
        closed_loop(writers, self.length, move |_, _| {
            let (dispatcher, number) = (dispatcher.clone(), asked.fetch_add(1, Ordering::Relaxed));
            async move {
                let account = (100_000_000 + number % HISTORIES).to_string();
                let command = Ask::Change(Change::Name(format!("line {number}").parse().ok()));
                let context = Context::person(UserId(1), MachineClock.now());
                dispatcher.execute::<SipAccount>(&account, command, context, &Cause::default()).await?;
                Ok(())
            }
        })
        .await
    }

    fn persist(&self, program: &Path, writers: usize) -> Result<f64> {
        let length = self.length.as_millis().to_string();
        let output = Command::new(program).args([&self.persist_url, &writers.to_string(), &length]).output();
        let output = output.context("run postgres-es")?;
        if !output.status.success() {
            bail!("postgres-es failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let field = |name: &str| answer[name].as_f64().context("postgres-es answers with figures");
        Ok(field("events")? / field("seconds")?)
    }
}

/// Makes the peer's table and the script that pgbench inserts by: the same row, ten to a stream.
async fn peer(server: &Server, url: &str) -> Result<PathBuf> {
    PgConnection::connect(url).await?.execute(PEER_TABLE).await?;
    let script = server.folder().join("insert.sql");
    let sql = format!(
        "\\set i :i + 1\n\\set stream (:i - 1) / {stream}\n\\set version (:i - 1) % {stream} + 1\n\
         INSERT INTO peer_events VALUES ('sip_account', :run || '-' || :client_id || '-' || :stream, :version, \
         'RegistrationFailed', '1', '{payload}', '{meta}');\n",
        stream = load::STREAM,
        payload = load::failed(),
        meta = load::META,
    );
    std::fs::write(&script, sql).context("write pgbench's script")?;
    Ok(script)
}

/// postgres-es stands in a workspace of its own, since it can't share a lock file with ours.
fn build_persist() -> Option<PathBuf> {
    let begun = now();
    say("building the program that measures postgres-es");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/Cargo.toml");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--quiet",
        "--message-format=json",
        "--example",
        "persist",
    ]);
    let built = cargo.arg("--manifest-path").arg(manifest).stderr(Stdio::inherit()).output().ok()?;
    let messages = String::from_utf8_lossy(&built.stdout);
    let program = messages.lines().rev().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        (message["target"]["name"] == "persist").then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    match &program {
        Some(_) => say(&format!("built in {:.0} s", begun.elapsed().as_secs_f64())),
        None => say("postgres-es is left out: its program does not build here"),
    }
    program
}
