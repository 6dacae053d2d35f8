//! A PostgreSQL of the measurement's own: data in memory, fsync as slow as a network disk, gone when it ends.

use super::shim;
use anyhow::{Context as _, Result, bail};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Like a small server of one's own; the rest is as PostgreSQL comes.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "shared_buffers=512MB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "log_min_messages=fatal",
];

/// A running server; dropping it stops it and deletes its data.
pub(crate) struct Server {
    process: Child,
    folder: PathBuf,
    binaries: PathBuf,
    port: u16,
    /// The library that makes a disk slow, for other programs.
    pub(crate) slow_disk: PathBuf,
}

impl Server {
    /// Makes and starts one.
    ///
    /// # Errors
    ///
    /// PostgreSQL or a C compiler is missing.
    pub(crate) fn start() -> Result<Self> {
        let binaries =
            binaries().context("PostgreSQL's `initdb` was not found: `cargo xtask bench` installs it")?;
        let folder = memory().join(format!("tandem-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        let slow_disk = shim::compile(&folder)?;
        give_to_postgres(&folder)?;
        let cluster = folder.join("cluster");
        let mut initdb = as_postgres(&binaries.join("initdb"));
        initdb.arg("-D").arg(&cluster).args([
            "-U",
            "tandem",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        if !initdb.stdout(Stdio::null()).status().context("run initdb")?.success() {
            bail!("initdb failed in {}", cluster.display());
        }
        let port = free_port()?;
        let mut server = as_postgres(&binaries.join("postgres"));
        server.arg("-D").arg(&cluster).arg("-k").arg(&folder).args(["-p", &port.to_string()]);
        for setting in SETTINGS {
            server.args(["-c", setting]);
        }
        let process = server
            .env("LD_PRELOAD", &slow_disk)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start postgres")?;
        let server = Self { process, folder, binaries, port, slow_disk };
        server.wait()?;
        Ok(server)
    }

    /// The folder in memory that it lives in; what else is put there goes with it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// One of PostgreSQL's own programs.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.binaries.join(name))
    }

    /// The address of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://tandem@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes an empty database, also where there was one of this name.
    ///
    /// # Errors
    ///
    /// The server does not answer.
    pub(crate) async fn fresh(&self, database: &str) -> Result<String> {
        let mut connection = PgConnection::connect(&self.url("postgres")).await?;
        for sql in [
            format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
            format!("CREATE DATABASE {database}"),
        ] {
            connection.execute(AssertSqlSafe(sql)).await?;
        }
        Ok(self.url(database))
    }

    fn wait(&self) -> Result<()> {
        for _ in 0..300 {
            let ready = self
                .program("pg_isready")
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status();
            if ready.context("run pg_isready")?.success() {
                return Ok(());
            }
            std::thread::park_timeout(Duration::from_millis(100));
        }
        bail!("PostgreSQL did not answer within thirty seconds")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT asks for a fast shutdown: open sessions are ended, and every child process goes with it.
        let interrupted = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status();
        if !interrupted.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder whose files are in memory, so that only the slow disk's own slowness counts.
pub(crate) fn memory() -> PathBuf {
    let shared = PathBuf::from("/dev/shm");
    if shared.is_dir() { shared } else { std::env::temp_dir() }
}

/// The folder of the newest installed server's programs.
fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok();
    let mut folders: Vec<PathBuf> =
        versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    folders.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders
        .into_iter()
        .rev()
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file())
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The server refuses to run as root; then it runs as the user of Debian's package. It ends when its parent dies.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT", "--"])
        .arg(program);
    command
}

fn give_to_postgres(folder: &Path) -> Result<()> {
    if is_root()
        && !Command::new("chown").arg("postgres").arg(folder).status().context("run chown")?.success()
    {
        bail!("the user `postgres` of Debian's package is missing");
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("find a free port")?.local_addr()?.port())
}
